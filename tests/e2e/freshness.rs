//! What is taken from a cache, and what is not: `--no-cache`, `--no-cache-filter`, `--pull`, `BUILDKIT_CACHE_MOUNT_NS`.

use crate::support::docker;
use crate::support::{Image, Index, Project, in_registry, nonce};

/// A package with a dependency, whose steps no other test has.
fn project(index: &Index) -> Project {
    let words = index.publish("words", "1.0", "");
    Project::package("fresh", &[&words])
}

#[test]
fn a_stage_is_built_anew_when_it_is_named() {
    let index = Index::start();
    let project = project(&index);
    project.build().image();
    let (_, built) = project.build().with("--no-cache-filter=DEPS").run().parts();
    let ran = built.ran();
    for step in [
        "deps: poetry install --only main (1 package)",
        "deps: write what is to be installed",
    ] {
        assert!(ran.iter().any(|one| one == step), "{step} in {ran:?}");
    }
    let others = ran.iter().filter(|step| !step.starts_with("deps: "));
    // What is made of the new environment.
    assert_eq!(
        others.collect::<Vec<_>>(),
        ["runtime: copy the environment"; 0]
    );
    assert!(built.step("poetry", "install Poetry").cached);
}

#[test]
fn everything_is_built_anew_without_a_cache() {
    let index = Index::start();
    let project = project(&index);
    // Steps that no other build has: what is built anew is in the cache a second time, and other builds take either.
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nENV FRESH={}\n",
        nonce()
    ));
    let reference = in_registry("fresh");
    base.push(&reference);
    project.build_file(&format!("[runtime]\nbase = \"{reference}\"\n"));
    project.build().image();
    let (_, built) = project.build().with("--no-cache").run().parts();
    assert_eq!(built.cached(), [""; 0]);
    for (stage, title) in [
        ("poetry", "install Poetry"),
        ("deps", "poetry install"),
        ("source", "build and install"),
    ] {
        assert!(built.step(stage, title).started, "{stage}");
    }
}

#[test]
fn a_name_of_cache_mounts_has_caches_of_its_own() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "");
    let names = index.publish("names", "1.0", "");
    let project = Project::package("fresh", &[&words, &names]);
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
fn pull_takes_the_image_that_the_registry_has_now() {
    let reference = in_registry("pulled");
    let base = |version: &str| {
        Image::from_dockerfile(&format!(
            "FROM python:3.13-slim-trixie\nLABEL version={version} of={reference}\n"
        ))
    };
    base("old").push(&reference);
    docker::run(&["pull", "--quiet", &reference]);
    // Pushed from elsewhere: the engine still has the old one.
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
