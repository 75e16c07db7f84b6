//! `standard`: what a platform team does with its standard.

use insta::assert_snapshot;

use crate::support::{Checkout, service};

const OLD: &str = r#"
name = "corp"
version = "1.0"
docs = "https://docs.example"

[defaults.runtime]
env = { TZ = "UTC" }

[policy.user]
key = "runtime.user"
locked = true
until = "2.0"

[policy.bases]
key = "runtime.base"
denied = ["*alpine*"]

[policy.team]
key = "runtime.labels.team"
required = true

[[exception]]
project = "service"
policy = ["team"]
owner = "team-a"
reason = "has none yet"
until = "9999-12-31"
"#;

/// Three projects, and a directory that is none.
fn fleet() -> Checkout {
    let fleet = Checkout::empty();
    for (name, text) in [
        ("good", "# syntax=corp/python:1\n"),
        (
            "warned",
            "# syntax=corp/python:1\n[runtime]\nuser.uid = 5\n",
        ),
        (
            "bad",
            "#syntax = corp/python:0.9\n[runtime]\nbase = \"python:3.13-alpine\"\nenv = { TZ = \"CET\" }\n",
        ),
    ] {
        service().write_to(&fleet.path().join(name));
        fleet.write(&format!("{name}/poetry.build.toml"), text);
    }
    fleet.write("standard.toml", OLD);
    fleet
}

