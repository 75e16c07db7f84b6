//! What the command line writes, put to use: a Dockerfile in place of the frontend, and build files that it wrote.

use std::process::Command;

use serde_json::Value;

use crate::support::{Image, Project, frontend, mirror};

/// The program's output in the project's folder.
#[track_caller]
fn command_line(project: &Project, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_poetry-frontend"));
    command.args(arguments).current_dir(project.folder());
    if let Some(mirror) = mirror().filter(|_| arguments[0] != "init") {
        command.arg(format!("--build-arg=PYPI_MIRROR={mirror}"));
    }
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    String::from_utf8(output.stdout).unwrap()
}

/// The image of the Dockerfile that the project is written as.
#[track_caller]
fn by_dockerfile(project: &Project) -> Image {
    let ignore = command_line(project, &["dockerfile", "--ignore"]);
    let text = command_line(project, &["dockerfile"]);
    // The engine's own frontend: the published one is not in reach of every machine.
    let (syntax, text) = text.split_once('\n').unwrap();
    assert_eq!(syntax, "# syntax=docker/dockerfile:1");
    project.write(".dockerignore", &ignore);
    Image::from_folder(text, Some(project.folder()))
}

/// What a user sees of an image.
fn essence(image: &Image) -> (String, Value) {
    let files = image.shell(
        "cd /app && find . ! -name '*.pyc' ! -name __pycache__ -printf '%p %U:%G %m\\n' | sort; id; ls /srv",
    );
    let mut config = image.inspect()["Config"].clone();
    for key in ["Hostname", "Image"] {
        config.as_object_mut().unwrap().remove(key);
    }
    let mut env: Vec<String> = serde_json::from_value(config["Env"].clone()).unwrap();
    env.sort();
    config["Env"] = serde_json::json!(env);
    (files, config)
}

#[test]
fn the_dockerfile_builds_the_same_image() {
    let project = Project::package("leaver", &[]);
    project
        .write("www/index.html", "<p>hello</p>\n")
        .write("www/.env", "TOKEN=hidden\n")
        .build_file(
            "\
[runtime]
env = { GREETING = \"it's $HOME\" }
expose = [8000]
writable = [\"/app/data\"]
labels = { team = \"web\" }
stop-signal = \"SIGINT\"
healthcheck = { cmd = [\"true\"], interval = \"30s\", retries = 3 }
[[copy]]
src = \"www\"
dest = \"/srv/www\"
[[hook]]
at = \"after-install\"
run = \"\"\"
printf '%s' \"$WORD\" >/app/made
\"\"\"
env = { WORD = \"it's $5\" }
outputs = [\"/app/made\"]
",
        );
    let expected = project.build().image();
    let image = by_dockerfile(&project);
    assert_eq!(image.answer(&[]), "hello");
    assert_eq!(
        image.shell("cat /app/made /srv/www/index.html; ls -A /srv/www"),
        expected.shell("cat /app/made /srv/www/index.html; ls -A /srv/www")
    );
    let (files, config) = essence(&image);
    let (expected_files, expected_config) = essence(&expected);
    assert_eq!(files, expected_files);
    assert_eq!(config, expected_config);
}

#[test]
fn the_example_is_the_same_by_dockerfile() {
    let project = Project::copy_of("examples/hello".as_ref());
    let text = project.read("poetry.build.toml");
    let (_, rest) = text.split_once('\n').unwrap();
    project.write(
        "poetry.build.toml",
        &format!("# syntax={}\n{rest}", frontend()),
    );
    let expected = project.build().image();
    let image = by_dockerfile(&project);
    assert!(image.answer(&[]).contains("Hello from Poetry!"));
    assert_eq!(essence(&image), essence(&expected));
}

#[test]
fn a_build_file_that_was_written_builds() {
    let project = Project::package("inited", &[]);
    project.remove("poetry.build.toml");
    let told = command_line(&project, &["init", &format!("--frontend={}", frontend())]);
    assert!(told.starts_with("wrote ./poetry.build.toml"), "{told}");
    let text = project.read("poetry.build.toml");
    let (syntax, rest) = text.split_once('\n').unwrap();
    assert_eq!(syntax, format!("# syntax={}", frontend()));
    // With what this machine needs.
    project.build_file(rest);
    assert_eq!(project.build().image().answer(&[]), "hello");
}
