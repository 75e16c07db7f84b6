//! `docker buildx build --check`, and the warnings of a build.

use std::time::{Duration, Instant};

use crate::support::odd_engine::OddEngine;
use crate::support::{Project, nonce};

/// A project with a mistake, a warning in each of two files, and a secret.
fn wrong() -> Project {
    let project = Project::package("unchecked", &[]);
    project
        .edit("pyproject.toml", "unchecked:main", "unchecked.web:main")
        .lock(&[])
        .build_file("[runtime]\nexpose = [80]\nenv = { API_TOKEN = \"hidden-token\" }\n[dependencies]\ngroups = [\"dev\"]\n");
    project
}

#[test]
fn a_check_tells_everything_at_once() {
    let project = wrong();
    let told = project.build().check();
    assert!(!told.contains("hidden-token"), "{told}");
    assert_shown(
        &told,
        &[
            "error[PrivilegedPort]: port 80 may be closed to a user that is not root\n --> poetry.build.toml:3:11\n",
            "warning[SecretInEnv]: `API_TOKEN` looks like a secret",
            "\n4 | env = { API_TOKEN = \"************\" }\n",
            "error[UnknownGroup]: the project has no dependency group `dev`\n --> poetry.build.toml:6:11\n",
            "\n2 mistakes, 1 warning\n",
        ],
        &[
            "Check complete, 1 warning has been found!\n",
            "WARNING: SecretInEnv - docs/rules/SecretInEnv.md\n`API_TOKEN` looks like a secret",
            "\n   4 | >>> env = { API_TOKEN = \"************\" }\n",
            "ERROR: PrivilegedPort: poetry.build.toml:3: port 80 may be closed to a user that is not root\n",
            "\nUnknownGroup: poetry.build.toml:6: the project has no dependency group `dev`\n",
            "\n   3 | >>> expose = [80]\n",
            "\n   6 | >>> groups = [\"dev\"]\n",
        ],
    );
}

/// Newer clients have words of their own for what they are told.
#[track_caller]
fn assert_shown(told: &str, older: &[&str], newer: &[&str]) {
    let parts = if told.contains("Check complete") {
        newer
    } else {
        older
    };
    for part in parts {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[test]
fn a_check_looks_into_the_context_and_starts_no_container() {
    let project = wrong();
    let base = format!("127.0.0.1:5000/nothing-{}", nonce());
    project.build_file(&format!(
        "[runtime]\nbase = \"{base}\"\n[source]\ninclude = [\"src\", \"wwww\"]\n"
    ));
    let missing = "the script `unchecked` runs `unchecked.web`, which is not in the source";
    assert_shown(
        &project.build().check(),
        &[
            "note[BaseNotPinned]: ",
            "warning[LatestTag]: ",
            &format!("warning[ScriptTargetMissing]: {missing}\n"),
            "error: `wwww` matches nothing in the build context\n --> poetry.build.toml:5:19\n",
            "\n1 mistake, 2 warnings, 1 note\n",
        ],
        &[
            "Check complete, 3 warnings have been found!\n",
            "WARNING: BaseNotPinned - ",
            "WARNING: LatestTag - ",
            &format!(
                "WARNING: ScriptTargetMissing - docs/rules/ScriptTargetMissing.md\npyproject.toml:8: {missing}; "
            ),
            "ERROR: poetry.build.toml:5: `wwww` matches nothing in the build context\n",
        ],
    );
    // Other tests keep the machine busy.
    let times = (0..10).map(|_| {
        let start = Instant::now();
        project.build().check();
        start.elapsed()
    });
    let mut slow = times.take_while(|time| *time >= Duration::from_secs(1));
    assert!(
        slow.nth(9).is_none(),
        "ten checks took longer than a second each"
    );
}

#[test]
fn a_check_looks_into_the_source_when_it_is_asked_to() {
    let project = Project::package("onlydev", &[]);
    project
        .edit(
            "poetry.lock",
            "package = []",
            "[[package]]\nname = \"rich\"\nversion = \"1\"\ngroups = [\"dev\"]\nfiles = []\n",
        )
        .write("src/onlydev/web.py", "import os\nimport rich\n");
    let told = project.build().check();
    assert!(!told.contains("DevOnlyImport"), "{told}");
    project.build_file("[check]\nenable = [\"DevOnlyImport\"]\n");
    let imported = "`rich` is imported, and only the group `dev` has `rich`";
    assert_shown(
        &project.build().check(),
        &[&format!(
            "warning[DevOnlyImport]: {imported}\n --> src/onlydev/web.py:2:1\n"
        )],
        &[
            &format!(
                "WARNING: DevOnlyImport - docs/rules/DevOnlyImport.md\nsrc/onlydev/web.py:2: {imported}; "
            ),
            "\n   2 | >>> import rich\n",
        ],
    );
}

#[test]
fn a_good_project_has_nothing_to_mend() {
    let project = Project::package("checked", &[]);
    let told = project.build().check();
    let told = told.trim();
    assert!(
        told.starts_with("nothing to mend")
            || told.starts_with("Check complete, no warnings found."),
        "{told}"
    );
}

#[test]
fn a_build_warns_with_the_line_and_builds() {
    let project = Project::package("warned", &[]);
    project.build_file("[runtime]\nenv = { API_TOKEN = \"hidden-token\" }\n");
    let (_, built) = project.build().run().parts();
    let mut told: Vec<(String, usize, String)> = built
        .warnings
        .iter()
        .map(|warned| {
            let (line, text) = warned.lines[0].clone();
            (warned.short.clone(), line, text)
        })
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            (
                "SecretInEnv: `API_TOKEN` looks like a secret, and everybody who has the image could read it (poetry.build.toml:3)".to_owned(),
                3,
                "env = { API_TOKEN = \"************\" }".to_owned(),
            ),
        ]
    );
}

