//! The command line and the engine find the same files, and report the same errors at the same lines.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::Value;

use crate::support::{Image, Project};

/// A `src` of a copy, and what the image then has of it; `None` is an error.
const COPIES: [(&str, Option<&str>); 23] = [
    ("real/a.txt", Some("a.txt")),
    ("real/[id].txt", Some("[id].txt")),
    ("real/Größe [1].txt", Some("Größe [1].txt")),
    ("real/*.txt", Some("Größe [1].txt [id].txt a.txt")),
    ("real/[b-z]*.txt", None),
    ("real/sub", Some("deep.txt")),
    ("./real/../real/sub/", Some("deep.txt")),
    ("to_file", Some("to_file")),
    ("chain", Some("chain")),
    ("to_directory", Some("Größe [1].txt [id].txt a.txt sub")),
    ("to_directory/sub", Some("deep.txt")),
    ("to_directory/sub/deep.txt", Some("deep.txt")),
    ("to_directory/none", None),
    ("far/deep.txt", Some("deep.txt")),
    ("from_root", Some("from_root")),
    ("dangling", None),
    ("out", None),
    ("outside_directory/file", None),
    ("loop", None),
    ("ignored/file", None),
    ("ignored/kept", Some("kept")),
    ("none", None),
    ("real/a.txt/none", None),
];

fn tree() -> Project {
    let project = Project::package("agreeing", &[]);
    project
        .write("real/a.txt", "a")
        .write("real/[id].txt", "id")
        .write("real/Größe [1].txt", "size")
        .write("real/sub/deep.txt", "deep")
        .write("ignored/file", "ignored")
        .write("ignored/kept", "kept")
        .write(".dockerignore", "ignored\n!ignored/kept\n");
    for (link, target) in [
        ("to_file", "real/a.txt"),
        ("chain", "to_file"),
        ("to_directory", "real"),
        ("far", "to_directory/sub"),
        ("from_root", "/real/a.txt"),
        ("dangling", "nothing"),
        ("out", "../../etc/hostname"),
        ("outside_directory", "/etc"),
        ("loop", "loop"),
    ] {
        symlink(target, project.path().join(link)).unwrap();
    }
    project
}

/// The build file with a copy for each `src`.
fn build_file<'a>(sources: impl IntoIterator<Item = &'a str>) -> String {
    let copies = sources
        .into_iter()
        .enumerate()
        .map(|(number, src)| format!("[[copy]]\nsrc = {src:?}\ndest = \"/copied/{number}/\"\n"));
    copies.collect()
}

/// The errors of the command line, each with its line.
fn on_the_command_line(project: &Project) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_poetry-frontend"))
        .args(["check", "--format=json"])
        .current_dir(project.path())
        .output()
        .unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors = found["errors"].as_array().unwrap().iter();
    let error = |error: &Value| {
        let line = &error["location"]["ranges"][0]["start"]["line"];
        let (message, hint) = (&error["message"], &error["hint"]);
        format!(
            "{line}: {}\n  hint: {}",
            message.as_str().unwrap(),
            hint.as_str().unwrap()
        )
    };
    errors.map(error).collect()
}

/// Asserts that a build reports these errors and nothing else, before it runs anything.
#[track_caller]
fn assert_the_same_in_a_build(project: &Project, errors: &[String]) {
    let built = project.build().run();
    assert_eq!(built.ran(), [""; 0]);
    for error in errors {
        let shown = format!("poetry.build.toml:{error}");
        assert!(built.output.contains(&shown), "{shown}\n{}", built.output);
    }
    assert_eq!(
        built.output.matches("  hint: ").count(),
        errors.len(),
        "{}",
        built.output
    );
}

#[test]
fn the_command_line_and_the_engine_find_the_same_files() {
    let project = tree();
    project.build_file(&build_file(COPIES.map(|(src, _)| src)));
    let errors = on_the_command_line(&project);
    let expected = COPIES
        .iter()
        .enumerate()
        .filter(|(_, (_, found))| found.is_none());
    // After the line with `# syntax=`, each table has three lines.
    let lines = expected.map(|(number, _)| format!("{}:", number * 3 + 3));
    let lines: Vec<String> = lines.collect();
    let reported: Vec<String> = errors
        .iter()
        .map(|error| error.split_inclusive(':').next().unwrap().to_owned())
        .collect();
    assert_eq!(reported, lines, "{errors:#?}");
    assert_the_same_in_a_build(&project, &errors);

    let right = COPIES
        .iter()
        .filter_map(|(src, found)| Some((*src, (*found)?)));
    let (sources, found): (Vec<&str>, Vec<&str>) = right.unzip();
    project.build_file(&build_file(sources.iter().copied()));
    assert_eq!(on_the_command_line(&project), [""; 0]);
    let image: Image = project.build().image();
    for (number, (src, expected)) in sources.iter().zip(found).enumerate() {
        let listed = image.shell(&format!(
            "cd '/copied/{number}' && ls -d * | LC_ALL=C sort | tr '\\n' ' '"
        ));
        let mut expected: Vec<&str> = vec![expected];
        if let [several] = expected[..]
            && listed.trim() != several
        {
            expected = several.split(' ').collect();
            expected.sort_unstable();
            let mut found: Vec<&str> = listed.split(' ').collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{src}");
        }
    }
}

#[test]
fn a_lock_that_is_no_file_of_the_context_is_the_same_error() {
    let project = tree();
    let lock = project.path().join("poetry.lock");
    let bytes = fs::read(&lock).unwrap();
    let above = tempfile::tempdir().unwrap();
    fs::write(above.path().join("poetry.lock"), bytes).unwrap();
    fs::remove_file(&lock).unwrap();
    let outside = above.path().join("poetry.lock");
    for target in [outside.to_str().unwrap(), "nothing", "poetry.lock"] {
        symlink(target, &lock).unwrap();
        project.bare_build_file("");
        let errors = on_the_command_line(&project);
        assert_eq!(errors.len(), 1, "{target}: {errors:?}");
        assert_the_same_in_a_build(&project, &errors);
        fs::remove_file(&lock).unwrap();
    }
    let made = Command::new("mkfifo").arg(&lock).status().unwrap();
    assert!(made.success());
    let errors = on_the_command_line(&project);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(
        errors[0].contains("`poetry.lock` is not a regular file"),
        "{errors:?}"
    );
    assert_the_same_in_a_build(&project, &errors);
}

#[test]
fn a_link_out_of_a_package_is_reported_by_a_check_and_explained_by_a_build() {
    let project = tree();
    project.build_file("");
    symlink(
        "../../real/a.txt",
        project.path().join("src/agreeing/a.txt"),
    )
    .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_poetry-frontend"))
        .arg("check")
        .current_dir(project.path())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let warning =
        "`src/agreeing/a.txt` is a link to `../../real/a.txt`, which is not part of the source";
    assert!(
        told.contains(&format!("warning[BrokenLink]: {warning}\n")),
        "{told}"
    );
    let checked = project.build().check();
    assert!(checked.contains(warning), "{checked}");
    let built = project.build().run();
    let log = &built.step("source", "build and install the wheel").log;
    assert!(
        log.contains("error: src/agreeing/a.txt is a link to ../../real/a.txt, which is not part of the build"),
        "{log}"
    );
}
