//! `install-wheels.sh` with the real pinned uv and an index on this machine.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/scripts");

/// Writes a wheel of `words` 1.0 into the index at the first argument, with these additional entries, and its requirement
/// into the file at the second one.
const PUBLISH: &str = r##"
import base64, hashlib, os, sys, zipfile
index, requirements, *entries = sys.argv[1:]
info = "words-1.0.dist-info"
files = {
    "words/__init__.py": "def main(): print('words')\n",
    "words/data.txt": "data",
    "words-1.0.data/scripts/count": "#!python\nprint(1)\n",
    f"{info}/METADATA": "Metadata-Version: 2.1\nName: words\nVersion: 1.0\n",
    f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{info}/entry_points.txt": "[console_scripts]\nwords = words:main\n",
    **{entry: "X = 1\n" for entry in entries},
}
os.makedirs(f"{index}/words")
name = "words-1.0-py3-none-any.whl"
rows = []
with zipfile.ZipFile(f"{index}/words/{name}", "w") as wheel:
    for path, text in files.items():
        wheel.writestr(path, text)
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        rows.append(f"{path},sha256={digest.decode()},{len(text)}")
    wheel.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,"]) + "\n")
with open(f"{index}/words/{name}", "rb") as file:
    digest = hashlib.sha256(file.read()).hexdigest()
with open(f"{index}/words/index.html", "w") as file:
    file.write(f'<a href="{name}#sha256={digest}">{name}</a>')
with open(requirements, "w") as file:
    file.write(f"words==1.0 --hash=sha256:{digest}\n")
"##;

/// The pinned uv, which is kept for other runs.
fn uv() -> &'static Path {
    static UV: OnceLock<PathBuf> = OnceLock::new();
    UV.get_or_init(|| {
        let pins = fs::read_to_string(format!("{SCRIPTS}/pins/uv.txt")).unwrap();
        let release = pins.lines().find_map(|line| line.strip_prefix("uv=="));
        let release = release.unwrap().split(' ').next().unwrap();
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let installed = directory.join(format!("uv-{release}"));
        if !installed.exists() {
            let new = TempDir::new_in(directory).unwrap();
            let output = Command::new("python3")
                .args(["-I", "-m", "pip", "install", "--quiet", "--no-compile"])
                .args(["--no-deps", "--only-binary", ":all:", "--require-hashes"])
                .arg("--target")
                .arg(new.path())
                .args(["--requirement", &format!("{SCRIPTS}/pins/uv.txt")])
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            fs::rename(new.keep(), &installed).unwrap();
        }
        installed
    })
}

/// A build with an environment and an index.
struct Build {
    directory: TempDir,
}

