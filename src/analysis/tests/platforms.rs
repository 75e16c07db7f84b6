//! Images of another platform than the engine's.

use super::*;
use crate::plan::BuildPlatform;

/// An image for arm64, built by an engine on amd64.
fn on_amd64(project: &Project) -> Plan {
    for_arm64(project, &request())
}

fn for_arm64(project: &Project, request: &Request) -> Plan {
    let [engine, platform] = ["amd64", "arm64"].map(|name| Platform::parse(name).unwrap());
    let request = Request {
        build_platform: BuildPlatform::between(&engine, &platform),
        platform,
        ..request.clone()
    };
    plan_for(project, &request).unwrap()
}

/// What is emulated, and why.
fn emulated(plan: &Plan) -> Vec<String> {
    let emulated = plan.emulated().into_iter();
    let lines = emulated.map(|one| format!("{}: {} ({})", one.stage, one.title, one.reason));
    lines.collect()
}

const OF_IMAGE: &str = "it installs or runs programs of the image's platform";
const BY_POETRY: &str = "Poetry may have to build packages for the image's platform";

#[test]
fn a_project_of_wheels_needs_no_emulation() {
    let project = bare()
        .needs(Package::new("pure", "1").wheel().sdist())
        .needs(Package::new("fast", "1").wheel_for("cp313-cp313-manylinux_2_17_aarch64"));
    let plan = on_amd64(&project);
    assert_eq!(emulated(&plan), Vec::<String>::new());
    assert_eq!(
        outline(&plan),
        "build-base from python:3.13-slim-trixie for linux/amd64
deps-environment from build-base
  create the virtual environment
uv from build-base
  install uv 0.13.9
deps-1 from build-base
  install fast and pure
wheel-tools from build-base
  install poetry-core 2.5.0
source from build-base
  write the reduced pyproject.toml
  copy the source
  build and install the wheel
runtime from python:3.13-slim-trixie
  add the user app (10001:10001)
  copy the virtual environment
  copy fast and pure
  copy the installed project"
    );
}

/// What uv is started as, and for which platform.
fn uv(plan: &Plan) -> Vec<(bool, Option<String>)> {
    let layers = plan.stages.iter();
    let layers = layers.filter(|stage| matches!(stage.name, StageName::Layer { .. }));
    let runs = layers.map(|stage| run(&stage.steps[0]));
    runs.map(|run| {
        let stands_in = run.mounts.iter().any(|mount| match mount {
            Mount::File { target, .. } => target == "/opt/uv/bin/uv",
            _ => false,
        });
        (stands_in, run.env.get("WHEELS_FOR").cloned())
    })
    .collect()
}

#[test]
fn uv_chooses_wheels_for_the_platform_of_the_image() {
    let fast = Package::new("fast", "1")
        .wheel_for("cp313-cp313-manylinux_2_17_aarch64")
        .wheel_for("cp313-cp313-manylinux_2_17_x86_64")
        .wheel_for("cp313-cp313-musllinux_1_2_aarch64");
    let project = || bare().needs(fast.clone());
    let named = |name: &str| vec![(true, Some(name.to_owned()))];
    assert_eq!(uv(&on_amd64(&project())), named("aarch64-manylinux_2_40"));
    let alpine = project().with_build_file("[python]\nvariant = 'alpine'\nversion = '3.13'\n");
    assert_eq!(uv(&on_amd64(&alpine)), named("aarch64-unknown-linux-musl"));
    assert_eq!(uv(&plan_of(&project())), [(false, None)]);
    let image = format!("org/uv:1@sha256:{}", "0".repeat(64));
    let with_image = format!("[dependencies]\nuv-image = '{image}'\n");
    let plan = on_amd64(&project().with_build_file(&with_image));
    assert_eq!(uv(&plan), named("aarch64-manylinux_2_40"));
    assert!(outline(&plan).contains(&format!("uv from {image} for linux/amd64\n")));
}

#[test]
fn platforms_share_what_does_not_depend_on_them() {
    let project = bare().needs(Package::new("pure", "1").wheel().sdist());
    let (one, other) = (plan_of(&project), on_amd64(&project));
    for name in [
        StageName::Environment,
        StageName::Layer { number: 1, of: 1 },
        StageName::Source,
    ] {
        let [mine, theirs] = [&one, &other].map(|plan| stage(plan, &name).steps.clone());
        assert_eq!(mine, theirs, "{name}");
    }
}

#[test]
fn what_is_compiled_or_run_stays_on_the_platform_of_the_image() {
    let project = bare()
        .needs(Package::new("pure", "1").wheel())
        .needs(Package::new("c", "1").sdist())
        .with_build_file(
            "[build]\npackages = ['gcc']\n[runtime]\npackages = ['libpq5']\nmax-size = '1GB'\nsmoke-test = ['true']\n[[hook]]\nat = 'after-install'\nrun = ['true']\n",
        );
    let compiled = "poetry install c, from source: c";
    assert_eq!(
        emulated(&on_amd64(&project)),
        [
            format!("poetry: install Poetry 2.1.3 ({BY_POETRY})"),
            format!("builder: apt-get install gcc ({OF_IMAGE})"),
            format!("deps-poetry: {compiled} ({BY_POETRY})"),
            format!("deps: hook: true ({OF_IMAGE})"),
            format!("runtime: apt-get install libpq5 ({OF_IMAGE})"),
            "smoke-test: true (it runs programs of the image)".to_owned(),
        ]
    );
}

#[test]
fn everything_is_emulated_if_uv_could_choose_other_wheels() {
    let marker = r#"platform_release >= "5""#;
    for (project, reason) in [
        (
            bare()
                .needs(Package::new("newest", "1").wheel_for("cp313-cp313-manylinux_2_41_aarch64")),
            "a wheel of `newest` needs a newer glibc than uv knows",
        ),
        (
            bare()
                .dependency(&format!("driver; {marker}"))
                .locked(Package::new("driver", "1").wheel().markers(marker)),
            r#"only the image can evaluate `platform_release >= "5"` of `driver`"#,
        ),
    ] {
        let plan = on_amd64(&project);
        assert_eq!(plan.engine_base(), None, "{reason}");
        let lines = emulated(&plan);
        assert!(!lines.is_empty());
        for line in lines {
            assert!(line.ends_with(&format!("({reason})")), "{line}");
        }
    }
}

#[test]
fn only_two_platforms_stand_in_for_each_other() {
    for (engine, platform, expected) in [
        ("linux/amd64", "linux/arm64", "engine"),
        ("linux/arm64", "linux/amd64", "engine"),
        ("linux/amd64", "linux/amd64/v2", "image"),
        ("linux/arm64", "linux/arm64/v8", "image"),
        ("linux/amd64", "linux/arm/v7", "emulated"),
        ("linux/riscv64", "linux/amd64", "emulated"),
        ("windows/amd64", "linux/amd64", "emulated"),
    ] {
        let [one, other] = [engine, platform].map(|name| Platform::parse(name).unwrap());
        let found = match BuildPlatform::between(&one, &other) {
            BuildPlatform::Image => "image",
            BuildPlatform::Engine(_) => "engine",
            BuildPlatform::Emulated { .. } => "emulated",
        };
        assert_eq!(found, expected, "{platform} on {engine}");
    }
}
