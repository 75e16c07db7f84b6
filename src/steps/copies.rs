//! `[[copy]]`: copies files into the image, with the semantics of a Dockerfile's `COPY`.

use crate::build_file::{CopiedFiles, CopySource, Located};
use crate::diagnostics::{Diagnostic, Problem};
use crate::paths::{has_wildcard, literal};
use crate::plan::{
    Action, Base, ContextFiles, Copy, CopyFrom, Expected, Run, Stage, StageName, Step,
    download_name,
};
use crate::resolve::environment::beside_environment;
use crate::resolve::{Error, Resolved, context_files};
use crate::scripts;

/// The mode of downloads: readable by everyone. The engine would make them readable by root only.
const DOWNLOAD_MODE: u32 = 0o644;
/// The directory of the copied files before their modes are set.
const COPIED: &str = "/copied";
/// The directory of the files with their modes.
const RESULT: &str = "/out";

/// All copies of an image.
#[derive(Default)]
pub(crate) struct Copies {
    /// The stages to copy from.
    pub(crate) stages: Vec<Stage>,
    /// The image's steps.
    pub(crate) steps: Vec<Step>,
    /// The files that the contexts must contain.
    pub(crate) expected: Vec<Expected>,
}

/// Another target to copy from.
pub(crate) struct CopiedTarget {
    /// The additional stages that it needs.
    pub(crate) stages: Vec<Stage>,
    /// The files that the contexts must contain.
    pub(crate) expected: Vec<Expected>,
    /// The stage to copy from.
    pub(crate) result: StageName,
}

/// Plans the target with this name. The second argument is the stages that earlier copies have added.
pub(crate) type PlanTarget<'a> =
    dyn FnMut(&Located<String>, &[Stage], &mut Vec<Diagnostic>) -> Option<CopiedTarget> + 'a;

pub(crate) fn plan(
    resolved: &Resolved<'_>,
    target: &mut PlanTarget<'_>,
    errors: &mut Vec<Diagnostic>,
) -> Copies {
    let mut planned = Copies::default();
    for (number, files) in resolved.file.copies.iter().enumerate() {
        let Some(mut copy) = planned.copy(resolved, files, target, errors) else {
            continue;
        };
        let title = title(files);
        if let Some(mode) = copy.mode.filter(|mode| directory_mode(*mode) != *mode)
            && !matches!(copy.from, CopyFrom::Download { .. })
        {
            // Keep the base name, so that an existing directory at the destination receives it.
            let name = match copy.src.rsplit('/').next() {
                _ if copy.wildcard => "",
                None | Some("") => "all",
                Some(name) => name,
            };
            let name = format!("/{name}");
            let stage = with_modes(resolved, &copy, &name, mode, number, files, &title);
            copy = Copy {
                owner: copy.owner,
                placement: copy.placement,
                ..Copy::directory(CopyFrom::Stage(stage.name.clone()), &name, &copy.dest)
            };
            planned.stages.push(stage);
        }
        planned.steps.push(Step {
            title,
            span: files.span.clone(),
            action: Action::Copy(copy),
        });
    }
    planned
}

impl Copies {
    fn copy(
        &mut self,
        resolved: &Resolved<'_>,
        files: &CopiedFiles,
        target: &mut PlanTarget<'_>,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Copy> {
        let (from, src) = match &files.from {
            CopySource::Context | CopySource::NamedContext(_) => {
                let context = context(resolved, files, errors)?;
                self.expected.extend(expected(files, &context));
                (CopyFrom::Context(context), files.src.value.as_str())
            }
            CopySource::Image(image) => (
                CopyFrom::Image(image.value.clone(), image.span.clone()),
                files.src.value.as_str(),
            ),
            CopySource::Target(name) => {
                let target = target(name, &self.stages, errors)?;
                self.stages.extend(target.stages);
                self.expected.extend(target.expected);
                (CopyFrom::Stage(target.result), files.src.value.as_str())
            }
            CopySource::Download { url, checksum } => (
                CopyFrom::Download {
                    url: url.clone(),
                    checksum: checksum.clone(),
                },
                download_name(url),
            ),
        };
        let download = matches!(from, CopyFrom::Download { .. });
        let wildcard = !download && has_wildcard(src);
        // A pattern may match several files, so its destination is a directory.
        let into_directory = wildcard && !files.dest.ends_with('/');
        Some(Copy {
            from,
            src: format!("/{}", if src == "." { "" } else { src }),
            wildcard,
            follow: true,
            dest: format!("{}{}", files.dest, if into_directory { "/" } else { "" }),
            mode: files.mode.or(download.then_some(DOWNLOAD_MODE)),
            owner: files.owner.ids(&resolved.file.runtime.user),
            exclude: files.exclude.clone(),
            placement: beside_environment(&files.dest),
            awaits: Vec::new(),
            packages: Vec::new(),
        })
    }
}

