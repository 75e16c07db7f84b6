//! `poetry-frontend bake` and `compose`.

use std::fs;

use insta::assert_snapshot;
use serde_json::{Value, json};
use testkit::{Package, Project};

use crate::support::{Checkout, run_on, service};

/// A project that needs everything that a client can provide.
fn demanding() -> Project {
    service()
        .dependency("shared")
        .locked(Package::new("shared", "1").directory("../shared"))
        .with_file("poetry.toml", "")
        .with_build_file(
            r#"
            # syntax=org/poetry-frontend

            [args]
            PORT = { default = 8000 }
            QUOTED = { default = "${a} %{b} \"c\"" }
            TAG = { default = "" }

            [runtime]
            entrypoint = ["serve", "$HOME"]
            expose = ["${PORT}", "5353/udp"]
            writable = ["/app/data"]
            env = { RELEASE = "${TAG}", QUOTED = "${QUOTED}" }

            [[copy]]
            from = "context:assets"
            src = "."
            dest = "/app/static"

            [[hook]]
            at = "after-install"
            run = ["true"]
            secrets = ["mmdb-token"]
            ssh = true
            network = "host"
            platforms = ["linux/arm64"]

            [target."worker.slow"]
            runtime.entrypoint = ["serve", "--price", "$1"]
            "#,
        )
}

#[test]
fn a_bake_file_has_what_each_target_needs() {
    let ran = run_on(
        &demanding(),
        &[
            "bake",
            "--stdout",
            "--platform=linux/amd64,linux/arm64",
            "--build-arg=SOURCE_DATE_EPOCH=0",
        ],
    );
    assert_snapshot!(ran.printed());
}

#[test]
fn only_the_steps_of_the_given_platforms_count() {
    let ran = run_on(
        &demanding(),
        &["bake", "--stdout", "--platform=linux/amd64"],
    );
    let bake: Value = serde_json::from_str(&ran.printed()).unwrap();
    let runtime = &bake["target"]["runtime"];
    assert_eq!(runtime["contexts"]["shared"], "../shared");
    for key in ["secret", "ssh", "entitlements"] {
        assert_eq!(runtime[key], Value::Null, "{key}");
    }
}

#[test]
fn given_contexts_are_seen_from_the_project_and_addresses_stay() {
    let checkout = Checkout::empty();
    demanding().write_to(&checkout.path().join("project"));
    let ran = checkout.run(&[
        "bake",
        "project",
        "--stdout",
        "--file=project/poetry.build.toml",
        "--build-context=assets=web",
        "--build-context=python:3.13=docker-image://corp/python",
    ]);
    let bake: Value = serde_json::from_str(&ran.printed()).unwrap();
    assert_eq!(bake["target"]["_common"]["dockerfile"], "poetry.build.toml");
    assert_eq!(
        bake["target"]["runtime"]["contexts"],
        json!({ "assets": "../web", "python:3.13": "docker-image://corp/python", "shared": "../shared" })
    );
    assert_eq!(bake["variable"].get("CONTEXT_ASSETS"), None);
}

#[test]
fn a_bake_file_is_written_whole_and_replaced_only_with_force() {
    let checkout = Checkout::of(&service());
    assert_eq!(
        checkout.run(&["bake"]).printed(),
        "wrote ./docker-bake.json; build all targets with `docker buildx bake`\n"
    );
    let written = checkout.read("docker-bake.json");
    let ran = checkout.run(&["bake"]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.stderr,
        "error: `./docker-bake.json` already exists\n  hint: use `--force` to overwrite it\n"
    );
    checkout.write("docker-bake.json", "mine");
    checkout.run(&["bake", "--force"]).printed();
    assert_eq!(checkout.read("docker-bake.json"), written);

    // Neither errors in the files nor those of the directory leave a part of it.
    checkout.write("poetry.build.toml", "[runtme]\n");
    let ran = checkout.run(&["bake", "--force"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(
        ran.stderr.contains("did you mean `runtime`?"),
        "{}",
        ran.stderr
    );
    assert_eq!(checkout.read("docker-bake.json"), written);
    checkout.write("poetry.build.toml", "");
    fs::remove_file(checkout.path().join("docker-bake.json")).unwrap();
    fs::create_dir_all(checkout.path().join("docker-bake.json/x")).unwrap();
    let ran = checkout.run(&["bake", "--force"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .starts_with("error: cannot write `./docker-bake.json`"),
        "{}",
        ran.stderr
    );
    let names = fs::read_dir(checkout.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.into_iter().all(|name| !name.contains(".tmp")));
}

#[test]
fn compose_has_the_image_and_a_container_for_development() {
    let checkout = Checkout::empty();
    demanding().write_to(&checkout.path().join("project"));
    checkout.write("shared/shared.py", "");
    let ran = checkout.run(&["compose", "project", "--platform=linux/arm64"]);
    assert_snapshot!(ran.printed());
}

#[test]
fn compose_describes_other_targets_and_copied_sources() {
    let project = service().with_build_file(
        r#"
        # syntax=org/poetry-frontend
        [source]
        install = "copy"
        include = ["."]
        [runtime]
        entrypoint = ["python", "-m", "service.web"]
        read-only = false
        [target.worker]
        runtime.entrypoint = ["serve", "$1"]
        [target.dev]
        runtime.cmd = ["bash"]
        "#,
    );
    let text = run_on(&project, &["compose", "--target=worker"]).printed();
    assert!(text.contains("\n  worker:\n"), "{text}");
    assert!(text.contains("\n      target: worker\n"), "{text}");
    assert!(!text.contains("read_only"), "{text}");
    // The file says what the development image runs.
    assert!(!text.contains("command"), "{text}");
    let synced = "\
        - action: \"sync+restart\"
          ignore: [\"**/__pycache__/\", \"**/.*_cache/\", .venv/, poetry.build.toml, poetry.lock, pyproject.toml]
          path: .
          target: /app
";
    assert!(text.contains(synced), "{text}");

    let text = run_on(&project, &["compose", "--target=dev"]).printed();
    assert_eq!(text.matches("    build:\n").count(), 1, "{text}");
    let ran = run_on(&project, &["compose", "--target=wrker"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("did you mean `worker`?"),
        "{}",
        ran.stderr
    );
}
