//! Build files as users write them, right and wrong.

use std::collections::BTreeMap;

use super::*;

mod mistakes;
use crate::rules::Rule;

fn parse_with(text: &str, args: &[(&str, &str)]) -> Result<BuildFile, Diagnostics> {
    let args: BTreeMap<String, String> = args
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    BuildFile::parse(DEFAULT_NAME, text.as_bytes(), &args)
}

fn parse(text: &str) -> BuildFile {
    parse_with(text, &[]).unwrap()
}

/// The message and the hint of each mistake, with its line.
fn mistakes(text: &str) -> String {
    parse_with(text, &[]).unwrap_err().to_string()
}

#[test]
fn an_empty_file_is_a_whole_one() {
    let file = parse("# syntax=org/poetry-frontend\n");
    assert_eq!(file.python.version, None);
    assert_eq!(file.source.include, None);
    assert_eq!(
        (file.runtime.user.name.as_str(), file.runtime.user.uid),
        ("app", 10001)
    );
    assert_eq!(file.runtime.user.gid, 10001);
}

#[test]
fn every_key_is_read() {
    let file = parse(
        r#"
[python]
version = "3.13.5"
variant = "slim"
[poetry]
version = "2.1.3"
mirror = "https://index.example/simple"
ca-bundle = "/etc/ssl/certs/ca-certificates.crt"
[source]
install = "copy"
include = ["./src/", "templates/*.html"]
[build]
packages = ["gcc", "libpq-dev=15.*"]
[runtime]
packages = ["libpq5"]
user = { name = "web", uid = 1000, gid = 2000 }
workdir = "/srv/app/"
entrypoint = ["web"]
cmd = ["--port", "8000"]
env = { PORT = "8000" }
expose = [8000]
"#,
    );
    assert_eq!(file.python.version.unwrap().value.to_string(), "3.13.5");
    assert_eq!(
        file.poetry.mirror.unwrap().value,
        "https://index.example/simple/"
    );
    let include: Vec<String> = file
        .source
        .include
        .unwrap()
        .into_iter()
        .map(|pattern| pattern.value)
        .collect();
    assert_eq!(include, ["src", "templates/*.html"]);
    assert_eq!(file.source.install.unwrap().value, InstallMode::Copy);
    assert_eq!(file.build.packages[1].value, "libpq-dev=15.*");
    assert_eq!(file.runtime.user.gid, 2000);
    assert_eq!(file.runtime.workdir.unwrap().value, "/srv/app");
    assert_eq!(file.runtime.env["PORT"].value, "8000");
    assert_eq!(file.runtime.expose[0].value, 8000);
}

