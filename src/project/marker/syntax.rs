//! The syntax of markers.

use std::fmt;

use super::super::name::normalised;

/// A parsed marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    All(Vec<Marker>),
    Any(Vec<Marker>),
    Comparison(Comparison),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) variable: Variable,
    pub(super) operator: Operator,
    pub(super) value: String,
    /// Whether the value stands before the operator. Only for `in`, `not in` and `~=`: other comparisons are turned around.
    pub(super) value_first: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    PythonVersion,
    PythonFullVersion,
    ImplementationVersion,
    OsName,
    SysPlatform,
    PlatformSystem,
    PlatformMachine,
    PlatformPythonImplementation,
    ImplementationName,
    Extra,
    /// All selected extras at once (PEP 751).
    Extras,
    /// A variable that is only known in the container, or not at all.
    Other(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Identical,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Compatible,
    In,
    NotIn,
}

/// Far deeper than real markers nest.
const DEEPEST: usize = 64;

impl Marker {
    /// `None` if the syntax is unknown. An empty marker is true.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text {
            "" | "*" => return Some(Self::All(Vec::new())),
            "<empty>" => return Some(Self::Any(Vec::new())),
            _ => {}
        }
        let mut parser = Parser {
            rest: text,
            depth: 0,
        };
        let marker = parser.any()?;
        parser.rest.is_empty().then_some(marker)
    }
}

struct Parser<'a> {
    /// Without spaces at the start.
    rest: &'a str,
    depth: usize,
}

enum Operand<'a> {
    Variable(&'a str),
    Value(&'a str),
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Option<Marker> {
        let mut operands = vec![self.all()?];
        while self.takes_word("or") {
            operands.push(self.all()?);
        }
        Some(match operands.len() {
            1 => operands.remove(0),
            _ => Marker::Any(operands),
        })
    }

    fn all(&mut self) -> Option<Marker> {
        let mut operands = vec![self.one()?];
        while self.takes_word("and") {
            operands.push(self.one()?);
        }
        Some(match operands.len() {
            1 => operands.remove(0),
            _ => Marker::All(operands),
        })
    }

    fn one(&mut self) -> Option<Marker> {
        if self.takes("(") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return None;
            }
            let marker = self.any()?;
            self.depth -= 1;
            return self.takes(")").then_some(marker);
        }
        let left = self.operand()?;
        let operator = self.operator()?;
        let right = self.operand()?;
        let (variable, value, value_first) = match (left, right) {
            (Operand::Variable(variable), Operand::Value(value)) => (variable, value, false),
            (Operand::Value(value), Operand::Variable(variable)) => (variable, value, true),
            _ => return None,
        };
        Some(Marker::Comparison(Comparison::new(
            variable,
            operator,
            value,
            value_first,
        )))
    }

    fn operand(&mut self) -> Option<Operand<'a>> {
        let quote = self.rest.chars().next()?;
        if matches!(quote, '\'' | '"') {
            let (value, _) = self.rest[1..].split_once(quote)?;
            self.skip(value.len() + 2);
            return Some(Operand::Value(value));
        }
        let word = self.word();
        if word.is_empty() || matches!(word, "and" | "or" | "in" | "not") {
            return None;
        }
        self.skip(word.len());
        Some(Operand::Variable(word))
    }

    fn operator(&mut self) -> Option<Operator> {
        // The longest come first.
        const SYMBOLS: [(&str, Operator); 8] = [
            ("===", Operator::Identical),
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("~=", Operator::Compatible),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        if self.takes_word("in") {
            return Some(Operator::In);
        }
        if self.takes_word("not") {
            return self.takes_word("in").then_some(Operator::NotIn);
        }
        let mut symbols = SYMBOLS.into_iter();
        symbols.find_map(|(symbol, operator)| self.takes(symbol).then_some(operator))
    }

    /// The word that the rest starts with, which may be empty.
    fn word(&self) -> &'a str {
        let in_word = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.');
        let end = self.rest.find(|char| !in_word(char));
        &self.rest[..end.unwrap_or(self.rest.len())]
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = self.word() == word;
        if found {
            self.skip(word.len());
        }
        found
    }

    fn takes(&mut self, symbol: &str) -> bool {
        let found = self.rest.starts_with(symbol);
        if found {
            self.skip(symbol.len());
        }
        found
    }

    fn skip(&mut self, length: usize) {
        self.rest = self.rest[length..].trim_start();
    }
}

impl Comparison {
    fn new(variable: &str, operator: Operator, value: &str, value_first: bool) -> Self {
        let variable = Variable::new(variable);
        let turned = match operator {
            _ if !value_first => Some(operator),
            Operator::Less => Some(Operator::Greater),
            Operator::AtMost => Some(Operator::AtLeast),
            Operator::Greater => Some(Operator::Less),
            Operator::AtLeast => Some(Operator::AtMost),
            Operator::Equal | Operator::Identical | Operator::NotEqual => Some(operator),
            Operator::Compatible | Operator::In | Operator::NotIn => None,
        };
        Self {
            value: match variable {
                Variable::Extra if !matches!(operator, Operator::In | Operator::NotIn) => {
                    normalised(value)
                }
                _ => value.to_owned(),
            },
            variable,
            operator: turned.unwrap_or(operator),
            value_first: turned.is_none(),
        }
    }

    /// The values in a list such as `"3.8, 3.9"`.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        let values = self.value.split([' ', ',', '|']);
        values.filter(|value| !value.is_empty())
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            variable, operator, ..
        } = self;
        let quote = if self.value.contains('"') { '\'' } else { '"' };
        let value = format!("{quote}{}{quote}", self.value);
        if self.value_first {
            write!(f, "{value} {operator} {variable}")
        } else {
            write!(f, "{variable} {operator} {value}")
        }
    }
}

impl Variable {
    /// Includes the names from before PEP 508, which setuptools still accepts.
    fn new(name: &str) -> Self {
        match name {
            "python_version" => Self::PythonVersion,
            "python_full_version" => Self::PythonFullVersion,
            "implementation_version" => Self::ImplementationVersion,
            "os_name" | "os.name" => Self::OsName,
            "sys_platform" | "sys.platform" => Self::SysPlatform,
            "platform_system" => Self::PlatformSystem,
            "platform_machine" | "platform.machine" => Self::PlatformMachine,
            "platform_python_implementation"
            | "platform.python_implementation"
            | "python_implementation" => Self::PlatformPythonImplementation,
            "implementation_name" => Self::ImplementationName,
            "extra" => Self::Extra,
            "extras" => Self::Extras,
            "platform.version" => Self::Other("platform_version".to_owned()),
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PythonVersion => "python_version",
            Self::PythonFullVersion => "python_full_version",
            Self::ImplementationVersion => "implementation_version",
            Self::OsName => "os_name",
            Self::SysPlatform => "sys_platform",
            Self::PlatformSystem => "platform_system",
            Self::PlatformMachine => "platform_machine",
            Self::PlatformPythonImplementation => "platform_python_implementation",
            Self::ImplementationName => "implementation_name",
            Self::Extra => "extra",
            Self::Extras => "extras",
            Self::Other(name) => name,
        })
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "==",
            Self::Identical => "===",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Compatible => "~=",
            Self::In => "in",
            Self::NotIn => "not in",
        })
    }
}
