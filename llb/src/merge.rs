//! Merges and differences of file trees (`client/llb/{merge,diff}.go` in BuildKit).

use buildkit_proto::pb;

use crate::{
    Output, caps,
    vertex::{Common, Inputs, Vertex, common_setters},
};

/// File trees layered over each other, without copying files.
///
/// Requires the capability `mergeop`, which engines with the overlay2 store do not have.
#[derive(Clone, Debug)]
#[must_use]
pub struct Merge {
    lowest: Output,
    others: Vec<Output>,
    common: Common,
}

impl Merge {
    /// The tree `lowest` and the others over it, in order. It has the platform of `lowest`.
    pub fn new(lowest: Output, others: impl IntoIterator<Item = Output>) -> Self {
        Self {
            lowest,
            others: others.into_iter().collect(),
            common: Common::default(),
        }
    }

    common_setters!();

    /// The merged tree. Without other trees, it is `lowest` itself, without an op.
    pub fn output(self) -> Output {
        if self.others.is_empty() {
            return self.lowest;
        }
        let mut common = self.common;
        common.metadata.caps.insert(caps::MERGE.into());
        let platform = self.lowest.platform().cloned();
        let mut parents = self.others;
        parents.insert(0, self.lowest);
        // Unlike other ops, a merge lists an input each time it is used.
        let mut inputs = Inputs::default();
        let merged = (parents.iter())
            .map(|parent| pb::MergeInput {
                input: inputs.push(parent),
            })
            .collect();
        let op = pb::op::Op::Merge(pb::MergeOp { inputs: merged });
        Output::first(Vertex::new(op, inputs, parents, platform, common))
    }
}

/// The difference between two file trees: new and changed files, and whiteouts for removed ones.
///
/// Requires the capability `diffop`, which engines with the overlay2 store do not have.
#[derive(Clone, Debug)]
#[must_use]
pub struct Diff {
    lower: Output,
    upper: Output,
    common: Common,
}

impl Diff {
    /// The changes from `lower` to `upper`. It has the platform of `lower`.
    pub fn new(lower: Output, upper: Output) -> Self {
        Self {
            lower,
            upper,
            common: Common::default(),
        }
    }

    common_setters!();

    /// The difference as a tree.
    pub fn output(self) -> Output {
        let mut common = self.common;
        common.metadata.caps.insert(caps::DIFF.into());
        let platform = self.lower.platform().cloned();
        let mut inputs = Inputs::default();
        let op = pb::op::Op::Diff(pb::DiffOp {
            lower: Some(pb::LowerDiffInput {
                input: inputs.push(&self.lower),
            }),
            upper: Some(pb::UpperDiffInput {
                input: inputs.push(&self.upper),
            }),
        });
        let parents = vec![self.lower, self.upper];
        Output::first(Vertex::new(op, inputs, parents, platform, common))
    }
}
