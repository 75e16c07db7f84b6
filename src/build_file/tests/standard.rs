//! A build file over the defaults of a standard.

use super::*;
use crate::build_file::Standard;

/// The build file over the standard, or the errors.
fn over(standard: &str, file: &str) -> Result<BuildFile, String> {
    let parsed = Standard::parse(dedent(standard).as_bytes());
    let parsed = parsed.map_err(|errors| errors.to_string())?;
    let file = dedent(file);
    let over = BuildFile::parse_over(
        Some(&parsed),
        DEFAULT_NAME,
        file.as_bytes(),
        &BTreeMap::new(),
    );
    over.map_err(|errors| errors.to_string())
}

const STANDARD: &str = r#"
    name = "corp"
    version = "3.2"
    docs = "https://docs.example/python"

    [defaults.args]
    PORT = { default = 8000 }

    [defaults.runtime]
    base = "python:3.13-slim"
    entrypoint = ["start"]
    cmd = ["--all"]
    expose = ["${PORT}"]
    env = { LOG = "json", TZ = "UTC" }

    [[defaults.copy]]
    src = "ca.crt"
    dest = "/ca.crt"

    [defaults.target.test]
    run = ["pytest"]
"#;

#[test]
fn a_build_file_overrides_the_standard_key_by_key() {
    let file = over(
        STANDARD,
        r#"
        [runtime]
        env = { TZ = "CET" }
        entrypoint = ["serve"]
        [[copy]]
        src = "more"
        dest = "/more"
        [target.test]
        dependencies.groups = ["main", "test"]
        "#,
    )
    .unwrap();
    let runtime = &file.main.runtime;
    assert_eq!(runtime.env["LOG"].value, "json");
    assert_eq!(runtime.env["TZ"].value, "CET");
    // The inherited arguments are those of another command.
    assert_eq!(runtime.entrypoint.as_ref().unwrap().value, ["serve"]);
    assert_eq!(runtime.cmd, None);
    assert_eq!(runtime.expose[0].value.number, 8000);
    let copied = file.main.copies.iter().map(|copy| copy.dest.as_str());
    assert_eq!(copied.collect::<Vec<_>>(), ["/ca.crt", "/more"]);
    let test = &file.targets["test"];
    assert_eq!(test.run[0].value, ["pytest"]);
    assert_eq!(test.image.dependencies.groups.as_ref().unwrap().len(), 2);
    assert_eq!(file.arguments["PORT"].value, "8000");
}

#[test]
fn a_value_knows_its_file_and_line() {
    let file = over(STANDARD, "[runtime]\nenv = { TZ = \"CET\" }\n").unwrap();
    let at = |span: &crate::diagnostics::Span| {
        format!("{}:{}", span.document().name(), span.start().line)
    };
    let runtime = &file.main.runtime;
    assert_eq!(at(&runtime.env["TZ"].span), "poetry.build.toml:2");
    assert_eq!(at(&runtime.env["LOG"].span), "standard.toml of corp 3.2:13");
    let base = runtime.base.as_ref().unwrap();
    assert_eq!(at(&base.span), "standard.toml of corp 3.2:9");
    assert_eq!(at(&file.whole()), "poetry.build.toml:1");
}

#[test]
fn an_error_of_the_standard_names_it_and_its_documentation() {
    let head = "name = \"corp\"\ndocs = \"https://d.example\"\n";
    for (standard, file, expected) in [
        (
            "[defaults.runtime]\nuser = { uid = 0 }",
            "",
            "standard.toml of corp:4: the image would run as root: `uid` is 0\n  hint: use another user, or remove the line to use the default, `app` (10001); the standard is described at https://d.example",
        ),
        (
            "[defaults.runtime]\nbse = \"a\"",
            "",
            "standard.toml of corp:4: unknown key `bse` in `[runtime]`\n  hint: did you mean `base`?; the standard is described at https://d.example",
        ),
        (
            "[runtime]",
            "",
            "standard.toml of corp:3: unknown key `runtime` at the top level\n  hint: `runtime` belongs in `[defaults]`; the standard is described at https://d.example",
        ),
        (
            "[defaults.runtime]\nworkdir = \"/srv\"",
            "[runtime]\nworkdir = \"srv\"",
            "poetry.build.toml:2: `srv` is not an absolute path in the image\n  hint: start the path with `/`, without `.` and `..`",
        ),
        (
            "defaults = 1",
            "",
            "standard.toml of corp:3: `defaults` must be a table; found a number\n  hint: put its keys below a line `[defaults]`; the standard is described at https://d.example",
        ),
    ] {
        let error = over(&format!("{head}{standard}\n"), &format!("{file}\n")).unwrap_err();
        assert_eq!(error, expected);
    }
    let error = over("version = \"1\"\n", "").unwrap_err();
    assert_eq!(
        error,
        "standard.toml:1: `name` is missing\n  hint: add it, for example `name = \"corp-python\"`"
    );
    assert!(over("name = 1\n", "").unwrap_err().starts_with(
        "standard.toml:1: `name` must be a string, such as `\"corp-python\"`; found a number"
    ));
    assert!(
        over("name = \"a\"\n[[\n", "")
            .unwrap_err()
            .starts_with("standard.toml:2: invalid TOML")
    );
}

