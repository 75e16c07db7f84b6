//! The frontend as a process: the release binary of the frontend's image, talking to a fake engine.

use std::time::Duration;

use testkit::{Package, Project};

use crate::support::docker;
use crate::support::fake_engine::{Cost, FakeEngine};
use crate::support::frontend;

const PACKAGES: usize = 1000;
const RUNS: usize = 10;
/// Several times what an idle machine takes (see `docs/overhead.md`), because a busy one is slower.
const TIME: Duration = Duration::from_millis(150);
const MEMORY: u64 = 32_000_000;

/// A project that depends on all of its packages, each with files for several platforms and a dependency.
fn project() -> Project {
    let name = |number| format!("package-{number:04}");
    let mut project = Project::new("odd")
        .python(">=3.13,<3.14")
        .script("odd", "odd:main");
    for number in 0..PACKAGES {
        let mut package = Package::new(&name(number), &format!("1.{number}.0"))
            .description("One of many")
            .python(">=3.8");
        for tags in [
            "cp313-cp313-manylinux_2_17_x86_64",
            "cp313-cp313-manylinux_2_17_aarch64",
            "cp313-cp313-macosx_11_0_arm64",
            "cp313-cp313-win_amd64",
            "cp312-cp312-manylinux_2_17_x86_64",
            "cp312-cp312-win_amd64",
        ] {
            package = package.wheel_for(tags);
        }
        package = package
            .sdist()
            .extra("test", ["pytest (>=7)", "pytest-cov"]);
        if number + 1 < PACKAGES {
            package = package.requires(&name(number + 1), ">=1.0");
        }
        project = project
            .dependency(&format!("{} (>=1.0,<2.0)", name(number)))
            .locked(package);
    }
    project.without_file("poetry.build.toml")
}

#[allow(clippy::cast_precision_loss, reason = "shown with one digit")]
/// The shortest of several runs: other processes only add to it.
#[test]
fn a_lock_of_a_thousand_packages_takes_little_time_and_memory() {
    let directory = tempfile::TempDir::new().unwrap();
    let binary = directory.path().join("poetry-frontend");
    let container = docker::run(&["create", &frontend()]);
    let container = String::from_utf8(container).unwrap();
    let from = format!("{}:/poetry-frontend", container.trim());
    docker::run(&["cp", &from, binary.to_str().unwrap()]);
    docker::run(&["rm", container.trim()]);

    let project = project();
    let runs: Vec<Cost> = (0..RUNS)
        .map(|_| {
            let conversation = FakeEngine::new()
                .project(&project)
                .file("dockerfile", "poetry.build.toml", "")
                .started_as(&binary)
                .talk();
            // The graph installs every package, so the whole lock was read.
            let build = &conversation.builds()[0].def;
            let last = format!("package-{:04}==1.{}.0 ", PACKAGES - 1, PACKAGES - 1);
            let shown = |op: &Vec<u8>| String::from_utf8_lossy(op).contains(&last);
            assert!(build.iter().any(shown), "{}", conversation.stderr);
            conversation.cost
        })
        .collect();
    let time = runs.iter().map(|run| run.time).min().unwrap();
    let memory = runs.iter().map(|run| run.memory).min().unwrap();
    // For `harness/bench --overhead`.
    eprintln!(
        "{:.1} ms, {:.1} MB",
        time.as_secs_f64() * 1e3,
        memory as f64 / 1e6
    );
    assert!(time <= TIME, "{runs:?}");
    assert!(memory <= MEMORY, "{runs:?}");
}
