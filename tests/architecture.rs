//! The source keeps to the rooms of ARCHITECTURE.md: no import against the table, and no cycle between files.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMacro, ItemMod, UseTree};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
const PAGE: &str = include_str!("../ARCHITECTURE.md");

/// A module by its path from the crate's root.
type Module = Vec<String>;

/// The files of the crate, and which other files each imports.
#[derive(Default)]
struct Source {
    /// The file of each module.
    files: BTreeMap<Module, PathBuf>,
    imports: BTreeMap<Module, BTreeSet<Module>>,
}

impl Source {
    fn read() -> Self {
        let mut source = Self::default();
        let mut parsed = Vec::new();
        source.parse(Path::new(SOURCE).join("lib.rs"), Vec::new(), &mut parsed);
        for (module, file) in parsed {
            let mut imports = Imports {
                source: &source,
                module: &module,
                found: BTreeSet::new(),
            };
            imports.visit_file(&file);
            let mut found = imports.found;
            found.remove(&module);
            source.imports.insert(module, found);
        }
        source
    }

    /// Parses a module's file and those of the modules that it declares, but for tests.
    fn parse(&mut self, path: PathBuf, module: Module, parsed: &mut Vec<(Module, syn::File)>) {
        let text = fs::read_to_string(&path).unwrap();
        let file = syn::parse_file(&text).unwrap();
        let directory = match path.file_name().and_then(|name| name.to_str()) {
            Some("lib.rs" | "mod.rs") => path.parent().unwrap().to_owned(),
            _ => path.with_extension(""),
        };
        for item in &file.items {
            if let Item::Mod(declared) = item
                && declared.content.is_none()
                && !is_test(&declared.attrs)
            {
                let name = declared.ident.to_string();
                let beside = directory.join(format!("{name}.rs"));
                let below = directory.join(&name).join("mod.rs");
                let path = if beside.exists() { beside } else { below };
                self.parse(path, [&module[..], &[name]].concat(), parsed);
            }
        }
        self.files.insert(module.clone(), path);
        parsed.push((module, file));
    }

    /// The module of the file that a path leads to: the longest beginning that is one.
    fn owner(&self, path: &[String]) -> Module {
        let mut path = path.to_vec();
        while !self.files.contains_key(&path) {
            path.pop();
        }
        path
    }

    fn name(&self, module: &Module) -> String {
        let path = self.files[module].strip_prefix(SOURCE).unwrap();
        path.display().to_string()
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// The modules of this crate that a file names, in `use` lines and in paths.
struct Imports<'a> {
    source: &'a Source,
    module: &'a Module,
    found: BTreeSet<Module>,
}

impl Imports<'_> {
    fn tree(&mut self, tree: &UseTree, path: &[String]) {
        match tree {
            UseTree::Path(part) => {
                let path = [path, &[part.ident.to_string()]].concat();
                self.tree(&part.tree, &path);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(tree, path);
                }
            }
            UseTree::Name(name) => self.path(&[path, &[name.ident.to_string()]].concat()),
            UseTree::Rename(name) => self.path(&[path, &[name.ident.to_string()]].concat()),
            UseTree::Glob(_) => self.path(path),
        }
    }

    fn path(&mut self, path: &[String]) {
        let mut start = self.module.clone();
        let mut rest = path;
        let below = |name: &String| {
            let child = [&self.module[..], std::slice::from_ref(name)].concat();
            self.source.files.contains_key(&child)
        };
        match path.first().map(String::as_str) {
            Some("crate") => {
                start.clear();
                rest = &path[1..];
            }
            Some("self") => rest = &path[1..],
            Some("super") => {}
            // A `use` of a child module, or a path that begins with one.
            Some(_) if below(&path[0]) => {}
            _ => return,
        }
        while rest.first().is_some_and(|part| part == "super") {
            start.pop();
            rest = &rest[1..];
        }
        let rest: Vec<String> = rest
            .iter()
            .filter(|part| *part != "self")
            .cloned()
            .collect();
        let found = self.source.owner(&[start, rest].concat());
        self.found.insert(found);
    }
}

