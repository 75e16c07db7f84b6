//! `compile_bytecode.py` gives the same bytes as Python's own compiler, on every machine.
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

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/scripts/compile_bytecode.py"
);
/// The bytecode that `py_compile` makes of each path below a root, recorded without that root, in hex; an empty line for a
/// file that it cannot compile.
const REFERENCE: &str = "
import py_compile, sys
mode = py_compile.PycInvalidationMode.CHECKED_HASH
new, root = sys.argv[1:3]
for path in sys.argv[3:]:
    try:
        py_compile.compile(root + path, new, dfile=path, doraise=True, optimize=0, invalidation_mode=mode)
    except py_compile.PyCompileError:
        print()
    else:
        print(open(new, 'rb').read().hex())
";
/// Where the modules will be.
const DIRECTORY: &str = "/app/.venv/lib";

const MODULES: [(&str, &[u8]); 8] = [
    (
        "words/__init__.py",
        b"'''Words.'''\nGREETING = 'hello'\nNAMES = {'a', 'b', 'c'}\n",
    ),
    (
        "words/sub/deep.py",
        b"class Deep:\n    def f(self, *a):\n        assert a\n        return [x for x in a if x in {'d', 'e', 'f'}]\n",
    ),
    ("words/empty.py", b""),
    ("words/warns.py", b"X = '\\d' is 'd'\n"),
    ("words/a, b.py", b"X = 1\n"),
    ("words/latin.py", b"# -*- coding: latin-1 -*-\nX = '\xff'\n"),
    ("words/future.py", b"from __future__ import annotations\nX: int = 1\n"),
    ("other.py", b"X = 1\n"),
];
/// What Python cannot compile, and what is not a module.
const OTHERS: [(&str, &[u8]); 6] = [
    ("words/old.py", b"print 'old'\n"),
    ("words/template.py", b"import {{ name }}\n"),
    ("words/bytes.py", b"X = '\xff'\n"),
    ("words/zero.py", b"X = 1\0\n"),
    ("words/data.txt", b"no code"),
    ("words/py", b"X = 1\n"),
];

/// A directory with the modules.
struct Tree {
    directory: TempDir,
}

impl Tree {
    fn new() -> Self {
        let tree = Self {
            directory: TempDir::new().unwrap(),
        };
        for (name, content) in MODULES.iter().chain(&OTHERS) {
            tree.write(name, content);
        }
        tree
    }

    fn root(&self) -> &Path {
        self.directory.path()
    }

    /// Where a file of the tree is.
    fn path(&self, name: &str) -> PathBuf {
        self.root().join(format!("{}/{name}", &DIRECTORY[1..]))
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Runs the script like the step of a build, after these words.
    fn run(&self, before: &[&str]) -> Output {
        let words = [before, &["python3", "-I", "-S", SCRIPT]].concat();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(self.root()).arg(DIRECTORY);
        command.output().unwrap()
    }

    /// The bytecode with its modes, by the paths of the files.
    fn compile(&self) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        self.compile_with(&[])
    }

    fn compile_with(&self, before: &[&str]) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let output = self.run(before);
        // Warnings and syntax errors of the compiled code are not shown.
        let shown =
            String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
        assert_eq!((output.status.code(), &*shown), (Some(0), ""));
        bytecode(self.root())
    }

    /// The bytecode that Python's own compiler makes of these modules.
    fn expected(&self, modules: &[&str]) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let output = Command::new("python3")
            .args(["-sS", "-W", "ignore", "-c", REFERENCE])
            .arg(self.root().join("reference.pyc"))
            .arg(self.root())
            .args(modules.iter().map(|module| format!("{DIRECTORY}/{module}")))
            .env("PYTHONHASHSEED", "0")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        fs::remove_file(self.root().join("reference.pyc")).unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let compiled = modules.iter().zip(text.lines());
        compiled
            .filter(|(_, digits)| !digits.is_empty())
            .map(|(module, digits)| (self.compiled_path(module), (0o100_644, bytes(digits))))
            .collect()
    }

    /// Where the bytecode of a module is.
    fn compiled_path(&self, module: &str) -> PathBuf {
        let tag = Command::new("python3")
            .args(["-c", "import sys; print(sys.implementation.cache_tag)"])
            .output()
            .unwrap();
        let tag = String::from_utf8(tag.stdout).unwrap();
        let path = self.path(module);
        let name = path.file_stem().unwrap().to_str().unwrap();
        path.with_file_name(format!("__pycache__/{name}.{}.pyc", tag.trim()))
    }
}

fn bytes(digits: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(pair).collect()
}

fn bytecode(directory: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.is_dir() {
            found.extend(bytecode(&path));
        } else if path.extension().is_some_and(|end| end == "pyc") {
            let content = fs::read(&path).unwrap();
            found.insert(path, (metadata.permissions().mode(), content));
        }
    }
    found
}

