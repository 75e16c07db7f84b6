//! Exported caches. These tests empty the engine's own cache, so they run apart from all others; those that need
//! more than an inline cache run on the containerd image store. See `harness/test`.

use tempfile::TempDir;

use crate::support::docker;
use crate::support::{Build, Index, Project, in_registry, nonce};

/// A package with a dependency, whose image is unique.
fn project(index: &Index) -> Project {
    let words = index.publish("words", "1.0", "GREETING = 'hello'\n");
    let project = Project::package("kept", &[&words]);
    project.write(
        "src/kept/__init__.py",
        &format!(
            "import words\nNONCE = {}\ndef main():\n    print(words.GREETING)\n",
            nonce()
        ),
    );
    project
}

/// Empties the engine's cache.
fn empty() {
    docker::run(&["builder", "prune", "--all", "--force"]);
}

/// Exports a cache from one engine and builds with it on another.
#[track_caller]
fn assert_rebuilt(export: impl Fn(Build<'_>), import: &str) {
    let index = Index::start();
    let project = project(&index);
    export(project.build());
    assert_eq!(index.downloads().len(), 1);
    empty();
    let (image, built) = project
        .build()
        .with(&format!("--cache-from={import}"))
        .run()
        .parts();
    assert_eq!(image.answer(&[]), "hello");
    assert_eq!(built.ran(), [""; 0], "{}", built.report());
    assert_eq!(index.downloads(), [""; 0]);
}

#[test]
#[ignore = "empties the engine's cache"]
fn a_registry_cache_restores_every_step() {
    let reference = in_registry("cache");
    let export = format!("--cache-to=type=registry,ref={reference},mode=max");
    assert_rebuilt(
        |build| drop(build.with(&export).image()),
        &format!("type=registry,ref={reference}"),
    );
}

#[test]
#[ignore = "empties the engine's cache"]
fn a_local_cache_restores_every_step() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().display();
    let export = format!("--cache-to=type=local,dest={path},mode=max");
    assert_rebuilt(
        |build| drop(build.with(&export).image()),
        &format!("type=local,src={path}"),
    );
}

#[test]
#[ignore = "empties the engine's cache"]
fn an_inline_cache_restores_an_unchanged_image() {
    let reference = in_registry("inline");
    let tag = format!("--tag={reference}");
    assert_rebuilt(
        |build| {
            let build = build.with("--cache-to=type=inline").with(&tag);
            build.export("type=registry");
        },
        &format!("type=registry,ref={reference}"),
    );
}
