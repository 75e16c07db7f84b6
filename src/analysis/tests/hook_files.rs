//! The files that hooks read and change: the project's source, `inputs` and `outputs`.

use insta::assert_snapshot;

use super::hooks::{hook, hooks, only};
use super::*;

#[test]
fn hooks_before_the_source_change_what_is_installed() {
    let text = hook("before-source", "[\"generate\"]", "");
    let plan_with = |keys: &str| plan(&format!("{text}{keys}"));
    let wheel = plan_with("");
    assert_snapshot!(outline(&wheel), @r"
        base from python:3.13-slim-trixie
        builder from base
        deps-environment from base
          create the virtual environment
        uv from base
          install uv 0.13.9
        deps-1 from base
          install a
        deps from builder
          copy the virtual environment
          copy a
        wheel-tools from base
          install poetry-core 2.5.0
        source-hooks from deps
          copy the source
          hook: generate
        source-files from source-hooks
          take the changed source
        source from base
          copy the source
          build and install the wheel
        runtime from python:3.13-slim-trixie
          add the user app (10001:10001)
          copy the virtual environment
          copy a
          copy the installed project
    ");
    // The hook may read all of it.
    let hooked = stage(&wheel, &StageName::SourceHooks);
    let files = context_files(&hooked.steps[0]).unwrap();
    assert!(files.include.contains(&"pyproject.toml".to_owned()));
    assert!(!files.exclude.contains(&"pyproject.toml".to_owned()));
    let build = run(&stage(&wheel, &StageName::Source).steps[1]);
    assert_eq!(build.network, Network::None);

    let files_only = plan_with(
        "[source]\ninstall = \"copy\"\n[runtime]\nentrypoint = [\"x\"]\nworkdir = \"/srv\"\n",
    );
    let copies = stage(&files_only, &StageName::Source).steps[0]
        .action
        .copies();
    assert_eq!(
        (&copies[0].from, copies[0].dest.as_str()),
        (&CopyFrom::Stage(StageName::ChangedSource), "/out/srv")
    );
    assert_eq!(only(&files_only).cwd, "/app");

    // Hooks may write what the build context does not have.
    assert!(!plan("").warn_if_missing.is_empty());
    assert!(wheel.warn_if_missing.is_empty());
}

#[test]
fn a_source_with_hooks_has_no_file_of_the_installation() {
    let text = hook("before-source", "[\"generate\"]", "");
    let plan = plan_of(&app_with_sdist().with_build_file(&text));
    let remove = run(&stage(&plan, &StageName::SourceHooks).steps[0]);
    let written = written(&plan).iter().map(|file| file.path.clone());
    let expected: Vec<String> = ["rm".to_owned(), "-f".to_owned()]
        .into_iter()
        .chain(written)
        .collect();
    assert_eq!(words(remove), expected);
}

#[test]
fn hooks_before_the_source_need_a_source() {
    let none = "[source]\ninstall = \"none\"\n[runtime]\nentrypoint = [\"x\"]\n";
    let text = hook("before-source", "[\"generate\"]", "") + none;
    for name in ["runtime", "dev"] {
        let errors = plan_for(&app().with_build_file(&text), &target(name)).unwrap_err();
        assert_eq!(
            errors.to_string(),
            "poetry.build.toml:2: a `before-source` hook has no files to run on: the project is not installed
  hint: run the hook at `after-install`, or set `install` in `[source]` to `wheel` or `copy`"
        );
    }
    // Nothing of the project is in these images.
    for name in ["deps", "builder"] {
        let planned = plan_for(&app().with_build_file(&text), &target(name)).unwrap();
        assert_eq!(hooks(&planned), [""; 0], "{name}");
    }
}

#[test]
fn a_hook_sees_its_inputs_and_no_other_stage_does() {
    let with = |at: &str, keys: &str| {
        let inputs = format!("inputs = [\"package.json\", \"web/**\"]\n{keys}");
        plan(&hook(at, "[\"npm\"]", &inputs))
    };
    for (at, stage_of_hook, existing) in [
        ("after-packages", StageName::BuilderHooks, "replace"),
        ("before-install", StageName::Deps, "replace"),
        ("after-install", StageName::Deps, "replace"),
        ("before-source", StageName::SourceHooks, "keep"),
        ("after-source", StageName::Project, "replace"),
    ] {
        let plan = with(at, "outputs = [\"/app/dist\", \"/more\"]");
        let steps = &stage(&plan, &stage_of_hook).steps;
        let is_hook = |step: &&Step| step.title.starts_with("hook: ");
        let step = steps.iter().find(is_hook).unwrap();
        let end = [
            "/run/poetry-frontend/inputs",
            existing,
            "/app/dist",
            "/more",
            "--",
            "npm",
        ];
        assert_eq!(words(run(step))[4..], end, "{at}");
        assert!(
            step.causes()
                .contains(&Cause::Stage(StageName::HookInputs(0)))
        );
        let files = context_files(&stage(&plan, &StageName::HookInputs(0)).steps[0]).unwrap();
        assert_eq!(files.include, ["package.json", "web/**"]);
        let others = plan.stages.iter().filter(|one| one.name != stage_of_hook);
        for other in others {
            let reads = other.dependencies().any(StageName::is_hook_inputs);
            assert!(!reads, "{at}: {}", other.name);
        }
    }
    let plan = with("after-source", "");
    let has_inputs = |(files, _): (&ContextFiles, _)| files.include.contains(&"web/**".to_owned());
    assert!(plan.context_parts().any(has_inputs));
    // Nobody is warned about what is not in the image.
    assert!(!plan.installed_parts().any(has_inputs));
    let missing = plan.expected.iter().filter(|one| one.any_of == ["web/**"]);
    let errors: Vec<String> = missing.map(|one| one.error.to_string()).collect();
    assert_eq!(
        errors,
        [
            "poetry.build.toml:4: `web/**` matches no files in the build context
  hint: check the spelling, and that the ignore file does not exclude it"
        ]
    );
}

#[test]
fn only_targets_with_a_hook_need_its_inputs() {
    let text = hook("after-install", "[\"a\"]", "inputs = [\"a\"]")
        + &hook("after-source", "[\"b\"]", "inputs = [\"b\"]")
        + &hook(
            "after-packages",
            "[\"c\"]",
            "inputs = [\"c\"]\nplatforms = [\"linux/arm64\"]",
        );
    let project = app().with_build_file(&text);
    let inputs = |request: &Request| {
        let plan = plan_for(&project, request).unwrap();
        let patterns = plan.expected.into_iter().flat_map(|one| one.any_of);
        let inputs = patterns.filter(|one| one.len() == 1);
        inputs.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(inputs(&request()), "a b");
    assert_eq!(inputs(&target("deps")), "a");
    assert_eq!(inputs(&target("builder")), "");
    let arm = Request::on(Platform::parse("linux/arm64").unwrap());
    assert_eq!(inputs(&arm), "a b c");
}

#[test]
fn outputs_can_have_an_owner() {
    let with = |owner: &str| {
        let text = hook(
            "after-install",
            "[\"x\"]",
            &format!("outputs = [\"/a\", \"/b\"]\n{owner}"),
        );
        let plan = plan(&format!("{text}[runtime]\nuser = {{ uid = 7, gid = 8 }}\n"));
        let steps = &stage(&plan, &StageName::Runtime).steps;
        let copies = steps.iter().find(|step| step.title == "copy /a, /b");
        let copies = copies.unwrap().action.copies();
        assert_eq!(copies[0].owner, copies[1].owner);
        copies[0].owner
    };
    assert_eq!(with(""), (0, 0));
    assert_eq!(with("owner = \"user\""), (7, 8));
    assert_eq!(with("owner = \"1:2\""), (1, 2));
}
