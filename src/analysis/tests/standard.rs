//! Build files that do and do not follow a standard.

use super::*;
use crate::build_file::Date;
use crate::diagnostics::Colour;
use crate::rules::Rule;

const HEAD: &str = "name = \"corp\"\nversion = \"3.2\"\n";

/// The files of a project below a standard without a head.
fn files(standard: &str, build_file: &str) -> InputFiles {
    InputFiles {
        standard: Some(format!("{HEAD}{}", testkit::dedent(standard)).into_bytes()),
        ..InputFiles::from(&app().with_build_file(build_file))
    }
}

/// Errors and warnings as `check` shows them, without the text around them.
fn found(files: &InputFiles, args: &[(&str, &str)], request: &Request) -> Vec<String> {
    let args = args
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let (_, findings) = files.inspect(&args).plan(request);
    let findings = findings.sorted();
    let warnings = findings.warnings.iter();
    let warnings = warnings.filter(|warning| warning.rule == Rule::StandardPolicy);
    let warnings = warnings.map(|warning| format!("warning: {}", warning.rendered(Colour::Off)));
    let errors = findings.errors.iter().map(ToString::to_string);
    warnings.chain(errors).collect()
}

/// A standard, a build file, and the errors.
type Row = (&'static str, &'static str, &'static [&'static str]);

const LOCKED: &str = r#"
    [policy.user]
    key = "runtime.user"
    locked = true
"#;
const BASES: &str = r#"
    [policy.bases]
    key = "runtime.base"
    allowed = ["registry.example/*", "python:3.13*"]
    message = "others lack our certificates"
    docs = "https://docs.example/bases"
"#;
const TEAM: &str = r#"
    [policy.team]
    key = 'runtime.labels."org.example.team"'
    required = true
    allowed = ["team-*"]
"#;
const NO_NETWORK: &str = r#"
    [policy.network]
    key = "hook.network"
    required = true
    allowed = ["none"]
"#;
const ENFORCED: &str = r#"
    [policy.secrets]
    rules = ["SecretInEnv"]
    severity = "error"
"#;

