//! Copies.

use super::*;

fn copy(keys: &str) -> String {
    format!("[[copy]]\n{keys}\n")
}

/// The step of the image that is titled `title`.
fn copied<'a>(plan: &'a Plan, title: &str) -> &'a Copy {
    let steps = &stage(plan, &plan.result).steps;
    match &steps
        .iter()
        .find(|step| step.title == title)
        .unwrap()
        .action
    {
        Action::Copy(copy) => copy,
        other => panic!("{other:?}"),
    }
}

fn with(build_file: &str, request: &Request) -> Result<Plan, Diagnostics> {
    let lock = lock(&package("a", "a-1-py3-none-any.whl", ""));
    plan_of(build_file, PYPROJECT, &lock, request)
}

fn context(copy: &Copy) -> &ContextFiles {
    match &copy.from {
        Origin::Context(files) => files,
        other => panic!("{other:?}"),
    }
}

#[test]
fn they_come_after_the_environment_and_before_the_project() {
    let plan = plan(&format!(
        "{}{}",
        copy("src = \"b\"\ndest = \"/b\""),
        copy("src = \"a\"\ndest = \"/a\"")
    ));
    assert_eq!(
        titles(stage(&plan, &StageName::Runtime)),
        [
            "add the user app (10001:10001)",
            "copy the environment",
            "copy b to /b",
            "copy a to /a",
            "copy the installed project",
        ]
    );
}

#[test]
fn only_what_is_copied_is_read_of_the_context() {
    let request = Request {
        ignore: vec!["**/*.log".to_owned()],
        ..request()
    };
    let files = |src: &str, more: &str| {
        let text = copy(&format!("src = \"{src}\"\ndest = \"/a/\"\n{more}"));
        let plan = with(&text, &request).unwrap();
        let copy = copied(&plan, &format!("copy {src} to /a/"));
        (copy.src.clone(), copy.wildcard, context(copy).clone())
    };
    let (src, wildcard, dist) = files("dist", "exclude = [\"**/*.map\"]");
    assert_eq!((src.as_str(), wildcard), ("/dist", false));
    assert_eq!(dist.include, ["dist"]);
    // In the order in which they count: what is left out by default, the ignore file, the copy's own.
    let end = dist.exclude.len() - 2;
    assert_eq!(dist.exclude[end..], ["**/*.log", "dist/**/*.map"]);
    assert!(dist.exclude.contains(&"**/id_rsa".to_owned()));

    let (src, wildcard, files_of_pattern) = files("conf/*.toml", "");
    assert_eq!((src.as_str(), wildcard), ("/conf/*.toml", true));
    assert_eq!(files_of_pattern.include, ["conf/*.toml"]);
    assert_eq!(files(".", "").0, "/");
    assert_eq!(files(".", "").2.include, [""; 0]);
    // What is named is not left out.
    for name in [
        "certs/tls.key",
        ".env",
        ".venv/share",
        "a/__pycache__",
        ".git",
    ] {
        let exclude = files(name, "").2.exclude;
        let brought_back = exclude.iter().any(|pattern| *pattern == format!("!{name}"));
        assert!(
            brought_back || !exclude.contains(&name.to_owned()),
            "{name}: {exclude:?}"
        );
    }
    for name in ["poetry.lock", "poetry.build.toml"] {
        assert!(!files(name, "").2.exclude.contains(&name.to_owned()));
    }
}

#[test]
fn several_files_are_put_into_a_folder() {
    let plan = plan(&copy("src = \"*.txt\"\ndest = \"/a\""));
    assert_eq!(copied(&plan, "copy *.txt to /a").dest, "/a/");
}

#[test]
fn they_belong_to_whom_the_file_says() {
    for (keys, owner) in [
        ("", (0, 0)),
        ("owner = \"user\"", (10001, 10001)),
        ("owner = \"5\"", (5, 5)),
        ("owner = \"5:6\"", (5, 6)),
    ] {
        let plan = plan(&copy(&format!("src = \"a\"\ndest = \"/a\"\n{keys}")));
        assert_eq!(copied(&plan, "copy a to /a").owner, owner, "{keys}");
    }
}

#[test]
fn a_mode_that_folders_cannot_have_is_set_beforehand() {
    let mode = |mode: &str| {
        let plan = plan(&copy(&format!(
            "src = \"a\"\ndest = \"/x/a\"\nmode = \"{mode}\""
        )));
        let copy = copied(&plan, "copy a to /x/a").clone();
        let args = plan
            .stages
            .iter()
            .find(|stage| stage.name == StageName::Copied(0))
            .map(|stage| run(&stage.steps[1]).command[4..].join(" "));
        (copy, args)
    };
    for plain in ["0755", "0700", "0111", "0550"] {
        let (copy, args) = mode(plain);
        assert_eq!(copy.mode, u32::from_str_radix(plain, 8).ok());
        assert_eq!(args, None);
    }
    for (files, folders) in [
        ("0644", "0755"),
        ("0640", "0750"),
        ("0600", "0700"),
        ("0444", "0555"),
    ] {
        let (copy, args) = mode(files);
        assert_eq!(args, Some(format!("{files} {folders}")));
        assert_eq!(
            (copy.src.as_str(), copy.dest.as_str(), copy.mode),
            ("/a", "/x/a", None)
        );
        assert_eq!(copy.from, Origin::Stage(StageName::Copied(0)));
    }
}

