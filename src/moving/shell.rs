//! Shell scripts as lists of commands, as far as they are simple.

use crate::dockerfile::{Expanded, Scope};

/// Words that start a compound command, whose parts cannot be taken apart.
const COMPOUND: [&str; 9] = [
    "if", "for", "while", "until", "case", "{", "(", "function", "!",
];

/// A command between `&&`, `;` or line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// As it is written.
    pub(super) text: String,
    /// The commands between `|`, `||` and `&`.
    pub(super) commands: Vec<Vec<Word>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: Expanded,
    /// Whether the shell takes it as it is: no command, pattern, redirection or unknown variable.
    pub(super) is_literal: bool,
    is_quoted: bool,
    is_redirection: bool,
}

impl Word {
    pub(super) fn value(&self) -> &str {
        &self.text.value
    }
}

impl Item {
    /// The words of a command that stands alone, without redirections.
    pub(super) fn words(&self) -> Option<&[Word]> {
        match self.commands.as_slice() {
            [only] if !only.iter().any(|word| word.is_redirection) => Some(only),
            _ => None,
        }
    }

    /// The values of [`Self::words`].
    pub(super) fn values(&self) -> Option<Vec<&str>> {
        Some(self.words()?.iter().map(Word::value).collect())
    }

    /// The words as an exec form; `None` if only a shell can run it.
    pub(super) fn exec(&self) -> Option<Vec<String>> {
        let words = self.words()?;
        let is_assignment = |word: &Word| is_assignment(word.value());
        let literal = words.iter().all(|word| word.is_literal);
        (literal && !words.first().is_some_and(is_assignment)).then(|| {
            words
                .iter()
                .map(|word| word.text.template.clone())
                .collect()
        })
    }
}

pub(super) fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    let in_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    !name.is_empty() && name.chars().all(in_name)
}

/// The items of a script; `None` if it has compound commands, here-documents or open quotes.
pub(super) fn items(script: &str, scope: &Scope) -> Option<Vec<Item>> {
    let mut reader = Reader {
        chars: script.char_indices().collect(),
        at: 0,
        scope,
        script,
    };
    let mut items = Vec::new();
    while reader.at < reader.chars.len() {
        let item = reader.item()?;
        // Of two separators in a row.
        if !item.commands.iter().all(Vec::is_empty) {
            items.push(item);
        }
    }
    Some(items)
}

