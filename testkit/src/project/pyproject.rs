//! The text of `pyproject.toml`.

use super::{Lists, Project, Spelling};
use crate::Dependency;
use crate::text::{Tables, key, list, pair, strings};

impl Project {
    pub(super) fn written_pyproject(&self) -> String {
        let mut tables = Tables::default();
        if self.spelling == Spelling::Standard {
            self.project_tables(&mut tables);
        }
        self.poetry_tables(&mut tables);
        if let Some(system) = &self.build_system {
            let requires = format!("requires = {}\n", strings(&system.requires));
            let backend = pair("build-backend", &system.backend);
            tables.add("[build-system]", &(requires + &backend + &system.lines));
        }
        if let Some((header, lines)) = self.end.split_once('\n') {
            tables.add(header, lines);
        }
        tables.text()
    }

    fn project_tables(&self, tables: &mut Tables) {
        let mut own = pair("name", &self.name);
        if let Some(version) = &self.version {
            own += &pair("version", version);
        }
        if let Some(python) = &self.python {
            own += &pair("requires-python", python);
        }
        if !self.dynamic.is_empty() {
            own += &format!("dynamic = {}\n", strings(&self.dynamic));
        }
        let dynamic = self.dynamic.iter().any(|name| name == "dependencies");
        if let Some(dependencies) = self.dependencies.as_ref().filter(|_| !dynamic) {
            own += &format!("dependencies = {}\n", strings(dependencies));
        }
        tables.add("[project]", &(own + &self.standard_lines));
        tables.add_filled(
            "[project.optional-dependencies]",
            &list_lines(&self.optional_dependencies),
        );
        tables.add_filled("[project.scripts]", &script_lines(&self.scripts));
        tables.add_filled("[dependency-groups]", &list_lines(&self.groups));
    }

    fn poetry_tables(&self, tables: &mut Tables) {
        let mut own = String::new();
        let mut dependencies = dependency_lines(&self.poetry_dependencies);
        let mut scripts = String::new();
        if self.spelling == Spelling::Poetry {
            own += &pair("name", &self.name);
            if let Some(version) = &self.version {
                own += &pair("version", version);
            }
            own += "description = \"\"\nauthors = []\n";
            if let Some(python) = &self.python {
                dependencies = pair("python", python) + &dependencies;
            }
            scripts = script_lines(&self.scripts);
        }
        own += &self.tool_lines;
        if !self.packages.is_empty() {
            own += &format!("packages = {}\n", list(&self.packages));
        }
        tables.add_filled("[tool.poetry]", &own);
        tables.add_filled("[tool.poetry.dependencies]", &dependencies);
        tables.add_filled("[tool.poetry.extras]", &list_lines(&self.extras));
        for group in &self.poetry_groups {
            tables.add_filled(
                &format!("[tool.poetry.group.{}.dependencies]", key(&group.name)),
                &dependency_lines(&group.dependencies),
            );
        }
        tables.add_filled("[tool.poetry.scripts]", &scripts);
        if let Some((header, lines)) = self.indexes.split_once('\n') {
            tables.add(header, lines);
        }
    }
}

/// A table of dependencies.
fn dependency_lines(dependencies: &[(String, Dependency)]) -> String {
    let lines = dependencies
        .iter()
        .map(|(name, dependency)| format!("{} = {dependency}\n", key(name)));
    lines.collect()
}

fn list_lines(lists: &Lists) -> String {
    let lines = lists
        .iter()
        .map(|(name, items)| format!("{} = {}\n", key(name), strings(items)));
    lines.collect()
}

fn script_lines(scripts: &[(String, String)]) -> String {
    let lines = scripts.iter().map(|(name, target)| pair(name, target));
    lines.collect()
}
