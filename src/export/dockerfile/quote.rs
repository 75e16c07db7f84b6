//! Values in the instructions of a Dockerfile. Up to three parsers read a value one after the other, so that it is quoted for
//! each (BuildKit, `frontend/dockerfile/`: `parser/split_command.go` for options, `instructions/commands_runmount.go` for
//! mounts, and `shell/lex.go` for variables, in almost all values).

use serde_json::json;

/// The characters that mean something to the parser that replaces variables.
const SPECIAL: [char; 5] = ['"', '\'', '\\', '$', '<'];

/// A value in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for char in text.chars() {
        if matches!(char, '"' | '\\' | '$') {
            quoted.push('\\');
        }
        quoted.push(char);
    }
    quoted + "\""
}

/// A path or name that needs quotes only if it has special characters.
pub(super) fn word(text: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "/._:-+@".contains(char);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// The arguments of an instruction that replaces variables also in a list: `COPY`, `ADD` and `VOLUME`.
pub(super) fn list<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> String {
    let words = words.into_iter().map(|word| expanded(word.as_ref()));
    json!(words.collect::<Vec<_>>()).to_string()
}

/// The arguments of a command that is run as it is.
pub(super) fn exec(words: &[String]) -> String {
    json!(words).to_string()
}

/// The option `--mount` with these fields; `None` if it cannot hold a value.
pub(super) fn mount(fields: &[(&str, &str)]) -> Option<String> {
    let fields = fields.iter().map(|(key, value)| {
        let field = format!("{key}={}", expanded(value));
        if field.contains(['"', ',', ' ']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field
        }
    });
    option("mount", &fields.collect::<Vec<_>>().join(","))
}

/// An option of an instruction; `None` if it cannot hold the value: the parser of options reads bytes and not characters.
pub(super) fn option(name: &str, value: &str) -> Option<String> {
    if !value
        .chars()
        .all(|char| char == ' ' || char.is_ascii_graphic())
    {
        return None;
    }
    let mut text = format!(" --{name}=");
    for char in value.chars() {
        if !(char.is_ascii_alphanumeric() || "/._:-+@,=*?".contains(char)) {
            text.push('\\');
        }
        text.push(char);
    }
    Some(text)
}

/// A value that variables are replaced in.
fn expanded(text: &str) -> String {
    if text.contains(SPECIAL) {
        quoted(text)
    } else {
        text.to_owned()
    }
}
