//! The script that compiles installed packages gives the same bytes as Python's own compiler, whatever its cache holds.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/scripts/compile_bytecode.py"
);
/// Copies distributions into the environment, in turn.
const COPY: &str = "for one; do cp -R \"$one/.\" .venv/lib/python3*/site-packages; done";
/// The bytecode that `py_compile` makes of each path, in hex; an empty line for a file that it cannot compile.
const REFERENCE: &str = "
import py_compile, sys
mode = py_compile.PycInvalidationMode.CHECKED_HASH
for path in sys.argv[2:]:
    try:
        py_compile.compile(path, sys.argv[1], dfile=path, doraise=True, optimize=0, invalidation_mode=mode)
    except py_compile.PyCompileError:
        print()
    else:
        print(open(sys.argv[1], 'rb').read().hex())
";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A distribution: its files, and additional rows of its RECORD.
struct Distribution {
    name: &'static str,
    files: &'static [(&'static str, &'static [u8])],
    more: &'static str,
}

const WORDS: Distribution = Distribution {
    name: "words",
    files: &[
        ("words/__init__.py", b"'''Words.'''\nGREETING = 'hello'\n"),
        (
            "words/sub/deep.py",
            b"class Deep:\n    def f(self, *a):\n        assert a\n        return [x for x in a if x == 1.5]\n",
        ),
        ("words/empty.py", b""),
        ("words/warns.py", b"X = '\\d' is 'd'\n"),
        ("words/a, b.py", b"X = 1\n"),
        ("words/old.py", b"print 'old'\n"),
        ("words/template.py", b"import {{ name }}\n"),
        ("words/bytes.py", b"X = '\xff'\n"),
        ("words/zero.py", b"X = 1\0\n"),
        ("words/data.txt", b"no code"),
        ("shared.py", b"X = 'of words'\n"),
    ],
    more: "../../../bin/tool.py,,\nwords/gone.py,,\n",
};
const NAMES: Distribution = Distribution {
    name: "names",
    files: &[
        ("names.py", b"WORLD = 'world'\n"),
        ("shared.py", b"X = 'of names'\n"),
    ],
    more: "",
};

/// A directory for environments, with a cache.
struct Bench {
    directory: TempDir,
}

impl Bench {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        fs::create_dir(directory.path().join("cache")).unwrap();
        Self { directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn unpack(&self, distribution: &Distribution) -> PathBuf {
        let directory = self.path(distribution.name);
        let mut record = String::new();
        for (name, content) in distribution.files {
            let path = directory.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
            record += &format!("\"{name}\",,\n");
        }
        let info = directory.join(format!("{}-1.dist-info", distribution.name));
        fs::create_dir_all(&info).unwrap();
        fs::write(info.join("RECORD"), record + distribution.more).unwrap();
        directory
    }

    /// Runs a script as the installation into a new environment.
    fn run(&self, script: &str, distributions: &[&Distribution]) -> Command {
        let environment = self.path(".venv");
        if environment.exists() {
            fs::remove_dir_all(&environment).unwrap();
        }
        let made = Command::new("python3")
            .args(["-m", "venv", "--without-pip"])
            .arg(&environment)
            .status()
            .unwrap();
        assert!(made.success());
        let elsewhere = ["bin/tool.py", "unlisted.py"];
        fs::write(environment.join(elsewhere[0]), "X = 1\n").unwrap();
        fs::write(self.packages().join(elsewhere[1]), "X = 1\n").unwrap();
        let mut command = Command::new("python3");
        command
            .args(["-sS", SCRIPT, ".venv", "cache", "sh", "-euc", script, "sh"])
            .args(distributions.iter().map(|one| self.unpack(one)))
            .current_dir(self.directory.path());
        command
    }

    /// The bytecode of an environment with these distributions, by path, each with its mode.
    fn install(&self, distributions: &[&Distribution]) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let output = self.run(COPY, distributions).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        // Warnings and syntax errors of the compiled code are not shown.
        assert_eq!((said(&output), output.stdout), (String::new(), Vec::new()));
        let mut found = files(&self.path(".venv"));
        found.retain(|path, _| path.extension().is_some_and(|end| end == "pyc"));
        found
    }

    fn packages(&self) -> PathBuf {
        let mut directories = fs::read_dir(self.path(".venv/lib")).unwrap();
        directories
            .next()
            .unwrap()
            .unwrap()
            .path()
            .join("site-packages")
    }

    /// The bytecode that Python's own compiler makes of the modules of the environment.
    fn expected(&self, modules: &[&str]) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let output = Command::new("python3")
            .args(["-sS", "-W", "ignore", "-c", REFERENCE])
            .arg(self.path("reference.pyc"))
            .args(modules.iter().map(|module| self.packages().join(module)))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let tag = Command::new("python3")
            .args(["-c", "import sys; print(sys.implementation.cache_tag)"])
            .output()
            .unwrap();
        let tag = String::from_utf8(tag.stdout).unwrap();
        let compiled = modules.iter().zip(text.lines());
        compiled
            .filter(|(_, digits)| !digits.is_empty())
            .map(|(module, digits)| {
                let path = self.packages().join(module);
                let name = path.file_stem().unwrap().to_str().unwrap();
                let name = format!("__pycache__/{name}.{}.pyc", tag.trim());
                (path.with_file_name(name), (0o100_644, bytes(digits)))
            })
            .collect()
    }

    /// The entries of the cache, by path.
    fn entries(&self) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let mut found = files(&self.path("cache"));
        found.remove(&self.path("cache/cleaned"));
        found
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn bytes(digits: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(pair).collect()
}