impl<'ast> Visit<'ast> for Imports<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test(&item.attrs) {
            self.tree(&item.tree, &[]);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts = path.segments.iter().map(|part| part.ident.to_string());
        let parts: Vec<String> = parts.collect();
        if parts.len() > 1 || matches!(parts.first().map(String::as_str), Some("crate" | "super")) {
            self.path(&parts);
        }
        visit::visit_path(self, path);
    }

    /// `pub(super)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    /// The body of a macro is not Rust yet.
    fn visit_item_macro(&mut self, _: &'ast ItemMacro) {}
}

/// The table of the page: each room, and the rooms that it may use.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let rows = PAGE
        .lines()
        .skip_while(|line| !line.starts_with("| room |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [room, _, uses] = cells[..] else {
            panic!("a row of the table has three cells: {row}")
        };
        (code(room).into_iter().next().unwrap(), code(uses))
    })
    .collect()
}

/// The words in backticks.
fn code(cell: &str) -> BTreeSet<String> {
    let words = cell.split('`').skip(1).step_by(2);
    words
        .map(|word| word.trim_end_matches('/').to_owned())
        .collect()
}

#[test]
fn rooms_use_only_what_the_table_allows() {
    let (source, table) = (Source::read(), table());
    let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (module, imports) in &source.imports {
        let Some(room) = module.first() else { continue };
        let own = used.entry(room).or_default();
        for import in imports {
            let Some(other) = import.first().filter(|other| *other != room) else {
                continue;
            };
            own.insert(other);
            if !table
                .get(room)
                .is_some_and(|allowed| allowed.contains(other))
            {
                wrong.push(format!(
                    "{} imports {}",
                    source.name(module),
                    source.name(import)
                ));
            }
        }
    }
    let rooms: BTreeSet<&str> = used.keys().copied().collect();
    let listed: BTreeSet<&str> = table.keys().map(String::as_str).collect();
    assert_eq!(
        rooms, listed,
        "the rooms of src/ and those of ARCHITECTURE.md"
    );
    assert!(
        wrong.is_empty(),
        "against the table of ARCHITECTURE.md:\n{}",
        wrong.join("\n")
    );
    for (room, allowed) in &table {
        let allowed: BTreeSet<&str> = allowed.iter().map(String::as_str).collect();
        let unused: Vec<_> = allowed.difference(&used[room.as_str()]).collect();
        assert!(
            unused.is_empty(),
            "`{room}` no longer uses {unused:?}: correct ARCHITECTURE.md"
        );
    }
}

#[test]
fn a_lower_room_never_uses_a_higher_one() {
    let table = table();
    let order: Vec<&str> = PAGE
        .lines()
        .skip_while(|line| !line.starts_with("| room |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .filter_map(|row| row.split('`').nth(1))
        .collect();
    for (height, room) in order.iter().enumerate() {
        for used in &table[room.trim_end_matches('/')] {
            let lower = order[..height]
                .iter()
                .any(|one| one.trim_end_matches('/') == used);
            assert!(
                lower,
                "`{room}` uses `{used}`, which the table lists below it"
            );
        }
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let source = Source::read();
    let (mut done, mut circles) = (BTreeSet::new(), Vec::new());
    for module in source.imports.keys() {
        follow(&source, module, &mut Vec::new(), &mut done, &mut circles);
    }
    assert!(
        circles.is_empty(),
        "these files import each other:\n{}",
        circles.join("\n")
    );
}

/// Follows the imports of a module, and writes down the circles among them.
fn follow(
    source: &Source,
    module: &Module,
    path: &mut Vec<Module>,
    done: &mut BTreeSet<Module>,
    circles: &mut Vec<String>,
) {
    if let Some(start) = path.iter().position(|one| one == module) {
        let circle = path[start..].iter().chain([module]);
        let names: Vec<String> = circle.map(|one| source.name(one)).collect();
        circles.push(names.join(" -> "));
    } else if !done.contains(module) {
        path.push(module.clone());
        for import in &source.imports[module] {
            follow(source, import, path, done, circles);
        }
        path.pop();
        done.insert(module.clone());
    }
}
