//! All stages of a target, and those of the targets that it copies from.

use std::collections::BTreeMap;

use crate::build_file::Located;
use crate::diagnostics::{Diagnostic, Problem};

use super::{
    ContextFiles, Error, Expected, Inputs, Stage, StageName, apt, builder, copies, credentials,
    deps, development, git, hooks, is_for_development, paths, poetry, runtime, source, stage,
    target,
};

/// The stages that make an image.
pub(super) struct Layout {
    /// The stages in an order in which each needs only earlier ones, the image last.
    pub(super) stages: Vec<Stage>,
    /// The stage that is wanted.
    pub(super) result: StageName,
    /// What the contexts must hold.
    pub(super) expected: Vec<Expected>,
    /// The part of the build context that is the project's source, if it is wanted.
    pub(super) source: Option<ContextFiles>,
}

impl Layout {
    /// Lays out the target, and reports what of it cannot be.
    pub(super) fn new(inputs: &Inputs<'_>, found: &mut Vec<Diagnostic>) -> Self {
        credentials::unknown(inputs, found);
        credentials::in_addresses(inputs, found);
        git::unknown_hosts(inputs, found);

        // What changes least comes first.
        let mut code = paths::plan(inputs);
        let of_paths = code.expected.len();
        let source = source::plan(inputs);
        let part = source.expected.first().map(|one| one.files.clone());
        code.stages.extend(source.stages);
        code.into_image.extend(source.into_image);
        code.expected.extend(source.expected);

        let mut stages = vec![builder::base(inputs)];
        stages.extend(apt::sources(inputs));
        stages.extend([
            poetry::stage(inputs),
            builder::stage(inputs),
            deps::stage(inputs),
        ]);
        let development = is_for_development(&inputs.result);
        let part_of_builder = matches!(inputs.result, StageName::Builder | StageName::Deps);
        let image = !development && !part_of_builder;
        let mut expected = Vec::new();
        if image {
            stages.extend(code.stages);
            stages.extend(hooks::project(inputs, &code.into_image));
            let copies = copies::plan(inputs, &stages, found);
            stages.extend(copies.stages);
            let mut parts = copies.steps;
            parts.extend(hooks::outputs(inputs));
            stages.push(runtime::stage(inputs, parts, code.into_image));
            expected.extend(copies.expected);
        }
        if development {
            stages.push(development::stage(inputs));
            expected.extend(code.expected.drain(..of_paths));
        }
        if inputs.result != StageName::Builder {
            let archives = inputs.archives.iter();
            expected.extend(archives.map(|archive| archive.expected(inputs)));
        }
        let needed = stage::needed_for(vec![inputs.result.clone()], &stages);
        if needed.contains(&StageName::AptSources) {
            expected.extend(apt::expected(inputs));
        }
        if image {
            expected.extend(code.expected);
        }
        Self {
            stages,
            result: inputs.result.clone(),
            expected,
            source: part.filter(|_| image),
        }
    }

    /// Lays out another target of the file, for copies from it.
    pub(super) fn of_target(
        inputs: &Inputs<'_>,
        name: &Located<String>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let asked = match target(inputs.whole, Some(&name.value)) {
            Ok(asked) => asked,
            Err(error) => {
                found.push(error.at(&name.place));
                return None;
            }
        };
        if asked.stage == inputs.result || inputs.above.contains(&asked.stage) {
            found.push(Error::CopyCycle(name.value.clone()).at(&name.place));
            return None;
        }
        let mut mistakes = Vec::new();
        let layout = Inputs::new(&asked, inputs.project, inputs.request, &mut mistakes);
        let layout = layout.map(|mut other| {
            other.above.clone_from(&inputs.above);
            other.above.push(inputs.result.clone());
            Self::new(&other, &mut mistakes)
        });
        // What is wrong with both is told once.
        mistakes.retain(|mistake| !found.contains(mistake));
        found.extend(mistakes);
        layout
    }

    /// The stages that a copy from this target needs besides those that are planned already, what the contexts must hold
    /// for them, and the stage to copy from. A stage that is the same as one of `own` is that one; the others are named
    /// after the target.
    pub(super) fn beside(
        self,
        target: &str,
        own: &[Stage],
        others: &[Stage],
    ) -> (Vec<Stage>, Vec<Expected>, StageName) {
        let mut names: BTreeMap<StageName, StageName> = BTreeMap::new();
        let mut stages: Vec<Stage> = Vec::new();
        let needed = stage::needed_for(vec![self.result.clone()], &self.stages);
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
            let planned = [own, others, &stages];
            if !planned
                .iter()
                .any(|planned| planned.iter().any(|known| known.name == stage.name))
            {
                stages.push(stage);
            }
        }
        let result = names.remove(&self.result).unwrap_or(self.result);
        (stages, self.expected, result)
    }
}
