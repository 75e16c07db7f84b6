//! No input takes more than 170 MB: the largest that the limits of each file allow, and larger ones.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use tempfile::TempDir;
use testkit::{Dependency, Package, Project};

/// The beginning of each build file; that of each lock is below.
const BUILD_FILE: &str = r#"[runtime]
entrypoint = ["sh"]
[check]
skip = ["StaleLock"]
"#;
const METADATA: &str = r#"[metadata]
lock-version = "2.1"
python-versions = ">=3.9"
content-hash = ""
"#;
const MOST: u64 = 170_000_000;

/// Runs a program, and prints its peak memory.
const MEASURE: &str = "\
import resource, subprocess, sys
subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)";

/// Text that is added to the files of a project.
#[derive(Default)]
struct Craft {
    build_file: String,
    /// Keys of `[tool.poetry]`.
    pyproject: String,
    lock: String,
    ignore: String,
    standard: String,
}

impl Craft {
    /// The output of a check, which must fit in memory.
    #[track_caller]
    fn checked(&self) -> String {
        let directory = TempDir::new().unwrap();
        let project = Project::new("a").python(">=3.9").no_package();
        let pyproject = project.pyproject() + &self.pyproject;
        project
            .with_pyproject(&pyproject)
            .with_build_file(&(BUILD_FILE.to_owned() + &self.build_file))
            .with_lock(&(METADATA.to_owned() + &self.lock))
            .with_ignore_file(&self.ignore)
            .write_to(directory.path());
        let mut command = Command::new("python3");
        command.args([
            "-c",
            MEASURE,
            env!("CARGO_BIN_EXE_poetry-frontend"),
            "check",
        ]);
        if !self.standard.is_empty() {
            let path = directory.path().join("standard.toml");
            let standard = "name = \"a\"\n".to_owned() + &self.standard;
            std::fs::write(&path, standard).unwrap();
            command.arg("--standard").arg(path);
        }
        let output = command.arg(directory.path()).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let (printed, peak) = printed.trim_end().rsplit_once('\n').unwrap();
        let peak: u64 = peak.parse().unwrap();
        assert!(
            peak < MOST,
            "{peak} bytes: {printed:.300}\n{:.60}",
            self.lock
        );
        // A failed measurement would be below any limit.
        assert!(peak > 1_000_000, "{peak}");
        printed.to_owned()
    }
}

fn lock(text: String) -> Craft {
    let lock = text;
    Craft {
        lock,
        ..Craft::default()
    }
}

