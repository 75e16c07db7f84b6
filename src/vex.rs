//! Statements about vulnerabilities as OpenVEX documents (<https://github.com/openvex/spec>).

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::diagnostics::{Diagnostic, Document, Problem, Span, either};

/// More than the statements of any image take.
const MOST_MIB: usize = 4;
/// Where the versions of the format have their addresses.
const NAMESPACE: &str = "https://openvex.dev/ns";
const STATUSES: [&str; 4] = ["not_affected", "affected", "fixed", "under_investigation"];

/// A document that scanners can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Vex {
    /// The type of the document as an in-toto predicate: the address of its format.
    pub(crate) format: String,
    pub(crate) bytes: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("`{0}`, which `vex` names, is not in the build context")]
    Missing(String),
    #[error("`{0}`, which `vex` names, is not a regular file")]
    NotAFile(String),
    #[error("this file is not UTF-8 text")]
    NotUtf8,
    #[error("this file is larger than {MOST_MIB} MiB")]
    TooLarge,
    #[error("this file is not JSON: {0}")]
    Syntax(String),
    #[error("this file is not a JSON object")]
    NotAnObject,
    #[error("`@context` is missing")]
    NoContext,
    #[error("`@context` must be the address of an OpenVEX version, such as `{NAMESPACE}/v0.2.0`")]
    Context,
    #[error("`statements` must be a list with at least one statement")]
    Statements,
    #[error("a statement must be a JSON object")]
    Statement,
    #[error("a statement has no `{0}`")]
    Lacks(&'static str),
    #[error("`status` must be {}", either(STATUSES))]
    Status,
}

impl Problem for Error {
    fn hint(&self) -> String {
        match self {
            Self::Missing(_) => "check the spelling, or create it with `vexctl create`".into(),
            Self::NotAFile(_) => "name a file".into(),
            Self::NotUtf8 => "save the file as UTF-8".into(),
            Self::TooLarge => "check that it is the right file".into(),
            Self::Syntax(_) => "fix the JSON syntax on this line".into(),
            Self::NotAnObject | Self::NoContext | Self::Context => {
                "is this an OpenVEX document? Other formats, such as CSAF and CycloneDX, are not supported"
                    .into()
            }
            Self::Statements | Self::Statement | Self::Lacks(_) | Self::Status => {
                "correct the document, or remove `vex`".into()
            }
        }
    }
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(rename = "@context", borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    statements: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Statement<'a> {
    #[serde(borrow)]
    vulnerability: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
}

impl Vex {
    /// Checks a file that is called `name`.
    ///
    /// # Errors
    /// It is not an OpenVEX document.
    pub(crate) fn parse(name: &str, bytes: Vec<u8>) -> Result<Self, Diagnostic> {
        let document = |text: &str| Document::new(name, "json", text);
        if bytes.len() > MOST_MIB << 20 {
            return Err(Error::TooLarge.at(&document("").first_line()));
        }
        let Ok(text) = std::str::from_utf8(&bytes) else {
            let text = String::from_utf8_lossy(&bytes);
            return Err(Error::NotUtf8.at(&document(&text).first_line()));
        };
        let format = format(&document(text), text)?;
        Ok(Self { format, bytes })
    }
}

fn format(document: &Document, text: &str) -> Result<String, Diagnostic> {
    let invalid = |error: serde_json::Error| {
        let span = span_of_line(document, text, error.line());
        Error::Syntax(without_place(&error)).at(&span)
    };
    let whole: &RawValue = serde_json::from_str(text).map_err(invalid)?;
    if !is_object(whole) {
        return Err(Error::NotAnObject.at(&document.first_line()));
    }
    let file: File<'_> = serde_json::from_str(text).map_err(invalid)?;
    // A value is a part of the text.
    let span = |value: &RawValue| {
        let start = value.get().as_ptr() as usize - text.as_ptr() as usize;
        let line = value.get().lines().next().unwrap_or_default();
        document.span(start..start + line.len())
    };
    let context = file.context;
    let context = context.ok_or_else(|| Error::NoContext.at(&document.first_line()))?;
    let format = serde_json::from_str::<String>(context.get()).unwrap_or_default();
    if !is_version(&format) {
        return Err(Error::Context.at(&span(context)));
    }
    let whole = document.first_line();
    let listed = file.statements.map_or(whole, span);
    let statements = file.statements.map_or("", RawValue::get);
    let statements: Vec<&RawValue> = serde_json::from_str(statements).unwrap_or_default();
    if statements.is_empty() {
        return Err(Error::Statements.at(&listed));
    }
    for statement in statements {
        let parsed = serde_json::from_str(statement.get());
        let parsed: Statement<'_> = match parsed {
            Ok(parsed) if is_object(statement) => parsed,
            _ => return Err(Error::Statement.at(&span(statement))),
        };
        if parsed.vulnerability.is_none() {
            return Err(Error::Lacks("vulnerability").at(&span(statement)));
        }
        let status = parsed.status;
        let status = status.ok_or_else(|| Error::Lacks("status").at(&span(statement)))?;
        let text: String = serde_json::from_str(status.get()).unwrap_or_default();
        if !STATUSES.contains(&text.as_str()) {
            return Err(Error::Status.at(&span(status)));
        }
    }
    Ok(format)
}

