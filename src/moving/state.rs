//! What is collected while the stages of an image are gone through.

use std::collections::BTreeSet;

use super::draft::{Draft, Image, Origin, Taken};
use super::files::Files;
use super::poetry::Selected;
use super::stages::Roles;
use super::users::Users;
use crate::dockerfile::{Dockerfile, Expanded, Scope};
use crate::project::Project;

/// What the translation of a Dockerfile needs throughout.
pub(super) struct Walk<'a> {
    pub(super) dockerfile: &'a Dockerfile,
    pub(super) project: &'a Project,
    pub(super) files: &'a dyn Files,
    pub(super) draft: &'a mut Draft,
    pub(super) roles: Roles,
    pub(super) image: Image,
    /// The options of each installation of dependencies.
    pub(super) selected: Vec<Taken<Selected>>,
    /// What installs the project itself.
    pub(super) installs_project: Option<Origin>,
    /// Files of the context that are copied as files of the project: the paths in the context and in the image.
    pub(super) project_files: Vec<Taken<(String, String)>>,
    /// The directories of virtual environments.
    pub(super) venvs: BTreeSet<String>,
    /// The working directory at the end.
    pub(super) workdir: Expanded,
    /// Files that are made executable, by their paths in the image.
    pub(super) executables: BTreeSet<String>,
    /// Whether the image has the project's directory as the builder left it.
    pub(super) takes_builder: bool,
    /// The user at the end; `None` for root.
    pub(super) user: Option<Taken<Expanded>>,
}

/// The state at the end of a stage, which stages on top of it start with.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) scope: Scope,
    pub(super) workdir: Expanded,
    pub(super) users: Users,
    /// Whether the current user is root.
    pub(super) is_root: bool,
    pub(super) is_installed: bool,
    pub(super) has_source: bool,
    /// The position of the stage.
    pub(super) stage: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            scope: Scope::default(),
            workdir: Expanded::plain("/"),
            users: Users::default(),
            is_root: true,
            is_installed: false,
            has_source: false,
            stage: 0,
        }
    }
}

impl Walk<'_> {
    /// Whether the stage is part of the image, and not only of the builder.
    pub(super) fn is_image(&self, stage: usize) -> bool {
        self.roles.image.contains(&stage)
    }
}

/// A path, below a directory if it is relative.
pub(super) fn joined(directory: &Expanded, path: &Expanded) -> Expanded {
    let join = |directory: &str, path: &str| {
        if path.starts_with('/') || path.starts_with("${") && directory == "/" {
            crate::paths::clean(path)
        } else {
            crate::paths::clean(&format!("{}/{path}", directory.trim_end_matches('/')))
        }
    };
    let is_absolute = path.value.starts_with('/');
    let template = if is_absolute {
        path.template.clone()
    } else {
        join(&directory.template, &path.template)
    };
    let mut arguments = path.arguments.clone();
    arguments.extend(directory.arguments.iter().cloned());
    Expanded {
        value: join(&directory.value, &path.value),
        template: if path.arguments.is_empty() && is_absolute {
            crate::paths::clean(&template)
        } else {
            template
        },
        arguments,
    }
}

/// Whether a directory can belong to the user, as `writable` and `volumes` have it.
pub(super) fn is_own_directory(path: &str) -> bool {
    const SYSTEM: [&str; 15] = [
        "", "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "root", "sbin",
        "sys", "usr", "home",
    ];
    let top = path.trim_start_matches('/');
    let first = top.split('/').next().unwrap_or_default();
    path.starts_with('/')
        && !SYSTEM.contains(&top)
        && !["proc", "sys", "dev", "etc", "usr", "root"].contains(&first)
}
