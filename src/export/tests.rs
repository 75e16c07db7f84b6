//! Nothing that a file says becomes something else: each string of the build file, with characters that mean something to
//! one of the outputs, is refused at its line or is a value in every output.

mod fields;
mod files;
mod parser;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use testkit::{Dependency, Package, Project};

use super::*;
use crate::analysis::InputFiles;
use crate::build_file::RuleSwitches;
use crate::diagnostics::{Colour, Diagnostic, Findings, is_printable, printable, printable_json};
use crate::image::Platform;
use crate::paths::ignore_patterns;
use crate::plan::{ContextFiles, Plan};
use crate::resolve::Request;

use fields::{Field, fields, keys_of_schema, lines_of, with};
use parser::{Instruction, parse, shell};

/// Characters that mean something to one of the outputs, and that a terminal shows: all of them are added to a value, or each
/// if they are refused together.
const VISIBLE: [&str; 21] = [
    "\"",
    "'",
    "\\",
    "$HOME",
    "${HOME}",
    "$(id)",
    ",b=c",
    " x",
    "<<EOF",
    "&<b>]]>",
    "`id`",
    "%%{init: {}}%%",
    "#x;",
    "[a]",
    ":b",
    "\\n",
    "=",
    ";&|",
    "é",
    "日本",
    "😀",
];

/// Characters that a terminal acts on.
const CONTROL: [&str; 10] = [
    "\nRUN evil",
    "\nEOF\nUSER 0",
    "\\\n",
    "\r",
    "\t",
    "\0",
    "\u{1b}[31m",
    "\u{9b}31m\u{7f}",
    "\u{202e}",
    "\u{2028}",
];

fn project() -> Project {
    Project::new("app")
        .python(">=3.13,<3.14")
        .script("serve", "app:main")
        .build_system(["poetry-core>=2"], "poetry.core.masonry.api")
        .dependency("a")
        .optional_dependencies("zqextraz", [])
        .group("zqgroupz", ["b"])
        .index("zqindexz", "https://zqindex.example/simple/")
        .locked(Package::new("a", "1").wheel())
        .locked(Package::new("b", "1").group("zqgroupz").sdist())
}

/// Plans a target with this build file.
fn planned(input: &InputFiles, target: &str) -> (Option<Plan>, Findings) {
    let request = Request {
        target: Some(target.to_owned()),
        contexts: ["zqcontextz", "wqcontextz"].map(str::to_owned).to_vec(),
        rules: RuleSwitches::parse("skip=StaleLock").unwrap(),
        ..Request::on(Platform::parse("linux/amd64").unwrap())
    };
    input.inspect(&BTreeMap::new()).plan(&request)
}

/// What an output says, for comparison.
struct Read {
    /// The strings of each instruction.
    dockerfile: Result<Vec<Vec<String>>, Vec<Diagnostic>>,
    ignored: Vec<String>,
    titles: Vec<String>,
}

#[track_caller]
fn assert_printable(text: &str, context: &str) {
    let found = text
        .chars()
        .find(|char| *char != '\n' && !is_printable(*char));
    assert_eq!(found, None, "{context}: {text}");
}

