//! Mistakes: the line, what is wrong with it, and how to mend it, before anything is run.

use std::time::{Duration, Instant};

use crate::support::{Built, Index, Project, frontend};

/// A mistake in a package called `wrong` that has nothing else wrong with it.
struct Mistake {
    make: fn(&Project),
    options: &'static [&'static str],
    /// The line that is marked, with its file; `IMAGE` is the frontend's.
    marked: (&'static str, usize, &'static str),
    told: &'static str,
}

/// Where no line is to blame, the engine marks the one that names the frontend.
const WHOLE: (&str, usize, &str) = ("poetry.build.toml", 1, "# syntax=IMAGE");

const MISTAKES: [Mistake; 22] = [
    Mistake {
        make: |project| {
            project.bare_build_file("[python\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 2, "[python"),
        told: "poetry.build.toml:2: this is not valid TOML: unclosed table, expected `]`
  hint: mend the TOML at this line",
    },
    Mistake {
        make: |project| {
            project.bare_build_file("\n[python]\nverson = \"3.13\"\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 4, "verson = \"3.13\""),
        told: "poetry.build.toml:4: unknown key `verson` in `[python]`
  hint: did you mean `version`?",
    },
    Mistake {
        make: |project| {
            project.bare_build_file("[runtime]\nexpose = \"8000\"\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "expose = \"8000\""),
        told: "poetry.build.toml:3: this value has the wrong type: invalid type: string \"8000\", expected a sequence
  hint: write a value of the type that the schema gives for this key",
    },
    Mistake {
        make: |project| {
            project.bare_build_file("[python]\nversion = \"3.99\"\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "version = \"3.99\""),
        told: "poetry.build.toml:3: `3.99` is not a Python release that this frontend knows
  hint: use 3.9 to 3.15, or name a whole image with `base` in `[runtime]`",
    },
    Mistake {
        make: |project| {
            project.bare_build_file("[python]\nversion = \"3.11\"\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "version = \"3.11\""),
        told: "poetry.build.toml:3: Python 3.11 is outside what pyproject.toml:4 allows
  hint: use a release that it allows, or remove `version` to have one chosen",
    },
    Mistake {
        make: |project| {
            project.bare_build_file("[runtime]\nworkdir = \"/srv/${UNKNOWN}\"\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "workdir = \"/srv/${UNKNOWN}\""),
        told: "poetry.build.toml:3: `${UNKNOWN}` refers to a build argument that `[args]` does not declare
  hint: add `UNKNOWN = { default = \"\" }` under `[args]`",
    },
    Mistake {
        make: |project| {
            project.bare_build_file("[args]\nRELEASE = {}\n[runtime]\nenv = { RELEASE = \"${RELEASE}\" }\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "RELEASE = {}"),
        told: "poetry.build.toml:3: the build argument `RELEASE` has no default and was not given
  hint: add `--build-arg RELEASE=...` to the command, or `RELEASE = { default = \"...\" }` under `[args]`",
    },
    Mistake {
        make: |project| {
            project.bare_build_file("[source]\ninclude = [\n  \"src\",\n  \"templates/*.html\",\n]\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 5, "  \"templates/*.html\","),
        told: "poetry.build.toml:5: `templates/*.html` matches nothing in the build context
  hint: check the spelling, and that the ignore file does not leave it out",
    },
    Mistake {
        make: |project| {
            project.bare_build_file("[source]\ninclude = [\"../shared\"]\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "include = [\"../shared\"]"),
        told: "poetry.build.toml:3: `../shared` is not a path inside the build context
  hint: name it relative to the project's folder, without a leading `/` and without `..`",
    },
    Mistake {
        make: |project| {
            project.bare_build_file("[runtime]\nuser = { name = \"admin\", uid = 0 }\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "user = { name = \"admin\", uid = 0 }"),
        told: "poetry.build.toml:3: the image would run as root: `uid` is 0
  hint: use an id above 0, or remove the line: the default is 10001",
    },
    Mistake {
        make: |project| {
            project.bare_build_file("[build]\npackages = [\"gcc && curl\"]\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "packages = [\"gcc && curl\"]"),
        told: "poetry.build.toml:3: `gcc && curl` is not the name of a Debian package
  hint: use lower-case letters, digits, `+`, `-` and `.`, and `=VERSION` for a certain version",
    },
    Mistake {
        make: |project| {
            project.bare_build_file("[poetry]\nmirror = \"https://me:secret@index.example/simple/\"\n");
        },
        options: &[],
        marked: ("poetry.build.toml", 3, "mirror = \"https://*********@index.example/simple/\""),
        told: "poetry.build.toml:3: `mirror` holds a user name or password, which would be stored in the build's cache
  hint: give the address without them",
    },
    Mistake {
        make: |project| {
            project.remove("pyproject.toml");
        },
        options: &[],
        marked: WHOLE,
        told: "poetry.build.toml:1: there is no `pyproject.toml` in the build context
  hint: build from the project's folder: `docker buildx build -f poetry.build.toml .`",
    },
    Mistake {
        make: |project| {
            project.remove("poetry.lock");
        },
        options: &[],
        marked: WHOLE,
        told: "poetry.build.toml:1: there is no `poetry.lock` in the build context
  hint: write it with `poetry lock`, and commit it",
    },
    Mistake {
        make: |project| {
            project.edit("poetry.lock", "lock-version = \"2.1\"", "lock-version = \"1.1\"");
        },
        options: &[],
        marked: ("poetry.lock", 5, "lock-version = \"1.1\""),
        told: "poetry.lock:5: the lock has version `1.1`, and this frontend reads 2.0 and 2.1
  hint: renew the lock with Poetry 1.8 or newer: `poetry lock`",
    },
    Mistake {
        make: |project| {
            project.edit("pyproject.toml", "<3.14", "<3.15");
        },
        options: &[],
        marked: (
            "poetry.lock",
            7,
            "content-hash = \"06382d49325b39e1e1e04e04c26259f4e8224b5313bf0912231bda3b2e41b4c0\"",
        ),
        told: "poetry.lock:7: the lock does not belong to this `pyproject.toml`, which was changed after it
  hint: run `poetry lock`",
    },
    Mistake {
        make: |project| {
            project.edit("pyproject.toml", "version = \"0.1.0\"", "version = ");
        },
        options: &[],
        marked: ("pyproject.toml", 3, "version = "),
        told: "pyproject.toml:3: this cannot be read: string values must be quoted, expected literal string
  hint: mend this line; `poetry check` shows more",
    },
    Mistake {
        make: |project| {
            project.edit("pyproject.toml", "wrong = \"wrong:main\"", "");
        },
        options: &[],
        marked: WHOLE,
        told: "poetry.build.toml:1: nothing says what the container runs: the project has no script
  hint: add `entrypoint = [\"python\", \"-m\", \"...\"]` under `[runtime]`",
    },
    Mistake {
        make: |project| {
            project.edit("pyproject.toml", "[project.scripts]", "[project.scripts]\nserve = \"wrong:serve\"");
        },
        options: &[],
        marked: WHOLE,
        told: "poetry.build.toml:1: nothing says what the container runs: the project has the scripts `serve` and `wrong`
  hint: name one under `[runtime]`, such as `entrypoint = [\"serve\"]`",
    },
    Mistake {
        make: |project| {
            project.remove("src");
        },
        options: &[],
        marked: ("pyproject.toml", 1, "[project]"),
        told: "pyproject.toml:1: the package is not in the build context: looked for `wrong`, `wrong.py`, `src/wrong` and `src/wrong.py`
  hint: name the package's folder in `packages` of `[tool.poetry]`, or the files in `include` of `[source]`, and check that the ignore file does not leave it out",
    },
    Mistake {
        make: |_| (),
        options: &["--target=live"],
        marked: WHOLE,
        told: "there is no target `live`
  hint: the targets are `runtime`, `deps`, `builder` and `dev`",
    },
    Mistake {
        make: |_| (),
        options: &["--file=nothing.toml"],
        marked: ("", 0, ""),
        // Said by the engine itself, which looks for the line that names the frontend.
        told: "failed to read dockerfile: open nothing.toml: no such file or directory",
    },
];

/// The error as buildx shows it, less the lines around the marked ones: heads such as `FILE:LINE`, each with its marked
/// line, and the message.
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
    // Engines and buildx turn their order around on the way.
    marked.sort();
    // Newer clients begin with words of their own.
    let error = error.strip_prefix("failed to build: ").unwrap_or(error);
    // Which of its words buildx puts before the error depends on whether it hears of it or of the end first.
    marked.push(error.replacen("failed to run Build function:", "failed to solve:", 1));
    marked.join("\n")
}

#[test]
fn each_mistake_is_told_with_its_line_before_anything_runs() {
    let mut wrong = Vec::new();
    for mistake in MISTAKES {
        let project = Project::package("wrong", &[]);
        project.bare_build_file("");
        (mistake.make)(&project);
        let command = project.build();
        let built = mistake
            .options
            .iter()
            .fold(command, |command, option| command.with(option))
            .run();

        let (file, line, text) = mistake.marked;
        let text = text.replace("IMAGE", &frontend());
        let marked = match file {
            "" => String::new(),
            file => format!("{file}:{line}\n{line:>4} | >>> {}\n", text.trim_end()),
        };
        let expected = format!("{marked}failed to solve: {}", mistake.told);
        let told = essence(&built);
        if told != expected {
            wrong.push(format!("--- expected\n{expected}\n--- told\n{told}\n"));
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
fn a_stale_lock_is_told_in_less_than_a_second() {
    let project = Project::package("wrong", &[]);
    project
        .bare_build_file("")
        .edit("pyproject.toml", "<3.14", "<3.15");
    // Other tests run at the same time.
    let quickest = (0..5).map(|_| {
        let begun = Instant::now();
        let told = essence(&project.build().run());
        assert!(told.contains("the lock does not belong to this `pyproject.toml`"));
        begun.elapsed()
    });
    let quickest = quickest.min().unwrap();
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");
}

#[test]
fn all_mistakes_of_a_kind_are_told_at_once() {
    let project = Project::package("wrong", &[]);
    project.bare_build_file("[runtime]\nuser = { uid = 0 }\nworkdir = \"app\"\nexpose = [0]\n");
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
  hint: use an id above 0, or remove the line: the default is 10001
poetry.build.toml:4: `app` is not an absolute path in the image
  hint: begin it with `/` and leave out `.` and `..`
poetry.build.toml:5: `0` is not a port
  hint: use a number from 1 to 65535"
    );
}

#[test]
fn a_base_image_that_does_not_exist() {
    let project = Project::package("wrong", &[]);
    // Nothing listens there.
    project.bare_build_file("[runtime]\nbase = \"127.0.0.1:9/team/nothing:1\"\n");
    let built = project.build().run();
    let told = essence(&built);
    let expected = "\
poetry.build.toml:3
   3 | >>> base = \"127.0.0.1:9/team/nothing:1\"
failed to solve: poetry.build.toml:3: the base image `127.0.0.1:9/team/nothing:1` cannot be had: ";
    assert!(told.starts_with(expected), "{told}");
    let hint =
        "\n  hint: check the image's name and tag, and that the engine can reach its registry";
    assert!(told.ends_with(hint), "{told}");
    assert!(built.steps().all(|step| !step.started));
}

#[test]
fn an_installation_that_fails_shows_the_groups() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "");
    let project = Project::package("mismatched", &[&words]);
    let lock = project.read("poetry.lock");
    project.write("poetry.lock", &lock.replace(&words.sha256, &"0".repeat(64)));
    project.build_file("[dependencies]\ngroups = [\"main\"]\n");
    let built = project.build().run();
    let told = essence(&built);
    let line = "poetry.build.toml:3\n   3 | >>> groups = [\"main\"]\nfailed to solve: process ";
    assert!(told.starts_with(line), "{told}");
    let log = &built.step("deps", "poetry install").log;
    assert!(log.contains("words"), "{log}");
}

#[test]
fn a_step_that_fails_shows_the_line_that_asks_for_it() {
    let project = Project::package("wrong", &[]);
    project.build_file("[build]\npackages = [\n  \"file\",\n  \"no-such-package\",\n]\n");
    let built = project.build().run();
    let told = essence(&built);
    assert!(
        told.starts_with("poetry.build.toml:4\n   4 | >>>   \"file\",\n   5 | >>>   \"no-such-package\",\nfailed to solve: process "),
        "{told}"
    );
    assert!(
        told.ends_with("did not complete successfully: exit code: 100"),
        "{told}"
    );
    let log = &built.step("builder", "apt-get install").log;
    assert!(
        log.contains("Unable to locate package no-such-package"),
        "{log}"
    );
}
