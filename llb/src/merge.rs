//! Whole file trees over and under each other (`client/llb/{merge,diff}.go` in BuildKit).

use buildkit_proto::pb;

use crate::{
    Output, caps,
    vertex::{Common, Inputs, Vertex, common_setters},
};

/// Several file trees laid over each other, without copying a file.
///
/// Needs the capability `mergeop`, which engines on the overlay2 store do not have.
#[derive(Clone, Debug)]
#[must_use]
pub struct Merge {
    lowest: Output,
    others: Vec<Output>,
    common: Common,
}

impl Merge {
    /// The tree `lowest` and, over it, the others in turn. The platform is that of `lowest`.
    pub fn new(lowest: Output, others: impl IntoIterator<Item = Output>) -> Self {
        Self {
            lowest,
            others: others.into_iter().collect(),
            common: Common::default(),
        }
    }

    common_setters!();

    /// The merged tree. Without other trees that is `lowest` itself, and there is no op.
    pub fn output(self) -> Output {
        if self.others.is_empty() {
            return self.lowest;
        }
        let mut common = self.common;
        common.metadata.caps.insert(caps::MERGE.into());
        let platform = self.lowest.platform().cloned();
        let mut parents = self.others;
        parents.insert(0, self.lowest);
        // Unlike other ops, a merge names an input as often as it is given.
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

/// What one file tree has over another: new and changed files, and marks for removed ones.
///
/// Needs the capability `diffop`, which engines on the overlay2 store do not have.
#[derive(Clone, Debug)]
#[must_use]
pub struct Diff {
    lower: Output,
    upper: Output,
    common: Common,
}

impl Diff {
    /// What `upper` has over `lower`. The platform is that of `lower`.
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
