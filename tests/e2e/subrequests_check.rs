//! `docker buildx build --check`, and the warnings of a build.

use std::time::{Duration, Instant};

use testkit::Package;

use crate::support::fake_engine::FakeEngine;
use crate::support::{Project, nonce};

/// A project with an error, a warning in each of two files, and a secret.
fn wrong() -> Project {
    let files = Project::files("unchecked", &[])
        .without_scripts()
        .script("unchecked", "unchecked.web:main");
    let project = Project::with(&files);
    project.build_file(
        r#"
        [runtime]
        expose = [80]
        env = { API_TOKEN = "hidden-token" }
        [dependencies]
        groups = ["dev"]
        "#,
    );
    project
}

#[test]
fn a_check_shows_everything_at_once() {
    let project = wrong();
    let message = project.build().check();
    assert!(!message.contains("hidden-token"), "{message}");
    assert_shown(
        &message,
        &[
            "error[PrivilegedPort]: a non-root user may be unable to listen on port 80\n --> poetry.build.toml:3:11\n",
            "warning[SecretInEnv]: `API_TOKEN` looks like a secret",
            "\n4 | env = { API_TOKEN = \"************\" }\n",
            "error[UnknownGroup]: the project has no dependency group `dev`\n --> poetry.build.toml:6:11\n",
            "\n2 errors, 1 warning\n",
        ],
        &[
            "Check complete, 1 warning has been found!\n",
            "WARNING: SecretInEnv - docs/rules/SecretInEnv.md\n`API_TOKEN` looks like a secret",
            "\n   4 | >>> env = { API_TOKEN = \"************\" }\n",
            "ERROR: PrivilegedPort: poetry.build.toml:3: a non-root user may be unable to listen on port 80\n",
            "\nUnknownGroup: poetry.build.toml:6: the project has no dependency group `dev`\n",
            "\n   3 | >>> expose = [80]\n",
            "\n   6 | >>> groups = [\"dev\"]\n",
        ],
    );
}

/// Older and newer clients print the results differently.
#[track_caller]
fn assert_shown(message: &str, older: &[&str], newer: &[&str]) {
    let parts = if message.contains("Check complete") {
        newer
    } else {
        older
    };
    for part in parts {
        assert!(message.contains(part), "{part}\n{message}");
    }
}

#[test]
fn a_check_reads_the_context_and_starts_no_container() {
    let project = wrong();
    let base = format!("127.0.0.1:5000/nothing-{}", nonce());
    project.build_file(&format!(
        r#"
        [runtime]
        base = "{base}"
        [source]
        include = ["src", "wwww"]
        "#
    ));
    let missing = "the script `unchecked` runs `unchecked.web`, which is not in the source";
    assert_shown(
        &project.build().check(),
        &[
            "note[BaseNotPinned]: ",
            "warning[LatestTag]: ",
            &format!("warning[ScriptTargetMissing]: {missing}\n"),
            "error: `wwww` matches no files in the build context\n --> poetry.build.toml:5:19\n",
            "\n1 error, 2 warnings, 1 note\n",
        ],
        &[
            "Check complete, 3 warnings have been found!\n",
            "WARNING: BaseNotPinned - ",
            "WARNING: LatestTag - ",
            &format!(
                "WARNING: ScriptTargetMissing - docs/rules/ScriptTargetMissing.md\npyproject.toml:8: {missing}; "
            ),
            "ERROR: poetry.build.toml:5: `wwww` matches no files in the build context\n",
        ],
    );
    // Other tests run at the same time.
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
fn a_check_reads_the_source_on_request() {
    let files = Project::files("onlydev", &[])
        .locked(Package::new("rich", "1").group("dev"))
        .with_file("src/onlydev/web.py", "import os\nimport rich\n");
    let project = Project::with(&files);
    let message = project.build().check();
    assert!(!message.contains("DevOnlyImport"), "{message}");
    project.build_file("[check]\nenable = [\"DevOnlyImport\"]\n");
    let imported = "`rich` is imported, but only the group `dev` installs `rich`";
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
fn a_correct_project_has_no_problems() {
    let project = Project::package("checked", &[]);
    let message = project.build().check();
    let message = message.trim();
    assert!(
        message.starts_with("no problems found")
            || message.starts_with("Check complete, no warnings found."),
        "{message}"
    );
}

#[test]
fn a_build_with_warnings_shows_their_lines_and_succeeds() {
    let project = Project::package("warned", &[]);
    project.build_file("[runtime]\nenv = { API_TOKEN = \"hidden-token\" }\n");
    let (_, built) = project.build().run().parts();
    let mut message: Vec<(String, usize, String)> = built
        .warnings
        .iter()
        .map(|warned| {
            let (line, text) = warned.lines[0].clone();
            (warned.short.clone(), line, text)
        })
        .collect();
    message.sort();
    assert_eq!(
        message,
        [
            (
                "SecretInEnv: `API_TOKEN` looks like a secret, which anyone with the image could read (poetry.build.toml:3)".to_owned(),
                3,
                "env = { API_TOKEN = \"************\" }".to_owned(),
            ),
        ]
    );
}

#[test]
fn rules_can_be_skipped_in_the_file_and_on_the_command_line() {
    let project = Project::package("switched", &[]);
    project.build_file(
        r#"
        [check]
        skip = ["PrivilegedPort"]
        error = true
        [runtime]
        expose = [80]
        "#,
    );
    let (_, built) = project.build().run().parts();
    assert!(built.warnings.is_empty(), "{:?}", built.warnings);

    project.build_file(
        r#"
        [check]
        error = true
        [runtime]
        env = { API_TOKEN = "x" }
        "#,
    );
    let built = project.build().run();
    let message = "(SecretInEnv)\n  hint: remove it here";
    assert!(
        built.error().contains("poetry.build.toml:5: `API_TOKEN`"),
        "{}",
        built.report()
    );
    assert!(built.error().contains(message), "{}", built.report());

    // An error that a build can skip.
    project.build_file("[runtime]\nexpose = [80]\n");
    let built = project.build().run();
    let message = "poetry.build.toml:3: a non-root user may be unable to listen on port 80\n  hint: listen on port 1024 or higher";
    assert!(built.error().contains(message), "{}", built.report());
    assert_eq!(built.ran(), [""; 0]);

    let skip = "--build-arg=BUILDKIT_DOCKERFILE_CHECK=skip=PrivilegedPort";
    project.build().with(skip).image();
    let built = project
        .build()
        .with("--build-arg=BUILDKIT_DOCKERFILE_CHECK=skip=PriviledgedPort")
        .run();
    let message = "build argument `BUILDKIT_DOCKERFILE_CHECK`: there is no rule `PriviledgedPort`\n  hint: did you mean `PrivilegedPort`?";
    assert!(built.error().contains(message), "{}", built.report());
}

#[test]
fn a_check_has_json_for_programs() {
    let conversation = FakeEngine::new()
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
    assert_eq!(found["errors"][0]["message"], "there is no target `tst`");
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
