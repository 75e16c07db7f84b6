//! Text from the user's files that is shown on a terminal: nothing in it may move the cursor, change colours or reorder what
//! is beside it.

/// The text with everything that is no visible character or plain space written as an escape sequence, such as `\n` and
/// `\u{1b}`.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        if is_printable(char) {
            shown.push(char);
        } else {
            shown.extend(char.escape_default());
        }
    }
    shown
}

/// JSON, indented. Whoever parses it gets the same values, and whoever prints it nothing that a terminal acts on.
#[must_use]
pub fn printable_json(value: &serde_json::Value) -> String {
    let mut text = String::new();
    for char in format!("{value:#}").chars() {
        if char == '\n' || is_printable(char) {
            text.push(char);
        } else {
            // All of them are in the basic plane.
            text += &format!("\\u{:04x}", u32::from(char));
        }
    }
    text
}

/// Whether a terminal shows the character itself and does nothing else.
pub(crate) fn is_printable(char: char) -> bool {
    !char.is_control() && !changes_direction(char) && !matches!(char, '\u{2028}' | '\u{2029}')
}

/// Whether the character changes the direction of the text around it (Unicode Standard Annex #9).
fn changes_direction(char: char) -> bool {
    matches!(
        char,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// The text with a replacement character for each character that is not printable, apart from the ends of lines and tabs. It
/// has the same lines and columns.
pub(super) fn replaced(text: String) -> String {
    if text.chars().all(|char| char == '\n' || is_printable(char)) {
        return text;
    }
    let mut chars = text.chars().peekable();
    let mut shown = String::with_capacity(text.len());
    while let Some(char) = chars.next() {
        let is_kept = match char {
            '\n' | '\t' => true,
            '\r' => chars.peek() == Some(&'\n'),
            char => is_printable(char),
        };
        shown.push(if is_kept {
            char
        } else {
            char::REPLACEMENT_CHARACTER
        });
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_same_values() {
        let value = serde_json::json!({ "a": ["\u{1b}\u{9b}\u{202e}\n\u{7f}"] });
        let text = printable_json(&value);
        assert!(text.chars().all(|char| char == '\n' || is_printable(char)));
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read, value);
    }

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(printable("größe 日本 😀 \"'\\"), "größe 日本 😀 \"'\\");
        assert_eq!(
            printable("a\n\u{1b}[31m\u{9b}m\u{7f}\u{202e}\u{2028}"),
            "a\\n\\u{1b}[31m\\u{9b}m\\u{7f}\\u{202e}\\u{2028}"
        );
        assert_eq!(
            replaced("a\r\nb\rc\t\u{1b}\n".to_owned()),
            "a\r\nb\u{fffd}c\t\u{fffd}\n"
        );
    }
}
