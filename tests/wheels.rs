//! `install_project.py` with the pinned poetry-core installs the same files as several releases of real Poetry build.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use testkit::{Dependency, Project};

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// Releases of Poetry, each with the pinned tools and the requirement of a project that they are for.
const VERSIONS: [(&str, &str, &str); 3] = [
    ("1.8.5", "core-1.txt", "poetry-core>=1.0.0,<2.0.0"),
    ("2.1.4", "core-2.txt", "poetry-core>=2.0.0,<3.0.0"),
    ("2.5.1", "core-2.txt", "poetry-core"),
];

/// Unpacks the only wheel in `dist`.
const UNPACK: &str = "
import glob, sys, zipfile
(wheel,) = glob.glob('dist/*.whl')
zipfile.ZipFile(wheel).extractall(sys.argv[1])
";

/// A project of a package `app`.
struct Shape {
    name: &'static str,
    /// More lines of `[tool.poetry]`.
    poetry: &'static str,
    files: &'static [(&'static str, &'static str)],
}

const SHAPES: [Shape; 7] = [
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
    },
    Shape {
        name: "a module",
        poetry: "",
        files: &[("app.py", "X = 'é'\n")],
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
    },
    Shape {
        name: "code that is not Python's",
        poetry: "",
        files: &[("app/__init__.py", ""), ("app/old.py", "print 'old'\n")],
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
    },
    Shape {
        name: "a plugin",
        poetry: r#"
        [tool.poetry.plugins."app.plugins"]
        one = "app:one"
        "#,
        files: &[("app/__init__.py", "one = 1\n")],
    },
    Shape {
        name: "a link",
        poetry: "",
        files: &[("app/__init__.py", ""), ("app/link.py", "-> __init__.py")],
    },
];

/// Files whose content names the release that made them, or depends on it.
const OF_A_RELEASE: [&str; 4] = ["WHEEL", "METADATA", "RECORD", "INSTALLER"];

/// The environments of these releases of Poetry, each with a directory of pinned tools.
fn environments(tools: &TempDir) -> Vec<(PathBuf, PathBuf, &'static str)> {
    let script = Path::new(REPOSITORY).join("harness/test-matrix");
    let output = Command::new(script)
        .arg("--prepare")
        .args(VERSIONS.map(|(version, ..)| version))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let installed = lines.lines().map(PathBuf::from);
    installed
        .zip(VERSIONS)
        .map(|(environment, (_, pins, requirement))| {
            (environment, pinned(tools, pins), requirement)
        })
        .collect()
}