struct Reader<'a> {
    chars: Vec<(usize, char)>,
    at: usize,
    scope: &'a Scope,
    script: &'a str,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).map(|(_, char)| *char)
    }

    fn offset(&self, at: usize) -> usize {
        self.chars
            .get(at)
            .map_or(self.script.len(), |(offset, _)| *offset)
    }

    fn item(&mut self) -> Option<Item> {
        let start = self.at;
        let mut commands = vec![Vec::new()];
        let end = loop {
            let Some(char) = self.peek(0) else {
                break self.at;
            };
            match (char, self.peek(1)) {
                ('\\', Some('\n')) => self.at += 2,
                ('\n' | ';', _) => {
                    self.at += 1;
                    break self.at - 1;
                }
                ('&', Some('&')) => {
                    self.at += 2;
                    break self.at - 2;
                }
                ('|', Some('|' | '&')) => {
                    self.at += 2;
                    commands.push(Vec::new());
                }
                ('|' | '&', _) => {
                    self.at += 1;
                    commands.push(Vec::new());
                }
                ('#', _) => {
                    while self.peek(0).is_some_and(|char| char != '\n') {
                        self.at += 1;
                    }
                }
                (char, _) if char.is_whitespace() => self.at += 1,
                ('(' | ')' | '{' | '}', _) => return None,
                _ => {
                    let word = self.word()?;
                    commands.last_mut()?.push(word);
                }
            }
        };
        let text = &self.script[self.offset(start)..self.offset(end)];
        let starts = commands.iter().filter_map(|command| command.first());
        let mut starts = starts.filter(|word| !word.is_quoted);
        if starts.any(|word| COMPOUND.contains(&word.value())) {
            return None;
        }
        Some(Item {
            text: text.trim().trim_start_matches("\\\n").trim().to_owned(),
            commands,
        })
    }

    /// A word, with its quotes; `None` for a here-document or an open quote.
    fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let mut word = Word {
            is_literal: true,
            ..Word::default()
        };
        let mut substitutes = false;
        while let Some(char) = self.peek(0) {
            match char {
                '\\' if self.peek(1) == Some('\n') => break,
                '\\' => self.at += 2,
                '\'' => {
                    word.is_quoted = true;
                    self.skip_to('\'')?;
                }
                '"' => {
                    word.is_quoted = true;
                    substitutes |= self.skip_quoted()?;
                }
                '`' | '$' if self.substitutes()? => substitutes = true,
                '$' if self.peek(1) == Some('{') => self.skip_to('}')?,
                '<' if self.peek(1) == Some('<') => return None,
                '<' | '>' => {
                    word.is_redirection = true;
                    self.at += 1;
                    if matches!(self.peek(0), Some('>' | '&' | '|')) {
                        self.at += 1;
                    }
                }
                '*' | '?' | '[' | '~' => {
                    word.is_literal &= char == '~' && self.at != start;
                    self.at += 1;
                }
                ';' | '|' | '(' | ')' => break,
                '&' if !word.is_redirection => break,
                char if char.is_whitespace() => break,
                _ => self.at += 1,
            }
        }
        let end = self.at.min(self.chars.len());
        self.at = end;
        let raw = &self.script[self.offset(start)..self.offset(end)];
        let known = names(raw).all(|name| self.scope.get(name).is_some());
        let expanded = self.scope.expand(raw, '\\').ok().filter(|_| !substitutes);
        word.is_literal &= known && expanded.is_some() && !word.is_redirection;
        word.text = expanded.unwrap_or_else(|| Expanded::plain(raw));
        Some(word)
    }

    /// Skips a command in the place of a word, and says whether there was one.
    fn substitutes(&mut self) -> Option<bool> {
        match (self.peek(0)?, self.peek(1)) {
            ('`', _) => self.skip_to('`')?,
            ('$', Some('(')) => self.skip_substitution()?,
            _ => return Some(false),
        }
        Some(true)
    }

    /// Skips a quoted text without escapes, with both quotes.
    fn skip_to(&mut self, end: char) -> Option<()> {
        self.at += 1;
        loop {
            let char = self.peek(0)?;
            self.at += 1;
            if char == end {
                return Some(());
            }
        }
    }

    /// Whether the quoted text contains a command.
    fn skip_quoted(&mut self) -> Option<bool> {
        self.at += 1;
        let mut substitutes = false;
        loop {
            match self.peek(0)? {
                '"' => {
                    self.at += 1;
                    return Some(substitutes);
                }
                '\\' => self.at += 2,
                '`' => {
                    substitutes = true;
                    self.at += 1;
                }
                '$' if self.peek(1) == Some('(') => {
                    substitutes = true;
                    self.skip_substitution()?;
                }
                _ => self.at += 1,
            }
        }
    }

    /// Skips `$(...)`.
    fn skip_substitution(&mut self) -> Option<()> {
        let mut depth = 0_u32;
        loop {
            match self.peek(0)? {
                '(' => depth += 1,
                ')' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return Some(());
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
    }
}

/// The names of the variables in a script: `$NAME` and `${NAME...`.
pub(super) fn names(script: &str) -> impl Iterator<Item = &str> {
    let parts = script.split('$').skip(1);
    parts.filter_map(|part| {
        let part = part.strip_prefix('{').unwrap_or(part);
        let in_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
        let end = part.find(|char: char| !in_name(char)).unwrap_or(part.len());
        let name = &part[..end];
        let starts = |first: char| first.is_ascii_alphabetic() || first == '_';
        name.starts_with(starts).then_some(name)
    })
}