/// Reads all outputs back.
fn read(plan: &Plan, context: &str) -> Read {
    let matching = |_: &ContextFiles, pattern: &str| {
        vec![MatchedPath {
            path: path(pattern),
            is_directory: false,
        }]
    };
    let dockerfile = dockerfile(plan, &matching).map(|text| {
        let instructions = parse(&text);
        let instructions =
            instructions.unwrap_or_else(|error| panic!("{context}: {error}\n{text}"));
        instructions.iter().map(strings).collect()
    });
    let ignored = ignore_patterns(".dockerignore", ignore_file(plan).as_bytes()).unwrap();
    let ignored = ignored.iter().map(|pattern| path(pattern)).collect();
    let steps = plan.stages.iter().flat_map(|stage| &stage.steps);
    let titles: Vec<String> = steps.map(|step| step.title.clone()).collect();

    let drawn = svg(plan);
    assert_printable(&drawn, context);
    let xml = roxmltree::Document::parse(&drawn).unwrap();
    let texts = xml.descendants().filter(|node| node.has_tag_name("text"));
    let texts: Vec<&str> = texts.filter_map(|node| node.text()).collect();
    for title in &titles {
        let is_shown = |text: &&str| text.split_once(' ').is_some_and(|(_, rest)| rest == title);
        assert!(texts.iter().any(is_shown), "{context}: {title}: {texts:?}");
    }
    let chart = mermaid(plan);
    assert_printable(&chart, context);
    assert!(
        !chart.contains("%%") && !chart.contains('`'),
        "{context}: {chart}"
    );
    let nodes = chart.lines().filter(|line| line.starts_with("    s"));
    let nodes = nodes.filter(|line| line.contains("[\"") && line.ends_with("\"]"));
    assert_eq!(nodes.count(), plan.stages.len(), "{context}: {chart}");
    for line in chart.lines().filter(|line| line.contains("[\"")) {
        assert_eq!(line.matches('"').count(), 2, "{context}: {line}");
    }
    let text = tree(plan, Colour::Off);
    assert_printable(&text, context);
    for title in &titles {
        let shown = text.lines().any(|line| line.ends_with(title.as_str()));
        assert!(shown, "{context}: {title}: {text}");
    }
    let text = printable_json(&json(plan));
    assert_printable(&text, context);
    let read: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(read, json(plan), "{context}");
    Read {
        dockerfile: dockerfile.map_err(|errors| errors.iter().cloned().collect()),
        ignored,
        titles,
    }
}

/// The strings of an instruction, as they are compared.
fn strings(instruction: &Instruction) -> Vec<String> {
    let hash = |text: &str| match text.rsplit_once('-') {
        // The id of a cache ends in a hash of what it depends on.
        Some((id, hash)) if hash.len() == 16 && id.starts_with("id=poetry-frontend/") => {
            id.to_owned()
        }
        _ => text.to_owned(),
    };
    let options = instruction
        .options
        .iter()
        .flatten()
        .map(|option| hash(option));
    let arguments = instruction.arguments.iter().map(|argument| path(argument));
    let is_script = instruction.name == "RUN";
    let documents = instruction.documents.iter().flat_map(|document| {
        if is_script {
            shell(document)
        } else {
            vec![document.clone()]
        }
    });
    let name = instruction.name.clone();
    [name]
        .into_iter()
        .chain(options)
        .chain(arguments)
        .chain(documents)
        .collect()
}

/// What a pattern matches that stands for one path.
fn path(pattern: &str) -> String {
    let mut path = String::new();
    let mut rest = pattern;
    while let Some(char) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("[[]") {
            path.push('[');
            rest = after;
            continue;
        }
        rest = &rest[char.len_utf8()..];
        match (char, rest.chars().next()) {
            ('\\', Some(escaped @ ('*' | '?' | '\\'))) => {
                path.push(escaped);
                rest = &rest[escaped.len_utf8()..];
            }
            (char, _) => path.push(char),
        }
    }
    path
}

fn assert_refused<'a>(
    errors: impl IntoIterator<Item = &'a Diagnostic>,
    lines: &[usize],
    context: &str,
) {
    let errors: Vec<&Diagnostic> = errors.into_iter().collect();
    for error in &errors {
        assert_printable(&error.rendered(Colour::Off), context);
        assert_printable(&error.to_string(), context);
    }
    let mut spans = errors.iter().filter_map(|error| error.span.as_ref());
    let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let shown = shown.join("\n");
    let is_there = spans.any(|span| lines.contains(&span.start().line));
    assert!(is_there, "{context}: no error at {lines:?}: {shown}");
}

#[test]
fn every_key_of_the_schema_is_tested() {
    let names = keys_of_schema();
    let files = files::files();
    let tested = files.iter().flat_map(|text| fields(text, &names));
    let tested: BTreeSet<String> = tested.map(|field| field.key).collect();
    let missing: Vec<&String> = names.difference(&tested).collect();
    assert!(
        missing.is_empty(),
        "add these keys to `files.rs`: {missing:#?}"
    );
}

/// What became of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Kept,
    /// A Dockerfile cannot express it.
    KeptOutsideDockerfiles,
    Refused,
}

