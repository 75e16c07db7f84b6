//! The order of steps, as far as it matters.

/// How a step relates to the independent layers of its stage.
///
/// An engine that can merge file systems puts independent layers beside each other: none is copied or uploaded again because
/// another one changed. Whatever reads the merged files after that makes the engine write all of them to disk once more
/// (BuildKit, `docs/dev/merge-diff.md`), so steps that do not need them run before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// Reads or changes files of the steps before it.
    #[default]
    OnTop,
    /// Adds files without reading any: an independent layer, as with `COPY --link`.
    Layer,
    /// Touches no file of an independent layer.
    Below,
}
