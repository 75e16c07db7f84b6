//! A wheel installed from a template equals a built one byte for byte, with several releases of real Poetry.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use testkit::Project;

const VERSIONS: [&str; 3] = ["1.8.5", "2.1.4", "2.5.1"];

/// A project of a package `app`, and whether it can have a template.
struct Shape {
    name: &'static str,
    /// More lines of `[tool.poetry]`.
    poetry: &'static str,
    files: &'static [(&'static str, &'static str)],
    template: bool,
}

const SHAPES: [Shape; 9] = [
    Shape {
        name: "a package under src, with data and a command",
        poetry: r#"
        [tool.poetry.scripts]
        greet = "app.cli:main"
        "#,
        files: &[
            ("src/app/__init__.py", ""),
            ("src/app/cli.py", "def main():\n    print('hello')\n"),
            ("src/app/sub/__init__.py", "X = 1\n"),
            ("src/app/py.typed", ""),
            ("src/app/page.html", "<p>"),
            ("LICENSE", "Do what you like.\n"),
        ],
        template: true,
    },
    Shape {
        name: "a module",
        poetry: "",
        files: &[("app.py", "X = 'é'\n")],
        template: true,
    },
    Shape {
        name: "packages from elsewhere, less what is excluded",
        poetry: r#"
        packages = [{ include = "app", from = "lib" }, { include = "more/**/*.py" }]
        exclude = ["**/secret.py"]
        include = [{ path = "data/x.py", format = "wheel" }]
        "#,
        files: &[
            ("lib/app/__init__.py", "A = 1\n"),
            ("lib/app/secret.py", "B = 1\n"),
            ("more/deep/er.py", "C = 1\n"),
            ("data/x.py", "D = 1\n"),
        ],
        template: true,
    },
    Shape {
        name: "modules with the same code, names and paths",
        poetry: "",
        files: &[
            ("app/__init__.py", ""),
            ("app/app/__init__.py", ""),
            ("app/app/app.py", "app/app/app.py"),
            ("src/app/other.py", ""),
        ],
        template: true,
    },
    Shape {
        name: "code that is not Python's",
        poetry: "",
        files: &[("app/__init__.py", ""), ("app/old.py", "print 'old'\n")],
        template: true,
    },
    Shape {
        name: "a readme that is not there",
        poetry: r#"readme = "docs/README.md""#,
        files: &[("app/__init__.py", "")],
        template: true,
    },
    Shape {
        name: "a script that is a file",
        poetry: r#"
        [tool.poetry.scripts]
        greet = { reference = "bin/greet.py", type = "file" }
        "#,
        files: &[
            ("app/__init__.py", ""),
            ("bin/greet.py", "#!/usr/bin/python\nprint('hello')\n"),
        ],
        template: false,
    },
    Shape {
        name: "a readme that is code",
        poetry: r#"readme = "app/__init__.py""#,
        files: &[("app/__init__.py", "# Read me.\n")],
        template: false,
    },
    Shape {
        name: "a link",
        poetry: "",
        files: &[("app/__init__.py", ""), ("app/link.py", "-> __init__.py")],
        template: false,
    },
];

/// The environments of these releases.
fn environments() -> Vec<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/test-matrix");
    let output = Command::new(script)
        .arg("--prepare")
        .args(VERSIONS)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(PathBuf::from).collect()
}

fn write(directory: &Path, path: &str, text: &str) {
    let path = directory.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    match text.strip_prefix("-> ") {
        Some(target) => symlink(target, path).unwrap(),
        None => fs::write(path, text).unwrap(),
    }
}

/// Every file below a directory with its mode and content.
fn tree(directory: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            let content = if path.is_dir() {
                open.push(path.clone());
                Vec::new()
            } else {
                fs::read(&path).unwrap()
            };
            let relative = path.strip_prefix(directory).unwrap().to_owned();
            found.insert(relative, (mode, content));
        }
    }
    found
}

/// Installs a new copy of the project like the step of a build.
fn install(
    environment: &Path,
    shape: &Shape,
    code: &str,
    templates: Option<&Path>,
) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let directory = TempDir::new().unwrap();
    let [project, out] = ["src", "out"].map(|name| directory.path().join(name));
    let pyproject = Project::poetry("app")
        .without_python()
        .in_tool_poetry(shape.poetry)
        .build_system(["poetry-core>=1.0.0"], "poetry.core.masonry.api")
        .pyproject();
    write(&project, "pyproject.toml", &pyproject);
    for (path, text) in shape.files {
        let is_code = Path::new(path).extension().is_some_and(|end| end == "py");
        if is_code && !text.starts_with("-> ") {
            write(&project, path, &format!("{text}{code}"));
        } else {
            write(&project, path, text);
        }
    }
    let output = Command::new(environment.join("bin/python"))
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/scripts/install_project.py"
        ))
        .args([&out, Path::new("/app/.venv")])
        .args(templates)
        .current_dir(&project)
        .env("SOURCE_DATE_EPOCH", "315532800")
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(
        shown.ends_with("Installed app 0.1.0\n"),
        "{}: {output:?}",
        shape.name
    );
    tree(&out)
}

#[test]
fn a_template_installs_the_same_files_as_a_build() {
    for environment in environments() {
        for shape in SHAPES {
            let templates = TempDir::new().unwrap();
            let kept = || fs::read_dir(templates.path()).unwrap().count();
            // The first run makes the template, the second one uses it.
            for code in ["", "# An edit.\n"] {
                let built = install(&environment, &shape, code, None);
                let filled = install(&environment, &shape, code, Some(templates.path()));
                assert!(built.len() > 10, "{built:?}");
                for (path, file) in &built {
                    assert_eq!(
                        filled.get(path),
                        Some(file),
                        "{} in {}: {}",
                        path.display(),
                        environment.display(),
                        shape.name
                    );
                }
                assert_eq!(filled.len(), built.len(), "{}", shape.name);
                assert_eq!(kept(), usize::from(shape.template), "{}", shape.name);
            }
        }
    }
}

#[test]
fn any_change_but_code_makes_another_template() {
    let environment = environments().pop().unwrap();
    let templates = TempDir::new().unwrap();
    let shape = |poetry, files, name| Shape {
        name,
        poetry,
        files,
        template: true,
    };
    let one: &[_] = &[("app/__init__.py", ""), ("app/page.html", "one")];
    let two: &[_] = &[("app/__init__.py", ""), ("app/page.html", "two")];
    let more: &[_] = &[
        ("app/__init__.py", ""),
        ("app/page.html", "one"),
        ("app/more.py", ""),
    ];
    for (number, (poetry, files)) in [
        ("", one),
        ("", two),
        ("", more),
        ("keywords = [\"a\"]\n", one),
    ]
    .into_iter()
    .enumerate()
    {
        let shape = shape(poetry, files, "a package");
        let built = install(&environment, &shape, "", None);
        let filled = install(&environment, &shape, "", Some(templates.path()));
        assert_eq!(built, filled);
        assert_eq!(fs::read_dir(templates.path()).unwrap().count(), number + 1);
    }
}
