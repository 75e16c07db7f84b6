//! What a standard says about the licences of the installed packages.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::Span;

/// The rules that hold for an image, and where its packages are locked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenseRules {
    pub rules: Vec<LicenseRule>,
    /// By normalised name.
    pub packages: BTreeMap<String, Span>,
}

/// Licences that no package may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseRule {
    /// Patterns of SPDX ids.
    pub denied: Vec<String>,
    /// The normalised names of packages that may have any licence.
    pub except: BTreeSet<String>,
    /// What happens if a package has such a licence.
    pub outcome: LicenseOutcome,
    /// What happens if the licence of a package is unknown; `None`: nothing.
    pub unknown: Option<LicenseOutcome>,
    /// The ends of messages and hints: why there is the rule, and where it is.
    pub reason: String,
    pub more: String,
    /// Where it is set.
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LicenseOutcome {
    Error,
    Warning,
}
