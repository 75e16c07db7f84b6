//! `poetry-frontend init`, and a build with the file that it writes.

use std::path::Path;
use std::process::Command;

use crate::support::{Image, Index, Project};

/// A directory of `examples` with the build file that `init` writes. This machine has no image of the
/// newest Python, so the file names an older one.
fn initialised(example: &str) -> Project {
    let project = Project::copy_of(&Path::new("examples").join(example));
    project.remove("poetry.build.toml");
    write(project)
}

fn write(project: Project) -> Project {
    let output = Command::new(env!("CARGO_BIN_EXE_poetry-frontend"))
        .arg("init")
        .arg(project.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.starts_with("wrote "), "{said}");
    let text = project.read("poetry.build.toml");
    let (_, rest) = text.split_once('\n').unwrap();
    project.build_file(&format!("{rest}\n[python]\nversion = \"3.13\"\n"));
    project
}

fn image(example: &str) -> Image {
    initialised(example).build().image()
}

#[test]
fn init_for_a_command() {
    assert!(image("hello").answer(&[]).contains("Hello from"));
}

#[test]
fn init_for_a_service() {
    let image = image("fastapi");
    assert_eq!(image.inspect()["Config"]["Entrypoint"][0], "notes");
    assert_eq!(
        image.shell("python -c 'import notes.main; print(len(notes.main.notes))'"),
        "0"
    );
}

#[test]
fn init_for_a_project_without_a_package() {
    let image = image("django");
    assert_eq!(image.inspect()["Config"]["Cmd"][0], "gunicorn");
    let said = image.answer_with(&["--env=SECRET_KEY=x"], &["python", "manage.py", "work"]);
    assert_eq!(said, "waiting for orders");
}

#[test]
fn init_for_path_dependencies() {
    let library = Project::copy_of(Path::new("examples/monorepo/shared"));
    let shared = format!("--build-context=shared={}", library.path().display());
    let image = initialised("monorepo/service")
        .build()
        .with(&shared)
        .image();
    assert_eq!(image.answer(&[]), "Hello, Ada!\nHello, Grace!");
}

#[test]
fn init_for_a_private_index() {
    let index = Index::private("me:correct-horse");
    let secretly = index.publish("secretly", "1.0", "WORD = 'a word'\n");
    let project = Project::copy_of(Path::new("examples/private-index"));
    project.remove("poetry.build.toml");
    project.edit(
        "pyproject.toml",
        "http://index:8080/simple",
        &secretly.index,
    );
    project.lock_from("corp", &[&secretly]);
    let image = write(project)
        .build()
        .with_secret("corp-username", "me")
        .with_secret("corp-password", "correct-horse")
        .image();
    assert_eq!(image.answer(&[]), "a word");
}

#[test]
fn init_for_native_code() {
    let said = image("native").answer(&["hello"]);
    assert!(said.starts_with("324dcf02"), "{said}");
}

#[test]
fn init_for_a_package_with_a_script() {
    assert_eq!(image("assets").inspect()["Config"]["Entrypoint"][0], "site");
}
