//! Exported caches. These tests empty the engine's own cache, so they run apart from all others; those that need
//! more than an inline cache run on the containerd image store. See `harness/test`.

use tempfile::TempDir;

use crate::layers::files;
use crate::support::docker;
use crate::support::{Build, Index, Project, Published, in_registry, merges, nonce};

/// A package with two dependencies, whose image is unique. Where layers are merged, each is a layer, so that the layers are
/// compared, and their licences are read. Where they are copied, a cache of nothing but the image's layers lacks both.
fn project(indexes: [&Index; 2]) -> Project {
    let [first, second] = if merges() { indexes } else { [indexes[0]; 2] };
    let words = first.publish("words", "1.0", "GREETING = 'hello'\n");
    let names = second.publish("names", "1.0", "NAME = 'world'\n");
    let dependencies: &[(&str, &[&Published])] = if merges() {
        &[("a", &[&words]), ("b", &[&names])]
    } else {
        &[("a", &[&words, &names])]
    };
    let project = Project::with(&files("kept", dependencies));
    if merges() {
        project.build_file("[runtime]\nsbom = true\n");
    }
    project.write(
        "src/kept/__init__.py",
        &format!(
            "import words, names\nNONCE = {}\ndef main():\n    print(words.GREETING, names.NAME)\n",
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
    let indexes = [Index::start(), Index::start()];
    let project = project(indexes.each_ref());
    export(project.build());
    let downloads = || indexes.iter().flat_map(Index::downloads);
    assert_eq!(downloads().count(), 2);
    empty();
    let (image, built) = project
        .build()
        .with(&format!("--cache-from={import}"))
        .run()
        .parts();
    assert_eq!(image.answer(&[]), "hello world");
    assert_eq!(built.ran(), [""; 0], "{}", built.report());
    assert_eq!(downloads().count(), 0);
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
