//! Finds the target to build.

use crate::build_file::{BUILT_IN_TARGETS, BuildFile, DEV, ImageSpec, Located};
use crate::plan::StageName;

use super::error::Error;

/// A target to build.
pub(crate) struct Target<'a> {
    /// The build file with all targets.
    pub(crate) whole: &'a BuildFile,
    /// The settings of the target.
    pub(crate) file: &'a ImageSpec,
    /// The stage of the target.
    pub(crate) stage: StageName,
    /// The commands that must succeed in a container of the image.
    pub(crate) run: &'a [Located<Vec<String>>],
}

impl<'a> Target<'a> {
    pub(crate) fn new(whole: &'a BuildFile, stage: StageName) -> Self {
        Self {
            file: &whole.main,
            stage,
            run: &[],
            whole,
        }
    }

    /// Whether it is an image to run in production: neither a stage of the builder nor the development image.
    pub(crate) fn is_image(&self) -> bool {
        let image = matches!(self.stage, StageName::Runtime | StageName::Target(_));
        image && !self.is_for_development()
    }

    pub(crate) fn is_for_development(&self) -> bool {
        is_for_development(&self.stage)
    }
}

pub(crate) fn target<'a>(whole: &'a BuildFile, name: Option<&str>) -> Result<Target<'a>, Error> {
    let stage = match name.unwrap_or_default() {
        "" | "runtime" => StageName::Runtime,
        "deps" => StageName::Deps,
        "builder" => StageName::Builder,
        "poetry" => StageName::Poetry,
        name => {
            let dev = (name == DEV).then_some(&whole.dev);
            let Some(target) = dev.or_else(|| whole.targets.get(name)) else {
                let known = BUILT_IN_TARGETS.into_iter();
                let known = known.chain(whole.targets.keys().map(String::as_str));
                return Err(Error::UnknownTarget {
                    name: name.to_owned(),
                    known: known.map(str::to_owned).collect(),
                });
            };
            return Ok(Target {
                whole,
                file: &target.image,
                stage: StageName::Target(name.to_owned()),
                run: &target.run,
            });
        }
    };
    Ok(Target::new(whole, stage))
}

pub(crate) fn is_for_development(stage: &StageName) -> bool {
    matches!(stage, StageName::Target(name) if name == DEV)
}
