//! How TOML is written.

use toml::Value;

/// A text block: the indentation that all its lines share goes, and so does the line break that a raw string begins
/// with. Any other text stays as it is.
///
/// ```
/// assert_eq!(testkit::dedent("\n    [a]\n    b = 1\n    "), "[a]\nb = 1\n");
/// assert_eq!(testkit::dedent("  [a]\n"), "  [a]\n");
/// ```
pub fn dedent(text: &str) -> String {
    let Some(block) = text.strip_prefix('\n') else {
        return text.to_owned();
    };
    let is_blank = |line: &&str| line.trim().is_empty();
    let indent = block
        .lines()
        .filter(|line| !is_blank(line))
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let lines = block.lines().map(|line| line.get(indent..).unwrap_or(""));
    let mut out: String = lines.map(|line| format!("{line}\n")).collect();
    // The line of the closing quote.
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}

/// A TOML string.
pub(crate) fn quote(text: &str) -> String {
    Value::from(text).to_string()
}

/// `KEY = "TEXT"` with a line break.
pub(crate) fn pair(key: &str, text: &str) -> String {
    format!("{} = {}\n", self::key(key), quote(text))
}

/// A key, quoted where TOML demands it.
pub(crate) fn key(name: &str) -> String {
    let bare = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        quote(name)
    }
}

/// A list on one line, or one item on each where that would be long. Items are TOML.
pub(crate) fn list<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    let line = format!("[{}]", items.join(", "));
    if line.len() <= 100 {
        return line;
    }
    let lines: String = items.iter().map(|item| format!("    {item},\n")).collect();
    format!("[\n{lines}]")
}

/// A list of strings. An item that begins with a brace is an inline table and stays as it is.
pub(crate) fn strings(items: &[String]) -> String {
    let items: Vec<String> = items
        .iter()
        .map(|item| {
            if item.starts_with('{') {
                item.clone()
            } else {
                quote(item)
            }
        })
        .collect();
    list(&items)
}

/// The name as Poetry compares it (PEP 503).
pub(crate) fn normalized(name: &str) -> String {
    let mut out = String::new();
    for char in name.chars() {
        if matches!(char, '-' | '_' | '.') {
            if !out.ends_with('-') {
                out.push('-');
            }
        } else {
            out.extend(char.to_lowercase());
        }
    }
    out
}

/// Tables with a blank line between two of them.
#[derive(Default)]
pub(crate) struct Tables(String);

impl Tables {
    /// Adds a table that is there even if it has no line.
    pub(crate) fn add(&mut self, header: &str, lines: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0 += &format!("{header}\n{lines}");
    }

    /// Adds a table unless it has no line.
    pub(crate) fn add_filled(&mut self, header: &str, lines: &str) {
        if !lines.is_empty() {
            self.add(header, lines);
        }
    }

    pub(crate) fn text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shared_indentation_of_a_block_goes() {
        assert_eq!(dedent("\n  a\n    b\n\n  c\n  "), "a\n  b\n\nc\n");
        assert_eq!(dedent("\n"), "");
        assert_eq!(dedent("a = 1"), "a = 1");
    }

    #[test]
    fn long_lists_have_an_item_on_each_line() {
        assert_eq!(list(&["1", "2"]), "[1, 2]");
        let long = "1".repeat(60);
        assert_eq!(
            list(&[&long, &long]),
            format!("[\n    {long},\n    {long},\n]")
        );
    }

    #[test]
    fn names_are_compared_as_pep_503_says() {
        assert_eq!(normalized("Foo.Bar__baz"), "foo-bar-baz");
    }
}
