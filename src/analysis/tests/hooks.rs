//! `[[hook]]`.

use insta::assert_snapshot;
use testkit::dedent;

use super::*;
use crate::diagnostics::Problem;
use crate::resolve::Error;

/// A `[[hook]]` that runs a command, given in TOML, with more keys.
pub(super) fn hook(at: &str, run: &str, more: &str) -> String {
    let keys = [format!("at = {at:?}"), format!("run = {run}")];
    ["[[hook]]", &keys[0], &keys[1], more, ""].join("\n")
}

/// The hooks, each with its stage.
pub(super) fn hooks(plan: &Plan) -> Vec<String> {
    let titled = plan
        .stages
        .iter()
        .flat_map(|stage| stage.steps.iter().map(move |step| (&stage.name, step)));
    titled
        .filter(|(_, step)| step.title.starts_with("hook: "))
        .map(|(name, step)| format!("{name} {}", step.title))
        .collect()
}

/// The command of the only hook.
pub(super) fn only(plan: &Plan) -> &Run {
    let mut steps = plan.stages.iter().flat_map(|stage| &stage.steps);
    run(steps.find(|step| step.title.starts_with("hook: ")).unwrap())
}

#[test]
fn hooks_run_in_their_stages_and_only_their_outputs_are_in_the_image() {
    let points = [
        "final",
        "after-source",
        "before-source",
        "after-install",
        "before-install",
        "after-packages",
    ];
    let text: String = points
        .map(|at| {
            let outputs = match at {
                "final" | "before-install" => String::new(),
                at => format!("outputs = [\"/out/{at}\", \"/more\"]"),
            };
            hook(at, &format!("[\"do\", {at:?}]"), &outputs)
        })
        .concat();
    let plan = plan_of(&app_with_sdist().with_build_file(&text));
    assert_snapshot!(outline(&plan), @r"
        base from python:3.13-slim-trixie
        poetry from base
          install Poetry 2.1.3
        builder from base
        builder-hooks from builder
          hook: do after-packages
        deps-environment from base
          create the virtual environment
        uv from base
          install uv 0.13.9
        deps-poetry from builder
          write the reduced pyproject.toml and poetry.lock
          hook: do before-install
          poetry install a, from source: a
        deps from deps-poetry
          copy the virtual environment
          hook: do after-install
        wheel-tools from base
          install poetry-core 2.5.0
        source-hooks from deps
          remove what the dependencies were installed from
          copy the source
          hook: do before-source
        source-files from source-hooks
          take the changed source
        source from base
          copy the source
          build and install the wheel
        project from deps
          copy the installed project
          hook: do after-source
        runtime from python:3.13-slim-trixie
          add the user app (10001:10001)
          copy the environment
          copy /out/after-source, /more
          copy /out/before-source, /more
          copy /out/after-install, /more
          copy /out/after-packages, /more
          copy the installed project
          hook: do final
    ");
    let runtime = stage(&plan, &StageName::Runtime);
    let from = |step: &Step| match &step.action {
        Action::CopyAll(copies) => copies[0].from.clone(),
        other => panic!("{other:?}"),
    };
    let stages = [
        StageName::Project,
        StageName::SourceHooks,
        StageName::Deps,
        StageName::BuilderHooks,
    ];
    assert_eq!(
        runtime.steps[2..6].iter().map(from).collect::<Vec<_>>(),
        stages.map(CopyFrom::Stage)
    );
}

#[test]
fn hooks_before_the_installation_run_once_whatever_installs() {
    let text =
        hook("before-install", "[\"prepare\"]", "") + &hook("after-install", "[\"use\"]", "");
    let titles_of = |project: Project| {
        let plan = plan_of(&project.with_build_file(&text));
        (
            hooks(&plan),
            titles(stage(&plan, &StageName::Deps)).join(", "),
        )
    };
    let (by_uv, deps) = titles_of(app());
    assert_eq!(by_uv, ["deps hook: prepare", "deps hook: use"]);
    assert_eq!(
        deps,
        "hook: prepare, copy the virtual environment, copy a, hook: use"
    );
    let (by_poetry, deps) = titles_of(app_with_sdist());
    assert_eq!(by_poetry, ["deps-poetry hook: prepare", "deps hook: use"]);
    assert_eq!(deps, "copy the virtual environment, hook: use");
}

#[test]
fn a_hook_after_the_installation_may_change_the_whole_environment() {
    let plan = plan(&hook("after-install", "[\"prune\"]", ""));
    assert_eq!(
        titles(stage(&plan, &StageName::Runtime))[1..],
        ["copy the environment", "copy the installed project"]
    );
    let Action::Copy(copy) = &stage(&plan, &StageName::Runtime).steps[1].action else {
        panic!("no copy")
    };
    assert_eq!(
        (&copy.from, copy.src.as_str()),
        (&CopyFrom::Stage(StageName::Deps), "/app/.venv")
    );
}

#[test]
fn a_hook_on_the_source_runs_even_without_outputs() {
    let plan = plan(&hook("after-source", "[\"check\"]", ""));
    assert_eq!(plan.verifications, [StageName::Project]);
    assert_eq!(hooks(&plan), ["project hook: check"]);
}

#[test]
fn without_hooks_there_is_no_stage_for_them() {
    let plan = plan("");
    assert!(
        !plan
            .stages
            .iter()
            .any(|stage| stage.name == StageName::Project)
    );
}

#[test]
fn a_hook_has_the_environment_of_its_stage() {
    let with = |at: &str| {
        let plan = plan(&format!(
            r#"
            [[hook]]
            at = "{at}"
            run = "x"
            env = {{ B = "own" }}
            [build]
            env = {{ A = "build", B = "build" }}
            [runtime]
            workdir = "/srv"
            env = {{ A = "run" }}
            [dependencies]
            installer = "poetry"
            "#
        ));
        let run = only(&plan);
        let env = |name: &str| run.env.get(name).map_or("-", String::as_str).to_owned();
        format!(
            "{} {} {} {} {}",
            run.cwd,
            run.path.join(":"),
            env("VIRTUAL_ENV"),
            env("A"),
            env("B")
        )
    };
    for at in ["after-packages", "before-install"] {
        assert_eq!(with(at), "/app  - build own");
    }
    for at in ["after-install", "before-source", "after-source"] {
        assert_eq!(with(at), "/app /app/.venv/bin /app/.venv build own");
    }
    assert_eq!(with("final"), "/srv /app/.venv/bin /app/.venv run own");
}

#[test]
fn a_hook_runs_a_command_or_a_script_as_written() {
    let command = |asked: &str| {
        let plan = plan(&hook("final", asked, ""));
        let run = only(&plan).clone();
        (words(&run), run.mounts)
    };
    assert_eq!(command("[\"a\", \"b c\"]").0, ["a", "b c"]);
    let (words, mounts) = command("'''\nline 1\nline 2'''");
    assert_eq!(words[1..], ["line 1\nline 2"]);
    let program = mounts.iter().find_map(|mount| match mount {
        Mount::File {
            target, content, ..
        } if *target == words[0] => Some(content),
        _ => None,
    });
    assert!(program.unwrap().contains("pipefail"));
    let (words, mounts) = command("'''\n#!/usr/bin/env python3\nprint()'''");
    let file = Mount::File {
        target: words[0].clone(),
        content: "#!/usr/bin/env python3\nprint()".to_owned(),
        executable: true,
    };
    assert_eq!((words.len(), mounts), (1, vec![file]));
}

#[test]
fn the_title_of_a_hook_is_the_beginning_of_its_command() {
    let title = |asked: &str| {
        let plan = plan(&hook("final", asked, ""));
        hooks(&plan).remove(0)
    };
    for (asked, beginning) in [
        ("[\"a\", \"b\\n c\"]", "a b c"),
        (
            "'''#!/bin/sh\n\n# All of it.\n  make   all\nmake more'''",
            "make all",
        ),
        ("'# nothing'", "a script"),
        (
            "'python manage.py collectstatic --noinput --clear --verbosity 2 --settings web.settings'",
            "python manage.py collectstatic --noinput --clear ...",
        ),
        (
            &format!("'{}'", "é".repeat(70)),
            &format!("{} ...", "é".repeat(60)),
        ),
    ] {
        assert_eq!(title(asked), format!("runtime hook: {beginning}"));
    }
}

#[test]
fn a_hook_has_only_the_secrets_caches_and_network_it_asks_for() {
    let with = |keys: &str| {
        let git = dedent(
            r#"
            [git."git.example"]
            host-keys = ["ssh-ed25519 AAAA"]
            "#,
        );
        plan(&(git + &hook("after-packages", "[\"x\"]", &dedent(keys)) + BY_POETRY))
    };
    let plan = with("");
    let bare = only(&plan);
    assert!(bare.mounts.is_empty() && bare.network == Network::Build);
    assert!(plan.requirements.is_empty());

    let plan = with(
        r#"
        secrets = ["token"]
        ssh = true
        cache = ["/root/.npm"]
        network = "none"
        "#,
    );
    let run = only(&plan);
    assert_eq!(run.network, Network::None);
    let seen: Vec<String> = run
        .mounts
        .iter()
        .map(|mount| match mount {
            Mount::Cache {
                id,
                target,
                sharing,
                ..
            } => {
                // The rest says what the content depends on.
                let (name, scope) = id.rsplit_once('-').unwrap();
                assert_eq!(scope.len(), 16);
                format!("{name} {target} {sharing:?}")
            }
            Mount::Secret { id, target, .. } => format!("{id} {target}"),
            Mount::Agent { id, .. } => id.clone(),
            Mount::File {
                target, content, ..
            } => format!("{target} {content}"),
            other @ (Mount::Stage { .. } | Mount::Matching { .. } | Mount::Download { .. }) => {
                panic!("{other:?}")
            }
        })
        .collect();
    assert_eq!(
        seen,
        [
            "poetry-frontend/hook/root/.npm/app /root/.npm Locked",
            "token /run/secrets/token",
            "default",
            "/etc/ssh/ssh_known_hosts git.example ssh-ed25519 AAAA\n",
        ]
    );
    let lines = plan
        .requirements
        .values()
        .map(|error| error.span.as_ref().unwrap());
    let lines: Vec<usize> = lines.map(|span| span.start().line).collect();
    assert_eq!(lines, [6, 7]);
    assert_eq!(
        plan.requirements[&Requirement::Secret("token".to_owned())].message,
        Error::NoSecret("token".to_owned()).without_span().message
    );
    assert_eq!(only(&with("network = \"host\"")).network, Network::Host);
}

/// The stages that another one needs.
fn needed(plan: &Plan, name: StageName) -> Vec<String> {
    let needed = needed_for(vec![name], &plan.stages);
    needed.iter().map(ToString::to_string).collect()
}

#[test]
fn a_hook_in_the_builder_with_outputs_runs_apart() {
    let with = |command: &str| {
        let text = hook(
            "after-packages",
            &format!("[{command:?}]"),
            "outputs = [\"/d\"]",
        ) + &hook("after-packages", "[\"prepare\"]", "");
        plan_of(&app_with_sdist().with_build_file(&text))
    };
    let (plan, other) = (with("download"), with("download-more"));
    assert_eq!(
        hooks(&plan),
        ["builder hook: prepare", "builder-hooks hook: download"]
    );
    // What is installed does not even share the name of a cache with it.
    for name in needed(&plan, StageName::PoetryDeps) {
        let named = |plan: &Plan| {
            let mut stages = plan.stages.iter();
            stages.find(|one| one.name.to_string() == name).cloned()
        };
        let steps = |plan| named(plan).unwrap().steps;
        let actions = |plan| steps(plan).into_iter().map(|step| step.action);
        assert!(actions(&plan).eq(actions(&other)), "{name}");
    }
    assert_eq!(plan.verifications, [StageName::Builder]);
}

#[test]
fn hooks_on_the_project_see_the_debian_packages_of_the_image() {
    let with = |keys: &str| {
        let text = hook("after-source", "[\"collect\"]", "");
        let plan = plan(&format!(
            "{text}[runtime]\npackages = [\"libmagic1\"]\n{keys}"
        ));
        titles(stage(&plan, &StageName::Project)).join(", ")
    };
    let all = "apt-get install libmagic1, copy the installed project, hook: collect";
    assert_eq!(with("init = true\n"), all);
    assert_eq!(with("[build]\nbase = \"python:3.13-trixie\"\n"), all);
    assert_eq!(
        with("[build]\nbase = \"python:3.13-bookworm\"\n"),
        "copy the installed project, hook: collect"
    );
}

#[test]
fn a_hook_runs_only_for_its_platforms() {
    let runs = |platforms: &str, platform: &str| {
        let request = Request {
            platform: Platform::parse(platform).unwrap(),
            ..request()
        };
        let project = app().with_build_file(&format!(
            r#"
            [[hook]]
            at = "after-packages"
            run = "x"
            outputs = ["/x"]
            platforms = [{platforms}]
            "#
        ));
        let plan = plan_for(&project, &request).unwrap();
        let runtime = titles(stage(&plan, &StageName::Runtime)).contains(&"copy /x");
        assert_eq!(runtime, !hooks(&plan).is_empty());
        runtime
    };
    assert!(runs("", "linux/arm64"));
    assert!(runs("\"linux/amd64\", \"linux/arm64/v8\"", "linux/arm64"));
    assert!(runs("\"linux/arm\"", "linux/arm/v7"));
    assert!(!runs("\"linux/arm/v6\"", "linux/arm/v7"));
    assert!(!runs("\"linux/amd64\"", "linux/arm64"));
}
