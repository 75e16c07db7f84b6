//! Hooks.

use super::*;
use crate::diagnostics::Problem;

fn hook(keys: &str) -> String {
    format!("[[hook]]\n{keys}\n")
}

/// The titles of the stages' steps that are of hooks.
fn hooks(plan: &Plan) -> Vec<String> {
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
fn only(plan: &Plan) -> &Run {
    let mut steps = plan.stages.iter().flat_map(|stage| &stage.steps);
    run(steps.find(|step| step.title.starts_with("hook: ")).unwrap())
}

#[test]
fn each_runs_in_its_stage_and_only_what_is_asked_for_goes_into_the_image() {
    let points = [
        "final",
        "after-source",
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
            hook(&format!(
                "at = \"{at}\"\nrun = [\"do\", \"{at}\"]\n{outputs}"
            ))
        })
        .concat();
    let plan = plan(&text);
    assert_eq!(
        hooks(&plan),
        [
            "builder hook: do after-packages",
            "deps hook: do before-install",
            "deps hook: do after-install",
            "project hook: do after-source",
            "runtime hook: do final",
        ]
    );
    assert_eq!(
        titles(stage(&plan, &StageName::Deps)),
        [
            "write what is to be installed",
            "hook: do before-install",
            "poetry install --only main (1 package)",
            "hook: do after-install",
        ]
    );
    assert_eq!(
        titles(stage(&plan, &StageName::Project)),
        ["copy the installed project", "hook: do after-source"]
    );
    let runtime = stage(&plan, &StageName::Runtime);
    assert_eq!(
        titles(runtime),
        [
            "add the user app (10001:10001)",
            "copy the environment",
            "copy /out/after-source, /more",
            "copy /out/after-install, /more",
            "copy /out/after-packages, /more",
            "copy the installed project",
            "hook: do final",
        ]
    );
    let from = |step: &Step| match &step.action {
        Action::CopyAll(copies) => copies[0].from.clone(),
        other => panic!("{other:?}"),
    };
    let stages = [StageName::Project, StageName::Deps, StageName::Builder];
    assert_eq!(
        runtime.steps[2..5].iter().map(from).collect::<Vec<_>>(),
        stages.map(Origin::Stage)
    );
}

#[test]
fn one_with_the_project_runs_whatever_it_makes() {
    let plan = plan(&hook("at = \"after-source\"\nrun = [\"check\"]"));
    assert_eq!(plan.checks, [StageName::Project]);
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
fn each_has_the_environment_of_its_point() {
    let with = |at: &str| {
        let plan = plan(&format!(
            "{}[build]\nenv = {{ A = \"build\", B = \"build\" }}\n[runtime]\nworkdir = \"/srv\"\nenv = {{ A = \"run\" }}\n",
            hook(&format!(
                "at = \"{at}\"\nrun = \"x\"\nenv = {{ B = \"own\" }}"
            ))
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
    for at in ["after-install", "after-source"] {
        assert_eq!(with(at), "/app /app/.venv/bin /app/.venv build own");
    }
    assert_eq!(with("final"), "/srv /app/.venv/bin /app/.venv run own");
}

#[test]
fn a_command_is_what_the_file_says() {
    let command = |asked: &str| {
        let plan = plan(&hook(&format!("at = \"final\"\nrun = {asked}")));
        let run = only(&plan).clone();
        (run.command, run.mounts)
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
fn its_title_is_the_beginning_of_its_command() {
    let title = |asked: &str| {
        let plan = plan(&hook(&format!("at = \"final\"\nrun = {asked}")));
        hooks(&plan).remove(0)
    };
    for (asked, told) in [
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
        assert_eq!(title(asked), format!("runtime hook: {told}"));
    }
}

#[test]
fn it_has_what_it_asks_for_and_nothing_else() {
    let plan_of = |keys: &str| {
        plan(&format!(
            "[git.\"git.example\"]\nhost-keys = [\"ssh-ed25519 AAAA\"]\n{}",
            hook(&format!("at = \"after-packages\"\nrun = [\"x\"]\n{keys}"))
        ))
    };
    let plan = plan_of("");
    let bare = only(&plan);
    assert!(bare.mounts.is_empty() && bare.network == Network::Build);
    assert!(plan.needs.is_empty());

    let plan =
        plan_of("secrets = [\"token\"]\nssh = true\ncache = [\"/root/.npm\"]\nnetwork = \"none\"");
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
            } => format!("{id} {target} {sharing:?}"),
            Mount::Secret { id, target, .. } => format!("{id} {target}"),
            Mount::Agent { id, .. } => id.clone(),
            Mount::File {
                target, content, ..
            } => format!("{target} {content}"),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        seen,
        [
            "poetry-frontend/hook/root/.npm-python3.13-linux/amd64 /root/.npm Locked",
            "token /run/secrets/token",
            "default",
            "/etc/ssh/ssh_known_hosts git.example ssh-ed25519 AAAA\n",
        ]
    );
    let lines = plan.needs.values().map(|told| told.place.as_ref().unwrap());
    let lines: Vec<usize> = lines.map(|place| place.start().line).collect();
    assert_eq!(lines, [6, 7]);
    assert_eq!(
        plan.needs[&Need::Secret("token".to_owned())].what,
        Error::NoSecret("token".to_owned()).nowhere().what
    );
    assert_eq!(only(&plan_of("network = \"host\"")).network, Network::Host);
}

#[test]
fn it_is_for_its_platforms() {
    let runs = |platforms: &str, platform: &str| {
        let request = Request {
            platform: Platform::parse(platform).unwrap(),
            ..request()
        };
        let lock = lock(&package("a", "a-1-py3-none-any.whl", ""));
        let text = hook(&format!(
            "at = \"after-packages\"\nrun = \"x\"\noutputs = [\"/x\"]\nplatforms = [{platforms}]"
        ));
        let plan = plan_of(&text, PYPROJECT, &lock, &request).unwrap();
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
