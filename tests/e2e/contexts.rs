//! Build contexts and named contexts of every kind.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;

use crate::path_dependencies::{app, assert_answers, library};
use crate::support::docker::docker;
use crate::support::{FileServer, Image, Project, archive, in_registry, nonce};

/// The library of `app` in its own directory, with a unique name.
pub(crate) fn outside() -> (TempDir, String) {
    let directory = TempDir::new().unwrap();
    let name = format!("outsider {}", nonce());
    for (path, text) in library(&name) {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    (directory, name)
}

/// An image with nothing but the files of a directory.
pub(crate) fn image_of(directory: &Path) -> Image {
    Image::from_directory("FROM scratch\nCOPY . /\n", Some(directory))
}

/// Builds the app with the named context `shared`.
#[track_caller]
pub(crate) fn assert_built_with(shared: &str, name: &str) {
    let project = app("../shared");
    let context = format!("--build-context=shared={shared}");
    assert_answers(&project.build().with(&context).image(), name);
}

#[test]
fn a_named_context_can_be_a_directory_with_its_own_ignore_file() {
    let (directory, name) = outside();
    fs::write(directory.path().join(".dockerignore"), "shared/hidden.py\n").unwrap();
    fs::write(directory.path().join("shared/hidden.py"), "").unwrap();
    let project = app("../shared");
    let context = format!("--build-context=shared={}", directory.path().display());
    let image = project.build().with(&context).image();
    assert_answers(&image, &name);
    let installed = image.shell("ls /app/.venv/lib/python3.13/site-packages/shared");
    assert_eq!(installed, "__init__.py\n__pycache__");
}

#[test]
fn a_named_context_can_be_an_image() {
    let (directory, name) = outside();
    let reference = in_registry("library");
    image_of(directory.path()).push(&reference);
    assert_built_with(&format!("docker-image://{reference}"), &name);
}

#[test]
fn a_named_context_can_be_a_git_repository() {
    let (directory, name) = outside();
    let server = FileServer::start();
    let (address, _) = server.put_repository(directory.path());
    assert_built_with(&format!("{address}#main"), &name);
}

#[test]
fn a_named_context_can_be_an_archive_at_a_url() {
    let (directory, name) = outside();
    let server = FileServer::start();
    let address = server.put("library.tar", &archive(directory.path()));
    assert_built_with(&address, &name);
}

#[test]
fn a_named_context_that_cannot_be_loaded_is_an_error() {
    let project = app("../shared");
    let reference = in_registry("nowhere");
    let context = format!("--build-context=shared=docker-image://{reference}");
    let built = project.build().with(&context).run();
    let message = format!("cannot use `docker-image://{reference}` as named context `shared`: ");
    assert!(built.error().contains(&message), "{}", built.error());
    assert_eq!(built.ran(), [""; 0]);
}

#[test]
fn a_named_context_replaces_the_base_image_of_its_name() {
    let label = format!("stands-in-{}", nonce());
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nENV STANDS_IN={label}\nLABEL base={label}\n"
    ));
    let reference = in_registry("base");
    base.push(&reference);
    let project = Project::package("replaced", &[]);
    let image = project
        .build()
        .with(&format!(
            "--build-context=python:3.13-slim-trixie=docker-image://{reference}"
        ))
        .image();
    assert_eq!(image.answer(&[]), "hello");
    assert_eq!(image.shell("echo $STANDS_IN"), label);
    assert_eq!(image.inspect()["Config"]["Labels"]["base"], label);
}

#[test]
fn a_bake_target_replaces_a_base_image() {
    let label = format!("baked-{}", nonce());
    let tag = format!("poetry-frontend-test-baked:{}", nonce());
    let project = Project::package("baked", &[]);
    project.write(
        "docker-bake.json",
        &serde_json::json!({
            "target": {
                "base": {
                    "dockerfile-inline": format!("FROM python:3.13-slim-trixie\nENV STANDS_IN={label}\n"),
                },
                "image": {
                    "dockerfile": "poetry.build.toml",
                    "contexts": { "python:3.13-slim-trixie": "target:base" },
                    "args": { "PYPI_MIRROR": std::env::var("PYPI_MIRROR").unwrap_or_default() },
                    "tags": [tag],
                    "output": ["type=docker"],
                },
            }
        })
        .to_string(),
    );
    let output = docker(&["buildx", "bake", "image"])
        .current_dir(project.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}");
    let image = Image::tagged(tag);
    assert_eq!(image.answer(&[]), "hello");
    assert_eq!(image.shell("echo $STANDS_IN"), label);
}