#[test]
fn bytecode_is_what_pythons_own_compiler_writes() {
    let tree = Tree::new();
    let names: Vec<&str> = MODULES
        .iter()
        .chain(&OTHERS)
        .map(|(name, _)| *name)
        .collect();
    let modules: Vec<&str> = names
        .into_iter()
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "py"))
        .collect();
    let expected = tree.expected(&modules);
    assert_eq!(expected.len(), MODULES.len(), "{:?}", expected.keys());
    assert_eq!(tree.compile(), expected);
    // Once more, over the same files.
    assert_eq!(tree.compile(), expected);
}

#[test]
fn a_file_that_cannot_be_compiled_is_skipped() {
    let tree = Tree::new();
    symlink("nowhere.py", tree.path("words/link.py")).unwrap();
    fs::create_dir(tree.path("words/directory.py")).unwrap();
    tree.write("words/nested.py", "(".repeat(10_000).as_bytes());
    let compiled = tree.compile();
    assert_eq!(compiled.len(), MODULES.len());
    for (name, _) in OTHERS {
        assert!(!compiled.contains_key(&tree.compiled_path(name)), "{name}");
    }
}

#[test]
fn bytecode_does_not_depend_on_where_it_is_compiled() {
    let trees = [Tree::new(), Tree::new()];
    let [one, other] = trees.each_ref().map(|tree| {
        let compiled = tree.compile().into_iter();
        let relative = compiled.map(|(path, file)| {
            let path = path.strip_prefix(tree.root()).unwrap().to_owned();
            (path, file)
        });
        relative.collect::<BTreeMap<_, _>>()
    });
    assert_eq!(one, other);
    let root = trees[0].root().to_str().unwrap();
    for (path, (_, content)) in one {
        let text = String::from_utf8_lossy(&content);
        assert!(!text.contains(root), "{}", path.display());
        assert!(text.contains(DIRECTORY), "{}", path.display());
    }
}

#[test]
fn bytecode_is_the_same_on_any_number_of_processors() {
    let tree = Tree::new();
    // More than some processes compile at a time.
    for number in 0..1000 {
        let text = format!("X = '{number}'\ndef f():\n    return X in {{'a', 'b', '{number}'}}\n");
        tree.write(&format!("many/m{number:04}.py"), text.as_bytes());
    }
    let all = tree.compile();
    assert_eq!(all.len(), 1000 + MODULES.len());
    for path in all.keys() {
        fs::remove_file(path).unwrap();
    }
    let alone = tree.compile_with(&["taskset", "--cpu-list", "0"]);
    assert!(alone == all);
}

#[test]
fn bytecode_does_not_depend_on_the_environment() {
    let tree = Tree::new();
    let expected = tree.compile();
    for variable in [
        "PYTHONHASHSEED=7",
        "PYTHONOPTIMIZE=2",
        "PYTHONPYCACHEPREFIX=/nowhere",
        "PYTHONDONTWRITEBYTECODE=1",
        "PYTHONPATH=/nowhere",
        "PYTHONWARNINGS=error",
        "SOURCE_DATE_EPOCH=1",
    ] {
        for path in expected.keys() {
            fs::remove_file(path).unwrap();
        }
        let compiled = tree.compile_with(&["env", variable]);
        assert!(compiled == expected, "{variable}");
    }
}

#[test]
fn an_environment_below_the_directory_is_skipped() {
    let tree = Tree::new();
    tree.write(".venv/lib/python3.13/site-packages/words.py", b"X = 1\n");
    tree.write("__pycache__/odd.py", b"X = 1\n");
    assert_eq!(tree.compile().len(), MODULES.len());
}

#[test]
fn bytecode_is_as_readable_as_its_source() {
    let tree = Tree::new();
    for (number, mode) in [0o600, 0o644, 0o755, 0o444].into_iter().enumerate() {
        let name = format!("m{number}.py");
        tree.write(&name, b"X = 1\n");
        fs::set_permissions(tree.path(&name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let compiled = tree.compile();
    let mode = |number: usize| compiled[&tree.compiled_path(&format!("m{number}.py"))].0 & 0o777;
    assert_eq!([0, 1, 2, 3].map(mode), [0o600, 0o644, 0o644, 0o644]);
}

#[test]
fn a_directory_without_modules_is_no_error() {
    let tree = Tree::new();
    fs::remove_dir_all(tree.path("")).unwrap();
    assert!(tree.compile().is_empty());
}

#[test]
fn bytecode_that_cannot_be_written_is_an_error() {
    let tree = Tree::new();
    tree.write("words/__pycache__", b"not a directory");
    let output = tree.run(&[]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.ends_with("error: cannot write the bytecode\n"),
        "{message}"
    );
}
