//! Errors: the line, what is wrong with it and a hint, before anything runs.

use std::time::{Duration, Instant};

use crate::support::{Built, Index, Project, frontend};

/// One error in a package called `wrong`.
struct Case {
    make: fn(&Project),
    options: &'static [&'static str],
    /// The marked line, with its file; `IMAGE` is the frontend's.
    marked: (&'static str, usize, &'static str),
    expected: &'static str,
}

/// Errors without a line of their own mark the one that names the frontend.
const WHOLE: (&str, usize, &str) = ("poetry.build.toml", 1, "# syntax=IMAGE");

const CASES: [Case; 22] = [
    Case {
        make: |project| {
            project.bare_build_file("[python\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 2, "[python"),
        expected: "poetry.build.toml:2: invalid TOML: unclosed table, expected `]`
  hint: fix the TOML syntax on this line",
    },
    Case {
        make: |project| {
            project.bare_build_file(
                r#"

                [python]
                verson = "3.13"
                "#,
            );
        },
        options: &[],
        marked: ("poetry.build.toml", 4, "verson = \"3.13\""),
        expected: "poetry.build.toml:4: unknown key `verson` in `[python]`
  hint: did you mean `version`?",
    },
    Case {
        make: |project| {
            project.bare_build_file("[runtime]\nexpose = \"8000\"\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "expose = \"8000\""),
        expected: "poetry.build.toml:3: `expose` must be a list, such as `[8000, \"5353/udp\"]`; found a string
  hint: write `expose = [8000]`",
    },
    Case {
        make: |project| {
            project.bare_build_file("[python]\nversion = \"3.99\"\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "version = \"3.99\""),
        expected: "poetry.build.toml:3: unknown Python release `3.99`
  hint: use 3.9 to 3.15, or set `base` in `[runtime]` to an image with another Python",
    },
    Case {
        make: |project| {
            project.bare_build_file("[python]\nversion = \"3.11\"\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "version = \"3.11\""),
        expected: "poetry.build.toml:3: pyproject.toml:4 does not allow Python 3.11
  hint: use a release that it allows, or remove `version` to choose one automatically",
    },
    Case {
        make: |project| {
            project.bare_build_file("[runtime]\nworkdir = \"/srv/${UNKNOWN}\"\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "workdir = \"/srv/${UNKNOWN}\""),
        expected: "poetry.build.toml:3: `${UNKNOWN}` refers to a build argument that `[args]` does not declare
  hint: add `UNKNOWN = { default = \"\" }` to `[args]`",
    },
    Case {
        make: |project| {
            project.bare_build_file(
                r#"
                [args]
                RELEASE = {}
                [runtime]
                env = { RELEASE = "${RELEASE}" }
                "#,
            );
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "RELEASE = {}"),
        expected: "poetry.build.toml:3: the build argument `RELEASE` has no default and was not set
  hint: add `--build-arg RELEASE=...` to the command, or `RELEASE = { default = \"...\" }` to `[args]`",
    },
    Case {
        make: |project| {
            project.bare_build_file(
                r#"
                [source]
                include = [
                  "src",
                  "templates/*.html",
                ]
                "#,
            );
        },
        options: &[],
        marked: ("poetry.build.toml", 5, "  \"templates/*.html\","),
        expected: "poetry.build.toml:5: `templates/*.html` matches no files in the build context
  hint: check the spelling, and that the ignore file does not exclude it",
    },
    Case {
        make: |project| {
            project.bare_build_file("[source]\ninclude = [\"../shared\"]\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "include = [\"../shared\"]"),
        expected: "poetry.build.toml:3: `../shared` is not a path inside the build context
  hint: use a path relative to the project's directory, without a leading `/` and without `..`",
    },
    Case {
        make: |project| {
            project.bare_build_file("[runtime]\nuser = { name = \"admin\", uid = 0 }\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "user = { name = \"admin\", uid = 0 }"),
        expected: "poetry.build.toml:3: the image would run as root: `uid` is 0
  hint: use another user, or remove the line to use the default, `app` (10001)",
    },
    Case {
        make: |project| {
            project.bare_build_file("[build]\npackages = [\"gcc && curl\"]\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "packages = [\"gcc && curl\"]"),
        expected: "poetry.build.toml:3: `gcc && curl` is not the name of a Debian package
  hint: use lower-case letters, digits, `+`, `-` and `.`; add `=VERSION` to select a version",
    },
    Case {
        make: |project| {
            project.bare_build_file("[poetry]\nmirror = \"https://me:secret@index.example/simple/\"\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "mirror = \"https://*********@index.example/simple/\""),
        expected: "poetry.build.toml:3: `mirror` contains a user name or password, which would be stored in the build cache
  hint: remove the credentials from the address",
    },
    Case {
        make: |project| {
            project.remove("pyproject.toml");
        },
        options: &[],
        marked: WHOLE,
        expected: "poetry.build.toml:1: there is no `pyproject.toml` in the build context
  hint: build from the project's directory: `docker buildx build -f poetry.build.toml .`",
    },
    Case {
        make: |project| {
            project.remove("poetry.lock");
        },
        options: &[],
        marked: WHOLE,
        expected: "poetry.build.toml:1: there is no `poetry.lock` in the build context
  hint: run `poetry lock`, and commit the file",
    },
    Case {
        make: |project| {
            project.edit("poetry.lock", "lock-version = \"2.1\"", "lock-version = \"1.0\"");
        },
        options: &[],
        marked: ("poetry.lock", 5, "lock-version = \"1.0\""),
        expected: "poetry.lock:5: this lock has version `1.0`, but only versions 1.1, 2.0 and 2.1 are supported
  hint: recreate the lock with Poetry 1.8 or newer: `poetry lock`",
    },
    Case {
        make: |project| {
            project.edit("pyproject.toml", "<3.14", "<3.15");
        },
        options: &[],
        marked: (
            "poetry.lock",
            7,
            "content-hash = \"06382d49325b39e1e1e04e04c26259f4e8224b5313bf0912231bda3b2e41b4c0\"",
        ),
        expected: "poetry.lock:7: `poetry.lock` is out of date: `pyproject.toml` has changed since it was locked
  hint: run `poetry lock`",
    },
    Case {
        make: |project| {
            project.edit("pyproject.toml", "version = \"0.1.0\"", "version = ");
        },
        options: &[],
        marked: ("pyproject.toml", 3, "version = "),
        expected: "pyproject.toml:3: cannot parse this file: string values must be quoted, expected literal string
  hint: fix this line; run `poetry check` for details",
    },
    Case {
        make: |project| {
            project.edit("pyproject.toml", "wrong = \"wrong:main\"", "");
        },
        options: &[],
        marked: WHOLE,
        expected: "poetry.build.toml:1: the image has no entrypoint, and the project has no scripts
  hint: add `entrypoint = [\"python\", \"-m\", \"...\"]` to `[runtime]`",
    },
    Case {
        make: |project| {
            project.edit("pyproject.toml", "[project.scripts]", "[project.scripts]\nserve = \"wrong:serve\"");
        },
        options: &[],
        marked: WHOLE,
        expected: "poetry.build.toml:1: the image has no entrypoint, and the project has several scripts: `serve` and `wrong`
  hint: choose one in `[runtime]`, such as `entrypoint = [\"serve\"]`",
    },
    Case {
        make: |project| {
            project.remove("src");
        },
        options: &[],
        marked: ("pyproject.toml", 1, "[project]"),
        expected: "pyproject.toml:1: cannot find the package in the build context: looked for `wrong`, `wrong.py`, `src/wrong` and `src/wrong.py`
  hint: set the package's directory in `packages` of `[tool.poetry]`, or its files in `include` of `[source]`, and check that the ignore file does not exclude it",
    },
    Case {
        make: |_| (),
        options: &["--target=live"],
        marked: WHOLE,
        expected: "there is no target `live`
  hint: use one of these targets: `runtime`, `deps`, `builder`, `poetry` and `dev`",
    },
    Case {
        make: |_| (),
        options: &["--file=nothing.toml"],
        marked: ("", 0, ""),
        // The engine itself fails here, as it looks for the line that names the frontend.
        expected: "failed to read dockerfile: open nothing.toml: no such file or directory",
    },
];

/// The error as buildx shows it, without the lines around the marked ones: headings such as `FILE:LINE`, each with its
/// marked line, and the message.
fn essence(built: &Built) -> String {
    let (source, error) = built.error().split_once("ERROR: ").expect("an error");
    let mut marked: Vec<String> = Vec::new();
    let mut in_source = false;
    for line in source.lines() {
        if line.starts_with("-----") {
            in_source = !in_source;
        } else if !in_source {
            marked.push(line.to_owned());
        } else if let Some(last) = marked.last_mut().filter(|_| line.contains(" | >>> ")) {
            last.push('\n');
            last.push_str(line.trim_end());
        }
    }
    // Some engines and clients reverse the order.
    marked.sort();
    // Newer clients add a prefix.
    let error = error.strip_prefix("failed to build: ").unwrap_or(error);
    // The prefix of buildx depends on whether it sees the error or the end of the connection first.
    marked.push(error.replacen("failed to run Build function:", "failed to solve:", 1));
    marked.join("\n")
}

#[test]
fn each_error_has_its_line_and_comes_before_anything_runs() {
    let mut wrong = Vec::new();
    for case in CASES {
        let project = Project::package("wrong", &[]);
        project.bare_build_file("");
        (case.make)(&project);
        let command = project.build();
        let built = case
            .options
            .iter()
            .fold(command, |command, option| command.with(option))
            .run();

        let (file, line, text) = case.marked;
        let text = text.replace("IMAGE", &frontend());
        let marked = match file {
            "" => String::new(),
            file => format!("{file}:{line}\n{line:>4} | >>> {}\n", text.trim_end()),
        };
        let expected = format!("{marked}failed to solve: {}", case.expected);
        let message = essence(&built);
        if message != expected {
            wrong.push(format!("--- expected\n{expected}\n--- told\n{message}\n"));
        }
        for step in built.steps().filter(|step| step.started) {
            wrong.push(format!(
                "--- expected no step\n{expected}\n--- ran\n{}\n",
                step.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_stale_lock_fails_in_less_than_a_second() {
    let project = Project::package("wrong", &[]);
    project
        .bare_build_file("")
        .edit("pyproject.toml", "<3.14", "<3.15");
    // The shortest of several runs: other tests run at the same time.
    let quickest = (0..5).map(|_| {
        let begun = Instant::now();
        let message = essence(&project.build().run());
        assert!(message.contains("`poetry.lock` is out of date"));
        begun.elapsed()
    });
    let quickest = quickest.min().unwrap();
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");
}

#[test]
fn all_errors_are_shown_at_once() {
    let project = Project::package("wrong", &[]);
    project.bare_build_file(
        r#"
        [runtime]
        user = { uid = 0 }
        workdir = "app"
        expose = [0]
        "#,
    );
    assert_eq!(
        essence(&project.build().run()),
        "\
poetry.build.toml:3
   3 | >>> user = { uid = 0 }
poetry.build.toml:4
   4 | >>> workdir = \"app\"
poetry.build.toml:5
   5 | >>> expose = [0]
failed to solve: poetry.build.toml:3: the image would run as root: `uid` is 0
  hint: use another user, or remove the line to use the default, `app` (10001)
poetry.build.toml:4: `app` is not an absolute path in the image
  hint: start the path with `/`, without `.` and `..`
poetry.build.toml:5: `0` is not a port
  hint: use a number from 1 to 65535"
    );
}

#[test]
fn a_missing_base_image_is_an_error() {
    let project = Project::package("wrong", &[]);
    // Nothing listens there.
    project.bare_build_file("[runtime]\nbase = \"127.0.0.1:9/team/nothing:1\"\n");
    let built = project.build().run();
    let message = essence(&built);
    let expected = "\
poetry.build.toml:3
   3 | >>> base = \"127.0.0.1:9/team/nothing:1\"
failed to solve: poetry.build.toml:3: cannot resolve base image `127.0.0.1:9/team/nothing:1`: ";
    assert!(message.starts_with(expected), "{message}");
    let hint =
        "\n  hint: check the image's name and tag, and that the engine can reach its registry";
    assert!(message.ends_with(hint), "{message}");
    assert!(built.steps().all(|step| !step.started));
}

#[test]
fn a_failed_installation_shows_the_line_of_the_groups() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "");
    let project = Project::package("mismatched", &[&words]);
    let lock = project.read("poetry.lock");
    project.write("poetry.lock", &lock.replace(&words.sha256, &"0".repeat(64)));
    project.build_file("[dependencies]\ngroups = [\"main\"]\n");
    let built = project.build().run();
    let message = essence(&built);
    let line = "poetry.build.toml:3\n   3 | >>> groups = [\"main\"]\nfailed to solve: [deps ";
    assert!(message.starts_with(line), "{message}");
    assert!(message.ends_with(" failed with exit code 1"), "{message}");
    let log = &built.step("deps", "install words").log;
    assert!(
        log.contains("Hash mismatch for `words==") && log.contains(&words.sha256),
        "{log}"
    );
}

#[test]
fn a_failed_step_shows_the_line_that_asked_for_it() {
    let project = Project::package("wrong", &[]);
    project.build_file(
        r#"
        [build]
        packages = [
          "file",
          "no-such-package",
        ]
        [dependencies]
        installer = "poetry"
        "#,
    );
    let built = project.build().run();
    let message = essence(&built);
    assert!(
        message.starts_with("poetry.build.toml:4\n   4 | >>>   \"file\",\n   5 | >>>   \"no-such-package\",\nfailed to solve: [builder "),
        "{message}"
    );
    let reason = " failed: there is no such package\n  hint: check the name and the version: each Debian release has its own packages, and `variant` in `[python]` selects the release";
    assert!(message.ends_with(reason), "{message}");
    let log = &built.step("builder", "apt-get install").log;
    assert!(
        log.contains("Unable to locate package no-such-package"),
        "{log}"
    );
}

#[test]
fn a_failed_step_does_not_show_its_script() {
    let project = Project::package("wrong", &[]);
    project.build_file("[build]\npackages = [\"no-such-package\"]\n");
    let built = project.build().with("--target=builder").run();
    built.error();
    let report = built.report();
    assert!(report.contains("Unable to locate package"), "{report}");
    assert!(!report.contains("docker-clean"), "{report}");
}

#[test]
fn without_a_network_a_failed_installation_says_so() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "");
    let project = Project::package("offline", &[&words]);
    let built = project.build().with("--network=none").run();
    let message = built.error();
    let reason = " failed: a server cannot be reached\n  hint: check the network of the build, its proxy settings, and `mirror` in `[poetry]`";
    assert!(message.ends_with(reason), "{message}");
}

#[test]
fn a_missing_compiler_is_named_with_the_packages_to_add() {
    let project = Project::package("native", &[]);
    let pyproject = project.read("pyproject.toml");
    let script = "[tool.poetry.build]\nscript = \"build.py\"\n";
    project.write("pyproject.toml", &format!("{pyproject}\n{script}"));
    project.write(
        "build.py",
        "import subprocess\nsubprocess.run([\"gcc\", \"--version\"], check=True)\n",
    );
    let built = project.build().run();
    let message = essence(&built);
    let line = pyproject.lines().count() + 2;
    let shown = format!("pyproject.toml:{line}\n");
    assert!(message.starts_with(&shown), "{message}");
    let reason = " failed: a compiler or a library to compile with is missing\n  hint: add what it names to `packages` in `[build]`, such as `packages = [\"gcc\", \"libc6-dev\"]`";
    assert!(message.ends_with(reason), "{message}");
}

#[test]
fn the_last_lines_of_a_failed_installation_are_the_errors_of_the_package() {
    let index = Index::start();
    let payload = |text: &str| {
        format!(
            "import sys\nfor number in range(30):\n    print('warning: old', number)\n    print('warning: older', file=sys.stderr)\n{text}"
        )
    };
    let noisy = payload("def module():\n    return ''\n");
    let broken = payload(
        "print('broken.c:2:9: error: unknown type', file=sys.stderr)\nraise RuntimeError('cannot compile broken')\n",
    );
    let noisy = index.publish_sdist("noisy", "1.0", &[("payload.py", &noisy)]);
    let broken = index.publish_sdist("broken", "2.0", &[("payload.py", &broken)]);
    let project = Project::package("compiling", &[&noisy, &broken]);
    let built = project.build().run();
    let title = "poetry install broken, noisy, from source: broken, noisy";
    let log = &built.step("deps-poetry", title).log;
    let last = format!(
        "error: broken {} cannot be built from its source:\n  broken.c:2:9: error: unknown type\n  RuntimeError: cannot compile broken\n",
        broken.version
    );
    assert!(log.ends_with(&last), "{log}");
    let message = essence(&built);
    let reason = " failed: a package cannot be built from its source\n  hint: its own errors are the last lines of the step; a release with a wheel for the Python of the image needs no build";
    assert!(message.ends_with(reason), "{message}");
}