const ROWS: &[Row] = &[
    (LOCKED, "", &[]),
    (
        LOCKED,
        "[runtime]\nuser = { uid = 5 }\n",
        &[
            "poetry.build.toml:2: `runtime.user` is set by the standard (`user`, standard.toml of corp 3.2:3)\n  hint: remove it here",
        ],
    ),
    (
        LOCKED,
        "[target.a.runtime]\nuser.name = \"b\"\n",
        &[
            "poetry.build.toml:2: `runtime.user` is set by the standard (`user`, standard.toml of corp 3.2:3)\n  hint: remove it here",
        ],
    ),
    (BASES, "[runtime]\nbase = \"registry.example/a/b:1\"\n", &[]),
    (
        BASES,
        "[runtime]\nbase = \"docker.io/library/python:3.13\"\n",
        &[],
    ),
    (
        BASES,
        "[runtime]\nbase = \"ubuntu\"\n",
        &[
            "poetry.build.toml:2: `runtime.base` cannot be `ubuntu`: others lack our certificates (`bases`, standard.toml of corp 3.2:3)\n  hint: use `registry.example/*` or `python:3.13*`; see https://docs.example/bases",
        ],
    ),
    (
        BASES,
        "[target.a]\nruntime.base = \"ubuntu\"\n",
        &[
            "poetry.build.toml:2: `runtime.base` cannot be `ubuntu`: others lack our certificates (`bases`, standard.toml of corp 3.2:3)\n  hint: use `registry.example/*` or `python:3.13*`; see https://docs.example/bases",
        ],
    ),
    // The frontend's own choice has to be allowed, too.
    (
        BASES,
        "[python]\nversion = \"3.12\"\n",
        &[
            "poetry.build.toml:2: the default base image `python:3.12-slim-trixie` is not allowed: others lack our certificates (`bases`, standard.toml of corp 3.2:3)\n  hint: use `registry.example/*` or `python:3.13*`; see https://docs.example/bases",
        ],
    ),
    (
        "[policy.no-alpine]\nkey = \"runtime.base\"\ndenied = [\"*alpine*\"]\n",
        "[runtime]\nbase = \"python:3.13-alpine\"\n",
        &[
            "poetry.build.toml:2: `runtime.base` cannot be `python:3.13-alpine` (`no-alpine`, standard.toml of corp 3.2:3)\n  hint: use a value other than `*alpine*`",
        ],
    ),
    (
        TEAM,
        "[runtime.labels]\n\"org.example.team\" = \"team-a\"\n",
        &[],
    ),
    (
        TEAM,
        "# one\n# two\n",
        &[
            "poetry.build.toml:1: `runtime.labels.\"org.example.team\"` is not set (`team`, standard.toml of corp 3.2:3)\n  hint: set `runtime.labels.\"org.example.team\"` to `team-*`",
        ],
    ),
    (
        TEAM,
        "[runtime.labels]\n\"org.example.team\" = \"a\"\n",
        &[
            "poetry.build.toml:2: `runtime.labels.\"org.example.team\"` cannot be `a` (`team`, standard.toml of corp 3.2:3)\n  hint: use `team-*`",
        ],
    ),
    (
        "[policy.uid]\nkey = \"runtime.user.uid\"\nmin = 10000\nmax = 19999\n",
        "[runtime]\nuser.uid = 1000\n",
        &[
            "poetry.build.toml:2: `runtime.user.uid` is 1000, less than 10000 (`uid`, standard.toml of corp 3.2:3)\n  hint: use at least 10000",
        ],
    ),
    (
        "[policy.uid]\nkey = \"runtime.user.uid\"\nmin = 10000\nmax = 19999\n",
        "[args]\nUSER = { default = 20000 }\n[runtime]\nuser.uid = \"${USER}\"\n",
        &[
            "poetry.build.toml:4: `runtime.user.uid` is 20000, more than 19999 (`uid`, standard.toml of corp 3.2:3)\n  hint: use at most 19999",
        ],
    ),
    (
        "[policy.size]\nkey = \"runtime.max-size\"\nrequired = true\nmax = \"500MB\"\n",
        "[runtime]\nmax-size = \"1GB\"\n",
        &[
            "poetry.build.toml:2: `runtime.max-size` is 1GB, more than 500MB (`size`, standard.toml of corp 3.2:3)\n  hint: use at most 500MB",
        ],
    ),
    (
        "[policy.layers]\nkey = \"dependencies.layers.count\"\nmax = 2\n",
        "[dependencies]\nlayers.count = 4\n",
        &[
            "poetry.build.toml:2: `dependencies.layers.count` is 4, more than 2 (`layers`, standard.toml of corp 3.2:3)\n  hint: use at most 2",
        ],
    ),
    (
        "[policy.targets]\nkey = \"target\"\nmax = 1\n[defaults.target.c]\n",
        "[target.a]\n[target.b]\n",
        &[
            "poetry.build.toml:2: the number of entries of `target` is 2, more than 1 (`targets`, standard.toml of corp 3.2:3)\n  hint: use at most 1",
        ],
    ),
    // A hook of the standard is its own business.
    (
        "[policy.no-hooks]\nkey = \"hook\"\nmax = 0\n[[defaults.hook]]\nat = \"final\"\nrun = \"true\"\n",
        "",
        &[],
    ),
    (
        "[policy.no-hooks]\nkey = \"hook\"\nmax = 0\n",
        "[[hook]]\nat = \"final\"\nrun = \"true\"\n",
        &[
            "poetry.build.toml:1: the number of entries of `hook` is 1, more than 0 (`no-hooks`, standard.toml of corp 3.2:3)\n  hint: use at most 0",
        ],
    ),
    (NO_NETWORK, "", &[]),
    (
        NO_NETWORK,
        "[[hook]]\nat = \"final\"\nrun = \"true\"\nnetwork = \"none\"\n",
        &[],
    ),
    (
        NO_NETWORK,
        "[[hook]]\nat = \"final\"\nrun = \"true\"\n[[hook]]\nat = \"final\"\nrun = \"true\"\nnetwork = \"host\"\n",
        &[
            "poetry.build.toml:1: `hook.network` is not set (`network`, standard.toml of corp 3.2:3)\n  hint: set `hook.network` to `none`",
            "poetry.build.toml:7: `hook.network` cannot be `host` (`network`, standard.toml of corp 3.2:3)\n  hint: use `none`",
        ],
    ),
    (
        "[policy.points]\nkey = \"hook.at\"\nallowed = [\"after-*\"]\n",
        "[[target.a.hook]]\nat = \"final\"\nrun = \"true\"\n[target.b]\nextends = \"a\"\n",
        &[
            "poetry.build.toml:2: `hook.at` cannot be `final` (`points`, standard.toml of corp 3.2:3)\n  hint: use `after-*`",
        ],
    ),
    (
        "[policy.python]\nkey = \"python.version\"\nversions = \">=3.12\"\n",
        "[python]\nversion = \"3.11\"\n",
        &[
            "poetry.build.toml:2: Python 3.11 is not in the range `>=3.12` (`python`, standard.toml of corp 3.2:3)\n  hint: set `python.version` to a release in this range",
        ],
    ),
    (
        "[policy.python]\nkey = \"python.version\"\nversions = \"<3.13\"\n",
        "",
        &[
            "poetry.build.toml:1: Python 3.13 is not in the range `<3.13` (`python`, standard.toml of corp 3.2:3)\n  hint: set `python.version` to a release in this range",
        ],
    ),
    (
        "[policy.python]\nkey = \"python.version\"\nversions = \"<3.13\"\n",
        "[runtime]\nbase = \"ubuntu:24.04\"\n",
        &[
            "poetry.build.toml:2: it is unknown whether the Python of the base is in `<3.13` (`python`, standard.toml of corp 3.2:3)\n  hint: set `python.version` to a release in this range",
        ],
    ),
    (
        "[policy.poetry]\nkey = \"poetry.version\"\nversions = \">=2.2\"\n",
        "[poetry]\nversion = \"2.1.4\"\n",
        &[
            "poetry.build.toml:2: Poetry 2.1.4 is not in the range `>=2.2` (`poetry`, standard.toml of corp 3.2:3)\n  hint: set `poetry.version` to a release in this range",
        ],
    ),
    (
        "[policy.registry]\nimages = [\"python:*\"]\n",
        "[[copy]]\nfrom = \"image:node:22\"\nsrc = \"a\"\ndest = \"/a\"\n",
        &[
            "poetry.build.toml:2: the image `node:22` is not allowed (`registry`, standard.toml of corp 3.2:3)\n  hint: use `python:*`",
        ],
    ),
    (
        ENFORCED,
        "[runtime]\nenv = { DB_PASSWORD = \"hunter2\" }\n[check]\nskip = [\"SecretInEnv\"]\n",
        &[
            "poetry.build.toml:2: `DB_PASSWORD` looks like a secret, which anyone with the image could read (SecretInEnv)\n  hint: remove it here, and pass it to the container: `docker run --env DB_PASSWORD`",
            "poetry.build.toml:4: the rule `SecretInEnv` cannot be skipped (`secrets`, standard.toml of corp 3.2:3)\n  hint: remove it here",
        ],
    ),
    (
        ENFORCED,
        "[runtime]\nenv = { DB_PASSWORD = \"hunter2\" }\n[check]\nskip = [\"all\"]\n",
        &[
            "poetry.build.toml:2: `DB_PASSWORD` looks like a secret, which anyone with the image could read (SecretInEnv)\n  hint: remove it here, and pass it to the container: `docker run --env DB_PASSWORD`",
        ],
    ),
    // A note as well.
    (
        "[policy.pinned]\nrules = [\"BaseNotPinned\"]\nseverity = \"error\"\n",
        "[runtime]\nbase = \"registry.example/python:3.13\"\n",
        &[
            "poetry.build.toml:2: `registry.example/python:3.13` can change without notice: it has no digest (BaseNotPinned)\n  hint: ",
        ],
    ),
    // A target need not inherit everything, but what the standard demands.
    (
        "[defaults.runtime]\nuser.uid = 20000\n[policy.user]\nkey = \"runtime.user\"\nlocked = true\n",
        "[target.a]\nextends = \"none\"\nruntime.entrypoint = [\"sh\"]\n[target.dev]\n",
        &[
            "poetry.build.toml:1: the target `a` leaves out `runtime.user` (`user`, standard.toml of corp 3.2:5)\n  hint: set it there, or inherit it",
        ],
    ),
    (
        TEAM,
        "[runtime.labels]\n\"org.example.team\" = \"team-a\"\n[target.a]\nwithout = [\"runtime\"]\nruntime.entrypoint = [\"sh\"]\n",
        &[
            "poetry.build.toml:3: the target `a` leaves out `runtime.labels.\"org.example.team\"` (`team`, standard.toml of corp 3.2:3)\n  hint: set it there, or inherit it",
        ],
    ),
    // A rule that is not an error yet, and one that is.
    (
        "[policy.user]\nkey = \"runtime.user\"\nlocked = true\nuntil = \"4.0\"\n",
        "[runtime]\nuser.uid = 5\n",
        &[
            "warning: warning[StandardPolicy]: `runtime.user` is set by the standard (`user`, standard.toml of corp 3.2:3)\n --> poetry.build.toml:2:1\n  |\n2 | user.uid = 5\n",
        ],
    ),
    (
        "[policy.user]\nkey = \"runtime.user\"\nlocked = true\nuntil = \"3.2\"\n",
        "[runtime]\nuser.uid = 5\n",
        &[
            "poetry.build.toml:2: `runtime.user` is set by the standard (`user`, standard.toml of corp 3.2:3)\n  hint: remove it here",
        ],
    ),
    (
        "[policy.env]\nkey = \"runtime.env\"\ndenied = [\"LD_*\"]\nmessage = \"use `packages`\"\nseverity = \"warning\"\n",
        "[runtime]\nenv = { LD_PRELOAD = \"/a\" }\n",
        &[
            "warning: warning[StandardPolicy]: `runtime.env` cannot be `LD_PRELOAD`: use `packages` (`env`, standard.toml of corp 3.2:3)\n --> poetry.build.toml:2:9\n",
        ],
    ),
];

