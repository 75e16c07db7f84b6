//! Replaces variables, and removes quotes (BuildKit, `frontend/dockerfile/shell/lex.go`).

use std::collections::{BTreeMap, BTreeSet};

use super::error::Error;

/// The longest text that variables are replaced in: each may name a long one many times.
const LARGEST: usize = 64 << 10;
/// Defaults in defaults, as in `${A:-${B:-c}}`.
const DEEPEST: usize = 16;

/// A text whose variables are replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The text with the defaults of build arguments.
    pub value: String,
    /// The text as a value of the build file, where `${NAME}` is the build argument and `$${` is `${`.
    pub template: String,
    /// The build arguments in `template`.
    pub arguments: BTreeSet<String>,
}

impl Expanded {
    #[must_use]
    pub fn plain(text: &str) -> Self {
        Self {
            value: text.to_owned(),
            template: text.replace("${", "$${"),
            arguments: BTreeSet::new(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.value.is_empty() && self.arguments.is_empty()
    }

    fn push(&mut self, char: char) {
        self.value.push(char);
        // A `{` that would become a reference together with the `$` before it.
        if char == '{' && self.template.ends_with('$') {
            self.template.push('$');
        }
        self.template.push(char);
    }

    fn add(&mut self, other: &Self) {
        self.value.push_str(&other.value);
        self.template.push_str(&other.template);
        self.arguments.extend(other.arguments.iter().cloned());
    }
}

/// The variables at a point of the Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    variables: BTreeMap<String, (Expanded, bool)>,
}

impl Scope {
    /// A build argument. Variables of the image win over it.
    pub fn argument(&mut self, name: &str, default: Option<&Expanded>) {
        if self.variables.get(name).is_some_and(|(_, is_env)| *is_env) {
            return;
        }
        let reference = Expanded {
            value: default.map_or_else(String::new, |default| default.value.clone()),
            template: format!("${{{name}}}"),
            arguments: BTreeSet::from([name.to_owned()]),
        };
        self.variables.insert(name.to_owned(), (reference, false));
    }

    /// A variable of the image.
    pub fn variable(&mut self, name: &str, value: Expanded) {
        self.variables.insert(name.to_owned(), (value, true));
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Expanded> {
        self.variables.get(name).map(|(value, _)| value)
    }

    /// Replaces variables and removes quotes.
    ///
    /// # Errors
    /// A reference to a variable is malformed.
    pub fn expand(&self, text: &str, escape: char) -> Result<Expanded, Error> {
        let mut lexer = Lexer {
            scope: self,
            rest: text.chars().collect(),
            at: 0,
            escape,
            depth: 0,
        };
        lexer
            .until(&|_| false)
            .filter(|_| lexer.at == lexer.rest.len())
            .ok_or_else(|| Error::Variable(text.chars().take(80).collect()))
    }
}

struct Lexer<'a> {
    scope: &'a Scope,
    rest: Vec<char>,
    at: usize,
    escape: char,
    depth: usize,
}

impl Lexer<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    /// The text before a character that ends it, which is not read; `None` if it is malformed or too long.
    fn until(&mut self, ends: &dyn Fn(char) -> bool) -> Option<Expanded> {
        let mut text = Expanded::default();
        while let Some(next) = self.peek().filter(|&next| !ends(next)) {
            self.at += 1;
            match next {
                '\'' => loop {
                    match self.next()? {
                        '\'' => break,
                        char => text.push(char),
                    }
                },
                '"' => self.quoted(&mut text)?,
                '$' => text.add(&self.variable()?),
                // At the end of the text, it stands for itself.
                char if char == self.escape => text.push(self.next().unwrap_or(char)),
                char => text.push(char),
            }
            if text.template.len() > LARGEST {
                return None;
            }
        }
        Some(text)
    }

    fn quoted(&mut self, text: &mut Expanded) -> Option<()> {
        loop {
            match self.next()? {
                '"' => return Some(()),
                '$' => text.add(&self.variable()?),
                char if char == self.escape => match self.next()? {
                    escaped @ ('"' | '$') => text.push(escaped),
                    escaped if escaped == self.escape => text.push(escaped),
                    escaped => {
                        text.push(char);
                        text.push(escaped);
                    }
                },
                char => text.push(char),
            }
            if text.template.len() > LARGEST {
                return None;
            }
        }
    }

    /// What follows a `$`.
    fn variable(&mut self) -> Option<Expanded> {
        let mut literal = Expanded::default();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                literal.push('$');
                return Some(literal);
            }
            return Some(self.scope.get(&name).cloned().unwrap_or_default());
        }
        self.at += 1;
        let name = self.name();
        if name.is_empty() {
            return None;
        }
        let value = self.scope.get(&name);
        match self.next()? {
            '}' => Some(value.cloned().unwrap_or_default()),
            operator => {
                let empty_counts = operator == ':';
                let operator = if empty_counts { self.next()? } else { operator };
                let word = self.word()?;
                let is_set = value.is_some_and(|value| !empty_counts || !value.is_empty());
                match (operator, value) {
                    ('-', Some(value)) if is_set => Some(default(value, word)),
                    ('-', _) => Some(word),
                    ('+', _) => Some(if is_set { word } else { literal }),
                    ('?', Some(value)) if is_set => Some(value.clone()),
                    // Patterns, as in `${NAME#PATTERN}`, and variables that must be set.
                    _ => None,
                }
            }
        }
    }

    /// The word behind the operator, with the closing brace.
    fn word(&mut self) -> Option<Expanded> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let word = self.until(&|char| char == '}')?;
        self.depth -= 1;
        (self.next()? == '}').then_some(word)
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(char) = self.peek() {
            let fits = char == '_' || char.is_ascii_alphabetic() || char.is_ascii_digit();
            // `$1` and the like are single digits.
            let ends = name.starts_with(|first: char| first.is_ascii_digit());
            if !fits || ends {
                break;
            }
            self.at += 1;
            name.push(char);
        }
        name
    }
}

/// A build argument with an empty default has the word as its value.
fn default(value: &Expanded, word: Expanded) -> Expanded {
    if value.value.is_empty() {
        word
    } else {
        value.clone()
    }
}
