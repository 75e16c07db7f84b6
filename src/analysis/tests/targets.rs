//! What a target inherits, and which groups it installs.

use super::*;

fn for_target(build_file: &str, name: &str) -> Result<Plan, String> {
    let project = app().with_build_file(build_file);
    plan_for(&project, &target(name)).map_err(|errors| errors.to_string())
}

/// The titles of the steps of an image that copy files from a target.
fn copies(plan: &Plan) -> Vec<&str> {
    let image = stage(plan, &plan.result);
    let titles = titles(image).into_iter();
    titles.filter(|title| title.contains(" from ")).collect()
}

/// Two helper targets, of which one copies from a third, and a target that inherits from one of them.
const HELPERS: &str = r#"
    [args]
    DOCS = { default = "docs" }
    [runtime]
    entrypoint = ["serve"]
    [[copy]]
    src = "plain"
    dest = "/plain"
    [[copy]]
    from = "target:${DOCS}"
    src = "site"
    dest = "/site"
    [[copy]]
    from = "target:assets"
    src = "static"
    dest = "/static"

    [[target.docs.hook]]
    at = "final"
    run = ["mkdocs"]
    [target.base]
    runtime.env = { A = "1" }
    [target.assets]
    extends = "base"
    [[target.assets.copy]]
    from = "target:fonts"
    src = "fonts"
    dest = "/fonts"
    [target.fonts]
    [target.web]
    extends = "assets"
    [target.worker]
"#;

#[test]
fn a_target_that_is_copied_from_does_not_inherit_copies_from_targets() {
    for (name, expected) in [
        (
            "runtime",
            "copy site from docs to /site, copy static from assets to /static",
        ),
        (
            "worker",
            "copy site from docs to /site, copy static from assets to /static",
        ),
        (
            "dev",
            "copy site from docs to /site, copy static from assets to /static",
        ),
        ("docs", ""),
        // Its own copies stay.
        ("assets", "copy fonts from fonts to /fonts"),
        ("fonts", ""),
        ("web", "copy fonts from fonts to /fonts"),
    ] {
        let plan = for_target(HELPERS, name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(copies(&plan).join(", "), expected, "{name}");
        let all = titles(stage(&plan, &plan.result));
        assert!(all.contains(&"copy plain to /plain"), "{name}: {all:?}");
    }
    let main = for_target(HELPERS, "runtime").unwrap();
    let names = stage_names(&main);
    for helper in ["docs", "assets", "fonts"] {
        assert!(
            names.iter().any(|name| name == helper),
            "{helper}: {names:?}"
        );
    }
}

#[test]
fn targets_that_copy_from_each_other_are_an_error() {
    let error = for_target(
        r#"
        [target.one]
        [[target.one.copy]]
        from = "target:two"
        src = "a"
        dest = "/a"
        [target.two]
        [[target.two.copy]]
        from = "target:one"
        src = "a"
        dest = "/a"
        "#,
        "one",
    )
    .unwrap_err();
    assert!(
        error.contains("poetry.build.toml:8: target `one` copies from itself"),
        "{error}"
    );
    let error = for_target(
        r#"
        [[copy]]
        from = "target:docs"
        src = "a"
        dest = "/a"
        [target.docs]
        [[target.docs.copy]]
        from = "target:runtime"
        src = "a"
        dest = "/a"
        "#,
        "runtime",
    )
    .unwrap_err();
    assert!(
        error.contains("poetry.build.toml:7: target `runtime` copies from itself"),
        "{error}"
    );
}

/// A project with the groups `dev` and `docs`, which is optional.
fn grouped(build_file: &str) -> Project {
    app()
        .poetry_group("Dev", "checker", "1")
        .poetry_group("docs", "writer", "1")
        .in_tool_poetry("group.docs.optional = true\n")
        .locked(Package::new("checker", "1").group("Dev"))
        .locked(Package::new("writer", "1").group("docs"))
        .optional_dependencies("fast", [])
        .with_build_file(build_file)
}

fn installed(build_file: &str, args: &[(&str, &str)], name: &str) -> Result<String, String> {
    let project = grouped(build_file);
    let args = args
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let parsed = InputFiles::from(&project).parse(&args.collect());
    let parsed = parsed.map_err(|errors| errors.to_string())?;
    let plan = super::super::plan(&parsed.file, &parsed.project, &target(name));
    let plan = plan.map_err(|errors| errors.to_string())?;
    Ok(Vec::from_iter(plan.installed).join(" "))
}

#[test]
fn groups_can_be_left_out() {
    for (dependencies, expected) in [
        ("", "a"),
        // What `poetry install` installs.
        ("without = []", "a checker"),
        ("without = ['dev']", "a"),
        ("without = ['docs']", "a checker"),
        ("without = ['main']", "checker"),
        (
            "groups = ['main', 'dev', 'docs']\nwithout = ['DEV']",
            "a writer",
        ),
    ] {
        let build_file = format!("[dependencies]\n{dependencies}\n");
        let found = installed(&build_file, &[], "runtime");
        assert_eq!(found.as_deref(), Ok(expected), "{dependencies}");
    }
    let build_file = r#"
        [args]
        WITHOUT = { default = "" }
        [dependencies]
        groups = ["main", "dev", "docs"]
        without = ["${WITHOUT}"]
    "#;
    for (value, expected) in [
        ("", "a checker writer"),
        ("docs", "a checker"),
        ("dev, docs", "a"),
    ] {
        let found = installed(build_file, &[("WITHOUT", value)], "runtime");
        assert_eq!(found.as_deref(), Ok(expected), "{value}");
    }
}

#[test]
fn groups_that_cannot_be_left_out_are_errors() {
    let unknown = installed("[dependencies]\nwithout = ['dve']\n", &[], "runtime");
    let unknown = unknown.unwrap_err();
    assert!(
        unknown.contains("poetry.build.toml:2: the project has no dependency group `dve`"),
        "{unknown}"
    );
    assert!(unknown.contains("`Dev`, `docs` and `main`"), "{unknown}");
    for text in [
        "groups = ['main']\nwithout = [\n'main']",
        "without = [\n\n'main', 'dev']",
    ] {
        let error = installed(&format!("[dependencies]\n{text}\n"), &[], "runtime");
        let error = error.unwrap_err();
        assert!(
            error.contains(
                "poetry.build.toml:4: `without` leaves no group, so nothing would be installed"
            ),
            "{error}"
        );
        assert!(error.contains("hint: leave out fewer groups"), "{error}");
    }
}

#[test]
fn a_target_with_groups_inherits_no_groups_to_leave_out() {
    let build_file = r#"
        [dependencies]
        without = ["dev"]
        [target.test.dependencies]
        groups = ["main", "dev"]
        [target.lint.dependencies]
        without = []
    "#;
    for (name, expected) in [
        ("runtime", "a"),
        ("test", "a checker"),
        ("lint", "a checker"),
        // It has all groups, and what it installs itself.
        ("dev", "a checker writer"),
    ] {
        let found = installed(build_file, &[], name);
        assert_eq!(found.as_deref(), Ok(expected), "{name}");
    }
}

#[test]
fn a_target_without_what_it_inherits_has_its_own_python() {
    let build_file = r#"
        [runtime]
        base = "org/base:1"
        entrypoint = ["serve"]
        [target.plain]
        extends = "none"
        [target.rest]
        without = ["source"]
    "#;
    let bases = |name: &str| {
        let plan = for_target(build_file, name).unwrap();
        plan.images().next().unwrap().0.familiar()
    };
    assert_eq!(bases("plain"), "python:3.13-slim-trixie");
    assert_eq!(bases("rest"), "org/base:1");
}