/// Installs pinned tools, as `install-wheels.sh` does.
fn pinned(tools: &TempDir, pins: &str) -> PathBuf {
    let directory = tools.path().join(pins);
    if !directory.exists() {
        let output = Command::new("python3")
            .args(["-I", "-m", "pip", "install", "--quiet", "--no-compile"])
            .args(["--no-deps", "--only-binary", ":all:", "--require-hashes"])
            .arg("--target")
            .arg(&directory)
            .arg("--requirement")
            .arg(Path::new(REPOSITORY).join("src/scripts/pins").join(pins))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let script = Path::new(REPOSITORY).join("src/scripts/compile_schemas.py");
        let output = Command::new("python3")
            .arg("-I")
            .arg(script)
            .arg(&directory)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        // Nothing compiles them again.
        fs::remove_dir_all(directory.join("poetry/core/json/schemas")).unwrap();
    }
    directory
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

/// A new copy of a project, in a directory of its own.
struct Copy {
    directory: TempDir,
}

impl Copy {
    fn new(shape: &Shape, requirement: &str) -> Self {
        let copy = Self {
            directory: TempDir::new().unwrap(),
        };
        let pyproject = Project::poetry("app")
            .python(">=3.9")
            .poetry_dependency("humanize", "^4.0")
            .poetry_dependency("rich", Dependency::version(">=13").optional())
            .extra("color", ["rich"])
            .in_tool_poetry(shape.poetry)
            .build_system([requirement], "poetry.core.masonry.api")
            .pyproject();
        write(&copy.path("src"), "pyproject.toml", &pyproject);
        for (path, text) in shape.files {
            write(&copy.path("src"), path, text);
        }
        copy
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn run(&self, python: &Path, args: &[&Path]) -> Output {
        Command::new(python)
            .args(args)
            .current_dir(self.path("src"))
            .env("SOURCE_DATE_EPOCH", "315532800")
            // Files of an installation have these modes whatever the user's are.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .unwrap()
    }

    /// Installs the project like the step of a build.
    fn install(&self, python: &Path, tools: Option<&Path>) -> Output {
        let script = Path::new(REPOSITORY).join("src/scripts/install_project.py");
        let out = self.path("out");
        let mut args = vec![Path::new("-I"), &script, &out, Path::new("/app/.venv")];
        args.extend(tools);
        self.run(python, &args)
    }

    /// The installed files.
    fn installed(&self, python: &Path, tools: Option<&Path>) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let output = self.install(python, tools);
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(shown.ends_with("Installed app 0.1.0\n"), "{output:?}");
        tree(&self.path("out"))
    }
}

/// The Python of the builder: that of the Poetry environments, without Poetry.
fn builder() -> PathBuf {
    let print = "import sys; print(sys._base_executable)";
    let output = Command::new("python3")
        .args(["-c", print])
        .output()
        .unwrap();
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim_end())
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn is_of_a_release(path: &Path) -> bool {
    let parent = path.parent().unwrap_or(path);
    parent
        .extension()
        .is_some_and(|end| end == "dist-info" || end == "licenses")
        && OF_A_RELEASE.contains(&name(path))
}

/// The fields of the metadata that decide how the project is used.
fn fields(metadata: &[u8]) -> Vec<String> {
    const USED: [&str; 5] = [
        "Name: ",
        "Version: ",
        "Requires-Dist: ",
        "Requires-Python: ",
        "Provides-Extra: ",
    ];
    let text = String::from_utf8(metadata.to_vec()).unwrap();
    let fields = text
        .lines()
        .filter(|line| USED.iter().any(|start| line.starts_with(start)));
    let mut fields: Vec<String> = fields.map(str::to_owned).collect();
    fields.sort();
    fields
}

#[test]
fn the_pinned_tools_install_the_same_files_as_poetry() {
    let tools = TempDir::new().unwrap();
    let python = builder();
    for (environment, tools, requirement) in environments(&tools) {
        for shape in SHAPES {
            let shown = format!("{}: {}", environment.display(), shape.name);
            let copy = Copy::new(&shape, requirement);
            let pinned = copy.installed(&python, Some(&tools));
            let copy = Copy::new(&shape, requirement);
            let by_poetry = copy.installed(&environment.join("bin/python"), None);
            let paths = |files: &BTreeMap<PathBuf, _>| {
                // Releases of poetry-core have different places for licenses.
                let mut paths: Vec<PathBuf> = files.keys().cloned().collect();
                paths.retain(|path| !path.to_string_lossy().contains(".dist-info/"));
                paths
            };
            assert_eq!(paths(&pinned), paths(&by_poetry), "{shown}");
            let mut compared = 0;
            for (path, file) in &by_poetry {
                if is_of_a_release(path) || !pinned.contains_key(path) {
                    continue;
                }
                let other = pinned.get(path);
                assert_eq!(other, Some(file), "{}: {shown}", path.display());
                compared += 1;
            }
            assert!(compared > 5, "{shown}");
            for file in ["METADATA", "WHEEL", "RECORD", "INSTALLER"] {
                let of = |files: &BTreeMap<PathBuf, (u32, Vec<u8>)>| {
                    let found = files.iter().find(|(path, _)| name(path) == file);
                    found
                        .unwrap_or_else(|| panic!("no {file}: {shown}"))
                        .1
                        .clone()
                };
                let [(mode, one), (other_mode, other)] = [&pinned, &by_poetry].map(of);
                assert_eq!(mode, other_mode, "{file}: {shown}");
                if file == "METADATA" {
                    assert_eq!(fields(&one), fields(&other), "{shown}");
                    assert!(fields(&one).len() >= 3, "{shown}");
                }
            }
        }
    }
}

#[test]
fn everything_in_the_wheel_of_poetry_build_is_installed() {
    let tools = TempDir::new().unwrap();
    let python = builder();
    for (environment, tools, requirement) in environments(&tools) {
        for shape in SHAPES {
            let shown = format!("{}: {}", environment.display(), shape.name);
            let copy = Copy::new(&shape, requirement);
            let poetry = environment.join("bin/python");
            let args = ["-m", "poetry", "build", "--format", "wheel", "--no-ansi"];
            let output = copy.run(&poetry, &args.map(Path::new));
            assert!(output.status.success(), "{shown}: {output:?}");
            let unpacked = copy.path("unpacked");
            let output = copy.run(&python, &[Path::new("-c"), Path::new(UNPACK), &unpacked]);
            assert!(output.status.success(), "{shown}: {output:?}");
            let wheel = tree(&unpacked);

            let copy = Copy::new(&shape, requirement);
            let pinned = copy.installed(&python, Some(&tools));
            let mut compared = 0;
            for (path, (_, content)) in &wheel {
                let inside = path.to_string_lossy();
                if is_of_a_release(path)
                    || inside.contains("license")
                    || inside.ends_with("/LICENSE")
                    || unpacked.join(path).is_dir()
                {
                    continue;
                }
                // Scripts go elsewhere, and run the image's Python.
                let place = match inside.split_once(".data/scripts/") {
                    Some((_, script)) => format!("app/.venv/bin/{script}"),
                    None => format!("site-packages/{inside}"),
                };
                let found = pinned.iter().find(|(path, _)| {
                    let path = path.to_string_lossy();
                    path == place || path.ends_with(&format!("/{place}"))
                });
                let (_, (_, installed)) =
                    found.unwrap_or_else(|| panic!("{place}: {shown}: {:?}", pinned.keys()));
                if !inside.contains(".data/scripts/") {
                    assert_eq!(installed, content, "{place}: {shown}");
                }
                compared += 1;
            }
            assert!(compared > 0, "{shown}");
        }
    }
}

#[test]
fn commands_run_the_python_of_the_environment() {
    let tools = TempDir::new().unwrap();
    let python = builder();
    for pins in ["core-1.txt", "core-2.txt"] {
        let tools = pinned(&tools, pins);
        let copy = Copy::new(&SHAPES[0], "poetry-core");
        let files = copy.installed(&python, Some(&tools));
        let (mode, content) = &files[Path::new("app/.venv/bin/greet")];
        assert_eq!(mode & 0o777, 0o755);
        let text = String::from_utf8_lossy(content);
        assert!(text.starts_with("#!/app/.venv/bin/python\n"), "{text}");
        // Nothing is built or written elsewhere.
        assert!(files.keys().all(|path| path.starts_with("app")));
    }
}

#[test]
fn a_readme_that_is_not_in_the_context_is_empty() {
    let tools = TempDir::new().unwrap();
    let shape = Shape {
        name: "a readme that is not there",
        poetry: "readme = \"docs/README.md\"",
        files: &[("app/__init__.py", "")],
    };
    let python = builder();
    for pins in ["core-1.txt", "core-2.txt"] {
        let copy = Copy::new(&shape, "poetry-core");
        let output = copy.install(&python, Some(&pinned(&tools, pins)));
        assert!(output.status.success(), "{output:?}");
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(
            shown.starts_with("docs/README.md is not in the build context"),
            "{shown}"
        );
    }
}

#[test]
fn a_wheel_with_an_entry_outside_its_directory_is_refused() {
    let tools = TempDir::new().unwrap();
    let shape = Shape {
        name: "a package that goes elsewhere",
        poetry: "packages = [{ include = \"app\", to = \"../../etc\" }]",
        files: &[("app/__init__.py", "")],
    };
    for (environment, tools, requirement) in environments(&tools) {
        let python = builder();
        let poetry = environment.join("bin/python");
        for (python, tools) in [(&python, Some(&*tools)), (&poetry, None)] {
            let copy = Copy::new(&shape, requirement);
            let output = copy.install(python, tools);
            let message = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            assert!(
                message.starts_with("error: app-0.1.0-py3-none-any.whl has the entry '../../etc/"),
                "{message}"
            );
            assert!(
                message.contains("which is outside its directory\n"),
                "{message}"
            );
            assert!(!copy.path("out").exists());
        }
    }
}

#[test]
fn a_wrong_value_is_the_same_error_as_with_poetry() {
    let tools = TempDir::new().unwrap();
    let wrong = Shape {
        name: "a wrong value",
        poetry: "packages = [{ include = 1 }]",
        files: &[("app/__init__.py", "")],
    };
    for (environment, tools, requirement) in environments(&tools) {
        let copy = Copy::new(&wrong, requirement);
        let error = |python: &Path, tools| {
            let output = copy.install(python, tools);
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            String::from_utf8(output.stderr).unwrap()
        };
        let pinned = error(&builder(), Some(tools.as_path()));
        assert!(pinned.contains("packages[0]"), "{pinned}");
        assert_eq!(pinned, error(&environment.join("bin/python"), None));
    }
}

#[test]
fn a_wheel_that_cannot_be_built_is_an_error_without_a_traceback() {
    let tools = TempDir::new().unwrap();
    let python = builder();
    let linked = Shape {
        name: "a link to a file that the build does not have",
        poetry: "",
        files: &[
            ("app/__init__.py", ""),
            ("app/words.py", "-> ../../shared/words.py"),
        ],
    };
    let missing = Shape {
        name: "a package that does not exist",
        poetry: "packages = [{ include = \"none\" }]",
        files: &[("app/__init__.py", "")],
    };
    for (environment, tools, requirement) in environments(&tools) {
        for (shape, expected) in [
            (
                &linked,
                "error: app/words.py is a link to ../../shared/words.py, which is not part of the build\n",
            ),
            (&missing, "error: poetry-core cannot build the wheel: "),
        ] {
            let shown = format!("{}: {}", environment.display(), shape.name);
            let copy = Copy::new(shape, requirement);
            for (python, tools) in [
                (&python, Some(tools.as_path())),
                (&environment.join("bin/python"), None),
            ] {
                let output = copy.install(python, tools);
                let errors = String::from_utf8(output.stderr).unwrap();
                assert_eq!(output.status.code(), Some(1), "{shown}: {errors}");
                assert!(errors.contains(expected), "{shown}: {errors}");
                assert!(!errors.contains("Traceback"), "{shown}: {errors}");
            }
        }
    }
}
