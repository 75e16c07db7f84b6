//! Git dependencies.

use crate::diagnostics::Span;
use crate::project::{Installed, PackageOrigin, Remote};

/// A Git dependency and its repository.
pub(crate) struct Repository {
    pub(crate) name: String,
    pub(crate) remote: Remote,
    pub(crate) span: Span,
}

pub(crate) fn find(installed: &[Installed<'_>]) -> Vec<Repository> {
    installed
        .iter()
        .map(|one| one.package)
        .filter(|package| package.origin == PackageOrigin::Git)
        .map(|package| Repository {
            name: package.name.clone(),
            remote: Remote::parse(&package.url),
            span: package.span.clone(),
        })
        .collect()
}
