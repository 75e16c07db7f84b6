//! Where a build's files come from: named contexts of every kind, and projects that are in no folder of the client's.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;

use crate::path_dependencies::{app, assert_answers, library};
use crate::support::docker::docker;
use crate::support::{FileServer, Image, Project, archive, in_registry, nonce};

/// The library of `app` in a folder of its own, with a name that no other build has.
pub(crate) fn outside() -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let name = format!("outsider {}", nonce());
    for (path, text) in library(&name) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    (folder, name)
}

/// An image with nothing but the files of a folder.
pub(crate) fn image_of(folder: &Path) -> Image {
    Image::from_folder("FROM scratch\nCOPY . /\n", Some(folder))
}

/// Builds the app with the named context `shared`.
#[track_caller]
pub(crate) fn assert_built_with(shared: &str, name: &str) {
    let project = app("../shared");
    let context = format!("--build-context=shared={shared}");
    assert_answers(&project.build().with(&context).image(), name);
}

#[test]
fn a_named_context_is_a_folder_less_what_it_ignores_itself() {
    let (folder, name) = outside();
    fs::write(folder.path().join(".dockerignore"), "shared/hidden.py\n").unwrap();
    fs::write(folder.path().join("shared/hidden.py"), "").unwrap();
    let project = app("../shared");
    let context = format!("--build-context=shared={}", folder.path().display());
    let image = project.build().with(&context).image();
    assert_answers(&image, &name);
    let installed = image.shell("ls /app/.venv/lib/python3.13/site-packages/shared");
    assert_eq!(installed, "__init__.py\n__pycache__");
}

#[test]
fn a_named_context_is_an_image() {
    let (folder, name) = outside();
    let reference = in_registry("library");
    image_of(folder.path()).push(&reference);
    assert_built_with(&format!("docker-image://{reference}"), &name);
}

#[test]
fn a_named_context_is_a_repository() {
    let (folder, name) = outside();
    let server = FileServer::start();
    let (address, _) = server.put_repository(folder.path());
    assert_built_with(&format!("{address}#main"), &name);
}

#[test]
fn a_named_context_is_an_archive_on_a_web_server() {
    let (folder, name) = outside();
    let server = FileServer::start();
    let address = server.put("library.tar", &archive(folder.path()));
    assert_built_with(&address, &name);
}

#[test]
fn a_named_context_that_cannot_be_had_is_told() {
    let project = app("../shared");
    let reference = in_registry("nowhere");
    let context = format!("--build-context=shared=docker-image://{reference}");
    let built = project.build().with(&context).run();
    let told = format!(
        "the named context `shared` is `docker-image://{reference}`, which cannot be had: "
    );
    assert!(built.error().contains(&told), "{}", built.error());
    assert_eq!(built.ran(), [""; 0]);
}

#[test]
fn a_named_context_stands_in_for_the_image_of_its_name() {
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
fn a_target_of_a_bake_file_stands_in_for_an_image() {
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
        .current_dir(project.folder())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}");
    let image = Image::tagged(tag);
    assert_eq!(image.answer(&[]), "hello");
    assert_eq!(image.shell("echo $STANDS_IN"), label);
}

/// A package that says a number that no other build has.
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
fn a_project_in_a_repository() {
    let (project, number) = project();
    let server = FileServer::start();
    let (address, commit) = server.put_repository(project.folder());
    for address in [format!("{address}#main"), format!("{address}#{commit}")] {
        let image = project.build().context(&address).image();
        assert_eq!(image.answer(&[]), number, "{address}");
    }
}

#[test]
fn a_project_in_a_folder_of_a_repository() {
    let (project, number) = project();
    let repository = TempDir::new().unwrap();
    let web = repository.path().join("services/web");
    fs::create_dir_all(web.parent().unwrap()).unwrap();
    fs::write(repository.path().join("README"), "").unwrap();
    copy(project.folder(), &web);
    let server = FileServer::start();
    let (address, _) = server.put_repository(repository.path());
    let address = format!("{address}#main:services/web");
    let image = project.build().context(&address).image();
    assert_eq!(image.answer(&[]), number);
}

/// Copies a folder.
fn copy(from: &Path, to: &Path) {
    tar::Archive::new(archive(from).as_slice())
        .unpack(to)
        .unwrap();
}

#[test]
fn the_query_of_a_repository_says_what_its_fragment_says() {
    let (folder, name) = outside();
    let repository = TempDir::new().unwrap();
    fs::write(repository.path().join("README"), "").unwrap();
    copy(folder.path(), &repository.path().join("library"));
    let server = FileServer::start();
    let (address, _) = server.put_repository(repository.path());
    assert_built_with(&format!("{address}?branch=main&subdir=library"), &name);
}

#[test]
fn a_repository_keeps_its_folder_only_when_asked_to() {
    let (project, _) = project();
    project.build_file("[source]\ninstall = \"copy\"\ninclude = [\"src\", \".git\"]\n[runtime]\nentrypoint = [\"ls\", \"-A\"]\n");
    let server = FileServer::start();
    let (address, _) = server.put_repository(project.folder());
    let address = format!("{address}#main");
    let built = project.build().context(&address).run();
    assert!(
        built
            .error()
            .contains("`.git` matches nothing in the build context"),
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
fn a_project_in_an_archive_on_a_web_server() {
    let (project, number) = project();
    let server = FileServer::start();
    let address = server.put("project.tar.gz", &archive(project.folder()));
    let image = project.build().context(&address).image();
    assert_eq!(image.answer(&[]), number);
}

#[test]
fn a_project_in_an_archive_on_standard_input() {
    let (project, number) = project();
    let image = project
        .build()
        .context("-")
        .stdin(archive(project.folder()))
        .image();
    assert_eq!(image.answer(&[]), number);
}

#[test]
fn a_build_file_on_standard_input() {
    let (project, number) = project();
    let build_file = project.read("poetry.build.toml");
    project.remove("poetry.build.toml");
    let image = project.build().with("--file=-").stdin(build_file).image();
    assert_eq!(image.answer(&[]), number);
}

#[test]
fn a_build_file_on_standard_input_for_a_project_in_a_repository() {
    let (project, number) = project();
    let build_file = project.read("poetry.build.toml");
    project.remove("poetry.build.toml");
    let server = FileServer::start();
    let (address, _) = server.put_repository(project.folder());
    let image = project
        .build()
        .context(&format!("{address}#main"))
        .with("--file=-")
        .stdin(build_file)
        .image();
    assert_eq!(image.answer(&[]), number);
}

#[test]
fn the_ignore_file_of_a_repository_counts() {
    let (project, _) = project();
    project
        .write("src/remote/hidden.py", "")
        .write(".dockerignore", "src/remote/hidden.py\n");
    let server = FileServer::start();
    let (address, _) = server.put_repository(project.folder());
    let image = project.build().context(&format!("{address}#main")).image();
    let installed = image.shell("ls /app/.venv/lib/python3.13/site-packages/remote");
    assert_eq!(installed, "__init__.py\n__pycache__");
}
