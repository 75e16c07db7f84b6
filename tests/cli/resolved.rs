//! `resolved`: the build file as it applies.

use insta::assert_snapshot;

use crate::support::{Checkout, service};

const STANDARD: &str = r#"
name = "corp"
version = "1.0"

[defaults.args]
PORT = { default = 8000 }

[defaults.runtime]
env = { LOG = "json", TZ = "UTC", LITERAL = "$${HOME}" }
expose = ["${PORT}"]
user = { uid = 20000 }
labels = { "org.example.team" = "platform" }

[[defaults.copy]]
src = "ca.crt"
dest = "/ca.crt"

[defaults.target.test]
run = ["pytest"]
"#;

const BUILD_FILE: &str = r#"# syntax=corp/python:1
[args]
ZONE = { default = "CET" }

[runtime]
env = { TZ = "${ZONE}" }

[[hook]]
at = "final"
run = """
echo one
echo two
"""
"#;

#[test]
fn explain_shows_where_the_value_of_a_key_comes_from() {
    let checkout = Checkout::of(&service());
    checkout.write("standard.toml", STANDARD);
    checkout.write("poetry.build.toml", BUILD_FILE);
    checkout.write("ca.crt", "");
    let explain = |key: &str| {
        let options = ["--standard=standard.toml", "--build-arg=PORT=9000"];
        let ran = checkout.run(&["explain", key, ".", options[0], options[1]]);
        format!("$ poetry-frontend explain {key}\n{}\n", ran.printed())
    };
    let shown: String = ["runtime.env", "hook.run", "python.version", "runtime.init"]
        .into_iter()
        .map(explain)
        .collect();
    assert_snapshot!(shown);

    let options = ["--standard=standard.toml", "--format=json"];
    let json = checkout.run(&["explain", "runtime.env.TZ", ".", options[0], options[1]]);
    let json = json.json();
    assert_eq!(json["values"][0]["value"], "\"CET\"");
    assert_eq!(json["values"][0]["file"], "poetry.build.toml");
    assert_eq!(json["values"][0]["line"], 6);
}

#[test]
fn resolved_shows_the_build_file_with_the_origin_of_each_value() {
    let checkout = Checkout::of(&service());
    checkout.write("standard.toml", STANDARD);
    checkout.write("poetry.build.toml", BUILD_FILE);
    checkout.write("ca.crt", "");
    let with = ["--standard=standard.toml", "--build-arg=PORT=9000"];
    let resolved = checkout.run(&["resolved", with[0], with[1]]).printed();
    assert_snapshot!(resolved);

    // It builds the same image without the standard and the arguments.
    let labels = |plan: &str| {
        let lines = plan.lines();
        let lines = lines.filter(|line| !line.contains("poetry-frontend."));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let dockerfile = checkout.run(&["dockerfile", with[0], with[1]]).printed();
    checkout.write("poetry.build.toml", &resolved);
    let alone = checkout.run(&["dockerfile"]).printed();
    assert_eq!(labels(&dockerfile), labels(&alone));
    // And of a file that is resolved already, only the lines are others.
    let again = checkout.run(&["resolved"]).printed();
    let without = |text: &str| {
        let lines = text.lines();
        let lines = lines.map(|line| line.split("  # ").next().unwrap().to_owned());
        lines.collect::<Vec<_>>()
    };
    assert_eq!(without(&again), without(&resolved));
}

#[test]
fn resolved_reports_the_errors_of_a_standard() {
    let checkout = Checkout::of(&service());
    checkout.write("standard.toml", "name = \"corp\"\ndefault = 1\n");
    let ran = checkout.run(&["resolved", "--standard=standard.toml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(
        ran.stderr.contains("standard.toml of corp:2:1"),
        "{}",
        ran.stderr
    );
}
