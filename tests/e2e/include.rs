//! What of the project goes into the image: `[source]` and ignore files.

use crate::support::{Image, Project};

/// The files of the image's working directory, but for the environment.
fn copied(image: &Image) -> String {
    image.shell("cd /app; find . -type f ! -path './.venv/*' | sort")
}

/// A project that is no package.
fn scripts() -> Project {
    let project = Project::empty();
    project
        .write(
            "pyproject.toml",
            "[project]\nname = \"scripts\"\nversion = \"0.1.0\"\nrequires-python = \">=3.13,<3.14\"\n\n[tool.poetry]\npackage-mode = false\n",
        )
        .lock(&[])
        .write("main.py", "import lib.word\nprint(lib.word.WORD)\n")
        .write("lib/word.py", "WORD = 'copied'\n")
        .write("lib/secret.key", "hush\n")
        .write("docs/manual.md", "# Manual\n");
    project
}

const RUN: &str = "[runtime]\nentrypoint = [\"python\", \"main.py\"]\n";

#[test]
fn copy_takes_all_files_but_those_with_secrets() {
    let project = scripts();
    project.build_file(RUN);
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "copied");
    assert_eq!(
        copied(&image),
        "./docs/manual.md\n./lib/word.py\n./main.py\n./pyproject.toml"
    );
}

#[test]
fn include_takes_what_it_names() {
    let project = scripts();
    project.build_file(&format!(
        "[source]\ninstall = \"copy\"\ninclude = [\"main.py\", \"lib/*.py\"]\n{RUN}"
    ));
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "copied");
    assert_eq!(copied(&image), "./lib/word.py\n./main.py");
}

#[test]
fn a_wheel_takes_what_include_names() {
    let project = Project::package("included", &[]);
    project
        .write("src/other/__init__.py", "")
        .write("src/included/data/word.txt", "hello from a file\n")
        .write(
            "src/included/__init__.py",
            "from pathlib import Path\ndef main():\n    print(Path(__file__).with_name('data').joinpath('word.txt').read_text(), end='')\n",
        )
        .build_file("[source]\ninclude = [\"src/included\"]\n");
    assert_eq!(project.build().image().answer(&[]), "hello from a file");
}

#[test]
fn none_leaves_the_project_out() {
    let project = Project::package("absent", &[]);
    project.build_file(
        "[source]\ninstall = \"none\"\n[runtime]\nentrypoint = [\"python\", \"-c\", \"print('alone')\"]\n",
    );
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "alone");
    assert_eq!(copied(&image), "");
    let everywhere = image.answer_with(
        &["--user=root", "--entrypoint=find"],
        &["/", "-xdev", "-name", "absent*"],
    );
    assert_eq!(everywhere, "");
}

#[test]
fn the_ignore_file_is_honoured() {
    let project = scripts();
    project
        .write(
            ".dockerignore",
            "# private\n**/*.key\ndocs\n.dockerignore\n",
        )
        .build_file(RUN);
    let image = project.build().image();
    assert_eq!(copied(&image), "./lib/word.py\n./main.py\n./pyproject.toml");
}

#[test]
fn the_build_files_own_ignore_file_is_preferred() {
    let project = scripts();
    project
        .write(".dockerignore", "lib\n")
        .write(
            "poetry.build.toml.dockerignore",
            "docs\n*ignore\n**/*.key\n",
        )
        .build_file(RUN);
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "copied");
    assert_eq!(copied(&image), "./lib/word.py\n./main.py\n./pyproject.toml");
}

#[test]
fn an_ignore_file_that_allows_only_the_source() {
    let project = Project::package("allowed", &[]);
    project.write(".dockerignore", "*\n!src\n");
    assert_eq!(project.build().image().answer(&[]), "hello");
}
