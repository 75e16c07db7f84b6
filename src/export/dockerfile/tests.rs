//! References between the stages of a Dockerfile.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::analysis::{self, InputFiles};
use crate::build_file::{BUILT_IN_TARGETS, DEFAULT_NAME};
use crate::image::Platform;
use crate::project::{LOCK, PYPROJECT, SETTINGS};
use crate::resolve::Request;

/// The directories of all examples and test projects.
fn projects() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut directories = vec![root.join("examples"), root.join("tests/projects")];
    while let Some(directory) = directories.pop() {
        if directory.join(DEFAULT_NAME).is_file() {
            found.push(directory.clone());
        }
        let entries = fs::read_dir(&directory).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        directories.extend(paths.filter(|path| path.is_dir()));
    }
    found.sort();
    found
}

/// The plans of all targets of a project, by name.
fn plans(project: &Path) -> BTreeMap<String, Plan> {
    let read = |name: &str| fs::read(project.join(name)).ok();
    let files = InputFiles {
        name: DEFAULT_NAME.to_owned(),
        build_file: read(DEFAULT_NAME).unwrap(),
        pyproject: read(PYPROJECT),
        lock: read(LOCK),
        settings: read(SETTINGS),
        ..InputFiles::default()
    };
    let parsed = files.parse(&BTreeMap::new()).unwrap();
    let targets = parsed.file.targets.keys().cloned();
    let targets = targets.chain(BUILT_IN_TARGETS.map(str::to_owned));
    targets
        .map(|target| {
            let request = Request {
                target: Some(target.clone()),
                contexts: ["assets", "shared"].map(str::to_owned).to_vec(),
                ..Request::on(Platform::parse("linux/amd64").unwrap())
            };
            let plan = analysis::plan(&parsed.file, &parsed.project, &request);
            (target, plan.unwrap())
        })
        .collect()
}

/// The stages of the Dockerfile in their order, each with the names that it refers to: its base, and those of `--from=` and
/// `from=`. Here-documents are skipped.
fn references(dockerfile: &str) -> Vec<(String, Vec<String>)> {
    let mut stages: Vec<(String, Vec<String>)> = Vec::new();
    let mut lines = dockerfile.lines();
    while let Some(line) = lines.next() {
        let words: Vec<&str> = line.split(' ').collect();
        if let ["FROM", base, name @ ..] = words.as_slice() {
            let name = name.last().copied().unwrap_or_default();
            stages.push((name.to_owned(), vec![(*base).to_owned()]));
        }
        let options = words.iter().take_while(|_| words[0] != "#");
        let options = options.filter_map(|word| word.strip_prefix("--"));
        let from = options
            .flat_map(|option| option.split(','))
            .filter_map(|option| {
                option
                    .strip_prefix("mount=")
                    .unwrap_or(option)
                    .strip_prefix("from=")
            })
            .map(str::to_owned);
        if let Some((_, references)) = stages.last_mut() {
            references.extend(from);
        }
        if let Some((_, end)) = line.split_once("<<\"") {
            let end = end.split('"').next().unwrap();
            lines.by_ref().find(|line| *line == end).unwrap();
        }
    }
    stages
}

#[test]
fn every_reference_names_a_stage_defined_above_it() {
    let projects = projects();
    assert!(projects.iter().any(|path| path.ends_with("everything")));
    let mut between_stages = 0;
    for project in projects {
        for (target, plan) in plans(&project) {
            let shown = format!("{} --target {target}", project.display());
            let matching = |_: &ContextFiles, pattern: &str| {
                vec![MatchedPath {
                    path: pattern.to_owned(),
                    is_directory: false,
                }]
            };
            let text = dockerfile(&plan, &matching).unwrap();
            let images = plan.images().map(|(image, _)| image.familiar());
            let contexts = plan.contexts().into_iter().map(str::to_owned);
            let external: BTreeSet<String> = images
                .chain(contexts)
                .chain(["scratch".to_owned()])
                .collect();
            let mut defined = BTreeSet::new();
            for (stage, references) in references(&text) {
                for name in references {
                    assert!(
                        defined.contains(&name) || external.contains(&name),
                        "{shown}: `{stage}` refers to `{name}`:\n{text}"
                    );
                    between_stages += usize::from(defined.contains(&name));
                }
                assert!(
                    !external.contains(&stage) && defined.insert(stage.clone()),
                    "{shown}: `{stage}` is ambiguous:\n{text}"
                );
            }
        }
    }
    assert!(between_stages > 100, "{between_stages}");
}

#[test]
fn references_are_found_in_every_instruction() {
    let text = "\
# --from=comment
FROM python AS base
RUN --network=none --mount=type=bind,from=a,target=/a,rw --mount=from=b,target=/b <<\"EOF\"
COPY --from=text
EOF
COPY --from=c --chown=1:1 [\"/\",\"/\"]
FROM base
";
    let strings = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(
        references(text),
        [
            ("base".to_owned(), strings(&["python", "a", "b", "c"])),
            (String::new(), strings(&["base"])),
        ]
    );
}

#[test]
fn no_stage_has_the_name_of_a_named_context() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let plans = plans(&root.join("examples/monorepo/service"));
    let text = dockerfile(&plans["runtime"], &|_, _| Vec::new()).unwrap();
    for line in [
        "FROM builder AS shared-stage",
        "COPY --from=shared [\"/\",\"/src\"]",
        "COPY --from=shared-stage /out/ /",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}:\n{text}");
    }
}

#[test]
fn values_stay_what_they_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut plan = plans(&root.join("examples/hello"))
        .remove("runtime")
        .unwrap();
    let value = "a $HOME \"q\" 'x' \\ back `id` %s\t;";
    plan.settings.env.insert("A".to_owned(), value.to_owned());
    plan.settings.workdir = Some("/my $dir".to_owned());
    let text = dockerfile(&plan, &|_, _| Vec::new()).unwrap();
    for line in [
        "ENV A=\"a \\$HOME \\\"q\\\" 'x' \\\\ back `id` %s\t;\"",
        "WORKDIR \"/my \\$dir\"",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}:\n{text}");
    }
    for value in ["a\nRUN evil", "\u{1b}[31m", "a\rb"] {
        plan.settings.env.insert("A".to_owned(), value.to_owned());
        let errors = dockerfile(&plan, &|_, _| Vec::new()).unwrap_err();
        let errors = errors.to_string();
        assert!(errors.contains("`A` has a line break"), "{errors}");
    }
}
