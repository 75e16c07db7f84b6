//! A strict parser of Dockerfiles, after the engine's own (BuildKit, `frontend/dockerfile/`). It refuses what the engine would
//! take as well, but that no exported Dockerfile should have: variables other than `PATH`, and unknown instructions.

use serde_json::Value;

/// An instruction as the engine understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    pub(super) name: String,
    /// The options; one of a mount has its fields.
    pub(super) options: Vec<Vec<String>>,
    pub(super) arguments: Vec<String>,
    /// The name and the content of each here-document.
    pub(super) documents: Vec<String>,
}

/// # Errors
/// Why the engine, or this parser, refuses the Dockerfile.
pub(super) fn parse(text: &str) -> Result<Vec<Instruction>, String> {
    let mut lines = text.split_inclusive('\n');
    let mut instructions = Vec::new();
    while let Some(first) = lines.next() {
        if first.len() > 65_536 {
            return Err("a line is too long".to_owned());
        }
        let line = first.trim_end_matches(['\r', '\n']).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.trim_end_matches([' ', '\t']).ends_with('\\') {
            return Err(format!("a continued line: {line}"));
        }
        let line = line.trim();
        let (name, rest) = line.split_once(' ').ok_or(line)?;
        let (options, rest) = options(rest)?;
        let rest = rest.trim();
        let mut instruction = Instruction {
            name: name.to_owned(),
            options: Vec::new(),
            arguments: Vec::new(),
            documents: Vec::new(),
        };
        for option in options {
            instruction
                .options
                .push(match option.strip_prefix("--mount=") {
                    Some(mount) => fields(mount)?,
                    None => vec![option],
                });
        }
        let is_list = rest.starts_with('[');
        instruction.arguments = arguments(name, rest)?;
        if ["RUN", "COPY", "ADD"].contains(&name) && !is_list {
            for end in documents_of(line)? {
                let mut document = String::new();
                loop {
                    let next = lines.next().ok_or("a here-document does not end")?;
                    if next.trim_end_matches(['\r', '\n']) == end {
                        break;
                    }
                    document.push_str(next);
                }
                instruction.documents.push(document);
            }
            // The mark of a here-document is no argument.
            let documents = !instruction.documents.is_empty();
            instruction
                .arguments
                .retain(|argument| !documents || !argument.starts_with("<<"));
        }
        instructions.push(instruction);
    }
    Ok(instructions)
}

fn arguments(name: &str, rest: &str) -> Result<Vec<String>, String> {
    let list = || -> Result<Vec<String>, String> {
        let words: Value =
            serde_json::from_str(rest).map_err(|error| format!("{error}: {rest}"))?;
        let words = words.as_array().ok_or(rest)?.iter();
        words
            .map(|word| word.as_str().map(str::to_owned).ok_or(rest.to_owned()))
            .collect()
    };
    let expand = |words: Vec<String>| words.iter().map(|word| expanded(word)).collect();
    match name {
        "ENV" | "LABEL" => {
            let [pair] = &words(rest)[..] else {
                return Err(format!("several pairs: {rest}"));
            };
            let (key, value) = pair.split_once('=').ok_or(rest)?;
            Ok(vec![expanded(key)?, expanded(value)?])
        }
        "COPY" | "ADD" | "VOLUME" if rest.starts_with('[') => expand(list()?),
        "RUN" | "CMD" | "ENTRYPOINT" if rest.starts_with('[') => list(),
        "HEALTHCHECK" => match rest.strip_prefix("CMD ") {
            Some(words) => arguments("CMD", words),
            None if rest == "NONE" => Ok(Vec::new()),
            None => Err(rest.to_owned()),
        },
        "WORKDIR" | "USER" | "STOPSIGNAL" => Ok(vec![expanded(rest)?]),
        "FROM" | "EXPOSE" | "COPY" | "RUN" => {
            let words = rest.split([' ', '\t', '\u{b}', '\u{c}', '\r']);
            expand(words.map(str::to_owned).collect())
        }
        _ => Err(format!("an unknown form: {name} {rest}")),
    }
}

/// `extractBuilderFlags`, which reads bytes.
fn options(line: &str) -> Result<(Vec<String>, &str), String> {
    let bytes = line.as_bytes();
    let mut options = Vec::new();
    let mut at = 0;
    loop {
        while bytes.get(at).is_some_and(|byte| *byte == b' ') {
            at += 1;
        }
        if !line[at..].starts_with("--") {
            return Ok((options, &line[at..]));
        }
        let mut option = String::new();
        let mut quote = None;
        while let Some(byte) = bytes.get(at).copied() {
            // Neither character is one that the Unicode tables call a space.
            if !byte.is_ascii() || byte.is_ascii_control() {
                return Err(format!("an option with `{}`", byte.escape_ascii()));
            }
            at += 1;
            match (byte, quote) {
                (b' ', None) => break,
                (b'\'' | b'"', None) => quote = Some(byte),
                (_, Some(open)) if byte == open => quote = None,
                (b'\\', _) => {
                    option.push(char::from(*bytes.get(at).ok_or(line)?));
                    at += 1;
                }
                _ => option.push(char::from(byte)),
            }
        }
        options.push(option);
    }
}

