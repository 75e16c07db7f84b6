//! `--pull` and `BUILDKIT_CACHE_MOUNT_NS`; see also `rebuild.rs`.

use crate::support::docker;
use crate::support::{Image, Index, Project, in_registry, nonce};

#[test]
fn each_cache_mount_namespace_has_its_own_caches() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "");
    let names = index.publish("names", "1.0", "");
    let project = Project::package("fresh", &[&words, &names]);
    // uv has no cache mount.
    project.build_file("[dependencies]\ninstaller = \"poetry\"\n");
    let build = |name: &str| {
        let namespace = format!("--build-arg=BUILDKIT_CACHE_MOUNT_NS={name}");
        project.build().with(&namespace).image();
        index.downloads()
    };
    let [one, two] = ["one", "two"].map(|name| format!("{name}-{}", nonce()));
    assert_eq!(build(&one), [&*names.file, &words.file]);
    let newer = index.publish("names", "1.1", "");
    project.depend_on("fresh", &[&words, &newer]);
    assert_eq!(build(&two), [&*newer.file, &words.file]);
    let newest = index.publish("names", "1.2", "");
    project.depend_on("fresh", &[&words, &newest]);
    assert_eq!(build(&one), [newest.file]);
}

#[test]
fn pull_uses_the_current_image_of_the_registry() {
    let reference = in_registry("pulled");
    let base = |version: &str| {
        Image::from_dockerfile(&format!(
            "FROM python:3.13-slim-trixie\nLABEL version={version} of={reference}\n"
        ))
    };
    base("old").push(&reference);
    docker::run(&["pull", "--quiet", &reference]);
    // Pushed by another machine: the engine still has the old one.
    base("new").push_beside(&reference);
    let project = Project::package("pulled", &[]);
    project.build_file(&format!("[runtime]\nbase = \"{reference}\"\n"));
    let version = |build: crate::support::Build<'_>| {
        build.image().inspect()["Config"]["Labels"]["version"].clone()
    };
    assert_eq!(version(project.build()), "old");
    assert_eq!(version(project.build().with("--pull")), "new");
    docker::run(&["image", "rm", "--force", &reference]);
}
