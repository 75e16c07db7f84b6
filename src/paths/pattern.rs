//! Patterns of paths, matched as an engine does when a client sends a build context (`moby/patternmatcher`,
//! `patternmatcher.go`, and `tonistiigi/fsutil`, `filter.go`). Everything that looks for files goes through here, so that
//! a check on the command line and a build agree.

use super::clean::clean;

/// A pattern: `*` and `?` stand for characters of a name, `[a-z]` and `[^a-z]` for one character, `**` for any number of
/// directories, and `\` takes the next character as it is. One with a syntax error matches nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// A path without special characters, which are most.
    Exact(String),
    Tokens(Vec<Token>),
    Malformed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `?`
    AnyChar,
    /// `[a-z]`
    Set {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    /// `*`
    Name,
    /// `**` at the end.
    Rest,
    /// `**` before a name: nothing, or directories. `InDirectories` follows.
    Directories,
    /// The state inside of `Directories`, which only a `/` ends.
    InDirectories,
}

impl Pattern {
    /// Reads a pattern; `./` in front, `/` at the end and the like do not matter.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        Self::cleaned(&clean(pattern.trim()))
    }

    fn cleaned(pattern: &str) -> Self {
        let Some(tokens) = tokens(pattern) else {
            return Self(Kind::Malformed);
        };
        let plain = |token: &Token| match token {
            Token::Char(char) => Some(*char),
            _ => None,
        };
        let text: Option<String> = tokens.iter().map(plain).collect();
        Self(text.map_or(Kind::Tokens(tokens), Kind::Exact))
    }

    /// Whether it matches the whole of a clean path.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        match &self.0 {
            Kind::Exact(text) => text == path,
            Kind::Tokens(tokens) => {
                let mut states = States::new(tokens);
                path.chars().for_each(|char| states.step(char));
                states.accept()
            }
            Kind::Malformed => false,
        }
    }

    /// Whether it can match anything at all.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        self.0 != Kind::Malformed
    }

    /// Whether it matches the path, asked for each directory that the path is in, from the top, and for the path itself.
    fn levels(&self, path: &str) -> Vec<bool> {
        match &self.0 {
            Kind::Exact(text) => ends(path).map(|end| path[..end] == **text).collect(),
            Kind::Tokens(tokens) => {
                let mut states = States::new(tokens);
                let mut levels = Vec::new();
                for char in path.chars() {
                    if char == '/' {
                        levels.push(states.accept());
                    }
                    states.step(char);
                }
                levels.push(states.accept());
                levels
            }
            Kind::Malformed => vec![false; ends(path).count()],
        }
    }

    /// Whether it could match something below the directory, though not the directory itself.
    #[must_use]
    pub fn reaches_below(&self, directory: &str) -> bool {
        match &self.0 {
            Kind::Exact(text) => text
                .strip_prefix(directory)
                .is_some_and(|rest| rest.starts_with('/')),
            Kind::Tokens(tokens) => {
                let mut states = States::new(tokens);
                directory.chars().for_each(|char| states.step(char));
                states.step('/');
                !states.active.is_empty()
            }
            Kind::Malformed => false,
        }
    }
}

/// Where the path of each directory that `path` is in ends, and `path` itself.
fn ends(path: &str) -> impl Iterator<Item = usize> {
    let slashes = path.match_indices('/').map(|(end, _)| end);
    slashes.chain([path.len()])
}

