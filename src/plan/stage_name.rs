//! The names of stages.

use std::fmt;

/// The name of a stage, as in `FROM .. AS NAME`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageName {
    /// The base image of the builder.
    Base,
    /// The same image for the engine's own platform, if that is another one than the image's.
    BuildBase,
    /// Additional apt repositories.
    AptSources,
    /// Poetry in its own virtual environment.
    Poetry,
    /// uv, which installs locked wheels.
    Uv,
    /// poetry-core and the library that installs the wheel it builds.
    WheelTools,
    /// The base with build-time system packages.
    Builder,
    /// The builder with what only outputs of hooks are copied from.
    BuilderHooks,
    /// The empty virtual environment.
    Environment,
    /// Wheels that share a layer of the image.
    Layer {
        /// From 1.
        number: usize,
        /// The number of these layers.
        of: usize,
    },
    /// The addresses of the wheels that this stage installs.
    Addresses(Box<StageName>),
    /// The dependencies that Poetry installs.
    PoetryDeps,
    /// The virtual environment with the dependencies.
    Deps,
    /// The wheel of the path dependency with this name.
    Path(String),
    /// The dependencies and the project's files, which hooks change.
    SourceHooks,
    /// Nothing but the project's files as hooks changed them.
    ChangedSource,
    /// The project's own wheel.
    Source,
    /// The dependencies and the project's files, for hooks.
    Project,
    /// The runtime image.
    Runtime,
    /// Files of the build context for a `[[hook]]`, by its number.
    HookInputs(usize),
    /// Files that are prepared for a `[[copy]]`, by its number.
    Copied(usize),
    /// The image of a `[target.NAME]`, or of the built-in target `dev`.
    Target(String),
    /// A stage that must succeed, although the image contains nothing of it.
    Verification(String),
    /// A command of a target's `run`, which must succeed like any verification.
    Run {
        /// From 1.
        number: usize,
        /// The number of these commands.
        of: usize,
    },
    /// A stage of another target, which has this name.
    Of(String, Box<StageName>),
}

impl StageName {
    /// The name as users write it, without the target for a stage of another target.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Base => "base",
            Self::BuildBase => "build-base",
            Self::AptSources => "apt-sources",
            Self::Poetry => "poetry",
            Self::Uv => "uv",
            Self::WheelTools => "wheel-tools",
            Self::Builder | Self::BuilderHooks => "builder",
            Self::Deps | Self::Environment | Self::Layer { .. } | Self::PoetryDeps => "deps",
            Self::Addresses(_) => "addresses",
            Self::Path(name) | Self::Target(name) | Self::Verification(name) => name,
            Self::Run { .. } => "run",
            Self::Source | Self::SourceHooks | Self::ChangedSource => "source",
            Self::Project => "project",
            Self::HookInputs(_) => "inputs",
            Self::Copied(_) => "copy",
            Self::Runtime => "runtime",
            Self::Of(_, stage) => stage.as_str(),
        }
    }
}

impl StageName {
    /// Whether only a hook sees its files.
    #[must_use]
    pub fn is_hook_inputs(&self) -> bool {
        match self {
            Self::HookInputs(_) => true,
            Self::Of(_, stage) => stage.is_hook_inputs(),
            _ => false,
        }
    }

    /// Whether its steps ask an index for the addresses of wheels.
    #[must_use]
    pub fn is_addresses(&self) -> bool {
        match self {
            Self::Addresses(_) => true,
            Self::Of(_, stage) => stage.is_addresses(),
            _ => false,
        }
    }

    /// A step of the stage in the progress, such as `deps 2/3`. The wheels of all layers count as one stage,
    /// and so do all commands of `run`.
    #[must_use]
    pub fn progress(&self, step: usize, of: usize) -> String {
        match self {
            Self::Of(target, stage) if stage.as_str() != target => {
                format!("{target}:{}", stage.progress(step, of))
            }
            Self::Layer { number, of } | Self::Run { number, of } => {
                format!("{} {number}/{of}", self.as_str())
            }
            _ => format!("{self} {step}/{of}"),
        }
    }
}

impl fmt::Display for StageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(target, stage) if stage.as_str() != target => write!(f, "{target}:{stage}"),
            Self::Environment => f.write_str("deps-environment"),
            Self::Layer { number, .. } => write!(f, "deps-{number}"),
            Self::Addresses(stage) => write!(f, "{stage}-addresses"),
            Self::Run { number, of } if *of > 1 => write!(f, "run-{number}"),
            Self::PoetryDeps => f.write_str("deps-poetry"),
            Self::BuilderHooks => f.write_str("builder-hooks"),
            Self::SourceHooks => f.write_str("source-hooks"),
            Self::ChangedSource => f.write_str("source-files"),
            Self::HookInputs(number) => write!(f, "inputs-{}", number + 1),
            _ => f.write_str(self.as_str()),
        }
    }
}
