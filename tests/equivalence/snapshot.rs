//! The content of an environment, and how two environments differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::archive::sha256;

/// The content of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// `NAME VERSION` of every distribution.
    pub(crate) distributions: BTreeSet<String>,
    pub(crate) files: BTreeMap<String, Entry>,
    /// The status and output of each command of a distribution, by its path.
    pub(crate) commands: BTreeMap<String, String>,
}

/// A file, link or directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The permissions; none for a link.
    pub(crate) mode: u32,
    /// The text if it is short, else its hash. Empty for directories and for bytecode, which may differ between two runs of
    /// a compiler.
    pub(crate) content: String,
}

/// The commands of the environment itself.
const OWN_COMMANDS: [&str; 3] = ["python", "activate", "Activate"];

impl Snapshot {
    pub(crate) fn of(environment: &Path) -> Self {
        let mut snapshot = Self {
            distributions: BTreeSet::new(),
            files: BTreeMap::new(),
            commands: BTreeMap::new(),
        };
        snapshot.walk(environment, "");
        let named = |metadata: &str, key: &str| {
            let begin = format!("{key}: ");
            let line = metadata.lines().find_map(|line| line.strip_prefix(&begin));
            line.unwrap_or_default().to_owned()
        };
        for (path, entry) in &snapshot.files {
            if path.ends_with(".dist-info/METADATA") {
                let [name, version] = ["Name", "Version"].map(|key| named(&entry.content, key));
                snapshot.distributions.insert(format!("{name} {version}"));
            }
        }
        snapshot
    }

    /// Like [`Snapshot::of`], and runs the commands.
    pub(crate) fn with_commands(environment: &Path) -> Self {
        let mut snapshot = Self::of(environment);
        let commands = snapshot.files.keys().filter(|path| is_command(path));
        snapshot.commands = commands
            .map(|path| {
                let output = Command::new(environment.join(path)).arg("x y").output();
                (path.clone(), format!("{output:?}"))
            })
            .collect();
        snapshot
    }

    fn walk(&mut self, directory: &Path, below: &str) {
        for entry in fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = format!("{below}{name}");
            let kind = entry.file_type().unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o7777;
            if kind.is_dir() {
                // Only the work tree of a clone: Git's index has times.
                if name != ".git" {
                    let content = String::new();
                    let path = format!("{path}/");
                    self.walk(&entry.path(), &path);
                    self.files.insert(path, Entry { mode, content });
                }
                continue;
            }
            let (mode, content) = if kind.is_symlink() {
                let target = fs::read_link(entry.path()).unwrap();
                (0, format!("-> {}", target.display()))
            } else if path.contains("__pycache__/") {
                (mode, String::new())
            } else {
                let bytes = fs::read(entry.path()).unwrap();
                let content = match String::from_utf8(bytes) {
                    Ok(text) if text.len() < 4000 || name == "RECORD" => text,
                    Ok(text) => sha256(text.as_bytes()),
                    Err(error) => sha256(error.as_bytes()),
                };
                (mode, content)
            };
            self.files.insert(path, Entry { mode, content });
        }
    }

    /// The content of the file whose path ends with `end`.
    pub(crate) fn file(&self, end: &str) -> &str {
        let mut found = self.files.iter().filter(|(path, _)| path.ends_with(end));
        found.next().map_or("", |(_, entry)| &entry.content)
    }

    /// The `.dist-info` directories of the distributions that uv installed, with a slash at the end.
    pub(crate) fn by_uv(&self) -> BTreeSet<String> {
        let files = self.files.iter();
        files
            .filter(|(_, entry)| entry.content == "uv")
            .filter_map(|(path, _)| path.strip_suffix("INSTALLER"))
            .map(str::to_owned)
            .collect()
    }

    /// What is compared of distributions that different programs installed: not who installed them, whether they were asked
    /// for, and the order of their files. A command counts as what it does.
    fn regardless_of_installer(&self, distributions: &BTreeSet<String>) -> Self {
        let mut snapshot = self.clone();
        for directory in distributions {
            for name in ["INSTALLER", "REQUESTED"] {
                snapshot.files.remove(&format!("{directory}{name}"));
            }
            let Some(record) = snapshot.files.get_mut(&format!("{directory}RECORD")) else {
                continue;
            };
            let (kept, commands) = without_own_rows(&record.content);
            record.content = kept;
            for path in commands {
                if let Some(entry) = snapshot.files.get_mut(&path) {
                    let done = self.commands.get(&path);
                    entry.content.clone_from(done.unwrap_or(&path));
                }
            }
        }
        snapshot.commands.clear();
        snapshot
    }

    /// The differences from another snapshot, of which uv may have installed some distributions.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let by_uv = other.by_uv();
        let [one, two] = [self, other].map(|one| one.regardless_of_installer(&by_uv));
        let paths: BTreeSet<&String> = one.files.keys().chain(two.files.keys()).collect();
        let shown = |entry: Option<&Entry>| {
            entry.map_or("nothing".to_owned(), |entry| {
                format!("{:o} {:?}", entry.mode, entry.content)
            })
        };
        let mut found: Vec<String> = one
            .distributions
            .symmetric_difference(&two.distributions)
            .map(|one| format!("only one side has {one}"))
            .collect();
        for path in paths {
            let (one, two) = (one.files.get(path), two.files.get(path));
            if one != two {
                found.push(format!("{path}: {} / {}", shown(one), shown(two)));
            }
        }
        found
    }
}

fn is_command(path: &str) -> bool {
    path.strip_prefix("bin/")
        .is_some_and(|name| !OWN_COMMANDS.iter().any(|begin| name.starts_with(begin)))
}

/// The rows of a `RECORD`, sorted, without those that depend on who installed, and the paths of its commands.
fn without_own_rows(record: &str) -> (String, Vec<String>) {
    let mut kept = Vec::new();
    let mut commands = Vec::new();
    for row in record.lines() {
        let row = row.strip_prefix("./").unwrap_or(row);
        let path = row.split(',').next().unwrap_or_default();
        if let Some(at) = path.find("/bin/").filter(|_| path.starts_with("../")) {
            commands.push(path[at + 1..].to_owned());
            kept.push(path);
        } else if !["INSTALLER", "REQUESTED"]
            .iter()
            .any(|name| path.ends_with(&format!(".dist-info/{name}")))
        {
            kept.push(row);
        }
    }
    kept.sort_unstable();
    (kept.join("\n"), commands)
}