fn is_object(value: &RawValue) -> bool {
    value.get().starts_with('{')
}

/// Whether this is the address of the format, with or without a version.
fn is_version(format: &str) -> bool {
    let Some(version) = format.strip_prefix(NAMESPACE) else {
        return false;
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = version.strip_prefix("/v");
    version.is_empty() || numbers.is_some_and(|numbers| numbers.split('.').all(is_number))
}

fn span_of_line(document: &Document, text: &str, line: usize) -> Span {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start = before.map(str::len).sum::<usize>();
    let length = text[start..].lines().next().map_or(0, str::len);
    document.span(start..start + length)
}

/// The message of an error, which has its own place.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let end = message.rfind(" at line ").unwrap_or(message.len());
    message[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, String> {
        match Vex::parse("vex.json", text.into()) {
            Ok(vex) => {
                assert_eq!(vex.bytes, text.as_bytes());
                Ok(vex.format)
            }
            Err(error) => {
                let line = error.span.unwrap().start().line;
                Err(format!("{line}: {}", error.message))
            }
        }
    }

    #[test]
    fn the_format_is_that_of_the_document() {
        let statement = r#"{"vulnerability": {"name": "CVE-1"}, "status": "fixed", "more": [1]}"#;
        for format in ["https://openvex.dev/ns", "https://openvex.dev/ns/v0.2.0"] {
            let text = format!(
                "{{\"@context\": \"{format}\", \"@id\": \"x\",\n\"statements\": [{statement}]}}\n"
            );
            assert_eq!(parse(&text), Ok(format.to_owned()));
        }
    }

    #[test]
    fn errors_have_a_line_and_a_reason() {
        let context = "\"@context\": \"https://openvex.dev/ns/v0.2.0\"";
        for (text, error) in [
            (
                "{\n  \"a\": 1,\n}",
                "3: this file is not JSON: key must be a string",
            ),
            ("", "1: this file is not JSON: EOF while parsing a value"),
            ("[1]", "1: this file is not a JSON object"),
            (
                &format!("{{{context},\n{context}}}"),
                "2: this file is not JSON: duplicate field `@context`",
            ),
            (
                &format!("{{{context}, \"statements\": [[{{}}, \"fixed\"]]}}"),
                "1: a statement must be a JSON object",
            ),
            ("{}", "1: `@context` is missing"),
            (
                "{\n\"@context\": \"https://cyclonedx.org\"}",
                "2: `@context` must be the address of an OpenVEX version, such as `https://openvex.dev/ns/v0.2.0`",
            ),
            (
                "{\n\"@context\": \"https://openvex.dev/ns/v1/../x\"}",
                "2: `@context` must be the address of an OpenVEX version, such as `https://openvex.dev/ns/v0.2.0`",
            ),
            (
                &format!("{{{context}}}"),
                "1: `statements` must be a list with at least one statement",
            ),
            (
                &format!("{{{context},\n\"statements\": []}}"),
                "2: `statements` must be a list with at least one statement",
            ),
            (
                &format!("{{{context}, \"statements\": [\n{{\n\"status\": \"fixed\"}}]}}"),
                "2: a statement has no `vulnerability`",
            ),
            (
                &format!("{{{context}, \"statements\": [{{\"vulnerability\": {{}}}}]}}"),
                "1: a statement has no `status`",
            ),
            (
                &format!(
                    "{{{context}, \"statements\": [{{\"vulnerability\": {{}},\n\"status\": \"safe\"}}]}}"
                ),
                "2: `status` must be `not_affected`, `affected`, `fixed` or `under_investigation`",
            ),
        ] {
            assert_eq!(parse(text), Err(error.to_owned()), "{text}");
        }
        let large = Vex::parse("vex.json", vec![b' '; (MOST_MIB << 20) + 1]);
        assert_eq!(large.unwrap_err().message, "this file is larger than 4 MiB");
        let binary = Vex::parse("vex.json", vec![0xff]);
        assert_eq!(binary.unwrap_err().message, "this file is not UTF-8 text");
    }
}