#[test]
fn rules_are_switched_off_in_the_file_and_by_the_command() {
    let project = Project::package("switched", &[]);
    project.build_file(
        "[check]\nskip = [\"PrivilegedPort\"]\nerror = true\n[runtime]\nexpose = [80]\n",
    );
    let (_, built) = project.build().run().parts();
    assert!(built.warnings.is_empty(), "{:?}", built.warnings);

    project.build_file("[check]\nerror = true\n[runtime]\nenv = { API_TOKEN = \"x\" }\n");
    let built = project.build().run();
    let told = "(SecretInEnv)\n  hint: remove it here";
    assert!(
        built.error().contains("poetry.build.toml:5: `API_TOKEN`"),
        "{}",
        built.report()
    );
    assert!(built.error().contains(told), "{}", built.report());

    // A mistake that a build can do without.
    project.build_file("[runtime]\nexpose = [80]\n");
    let built = project.build().run();
    let told = "poetry.build.toml:3: port 80 may be closed to a user that is not root\n  hint: listen on a port from 1024 on";
    assert!(built.error().contains(told), "{}", built.report());
    assert_eq!(built.ran(), [""; 0]);

    let skip = "--build-arg=BUILDKIT_DOCKERFILE_CHECK=skip=PrivilegedPort";
    project.build().with(skip).image();
    let built = project
        .build()
        .with("--build-arg=BUILDKIT_DOCKERFILE_CHECK=skip=PriviledgedPort")
        .run();
    let told = "the build argument `BUILDKIT_DOCKERFILE_CHECK`: there is no rule `PriviledgedPort`\n  hint: did you mean `PrivilegedPort`?";
    assert!(built.error().contains(told), "{}", built.report());
}

#[test]
fn programs_get_what_a_check_found_as_engines_word_it() {
    let conversation = OddEngine::new()
        .option("requestid", "frontend.lint")
        .option("target", "tst")
        .talk();
    assert!(conversation.exit.success(), "{}", conversation.stderr);
    assert_eq!(conversation.builds().len(), 0);
    assert!(conversation.asked.images.is_empty());
    let [returned] = conversation.asked.returns.as_slice() else {
        panic!("{:?}", conversation.asked.returns);
    };
    let metadata = &returned.result.as_ref().unwrap().metadata;
    let found: serde_json::Value = serde_json::from_slice(&metadata["result.json"]).unwrap();
    assert_eq!(found["mistakes"][0]["message"], "there is no target `tst`");
    assert_eq!(found["buildError"]["location"]["sourceIndex"], 0);
    assert_eq!(found["sources"][0]["filename"], "poetry.build.toml");
    assert_eq!(metadata["result.statuscode"], b"1");
    assert_eq!(metadata["version"], b"1.0.0");
    let text = String::from_utf8(metadata["result.txt"].clone()).unwrap();
    assert!(
        text.starts_with("error: there is no target `tst`\n"),
        "{text}"
    );
}
