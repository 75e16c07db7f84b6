//! What the stages of a Dockerfile are for.

use std::collections::BTreeSet;

use crate::dockerfile::{CopiedSource, Dockerfile, Kind, Stage};

/// The stages of one image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Roles {
    /// The image's own stage and those that it is based on.
    pub(super) image: BTreeSet<usize>,
    /// The stages that install or build something for it, with those that they are based on.
    pub(super) builders: BTreeSet<usize>,
    /// The stages that it copies from and that have nothing to do with Python.
    pub(super) others: BTreeSet<usize>,
    /// Whether the image itself installs the dependencies.
    pub(super) is_single: bool,
}

impl Roles {
    /// The stages to look at, in the order of the file.
    pub(super) fn walked(&self) -> Vec<usize> {
        self.image.union(&self.builders).copied().collect()
    }
}

pub(super) fn roles(dockerfile: &Dockerfile, stage: usize) -> Roles {
    let image = chain(dockerfile, stage);
    let mut roles = Roles {
        is_single: image
            .iter()
            .any(|&stage| installs(&dockerfile.stages[stage])),
        image: image.iter().copied().collect(),
        ..Roles::default()
    };
    let mut open = image;
    while let Some(stage) = open.pop() {
        for from in copied_from(dockerfile, stage) {
            let chain = chain(dockerfile, from);
            if roles.image.contains(&from)
                || roles.builders.contains(&from)
                || roles.others.contains(&from)
            {
                continue;
            }
            if chain
                .iter()
                .any(|&stage| is_of_python(&dockerfile.stages[stage]))
            {
                roles.builders.extend(&chain);
                open.extend(chain);
            } else {
                roles.others.insert(from);
            }
        }
    }
    roles.builders = roles.builders.difference(&roles.image).copied().collect();
    roles
}

/// The stage and those below it, the lowest first. Stages are only ever based on earlier ones.
pub(super) fn chain(dockerfile: &Dockerfile, stage: usize) -> Vec<usize> {
    let mut chain = vec![stage];
    let mut at = stage;
    while let Some(below) = dockerfile
        .stages
        .get(at)
        .and_then(|stage| dockerfile.stage(&stage.base.value, at))
    {
        chain.insert(0, below);
        at = below;
    }
    chain
}

/// The stages that files are copied or mounted from.
fn copied_from(dockerfile: &Dockerfile, index: usize) -> Vec<usize> {
    let mut found = Vec::new();
    for instruction in &dockerfile.stages[index].instructions {
        match &instruction.kind {
            Kind::Copy(copying) => {
                let from = copying.option("from");
                found.extend(from.and_then(|from| dockerfile.stage(&from.value, index)));
            }
            Kind::Run(running) => {
                let mounts = running.options.iter().filter(|(name, _)| name == "mount");
                let from = mounts
                    .flat_map(|(_, value)| value.split(','))
                    .filter_map(|part| part.strip_prefix("from="));
                found.extend(from.filter_map(|from| dockerfile.stage(from, index)));
            }
            _ => {}
        }
    }
    found
}

fn runs(stage: &Stage) -> impl Iterator<Item = String> {
    stage
        .instructions
        .iter()
        .filter_map(|instruction| match &instruction.kind {
            Kind::Run(running) => Some(match &running.command {
                crate::dockerfile::Command::Exec(words) => words.join(" "),
                crate::dockerfile::Command::Shell(script) => script.clone(),
            }),
            _ => None,
        })
}

/// Whether the stage installs the dependencies.
fn installs(stage: &Stage) -> bool {
    runs(stage).any(|script| {
        let has = |text: &str| script.contains(text);
        has("poetry install")
            || has("poetry sync")
            || has("poetry bundle")
            || has("pip install") && has("-r ")
            || has("poetry export")
    })
}

/// Whether the stage has to do with the installation of the project.
fn is_of_python(stage: &Stage) -> bool {
    let mentions = |script: String| {
        ["poetry", "pip install", "-m venv", "virtualenv", "uv "]
            .iter()
            .any(|word| script.contains(word))
    };
    let copies_project = stage.instructions.iter().any(|instruction| {
        match &instruction.kind {
        Kind::Copy(copying) => copying.sources.iter().any(|source| {
            matches!(source, CopiedSource::Path(path) if path.value.ends_with("poetry.lock"))
        }),
        _ => false,
    }
    });
    copies_project || runs(stage).any(mentions)
}

/// The stages of images beside the main one: those with a command of their own that the main image is not made from.
pub(super) fn further(dockerfile: &Dockerfile, main: usize) -> Vec<usize> {
    let roles = roles(dockerfile, main);
    let stages = dockerfile.stages.iter().enumerate();
    let own = stages.filter(|(index, stage)| {
        let has_command = stage
            .instructions
            .iter()
            .any(|instruction| matches!(instruction.kind, Kind::Cmd(_) | Kind::Entrypoint(_)));
        let used = roles.builders.contains(index) || roles.others.contains(index);
        *index != main && !used && has_command && stage.name.is_some()
    });
    own.map(|(index, _)| index).collect()
}

/// The stages that are in none of these images, such as one that runs the tests.
pub(super) fn unused(dockerfile: &Dockerfile, images: &[usize]) -> Vec<usize> {
    let mut used = BTreeSet::new();
    for stage in images {
        let roles = roles(dockerfile, *stage);
        used.extend(roles.image);
        used.extend(roles.builders);
        for other in roles.others {
            used.extend(chain(dockerfile, other));
        }
    }
    let stages = 0..dockerfile.stages.len();
    stages.filter(|stage| !used.contains(stage)).collect()
}