/// A standard without its first two lines, the line of its error, the message and the hint.
const WRONG: &[(&str, usize, &str, &str)] = &[
    (
        "[policy.a]\n",
        3,
        "a rule needs one of `key`, `images`, `rules` and `denied-licenses`; this one has none",
        "add, for example, `key = \"runtime.base\"`",
    ),
    (
        "[policy.a]\nkey = \"hook\"\nmax = 0\nrules = [\"StaleLock\"]\n",
        3,
        "a rule needs one of `key`, `images`, `rules` and `denied-licenses`; this one has `key` and `rules`",
        "make it a rule for each",
    ),
    (
        "[policy.a]\nrules = [\"StaleLock\"]\nlocked = true\n",
        3,
        "`locked` is only for rules with `key`",
        "remove it, or name a `key`",
    ),
    (
        "[policy.a]\nimages = [\"a\"]\nmax = 1\n",
        3,
        "`max` is only for rules with `key`",
        "remove it, or name a `key`",
    ),
    (
        "[policy.a]\nkey = \"hook\"\n",
        3,
        "a rule with `key` needs a condition",
        "add `locked`, `required`, `allowed`, `denied`, `versions`, `min` or `max`",
    ),
    (
        "[policy.a]\nkey = \"hook\"\nlocked = false\n",
        3,
        "a rule with `key` needs a condition",
        "add `locked`, `required`, `allowed`, `denied`, `versions`, `min` or `max`",
    ),
    (
        "[policy.a]\nkey = \"runtime base\"\nlocked = true\n",
        4,
        "`runtime base` is not a key of a build file",
        "write a key with its tables, such as `runtime.base` or `runtime.labels.\"org.example.team\"`",
    ),
    (
        "[policy.a]\nkey = \"a = {b = 1} #\"\nlocked = true\n",
        4,
        "`a = {b = 1} #` is not a key of a build file",
        "write a key with its tables, such as `runtime.base` or `runtime.labels.\"org.example.team\"`",
    ),
    (
        "[policy.a]\nkey = \"\"\nlocked = true\n",
        4,
        "`` is not a key of a build file",
        "write a key with its tables, such as `runtime.base` or `runtime.labels.\"org.example.team\"`",
    ),
    (
        "[policy.a]\nkey = \"runtime.bse\"\nlocked = true\n",
        4,
        "a build file has no key `runtime.bse`",
        "did you mean `base`?",
    ),
    (
        "[policy.a]\nkey = \"base\"\nlocked = true\n",
        4,
        "a build file has no key `base`",
        "`base` belongs in `[build]` or `[runtime]`",
    ),
    (
        "[policy.a]\nkey = \"runtime.base.tag\"\nlocked = true\n",
        4,
        "a build file has no key `runtime.base.tag`",
        "`base` has no keys",
    ),
    (
        "[policy.a]\nkey = \"runtime.base\"\nallowed = []\n",
        5,
        "`allowed` is empty",
        "add at least one entry",
    ),
    (
        "[policy.a]\nkey = \"runtime.base\"\ndenied = []\n",
        5,
        "`denied` is empty",
        "add at least one entry",
    ),
    (
        "[policy.a]\nimages = []\n",
        4,
        "`images` is empty",
        "add at least one entry",
    ),
    (
        "[policy.a]\nrules = []\n",
        4,
        "`rules` is empty",
        "add at least one entry",
    ),
    (
        "[policy.a]\nrules = [\"StaleLok\"]\n",
        4,
        "there is no rule `StaleLok`",
        "did you mean `StaleLock`?",
    ),
    (
        "[policy.a]\nkey = \"hook\"\nlocked = true\nmax = 0\n",
        3,
        "`max` contradicts `locked`",
        "remove one of the two: no project can set a locked key",
    ),
    (
        "[policy.a]\nkey = \"runtime.base\"\nversions = \">=3\"\n",
        5,
        "`versions` is only for `python.version` and `poetry.version`",
        "use `allowed`, or another key",
    ),
    (
        "[policy.a]\nkey = \"python.version\"\nversions = \"three\"\n",
        5,
        "`three` is not a range of releases",
        "write a range such as `>=3.12,<3.14`",
    ),
    (
        "[policy.a]\nkey = \"python.version\"\nversions = \"\"\n",
        5,
        "`` is not a range of releases",
        "write a range such as `>=3.12,<3.14`",
    ),
    (
        "[policy.a]\nkey = \"runtime.max-size\"\nmax = \"big\"\n",
        5,
        "`big` is neither a whole number nor a size",
        "write a number such as `10`, or a size such as `\"500MB\"`",
    ),
    (
        "[policy.a]\nkey = \"hook\"\nmax = -1\n",
        5,
        "`-1` is neither a whole number nor a size",
        "write a number such as `10`, or a size such as `\"500MB\"`",
    ),
    (
        "[policy.a]\nkey = \"runtime.user.uid\"\nmin = 2\nmax = 1\n",
        3,
        "`min` is greater than `max`",
        "swap the two",
    ),
    (
        "[policy.a]\nkey = \"hook\"\nlocked = true\nuntil = \"2.0\"\nseverity = \"warning\"\n",
        6,
        "`until` makes the rule an error, so it contradicts `severity`",
        "remove `severity`: the rule is a warning until then",
    ),
    (
        "[policy.a]\nkey = \"hook\"\nlocked = true\nuntil = \"next\"\n",
        6,
        "`next` is not a version that others can be compared with",
        "use numbers and dots, such as `3.2`",
    ),
    (
        "[policy.a]\nkey = \"hook\"\nlocked = true\nmessage = \"\"\n",
        6,
        "this is not a text of one line",
        "write at least one character, and no line breaks",
    ),
    (
        "[policy.a]\nkey = \"hook\"\nlocked = true\nseverity = \"fatal\"\n",
        6,
        "`fatal` is not a valid value for `severity`",
        "use `error` or `warning`",
    ),
    (
        "[policy.a]\nkey = \"hook\"\nlocked = \"yes\"\n",
        5,
        "`locked` must be a boolean, such as `true`; found a string",
        "write `locked = true`",
    ),
    (
        "[policy.a]\nkey = \"hook\"\nmaxi = 1\n",
        5,
        "unknown key `maxi` in `[policy.a]`",
        "did you mean `max`?",
    ),
    (
        "[policy]\nkey = \"hook\"\n",
        4,
        "`key` must be a table; found a string",
        "put its keys below a line `[policy.key]`",
    ),
    (
        "policy = []\n",
        3,
        "`policy` must be a table; found a list",
        "put its keys below a line `[policy]`",
    ),
    (
        "[defaults.runtime]\nexpose = 8000\n",
        4,
        "`expose` must be a list, such as `[8000, \"5353/udp\"]`; found a number",
        "write `expose = [8000]`",
    ),
    (
        "[defaults.runtime.env]\nDB_PASSWORD = \"hunter2\"\n",
        4,
        "a secret does not belong in a standard, which everyone with the frontend's image can read",
        "remove it; builds get secrets with `--secret`, and the standard can name their ids",
    ),
    (
        "[defaults.args]\nINDEX_TOKEN = { default = \"\" }\n",
        4,
        "a secret does not belong in a standard, which everyone with the frontend's image can read",
        "remove it; builds get secrets with `--secret`, and the standard can name their ids",
    ),
    (
        "[defaults.poetry]\nmirror = \"https://me:hunter2@index.example/\"\n",
        4,
        "a secret does not belong in a standard, which everyone with the frontend's image can read",
        "remove it; builds get secrets with `--secret`, and the standard can name their ids",
    ),
    (
        "[[exception]]\nproject = \"a\"\npolicy = [\"x\"]\nreason = \"r\"\nuntil = \"2027-01-01\"\n[policy.x]\nkey = \"hook\"\nlocked = true\n",
        3,
        "`owner` is missing",
        "add it, for example `owner = \"team-billing\"`",
    ),
    (
        "[[exception]]\nproject = \"a\"\npolicy = [\"y\"]\nowner = \"o\"\nreason = \"r\"\nuntil = \"2027-01-01\"\n[policy.x]\nkey = \"hook\"\nlocked = true\n",
        5,
        "the standard has no rule `y`",
        "remove it, or add the rule `[policy.y]`",
    ),
    (
        "[[exception]]\nproject = \"a\"\npolicy = [\"hooks\"]\nowner = \"o\"\nreason = \"r\"\nuntil = \"2027-01-01\"\n[policy.hook]\nkey = \"hook\"\nlocked = true\n",
        5,
        "the standard has no rule `hooks`",
        "did you mean `hook`?",
    ),
    (
        "[[exception]]\nproject = \"a\"\npolicy = []\nowner = \"o\"\nreason = \"r\"\nuntil = \"2027-01-01\"\n",
        5,
        "`policy` is empty",
        "add at least one entry",
    ),
    (
        "[[exception]]\nproject = \"a\"\npolicy = [\"x\"]\nowner = \"o\"\nreason = \"r\"\nuntil = \"2027-02-29\"\n[policy.x]\nkey = \"hook\"\nlocked = true\n",
        8,
        "`2027-02-29` is not a day",
        "write year, month and day, such as `2027-05-31`",
    ),
    (
        "[[exception]]\nproject = \"a\"\npolicy = [\"x\"]\nowner = \"\"\nreason = \"r\"\nuntil = \"2027-02-01\"\n[policy.x]\nkey = \"hook\"\nlocked = true\n",
        6,
        "this is not a text of one line",
        "write at least one character, and no line breaks",
    ),
    (
        "[[exception]]\nuntil = 2027-01-01\n",
        4,
        "`until` must be a string, such as `\"2027-05-31\"`; found a date or time",
        "write `until = \"2027-01-01\"`",
    ),
    (
        "[exception]\nproject = \"a\"\n",
        3,
        "`exception` must be a list of tables; found a table",
        "write `[[exception]]`, with double brackets",
    ),
    (
        "[images]\npython = \"sha256:1111111111111111111111111111111111111111111111111111111111111111\"\n",
        4,
        "`python` is not an image with a tag and without a digest",
        "write a name such as `\"python:3.13-slim\"`",
    ),
    (
        "[images]\n\"python:3@sha256:1111111111111111111111111111111111111111111111111111111111111111\" = \"\"\n",
        4,
        "`python:3@sha256:1111111111111111111111111111111111111111111111111111111111111111` is not an image with a tag and without a digest",
        "write a name such as `\"python:3.13-slim\"`",
    ),
    (
        "[images]\n\"python:3\" = \"sha256:1\"\n",
        4,
        "`sha256:1` is not a digest",
        "write `sha256:DIGEST`, as `docker buildx imagetools inspect` prints it",
    ),
    (
        "[images]\n\"docker.io/library/python:3\" = \"sha256:1111111111111111111111111111111111111111111111111111111111111111\"\n\"python:3\" = \"sha256:1111111111111111111111111111111111111111111111111111111111111111\"\n",
        5,
        "the image `python:3` is in `[images]` twice",
        "remove one of the two",
    ),
    (
        "frontend = \"new\"\n",
        3,
        "`new` is not a range of releases",
        "write a range such as `>=3.12,<3.14`",
    ),
];

