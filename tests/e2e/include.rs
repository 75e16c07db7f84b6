//! Which files of the project are in the image: `[source]` and ignore files.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

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

#[test]
fn a_copied_source_does_not_have_the_modes_of_the_checkout() {
    let project = scripts();
    project.build_file(RUN);
    for (path, mode) in [("main.py", 0o600), ("lib", 0o700), ("lib/word.py", 0o666)] {
        let path = project.path().join(path);
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "copied");
    assert_eq!(
        image.shell("cd /app; stat -c '%a %U' main.py lib lib/word.py | xargs"),
        "644 root 755 root 644 root"
    );
}

#[test]
fn a_wheel_contains_the_data_of_its_packages_whatever_it_is_called() {
    let project = Project::package("data", &[]);
    for path in ["certs/ca.pem", "certs/slides.key", ".env"] {
        project.write(&format!("src/data/{path}"), "x\n");
    }
    project.write(".env", "TOKEN=x\n").write(
        "src/data/__init__.py",
        "from pathlib import Path\ndef main():\n    here = Path(__file__).parent\n    print(*sorted(str(one.relative_to(here)) for one in here.rglob('*') if one.is_file() and '.py' not in one.suffix))\n",
    );
    let image = project.build().image();
    assert_eq!(image.answer(&[]), ".env certs/ca.pem certs/slides.key");
    let check = project.build().check();
    assert!(
        check.contains("`src/data/.env` and 2 others look like files with secrets"),
        "{check}"
    );
}

#[test]
fn everything_that_poetry_core_reads_is_part_of_the_wheel() {
    let files = Project::files("whole", &[])
        .in_project("license-files = [\"LICENSE\", \"third/*/LICENSE.txt\"]\n")
        .in_tool_poetry("packages = [{ include = \"whole\", from = \"./src\" }, { include = \"tests\", format = \"sdist\" }]")
        .at_end(
            "[tool.poetry.scripts]\nwhole-migrate = { reference = \"bin/migrate.sh\", type = \"file\" }\n",
        )
        .with_file("bin/migrate.sh", "#!/bin/sh\necho migrated\n")
        .with_file("LICENSE", "free\n")
        .with_file("third/a/LICENSE.txt", "as well\n")
        .with_file("tests/test_x.py", "")
        .with_ignore_file("tests\nLICENSE*\nbin\nthird\n")
        .with_file("src/whole/__init__.py", "def main():\n    print('whole')\n");
    let project = Project::with(&files);
    project.build_file("[runtime]\nentrypoint = [\"whole\"]\n");
    let script = project.path().join("bin/migrate.sh");
    fs::set_permissions(script, Permissions::from_mode(0o755)).unwrap();
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "whole");
    // Its command is called like the file.
    assert_eq!(image.shell("migrate.sh"), "migrated");
    assert_eq!(
        image.shell("cd /app/.venv/lib/python3.13/site-packages; find whole-*.dist-info -name 'LICENSE*' | sed 's/.*licenses.//' | sort | xargs"),
        "LICENSE third/a/LICENSE.txt"
    );
}

#[test]
fn a_build_script_can_read_any_file_of_the_project() {
    let files = Project::files("scripted", &[])
        .in_tool_poetry("build = { script = \"build.py\" }")
        .in_tool_poetry("include = [{ path = \"src/scripted/made.txt\", format = \"wheel\" }]")
        .with_file(
            "build.py",
            "from pathlib import Path\nPath('src/scripted/made.txt').write_text(Path('ext/words.txt').read_text())\n",
        )
        .with_file("ext/words.txt", "from ext\n")
        .with_file(
            "src/scripted/__init__.py",
            "from pathlib import Path\ndef main():\n    print(Path(__file__).with_name('made.txt').read_text(), end='')\n",
        );
    assert_eq!(
        Project::with(&files).build().image().answer(&[]),
        "from ext"
    );
}
