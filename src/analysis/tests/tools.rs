//! The pinned tools, and what builds the project's wheel.

use super::*;
use crate::scripts::pins;

fn tools(project: &Project) -> Vec<String> {
    let plan = plan_of(project);
    let stages = plan.stages.iter();
    let tools = stages.filter(|stage| {
        matches!(
            stage.name,
            StageName::Uv | StageName::WheelTools | StageName::Poetry
        )
    });
    tools
        .flat_map(|stage| {
            titles(stage)
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn a_wheel_is_built_by_a_poetry_core_that_the_project_allows() {
    let core = |requires: &str, build_file: &str| {
        let project = bare()
            .python(">=3.9,<3.14")
            .build_system([requires], "poetry.core.masonry.api")
            .with_build_file(build_file);
        tools(&project)
    };
    let older = "[python]\nversion = \"3.9\"\n";
    let uv = "install uv 0.13.9";
    for (requires, build_file, titles) in [
        ("poetry-core", "", vec![uv, "install poetry-core 2.5.0"]),
        (
            "poetry-core>=2,<3",
            "",
            vec![uv, "install poetry-core 2.5.0"],
        ),
        (
            "poetry-core>=2,<3",
            older,
            vec![uv, "install poetry-core 2.2.1"],
        ),
        ("poetry-core<2", "", vec![uv, "install poetry-core 1.9.1"]),
        (
            "poetry-core<2",
            older,
            vec![uv, "install poetry-core 1.9.1"],
        ),
        // Poetry asks the index for it.
        ("poetry-core==2.0.0", "", vec!["install Poetry 2.1.3"]),
        ("poetry-core>=3", "", vec!["install Poetry 2.1.3"]),
    ] {
        assert_eq!(
            core(requires, build_file),
            titles,
            "{requires} {build_file}"
        );
    }
}

#[test]
fn the_step_that_builds_the_wheel_runs_offline_unless_it_runs_the_projects_code() {
    let source = |project: &Project| {
        let plan = plan_of(project);
        let from = stage(&plan, &StageName::Source).from.clone();
        let run = last_run(&plan, &StageName::Source).clone();
        let mounted: Vec<StageName> = run
            .mounts
            .iter()
            .filter_map(|mount| match mount {
                Mount::Stage { from, .. } => Some(from.clone()),
                _ => None,
            })
            .collect();
        (from, run.network, words(&run)[4..].join(" "), mounted)
    };
    assert_eq!(
        source(&app()),
        (
            Base::Stage(StageName::Base),
            Network::None,
            "python3 /opt/wheel-tools".to_owned(),
            vec![StageName::WheelTools]
        )
    );
    let script = app().in_tool_poetry("build = \"build.py\"");
    let setuptools = app().build_system(["setuptools"], "setuptools.build_meta");
    for project in [script, setuptools] {
        assert_eq!(
            source(&project),
            (
                Base::Stage(StageName::Builder),
                Network::Build,
                "/opt/poetry/bin/python".to_owned(),
                vec![StageName::Poetry]
            )
        );
    }
}

#[test]
fn tools_are_pinned_by_their_hashes() {
    let plan = plan("");
    for (name, command, package) in [
        (StageName::Uv, "install-uv /opt/uv", "uv=="),
        (
            StageName::WheelTools,
            "install-wheels /out  1 ",
            "poetry-core==",
        ),
    ] {
        let run = last_run(&plan, &name);
        assert_eq!(words(run).join(" "), command);
        let pins = file(run, "/run/requirements.txt").unwrap();
        assert!(pins.contains(package), "{pins}");
        let pinned = pins.lines().filter(|line| line.contains("==")).count();
        let hashes = pins.matches("--hash=sha256:").count();
        assert!(pinned > 0 && hashes >= pinned, "{pins}");
    }
    let layer = run(&layers(&plan)[0].steps[0]);
    let mounted = layer.mounts.iter().filter_map(|mount| match mount {
        Mount::Stage { from, target, .. } => Some((from.to_string(), target.as_str())),
        _ => None,
    });
    assert_eq!(
        mounted.collect::<Vec<_>>(),
        [
            ("uv".to_owned(), "/opt/uv"),
            ("deps-environment".to_owned(), "/app/.venv")
        ]
    );
}

#[test]
fn a_build_that_compiles_keeps_the_directories_that_the_build_file_names() {
    let build_file = r#"
        [source]
        cache = ["/root/.cargo/registry", "target"]
    "#;
    let compiled = app()
        .build_system(["maturin"], "maturin")
        .with_build_file(build_file);
    let of = |project: &Project| -> Vec<(String, String)> {
        let plan = plan_of(project);
        let caches = caches(last_run(&plan, &StageName::Source)).into_iter();
        caches
            .map(|(id, target, sharing)| {
                // Tools that compile may not support concurrent builds.
                assert_eq!(sharing, CacheSharing::Locked);
                (id.to_owned(), target.to_owned())
            })
            .collect()
    };
    let known = of(&compiled);
    let targets: Vec<&str> = known.iter().map(|(_, target)| target.as_str()).collect();
    assert_eq!(targets, ["/root/.cargo/registry", "/src/target"]);
    for ((id, _), path) in known.iter().zip(["/root/.cargo/registry", "target"]) {
        let start = format!("poetry-frontend/source/{path}/app-").replace("//", "/");
        assert!(id.replace("//", "/").starts_with(&start), "{id}");
    }
    // What was compiled in another builder may not work in this one.
    let other = compiled.clone().with_build_file(&format!(
        "{}\n[build]\npackages = [\"gcc\"]\n",
        testkit::dedent(build_file)
    ));
    for ((id, _), (other, _)) in known.iter().zip(of(&other)) {
        assert_ne!(*id, other);
    }
    // poetry-core alone compiles nothing.
    assert_eq!(of(&app().with_build_file(build_file)), []);
}

#[test]
fn poetry_can_come_from_an_image() {
    let digest = "1".repeat(64);
    let build_file = format!("[poetry]\nimage = \"registry.example/poetry:2@sha256:{digest}\"\n");
    let project = app_with_sdist().with_build_file(&build_file);
    let plan = plan_of(&project);
    let poetry = stage(&plan, &StageName::Poetry);
    let Base::Image(image) = &poetry.from else {
        panic!("{:?}", poetry.from)
    };
    assert_eq!(
        image.to_string(),
        format!("registry.example/poetry:2@sha256:{digest}")
    );
    assert!(poetry.steps.is_empty());
    assert_eq!(poetry.span.start().line, 2);
    // The image says nothing of the release in it, so the step does.
    let install = last_run(&plan, &StageName::PoetryDeps);
    assert_eq!(install.env["EXPECTED_POETRY"], "2.1.3");
    let without = plan_of(&app_with_sdist());
    let install = last_run(&without, &StageName::PoetryDeps);
    assert!(!install.env.contains_key("EXPECTED_POETRY"));
    assert!(plan.images().any(|(one, _)| one == image));
    // It is mounted where the other one is.
    let mounted = last_run(&plan, &StageName::PoetryDeps).mounts.iter();
    let mut stages = mounted.filter_map(|mount| match mount {
        Mount::Stage { from, path, target } => Some((from, path.as_str(), target.as_str())),
        _ => None,
    });
    assert_eq!(
        stages.next(),
        Some((&StageName::Poetry, "/opt/poetry", "/opt/poetry"))
    );
}

#[test]
fn an_image_of_poetry_is_not_resolved_if_poetry_is_not_needed() {
    let digest = "1".repeat(64);
    let plan = plan(&format!(
        "[poetry]\nimage = \"registry.example/poetry@sha256:{digest}\"\n"
    ));
    assert_eq!(plan.images().count(), 1);
}

#[test]
fn uv_comes_from_an_image_if_one_is_given() {
    let digest = "1".repeat(64);
    let build_file =
        format!("[dependencies]\nuv-image = \"registry.example/uv:1@sha256:{digest}\"\n");
    let given = plan(&build_file);
    let uv = stage(&given, &StageName::Uv);
    let Base::Image(image) = &uv.from else {
        panic!("{:?}", uv.from)
    };
    assert_eq!(
        image.to_string(),
        format!("registry.example/uv:1@sha256:{digest}")
    );
    assert!(uv.steps.is_empty());
    assert_eq!(uv.span.start().line, 2);
    let layer = StageName::Layer { number: 1, of: 1 };
    let install = last_run(&given, &layer);
    let mounted = install.mounts.iter().find_map(|mount| match mount {
        Mount::Stage { from, path, target } if *from == StageName::Uv => {
            Some((path.as_str(), target.as_str()))
        }
        _ => None,
    });
    assert_eq!(mounted, Some(("/", "/opt/uv/bin")));
    assert_eq!(
        install.env["EXPECTED_UV"],
        pins::release(pins::UV, "uv"),
        "the image says nothing of the release in it"
    );
    let without = plan("");
    assert!(!last_run(&without, &layer).env.contains_key("EXPECTED_UV"));
    // Poetry needs no uv.
    let poetry = plan(&format!(
        "{build_file}installer = \"poetry\"\n[source]\ninstall = \"none\"\n[runtime]\nentrypoint = [\"x\"]\n"
    ));
    assert_eq!(poetry.images().count(), 1);
}

#[test]
fn the_target_poetry_is_an_image_with_poetry() {
    let plan = plan_for(&app().without_scripts(), &target("poetry")).unwrap();
    assert_eq!(stage_names(&plan), ["base", "poetry"]);
    assert_eq!(plan.result, StageName::Poetry);
    assert!(plan.expected.is_empty());
    assert!(plan.verifications.is_empty());
}

#[test]
fn the_caches_of_apt_are_of_one_project_and_base_image() {
    let of = |project: &Project, build_file: &str| -> Vec<String> {
        let plan = plan_of(
            &project
                .clone()
                .with_build_file(&testkit::dedent(build_file)),
        );
        let install = run(&stage(&plan, &StageName::Runtime).steps[0]);
        let caches = caches(install).into_iter();
        caches
            .map(|(id, target, sharing)| {
                assert_eq!(sharing, CacheSharing::Locked);
                assert!(id.starts_with(&format!("poetry-frontend{target}/")), "{id}");
                id.to_owned()
            })
            .collect()
    };
    let tini = "[runtime]\npackages = [\"tini\"]\n";
    let known = of(&app(), tini);
    assert_eq!(known.len(), 2);
    assert_eq!(of(&app(), "[runtime]\npackages = [\"curl\"]\n"), known);
    let bookworm = "[runtime]\npackages = [\"tini\"]\n[python]\nvariant = \"slim-bookworm\"\n";
    for other in [of(&app().name("other"), tini), of(&app(), bookworm)] {
        assert!(known.iter().all(|id| !other.contains(id)), "{other:?}");
    }
}
