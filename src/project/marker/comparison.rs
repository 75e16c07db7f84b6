//! The value of a single comparison.
//!
//! Where poetry-core and the `packaging` library differ, this follows poetry-core: `in "3.8, 3.9"` is a list and not a substring.

use std::collections::BTreeSet;

use super::super::environment::Environment;
use super::super::name::normalised;
use super::super::pep440::{Version, VersionConstraint};
use super::super::version::PythonVersion;
use super::syntax::{Comparison, Operator, Variable};

/// `None` if the environment does not decide it, or if the values cannot be compared.
pub(super) fn value(
    comparison: &Comparison,
    environment: Option<&Environment>,
    extras: &BTreeSet<String>,
) -> Option<bool> {
    let text = |text| of_text(comparison, text);
    match comparison.variable {
        Variable::Extra => of_extra(comparison, extras),
        Variable::Extras => of_extras(comparison, extras),
        Variable::Other(_) => None,
        Variable::PythonVersion => {
            let minor = environment?.python?.minor;
            let constraint = constraint(comparison)?;
            Some(constraint.allows(&Version::of(&[3, minor.into()])))
        }
        Variable::PythonFullVersion | Variable::ImplementationVersion => {
            of_full_version(&constraint(comparison)?, environment?.python?)
        }
        // The image is always CPython on Linux, but without an environment only extras are evaluated.
        Variable::OsName => environment.and_then(|_| text("posix")),
        Variable::SysPlatform => environment.and_then(|_| text("linux")),
        Variable::PlatformSystem => environment.and_then(|_| text("Linux")),
        Variable::PlatformPythonImplementation => environment.and_then(|_| text("CPython")),
        Variable::ImplementationName => environment.and_then(|_| text("cpython")),
        Variable::PlatformMachine => text(&environment?.machine),
    }
}

fn of_extra(comparison: &Comparison, extras: &BTreeSet<String>) -> Option<bool> {
    let is_listed = || {
        let mut values = comparison.values();
        values.any(|value| extras.contains(&normalised(value)))
    };
    match comparison.operator {
        Operator::Equal | Operator::Identical => Some(extras.contains(&comparison.value)),
        Operator::NotEqual => Some(!extras.contains(&comparison.value)),
        Operator::In => Some(is_listed()),
        Operator::NotIn => Some(!is_listed()),
        _ => None,
    }
}

fn of_extras(comparison: &Comparison, extras: &BTreeSet<String>) -> Option<bool> {
    let is_selected = extras.contains(&normalised(&comparison.value));
    match comparison.operator {
        Operator::In if comparison.value_first => Some(is_selected),
        Operator::NotIn if comparison.value_first => Some(!is_selected),
        _ => None,
    }
}

fn of_text(comparison: &Comparison, text: &str) -> Option<bool> {
    let is_in = || {
        if comparison.value_first {
            text.contains(&comparison.value)
        } else {
            comparison.values().any(|value| value == text)
        }
    };
    match comparison.operator {
        Operator::Equal | Operator::Identical => Some(comparison.value == text),
        Operator::NotEqual => Some(comparison.value != text),
        Operator::In => Some(is_in()),
        Operator::NotIn => Some(!is_in()),
        _ => None,
    }
}

/// The versions of Python that a comparison allows.
fn constraint(comparison: &Comparison) -> Option<VersionConstraint> {
    // In a list, `3.8` means every 3.8.
    let listed = |operator: &str, separator: &str| {
        let values = comparison.values();
        let terms: Vec<String> = values
            .map(|value| match value.split('.').count() {
                1 | 2 => format!("{operator}{value}.*"),
                _ => format!("{operator}{value}"),
            })
            .collect();
        (!terms.is_empty()).then(|| VersionConstraint::parse(&terms.join(separator)))?
    };
    match comparison.operator {
        Operator::In => listed("==", "||"),
        Operator::NotIn => listed("!=", ","),
        Operator::Compatible if comparison.value_first => None,
        operator => {
            let value = comparison.value.trim();
            let is_single = !value.is_empty()
                && !value.contains([' ', ',', '|', '*', '=', '<', '>'])
                || value.ends_with(".*");
            is_single.then(|| VersionConstraint::parse(&format!("{operator}{value}")))?
        }
    }
}

/// Without a patch number, the value must be the same for every patch release.
fn of_full_version(constraint: &VersionConstraint, python: PythonVersion) -> Option<bool> {
    let allows = |patch: u64| constraint.allows(&Version::of(&[3, python.minor.into(), patch]));
    if let Some(patch) = python.patch {
        return Some(allows(patch.into()));
    }
    let first = allows(0);
    // The value can only change next to a patch release that the constraint names.
    let same = constraint
        .named_patches(python.minor)
        .flat_map(|patch| [patch.saturating_sub(1), patch, patch.saturating_add(1)])
        .all(|patch| allows(patch) == first);
    same.then_some(first)
}
