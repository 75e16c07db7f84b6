//! The value of a marker in three-valued logic: true, false or not known yet.

use std::collections::BTreeSet;

use super::super::environment::Environment;
use super::comparison;
use super::condition::Condition;
use super::syntax::Marker;

/// The value of a marker, or what remains of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Residue {
    True,
    False,
    /// The part that only the installing Python can evaluate, in a normal form: two spellings give the same text. A marker
    /// with unknown syntax is kept as it is.
    Unknown(String),
}

/// Evaluates a marker as far as the environment and the selected extras (normalised names) decide it.
#[must_use]
pub fn residue(marker: &str, environment: &Environment, extras: &BTreeSet<String>) -> Residue {
    match condition(marker, Some(environment), extras) {
        Condition::Known(true) => Residue::True,
        Condition::Known(false) => Residue::False,
        open => Residue::Unknown(open.to_string()),
    }
}

/// Whether a marker holds; `None` if only the installing Python can decide it.
#[must_use]
pub fn marker_holds(
    marker: &str,
    environment: &Environment,
    extras: &BTreeSet<String>,
) -> Option<bool> {
    match condition(marker, Some(environment), extras) {
        Condition::Known(value) => Some(value),
        _ => None,
    }
}

/// Whether a marker can be true with these extras in some environment. A marker with unknown syntax can.
pub(in crate::project) fn can_hold(marker: &str, extras: &BTreeSet<String>) -> bool {
    condition(marker, None, extras) != Condition::Known(false)
}

/// What remains of a marker. Without an environment, only extras are evaluated.
pub(in crate::project) fn condition(
    marker: &str,
    environment: Option<&Environment>,
    extras: &BTreeSet<String>,
) -> Condition {
    match Marker::parse(marker) {
        Some(marker) => reduced(&marker, environment, extras),
        None => Condition::Unparsed(marker.trim().to_owned()),
    }
}

fn reduced(
    marker: &Marker,
    environment: Option<&Environment>,
    extras: &BTreeSet<String>,
) -> Condition {
    let reduced = |marker| reduced(marker, environment, extras);
    match marker {
        Marker::All(operands) => Condition::all(operands.iter().map(reduced)),
        Marker::Any(operands) => Condition::any(operands.iter().map(reduced)),
        Marker::Comparison(comparison) => {
            match comparison::value(comparison, environment, extras) {
                Some(value) => Condition::Known(value),
                None => Condition::Comparison(comparison.to_string()),
            }
        }
    }
}
