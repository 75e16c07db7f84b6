//! Where ops come from in the user's files (`client/llb/sourcemap.go` in BuildKit).

use std::sync::Arc;

use buildkit_proto::pb;

use crate::Definition;

/// A text that ops can point into, such as the build file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceFile {
    /// Name as the user knows it.
    pub filename: String,
    /// Language for highlighting, by its name in GitHub's linguist, such as `TOML`; may be empty.
    pub language: String,
    /// The whole text.
    pub data: Vec<u8>,
    /// Graph that the engine can read the file from again, if there is one.
    pub definition: Option<Definition>,
}

impl SourceFile {
    /// The message for this file, as definitions and `Warn` calls carry it.
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

/// A point in a text.
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

/// A stretch of text. An engine shows whole lines, the line of `end` included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// First position.
    pub start: Position,
    /// Last position.
    pub end: Position,
}

impl Range {
    /// The lines from `first` to `last`, both counted from 1 and both included.
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

/// A place in a text: what an engine prints when the op fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// The text.
    pub file: Arc<SourceFile>,
    /// The stretches of it, in the order in which they are shown.
    pub ranges: Vec<Range>,
}

impl Location {
    /// The given stretches of `file`.
    pub fn new(file: Arc<SourceFile>, ranges: impl IntoIterator<Item = Range>) -> Self {
        Self {
            file,
            ranges: ranges.into_iter().collect(),
        }
    }
}
