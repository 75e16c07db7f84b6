//! The files of the image.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{File, Index, Project, files_of};

/// All files that the image adds to its base or changes; `VERSION` is that of the dependency.
const ADDED: &str = "\
app
app/.venv
app/.venv/.gitignore
app/.venv/bin
app/.venv/bin/Activate.ps1
app/.venv/bin/activate
app/.venv/bin/activate.csh
app/.venv/bin/activate.fish
app/.venv/bin/greeter
app/.venv/bin/python
app/.venv/bin/python3
app/.venv/bin/python3.13
app/.venv/include
app/.venv/include/python3.13
app/.venv/lib
app/.venv/lib/python3.13
app/.venv/lib/python3.13/site-packages
app/.venv/lib/python3.13/site-packages/greeter
app/.venv/lib/python3.13/site-packages/greeter-0.1.0.dist-info
app/.venv/lib/python3.13/site-packages/greeter-0.1.0.dist-info/INSTALLER
app/.venv/lib/python3.13/site-packages/greeter-0.1.0.dist-info/METADATA
app/.venv/lib/python3.13/site-packages/greeter-0.1.0.dist-info/RECORD
app/.venv/lib/python3.13/site-packages/greeter-0.1.0.dist-info/WHEEL
app/.venv/lib/python3.13/site-packages/greeter-0.1.0.dist-info/entry_points.txt
app/.venv/lib/python3.13/site-packages/greeter/__init__.py
app/.venv/lib/python3.13/site-packages/greeter/__pycache__
app/.venv/lib/python3.13/site-packages/greeter/__pycache__/__init__.cpython-313.pyc
app/.venv/lib/python3.13/site-packages/words
app/.venv/lib/python3.13/site-packages/words-VERSION.dist-info
app/.venv/lib/python3.13/site-packages/words-VERSION.dist-info/INSTALLER
app/.venv/lib/python3.13/site-packages/words-VERSION.dist-info/METADATA
app/.venv/lib/python3.13/site-packages/words-VERSION.dist-info/RECORD
app/.venv/lib/python3.13/site-packages/words-VERSION.dist-info/REQUESTED
app/.venv/lib/python3.13/site-packages/words-VERSION.dist-info/WHEEL
app/.venv/lib/python3.13/site-packages/words/__init__.py
app/.venv/lib/python3.13/site-packages/words/__pycache__
app/.venv/lib/python3.13/site-packages/words/__pycache__/__init__.cpython-313.pyc
app/.venv/lib64
app/.venv/pyvenv.cfg
etc/group
etc/passwd
";

#[test]
fn the_image_adds_only_the_project_and_its_dependencies() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "GREETING = 'hello'\n");
    let project = Project::package("greeter", &[&words]);
    // Other files of a working tree.
    project
        .write("README.md", "A greeter.\n")
        .write("tests/test_greeter.py", "assert True\n")
        .write("tests/__pycache__/test_greeter.cpython-313.pyc", "stale")
        .write("src/greeter/__pycache__/old.cpython-313.pyc", "stale")
        .write(".venv/bin/python", "no program")
        .write(".git/HEAD", "ref: refs/heads/main\n");
    let image = project.build().image();

    let base = files_of("python:3.13-slim-trixie");
    let files = image.files();
    let differs =
        |one: &BTreeMap<String, File>, other: &BTreeMap<String, File>| -> BTreeSet<String> {
            one.iter()
                .filter(|(path, file)| other.get(*path) != Some(file))
                .map(|(path, _)| path.replace(&words.version, "VERSION"))
                .collect()
        };
    let added = differs(&files, &base);
    let expected: BTreeSet<String> = ADDED.lines().map(str::to_owned).collect();
    assert_eq!(
        added,
        expected,
        "{}",
        added.iter().cloned().collect::<Vec<_>>().join("\n")
    );
    assert_eq!(
        differs(&base, &files),
        ["etc/group", "etc/passwd"].map(str::to_owned).into()
    );
    // Every file belongs to root, is readable by the user and writable by root alone.
    for path in &added {
        let file = &files[&path.replace("VERSION", &words.version)];
        assert_eq!(file.owner, (0, 0), "{path}");
        if !file.content.starts_with("->") {
            assert_eq!(file.mode & 0o022, 0, "{path} has mode {:o}", file.mode);
            assert_eq!(file.mode & 0o444, 0o444, "{path} has mode {:o}", file.mode);
        }
    }
}

#[test]
fn the_image_has_no_build_tools_and_no_caches() {
    let project = Project::package("slim", &[]);
    project.build_file("[build]\npackages = [\"gcc\", \"libc6-dev\"]\n");
    let image = project.build().image();
    let unwanted = |path: &&String| {
        let name = path.rsplit('/').next().unwrap_or_default();
        let in_venv = path.starts_with("app/.venv/");
        path.contains("opt/poetry")
            || path.contains("pypoetry")
            || path.starts_with("root/.cache/")
            || path.starts_with("src/")
            || path.starts_with("out/")
            || path.starts_with("var/lib/apt/lists/")
            || path.starts_with("var/cache/apt/")
            || [
                "poetry",
                "poetry.lock",
                "pyproject.toml",
                "poetry.build.toml",
                "gcc",
                "cc1",
            ]
            .contains(&name)
            || in_venv && (name.starts_with("pip") || name.starts_with("setuptools"))
    };
    let base: BTreeSet<String> = files_of("python:3.13-slim-trixie").into_keys().collect();
    let files = image.files();
    let found: Vec<&String> = files
        .keys()
        .filter(unwanted)
        .filter(|path| !base.contains(*path))
        .collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(files.contains_key("app/.venv/bin/slim"));
}
