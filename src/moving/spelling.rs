//! Texts: names of files, and what messages show.

/// Whether a file's name ends in `.end`.
pub(super) fn has_extension(path: &str, end: &str) -> bool {
    std::path::Path::new(path)
        .extension()
        .is_some_and(|found| found == end)
}

/// A text for a message.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let text = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace("\\ ", "");
    let text = text.replace('`', "'");
    if text.chars().count() <= LONGEST {
        return text;
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{}...", start.trim_end())
}
