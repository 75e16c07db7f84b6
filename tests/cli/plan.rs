//! `poetry-frontend plan`, `dockerfile` and `llb`.

use std::path::Path;

use insta::assert_snapshot;
use prost::Message;
use serde_json::Value;
use testkit::Project;

use crate::support::{Checkout, command, run_on, service, service_with_humanize};

/// A project whose plan does not depend on the machine, or on the releases of Python.
fn project() -> Project {
    service_with_humanize("4.1.0").with_build_file(
        r#"
        # syntax=org/poetry-frontend
        [python]
        version = "3.13"
        [runtime]
        packages = ["libpq5"]
        "#,
    )
}

fn shown(arguments: &[&str]) -> String {
    let mut arguments = [arguments, &["--platform=linux/amd64"]].concat();
    if arguments[0] == "plan" {
        arguments.push("--build-platform=linux/amd64");
    }
    let text = run_on(&project(), &arguments).printed();
    // The name of the default registry is replaced.
    let mut parts: Vec<&str> = text.split("/library/").collect();
    let last = parts.pop().unwrap();
    let of_host = |char: char| char.is_ascii_alphanumeric() || char == '.';
    let parts = parts
        .iter()
        .map(|part| format!("{}REGISTRY/library/", part.trim_end_matches(of_host)));
    parts.collect::<String>() + last
}

#[test]
fn plan_shows_the_steps_of_each_stage_and_what_invalidates_them() {
    assert_snapshot!(shown(&["plan"]));
}

/// The plan for arm64 by an engine on amd64.
#[test]
fn plan_says_what_is_emulated_and_why() {
    let arguments = ["--platform=linux/arm64", "--build-platform=linux/amd64"];
    let text = run_on(&project(), &[&["plan"][..], &arguments].concat()).printed();
    let (_, rest) = text.split_once("\nplatform: ").unwrap();
    let (section, _) = rest.split_once("\n\n").unwrap();
    assert_eq!(
        section,
        "linux/arm64 on linux/amd64
   if python:3.13-slim-trixie has the same Python for both platforms; otherwise, all commands are emulated
   emulated: runtime: apt-get install libpq5 (it installs or runs programs of the image's platform)"
    );
    let json = run_on(
        &project(),
        &[&["plan", "--format=json"][..], &arguments].concat(),
    )
    .printed();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["platforms"]["engine"], "linux/amd64");
    assert_eq!(json["platforms"]["emulated"][0]["stage"], "runtime");
    assert_eq!(json["stages"][0]["from"]["platform"], "linux/amd64");
}

#[test]
fn plan_draws_the_stages() {
    assert_snapshot!(shown(&["plan", "--format=mermaid"]));
    let drawn = shown(&["plan", "--format=svg"]);
    assert!(drawn.contains(">1/1 install humanize</text>"), "{drawn}");
}

#[test]
fn all_commands_of_a_target_are_shown() {
    let build_file = "[target.test]\nrun = [['pytest', '-q'], ['mypy', '.']]\n";
    let project = service_with_humanize("4.1.0").with_build_file(build_file);
    let shown = |arguments: &[&str]| {
        let arguments = [arguments, &["--target=test", "--platform=linux/amd64"]].concat();
        run_on(&project, &arguments).printed()
    };
    let plan = shown(&["plan"]);
    for step in [
        "run-1 from test\n└─ 1/1 pytest -q\n",
        "run-2 from test\n└─ 1/1 mypy .\n",
    ] {
        assert!(plan.contains(step), "{plan}");
    }
    let json: Value = serde_json::from_str(&shown(&["plan", "--format=json"])).unwrap();
    assert_eq!(json["verifications"], serde_json::json!(["run-1", "run-2"]));
    let dockerfile = shown(&["dockerfile"]);
    for line in [
        "FROM test AS run-1\n",
        "FROM test AS run-2\n",
        // The image may have no shell.
        "RUN [\"pytest\",\"-q\"]",
        "RUN [\"mypy\",\".\"]",
    ] {
        assert!(dockerfile.contains(line), "{line}: {dockerfile}");
    }
}

/// Leaves out the lines of the scripts that a build runs: they have tests of their own.
fn without_scripts(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.retain(|item| {
                let line = item.as_str().and_then(|text| text.split_once(": "));
                !line.is_some_and(|(path, _)| is_script(path))
            });
            items.iter_mut().for_each(without_scripts);
        }
        Value::Object(keys) => keys.values_mut().for_each(without_scripts),
        _ => {}
    }
}

/// Whether a line in `plan` is of a Python script that is mounted.
fn is_script(path: &str) -> bool {
    path.strip_prefix("file /run/")
        .or_else(|| path.strip_prefix("/run/"))
        .is_some_and(|name| Path::new(name).extension().is_some_and(|end| end == "py"))
}

#[test]
fn plan_is_json_for_programs() {
    let mut plan: Value = serde_json::from_str(&shown(&["plan", "--format=json"])).unwrap();
    without_scripts(&mut plan);
    let plan = serde_json::to_string_pretty(&plan).unwrap();
    assert_snapshot!(plan);
}

#[test]
fn dockerfile_builds_the_same_without_the_frontend() {
    let mut text = String::new();
    let mut in_script = false;
    let mut before = "";
    let shown = shown(&["dockerfile"]);
    for line in shown.lines() {
        // A Python script begins with its description.
        if before.starts_with("COPY <<") && line.starts_with("\"\"\"") {
            text += &format!("{line}\n...\n");
            in_script = true;
        } else if line == "EOF" {
            in_script = false;
        }
        if !in_script {
            text += &format!("{line}\n");
        }
        before = line;
    }
    assert_snapshot!(text);
}

#[test]
fn an_error_in_the_files_takes_the_place_of_the_plan() {
    let project = service().with_build_file("[dependencies]\ngroups = [\"dev\"]\n");
    let ran = run_on(&project, &["plan"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(
        ran.stderr.starts_with("error[UnknownGroup]: "),
        "{}",
        ran.stderr
    );
}

#[test]
fn llb_writes_the_graph_for_buildctl_or_as_json() {
    let checkout = Checkout::of(&service_with_humanize("4.1.0"));
    let output = command(checkout.path(), &["llb"]).output().unwrap();
    assert!(output.status.success());
    let definition = buildkit_proto::pb::Definition::decode(output.stdout.as_slice()).unwrap();
    let ops = checkout.run(&["llb", "--format=json"]).json();
    let ops = ops.as_array().unwrap();
    assert_eq!(definition.def.len(), ops.len());
    let install = ops
        .iter()
        .find(|op| op["name"] == "[deps 1/1] install humanize");
    let arguments = install.unwrap()["operation"]["exec"].as_array().unwrap();
    assert!(
        arguments.iter().any(|word| word == "/app/.venv"),
        "{arguments:?}"
    );
    let again = command(checkout.path(), &["llb"]).output().unwrap();
    assert_eq!(output.stdout, again.stdout);
}