#[test]
fn a_fleet_is_checked_at_once() {
    let fleet = fleet();
    let ran = fleet.run(&["standard", "check", "good", "warned", "bad", "missing"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    assert_snapshot!(ran.stdout);

    let good = fleet.run(&["standard", "check", "good", "warned"]);
    assert_eq!(good.code, 0, "{}", good.stdout);

    let json = fleet.run(&[
        "standard",
        "check",
        "--format=json",
        "warned",
        "bad",
        "missing",
    ]);
    let json = json.json();
    assert_eq!(json["standard"]["version"], "1.0");
    let [warned, bad, missing] = [0, 1, 2].map(|index| &json["projects"][index]);
    assert_eq!(warned["result"], "warning");
    assert_eq!(warned["frontend"], "corp/python:1");
    assert_eq!(warned["warnings"][0]["policy"], "user");
    assert_eq!(warned["warnings"][0]["location"]["line"], 3);
    assert_eq!(warned["exceptions"][0]["until"], "9999-12-31");
    assert_eq!(bad["errors"][0]["policy"], "bases");
    assert_eq!(bad["frontend"], "corp/python:0.9");
    assert_eq!(missing["result"], "error");
}

#[test]
fn an_exception_is_compared_with_the_time_of_the_image() {
    let fleet = fleet();
    fleet.write("standard.toml", &OLD.replace("9999-12-31", "2027-05-31"));
    let check = |epoch: Option<&str>| {
        let epoch = epoch.map(|epoch| format!("--build-arg=SOURCE_DATE_EPOCH={epoch}"));
        let mut arguments = vec!["check", "good", "--standard=standard.toml"];
        arguments.extend(epoch.as_deref());
        fleet.run(&arguments)
    };
    // The last second of the last day, and the first one after it.
    assert_eq!(check(Some("1811807999")).code, 0);
    let ended = check(Some("1811808000"));
    assert_eq!(ended.code, 1);
    let message = "the exception that team-a had ended on 2027-05-31";
    assert!(ended.stdout.contains(message), "{}", ended.stdout);
    // Without a time, it does not end.
    assert_eq!(check(None).code, 0);
}

#[test]
fn an_exception_is_compared_with_the_origin_of_a_checkout() {
    let fleet = fleet();
    let of_repository = "repository = \"git.example/corp/*\"";
    fleet.write(
        "standard.toml",
        &OLD.replace("project = \"service\"", of_repository),
    );
    let check = || fleet.run(&["standard", "check", "good"]);
    assert_eq!(check().code, 1);
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        let directory = fleet.path().join("good");
        assert!(
            command
                .args(arguments)
                .current_dir(directory)
                .status()
                .unwrap()
                .success()
        );
    };
    git(&["init", "--quiet"]);
    git(&[
        "remote",
        "add",
        "origin",
        "git@git.example:corp/service.git",
    ]);
    assert_eq!(check().code, 0, "{}", check().stdout);
}

#[test]
fn a_new_standard_is_compared_with_the_old_one() {
    let fleet = fleet();
    let new = OLD
        .replace("version = \"1.0\"", "version = \"2.0\"")
        .replace("TZ = \"UTC\"", "TZ = \"Europe/Berlin\"")
        .replace(
            "[defaults.runtime]\n",
            "[defaults.runtime]\npackages = [\"tini\"]\n",
        )
        .replace(
            "[policy.bases]\nkey = \"runtime.base\"\ndenied = [\"*alpine*\"]\n",
            "",
        );
    fleet.write("new.toml", &new);
    let arguments = [
        "standard",
        "check",
        "--standard=new.toml",
        "--against=standard.toml",
    ];
    let ran = fleet.run(&[&arguments[..], &["good", "warned", "bad"]].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    let table: Vec<&str> = ran.stdout.lines().rev().take(6).collect();
    let table: Vec<&str> = table.into_iter().rev().collect();
    assert_snapshot!(table.join("\n"));

    let json = fleet.run(&[&arguments[..], &["--format=json", "good"]].concat());
    let change = &json.json()["projects"][0]["change"];
    assert_eq!(change["summary"], "runs 4 of 10 steps again");
    assert_eq!(change["steps"].as_array().unwrap().len(), 4);
    let step = change["steps"][0]["step"].as_str().unwrap();
    assert!(step.contains("tini"), "{change}");
}

#[test]
fn a_standard_is_written_and_checked_without_projects() {
    let empty = Checkout::empty();
    assert!(
        empty
            .run(&["standard", "init"])
            .printed()
            .starts_with("wrote standard.toml")
    );
    assert_eq!(
        empty.run(&["standard", "check"]).printed(),
        "my-standard 1.0: no problems found\n"
    );
    let again = empty.run(&["standard", "init"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("`standard.toml` already exists"));
    empty.run(&["standard", "init", "--force"]).printed();

    // A wrong value of the defaults is found without a project.
    empty.write(
        "standard.toml",
        "name = \"a\"\n[defaults.runtime]\nworkdir = \"srv\"\n",
    );
    let wrong = empty.run(&["standard", "check"]);
    assert_eq!(wrong.code, 1);
    assert!(
        wrong.stderr.contains("standard.toml of a:3:11"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn owners_test_their_standard_with_build_files() {
    let team = Checkout::empty();
    let standard =
        format!("{OLD}\n[policy.secrets]\nrules = [\"SecretInEnv\"]\nseverity = \"error\"\n");
    team.write("standard.toml", &standard);
    let label = "[runtime.labels]\nteam = \"a\"\n";
    team.write("tests/pass/labelled.toml", label);
    team.write("tests/fail/team/unlabelled.toml", "");
    team.write(
        "tests/fail/bases/alpine.toml",
        &format!("{label}[runtime]\nbase = \"python:3.13-alpine\"\n").replace(
            "[runtime.labels]\nteam = \"a\"\n[runtime]\n",
            "[runtime]\nlabels.team = \"a\"\n",
        ),
    );
    team.write("tests/fail/SecretInEnv/password.toml", "[runtime]\nlabels.team = \"a\"\nenv.DB_PASSWORD = \"hunter2\"\n[check]\nskip = [\"all\"]\n");
    team.write(
        "tests/warn/user/own.toml",
        "[runtime]\nlabels.team = \"a\"\nuser.uid = 5\n",
    );
    let passed = team.run(&["standard", "test", "tests"]).printed();
    assert_snapshot!(passed);

    // Each kind of expectation can be disappointed.
    team.write("tests/pass/wrong.toml", "");
    team.write(
        "tests/fail/user/wrong.toml",
        "[runtime]\nlabels.team = \"a\"\nuser.uid = 5\n",
    );
    team.write("tests/warn/team/wrong.toml", label);
    team.write("tests/warn/user/broken.toml", "[runtime]\nbse = 1\n");
    let ran = team.run(&["standard", "test", "tests"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    let failed: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| !line.starts_with("ok"))
        .collect();
    assert_snapshot!(failed.join("\n"));

    let none = team.run(&["standard", "test", "tests/pass"]);
    assert_eq!(none.code, 2);
    assert!(
        none.stderr.contains("has no build files"),
        "{}",
        none.stderr
    );
}
