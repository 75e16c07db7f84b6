//! Questions that are no builds: `--call`, or `--print` in older clients.

use base64::Engine as _;
use serde_json::{Value, json};

use crate::support::docker::docker;
use crate::support::odd_engine::OddEngine;
use crate::support::{Index, Project};

/// What a client is told that asks with `--print=WHAT`.
#[track_caller]
fn told(project: &Project, what: &str, options: &[&str]) -> String {
    let output = docker(&["buildx", "build", "--progress=plain"])
        .arg(format!("--print={what}"))
        .args(options)
        .args(["--file=poetry.build.toml", "."])
        .env("BUILDX_EXPERIMENTAL", "1")
        .current_dir(project.folder())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn told_json(project: &Project, what: &str, options: &[&str]) -> Value {
    let text = told(project, &format!("{what},format=json"), options);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The text that the answer's location points at: the first line of it.
fn line<'a>(sources: &'a [String], entry: &Value) -> &'a str {
    let location = &entry["location"];
    let index = location["sourceIndex"].as_u64().unwrap_or_default();
    let start = location["ranges"][0]["start"]["line"].as_u64().unwrap();
    let mut lines = sources[usize::try_from(index).unwrap()].lines();
    lines.nth(usize::try_from(start).unwrap() - 1).unwrap()
}

fn sources(answer: &Value) -> Vec<String> {
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
        "[args]\nNUMBER = { default = \"1\", type = \"integer\", description = \"Number of the build\" }\nKIND = { default = \"a\", choices = [\"a\", \"b\"] }\n\
         [build]\npackages = [\"file\"]\n\
         [indexes.index]\nusername-secret = \"reader\"\npassword-secret = \"key\"\n\
         [target.test]\ndescription = \"Runs the tests\"\n",
    );
    project
}

#[test]
fn outline_lists_what_a_build_can_be_given_with_the_lines() {
    let index = Index::start();
    let project = project(&index);
    let answer = told_json(&project, "outline", &["--build-arg=NUMBER=7"]);
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
                "Number of the build (a whole number; 1 if not given)"
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
    assert!(of("poetry-frontend/pypoetry-").is_some(), "{caches:?}");
}

#[test]
fn outline_is_a_text_too() {
    let index = Index::start();
    let project = project(&index);
    let text = told(&project, "outline", &["--target=test"]);
    for line in [
        "TARGET:      test",
        "DESCRIPTION: Runs the tests",
        "BUILD ARG   VALUE   DESCRIPTION",
        "NUMBER      1       Number of the build (a whole number)",
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
fn targets_are_listed_with_what_they_are_for() {
    let index = Index::start();
    let project = project(&index);
    let answer = told_json(&project, "targets", &[]);
    let targets = answer["targets"].as_array().unwrap();
    assert_eq!(targets[0]["name"], "runtime");
    assert_eq!(targets[0]["default"], true);
    let own = targets
        .iter()
        .find(|target| target["name"] == "test")
        .unwrap();
    assert_eq!(own["description"], "Runs the tests");
    assert_eq!(line(&sources(&answer), own), "[target.test]");
    let text = told(&project, "targets", &[]);
    assert!(text.contains("runtime (default)"), "{text}");
    assert!(
        text.lines()
            .any(|line| line.starts_with("test ") && line.ends_with("Runs the tests")),
        "{text}"
    );
}

#[test]
fn a_client_is_told_what_it_can_ask() {
    let index = Index::start();
    let text = told(&project(&index), "subrequests.describe", &[]);
    for name in [
        "outline",
        "targets",
        "lint",
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
fn nothing_is_built_for_an_answer() {
    for request in [
        "frontend.subrequests.describe",
        "frontend.outline",
        "frontend.targets",
        "frontend.convertllb",
    ] {
        let conversation = OddEngine::new().option("requestid", request).talk();
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
fn the_graph_of_a_build_is_shown_with_its_lines() {
    let conversation = OddEngine::new()
        .option("requestid", "frontend.convertllb")
        .talk();
    let metadata = &conversation.asked.returns[0]
        .result
        .as_ref()
        .unwrap()
        .metadata;
    let graph: Value = serde_json::from_slice(&metadata["result.json"]).unwrap();
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
    let place = &graph["source"]["locations"][digest]["locations"][0];
    assert_eq!(place["ranges"][0]["start"]["line"], 2);
    assert_eq!(graph["source"]["infos"][0]["filename"], "poetry.build.toml");
}

#[test]
fn a_check_looks_into_the_source_when_it_is_asked_to() {
    let project = Project::package("onlydev", &[]);
    project
        .edit(
            "poetry.lock",
            "package = []",
            "[[package]]\nname = \"rich\"\nversion = \"1\"\ngroups = [\"dev\"]\nfiles = []\n",
        )
        .write("src/onlydev/web.py", "import os\nimport rich\n");
    let told = project.build().ask("lint");
    assert!(!told.contains("DevOnlyImport"), "{told}");
    project.build_file("[check]\nenable = [\"DevOnlyImport\"]\n");
    let told = project.build().ask("lint");
    let expected = "warning[DevOnlyImport]: `rich` is imported, and only the group `dev` has `rich`\n --> src/onlydev/web.py:2:1\n";
    assert!(told.contains(expected), "{told}");
}