#[test]
fn what_is_downloaded_keeps_its_name_and_can_be_read() {
    let plan = plan(&copy(&format!(
        "from = \"https://example.org/a/tool.bin?x=1\"\nchecksum = \"sha256:{}\"\ndest = \"/opt/\"",
        "0".repeat(64)
    )));
    let copy = copied(&plan, "copy https://example.org/a/tool.bin?x=1 to /opt/");
    assert_eq!(
        (copy.src.as_str(), copy.dest.as_str()),
        ("/tool.bin", "/opt/")
    );
    assert_eq!(copy.mode, Some(0o644));
}

#[test]
fn what_the_contexts_must_hold_is_expected() {
    let request = Request {
        contexts: vec!["assets".to_owned()],
        ..request()
    };
    let text = format!(
        "{}{}{}",
        copy("src = \"a/*.txt\"\ndest = \"/a\""),
        copy("from = \"context:assets\"\nsrc = \"dist\"\ndest = \"/b\""),
        copy("src = \".\"\ndest = \"/c\"")
    );
    let plan = with(&text, &request).unwrap();
    let copied = plan
        .expected
        .iter()
        .filter(|one| !one.any_of[0].contains("app"));
    let told: Vec<String> = copied.map(|one| one.otherwise.to_string()).collect();
    assert_eq!(
        told,
        [
            "poetry.build.toml:2: `a/*.txt` is not in the build context
  hint: check that it is there, and that the ignore file does not leave it out",
            "poetry.build.toml:6: `dist` is not in the named context `assets`
  hint: check the spelling, and what `--build-context` gives",
        ]
    );
    // The ignore file is that of the build context.
    assert_eq!(
        plan.expected[1].files,
        ContextFiles {
            context: Some("assets".to_owned()),
            include: vec!["dist".to_owned()],
            exclude: Vec::new(),
            follow: true,
        }
    );
    assert_eq!(plan.contexts().into_iter().collect::<Vec<_>>(), ["assets"]);
    // What is not built needs none of it.
    for target in ["deps", "builder"] {
        let request = Request {
            target: Some(target.to_owned()),
            ..super::request()
        };
        assert!(with(&text, &request).unwrap().expected.is_empty());
    }
    assert_eq!(
        with(&text, &super::request()).unwrap_err().to_string(),
        "poetry.build.toml:5: the build has no named context `assets`
  hint: add `--build-context assets=...` to the command: a folder, an image or a repository"
    );
}

#[test]
fn another_targets_stages_are_planned_as_far_as_they_differ() {
    let text = format!(
        "{}{}{}",
        copy("from = \"target:one\"\nsrc = \"a\"\ndest = \"/a\""),
        "[target.one.source]\ninstall = \"none\"\n[target.one.runtime]\nentrypoint = [\"a\"]\n[[target.one.hook]]\nat = \"after-install\"\nrun = \"x\"\nsecrets = [\"token\"]\n",
        "[target.two.runtime]\nentrypoint = [\"b\"]\n"
    );
    // The copy is of the whole file, so the target has it as well.
    assert!(
        with(&text, &request())
            .unwrap_err()
            .to_string()
            .contains("poetry.build.toml:2: the target `one` is to have files of itself")
    );

    let text = text.replace("[[copy]]", "[[target.two.copy]]");
    let names = |target: &str| {
        let request = Request {
            target: Some(target.to_owned()),
            ..request()
        };
        let plan = with(&text, &request).unwrap();
        let names: Vec<String> = plan
            .stages
            .iter()
            .map(|stage| stage.name.to_string())
            .collect();
        (names, plan)
    };
    let (stages, plan) = names("two");
    assert_eq!(
        stages,
        [
            "base", "poetry", "builder", "deps", "source", "one:deps", "one", "two"
        ]
    );
    // What a stage of another target needs is needed.
    assert_eq!(plan.needs.len(), 1);
    assert!(names("runtime").1.needs.is_empty());
    // No stage comes before one that it needs.
    for (number, stage) in plan.stages.iter().enumerate() {
        for needed in stage.needs() {
            assert!(
                plan.stages[..number].iter().any(|one| one.name == *needed),
                "{needed}"
            );
        }
    }
}

#[test]
fn a_target_may_copy_from_the_parts_of_a_build() {
    for (target, name) in [("deps", StageName::Deps), ("builder", StageName::Builder)] {
        let plan = plan(&copy(&format!(
            "from = \"target:{target}\"\nsrc = \"/etc/x\"\ndest = \"/a\""
        )));
        let copy = copied(&plan, &format!("copy etc/x of {target} to /a"));
        assert_eq!(copy.from, Origin::Stage(name));
    }
    let runtime = "[[target.more.copy]]\nfrom = \"target:runtime\"\nsrc = \"a\"\ndest = \"/a\"\n";
    let request = Request {
        target: Some("more".to_owned()),
        ..request()
    };
    let plan = with(runtime, &request).unwrap();
    let of = StageName::Of("runtime".to_owned(), Box::new(StageName::Runtime));
    assert_eq!(of.to_string(), "runtime");
    assert_eq!(
        copied(&plan, "copy a of runtime to /a").from,
        Origin::Stage(of)
    );
}