/// A file, with its outputs for a target.
struct Case<'a> {
    input: &'a InputFiles,
    text: &'a str,
    target: &'a str,
    usual: Read,
}

impl<'a> Case<'a> {
    fn new(input: &'a InputFiles, text: &'a str, target: &'a str) -> Self {
        let (plan, findings) = planned(&with_build_file(input, text), target);
        let plan = plan.unwrap_or_else(|| panic!("{}", findings.rendered(Colour::Off)));
        Self {
            input,
            text,
            target,
            usual: read(&plan, target),
        }
    }

    /// Asserts that another value of a field is refused, or is a value in all outputs.
    fn tried(&self, field: &Field, value: &str) -> Outcome {
        let context = format!("{} = {value:?}", field.key);
        let text = with(self.text, field, value);
        let (plan, findings) = planned(&with_build_file(self.input, &text), self.target);
        assert_printable(&findings.rendered(Colour::Off), &context);
        if value.contains('\u{1b}') {
            assert_printable(&printable_json(&findings.json()), &context);
        }
        let lines = lines_of(self.text, field);
        let Some(plan) = plan.filter(|_| findings.errors.is_empty()) else {
            assert_refused(&findings.errors, &lines, &context);
            return Outcome::Refused;
        };
        let read = read(&plan, &context);
        for (title, usual) in read.titles.iter().zip(&self.usual.titles) {
            // A path in an image may be without its first `/`, and a hook's title is the beginning of its command.
            let without = |text: &str| text.trim_start_matches('/').to_owned();
            let expected = [
                usual.replace(&field.value, &printable(value)),
                usual.replace(&without(&field.value), &printable(&without(value))),
            ];
            let is_right = title.starts_with("hook: ") || expected.contains(title);
            assert!(is_right, "{context}: {title}, and not one of {expected:?}");
        }
        let in_place = |text: &String| text.replace(&field.value, value);
        let expected = self.usual.ignored.iter().map(in_place);
        let expected: Vec<String> = expected.map(|line| line.trim().to_owned()).collect();
        assert_eq!(read.ignored, expected, "{context}");
        let instructions = match &read.dockerfile {
            Ok(instructions) => instructions,
            Err(errors) => {
                assert_refused(errors, &lines, &context);
                return Outcome::KeptOutsideDockerfiles;
            }
        };
        let expected = self.usual.dockerfile.as_ref().unwrap();
        assert_eq!(instructions.len(), expected.len(), "{context}");
        for (instruction, expected) in instructions.iter().zip(expected) {
            let expected: Vec<String> = expected.iter().map(in_place).collect();
            let expected: Vec<&str> = expected.iter().map(|text| text.trim_end()).collect();
            let found: Vec<&str> = instruction.iter().map(|text| text.trim_end()).collect();
            assert_eq!(found, expected, "{context}");
        }
        Outcome::Kept
    }
}

fn with_build_file(input: &InputFiles, text: &str) -> InputFiles {
    InputFiles {
        build_file: text.into(),
        ..input.clone()
    }
}

/// Tries values of each field of a file for which `is_tried`; returns how many were refused and how many were kept.
fn tried(text: &str, is_tried: impl Fn(&Field) -> bool) -> (usize, usize) {
    let input = InputFiles::from(&project());
    let [runtime, web] = ["runtime", "web"].map(|target| Case::new(&input, text, target));
    let (mut refused, mut kept) = (0, 0);
    let fields = fields(text, &keys_of_schema()).into_iter();
    // The value of a reference is that of a build argument.
    for field in fields.filter(|field| is_tried(field) && !field.value.contains("${")) {
        let is_inherited = field.key.starts_with("target.NAME.");
        let case = if is_inherited || field.key.starts_with("args.") {
            &web
        } else {
            &runtime
        };
        let mut count = |outcome| match outcome {
            Outcome::Refused => refused += 1,
            Outcome::Kept | Outcome::KeptOutsideDockerfiles => kept += 1,
        };
        let value = |suffix: &str| format!("{}{suffix}", field.value);
        let all = case.tried(&field, &value(&VISIBLE.concat()));
        count(all);
        let each = VISIBLE.iter().filter(|_| all != Outcome::Kept);
        let each = each.chain(&CONTROL).enumerate();
        // The keys of a target are those of the main image.
        for (_, suffix) in each.filter(|(index, _)| !is_inherited || index % 8 == 0) {
            count(case.tried(&field, &value(suffix)));
        }
    }
    (refused, kept)
}

