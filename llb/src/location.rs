//! Source locations of ops in the user's files (`client/llb/sourcemap.go` in BuildKit).

use std::sync::Arc;

use buildkit_proto::pb;

use crate::Definition;

/// A text that locations refer to, such as the build file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceFile {
    /// Name shown to the user.
    pub filename: String,
    /// Language for syntax highlighting, by its name in GitHub's linguist, such as `TOML`; may be
    /// empty.
    pub language: String,
    /// The whole text.
    pub data: Vec<u8>,
    /// Graph from which the engine can read the file again, if any.
    pub definition: Option<Definition>,
}

impl SourceFile {
    /// The message for this file, as used in definitions and `Warn` requests.
    #[must_use]
    pub fn to_pb(&self) -> pb::SourceInfo {
        pb::SourceInfo {
            filename: self.filename.clone(),
            data: self.data.clone(),
            definition: self.definition.as_ref().map(Definition::to_pb),
            language: self.language.clone(),
        }
    }
}

/// A position in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, counted from 1.
    pub line: u32,
    /// Character in the line, counted from 0.
    pub character: u32,
}

impl From<Position> for pb::Position {
    fn from(position: Position) -> Self {
        Self {
            line: i32::try_from(position.line).unwrap_or(i32::MAX),
            character: i32::try_from(position.character).unwrap_or(i32::MAX),
        }
    }
}

/// A range of text. An engine shows whole lines, including the line of `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// Start of the range.
    pub start: Position,
    /// End of the range.
    pub end: Position,
}

impl Range {
    /// The lines from `first` to `last`, counted from 1, inclusive.
    #[must_use]
    pub fn lines(first: u32, last: u32) -> Self {
        let start_of = |line| Position { line, character: 0 };
        Self {
            start: start_of(first),
            end: start_of(last),
        }
    }
}

impl From<Range> for pb::Range {
    fn from(range: Range) -> Self {
        Self {
            start: Some(range.start.into()),
            end: Some(range.end.into()),
        }
    }
}

/// A location in a text, which an engine prints when the op fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// The text.
    pub file: Arc<SourceFile>,
    /// The ranges, in display order.
    pub ranges: Vec<Range>,
}

impl Location {
    /// The given ranges of `file`.
    pub fn new(file: Arc<SourceFile>, ranges: impl IntoIterator<Item = Range>) -> Self {
        Self {
            file,
            ranges: ranges.into_iter().collect(),
        }
    }
}
