//! The first phase of writing a Dockerfile: names all stages, including the additional ones that a Dockerfile needs, and
//! resolves every reference to a stage to the name of one defined before it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::super::error::Error;
use super::shell::CHANGED;
use crate::diagnostics::Span;
use crate::plan::{
    Action, Base, CacheSharing, Copy, CopyFrom, Mount, NewFile, Plan, Run, Stage, StageName, Step,
};

/// The user of a command that does not set one.
pub(super) const ROOT: &str = "0:0";

/// The name of a stage in the Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name(String);

impl Name {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) struct NamedPlan<'a> {
    pub(super) stages: Vec<NamedStage<'a>>,
    pub(super) image: Name,
}

pub(super) struct NamedStage<'a> {
    pub(super) name: Name,
    pub(super) from: NamedBase,
    /// The user that it starts with.
    pub(super) user: String,
    pub(super) steps: Vec<NamedStep<'a>>,
    /// Whether it only runs a command in the image, which may have no shell.
    pub(super) in_image: bool,
    /// For a verification, the Dockerfile's stages that must succeed; otherwise empty.
    pub(super) must_succeed: Vec<Name>,
}

pub(super) enum NamedBase {
    Image(String),
    Stage(Name),
}

pub(super) struct NamedStep<'a> {
    pub(super) title: &'a str,
    pub(super) span: &'a Span,
    pub(super) action: NamedAction<'a>,
}

pub(super) enum NamedAction<'a> {
    Run(NamedRun<'a>),
    Copies(Vec<NamedCopy<'a>>),
    Write(&'a [NewFile]),
}

pub(super) struct NamedRun<'a> {
    pub(super) run: &'a Run,
    pub(super) mounts: Vec<NamedMount<'a>>,
    pub(super) outside: Option<OutsideStage>,
    pub(super) result: Option<ResultStage<'a>>,
}

/// The stage in which a command runs that works on the files of another stage.
pub(super) struct OutsideStage {
    pub(super) name: Name,
    pub(super) from: Name,
    pub(super) user: String,
    /// The stage whose files the command works on.
    pub(super) works_on: Name,
}

/// The stage that continues with the output of a command, if it cannot be the stage in which the command runs.
pub(super) struct ResultStage<'a> {
    pub(super) name: Name,
    /// `None` is `scratch`.
    pub(super) from: Option<Name>,
    /// The stage that has the output, and where.
    pub(super) source: Name,
    pub(super) directory: &'a str,
}

pub(super) enum NamedMount<'a> {
    Stage {
        from: Name,
        path: &'a str,
        target: &'a str,
    },
    /// A file that is the only content of the stage `from`.
    File {
        from: Name,
        /// Whether this is the first mount of the file, so that the stage has to be written.
        first: bool,
        target: &'a str,
        content: &'a str,
        executable: bool,
    },
    Secret {
        id: &'a str,
        target: &'a str,
        required: bool,
        /// As in an option: `0444`.
        mode: Option<String>,
    },
    Cache {
        id: &'a str,
        target: &'a str,
        sharing: CacheSharing,
        span: Option<&'a Span>,
    },
    Agent {
        id: &'a str,
    },
}

pub(super) struct NamedCopy<'a> {
    pub(super) copy: &'a Copy,
    pub(super) from: Option<Name>,
}

/// Names the stages of a plan.
///
/// # Errors
/// A stage is used before it is defined, or a verification continues after a step that changed its files from outside.
pub(super) fn name(plan: &Plan) -> Result<NamedPlan<'_>, Error> {
    let images = plan.images().map(|(image, _)| image.familiar());
    let contexts = plan.contexts().into_iter().map(str::to_ascii_lowercase);
    let reserved = ["context", "scratch"].map(str::to_owned);
    let mut names = Names {
        taken: images.chain(contexts).chain(reserved).collect(),
        ..Names::default()
    };
    let stages = plan.stages.iter();
    let stages = stages.map(|stage| names.stage(stage, plan.verifications.contains(&stage.name)));
    Ok(NamedPlan {
        stages: stages.collect::<Result<_, _>>()?,
        image: names.earlier(&plan.result)?.0,
    })
}

/// A name that a stage of a Dockerfile can have (`validStageName` in BuildKit's `frontend/dockerfile/instructions`).
fn stage_name(name: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    let name = name
        .replace(|char| !is_plain(char), "-")
        .to_ascii_lowercase();
    if name.starts_with(|first: char| first.is_ascii_lowercase()) {
        name
    } else {
        format!("stage-{name}")
    }
}

#[derive(Default)]
struct Names {
    /// For each stage so far, the name of its last stage in the Dockerfile, and the user that it ends with.
    known: BTreeMap<StageName, (Name, String)>,
    /// Names that no further stage may have. An image or a named context would replace a stage of the same name.
    taken: BTreeSet<String>,
    /// The number of additional stages.
    additional: usize,
    /// The stages that hold a mounted file, by its content and mode.
    files: BTreeMap<(String, bool), Name>,
}