impl Build {
    fn new(entries: &[&str]) -> Self {
        let build = Self {
            directory: TempDir::new().unwrap(),
        };
        for name in ["run_uv.py", "compile_bytecode.py"] {
            fs::copy(format!("{SCRIPTS}/{name}"), build.path(name)).unwrap();
        }
        fs::create_dir(build.path("out")).unwrap();
        let made = Command::new("python3")
            .args(["-m", "venv", "--without-pip"])
            .arg(build.path("venv"))
            .status();
        assert!(made.unwrap().success());
        let published = Command::new("python3")
            .args(["-c", PUBLISH])
            .args([build.path("index"), build.path("requirements.txt")])
            .args(entries)
            .status();
        assert!(published.unwrap().success());
        build
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Runs the script like the step of a build, which has its files at other paths.
    fn install(&self) -> Output {
        let script = fs::read_to_string(format!("{SCRIPTS}/install-wheels.sh")).unwrap();
        let script = script
            .replace("/opt/uv/", &format!("{}/", uv().display()))
            .replace("/run/", &format!("{}/", self.directory.path().display()));
        Command::new("sh")
            .args(["-euc", &script, "install-wheels"])
            .args([self.path("out"), self.path("venv")])
            .arg("1")
            .arg(format!("file://{}", self.path("index").display()))
            .output()
            .unwrap()
    }

    /// Where the image will have a file of the environment, below the directory of the layer.
    fn installed(&self, name: &str) -> PathBuf {
        let venv = self.path("venv");
        let venv = venv.strip_prefix("/").unwrap();
        self.path("out").join(venv).join(name)
    }
}

/// The files below a directory, without the version of Python.
fn files(directory: &Path) -> Vec<String> {
    let output = Command::new("find")
        .args([".", "!", "-type", "d"])
        .current_dir(directory)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut files: Vec<String> = text
        .lines()
        .map(|line| line.trim_start_matches("./"))
        .map(|line| match line.split_once("/site-packages/") {
            Some((_, rest)) => rest.to_owned(),
            None => line.to_owned(),
        })
        .map(|line| match line.split_once(".cpython-") {
            Some((start, _)) => start.to_owned(),
            None => line,
        })
        .collect();
    files.sort();
    files
}

#[test]
fn a_locked_wheel_is_installed_as_for_the_environment() {
    let build = Build::new(&[]);
    let output = build.install();
    assert!(output.status.success(), "{output:?}");
    let mut installed = files(&build.installed(""));
    // Only wheels of this machine have it.
    installed.retain(|file| !file.ends_with("/uv_cache.json"));
    assert_eq!(
        installed,
        [
            "bin/count",
            "bin/words",
            "words-1.0.dist-info/INSTALLER",
            "words-1.0.dist-info/METADATA",
            "words-1.0.dist-info/RECORD",
            "words-1.0.dist-info/REQUESTED",
            "words-1.0.dist-info/WHEEL",
            "words-1.0.dist-info/entry_points.txt",
            "words/__init__.py",
            "words/__pycache__/__init__",
            "words/data.txt",
        ]
    );
    // Nothing else is in the layer.
    assert_eq!(
        files(&build.path("out")).len(),
        files(&build.installed("")).len()
    );
    // Commands run the Python of the environment, at its path in the image.
    let python = build.path("venv/bin/python");
    for command in ["bin/words", "bin/count"] {
        let text = fs::read_to_string(build.installed(command)).unwrap();
        assert!(text.contains(python.to_str().unwrap()), "{text}");
        assert!(!text.contains("/out/"), "{text}");
    }
}

#[test]
fn a_wheel_with_another_hash_is_an_error() {
    let build = Build::new(&[]);
    let hash = "0".repeat(64);
    let other = format!("words==1.0 --hash=sha256:{hash}\n");
    fs::write(build.path("requirements.txt"), other).unwrap();
    let output = build.install();
    assert!(!output.status.success());
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("ash mismatch"), "{message}");
}

#[test]
fn a_missing_package_is_a_known_failure() {
    let build = Build::new(&[]);
    let hash = "0".repeat(64);
    for name in ["words==2.0", "nothing==1.0"] {
        let text = format!("{name} --hash=sha256:{hash}\n");
        fs::write(build.path("requirements.txt"), text).unwrap();
        let output = build.install();
        let printed = [output.stdout, output.stderr].concat();
        // As `explain-failure.sh` knows it.
        let text = String::from_utf8_lossy(&printed);
        assert!(text.contains("No solution found when resolving"), "{text}");
    }
}

#[test]
fn a_wheel_with_an_entry_outside_its_directory_is_refused() {
    for entry in ["../../../../x.py", "/x.py", "words/../../x.py"] {
        let output = Build::new(&[entry]).install();
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{entry}: {message}");
        assert!(
            message.contains("error: the wheel of words 1.0 has the entry"),
            "{message}"
        );
    }
}

#[test]
fn an_entry_outside_the_directory_of_a_wheel_is_not_written() {
    for entry in ["../../../../x.py", "/x.py", "words/../../x.py"] {
        let build = Build::new(&[entry]);
        build.install();
        let all = files(build.directory.path());
        assert!(
            all.iter().all(|file| !file.ends_with("x.py")),
            "{entry}: {all:?}"
        );
    }
}
