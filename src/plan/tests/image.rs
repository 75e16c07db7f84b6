//! The runtime stage and its settings.

use super::*;

fn add_user(plan: &Plan) -> &Run {
    let runtime = stage(plan, &StageName::Runtime);
    let step = runtime
        .steps
        .iter()
        .find(|step| step.title.starts_with("add the user"));
    run(step.unwrap())
}

#[test]
fn an_init_goes_before_the_command() {
    let entrypoint = |build_file: &str| plan(build_file).settings.entrypoint.unwrap();
    assert_eq!(
        entrypoint("[runtime]\ninit = true\n"),
        ["tini", "--", "serve"]
    );
    let cmd = plan("[runtime]\ninit = true\npackages = [\"curl\"]\ncmd = [\"a\", \"b\"]\n");
    assert_eq!(cmd.settings.entrypoint.as_deref().unwrap(), ["tini", "--"]);
    assert_eq!(cmd.settings.cmd.as_deref().unwrap(), ["a", "b"]);
    let runtime = stage(&cmd, &StageName::Runtime);
    assert_eq!(runtime.steps[0].title, "apt-get install curl tini");
    assert_eq!(
        plan("[runtime]\ninit = false\n")
            .settings
            .entrypoint
            .unwrap(),
        ["serve"]
    );
}

#[test]
fn upgrades_are_a_part_of_the_packages_step() {
    let first = |build_file: &str| {
        let plan = plan(build_file);
        let step = &stage(&plan, &StageName::Runtime).steps[0];
        (step.title.clone(), step.place.start().line)
    };
    assert_eq!(
        first("[runtime]\nupgrade = true\n"),
        ("apt-get upgrade".to_owned(), 2)
    );
    assert_eq!(
        first("[runtime]\npackages = [\"curl\"]\nupgrade = true\n"),
        ("apt-get upgrade, install curl".to_owned(), 3)
    );
}

#[test]
fn the_user_owns_the_writable_folders() {
    let own = plan("[runtime]\nwritable = [\"/app/data\"]\nvolumes = [\"/srv\"]\n");
    assert!(
        add_user(&own)
            .command
            .ends_with(&["/app/data".to_owned(), "/srv".to_owned()])
    );
    let titles_of = |build_file: &str| {
        let plan = plan(build_file);
        let titles = titles(stage(&plan, &StageName::Runtime)).into_iter();
        titles.map(str::to_owned).collect::<Vec<_>>()
    };
    let copied = "[source]\ninstall = \"copy\"\n[runtime]\nentrypoint = [\"x\"]\n";
    let last = |more: &str| titles_of(&format!("{copied}{more}")).pop().unwrap();
    assert_eq!(
        last("writable = [\"/app/data\"]\n"),
        "give the user app /app/data"
    );
    assert_eq!(last("writable = [\"/app\"]\n"), "give the user app /app");
    assert_eq!(
        last("writable = [\"/application\"]\n"),
        "copy the source to /app"
    );
}

#[test]
fn an_image_of_a_base_of_its_own_is_worked_on_from_outside() {
    let inside = plan("");
    assert_eq!(add_user(&inside).from_outside, None);
    let plan = plan("[build]\nbase = \"python:3.13-trixie\"\n");
    let run = add_user(&plan);
    assert_eq!(run.from_outside, Some(StageName::Base));
    assert_eq!(run.command[4], Run::OUTSIDE);
}

#[test]
fn variables_of_the_build_are_those_of_steps_that_build() {
    let env_of = |pyproject: &str, name: &StageName| {
        let lock = lock(&package("a", "a-1-py3-none-any.whl", ""));
        let build_file = "[build]\nenv = { CFLAGS = \"-O3\", PYTHONHASHSEED = \"7\" }\n";
        let plan = plan_of(build_file, pyproject, &lock, &request()).unwrap();
        let last = stage(&plan, name).steps.last().unwrap().clone();
        run(&last).env.clone()
    };
    let backend =
        "[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n";
    let other = format!("{PYPROJECT}{backend}");
    for name in [StageName::Deps, StageName::Source] {
        let env = env_of(&other, &name);
        assert_eq!(env["CFLAGS"], "-O3", "{name}");
        assert_eq!(env["PYTHONHASHSEED"], "0", "{name}");
    }
    assert!(!env_of(&other, &StageName::Poetry).contains_key("CFLAGS"));
    // What poetry-core alone builds is shared between projects.
    let core = "[build-system]\nrequires = [\"poetry-core>=2.0.0,<3.0.0\"]\nbuild-backend = \"poetry.core.masonry.api\"\n";
    let own = format!("{PYPROJECT}{core}");
    assert!(!env_of(&own, &StageName::Source).contains_key("CFLAGS"));
}

#[test]
fn labels_tell_of_the_project_unless_the_user_does() {
    let pyproject = PYPROJECT.replace(
        "name = \"app\"",
        "name = \"My_App\"\nversion = \"1.2\"\ndescription = \"It is.\"\nlicense = { text = \"MIT\" }",
    );
    let request = Request {
        source: Some("https://host/app.git".to_owned()),
        revision: Some("0123".to_owned()),
        labels: BTreeMap::from([("team".to_owned(), "web".to_owned())]),
        ..request()
    };
    let build_file =
        "[runtime]\nlabels = { \"org.opencontainers.image.version\" = \"7\", team = \"x\" }\n";
    let lock = lock(&package("a", "a-1-py3-none-any.whl", ""));
    let plan = plan_of(build_file, &pyproject, &lock, &request).unwrap();
    let labels: Vec<(&str, &str)> = plan
        .settings
        .labels
        .iter()
        .map(|(name, value)| {
            (
                name.trim_start_matches("org.opencontainers.image."),
                value.as_str(),
            )
        })
        .collect();
    assert_eq!(
        labels,
        [
            ("description", "It is."),
            ("revision", "0123"),
            ("source", "https://host/app.git"),
            ("title", "My_App"),
            ("version", "7"),
            ("team", "web"),
        ]
    );
}