#[test]
fn arguments_give_values_of_any_place() {
    let text = r#"
[args]
MIRROR = { default = "" }
TAG = { default = "3.13" }
[python]
version = "${TAG}"
[poetry]
mirror = "${MIRROR}"
[runtime]
entrypoint = ["sh", "-c", "echo $${HOME} ${TAG}"]
env = { TAG = "${TAG}" }
"#;
    let file = parse(text);
    assert_eq!(file.poetry.mirror, None);
    assert_eq!(
        file.runtime.entrypoint.unwrap().value[2],
        "echo ${HOME} 3.13"
    );
    let file = parse_with(text, &[("TAG", "3.11"), ("MIRROR", "http://m/simple/")]).unwrap();
    assert_eq!(file.python.version.unwrap().value.to_string(), "3.11");
    assert_eq!(file.runtime.env["TAG"].value, "3.11");
    assert_eq!(file.poetry.mirror.unwrap().value, "http://m/simple/");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_mistake_has_its_line_and_a_hint() {
    for (text, expected) in [
        (
            "[python\n",
            "poetry.build.toml:1: this is not valid TOML: unclosed table, expected `]`\n  hint: mend the TOML at this line",
        ),
        (
            "[python]\nverson = \"3.13\"\n",
            "poetry.build.toml:2: unknown key `verson` in `[python]`\n  hint: did you mean `version`?",
        ),
        (
            "\n[pythn]\n",
            "poetry.build.toml:2: unknown key `pythn` at the top of the file\n  hint: did you mean `python`?",
        ),
        (
            "[runtime.user]\nshell = \"/bin/sh\"\n",
            "poetry.build.toml:2: unknown key `shell` in `[runtime.user]`\n  hint: known here: `gid`, `name` and `uid`",
        ),
        (
            "[args]\nA = { defualt = \"\" }\n",
            "poetry.build.toml:2: unknown key `defualt` in `[args.A]`\n  hint: did you mean `default`?",
        ),
        (
            "[python]\nversion = 3.13\n",
            "poetry.build.toml:2: this value has the wrong type: invalid type: floating point `3.13`, expected a string\n  hint: write a value of the type that the schema gives for this key",
        ),
        (
            "[python]\nversion = \"3.99\"\n",
            "poetry.build.toml:2: `3.99` is not a Python release that this frontend knows\n  hint: use 3.9 to 3.15, or name a whole image with `base` in `[runtime]`",
        ),
        (
            "[python]\nvariant = \"slim bookworm\"\n",
            "poetry.build.toml:2: `slim bookworm` is not a variant of the official image\n  hint: use one such as `slim-trixie`, `slim-bookworm` or `slim`",
        ),
        (
            "[python]\nvariant = \"slim\"\n[runtime]\nbase = \"python:3\"\n",
            "poetry.build.toml:4: `base` and `variant` both say which image to use\n  hint: remove one of the two",
        ),
        (
            "[poetry]\nversion = \"latest\"\n",
            "poetry.build.toml:2: `latest` is not a Poetry release\n  hint: write a release such as `2.1.4`",
        ),
        (
            "[poetry]\nversion = \"1.7.1\"\n",
            "poetry.build.toml:2: Poetry 1.7.1 is older than the oldest that this frontend can drive, 1.8.0\n  hint: remove `version`, and renew the lock with a newer Poetry: `poetry lock`",
        ),
        (
            "[poetry]\nmirror = \"ftp://x/\"\n",
            "poetry.build.toml:2: `mirror` is not an `http://` or `https://` address\n  hint: give the address of a simple index, such as `https://pypi.example/simple/`",
        ),
        (
            "[poetry]\nmirror = \"https://me:secret@x/\"\n",
            "poetry.build.toml:2: `mirror` holds a user name or password, which would be stored in the build's cache\n  hint: give the address without them",
        ),
        (
            "[poetry]\nca-bundle = \"certs/ca.crt\"\n",
            "poetry.build.toml:2: `certs/ca.crt` is not an absolute path in the image\n  hint: begin it with `/` and leave out `.` and `..`",
        ),
        (
            "[source]\ninstall = \"editable\"\n",
            "poetry.build.toml:2: this value has the wrong type: unknown variant `editable`, expected one of `wheel`, `copy`, `none`\n  hint: write a value of the type that the schema gives for this key",
        ),
        (
            "[source]\ninclude = [\n  \"src\",\n  \"../shared\",\n]\n",
            "poetry.build.toml:4: `../shared` is not a path inside the build context\n  hint: name it relative to the project's folder, without a leading `/` and without `..`",
        ),
        (
            "[source]\ninclude = []\n",
            "poetry.build.toml:2: `include` is empty, so nothing of the project would be in the image\n  hint: name what to include, or set `install = \"none\"` for an image of the dependencies alone",
        ),
        (
            "[build]\npackages = [\"gcc; rm -rf /\"]\n",
            "poetry.build.toml:2: `gcc; rm -rf /` is not the name of a Debian package\n  hint: use lower-case letters, digits, `+`, `-` and `.`, and `=VERSION` for a certain version",
        ),
        (
            "[indexes.corp]\npassword-secret = \"hunter2 or so\"\n",
            "poetry.build.toml:2: this is not the id of a secret\n  hint: give the id that `--secret id=...` has, of letters, digits, `-`, `_` and `.`; the secret itself belongs in no file",
        ),
        (
            "[dependencies]\ngroups = []\n",
            "poetry.build.toml:2: `groups` is empty, so nothing would be installed\n  hint: name a group, or remove the line: the default is `main`",
        ),
        (
            "[dependencies]\ncompile = \"yes\"\n",
            "poetry.build.toml:2: this value has the wrong type: invalid type: string \"yes\", expected a boolean\n  hint: write a value of the type that the schema gives for this key",
        ),
        (
            "[runtime]\nuser = { uid = 0 }\n",
            "poetry.build.toml:2: the image would run as root: `uid` is 0\n  hint: use an id above 0, or remove the line: the default is 10001",
        ),
        (
            "[runtime]\nuser = { name = \"root\" }\n",
            "poetry.build.toml:2: the image would run as root: `name` is `root`\n  hint: use an id above 0, or remove the line: the default is 10001",
        ),
        (
            "[runtime]\nuser = { uid = 99999999999 }\n",
            "poetry.build.toml:2: `99999999999` is not a numeric id: `uid` is a number from 1 to 2147483647\n  hint: use an id above 0, or remove the line: the default is 10001",
        ),
        (
            "[runtime]\nuser = { name = \"a:b\" }\n",
            "poetry.build.toml:2: `a:b` is not a user name\n  hint: use up to 32 lower-case letters, digits, `-` and `_`, a letter first",
        ),
        (
            "[runtime]\nworkdir = \"app\"\n",
            "poetry.build.toml:2: `app` is not an absolute path in the image\n  hint: begin it with `/` and leave out `.` and `..`",
        ),
        (
            "[runtime]\nbase = \"Python:3\"\n",
            "poetry.build.toml:2: `Python:3` is not an image reference\n  hint: write it as `NAME`, `NAME:TAG` or `NAME@sha256:DIGEST`",
        ),
        (
            "[runtime]\nentrypoint = \"python main.py\"\n",
            "poetry.build.toml:2: this value has the wrong type: invalid type: string \"python main.py\", expected a sequence\n  hint: write a value of the type that the schema gives for this key",
        ),
        (
            "[git.\"git/example\"]\n",
            "poetry.build.toml:1: `git/example` is not the name of a host\n  hint: write `[git.\"HOST\"]`, or `[git.\"HOST:PORT\"]`, as in the repository's address",
        ),
        (
            "[git.\"git.example\"]\nhost-keys = [\"git.example ssh-ed25519 AAAA\"]\n",
            "poetry.build.toml:2: this is not the public key of a host\n  hint: write the key as `ssh-keyscan HOST` prints it, without the host: `ssh-ed25519 AAAA...`",
        ),
        (
            "[git.\"git.example\"]\ntoken-secret = \"ghp x\"\n",
            "poetry.build.toml:2: this is not the id of a secret\n  hint: give the id that `--secret id=...` has, of letters, digits, `-`, `_` and `.`; the secret itself belongs in no file",
        ),
        (
            "[git.\"git.example\"]\nusername = \"me:x\"\n",
            "poetry.build.toml:2: `me:x` is not a user name\n  hint: leave out `:`, or remove the line: most hosts take any name with a token",
        ),
        (
            "[runtime]\nexpose = [70000]\n",
            "poetry.build.toml:2: `70000` is not a port\n  hint: use a number from 1 to 65535",
        ),
        (
            "[runtime.env]\n\"A B\" = \"1\"\n",
            "poetry.build.toml:2: `A B` is not the name of an environment variable\n  hint: use letters, digits and `_`, and no digit first",
        ),
        (
            "[args]\nTAG = { default = \"1\" }\n[runtime]\nworkdir = \"/x${TGA}\"\n",
            "poetry.build.toml:4: `${TGA}` refers to a build argument that `[args]` does not declare\n  hint: did you mean `${TAG}`?",
        ),
        (
            "[runtime]\nworkdir = \"/x${UNKNOWN}\"\n",
            "poetry.build.toml:2: `${UNKNOWN}` refers to a build argument that `[args]` does not declare\n  hint: add `UNKNOWN = { default = \"\" }` under `[args]`",
        ),
        (
            "[runtime]\nworkdir = \"/${x:-y}\"\n",
            "poetry.build.toml:2: `/${x:-y}` has a `${` that does not begin a reference of the form `${NAME}`\n  hint: write `$${` where a literal `${` is meant, such as a shell's own variable",
        ),
        (
            "[args]\nTAG = {}\n[python]\nversion = \"${TAG}\"\n",
            "poetry.build.toml:2: the build argument `TAG` has no default and was not given\n  hint: add `--build-arg TAG=...` to the command, or `TAG = { default = \"...\" }` under `[args]`",
        ),
        (
            "[args]\n\"a-b\" = {}\n",
            "poetry.build.toml:2: `a-b` cannot name a build argument\n  hint: use letters, digits and `_`, and no digit first",
        ),
    ] {
        assert_eq!(mistakes(text), expected, "{text}");
    }
}

#[test]
fn all_mistakes_of_one_kind_are_told_at_once() {
    let told = mistakes(
        "[python]\nversion = \"2.7\"\n[runtime]\nuser = { uid = 0, gid = 0 }\nexpose = [0]\n",
    );
    assert_eq!(told.matches("hint:").count(), 4, "{told}");
    let told = mistakes("[python]\nx = 1\n[nothing]\n[runtime]\ny = 2\n");
    assert_eq!(told.matches("unknown key").count(), 3, "{told}");
}

#[test]
fn a_file_that_is_no_text_is_told_so() {
    let error = BuildFile::parse("b.toml", b"a = \"\xff\"", &BTreeMap::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "b.toml:1: the build file is not UTF-8 text\n  hint: save the file as UTF-8"
    );
}

#[test]
fn no_bytes_make_it_panic() {
    // Every prefix of a file with every kind of value, and that with one byte changed.
    let whole = "[args]\nA={default=\"x\"}\n[python]\nversion=\"${A}é\"\n[runtime]\nuser={uid=1}\nexpose=[1]\nenv={B='''\n$${'''}\n";
    for end in 0..=whole.len() {
        let _ = BuildFile::parse("f", &whole.as_bytes()[..end], &BTreeMap::new());
        let mut changed = whole.as_bytes().to_vec();
        for byte in [b'"', b'$', 0, 0xc3] {
            if let Some(at) = changed.get_mut(end) {
                *at = byte;
                let _ = BuildFile::parse("f", &changed, &BTreeMap::new());
            }
        }
    }
}

#[test]
fn the_schema_describes_every_key() {
    fn check(schema: &serde_json::Value, node: &serde_json::Value, path: &str) {
        let node = node
            .get("$ref")
            .and_then(|reference| schema.pointer(reference.as_str()?.trim_start_matches('#')))
            .unwrap_or(node);
        for (key, value) in node["properties"].as_object().into_iter().flatten() {
            assert!(
                value["description"].is_string(),
                "{path}.{key} has no description"
            );
            check(schema, value, &format!("{path}.{key}"));
        }
    }
    let schema = json_schema();
    check(&schema, &schema, "");
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn rules_are_switched_by_their_ids() {
    let check = parse("[check]\nskip = [\"StaleLock\", \"latesttag\"]\nerror = true\n").check;
    assert!(check.error && !check.looks_at(Rule::StaleLock) && !check.looks_at(Rule::LatestTag));
    assert!(check.looks_at(Rule::AlpineBase));
    assert_eq!(
        mistakes("[check]\nskip = [\n\"AlpinBase\",\n\"MissingSecret\"]\nenable = [\"X\"]\n"),
        "poetry.build.toml:3: there is no rule `AlpinBase`
  hint: did you mean `AlpineBase`?
poetry.build.toml:5: there is no rule `X`
  hint: `poetry-frontend explain` lists all rules"
    );
}