/// The mode of directories if their files have `mode`: execute permission is added wherever there is read permission.
fn directory_mode(mode: u32) -> u32 {
    (mode | (mode & 0o444) >> 2) & 0o777
}

/// The stage that sets the modes of the files, at `path`.
fn with_modes(
    resolved: &Resolved<'_>,
    copy: &Copy,
    path: &str,
    mode: u32,
    number: usize,
    files: &CopiedFiles,
    title: &str,
) -> Stage {
    let step = |title: &str, action| Step {
        title: title.to_owned(),
        span: files.span.clone(),
        action,
    };
    let mut run = Run::script(
        scripts::SET_MODES,
        [mode, directory_mode(mode)].map(|mode| format!("{mode:04o}")),
    );
    run = run.into_directory(RESULT).offline();
    let first = Copy {
        dest: format!("{COPIED}{path}"),
        mode: None,
        owner: (0, 0),
        ..copy.clone()
    };
    Stage {
        name: StageName::Copied(number),
        from: Base::Stage(resolved.portable_base()),
        span: files.span.clone(),
        steps: vec![
            step(title, Action::Copy(first)),
            step(&format!("set mode {mode:04o}"), Action::Run(run)),
        ],
    }
}

/// The files to copy from a context; `None`, with an error, if the context does not exist.
fn context(
    resolved: &Resolved<'_>,
    files: &CopiedFiles,
    errors: &mut Vec<Diagnostic>,
) -> Option<ContextFiles> {
    let src = pattern(&files.src.value);
    let include: Vec<String> = Some(src.clone())
        .filter(|src| src != ".")
        .into_iter()
        .collect();
    let mut context = match &files.from {
        CopySource::NamedContext(name) => {
            if !resolved.request.contexts.contains(&name.value) {
                errors.push(Error::UnknownContext(name.value.clone()).at(&name.span));
                return None;
            }
            // A named context is not filtered by this project's ignore file.
            ContextFiles {
                context: Some(name.value.clone()),
                include,
                ..ContextFiles::default()
            }
        }
        _ => context_files(resolved, include),
    };
    let within = files.exclude.iter().map(|pattern| match src.as_str() {
        "." => pattern.value.clone(),
        src => format!("{src}/{}", pattern.value),
    });
    context.exclude.extend(within);
    context.follow = true;
    Some(context)
}

/// The pattern that selects the files which the client sends.
pub(super) fn pattern(src: &str) -> String {
    if has_wildcard(src) {
        src.to_owned()
    } else {
        literal(src)
    }
}

/// The files that the context must contain.
fn expected(files: &CopiedFiles, context: &ContextFiles) -> Option<Expected> {
    let src = &files.src.value;
    let error = Error::NothingToCopy {
        path: src.clone(),
        context: context.context.clone(),
    };
    (src != ".").then(|| Expected {
        any_of: vec![pattern(src)],
        files: context.clone(),
        error: error.at(&files.src.span),
    })
}

fn title(files: &CopiedFiles) -> String {
    let (src, dest) = (&files.src.value, &files.dest);
    match &files.from {
        CopySource::Context => format!("copy {src} to {dest}"),
        CopySource::NamedContext(name) | CopySource::Target(name) => {
            format!("copy {src} from {} to {dest}", name.value)
        }
        CopySource::Image(image) => {
            format!("copy {src} from {} to {dest}", image.value.familiar())
        }
        CopySource::Download { url, .. } => format!("copy {url} to {dest}"),
    }
}
