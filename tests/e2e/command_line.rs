//! Options of `docker buildx build`.

use serde_json::json;

use crate::support::Project;

#[test]
fn build_arguments_replace_their_defaults() {
    let project = Project::package("argued", &[]);
    project
        .write(
            "src/argued/__init__.py",
            "import os\ndef main():\n    print(os.environ['GREETING'], os.getuid())\n",
        )
        .build_file(
            r#"
            [args]
            WORD = { default = "hello" }
            NAME = { default = "world" }
            [runtime]
            env = { GREETING = "${WORD} ${NAME}, $${WORD}" }
            "#,
        );
    assert_eq!(
        project.build().image().answer(&[]),
        "hello world, ${WORD} 10001"
    );
    let image = project.build().with("--build-arg=NAME=Poetry").image();
    assert_eq!(image.answer(&[]), "hello Poetry, ${WORD} 10001");
}

#[test]
fn labels_of_the_command_are_added() {
    let project = Project::package("labelled", &[]);
    let image = project
        .build()
        .with("--label=org.example.team=web")
        .with("--label=empty")
        .image();
    let labels = &image.inspect()["Config"]["Labels"];
    assert_eq!(labels["org.example.team"], "web");
    assert_eq!(labels["empty"], "");
}

#[test]
fn target_deps_builds_the_environment_alone() {
    let project = Project::package("target_deps", &[]);
    let (image, built) = project.build().with("--target=deps").run().parts();
    assert_eq!(
        image.answer(&["/app/.venv/bin/python", "-c", "print('there')"]),
        "there"
    );
    assert_eq!(image.shell("ls -A /app"), ".venv");
    assert!(built.steps().all(|step| step.stage() != "runtime"));
    // The base's own settings.
    assert_eq!(image.inspect()["Config"]["Entrypoint"], json!(null));
    assert_eq!(image.shell("id -u"), "0");
}

#[test]
fn target_builder_builds_the_tools_alone() {
    let project = Project::package("target_builder", &[]);
    project.build_file("[build]\npackages = [\"file\"]\n");
    let (image, built) = project.build().with("--target=builder").run().parts();
    assert_eq!(
        image.shell("command -v file; ls -A /app 2>/dev/null || echo no project"),
        "/usr/bin/file\nno project"
    );
    assert!(built.steps().all(|step| step.stage() == "builder"));
}

#[test]
fn the_build_file_can_have_any_name() {
    let project = Project::package("renamed", &[]);
    project.write("deploy/web.toml", &project.read("poetry.build.toml"));
    project.remove("poetry.build.toml");
    let image = project.build().with("--file=deploy/web.toml").image();
    assert_eq!(image.answer(&[]), "hello");
}

#[test]
fn source_date_epoch_sets_the_time_of_the_image() {
    let project = Project::package("timed", &[]);
    let image = project
        .build()
        .with("--build-arg=SOURCE_DATE_EPOCH=1700000000")
        .image();
    assert_eq!(image.inspect()["Created"], "2023-11-14T22:13:20Z");
}