fn files(directory: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.is_dir() {
            found.extend(files(&path));
        } else if metadata.is_file() {
            let content = fs::read(&path).unwrap();
            found.insert(path, (metadata.permissions().mode(), content));
        }
    }
    found
}

fn age(path: &Path, age: Duration) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

#[test]
fn bytecode_is_the_same_with_and_without_the_cache() {
    let bench = Bench::new();
    let first = bench.install(&[&WORDS, &NAMES]);
    let modules = [&WORDS, &NAMES].map(|one| one.files.iter().map(|(name, _)| *name));
    let modules: Vec<&str> = modules
        .into_iter()
        .flatten()
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "py"))
        .collect();
    let expected = bench.expected(&modules);
    assert_eq!(expected.len(), 7, "{:?}", expected.keys());
    assert_eq!(first, expected);

    let before = bench.entries();
    assert!(before.len() >= first.len());
    assert_eq!(bench.install(&[&WORDS, &NAMES]), first);
    assert_eq!(bench.entries(), before);
    // The last installed file wins.
    let other = bench.install(&[&NAMES, &WORDS]);
    assert_eq!(other, bench.expected(&modules));
    assert_ne!(other, first);
}

#[test]
fn a_new_distribution_compiles_only_itself() {
    let bench = Bench::new();
    let inodes = || -> BTreeMap<PathBuf, u64> {
        let paths = bench.entries().into_keys();
        paths
            .map(|path| (path.clone(), fs::metadata(path).unwrap().ino()))
            .collect()
    };
    bench.install(&[&WORDS]);
    let before = inodes();
    assert_eq!(before.len(), 6);
    bench.install(&[&WORDS, &NAMES]);
    // A module that is compiled again is a new file.
    let mut after = inodes();
    after.retain(|path, inode| before.get(path) != Some(inode));
    let new: Vec<_> = after
        .keys()
        .filter(|path| !before.contains_key(*path))
        .collect();
    assert_eq!((new.len(), after.len()), (2, 2), "{after:?}");
}

#[test]
fn a_damaged_or_outdated_cache_entry_is_replaced() {
    let bench = Bench::new();
    let first = bench.install(&[&WORDS]);
    let entries = bench.entries();
    let content: Vec<&Vec<u8>> = entries.values().map(|(_, content)| content).collect();
    for (kind, wrong) in [
        (
            "empty",
            &(|_: usize| Vec::new()) as &dyn Fn(usize) -> Vec<u8>,
        ),
        ("cut", &|number| content[number][..32 + 16].to_vec()),
        ("flipped", &|number| {
            let mut flipped = content[number].clone();
            *flipped.last_mut().unwrap() ^= 1;
            flipped
        }),
        ("another's", &|number| {
            content[(number + 1) % content.len()].clone()
        }),
    ] {
        for (number, path) in entries.keys().enumerate() {
            fs::write(path, wrong(number)).unwrap();
        }
        assert_eq!(bench.install(&[&WORDS]), first, "{kind}");
        let fixed = bench.entries();
        for (path, (_, content)) in &entries {
            assert_eq!(&fixed[path].1, content, "{kind}");
        }
    }
    // A cache that is not writable is ignored.
    fs::remove_dir_all(bench.path("cache")).unwrap();
    fs::write(bench.path("cache"), "").unwrap();
    assert_eq!(bench.install(&[&WORDS]), first);
}

#[test]
fn compilation_runs_beside_the_installation() {
    let bench = Bench::new();
    let script = format!(
        "{COPY}\nfor turn in $(seq 600); do\n\
         if [ -e .venv/lib/python3*/site-packages/__pycache__/names.*.pyc ]; then exit; fi\n\
         sleep 0.1\ndone\nexit 1"
    );
    let output = bench.run(&script, &[&NAMES]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn output_and_exit_code_of_the_installation_are_passed_on() {
    let bench = Bench::new();
    for (script, code) in [
        ("echo out; echo err >&2; exit 7", 7),
        ("echo out; echo err >&2; kill -9 $$", 137),
    ] {
        let output = bench.run(script, &[]).output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        assert_eq!(
            (said(&output).as_str(), &output.stdout[..]),
            ("err\n", &b"out\n"[..])
        );
    }
}

#[test]
fn a_signal_ends_the_installation() {
    let bench = Bench::new();
    let script = "touch started; exec sleep 60";
    let mut running = bench.run(script, &[]).stdin(Stdio::null()).spawn().unwrap();
    while !bench.path("started").exists() {
        assert!(running.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(20));
    }
    let kill = Command::new("kill").arg(running.id().to_string()).status();
    assert!(kill.unwrap().success());
    assert_eq!(running.wait().unwrap().code(), Some(128 + 15));
}

#[test]
fn unused_cache_entries_are_removed_after_a_while() {
    let bench = Bench::new();
    bench.install(&[&WORDS]);
    let words = bench.entries();
    bench.install(&[&WORDS, &NAMES]);
    let all = bench.entries();
    for path in all.keys() {
        age(path, 40 * DAY);
    }
    // It was cleaned a moment ago.
    bench.install(&[&WORDS]);
    assert_eq!(bench.entries(), all);

    age(&bench.path("cache/cleaned"), 2 * DAY);
    bench.install(&[&WORDS]);
    assert_eq!(bench.entries(), words);
}