#[test]
fn a_standard_can_be_for_some_releases_of_the_frontend() {
    let parse = |range: &str| {
        let text = format!("name = \"corp\"\nfrontend = \"{range}\"\n");
        Standard::parse(text.as_bytes()).map(|standard| standard.name)
    };
    let release = env!("CARGO_PKG_VERSION");
    assert_eq!(parse(&format!(">={release},<99")).unwrap(), "corp");
    assert_eq!(
        parse(&format!(">{release}")).unwrap_err().to_string(),
        format!(
            "standard.toml of corp:2: the standard is for the releases `>{release}` of the frontend, and this one is {release}\n  \
             hint: make the team's image from one of these releases, or change the range"
        )
    );
}

#[test]
fn a_wrong_standard_is_reported_at_its_line() {
    let mut wrong = String::new();
    for (text, line, message, hint) in WRONG {
        let all = Standard::parse(format!("name = \"corp\"\nversion = \"1.0\"\n{text}").as_bytes());
        let all = all.expect_err(text);
        let errors: Vec<_> = all.iter().collect();
        let same = errors.len() == 1
            && errors[0].span.as_ref().unwrap().start().line == *line
            && errors[0].span.as_ref().unwrap().document().name() == "standard.toml of corp 1.0"
            && errors[0].message == *message
            && errors[0].hint == *hint;
        if !same {
            wrong += &format!("{text}{all}\n\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");

    for (head, message) in [
        (
            "name = \"a\"\n",
            "`until` needs the `version` of the standard",
        ),
        (
            "name = \"a\"\nversion = \"next\"\n",
            "`next` is not a version that others can be compared with",
        ),
        (
            "name = \"a\\nb\"\nversion = \"1\"\n",
            "this is not a text of one line",
        ),
    ] {
        let text = format!("{head}[policy.a]\nkey = \"hook\"\nlocked = true\nuntil = \"2\"\n");
        let error = Standard::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
        // No message has a line of its own.
        assert!(error.lines().count() == 2, "{error}");
    }
}

#[test]
fn a_standard_has_at_most_100_rules() {
    let rule = |number| format!("[policy.a{number}]\nkey = \"hook\"\nlocked = true\n");
    let rules = |count: usize| (0..count).map(rule).collect::<String>();
    let parse = |count| Standard::parse(format!("name = \"a\"\n{}", rules(count)).as_bytes());
    assert!(parse(100).is_ok());
    let error = parse(101).unwrap_err().to_string();
    assert!(
        error.contains("the standard has more than 100 rules"),
        "{error}"
    );
}