fn each(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// A package of the size of real ones.
fn package(number: usize, files: usize) -> String {
    let version = format!("1.{number}.0");
    let mut package = Package::new(&format!("package-{number}"), &version)
        .description("A package that does something for somebody who needs it")
        .python(">=3.9")
        .requires("a", ">=2.8")
        .requires(
            "b",
            Dependency::version(">=4.1").key("markers", "python_version < \"3.15\""),
        )
        .extra("test", ["pytest (>=7)"]);
    for file in 0..files {
        package = package.wheel_for(&format!("cp3{file}-cp3{file}-manylinux_2_17_x86_64"));
    }
    format!("{package}\n")
}

#[test]
fn large_locks_fit_in_memory() {
    for (packages, files) in [(1000, 18), (2000, 6), (1500, 20)] {
        let craft = lock(each(packages, |number| package(number, files)));
        assert!(craft.lock.len() > 2_500_000, "{}", craft.lock.len());
        let message = craft.checked();
        assert!(message.ends_with("no problems found"), "{message:.300}");
    }
}

#[test]
fn the_largest_inputs_within_the_limits_fit_in_memory() {
    let table = "{a=1},";
    let main = |number| format!("[[package]]\nname = \"p{number}\"\ngroups = [\"main\"]\n");
    for craft in [
        lock(format!("a = [{}]\n", table.repeat(70_000))),
        lock(format!(
            "a = [{}{}]\n",
            table.repeat(62_000),
            "1,".repeat(66_000)
        )),
        lock(format!("a = [{}]\n", "[],".repeat(95_000))),
        lock(each(75_000, |number| format!("k{number}.a=1\n"))),
        lock(each(266_000, |number| format!("k{number}=1\n"))),
        lock(format!("a = [{}]\n", "1,".repeat(620_000))),
        lock(each(1_160, |_| {
            format!("[[a]]\nb = [{}{}]\n", "[".repeat(40), "]".repeat(40))
        })),
        lock(each(26_600, main)),
        lock(
            main(0)
                + "[package.dependencies]\n"
                + &each(266_000, |number| format!("k{number}=1\n")),
        ),
        lock("\n".repeat(2_490_000)),
        lock("]\n".repeat(1_240_000)),
        Craft {
            pyproject: format!("a = [{}]\n", table.repeat(4_200)),
            ..lock(format!("a = [{}]\n", table.repeat(70_000)))
        },
        Craft {
            build_file: each(99, |number| {
                format!("[[copy]]\nsrc = \"a{number}\"\ndest = \"/b{number}\"\n")
            }),
            pyproject: each(240, |number| {
                format!("[[tool.poetry.packages]]\ninclude = \"a{number}\"\n")
            }),
            lock: each(249, |number| {
                main(number)
                    + &format!(
                        "version = \"1\"\nfiles = []\n[package.source]\ntype = \"directory\"\nurl = \"p{number}\"\n"
                    )
            }) + &each(1_400, |number| package(number + 1000, 18)),
            ignore: each(499, |number| format!("directory-{number}/*\n")),
            ..Craft::default()
        },
        Craft {
            build_file: format!(
                "[build.env]\n{}{}",
                each(2_100, |number| format!("A{number} = \"\"\n")),
                each(50, |number| format!("[target.t{number}]\n")),
            ),
            ..Craft::default()
        },
        Craft {
            build_file: format!(
                "[build.env]\n{}{}",
                each(2_100, |number| format!("A{number} = \"\"\n")),
                each(25, |number| format!("[target.t{number}]\n")),
            ),
            standard: format!(
                "[defaults.build.env]\n{}{}{}",
                each(1_000, |number| format!("B{number} = \"\"\n")),
                each(25, |number| format!("[defaults.target.s{number}]\n")),
                each(99, |number| format!(
                    "[policy.p{number}]\nkey = \"build.env\"\ndenied = [\"A*\"]\nseverity = \"warning\"\n"
                )),
            ),
            ..Craft::default()
        },
    ] {
        let message = craft.checked();
        assert!(
            !message.contains(" more than "),
            "{message:.300}\n{:.60}",
            craft.lock
        );
        assert!(!message.contains(" larger than "), "{message:.300}");
    }
}

#[test]
fn a_file_over_a_limit_is_an_error_that_names_both() {
    let build_file = |text: String| Craft {
        build_file: text,
        ..Craft::default()
    };
    let many = |header: &str| header.repeat(101);
    for (craft, message, span) in [
        (
            lock("[[package]]\n".repeat(560_000)),
            "has more than 2500000 tokens (a table or list counts as 22, a key as 5, a comma as 3)",
            "poetry.lock:1",
        ),
        (
            lock("\n".repeat(8 << 20)),
            "this file is larger than 8 MiB",
            "poetry.lock:1",
        ),
        (
            lock(each(251, |number| {
                format!(
                    "[[package]]\nname = \"p{number}\"\n[package.source]\ntype = \"file\"\nurl = \"a\"\n"
                )
            })),
            "this lock has more than 250 path dependencies",
            "poetry.lock:1255",
        ),
        (
            Craft {
                pyproject: format!("include = [{}]\n", "\"a\",".repeat(4_000)),
                ..Craft::default()
            },
            "this file names more than 250 packages and files",
            "pyproject.toml:1",
        ),
        (
            Craft {
                ignore: "a\n".repeat(501),
                ..Craft::default()
            },
            "this file has more than 500 patterns",
            ".dockerignore:1",
        ),
        (
            Craft {
                ignore: "a\n".repeat(8 << 20),
                ..Craft::default()
            },
            "this file is larger than 256 KiB",
            ".dockerignore:1",
        ),
        (
            build_file(many("[[copy]]\nsrc = \"a\"\ndest = \"/a\"\n")),
            "the build file has more than 100 `[[copy]]` tables",
            "poetry.build.toml:305",
        ),
        (
            build_file(many("[[hook]]\nat = \"final\"\nrun = \"a\"\n")),
            "the build file has more than 100 `[[hook]]` tables",
            "poetry.build.toml:305",
        ),
        (
            build_file(format!("[source]\ninclude = [{}]\n", many("\"a\","))),
            "the build file has more than 100 patterns in `include` of `[source]`",
            "poetry.build.toml:6",
        ),
        (
            build_file(format!("[source]\nexclude = [{}]\n", many("\"a\","))),
            "the build file has more than 100 patterns in `exclude` of `[source]`",
            "poetry.build.toml:6",
        ),
        (
            build_file(each(51, |number| format!("[target.t{number}]\n"))),
            "the build file has more than 50 `[target.NAME]` tables",
            "poetry.build.toml:1",
        ),
        (
            build_file(format!(
                "[build.env]\nA = \"{}\"\n[args]\nX = {{ default = \"{}\" }}\n",
                "${X}".repeat(30_000),
                "x".repeat(100_000),
            )),
            "after substituting build arguments, the values of the build file exceed 256 KiB",
            "poetry.build.toml:6",
        ),
    ] {
        let checked = craft.checked();
        assert!(
            checked.contains(&format!("{message}\n")),
            "{message}\n{checked:.600}"
        );
        assert!(
            checked.contains(&format!("--> {span}:")),
            "{span}\n{checked:.600}"
        );
    }
}