impl Names {
    fn stage<'a>(&mut self, stage: &'a Stage, verification: bool) -> Result<NamedStage<'a>, Error> {
        let name = self.unique(stage_name(&stage.name.to_string()));
        let (from, user) = match &stage.from {
            Base::Image(reference) => (NamedBase::Image(reference.familiar()), ROOT.to_owned()),
            Base::ImageOn(reference, platform) => {
                let image = format!("--platform={platform} {}", reference.familiar());
                (NamedBase::Image(image), ROOT.to_owned())
            }
            Base::Stage(earlier) => {
                let (name, user) = self.earlier(earlier)?;
                (NamedBase::Stage(name), user)
            }
        };
        let (mut last, mut last_user) = (name.clone(), user.clone());
        let mut outside = Vec::new();
        let mut steps = Vec::new();
        for step in &stage.steps {
            let action = self.action(step, &last, verification)?;
            let mut runs_outside = false;
            if let NamedAction::Run(named) = &action {
                if let Some(stage) = &named.outside {
                    outside.push(stage.name.clone());
                    runs_outside = true;
                } else {
                    let user = named.run.user.as_deref();
                    let user = user.filter(|_| named.result.is_none());
                    user.unwrap_or(ROOT).clone_into(&mut last_user);
                }
                if let Some(result) = &named.result {
                    last = result.name.clone();
                }
            }
            if verification && !outside.is_empty() && !runs_outside {
                return Err(Error::NoDockerfile(step.title.clone()));
            }
            steps.push(NamedStep {
                title: &step.title,
                span: &step.span,
                action,
            });
        }
        let must_succeed = match (verification, outside.is_empty()) {
            (false, _) => Vec::new(),
            (true, true) => vec![last.clone()],
            (true, false) => outside,
        };
        self.known.insert(stage.name.clone(), (last, last_user));
        Ok(NamedStage {
            name,
            from,
            user,
            steps,
            in_image: matches!(
                stage.name,
                StageName::Verification(_) | StageName::Run { .. }
            ),
            must_succeed,
        })
    }

    fn action<'a>(
        &mut self,
        step: &'a Step,
        last: &Name,
        verification: bool,
    ) -> Result<NamedAction<'a>, Error> {
        Ok(match &step.action {
            Action::Run(run) => NamedAction::Run(self.run(run, last, verification)?),
            Action::Copy(_) | Action::CopyAll(_) => {
                let copies = step.action.copies().iter().map(|copy| {
                    let from = match &copy.from {
                        CopyFrom::Stage(stage) => Some(self.earlier(stage)?.0),
                        _ => None,
                    };
                    Ok(NamedCopy { copy, from })
                });
                NamedAction::Copies(copies.collect::<Result<_, Error>>()?)
            }
            Action::Write(files) => NamedAction::Write(files),
        })
    }

    fn run<'a>(
        &mut self,
        run: &'a Run,
        last: &Name,
        verification: bool,
    ) -> Result<NamedRun<'a>, Error> {
        let mounts = run.mounts.iter().map(|mount| {
            Ok(match mount {
                // A command that reads some files does the same with all.
                Mount::Stage { from, path, target }
                | Mount::Matching {
                    from, path, target, ..
                } => NamedMount::Stage {
                    from: self.earlier(from)?.0,
                    path,
                    target,
                },
                Mount::File {
                    target,
                    content,
                    executable,
                } => {
                    let (from, first) = self.file(content, *executable);
                    NamedMount::File {
                        from,
                        first,
                        target,
                        content,
                        executable: *executable,
                    }
                }
                // The steps of a plan for a Dockerfile download wheels themselves.
                Mount::Download { name, .. } => return Err(Error::NoDockerfile(name.clone())),
                Mount::Secret {
                    id,
                    target,
                    required_at,
                    mode,
                } => NamedMount::Secret {
                    id,
                    target,
                    required: required_at.is_some(),
                    mode: mode.map(|mode| format!("{mode:04o}")),
                },
                Mount::Cache {
                    id,
                    target,
                    sharing,
                    span,
                } => NamedMount::Cache {
                    id,
                    target,
                    sharing: *sharing,
                    span: span.as_ref(),
                },
                Mount::Agent { id, .. } => NamedMount::Agent { id },
            })
        });
        let mounts = mounts.collect::<Result<_, Error>>()?;
        let outside = run.from_outside.as_ref().map(|stage| {
            let (from, user) = self.earlier(stage)?;
            Ok::<_, Error>(OutsideStage {
                name: self.additional("outside"),
                from,
                user,
                works_on: last.clone(),
            })
        });
        let outside = outside.transpose()?;
        let result = match &outside {
            Some(_) if verification => None,
            Some(outside) => Some(ResultStage {
                name: self.additional("changed"),
                from: Some(last.clone()),
                source: outside.name.clone(),
                directory: CHANGED,
            }),
            None => run.output.as_ref().map(|output| ResultStage {
                name: self.unique(format!("{last}-result")),
                from: None,
                source: last.clone(),
                directory: output,
            }),
        };
        Ok(NamedRun {
            run,
            mounts,
            outside,
            result,
        })
    }

    fn earlier(&self, stage: &StageName) -> Result<(Name, String), Error> {
        let known = self.known.get(stage).cloned();
        known.ok_or_else(|| Error::NoStage(stage.clone()))
    }

    /// The stage that holds a file, and whether it is new.
    fn file(&mut self, content: &str, executable: bool) -> (Name, bool) {
        let key = (content.to_owned(), executable);
        if let Some(known) = self.files.get(&key) {
            return (known.clone(), false);
        }
        let name = self.additional("files");
        self.files.insert(key, name.clone());
        (name, true)
    }

    fn additional(&mut self, kind: &str) -> Name {
        self.additional += 1;
        self.unique(format!("{kind}-{}", self.additional))
    }

    fn unique(&mut self, mut name: String) -> Name {
        while !self.taken.insert(name.clone()) {
            name.push_str("-stage");
        }
        Name(name)
    }
}
