//! Moves a project from a Dockerfile to a build file: what the Dockerfile, the compose file, the Procfile and the project say
//! becomes a [`Draft`], and what a build file cannot say becomes a [`Remark`].
//!
//! `walk` goes through the stages of one image and dispatches each instruction. `write` makes the text.

mod base;
mod commands;
mod compose;
mod copied_from;
mod copies;
mod copy_of;
mod directories;
mod draft;
mod environment;
mod files;
mod finish;
mod frameworks;
mod from;
mod hooks;
mod installation;
mod packages;
mod pip;
mod poetry;
mod procfile;
mod project;
mod repair;
mod report;
mod run;
mod shell;
mod source;
mod spelling;
mod stages;
mod state;
mod system_packages;
mod targets;
#[cfg(test)]
mod tests;
mod toml_text;
mod users;
mod walk;
mod write;
mod yaml;

pub use compose::Compose;
pub use draft::{
    Copy, Draft, Extras, Healthcheck, Hook, Image, Origin, Remark, Run, Taken, Target, User,
};
pub use files::Files;
pub use procfile::add as add_procfile;
pub use project::{add as add_project, add_packages, add_python_version};
pub use repair::repaired;
pub use report::report;
pub use write::{Comments, text};

use crate::dockerfile::Dockerfile;
use crate::project::Project;

/// Adds what a Dockerfile says: the image of `stage`, and the other images in the file as targets.
pub fn add_dockerfile(
    draft: &mut Draft,
    dockerfile: &Dockerfile,
    stage: usize,
    project: &Project,
    files: &dyn Files,
) {
    declare(draft, dockerfile);
    draft.main = walk::image(dockerfile, stage, project, files, draft);
    let further = stages::further(dockerfile, stage);
    let images = [&[stage], further.as_slice()].concat();
    for unused in stages::unused(dockerfile, &images) {
        let stage = &dockerfile.stages[unused];
        let name = stage.name.as_ref();
        let name = name.map_or_else(
            || "this stage".to_owned(),
            |name| format!("the stage `{name}`"),
        );
        draft.remark(
            &Origin::of(&stage.span),
            format!("{name} is part of no image"),
            "if it runs the tests, write a `[target.test]` with its commands in `run`, and their groups in `dependencies.groups`",
        );
    }
    for further in further {
        let image = walk::image(dockerfile, further, project, files, draft);
        let stage = &dockerfile.stages[further];
        let Some(name) = &stage.name else { continue };
        let origin = Origin::of(&stage.span);
        draft
            .targets
            .insert(targets::name(name), Target { image, origin });
    }
}

/// Adds the image of the last stage of a further Dockerfile as a target with the file's name.
pub fn add_image(draft: &mut Draft, dockerfile: &Dockerfile, project: &Project, files: &dyn Files) {
    declare(draft, dockerfile);
    let last = dockerfile.stages.len() - 1;
    let image = walk::image(dockerfile, last, project, files, draft);
    let file = dockerfile.document.name();
    let file = file.rsplit('/').next().unwrap_or_default();
    let parts = file.split('.');
    let name = parts.filter(|part| {
        !["dockerfile", "containerfile"].contains(&part.to_ascii_lowercase().as_str())
    });
    let name = name.collect::<Vec<_>>().join("-");
    let name = if name.is_empty() { "other" } else { &name };
    let origin = Origin::of(&dockerfile.stages[last].span);
    draft
        .targets
        .insert(targets::name(name), Target { image, origin });
}

fn declare(draft: &mut Draft, dockerfile: &Dockerfile) {
    for (name, default, span) in &dockerfile.arguments {
        environment::declare(draft, name, default.as_ref(), &Origin::of(span));
    }
}