/// `None` if the pattern is malformed by the rules of Go's `path/filepath`, `Match`.
fn tokens(pattern: &str) -> Option<Vec<Token>> {
    let chars: Vec<char> = pattern.chars().collect();
    // The engine takes `**name` as the end of a path, if the rest of the pattern is plain.
    let plain_end = chars.starts_with(&['*', '*'])
        && chars.get(2) != Some(&'/')
        && !chars[2..].iter().any(|char| "*?[]\\".contains(*char));
    let mut tokens = Vec::new();
    let mut rest = chars.as_slice();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, rest) {
            ('*', ['*', after @ ..]) => {
                rest = after.strip_prefix(&['/']).unwrap_or(after);
                if rest.is_empty() || (plain_end && tokens.is_empty()) {
                    tokens.push(Token::Rest);
                } else if tokens.last() != Some(&Token::InDirectories) {
                    tokens.extend([Token::Directories, Token::InDirectories]);
                }
            }
            ('*', _) => tokens.push(Token::Name),
            ('?', _) => tokens.push(Token::AnyChar),
            ('[', _) => {
                let (set, after) = set(rest)?;
                tokens.push(set);
                rest = after;
            }
            ('\\', [escaped, after @ ..]) if can_be_escaped(*escaped) => {
                tokens.push(Token::Char(*escaped));
                rest = after;
            }
            ('\\', _) => return None,
            (char, _) => tokens.push(Token::Char(*char)),
        }
    }
    Some(tokens)
}

/// The set that begins after `[`, and what follows its `]`.
fn set(chars: &[char]) -> Option<(Token, &[char])> {
    let (negated, mut rest) = match chars {
        ['^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut ranges = Vec::new();
    loop {
        if let (false, [']', after @ ..]) = (ranges.is_empty(), rest) {
            return Some((Token::Set { negated, ranges }, after));
        }
        let (low, after) = member(rest)?;
        let (high, after) = match after {
            ['-', after @ ..] => member(after)?,
            after => (low, after),
        };
        ranges.push((low, high));
        rest = after;
    }
}

/// An engine makes a regular expression of a pattern: other characters after `\` are an error in it, or mean something else.
fn can_be_escaped(char: char) -> bool {
    char.is_ascii() && !char.is_ascii_alphanumeric()
}

fn member(chars: &[char]) -> Option<(char, &[char])> {
    match chars {
        ['\\', escaped, after @ ..] if can_be_escaped(*escaped) => Some((*escaped, after)),
        [] | ['-' | ']' | '\\', ..] => None,
        [char, after @ ..] => Some((*char, after)),
    }
}

/// Which tokens could come next. The time for a path grows with the product of both lengths, whatever the pattern.
struct States<'a> {
    tokens: &'a [Token],
    active: Vec<usize>,
    next: Vec<usize>,
    /// The step in which each state was added last.
    added: Vec<usize>,
    steps: usize,
}

impl<'a> States<'a> {
    fn new(tokens: &'a [Token]) -> Self {
        let mut states = Self {
            tokens,
            active: Vec::new(),
            next: Vec::new(),
            added: vec![0; tokens.len() + 1],
            steps: 1,
        };
        states.add(0);
        std::mem::swap(&mut states.active, &mut states.next);
        states
    }

    /// Adds a state, and those that it leads to without a character.
    fn add(&mut self, state: usize) {
        let mut from = state;
        while self.added[from] != self.steps {
            self.added[from] = self.steps;
            self.next.push(from);
            match self.tokens.get(from) {
                Some(Token::Name | Token::Rest) => from += 1,
                Some(Token::Directories) => {
                    self.added[from + 1] = self.steps;
                    self.next.push(from + 1);
                    from += 2;
                }
                _ => break,
            }
        }
    }

    fn step(&mut self, char: char) {
        self.steps += 1;
        let active = std::mem::take(&mut self.active);
        for &state in &active {
            match self.tokens.get(state) {
                Some(Token::Char(expected)) if *expected == char => self.add(state + 1),
                Some(Token::AnyChar) if char != '/' => self.add(state + 1),
                Some(Token::Set { negated, ranges })
                    if ranges
                        .iter()
                        .any(|(low, high)| (low..=high).contains(&&char))
                        != *negated =>
                {
                    self.add(state + 1);
                }
                Some(Token::Name) if char != '/' => self.add(state),
                Some(Token::Rest) => self.add(state),
                Some(Token::InDirectories) => {
                    self.add(state);
                    if char == '/' {
                        self.add(state + 1);
                    }
                }
                _ => {}
            }
        }
        self.active = std::mem::replace(&mut self.next, active);
        self.next.clear();
    }

    fn accept(&self) -> bool {
        self.active.contains(&self.tokens.len())
    }
}

/// Patterns of which the last match decides; one with `!` takes back what an earlier one matched. What is in a matched
/// directory is matched as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patterns(Vec<(bool, Pattern)>);

/// Which of [`Patterns`] match a directory, to go on from for what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched(Vec<bool>);

impl Patterns {
    /// Reads patterns; empty ones are left out.
    #[must_use]
    pub fn new<S: AsRef<str>>(patterns: &[S]) -> Self {
        let patterns = patterns.iter().map(|pattern| pattern.as_ref().trim());
        let parsed = patterns
            .filter(|pattern| !pattern.is_empty())
            .map(|pattern| {
                // In this order, as engines do: `!./a` means a directory called `.`, which no path has.
                let pattern = clean(pattern);
                match pattern.strip_prefix('!') {
                    Some(path) => (true, Pattern::cleaned(path)),
                    None => (false, Pattern::cleaned(&pattern)),
                }
            });
        Self(parsed.collect())
    }

    /// Whether they match a path.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let levels: Vec<Vec<bool>> = self.0.iter().map(|(_, one)| one.levels(path)).collect();
        let mut parent = Matched::default();
        let mut matched = false;
        for (level, _) in ends(path).enumerate() {
            (matched, parent) = self.decide(&parent, |index| levels[index][level]);
        }
        matched
    }

    /// Whether they match a path in a directory that `parent` is of; the default is of the root.
    #[must_use]
    pub fn matches_in(&self, parent: &Matched, path: &str) -> (bool, Matched) {
        self.decide(parent, |index| self.0[index].1.matches(path))
    }

    fn decide(&self, parent: &Matched, hit: impl Fn(usize) -> bool) -> (bool, Matched) {
        let mut matched = false;
        let mut each = vec![false; self.0.len()];
        for (index, (negated, _)) in self.0.iter().enumerate() {
            // The engine does not ask a pattern that would change nothing; what is below such a match is not matched by it.
            let asked = *negated == matched;
            let of_parent = parent.0.get(index).copied().unwrap_or_default();
            each[index] = of_parent || (asked && hit(index));
            if each[index] {
                matched = !negated;
            }
        }
        (matched, Matched(each))
    }

    /// Whether one could match something below a directory that is not matched.
    #[must_use]
    pub fn reach_below(&self, directory: &str) -> bool {
        self.reaching(false, directory)
    }

    /// Whether one with `!` could take back something below a matched directory.
    #[must_use]
    pub fn except_below(&self, directory: &str) -> bool {
        self.reaching(true, directory)
    }

    fn reaching(&self, kind: bool, directory: &str) -> bool {
        self.0
            .iter()
            .any(|(negated, pattern)| *negated == kind && pattern.reaches_below(directory))
    }
}

