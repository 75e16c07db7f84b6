//! Locates path dependencies (projects and archives) in the build context or in named contexts.

use crate::diagnostics::{Diagnostic, Problem, Span};
use crate::paths::{self, clean};
use crate::project::{Installed, PackageOrigin, normalised};

use super::error::Error;
use super::request::Request;

pub(crate) struct PathDependency {
    pub(crate) name: String,
    /// The named context that contains it; `None` is the build context.
    pub(super) context: Option<String>,
    /// The path in the context; empty for its root.
    pub(crate) path: String,
    /// The path in the lock.
    locked: String,
    pub(crate) span: Span,
}

/// Returns the directories and the archives, and reports those that are in no context.
pub(crate) fn find(
    installed: &[Installed<'_>],
    request: &Request,
    errors: &mut Vec<Diagnostic>,
) -> (Vec<PathDependency>, Vec<PathDependency>) {
    let (mut directories, mut archives) = (Vec::new(), Vec::new());
    for Installed { package, .. } in installed {
        let is_directory = match package.origin {
            PackageOrigin::Directory => true,
            PackageOrigin::File => false,
            PackageOrigin::Index | PackageOrigin::Git | PackageOrigin::Url => continue,
        };
        let locked = &package.url;
        let inside = inside(locked);
        let context = named_context(&package.name, locked, request).filter(|_| is_directory);
        if inside.is_none() && context.is_none() {
            let error = Error::OutsideContext {
                name: package.name.clone(),
                path: locked.clone(),
                is_directory,
            };
            errors.push(error.at(&package.span));
            continue;
        }
        let dependency = PathDependency {
            name: package.name.clone(),
            path: if context.is_some() {
                String::new()
            } else {
                inside.unwrap_or_default()
            },
            context,
            locked: locked.clone(),
            span: package.span.clone(),
        };
        if is_directory {
            &mut directories
        } else {
            &mut archives
        }
        .push(dependency);
    }
    (directories, archives)
}

/// The path in the context, empty for its root; `None` if it is outside.
fn inside(path: &str) -> Option<String> {
    let path = paths::inside(path)?;
    Some(if path == "." { String::new() } else { path })
}

/// A named context with the name of the dependency or of its directory.
fn named_context(name: &str, path: &str, request: &Request) -> Option<String> {
    let directory = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    request
        .contexts
        .iter()
        .find(|context| normalised(context) == normalised(name) || *context == directory)
        .cloned()
}

impl PathDependency {
    /// Its path outside the project in `directory`, if it comes from a named context.
    pub(crate) fn outside(&self, directory: &str) -> Option<String> {
        self.context.as_ref()?;
        if self.locked.starts_with('/') {
            return Some(clean(&self.locked));
        }
        Some(clean(&format!("/{directory}/{}", self.locked)))
    }

    pub(crate) fn missing(&self) -> Diagnostic {
        Error::NoPathDependency {
            name: self.name.clone(),
            path: self.locked.clone(),
        }
        .at(&self.span)
    }
}
