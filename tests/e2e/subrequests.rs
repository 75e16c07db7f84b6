//! Subrequests: `--call`, or `--print` in older clients.

use std::process::Output;

use base64::Engine as _;
use serde_json::{Value, json};

use crate::support::docker::docker;
use crate::support::fake_engine::FakeEngine;
use crate::support::{Index, Project, merges};

/// The output of a client with `--print=WHAT`.
fn asked(project: &Project, what: &str, options: &[&str]) -> Output {
    docker(&["buildx", "build", "--progress=plain"])
        .arg(format!("--print={what}"))
        .args(project.build().options())
        .args(options)
        .arg(".")
        .env("BUILDX_EXPERIMENTAL", "1")
        .current_dir(project.path())
        .output()
        .unwrap()
}

/// The standard output of a successful subrequest.
#[track_caller]
pub(crate) fn response(project: &Project, what: &str, options: &[&str]) -> String {
    let output = asked(project, what, options);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
pub(crate) fn json_response(project: &Project, what: &str, options: &[&str]) -> Value {
    let text = response(project, &format!("{what},format=json"), options);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The first line that a location of the response points at.
pub(crate) fn line<'a>(sources: &'a [String], entry: &Value) -> &'a str {
    let location = &entry["location"];
    let index = location["sourceIndex"].as_u64().unwrap_or_default();
    let start = location["ranges"][0]["start"]["line"].as_u64().unwrap();
    let mut lines = sources[usize::try_from(index).unwrap()].lines();
    lines.nth(usize::try_from(start).unwrap() - 1).unwrap()
}

pub(crate) fn sources(answer: &Value) -> Vec<String> {
    let encoded = answer["sources"].as_array().unwrap().iter();
    let decode = |text: &Value| {
        let bytes = base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap());
        String::from_utf8(bytes.unwrap()).unwrap()
    };
    encoded.map(decode).collect()
}

/// A project with everything that an outline lists.
fn project(index: &Index) -> Project {
    let words = index.publish("words", "1.0", "");
    let project = Project::package("outlined", &[&words]);
    project.bare_build_file(
        r#"
        [args]
        NUMBER = { default = "1", type = "integer", description = "Number of the build" }
        KIND = { default = "a", choices = ["a", "b"] }
        [build]
        packages = ["file"]
        [indexes.index]
        username-secret = "reader"
        password-secret = "key"
        [dependencies]
        installer = "poetry"
        [target.test]
        description = "Runs the tests"
        [target.dev]
        description = "To work in"
        "#,
    );
    project
}

#[test]
fn outline_lists_the_inputs_of_a_build_with_their_lines() {
    let index = Index::start();
    let project = project(&index);
    let answer = json_response(&project, "outline", &["--build-arg=NUMBER=7"]);
    let sources = sources(&answer);
    let args: Vec<[&Value; 3]> = answer["args"]
        .as_array()
        .unwrap()
        .iter()
        .map(|arg| [&arg["name"], &arg["value"], &arg["description"]])
        .collect();
    assert_eq!(
        json!(args),
        json!([
            ["KIND", "a", "one of a, b"],
            [
                "NUMBER",
                "7",
                "Number of the build (an integer; defaults to 1)"
            ],
        ])
    );
    assert!(line(&sources, &answer["args"][1]).starts_with("NUMBER = "));
    for (number, name) in ["key", "reader"].into_iter().enumerate() {
        let secret = &answer["secrets"][number];
        assert_eq!(
            (&secret["name"], &secret["required"]),
            (&json!(name), &json!(true))
        );
        assert_eq!(line(&sources, secret), "[indexes.index]");
    }
    let caches = answer["cache"].as_array().unwrap();
    let of = |name: &str| {
        caches
            .iter()
            .find(|cache| cache["ID"].as_str().unwrap().contains(name))
    };
    assert_eq!(
        line(&sources, of("/var/cache/apt").unwrap()),
        "packages = [\"file\"]"
    );
    assert!(
        of("poetry-frontend/pypoetry/outlined-").is_some(),
        "{caches:?}"
    );
}

#[test]
fn outline_can_be_text() {
    let index = Index::start();
    let project = project(&index);
    let text = response(&project, "outline", &["--target=test"]);
    for line in [
        "TARGET:      test",
        "DESCRIPTION: Runs the tests",
        "BUILD ARG   VALUE   DESCRIPTION",
        "NUMBER      1       Number of the build (an integer)",
        "SECRET   REQUIRED",
        "reader   true",
    ] {
        assert!(
            text.lines().any(|shown| shown.trim_end() == line),
            "{line}: {text}"
        );
    }
}

