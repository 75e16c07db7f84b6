//! A policy in Rego beside the build file. `tests/docs/policies.rs` evaluates those of the page.

use crate::support::Project;
use crate::support::docker;

const POLICY: &str = r#"package docker

default allow := true

allow := false if input.image.repo == "python"

deny_msg contains sprintf("the platform team denies %s", [input.image.ref]) if not allow

decision := {"allow": allow, "deny_msg": deny_msg}
"#;

/// Whether the client reads policies in Rego: buildx 0.31 and later. An older one does not look for the file.
fn client_reads_policies() -> bool {
    let help = String::from_utf8(docker::run(&["buildx", "build", "--help"])).unwrap();
    help.contains("--policy")
}

#[test]
fn a_policy_beside_the_build_file_denies_the_base_image() {
    let project = Project::package("governed", &[]);
    project.write("poetry.build.toml.rego", POLICY);
    if !client_reads_policies() {
        project.build().image();
        return;
    }
    let built = project.build().with("--policy=strict=true").run();
    let error = built.error();
    for expected in [
        "cannot resolve base image",
        "hint: the source policy of this build denies it",
    ] {
        assert!(error.contains(expected), "{expected}\n{error}");
    }
    // The client shows the policy's own message in a step.
    let report = built.report();
    let message = "the platform team denies docker.io/library/python:";
    assert!(report.contains(message), "{report}");
}