/// `parseMount`: a line of CSV, in whose values variables are replaced.
fn fields(mount: &str) -> Result<Vec<String>, String> {
    let mut fields = vec![String::new()];
    let mut rest = mount.chars().peekable();
    let mut at_start = true;
    let mut in_quotes = false;
    while let Some(char) = rest.next() {
        let field = fields.last_mut().unwrap();
        match (char, in_quotes) {
            ('"', false) if at_start => in_quotes = true,
            ('"', false) => return Err(format!("a bare quote: {mount}")),
            ('"', true) if rest.next_if_eq(&'"').is_some() => field.push('"'),
            ('"', true) => {
                in_quotes = false;
                if rest.peek().is_some_and(|next| *next != ',') {
                    return Err(format!("text after a quote: {mount}"));
                }
            }
            (',', false) => {
                fields.push(String::new());
                at_start = true;
                continue;
            }
            (char, _) => field.push(char),
        }
        at_start = false;
    }
    let known = [
        "type", "from", "source", "target", "id", "env", "sharing", "required", "mode",
    ];
    let fields = fields.iter().map(|field| match field.split_once('=') {
        Some((key, value)) if known.contains(&key) => Ok(format!("{key}={}", expanded(value)?)),
        None if field == "rw" => Ok(field.clone()),
        _ => Err(format!("an unknown field: {field}")),
    });
    fields.collect()
}

/// `parseWords`: words in quotes, which stay.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if quote.is_none() && char.is_whitespace() {
            words.push(String::new());
            continue;
        }
        let word = words.last_mut().unwrap();
        word.push(char);
        match (char, quote) {
            ('\'' | '"', None) => quote = Some(char),
            (_, Some(open)) if char == open => quote = None,
            ('\\', quote) if quote != Some('\'') => word.extend(chars.next()),
            _ => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `ProcessWord`: removes quotes and replaces variables.
fn expanded(word: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut chars = word.chars().peekable();
    let mut in_double = false;
    while let Some(char) = chars.next() {
        match char {
            '\'' if !in_double => loop {
                match chars.next() {
                    Some('\'') => break,
                    Some(char) => text.push(char),
                    None => return Err(format!("an open quote: {word}")),
                }
            },
            '"' => in_double = !in_double,
            '$' => {
                let name: String = std::iter::from_fn(|| {
                    chars.next_if(|char| char.is_ascii_alphanumeric() || *char == '_')
                })
                .collect();
                if name != "PATH" {
                    return Err(format!("a variable: {word}"));
                }
                text.push_str("$PATH");
            }
            '\\' if in_double => match chars.peek() {
                Some('"' | '$' | '\\') => text.extend(chars.next()),
                _ => text.push('\\'),
            },
            '\\' => text.extend(chars.next()),
            char => text.push(char),
        }
    }
    if in_double {
        return Err(format!("an open quote: {word}"));
    }
    Ok(text)
}

/// `heredocsFromLine`: the end markers of the here-documents, all of which must be in quotes.
fn documents_of(line: &str) -> Result<Vec<String>, String> {
    // As the engine does, the whole line is read as words, with options and all.
    let found = words(line);
    let found = found.iter().filter_map(|word| word.strip_prefix("<<"));
    let ends = found.map(|end| {
        let end = end
            .strip_prefix('"')
            .and_then(|end| end.strip_suffix('"'))
            .ok_or_else(|| format!("variables are replaced in a here-document: {line}"))?;
        Ok(end.to_owned())
    });
    let ends: Vec<String> = ends.collect::<Result<_, String>>()?;
    // The engine ignores a line that it cannot read.
    if line.contains("<<\"EOF") && ends.is_empty() {
        return Err(format!("a lost here-document: {line}"));
    }
    // Options may contain variables only in a form that this reading does not find.
    let mut escaped = false;
    for char in line.chars() {
        if char == '$' && !escaped && line.starts_with("RUN") {
            return Err(format!("a variable in an option: {line}"));
        }
        escaped = char == '\\' && !escaped;
    }
    Ok(ends)
}

/// The script that runs a command which downloads; in a Dockerfile, it comes before the command.
const RUNNER: &str = include_str!("../../scripts/trust-certificates.sh");

/// The words of the commands at the start of a shell script that set variables and arguments, and of the command behind them
/// if it is the only one; the rest of the script as one word.
pub(super) fn shell(script: &str) -> Vec<String> {
    // The script that keeps the changes of another one.
    let inner = script.split_once("\n(\n");
    let inner = inner.filter(|(outer, _)| outer.starts_with("set -eu\ntouch /before\n"));
    let mut words = Vec::new();
    let mut rest = inner.map_or(script, |(_, inner)| inner);
    loop {
        if let Some(after) = rest.strip_prefix(RUNNER) {
            words.push(RUNNER.to_owned());
            rest = after;
        }
        let Some((command, after)) = command(rest) else {
            break;
        };
        let is_setting = ["set", "export", "mkdir"].contains(&command[0].as_str());
        if !is_setting && !after.is_empty() {
            break;
        }
        words.extend(command);
        rest = after;
    }
    words.push(rest.to_owned());
    words
}

/// The words of the first command and what follows its line; `None` if it has other syntax than quotes.
fn command(script: &str) -> Option<(Vec<String>, &str)> {
    let mut words = vec![String::new()];
    let mut chars = script.char_indices();
    while let Some((at, char)) = chars.next() {
        let word = words.last_mut()?;
        match char {
            '\n' => return Some((words, &script[at + 1..])),
            ' ' => words.push(String::new()),
            '\'' => loop {
                match chars.next()?.1 {
                    '\'' => break,
                    char => word.push(char),
                }
            },
            '\\' => word.push(chars.next()?.1),
            '"' if script[at..].starts_with("\"$PATH\"") => {
                chars.nth("$PATH".len());
                word.push_str("$PATH");
            }
            char if char.is_ascii_alphanumeric() || "-_./:=@%+,".contains(char) => word.push(char),
            _ => return None,
        }
    }
    None
}