#[test]
fn a_build_file_must_follow_the_standard() {
    let mut wrong = String::new();
    for (standard, build_file, expected) in ROWS {
        let found = found(&files(standard, build_file), &[], &request());
        let same = found.len() == expected.len()
            && (found.iter().zip(*expected)).all(|(found, expected)| found.starts_with(expected));
        if !same {
            wrong += &format!("{standard}{build_file}\nfound {found:#?}\nexpected {expected:#?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_the_command_line_sets_must_follow_the_standard() {
    let standard = r#"
        [defaults.args]
        TAG = { default = "3.13" }
        [defaults.runtime]
        base = "python:${TAG}"
        [policy.base]
        key = "runtime.base"
        allowed = ["python:3.1?"]
        [policy.tag]
        key = "args.TAG"
        locked = true
        [policy.team]
        key = "runtime.labels.team"
        allowed = ["a"]
        [policy.enforced]
        rules = ["SecretInEnv"]
        severity = "error"
    "#
    .replace('?', "*");
    let env = "[runtime]\nenv = { DB_PASSWORD = \"hunter2\" }\n";
    let mut request = Request {
        rules: RuleSwitches::parse("skip=SecretInEnv").unwrap(),
        ..request()
    };
    request.labels.insert("team".to_owned(), "b".to_owned());
    let errors = found(&files(&standard, env), &[("TAG", "latest")], &request);
    assert_eq!(
        errors,
        [
            "poetry.build.toml:2: `DB_PASSWORD` looks like a secret, which anyone with the image could read (SecretInEnv)\n  hint: remove it here, and pass it to the container: `docker run --env DB_PASSWORD`",
            "standard.toml of corp 3.2:6: `runtime.base` cannot be `python:latest` (`base`, standard.toml of corp 3.2:7)\n  hint: use `python:3.1*`",
            "standard.toml of corp 3.2:10: the build argument `TAG` is set by the standard (`tag`, standard.toml of corp 3.2:10)\n  hint: remove `--build-arg TAG=...`",
            "standard.toml of corp 3.2:13: the label `team` cannot be `b` (`team`, standard.toml of corp 3.2:13)\n  hint: remove `--label team=...`",
        ]
    );
}

#[test]
fn an_exception_holds_for_its_repository() {
    let standard = r#"
        [policy.user]
        key = "runtime.user"
        locked = true
        [[exception]]
        repository = "https://git.example/corp/*"
        policy = ["user"]
        owner = "team-app"
        reason = "moves in May"
        until = "2027-05-31"
        [[exception]]
        project = "another"
        repository = "git.example/*"
        policy = ["user"]
        owner = "team-b"
        reason = "both must match"
        until = "2099-12-31"
    "#;
    let files = files(standard, "[runtime]\nuser.uid = 5\n");
    let from = |repository: Option<&str>| {
        let repository = repository.map(str::to_owned);
        let request = Request {
            repository,
            ..request()
        };
        found(&files, &[], &request).len()
    };
    assert_eq!(from(Some("git@git.example:corp/app.git")), 0);
    assert_eq!(from(Some("https://user:token@git.example/corp/app")), 0);
    for other in [
        None,
        Some("https://git.example/team/app"),
        Some("https://git.example.evil/corp/app"),
        Some("https://evil.example/git.example/corp/app"),
    ] {
        assert_eq!(from(other), 1, "{other:?}");
    }
}

#[test]
fn an_exception_holds_for_its_project_and_until_its_day() {
    let standard = r#"
        [policy.user]
        key = "runtime.user"
        locked = true
        docs = "https://docs.example/user"
        [policy.bases]
        images = ["registry.example/*"]
        [policy.secrets]
        rules = ["SecretInEnv"]
        severity = "error"
        [[exception]]
        project = "AP*"
        policy = ["user", "secrets"]
        owner = "team-app"
        reason = "moves in May"
        until = "2027-05-31"
        [[exception]]
        project = "another"
        policy = ["bases"]
        owner = "team-b"
        reason = "none"
        until = "2099-12-31"
    "#;
    let file = "[runtime]\nuser.uid = 5\nenv = { DB_PASSWORD = \"hunter2\" }\n[check]\nskip = [\"SecretInEnv\"]\n";
    let on = |today: Option<&str>| {
        let today = today.map(|today| Date::parse(today).unwrap());
        found(&files(standard, file), &[], &Request { today, ..request() })
    };
    // The exception of another project does not hold, and that of a rule is not one of all rules.
    let base = "poetry.build.toml:1: the image `python:3.13-slim-trixie` is not allowed (`bases`, standard.toml of corp 3.2:7)\n  hint: use `registry.example/*`";
    assert_eq!(on(None), [base]);
    assert_eq!(on(Some("2027-05-31")), [base]);
    assert_eq!(
        on(Some("2027-06-01")),
        [
            base,
            "poetry.build.toml:2: `runtime.user` is set by the standard (`user`, standard.toml of corp 3.2:3)\n  hint: remove it here; see https://docs.example/user; the exception that team-app had ended on 2027-05-31",
            "poetry.build.toml:3: `DB_PASSWORD` looks like a secret, which anyone with the image could read (SecretInEnv)\n  hint: remove it here, and pass it to the container: `docker run --env DB_PASSWORD`",
            "poetry.build.toml:5: the rule `SecretInEnv` cannot be skipped (`secrets`, standard.toml of corp 3.2:9)\n  hint: remove it here; the exception that team-app had ended on 2027-05-31",
        ]
    );
}

#[test]
fn images_of_the_catalogue_are_pinned_wherever_a_build_uses_them() {
    let digest = |digit: &str| format!("sha256:{}", digit.repeat(64));
    let standard = format!(
        "[images]\n\"python:3.13-slim-trixie\" = \"{}\"\n\"registry.example:5000/b:1\" = \"{}\"\n\"docker.io/library/node:22\" = \"{}\"\n[policy.known]\nimages = [\"python:3.13-slim-trixie\", \"registry.example:5000/b:1\", \"node:22\"]\n[policy.base]\nkey = \"runtime.base\"\nallowed = [\"python:3.13-slim-trixie\"]\n",
        digest("1"),
        digest("2"),
        digest("3"),
    );
    let file = r#"
        [build]
        base = "registry.example:5000/b:1"
        [[copy]]
        from = "image:node:22"
        src = "a"
        dest = "/a"
        [target.other]
        runtime.packages = ["tini"]
    "#;
    let plan = |files: &InputFiles, request: &Request| {
        let (plan, findings) = files.inspect(&BTreeMap::new()).plan(request);
        assert!(findings.errors.is_empty(), "{:?}", findings.errors);
        plan.unwrap()
    };
    let images = |plan: &Plan| {
        let images = plan.images().map(|(image, _)| image.familiar());
        images
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    };
    let pinned = [
        format!("node:22@{}", digest("3")),
        format!("python:3.13-slim-trixie@{}", digest("1")),
        format!("registry.example:5000/b:1@{}", digest("2")),
    ];
    let files_of = files(&standard, &testkit::dedent(file));
    for request in [request(), target("other")] {
        assert_eq!(images(&plan(&files_of, &request)), pinned);
    }
    // A digest of the project's own stays, and is another image than the rule allows.
    let own = format!(
        "[runtime]\nbase = \"python:3.13-slim-trixie@{}\"\n",
        digest("9")
    );
    let errors = found(&files(&standard, &own), &[], &request());
    assert!(
        errors.len() == 2 && errors[1].contains("is not allowed"),
        "{errors:?}"
    );

    // Not even a named context replaces an image that a rule is about.
    let context = "python:3.13-slim-trixie";
    let replaced = Request {
        contexts: vec![context.to_owned()],
        ..request()
    };
    let rule = format!("[policy.registry]\nimages = [\"{context}\"]\n");
    let errors = found(&files(&rule, ""), &[], &replaced);
    assert_eq!(
        errors,
        [
            "poetry.build.toml:1: the image `python:3.13-slim-trixie` is replaced by a named context (`registry`, standard.toml of corp 3.2:3)\n  hint: remove `--build-context python:3.13-slim-trixie=...`"
        ]
    );
}

/// A standard without rules changes nothing, and neither does one without defaults.
#[test]
fn a_plan_is_the_same_below_an_empty_standard() {
    let project = app().with_build_file("[runtime]\nexpose = [8000]\n");
    let plan = |standard: Option<&str>| {
        let files = InputFiles {
            standard: standard.map(|text| text.as_bytes().to_vec()),
            ..InputFiles::from(&project)
        };
        let (plan, _) = files.inspect(&BTreeMap::new()).plan(&request());
        plan.unwrap()
    };
    assert_eq!(plan(None).stages, plan(Some(HEAD)).stages);
}

#[test]
fn images_say_which_standard_they_follow() {
    let labels = |files: &InputFiles, request: &Request| {
        let (plan, _) = files.inspect(&BTreeMap::new()).plan(request);
        plan.unwrap().settings.labels
    };
    let mut request = Request {
        today: None,
        ..request()
    };
    let name = "poetry-frontend.standard.name";
    request.labels.insert(name.to_owned(), "mine".to_owned());
    let labels_of = labels(&files("", ""), &request);
    let own: Vec<String> = labels_of
        .iter()
        .filter(|(name, _)| name.starts_with("poetry-frontend."))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let digest = format!("sha256:{}", crate::digest::sha256(HEAD.as_bytes()));
    assert_eq!(
        own,
        [
            format!("poetry-frontend.standard.digest={digest}"),
            "poetry-frontend.standard.name=corp".to_owned(),
            "poetry-frontend.standard.version=3.2".to_owned(),
            format!("poetry-frontend.version={}", env!("CARGO_PKG_VERSION")),
        ]
    );
    // Without a standard there are none.
    let project = InputFiles::from(&app());
    let labels = labels(&project, &super::request());
    assert!(
        labels
            .keys()
            .all(|name| !name.starts_with("poetry-frontend"))
    );
}
