//! Path dependencies: projects in other folders, which Poetry would install editable. Here each becomes a wheel like the
//! project itself.

use crate::diagnostics::{Diagnostic, Place, Problem};
use crate::project::{Project, Selection, SourceKind, normalised};

use super::source::SourcePlan;
use super::source::context_files;
use super::wheel::Wheel;
use super::{ContextFiles, Error, Expected, Inputs, Request, StageName};

/// A path dependency and where this build finds it.
pub(super) struct PathDependency {
    name: String,
    /// The named context that it is in; `None` is the build's own.
    context: Option<String>,
    /// Its path in the context; empty is the context's root.
    path: String,
    /// The path as the lock has it.
    locked: String,
    place: Place,
}

/// Finds the folders and the archives that the lock names by path, and reports those that this build cannot see.
pub(super) fn find(
    project: &Project,
    selection: &Selection,
    request: &Request,
    found: &mut Vec<Diagnostic>,
) -> (Vec<PathDependency>, Vec<PathDependency>) {
    let (mut folders, mut archives) = (Vec::new(), Vec::new());
    for package in project.packages(selection) {
        let folder = match package.source {
            SourceKind::Directory => true,
            SourceKind::File => false,
            SourceKind::Index | SourceKind::Git | SourceKind::Url => continue,
        };
        let locked = &package.url;
        let inside = inside(locked);
        let context = named_context(&package.name, locked, request).filter(|_| folder);
        if inside.is_none() && context.is_none() {
            let error = Error::OutsideContext {
                name: package.name.clone(),
                path: locked.clone(),
                folder,
            };
            found.push(error.at(&package.place));
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
            place: package.place.clone(),
        };
        if folder { &mut folders } else { &mut archives }.push(dependency);
    }
    (folders, archives)
}

/// The path in the context in its shortest spelling; `None` if it leads out.
fn inside(path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A named context that is called like the dependency or like its folder.
fn named_context(name: &str, path: &str, request: &Request) -> Option<String> {
    let folder = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    request
        .contexts
        .iter()
        .find(|context| normalised(context) == normalised(name) || *context == folder)
        .cloned()
}

/// The stages that build the folders' wheels, and the steps that put these into the image.
pub(super) fn plan(inputs: &Inputs<'_>) -> SourcePlan {
    let mut planned = SourcePlan::default();
    for dependency in &inputs.folders {
        let files = dependency.files(inputs);
        let (stage, step) = Wheel {
            stage: StageName::Path(dependency.name.clone()),
            what: &dependency.name,
            files: &files,
            folder: &format!("/{}", dependency.path),
            place: &dependency.place,
            // Its `pyproject.toml` is not looked at before the build.
            inert: false,
            manifest: None,
        }
        .plan(inputs);
        planned.stages.push(stage);
        planned.into_image.push(step);
        let within = |name: &str| match dependency.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}/{name}"),
        };
        planned.expected.push(Expected {
            any_of: ["pyproject.toml", "setup.py"].map(within).into(),
            files,
            otherwise: dependency.missing(),
        });
    }
    planned
}

impl PathDependency {
    /// The part of the context that it is.
    pub(super) fn files(&self, inputs: &Inputs<'_>) -> ContextFiles {
        let include = if self.path.is_empty() {
            Vec::new()
        } else {
            vec![self.path.clone()]
        };
        ContextFiles {
            context: self.context.clone(),
            ..context_files(inputs, include)
        }
    }

    /// Where it is outside the project in `folder`, if it is a context of its own.
    pub(super) fn outside(&self, folder: &str) -> Option<String> {
        self.context.as_ref()?;
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        if self.locked.starts_with('/') {
            parts.clear();
        }
        for part in self.locked.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        Some(format!("/{}", parts.join("/")))
    }

    /// What the context must hold for an archive.
    pub(super) fn expected(&self, inputs: &Inputs<'_>) -> Expected {
        Expected {
            any_of: vec![self.path.clone()],
            files: self.files(inputs),
            otherwise: self.missing(),
        }
    }

    fn missing(&self) -> Diagnostic {
        Error::NoPathDependency {
            name: self.name.clone(),
            path: self.locked.clone(),
        }
        .at(&self.place)
    }
}