/// A package that prints a unique number.
fn project() -> (Project, String) {
    let project = Project::package("remote", &[]);
    let number = nonce().to_string();
    project.write(
        "src/remote/__init__.py",
        &format!("def main():\n    print('{number}')\n"),
    );
    (project, number)
}

#[test]
fn the_context_can_be_a_git_repository() {
    let (project, number) = project();
    let server = FileServer::start();
    let (address, commit) = server.put_repository(project.path());
    for address in [format!("{address}#main"), format!("{address}#{commit}")] {
        let image = project.build().context(&address).image();
        assert_eq!(image.answer(&[]), number, "{address}");
    }
}

#[test]
fn the_context_can_be_a_subdirectory_of_a_git_repository() {
    let (project, number) = project();
    let repository = TempDir::new().unwrap();
    let web = repository.path().join("services/web");
    fs::create_dir_all(web.parent().unwrap()).unwrap();
    fs::write(repository.path().join("README"), "").unwrap();
    copy(project.path(), &web);
    let server = FileServer::start();
    let (address, _) = server.put_repository(repository.path());
    let address = format!("{address}#main:services/web");
    let image = project.build().context(&address).image();
    assert_eq!(image.answer(&[]), number);
}

/// Copies a directory.
fn copy(from: &Path, to: &Path) {
    tar::Archive::new(archive(from).as_slice())
        .unpack(to)
        .unwrap();
}

#[test]
fn a_git_url_can_have_a_query_in_place_of_a_fragment() {
    let (directory, name) = outside();
    let repository = TempDir::new().unwrap();
    fs::write(repository.path().join("README"), "").unwrap();
    copy(directory.path(), &repository.path().join("library"));
    let server = FileServer::start();
    let (address, _) = server.put_repository(repository.path());
    assert_built_with(&format!("{address}?branch=main&subdir=library"), &name);
}

#[test]
fn the_git_directory_is_kept_on_request() {
    let (project, _) = project();
    project.build_file(
        r#"
        [source]
        install = "copy"
        include = ["src", ".git"]
        [runtime]
        entrypoint = ["ls", "-A"]
        "#,
    );
    let server = FileServer::start();
    let (address, _) = server.put_repository(project.path());
    let address = format!("{address}#main");
    let built = project.build().context(&address).run();
    assert!(
        built.error().contains("the build context has no `.git`")
            && built.error().contains("KEEP_GIT_DIR=1"),
        "{}",
        built.error()
    );
    let image = project
        .build()
        .context(&address)
        .with("--build-arg=BUILDKIT_CONTEXT_KEEP_GIT_DIR=1")
        .image();
    assert_eq!(image.answer(&[]), ".git\n.venv\nsrc");
}

#[test]
fn the_context_can_be_an_archive_at_a_url() {
    let (project, number) = project();
    let server = FileServer::start();
    let address = server.put("project.tar.gz", &archive(project.path()));
    let image = project.build().context(&address).image();
    assert_eq!(image.answer(&[]), number);
}

#[test]
fn the_context_can_be_an_archive_on_standard_input() {
    let (project, number) = project();
    let image = project
        .build()
        .context("-")
        .stdin(archive(project.path()))
        .image();
    assert_eq!(image.answer(&[]), number);
}

#[test]
fn the_build_file_can_come_from_standard_input() {
    let (project, number) = project();
    let build_file = project.read("poetry.build.toml");
    project.remove("poetry.build.toml");
    let image = project.build().with("--file=-").stdin(build_file).image();
    assert_eq!(image.answer(&[]), number);
}

#[test]
fn a_build_file_from_standard_input_can_build_a_git_repository() {
    let (project, number) = project();
    let build_file = project.read("poetry.build.toml");
    project.remove("poetry.build.toml");
    let server = FileServer::start();
    let (address, _) = server.put_repository(project.path());
    let image = project
        .build()
        .context(&format!("{address}#main"))
        .with("--file=-")
        .stdin(build_file)
        .image();
    assert_eq!(image.answer(&[]), number);
}

#[test]
fn the_ignore_file_of_a_git_repository_is_applied() {
    let (project, _) = project();
    project
        .write("src/remote/hidden.py", "")
        .write(".dockerignore", "src/remote/hidden.py\n");
    let server = FileServer::start();
    let (address, _) = server.put_repository(project.path());
    let image = project.build().context(&format!("{address}#main")).image();
    let installed = image.shell("ls /app/.venv/lib/python3.13/site-packages/remote");
    assert_eq!(installed, "__init__.py\n__pycache__");
}
