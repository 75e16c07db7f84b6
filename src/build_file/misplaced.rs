//! Keys of a table that have no effect together with its other keys.

use std::ops::Range;

use super::error::Error;
use super::schema::{HookPoint, HookTable};

/// The errors of a hook, each with its location.
pub(super) fn in_hook(table: &HookTable) -> Vec<(Error, Range<usize>)> {
    let is_final = table
        .at
        .as_ref()
        .is_some_and(|at| at.value == HookPoint::Final);
    let mut found = Vec::new();
    if let Some(first) = table.inputs.first().filter(|_| is_final) {
        found.push((Error::FinalInputs, first.span.clone()));
    }
    if let Some(first) = table.outputs.first().filter(|_| is_final) {
        found.push((Error::FinalOutputs, first.span.clone()));
    }
    if let Some(owner) = table.owner.as_ref().filter(|_| table.outputs.is_empty()) {
        found.push((Error::NeedlessOwner, owner.span.clone()));
    }
    found
}
