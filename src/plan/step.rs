//! Steps and their inputs.

use crate::diagnostics::Span;
use crate::image::ImageReference;

use super::command::Run;
use super::copy::{ContextFiles, Copy, CopyFrom};
use super::mount::Mount;
use super::placement::Placement;
use super::stage_name::StageName;

/// One action of a stage: an instruction of a Dockerfile. Progress output shows it as `[STAGE N/M] TITLE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub title: String,
    /// The part of the user's files that it comes from.
    pub span: Span,
    pub action: Action,
}

/// What a step does: `RUN` or `COPY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Run(Run),
    Copy(Copy),
    /// Several copies in one layer.
    CopyAll(Vec<Copy>),
    /// Writes files whose content is part of the plan: a `COPY` of here-documents.
    Write(Vec<NewFile>),
}

/// A file that a step writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Absolute.
    pub path: String,
    pub content: String,
}

/// Something that a step reads in addition to the file system it starts from. Code that needs the dependencies of a step uses
/// [`Step::inputs`] instead of matching mounts and copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// Another stage.
    Stage(&'a StageName),
    /// An image, and the span that selects it.
    Image(&'a ImageReference, &'a Span),
    /// Files of a context.
    Context(&'a ContextFiles),
    /// A file at a URL.
    Download(&'a str),
    /// A file whose content is part of the plan, by path.
    Content(&'a str),
    /// A secret by its id, and the line that needs it; `None` if it is optional.
    Secret(&'a str, Option<&'a Span>),
    /// An SSH agent by its id, and the line that needs it.
    Agent(&'a str, &'a Span),
    /// A cache mount, by its id.
    Cache(&'a str),
}

impl<'a> Input<'a> {
    #[must_use]
    pub fn stage(self) -> Option<&'a StageName> {
        match self {
            Self::Stage(name) => Some(name),
            _ => None,
        }
    }
}

impl Step {
    /// Everything that the step reads, in a fixed order.
    pub fn inputs(&self) -> impl Iterator<Item = Input<'_>> {
        let inputs: Vec<Input<'_>> = match &self.action {
            Action::Run(run) => run.inputs(),
            Action::Copy(_) | Action::CopyAll(_) => {
                self.action.copies().iter().map(Copy::input).collect()
            }
            Action::Write(files) => files
                .iter()
                .map(|file| Input::Content(&file.path))
                .collect(),
        };
        inputs.into_iter()
    }

    /// Renames the stages that it reads.
    pub(crate) fn rename_stages(&mut self, rename: &impl Fn(&StageName) -> StageName) {
        let stages: Vec<&mut StageName> = match &mut self.action {
            Action::Run(run) => {
                let mounted = run.mounts.iter_mut().filter_map(Mount::stage_mut);
                run.from_outside.iter_mut().chain(mounted).collect()
            }
            Action::Copy(copy) => copy.stages_mut().collect(),
            Action::CopyAll(copies) => copies.iter_mut().flat_map(Copy::stages_mut).collect(),
            Action::Write(_) => Vec::new(),
        };
        for stage in stages {
            *stage = rename(stage);
        }
    }
}

impl Action {
    #[must_use]
    pub fn placement(&self) -> Placement {
        match self {
            Self::Run(run) => run.placement,
            Self::Copy(copy) => copy.placement,
            Self::CopyAll(copies) => {
                let mut all = copies.iter().map(|copy| copy.placement);
                let first = all.next().unwrap_or_default();
                if all.all(|one| one == first) {
                    first
                } else {
                    Placement::OnTop
                }
            }
            Self::Write(_) => Placement::OnTop,
        }
    }

    #[must_use]
    pub fn copies(&self) -> &[Copy] {
        match self {
            Self::Copy(copy) => std::slice::from_ref(copy),
            Self::CopyAll(copies) => copies,
            Self::Run(_) | Self::Write(_) => &[],
        }
    }

    pub(crate) fn copies_mut(&mut self) -> &mut [Copy] {
        match self {
            Self::Copy(copy) => std::slice::from_mut(copy),
            Self::CopyAll(copies) => copies,
            Self::Run(_) | Self::Write(_) => &mut [],
        }
    }
}

impl Run {
    fn inputs(&self) -> Vec<Input<'_>> {
        let outside = self.from_outside.iter().map(Input::Stage);
        let variables = self.secrets.iter();
        let variables =
            variables.map(|secret| Input::Secret(&secret.id, secret.required_at.as_ref()));
        let headers = self.mounts.iter().filter_map(|mount| {
            let authorization = mount.authorization()?;
            let required_at = &authorization.required_at;
            Some(Input::Secret(&authorization.secret, Some(required_at)))
        });
        outside
            .chain(self.mounts.iter().map(Mount::input))
            .chain(variables)
            .chain(headers)
            .collect()
    }
}

impl Mount {
    fn input(&self) -> Input<'_> {
        match self {
            Self::Stage { from, .. } | Self::Matching { from, .. } => Input::Stage(from),
            Self::File { target, .. } => Input::Content(target),
            Self::Download { url, .. } => Input::Download(url),
            Self::Secret {
                id, required_at, ..
            } => Input::Secret(id, required_at.as_ref()),
            Self::Cache { id, .. } => Input::Cache(id),
            Self::Agent { id, required_at } => Input::Agent(id, required_at),
        }
    }

    fn stage_mut(&mut self) -> Option<&mut StageName> {
        match self {
            Self::Stage { from, .. } | Self::Matching { from, .. } => Some(from),
            _ => None,
        }
    }
}

impl Copy {
    fn input(&self) -> Input<'_> {
        match &self.from {
            CopyFrom::Stage(name) => Input::Stage(name),
            CopyFrom::Context(files) => Input::Context(files),
            CopyFrom::Image(reference, span) => Input::Image(reference, span),
            CopyFrom::Download { url, .. } => Input::Download(url),
        }
    }

    fn stages_mut(&mut self) -> impl Iterator<Item = &mut StageName> {
        self.from.stage_mut().into_iter().chain(&mut self.awaits)
    }
}

impl CopyFrom {
    fn stage_mut(&mut self) -> Option<&mut StageName> {
        match self {
            Self::Stage(name) => Some(name),
            _ => None,
        }
    }
}
