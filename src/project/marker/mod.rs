//! Environment markers (PEP 508), evaluated as far as an environment is known.

mod comparison;
mod condition;
mod evaluate;
mod syntax;

#[cfg(test)]
mod tests;

pub(super) use condition::Condition;
pub use evaluate::{Residue, marker_holds, residue};
pub(super) use evaluate::{can_hold, condition};
