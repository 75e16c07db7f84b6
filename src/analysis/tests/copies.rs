//! `[[copy]]`.

use super::*;
use crate::paths::clean;

/// A `[[copy]]` from one path to another, with more keys.
fn copy(src: &str, dest: &str, more: &str) -> String {
    let keys = [format!("src = {src:?}"), format!("dest = {dest:?}")];
    ["[[copy]]", &keys[0], &keys[1], more, ""].join("\n")
}

/// The step of the image with this title.
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
    plan_for(&app().with_build_file(build_file), request)
}

#[test]
fn copies_come_after_the_environment_and_before_the_project() {
    let plan = plan(&(copy("b", "/b", "") + &copy("a", "/a", "")));
    assert_eq!(
        titles(stage(&plan, &StageName::Runtime)),
        [
            "add the user app (10001:10001)",
            "copy the virtual environment",
            "copy a",
            "copy b to /b",
            "copy a to /a",
            "copy the installed project",
        ]
    );
}

#[test]
fn only_the_copied_files_are_read_from_the_context() {
    let project = app().with_ignore_file("**/*.log\n");
    let files = |src: &str, more: &str| {
        let build_file = copy(src, "/a/", more);
        let plan = plan_of(&project.clone().with_build_file(&build_file));
        let cleaned = clean(src);
        let copy = copied(&plan, &format!("copy {cleaned} to /a/"));
        let CopyFrom::Context(files) = &copy.from else {
            panic!("{copy:?} copies from elsewhere")
        };
        (copy.src.clone(), copy.wildcard, files.clone())
    };
    let (src, wildcard, dist) = files("dist", "exclude = [\"**/*.map\"]");
    assert_eq!((src.as_str(), wildcard), ("/dist", false));
    assert_eq!(dist.include, ["dist"]);
    // Later patterns override earlier ones: the defaults, the ignore file, then `exclude`.
    let end = dist.exclude.len() - 2;
    assert_eq!(dist.exclude[end..], ["**/*.log", "dist/**/*.map"]);
    assert!(dist.exclude.contains(&"**/id_rsa".to_owned()));

    let (src, wildcard, files_of_pattern) = files("conf/*.toml", "");
    assert_eq!((src.as_str(), wildcard), ("/conf/*.toml", true));
    assert_eq!(files_of_pattern.include, ["conf/*.toml"]);
    // Without `*` and `?` it is the path of one file, even if the name has brackets.
    let (src, wildcard, one_file) = files("data/[id].txt", "");
    assert_eq!((src.as_str(), wildcard), ("/data/[id].txt", false));
    assert_eq!(one_file.include, ["data/[[]id].txt"]);
    assert_eq!(files("a/../b/", "").2.include, ["b"]);
    assert_eq!(files(".", "").0, "/");
    assert_eq!(files(".", "").2.include, [""; 0]);
    // A path that `src` names is copied even if it is excluded by default.
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
fn several_files_are_copied_into_a_directory() {
    let plan = plan(&copy("*.txt", "/a", ""));
    assert_eq!(copied(&plan, "copy *.txt to /a").dest, "/a/");
}

#[test]
fn copied_files_have_the_owner_that_the_build_file_sets() {
    for (keys, owner) in [
        ("", (0, 0)),
        ("owner = \"user\"", (10001, 10001)),
        ("owner = \"5\"", (5, 5)),
        ("owner = \"5:6\"", (5, 6)),
    ] {
        let plan = plan(&copy("a", "/a", keys));
        assert_eq!(copied(&plan, "copy a to /a").owner, owner, "{keys}");
    }
}

#[test]
fn a_mode_without_execute_bits_is_not_set_on_directories() {
    let mode = |mode: &str| {
        let plan = plan(&copy("a", "/x/a", &format!("mode = {mode:?}")));
        let copy = copied(&plan, "copy a to /x/a").clone();
        let args = plan
            .stages
            .iter()
            .find(|stage| stage.name == StageName::Copied(0))
            .map(|stage| words(run(&stage.steps[1]))[1..].join(" "));
        (copy, args)
    };
    for plain in ["0755", "0700", "0111", "0550"] {
        let (copy, args) = mode(plain);
        assert_eq!(copy.mode, u32::from_str_radix(plain, 8).ok());
        assert_eq!(args, None);
    }
    for (files, directories) in [
        ("0644", "0755"),
        ("0640", "0750"),
        ("0600", "0700"),
        ("0444", "0555"),
    ] {
        let (copy, args) = mode(files);
        assert_eq!(args, Some(format!("{files} {directories}")));
        assert_eq!(
            (copy.src.as_str(), copy.dest.as_str(), copy.mode),
            ("/a", "/x/a", None)
        );
        assert_eq!(copy.from, CopyFrom::Stage(StageName::Copied(0)));
    }
}

#[test]
fn a_download_keeps_its_name_and_is_readable() {
    let plan = plan(&format!(
        r#"
        [[copy]]
        from = "https://example.org/a/tool.bin?x=1"
        checksum = "sha256:{}"
        dest = "/opt/"
        "#,
        "0".repeat(64)
    ));
    let copy = copied(&plan, "copy https://example.org/a/tool.bin?x=1 to /opt/");
    assert_eq!(
        (copy.src.as_str(), copy.dest.as_str()),
        ("/tool.bin", "/opt/")
    );
    assert_eq!(copy.mode, Some(0o644));
}

#[test]
fn copied_files_must_exist_in_their_context() {
    let request = Request {
        contexts: vec!["assets".to_owned()],
        ..request()
    };
    let text = r#"
        [[copy]]
        src = "a/*.txt"
        dest = "/a"
        [[copy]]
        from = "context:assets"
        src = "dist"
        dest = "/b"
        [[copy]]
        src = "."
        dest = "/c"
    "#;
    let plan = with(text, &request).unwrap();
    let copied = plan
        .expected
        .iter()
        .filter(|one| !one.any_of[0].contains("app"));
    let errors: Vec<String> = copied.map(|one| one.error.to_string()).collect();
    assert_eq!(
        errors,
        [
            "poetry.build.toml:2: `a/*.txt` is not in the build context
  hint: check that it exists, and that the ignore file does not exclude it",
            "poetry.build.toml:6: `dist` is not in the named context `assets`
  hint: check the spelling, and the value of `--build-context`",
        ]
    );
    // The ignore file is only for the build context.
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
    // Targets without the copies need none of these files.
    for name in ["deps", "builder"] {
        assert!(with(text, &target(name)).unwrap().expected.is_empty());
    }
    assert_eq!(
        with(text, &super::request()).unwrap_err().to_string(),
        "poetry.build.toml:5: the build has no named context `assets`
  hint: add `--build-context assets=...` to the command, with a directory, an image or a Git repository"
    );
}

#[test]
fn a_target_reuses_the_stages_of_a_target_it_copies_from() {
    let text = r#"
        [[target.two.copy]]
        from = "target:one"
        src = "a"
        dest = "/a"
        [target.one.source]
        install = "none"
        [target.one.runtime]
        entrypoint = ["a"]
        [[target.one.hook]]
        at = "after-install"
        run = "x"
        secrets = ["token"]
        [target.two.runtime]
        entrypoint = ["b"]
    "#;
    let plan = with(text, &target("two")).unwrap();
    assert_eq!(
        stage_names(&plan).join(" "),
        "base builder deps-environment uv deps-1 wheel-tools source one:deps one two"
    );
    // The secret of `one` is required for `two` as well.
    assert_eq!(plan.requirements.len(), 1);
    let main = with(text, &target("runtime")).unwrap();
    assert!(main.requirements.is_empty());
    // Each stage comes after those it depends on.
    for (number, stage) in plan.stages.iter().enumerate() {
        for needed in stage.dependencies() {
            assert!(
                plan.stages[..number].iter().any(|one| one.name == *needed),
                "{needed}"
            );
        }
    }
}

#[test]
fn a_target_can_copy_from_built_in_targets() {
    for (name, stage) in [("deps", StageName::Deps), ("builder", StageName::Builder)] {
        let from = format!("from = \"target:{name}\"");
        let plan = plan(&copy("/etc/x", "/a", &from));
        let copy = copied(&plan, &format!("copy etc/x from {name} to /a"));
        assert_eq!(copy.from, CopyFrom::Stage(stage));
    }
    let runtime = r#"
        [[target.more.copy]]
        from = "target:runtime"
        src = "a"
        dest = "/a"
    "#;
    let plan = with(runtime, &target("more")).unwrap();
    let of = StageName::Of("runtime".to_owned(), Box::new(StageName::Runtime));
    assert_eq!(of.to_string(), "runtime");
    assert_eq!(
        copied(&plan, "copy a from runtime to /a").from,
        CopyFrom::Stage(of)
    );
}
