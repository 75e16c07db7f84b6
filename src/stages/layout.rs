//! The stages of a target and of the targets that it copies from.

use std::collections::BTreeMap;

use crate::build_file::Located;
use crate::diagnostics::{Diagnostic, Problem};
use crate::plan::{ContextFiles, Expected, Stage, StageName, needed_for};
use crate::resolve::{Error, Resolved, is_for_development, target};
use crate::steps::copies::{self, CopiedTarget};
use crate::steps::{apt, credentials, git, hooks};

use super::{
    builder, deps, dev, layers, licenses, path_dependencies, poetry, project, runtime, source,
    verifications,
};

/// The stages of a target.
pub(super) struct Layout {
    /// Each stage uses only earlier ones; the result is the last.
    pub(super) stages: Vec<Stage>,
    pub(super) result: StageName,
    /// The files that the contexts must contain.
    pub(super) expected: Vec<Expected>,
    /// The project's source in the build context, if the result contains it.
    pub(super) source: Option<ContextFiles>,
}

impl Layout {
    pub(super) fn new(resolved: &Resolved<'_>, errors: &mut Vec<Diagnostic>) -> Self {
        credentials::unknown(resolved, errors);
        credentials::in_addresses(resolved, errors);
        git::unknown_hosts(resolved, errors);

        // Path dependencies change less often than the project.
        let mut code = path_dependencies::plan(resolved);
        let path_dependencies = code.expected.len();
        let source = source::plan(resolved);
        let source_files = source.files;
        code.stages.extend(source.stages);
        code.into_image.extend(source.into_image);
        code.expected.extend(source.expected);

        // The first stage also probes what the client has.
        let mut stages: Vec<Stage> = builder::build_base(resolved).into_iter().collect();
        stages.push(builder::base(resolved));
        stages.extend(apt::sources(resolved));
        stages.extend(hooks::inputs(resolved));
        stages.extend([poetry::stage(resolved), builder::stage(resolved)]);
        stages.extend(builder::hooks(resolved));
        stages.extend(layers::stages(resolved));
        stages.push(deps::stage(resolved));
        let development = is_for_development(&resolved.result);
        let part_of_builder = matches!(
            resolved.result,
            StageName::Builder | StageName::Deps | StageName::Poetry
        );
        let image = !development && !part_of_builder;
        // Nobody reads the reports of a target that another one copies from.
        let is_reported = image && resolved.copied_by.is_empty();
        stages.extend(is_reported.then(|| layers::overlaps(resolved)).flatten());
        let mut expected = Vec::new();
        if !part_of_builder {
            hooks::without_source(resolved, errors);
            stages.extend(code.stages);
            stages.extend(project::stage(resolved, &code.into_image));
            let mut target = |name: &Located<String>, copied: &[Stage], errors: &mut Vec<_>| {
                let target = Self::of_target(resolved, name, errors)?;
                Some(target.merged(&name.value, &stages, copied))
            };
            let copies = copies::plan(resolved, &mut target, errors);
            stages.extend(copies.stages);
            let mut outputs = copies.steps;
            outputs.extend(hooks::outputs(resolved));
            if development {
                stages.push(dev::stage(resolved, outputs));
            } else {
                let mut image = runtime::stage(resolved, outputs, code.into_image);
                if is_reported {
                    stages.extend(licenses::stage(resolved, &image));
                    layers::await_reports(&mut image, verifications::among(&stages));
                }
                stages.push(image);
            }
            expected.extend(copies.expected);
        }
        let source_expected = code.expected.split_off(path_dependencies);
        if development {
            expected.append(&mut code.expected);
        }
        if !matches!(resolved.result, StageName::Builder | StageName::Poetry) {
            let archives = resolved.archives.iter();
            expected.extend(archives.map(|archive| archive.expected(resolved)));
        }
        let needed = needed_for(vec![resolved.result.clone()], &stages);
        if needed.contains(&StageName::AptSources) {
            expected.extend(apt::expected(resolved));
        }
        // All hooks of an image run.
        let is_needed = |name: &StageName| image || needed.contains(name);
        expected.extend(hooks::expected(resolved, is_needed));
        if image {
            expected.append(&mut code.expected);
        }
        // For the hooks of a development image.
        let of_hooks = [StageName::Project, StageName::SourceHooks];
        let mut names = stages.iter().map(|stage| &stage.name);
        if image || names.any(|name| of_hooks.contains(name)) {
            expected.extend(source_expected);
        }
        Self {
            stages,
            result: resolved.result.clone(),
            expected,
            source: source_files.filter(|_| image),
        }
    }

    /// The layout of another target of the file, to copy from it.
    fn of_target(
        resolved: &Resolved<'_>,
        name: &Located<String>,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let target = match target(resolved.whole, Some(&name.value)) {
            Ok(target) => target,
            Err(error) => {
                errors.push(error.at(&name.span));
                return None;
            }
        };
        if target.stage == resolved.result || resolved.copied_by.contains(&target.stage) {
            errors.push(Error::CopyCycle(name.value.clone()).at(&name.span));
            return None;
        }
        let mut target_errors = Vec::new();
        let project = resolved.project;
        let layout = Resolved::new(&target, project, resolved.request, &mut target_errors);
        let layout = layout.map(|mut other| {
            other.copied_by.clone_from(&resolved.copied_by);
            other.copied_by.push(resolved.result.clone());
            Self::new(&other, &mut target_errors)
        });
        // An error that both targets have is reported once.
        target_errors.retain(|error| !errors.contains(error));
        errors.extend(target_errors);
        layout
    }

    /// Merges the stages of this target, from which another one copies, with those of the other one. A stage that is the
    /// same as one of `own` is shared; the others are renamed after the target. Of these, `copied` has those that earlier
    /// copies have already added.
    fn merged(self, target: &str, own: &[Stage], copied: &[Stage]) -> CopiedTarget {
        let mut names: BTreeMap<StageName, StageName> = BTreeMap::new();
        let mut stages: Vec<Stage> = Vec::new();
        let needed = needed_for(vec![self.result.clone()], &self.stages);
        for stage in self.stages {
            if !needed.contains(&stage.name) {
                continue;
            }
            let name = stage.name.clone();
            let renamed = |names: &BTreeMap<StageName, StageName>, known: &StageName| {
                names.get(known).unwrap_or(known).clone()
            };
            let same = stage.clone().renamed(|known| renamed(&names, known));
            if own.contains(&same) || matches!(name, StageName::Of(..)) {
                names.insert(name.clone(), name);
            } else {
                let of = StageName::Of(target.to_owned(), Box::new(name.clone()));
                names.insert(name, of);
            }
            let stage = stage.renamed(|known| renamed(&names, known));
            let planned = [own, copied, &stages];
            if !planned
                .iter()
                .any(|planned| planned.iter().any(|known| known.name == stage.name))
            {
                stages.push(stage);
            }
        }
        CopiedTarget {
            stages,
            expected: self.expected,
            result: names.remove(&self.result).unwrap_or(self.result),
        }
    }
}
