//! `[[copy]]`: files from elsewhere, as a Dockerfile's `COPY` puts them into the image.

use crate::build_file::{CopiedFiles, CopySource, Owner};
use crate::diagnostics::{Diagnostic, Problem};

use super::source::context_files;
use super::{
    Action, Base, ContextFiles, Copy, Error, Expected, Inputs, Layout, Origin, Run, Stage,
    StageName, Step, download_name,
};

/// What is downloaded can be read by everybody, as in the image at all; an engine lets nobody but root.
const DOWNLOADED: u32 = 0o644;
/// Where files are while their modes are set.
const COPIED: &str = "/copied";
/// Where they are afterwards.
const RESULT: &str = "/out";

/// An engine's copy gives folders the mode of the files, but nobody can look into a folder that cannot be run.
const SET_MODES: &str = "\
cp -a /copied/. /out
find /out -type d -exec chmod \"$2\" {} +
find /out -type f -exec chmod \"$1\" {} +";

/// How the copies get into the image.
#[derive(Default)]
pub(super) struct Copies {
    /// The stages that they need.
    pub(super) stages: Vec<Stage>,
    /// The steps of the image.
    pub(super) steps: Vec<Step>,
    /// What the contexts must hold.
    pub(super) expected: Vec<Expected>,
}

/// Plans the copies; `own` are the stages that the plan has already.
pub(super) fn plan(inputs: &Inputs<'_>, own: &[Stage], found: &mut Vec<Diagnostic>) -> Copies {
    let mut planned = Copies::default();
    for (number, files) in inputs.file.copies.iter().enumerate() {
        let Some(mut copy) = planned.copy(inputs, files, own, found) else {
            continue;
        };
        let title = title(files);
        if let Some(mode) = copy.mode.filter(|mode| folders(*mode) != *mode)
            && !matches!(copy.from, Origin::Download { .. })
        {
            // Of one thing the name, which a folder in the image may take it in by.
            let name = match copy.src.rsplit('/').next() {
                _ if copy.wildcard => "",
                None | Some("") => "all",
                Some(name) => name,
            };
            let name = format!("/{name}");
            let stage = with_modes(&copy, &name, mode, number, files, &title);
            copy = Copy {
                owner: copy.owner,
                ..Copy::tree(Origin::Stage(stage.name.clone()), &name, &copy.dest)
            };
            planned.stages.push(stage);
        }
        planned.steps.push(Step {
            title,
            place: files.place.clone(),
            action: Action::Copy(copy),
        });
    }
    planned
}

impl Copies {
    fn copy(
        &mut self,
        inputs: &Inputs<'_>,
        files: &CopiedFiles,
        own: &[Stage],
        found: &mut Vec<Diagnostic>,
    ) -> Option<Copy> {
        let (from, src) = match &files.from {
            CopySource::Context | CopySource::NamedContext(_) => {
                let context = context(inputs, files, found)?;
                self.expected.extend(expected(files, &context));
                (Origin::Context(context), files.src.value.as_str())
            }
            CopySource::Image(image) => (
                Origin::Image(image.value.clone(), image.place.clone()),
                files.src.value.as_str(),
            ),
            CopySource::Target(name) => {
                let target = Layout::of_target(inputs, name, found)?;
                let (stages, expected, result) = target.beside(&name.value, own, &self.stages);
                self.stages.extend(stages);
                self.expected.extend(expected);
                (Origin::Stage(result), files.src.value.as_str())
            }
            CopySource::Download { url, checksum } => (
                Origin::Download {
                    url: url.clone(),
                    checksum: checksum.clone(),
                },
                download_name(url),
            ),
        };
        let download = matches!(from, Origin::Download { .. });
        let wildcard = !download && src.contains(['*', '?']);
        // Several files cannot have one path.
        let folder = wildcard && !files.dest.ends_with('/');
        let user = &inputs.file.runtime.user;
        Some(Copy {
            from,
            src: format!("/{}", if src == "." { "" } else { src }),
            wildcard,
            follow: true,
            dest: format!("{}{}", files.dest, if folder { "/" } else { "" }),
            mode: files.mode.or(download.then_some(DOWNLOADED)),
            owner: match files.owner {
                Owner::Root => (0, 0),
                Owner::User => (user.uid, user.gid),
                Owner::Ids(uid, gid) => (uid, gid),
            },
            exclude: files.exclude.clone(),
        })
    }
}

/// The mode of folders of files that have this one: who can read one can look into it.
fn folders(mode: u32) -> u32 {
    (mode | (mode & 0o444) >> 2) & 0o777
}

/// The stage with the files in their modes at `path`.
fn with_modes(
    copy: &Copy,
    path: &str,
    mode: u32,
    number: usize,
    files: &CopiedFiles,
    title: &str,
) -> Stage {
    let step = |title: &str, action| Step {
        title: title.to_owned(),
        place: files.place.clone(),
        action,
    };
    let mut run = Run::script(
        SET_MODES,
        [mode, folders(mode)].map(|mode| format!("{mode:04o}")),
    );
    run = run.into(RESULT).offline();
    let first = Copy {
        dest: format!("{COPIED}{path}"),
        mode: None,
        owner: (0, 0),
        ..copy.clone()
    };
    Stage {
        name: StageName::Copied(number),
        from: Base::Stage(StageName::Base),
        place: files.place.clone(),
        steps: vec![
            step(title, Action::Copy(first)),
            step(&format!("set the mode {mode:04o}"), Action::Run(run)),
        ],
    }
}

/// The part of a context that is copied, if there is such a context.
fn context(
    inputs: &Inputs<'_>,
    files: &CopiedFiles,
    found: &mut Vec<Diagnostic>,
) -> Option<ContextFiles> {
    let src = &files.src.value;
    let include: Vec<String> = [src]
        .into_iter()
        .filter(|src| *src != ".")
        .cloned()
        .collect();
    let mut context = match &files.from {
        CopySource::NamedContext(name) => {
            if !inputs.request.contexts.contains(&name.value) {
                found.push(Error::UnknownContext(name.value.clone()).at(&name.place));
                return None;
            }
            // What belongs into it is for those who made it.
            ContextFiles {
                context: Some(name.value.clone()),
                include,
                ..ContextFiles::default()
            }
        }
        _ => context_files(inputs, include),
    };
    let within = files.exclude.iter().map(|pattern| match src.as_str() {
        "." => pattern.clone(),
        src => format!("{src}/{pattern}"),
    });
    context.exclude.extend(within);
    context.follow = true;
    Some(context)
}

/// What the context must hold.
fn expected(files: &CopiedFiles, context: &ContextFiles) -> Option<Expected> {
    let src = &files.src.value;
    let error = Error::NothingToCopy {
        path: src.clone(),
        context: context.context.clone(),
    };
    (src != ".").then(|| Expected {
        any_of: vec![src.clone()],
        files: context.clone(),
        otherwise: error.at(&files.src.place),
    })
}

fn title(files: &CopiedFiles) -> String {
    let (src, dest) = (&files.src.value, &files.dest);
    match &files.from {
        CopySource::Context => format!("copy {src} to {dest}"),
        CopySource::NamedContext(name) | CopySource::Target(name) => {
            format!("copy {src} of {} to {dest}", name.value)
        }
        CopySource::Image(image) => {
            format!("copy {src} of {} to {dest}", image.value.familiar())
        }
        CopySource::Download { url, .. } => format!("copy {url} to {dest}"),
    }
}
