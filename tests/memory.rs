//! No input takes more than 100 MB: the worst that the limits of each file allow, and what is over them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use tempfile::TempDir;

const BUILD_FILE: &str = "[runtime]\nentrypoint = [\"sh\"]\n[check]\nskip = [\"StaleLock\"]\n";
const PYPROJECT: &str = "[project]\nname = \"a\"\nversion = \"1\"\nrequires-python = \">=3.9\"\n\
    [build-system]\nbuild-backend = \"poetry.core.masonry.api\"\nrequires = [\"poetry-core\"]\n\
    [tool.poetry]\npackage-mode = false\n";
const METADATA: &str =
    "[metadata]\nlock-version = \"2.1\"\npython-versions = \">=3.9\"\ncontent-hash = \"\"\n";
const MOST: u64 = 100_000_000;

/// Starts a program, and tells the most memory that it had.
const MEASURE: &str = "\
import resource, subprocess, sys
subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)";

/// A project's files.
#[derive(Default)]
struct Craft {
    build_file: String,
    pyproject: String,
    lock: String,
    ignore: String,
}

impl Craft {
    /// What a check says, within the memory that it may have.
    #[track_caller]
    fn checked(&self) -> String {
        let folder = TempDir::new().unwrap();
        for (name, text) in [
            (
                "poetry.build.toml",
                BUILD_FILE.to_owned() + &self.build_file,
            ),
            ("pyproject.toml", PYPROJECT.to_owned() + &self.pyproject),
            ("poetry.lock", METADATA.to_owned() + &self.lock),
            (".dockerignore", self.ignore.clone()),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let mut command = Command::new("python3");
        command.args([
            "-c",
            MEASURE,
            env!("CARGO_BIN_EXE_poetry-frontend"),
            "check",
        ]);
        let output = command.arg(folder.path()).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let (told, peak) = told.trim_end().rsplit_once('\n').unwrap();
        let peak: u64 = peak.parse().unwrap();
        assert!(peak < MOST, "{peak} bytes: {told:.300}\n{:.60}", self.lock);
        // A measure of nothing would be below any limit.
        assert!(peak > 1_000_000, "{peak}");
        told.to_owned()
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

/// A package with as much to say as those of our day have.
fn package(number: usize, files: usize) -> String {
    let mut text = format!(
        "[[package]]\nname = \"package-{number}\"\nversion = \"1.{number}.0\"\n\
         description = \"A package that does something for somebody who needs it\"\n\
         optional = false\npython-versions = \">=3.9\"\ngroups = [\"main\"]\nfiles = [\n"
    );
    for file in 0..files {
        let hash = format!("{:064x}", number * 100 + file);
        let _ = writeln!(
            text,
            "    {{file = \"package_{number}-1.{number}.0-cp3{file}-cp3{file}-manylinux_2_17_x86_64.whl\", hash = \"sha256:{hash}\"}},"
        );
    }
    text + "]\n\n[package.dependencies]\na = \">=2.8\"\n\
        b = {version = \">=4.1\", markers = \"python_version < \\\"3.15\\\"\"}\n\n\
        [package.extras]\ntest = [\"pytest (>=7)\"]\n\n"
}

#[test]
fn locks_of_real_size_are_read() {
    for (packages, files) in [(1000, 18), (2000, 6)] {
        let craft = lock(each(packages, |number| package(number, files)));
        assert!(craft.lock.len() > 2_500_000, "{}", craft.lock.len());
        let told = craft.checked();
        assert!(told.ends_with("nothing to mend"), "{told:.300}");
    }
}

#[test]
fn the_worst_that_is_allowed_fits() {
    let table = "{a=1},";
    let main = |number| format!("[[package]]\nname = \"p{number}\"\ngroups = [\"main\"]\n");
    for craft in [
        lock(format!("a = [{}]\n", table.repeat(42_000))),
        lock(format!(
            "a = [{}{}]\n",
            table.repeat(37_000),
            "1,".repeat(40_000)
        )),
        lock(format!("a = [{}]\n", "[],".repeat(57_000))),
        lock(each(45_000, |number| format!("k{number}.a=1\n"))),
        lock(each(160_000, |number| format!("k{number}=1\n"))),
        lock(format!("a = [{}]\n", "1,".repeat(370_000))),
        lock(each(700, |_| {
            format!("[[a]]\nb = [{}{}]\n", "[".repeat(40), "]".repeat(40))
        })),
        lock(each(16_000, main)),
        lock(
            main(0)
                + "[package.dependencies]\n"
                + &each(160_000, |number| format!("k{number}=1\n")),
        ),
        lock("\n".repeat(1_490_000)),
        lock("]\n".repeat(740_000)),
        Craft {
            pyproject: format!("a = [{}]\n", table.repeat(4_200)),
            ..lock(format!("a = [{}]\n", table.repeat(42_000)))
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
            }) + &each(900, |number| package(number + 1000, 18)),
            ignore: each(499, |number| format!("folder-{number}/*\n")),
        },
        Craft {
            build_file: format!(
                "[runtime.env]\n{}{}",
                each(2_100, |number| format!("A{number} = \"\"\n")),
                each(50, |number| format!("[target.t{number}]\n")),
            )
            .replace("[runtime.env]", "[build.env]"),
            ..Craft::default()
        },
    ] {
        let told = craft.checked();
        assert!(
            !told.contains(" more than "),
            "{told:.300}\n{:.60}",
            craft.lock
        );
        assert!(!told.contains(" larger than "), "{told:.300}");
    }
}

#[test]
fn what_is_over_a_limit_is_told_with_the_file_and_the_limit() {
    let build_file = |text: String| Craft {
        build_file: text,
        ..Craft::default()
    };
    let many = |header: &str| header.repeat(101);
    for (craft, told, place) in [
        (
            lock("[[package]]\n".repeat(340_000)),
            "has more than 1500000 words and signs (a table or list counts as 22, a key as 5, a comma as 3)",
            "poetry.lock:1",
        ),
        (
            lock("\n".repeat(4 << 20)),
            "this file is larger than 4 MiB",
            "poetry.lock:1",
        ),
        (
            lock(each(251, |number| {
                format!(
                    "[[package]]\nname = \"p{number}\"\n[package.source]\ntype = \"file\"\nurl = \"a\"\n"
                )
            })),
            "this lock has more than 250 packages that are folders or files",
            "poetry.lock:1255",
        ),
        (
            Craft {
                pyproject: format!("include = [{}]\n", "\"a\",".repeat(4_000)),
                ..Craft::default()
            },
            "this file names more than 250 packages and files of the project",
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
            "the build file has more than 100 of `[[copy]]`",
            "poetry.build.toml:305",
        ),
        (
            build_file(many("[[hook]]\nat = \"final\"\nrun = \"a\"\n")),
            "the build file has more than 100 of `[[hook]]`",
            "poetry.build.toml:305",
        ),
        (
            build_file(format!("[source]\ninclude = [{}]\n", many("\"a\","))),
            "the build file has more than 100 of the patterns of `[source] include`",
            "poetry.build.toml:6",
        ),
        (
            build_file(format!("[source]\nexclude = [{}]\n", many("\"a\","))),
            "the build file has more than 100 of the patterns of `[source] exclude`",
            "poetry.build.toml:6",
        ),
        (
            build_file(each(51, |number| format!("[target.t{number}]\n"))),
            "the build file has more than 50 of `[target.NAME]`",
            "poetry.build.toml:1",
        ),
        (
            build_file(format!(
                "[build.env]\nA = \"{}\"\n[args]\nX = {{ default = \"{}\" }}\n",
                "${X}".repeat(30_000),
                "x".repeat(100_000),
            )),
            "the values of the build file are larger than 256 KiB with the build arguments in them",
            "poetry.build.toml:6",
        ),
    ] {
        let checked = craft.checked();
        assert!(
            checked.contains(&format!("{told}\n")),
            "{told}\n{checked:.600}"
        );
        assert!(
            checked.contains(&format!("--> {place}:")),
            "{place}\n{checked:.600}"
        );
    }
}
