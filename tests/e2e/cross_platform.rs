//! Images of another platform than the engine's, built without emulation. On an engine with the containerd image store, which
//! exports several platforms.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use testkit::Package;

use crate::support::{
    Built, Index, Project, Published, docker, in_registry, platforms_image, tagged_wheel,
};

/// The platform that the engine emulates, and Python's name of its machine.
fn emulated() -> (&'static str, &'static str) {
    match std::env::consts::ARCH {
        "aarch64" => ("amd64", "x86_64"),
        _ => ("arm64", "aarch64"),
    }
}

/// Publishes a package with a wheel for each of two machines, and one command.
fn publish_fast(index: &Index) -> Vec<Published> {
    let version = index.version("1.0");
    let metadata = format!("Metadata-Version: 2.1\nName: fast\nVersion: {version}\n");
    let published = ["x86_64", "aarch64"].map(|machine| {
        let files = [
            ("fast/__init__.py", format!("MACHINE = {machine:?}\n")),
            (
                &*format!("fast-{version}.dist-info/entry_points.txt"),
                "[console_scripts]\nfast = fast:main\n".to_owned(),
            ),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text)).into();
        let tag = format!("cp313-cp313-manylinux_2_17_{machine}.manylinux2014_{machine}");
        let (file, bytes) = tagged_wheel("fast", &version, &tag, &metadata, files);
        index.publish_file("fast", &version, &file, bytes)
    });
    published.into()
}

/// A project of wheels: one for each platform, and one for any.
fn project(index: &Index) -> Project {
    let pure = index.publish("pure", "1.0", "WORDS = {'a', 'b', 'c'}\n");
    let fast = publish_fast(index);
    let locked = fast.iter().fold(
        Package::new("fast", &fast[0].version).index("index", &fast[0].index),
        |package, one| package.file(&one.file, &one.sha256),
    );
    let files = Project::files("anywhere", &[&pure])
        .dependency("fast")
        .locked(locked);
    Project::with(&files)
}

/// A base image for both platforms from a Dockerfile, in the registry.
fn base(dockerfile: &str) -> String {
    let name = in_registry("base");
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("Dockerfile");
    fs::write(&path, dockerfile).unwrap();
    let built = docker(&["buildx", "build", "--quiet", "--push"])
        .args(["--platform=linux/amd64,linux/arm64", "--provenance=false"])
        .arg(format!("--tag={name}"))
        .arg(directory.path())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{errors}");
    name
}

/// A build file with a base image.
fn on(base: &str) -> String {
    format!("[python]\nversion = \"3.13\"\n[runtime]\nbase = \"{base}\"\n")
}

/// A build file with a base image for both platforms that has the variable of official images.
pub(crate) fn on_platforms() -> String {
    let platforms = platforms_image();
    on(&base(&format!(
        "FROM {platforms}\nENV PYTHON_VERSION=3.13\n"
    )))
}

/// Builds for the emulated platform, and returns the digests of the layers.
fn layers(project: &Project, build_file: &str) -> (Vec<String>, Built) {
    project.build_file(build_file);
    let out = TempDir::new().unwrap();
    let built = project
        .build()
        .with(&format!("--platform=linux/{}", emulated().0))
        .with("--build-arg=SOURCE_DATE_EPOCH=1700000000")
        .unattested()
        .export_layout(out.path(), &["rewrite-timestamp=true"]);
    let index = json(&out.path().join("index.json"));
    let manifest = index["manifests"][0]["digest"].as_str().unwrap();
    let manifest = out.path().join("blobs").join(manifest.replace(':', "/"));
    let layers = json(&manifest)["layers"].as_array().unwrap().clone();
    let digests = layers.iter().map(|layer| layer["digest"].to_string());
    (digests.collect(), built)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The steps that ran, by the platform in their names.
fn ran_for<'a>(built: &'a Built, platform: &str) -> Vec<&'a str> {
    let steps = built.steps().filter(|step| step.started);
    let steps = steps.filter(|step| step.stage() == platform);
    steps.map(|step| step.name.as_str()).collect()
}

#[test]
#[ignore = "needs the containerd image store"]
fn without_emulation_an_image_has_the_same_layers() {
    let index = Index::start();
    let project = project(&index);
    let (architecture, _) = emulated();
    let native = if architecture == "arm64" {
        "amd64"
    } else {
        "arm64"
    };
    let across = format!("linux/{native}->{architecture}");
    // The engine cannot know which Python this base has.
    let (emulated, built) = layers(&project, &on(&platforms_image()));
    assert!(ran_for(&built, &across).is_empty(), "{}", built.report());
    let reason = "which Python it has";
    assert!(built.report().contains(reason), "{}", built.report());
    // The same files, with the variable.
    let (layers, built) = layers(&project, &on_platforms());
    let ran = ran_for(&built, &across);
    for title in [
        "create the virtual environment",
        "install fast and pure",
        "add the user",
    ] {
        let found = ran.iter().any(|one| one.contains(&format!("] {title}")));
        assert!(found, "{title}: {}", built.report());
    }
    assert_eq!(layers, emulated, "{}", built.report());
}

#[test]
#[ignore = "needs the containerd image store"]
fn nothing_of_a_project_of_wheels_runs_on_the_platform_of_the_image() {
    let index = Index::start();
    let project = project(&index);
    let (architecture, machine) = emulated();
    // No command runs in the base of the emulated platform: it has no files.
    let native = if architecture == "arm64" {
        "amd64"
    } else {
        "arm64"
    };
    let base = base(&format!(
        "FROM python:3.13-slim-trixie AS {native}
FROM scratch AS {architecture}
COPY <<TEXT /only
nothing else
TEXT
FROM $TARGETARCH
ENV PATH=/usr/local/bin:/usr/bin:/bin PYTHON_VERSION=3.13
"
    ));
    project.build_file(&on(&base));
    let out = TempDir::new().unwrap();
    let built = project
        .build()
        .with("--platform=linux/amd64,linux/arm64")
        .export(&format!("type=local,dest={}", out.path().display()));
    let site = |architecture: &str, file: &str| {
        let directory = out.path().join(format!("linux_{architecture}"));
        let path = directory
            .join("app/.venv/lib/python3.13/site-packages")
            .join(file);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let text = String::from_utf8(site(architecture, "fast/__init__.py")).unwrap();
    assert_eq!(text, format!("MACHINE = {machine:?}\n"));
    for file in [
        "anywhere/__init__.py",
        "anywhere/__pycache__/__init__.cpython-313.pyc",
        "pure/__pycache__/__init__.cpython-313.pyc",
    ] {
        assert_eq!(site("amd64", file), site("arm64", file), "{file}");
    }
    // Both platforms have one wheel of the project.
    let steps = built
        .steps()
        .filter(|step| step.name.ends_with("build and install the wheel"));
    assert_eq!(steps.count(), 1, "{}", built.report());
}