#[test]
fn targets_are_listed_with_their_descriptions() {
    let index = Index::start();
    let project = project(&index);
    let answer = json_response(&project, "targets", &[]);
    let targets = answer["targets"].as_array().unwrap();
    assert_eq!(targets[0]["name"], "runtime");
    assert_eq!(targets[0]["default"], true);
    let own = targets
        .iter()
        .find(|target| target["name"] == "test")
        .unwrap();
    assert_eq!(own["description"], "Runs the tests");
    assert_eq!(line(&sources(&answer), own), "[target.test]");
    // The built-in target is listed once, as the file describes it.
    let dev = targets.iter().filter(|target| target["name"] == "dev");
    let [dev] = dev.collect::<Vec<_>>()[..] else {
        panic!("{answer}");
    };
    assert_eq!(dev["description"], "To work in");
    assert_eq!(line(&sources(&answer), dev), "[target.dev]");
    let text = response(&project, "targets", &[]);
    assert!(text.contains("runtime (default)"), "{text}");
    assert!(
        text.lines()
            .any(|line| line.starts_with("test ") && line.ends_with("Runs the tests")),
        "{text}"
    );
}

#[test]
fn describe_lists_the_subrequests() {
    let index = Index::start();
    let text = response(&project(&index), "subrequests.describe", &[]);
    for name in [
        "outline",
        "targets",
        "lint",
        "licenses",
        "convertllb",
        "subrequests.describe",
    ] {
        assert!(
            text.lines()
                .any(|line| line.starts_with(&format!("{name} "))),
            "{text}"
        );
    }
}

#[test]
fn subrequests_build_nothing() {
    for request in [
        "frontend.subrequests.describe",
        "frontend.outline",
        "frontend.targets",
        "frontend.convertllb",
    ] {
        let conversation = FakeEngine::new().option("requestid", request).talk();
        assert_eq!(conversation.builds().len(), 0, "{request}");
        let [returned] = conversation.asked.returns.as_slice() else {
            panic!("{:?}", conversation.asked.returns);
        };
        assert_eq!(returned.error, None, "{request}");
        let metadata = &returned.result.as_ref().unwrap().metadata;
        assert!(metadata.contains_key("version"), "{request}");
        let json: Value = serde_json::from_slice(&metadata["result.json"]).unwrap();
        assert!(json.is_object() || json.is_array(), "{request}");
    }
}

#[test]
fn licenses_are_those_of_the_installed_packages() {
    let index = Index::start();
    let free = index.publish_licensed("free", "MIT OR GPL-2.0-only");
    let silent = index.publish("silent", "1.0", "");
    let project = Project::package("licensed", &[&free, &silent]);
    let text = response(&project, "licenses", &[]);
    let rows: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split("  ").map(str::trim))
        .map(|cells| cells.filter(|cell| !cell.is_empty()).collect())
        .collect();
    let version = index.version("1.0");
    let expected = [
        ["PACKAGE", "VERSION", "LICENCE", "FROM"],
        [
            "free",
            &version,
            "MIT OR GPL-2.0-only",
            "License-Expression",
        ],
        ["licensed", "0.1.0", "unknown", "the metadata names none"],
        ["silent", &version, "unknown", "the metadata names none"],
    ];
    assert_eq!(rows, expected.map(|row| row.to_vec()));
    // An older client shows nothing but the text.
    if merges() {
        let answer = json_response(&project, "licenses", &[]);
        let platforms = answer["platforms"].as_array().unwrap();
        assert_eq!(platforms.len(), 1);
        let packages = platforms[0]["packages"].as_array().unwrap();
        let license = |name: &str| {
            let found = packages.iter().find(|one| one["name"] == name);
            found.unwrap_or_else(|| panic!("{answer}"))["license"].clone()
        };
        assert_eq!(license("free"), "MIT OR GPL-2.0-only");
        assert_eq!(license("silent"), Value::Null);
    }

    let output = asked(&project, "licenses", &["--target=deps"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    let answer = "invalid value `deps` for `--target`: expected a target that is an image";
    assert!(errors.contains(answer), "{errors}");
}

#[test]
fn convertllb_shows_the_graph_with_its_lines() {
    let project = Project::package("graph", &[]);
    project.bare_build_file("[build]\npackages = [\"gcc\"]\n");
    let text = response(
        &project,
        "convertllb",
        &["--platform=linux/amd64", "--target=builder"],
    );
    let graph: Value = serde_json::from_str(&text).unwrap();
    let ops = graph["def"].as_object().unwrap();
    let (digest, apt) = ops
        .iter()
        .find(|(_, op)| op["exec"]["meta"]["args"].to_string().contains("gcc"))
        .unwrap();
    assert_eq!(
        apt["platform"],
        json!({"Architecture": "amd64", "OS": "linux"})
    );
    let name = &graph["metadata"][digest]["description"]["llb.customname"];
    assert_eq!(name, "[builder 1/1] apt-get install gcc");
    let span = &graph["source"]["locations"][digest]["locations"][0];
    assert_eq!(span["ranges"][0]["start"]["line"], 3);
    assert_eq!(graph["source"]["infos"][0]["filename"], "poetry.build.toml");
}

#[test]
fn unknown_subrequests_are_errors() {
    let project = Project::package("unanswered", &[]);
    let output = asked(&project, "answers", &[]);
    let errors = String::from_utf8_lossy(&output.stderr);
    let answer = "unsupported request frontend.answers\n  hint: `--call=subrequests.describe` lists the supported requests";
    assert!(errors.contains(answer), "{errors}");
    assert!(!output.status.success());
}