#[test]
fn every_string_of_the_build_file_is_refused_or_stays_a_value() {
    let [first, _] = files::files();
    let (refused, kept) = tried(&first, |field| !field.key.starts_with("target."));
    assert!(
        refused > 1000 && kept > 300,
        "{refused} refused, {kept} kept"
    );
}

#[test]
fn so_does_every_string_of_a_target() {
    let [first, _] = files::files();
    let (refused, kept) = tried(&first, |field| field.key.starts_with("target."));
    assert!(
        refused > 100 && kept > 100,
        "{refused} refused, {kept} kept"
    );
}

#[test]
fn so_does_every_string_in_other_forms() {
    let [_, second] = files::files();
    let (refused, kept) = tried(&second, |_| true);
    assert!(refused > 100 && kept > 30, "{refused} refused, {kept} kept");
}

/// The names and paths of a project, with the same characters.
#[test]
fn nor_does_a_string_of_the_project_become_something_else() {
    let project = Project::poetry("zqproject")
        .python("^3.13")
        .in_tool_poetry(
            "license = \"zqlicense\"\nreadme = \"zqreadme.md\"\ninclude = [\"zqincluded\"]\n",
        )
        .package_from("zqpackage", "zqfrom")
        .poetry_dependency("a", "1")
        .poetry_dependency("zqpath", Dependency::path("zqdirectory/zqpath"))
        .poetry_group("zqgroup", "b", "1")
        .index("zqindex", "https://zqindex.example/simple/")
        .script("zqscript", "zqmodule:zqfunction")
        .build_system(["poetry-core>=2"], "poetry.core.masonry.api")
        .locked(Package::new("a", "1").wheel().description("zqsummary"))
        .locked(Package::new("b", "1").group("zqgroup").sdist())
        .locked(Package::new("zqpath", "1").directory("zqdirectory/zqpath"))
        .with_build_file(
            "[runtime]\nentrypoint = [\"sh\"]\n[dependencies]\ngroups = [\"main\", \"zqgroup\"]\n",
        );
    let files = InputFiles::from(&project);
    let (plan, findings) = planned(&files, "runtime");
    let plan = plan.unwrap_or_else(|| panic!("{}", findings.rendered(Colour::Off)));
    let expected = read(&plan, "as it is").dockerfile.unwrap().len();
    let names = [
        "tool.poetry.dependencies.NAME itself",
        "tool.poetry.group.NAME itself",
        "tool.poetry.group.NAME.dependencies.NAME itself",
        "tool.poetry.scripts.NAME itself",
    ];
    let names = names.map(str::to_owned).into();
    let mut kept = 0;
    for (name, text) in [
        ("pyproject.toml", project.pyproject()),
        ("poetry.lock", project.lock()),
    ] {
        for field in fields(&text, &names) {
            for suffix in [VISIBLE.concat().as_str()].iter().chain(&CONTROL) {
                let value = format!("{}{suffix}", field.value);
                let context = format!("{name}: {} = {value:?}", field.key);
                let changed = with(&text, &field, &value).into_bytes();
                let mut input = files.clone();
                if name == "poetry.lock" {
                    input.lock = Some(changed);
                } else {
                    input.pyproject = Some(changed);
                }
                let (plan, findings) = planned(&input, "runtime");
                assert_printable(&findings.rendered(Colour::Off), &context);
                let Some(plan) = plan.filter(|_| findings.errors.is_empty()) else {
                    assert!(!findings.errors.is_empty(), "{context}");
                    continue;
                };
                kept += 1;
                match read(&plan, &context).dockerfile {
                    // Another backend, say, builds the project in other steps.
                    Ok(instructions) => {
                        assert!(instructions.len().abs_diff(expected) < 30, "{context}");
                    }
                    Err(errors) => errors
                        .iter()
                        .for_each(|error| assert_printable(&error.to_string(), &context)),
                }
            }
        }
    }
    assert!(kept > 100, "{kept}");
}
