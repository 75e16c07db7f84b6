//! Which files of the project are in the image: `[source]` and ignore files.

use crate::support::{Image, Project};

/// The files of the image's working directory, except the environment and bytecode.
fn copied(image: &Image) -> String {
    image.shell("cd /app; find . -type f ! -path './.venv/*' ! -name '*.pyc' | sort")
}

/// The bytecode in the image's working directory.
fn bytecode(image: &Image) -> String {
    image.shell("cd /app; find . -name '*.pyc' ! -path './.venv/*' | sort")
}

/// A project without a package.
fn scripts() -> Project {
    let files = testkit::Project::new("scripts")
        .python(">=3.13,<3.14")
        .no_package()
        .with_file("main.py", "import lib.word\nprint(lib.word.WORD)\n")
        .with_file("lib/word.py", "WORD = 'copied'\n")
        .with_file("lib/secret.key", "hush\n")
        .with_file("docs/manual.md", "# Manual\n");
    Project::with(&files)
}

const RUN: &str = "[runtime]\nentrypoint = [\"python\", \"main.py\"]\n";

#[test]
fn a_copied_source_has_all_files_except_secrets() {
    let project = scripts();
    project.build_file(RUN);
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "copied");
    assert_eq!(
        copied(&image),
        "./docs/manual.md\n./lib/word.py\n./main.py\n./pyproject.toml"
    );
    assert_eq!(
        bytecode(&image),
        "./__pycache__/main.cpython-313.pyc\n./lib/__pycache__/word.cpython-313.pyc"
    );
    // Python uses it.
    let loaded = "python -v main.py 2>&1 | grep -c \"code object from '/app/lib/__pycache__/word\"";
    assert_eq!(image.shell(loaded), "1");

    project.build_file(&format!("[dependencies]\ncompile = false\n{RUN}"));
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "copied");
    assert_eq!(bytecode(&image), "");
}

#[test]
fn a_copied_source_has_the_included_files_only() {
    let project = scripts();
    project.build_file(&format!(
        "[source]\ninstall = \"copy\"\ninclude = [\"main.py\", \"lib/*.py\"]\n{RUN}"
    ));
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "copied");
    assert_eq!(copied(&image), "./lib/word.py\n./main.py");
}

#[test]
fn a_wheel_is_built_from_the_included_files() {
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
fn install_none_leaves_the_project_out() {
    let project = Project::package("absent", &[]);
    project.build_file(
        r#"
        [source]
        install = "none"
        [runtime]
        entrypoint = ["python", "-c", "print('alone')"]
        "#,
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
fn the_ignore_file_is_applied() {
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
fn the_ignore_file_of_the_build_file_takes_precedence() {
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
fn an_ignore_file_may_allow_the_source_only() {
    let project = Project::package("allowed", &[]);
    project.write(".dockerignore", "*\n!src\n");
    assert_eq!(project.build().image().answer(&[]), "hello");
}