/// Whether a path of the user's is a pattern: only `*` and `?` make it one, so that files such as `[id].txt` can be named.
#[must_use]
pub fn has_wildcard(path: &str) -> bool {
    path.contains(['*', '?'])
}

/// The pattern that matches this path alone.
#[must_use]
pub fn literal(path: &str) -> String {
    let mut pattern = String::new();
    for (index, char) in path.char_indices() {
        match char {
            // An engine follows links at `[[]`, not at `\[`.
            '[' => pattern.push_str("[[]"),
            '*' | '?' | '\\' => pattern.extend(['\\', char]),
            '!' if index == 0 => pattern.push_str("\\!"),
            char => pattern.push(char),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_matched_as_engines_do() {
        for (patterns, path, expected) in [
            (&["src"][..], "src/a/b.py", true),
            (&["src"], "srcs", false),
            (&["./src/"], "src/a", true),
            (&["a/../b"], "b", true),
            (&["a/../b"], "a", false),
            (&["*.py"], "a.py", true),
            (&["*.py"], "a/b.py", false),
            (&["**/*.py"], "a.py", true),
            (&["**/*.py"], "a/b/c.py", true),
            (&["**/b"], "ab", false),
            (&["**b"], "a/xb", true),
            (&["**.p?"], "a.py", false),
            (&["a/**"], "a/b/c", true),
            (&["a/**"], "a", false),
            (&["a**"], "abc/d", true),
            (&["a**/z"], "ax/y/z", true),
            (&["a/**/z"], "a/b/c/z/y", true),
            (&["a/**/z"], "a/z", true),
            (&["a/**/**/z"], "a/b/z", true),
            (&["**"], "a/b", true),
            (&["**/"], "a/b", true),
            (&["."], "a", false),
            (&[""], "a", false),
            (&["*", "!src", "src/x"], "src/a", false),
            (&["*", "!src", "src/x"], "src/x/y", true),
            (&["*", "!src", "src/x"], "docs", true),
            (&["*", "!d/x", "d"], "d/x", false),
            (&["*", "!./src"], "src", true),
            (&["a?c"], "abc", true),
            (&["a?c"], "a/c", false),
            (&["[a-c]x"], "bx", true),
            (&["[^a-c]x"], "bx", false),
            (&["[^a-c]x"], "dx", true),
            (&["[!a]x"], "!x", true),
            (&["[id].txt"], "i.txt", true),
            (&["[id].txt"], "[id].txt", false),
            (&["[[]id].txt"], "[id].txt", true),
            (&["\\[id].txt"], "[id].txt", true),
            (&["\\[id].txt"], "i.txt", false),
            (&["a\\*"], "a*", true),
            (&["a\\*"], "ab", false),
            (&["[a\\]]b"], "]b", true),
            (&["[a"], "a", false),
            (&["[]a]"], "a", false),
            (&["[a-]"], "a", false),
            (&["a\\"], "a", false),
            (&["\\a*"], "ab", false),
            (&["\\d"], "d", false),
            (&["[\\d]x"], "dx", false),
            (&["\\é"], "é", false),
            (&["\\.\\_a"], "._a", true),
            (&["*a*b*"], "xxaxxbxx", true),
            (&["*a*b*"], "xxbxxaxx", false),
            (&["*.html"], "größe [1].html", true),
            (&["gr??e"], "größe", true),
            (&[], "a", false),
        ] {
            let patterns = Patterns::new(patterns);
            assert_eq!(patterns.matches(path), expected, "{patterns:?} {path}");
            let mut parent = Matched::default();
            let mut matched = false;
            for end in ends(path) {
                (matched, parent) = patterns.matches_in(&parent, &path[..end]);
            }
            assert_eq!(matched, expected, "{patterns:?} {path}, from its directory");
        }
    }

    #[test]
    fn a_walk_skips_directories_without_a_match() {
        for (pattern, directory, expected) in [
            ("a/b/c", "a", true),
            ("a/b/c", "a/b", true),
            ("a/b/c", "a/b/c", false),
            ("a/b/c", "a/x", false),
            ("ab", "a", false),
            ("a/*.py", "a", true),
            ("a/*.py", "b", false),
            ("**/x", "a/b", true),
            ("[", "a", false),
        ] {
            let patterns = Patterns::new(&[pattern]);
            assert_eq!(patterns.reach_below(directory), expected, "{pattern}");
            let exception = Patterns::new(&[format!("!{pattern}")]);
            assert_eq!(exception.except_below(directory), expected, "!{pattern}");
            assert!(!exception.reach_below(directory));
        }
    }

    #[test]
    fn a_literal_matches_its_path_alone() {
        for path in [
            "[id].txt",
            "app/[slug]/a b.txt",
            "a\\b",
            "!a",
            "a!",
            "*",
            "what?",
            "{a}(b)+^$.|",
        ] {
            let pattern = literal(path);
            assert!(Patterns::new(&[&pattern]).matches(path), "{pattern}");
            assert!(Pattern::new(&pattern).matches(path), "{pattern}");
            assert!(!Pattern::new(&pattern).matches("i.txt"), "{pattern}");
        }
        assert_eq!(literal("conf/a.toml"), "conf/a.toml");
        assert!(!has_wildcard("[id].txt") && has_wildcard("*.txt") && has_wildcard("a?"));
    }

    #[test]
    fn no_pattern_takes_long() {
        let pattern = "**/".repeat(500) + &"*a".repeat(500);
        let path = "a/".repeat(500) + &"a".repeat(400) + "b";
        assert!(!Patterns::new(&[pattern]).matches(&path));
    }
}
