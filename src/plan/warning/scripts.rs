//! Scripts whose modules the source does not have.

use crate::build_file::InstallMode;
use crate::project::{Pyproject, normalised};
use crate::rules::Rule;

use super::super::{ContextFiles, Inputs};
use super::{Suspected, warning};

/// Where a project may say what its scripts are.
const TABLES: [&[&str]; 2] = [&["project", "scripts"], &["tool", "poetry", "scripts"]];

pub(super) fn find(inputs: &Inputs<'_>, files: &ContextFiles) -> Vec<Suspected> {
    let pyproject = &inputs.project.pyproject;
    // What another backend makes of its scripts is not known, nor where it has its modules.
    if inputs.install != InstallMode::Wheel || !pyproject.built_by_poetry {
        return Vec::new();
    }
    let scripts = TABLES
        .into_iter()
        .flat_map(|table| scripts(pyproject, table));
    scripts
        .filter_map(|(path, script, target)| {
            let module = target.split([':', '[']).next()?.trim();
            if !is_of_project(inputs, module) {
                return None;
            }
            let names: Vec<&str> = path.iter().map(String::as_str).collect();
            let place = pyproject.document.place_of(&names)?;
            Some(Suspected {
                any_of: paths(pyproject, module, &[""]),
                files: files.clone(),
                otherwise: warning(
                    Rule::ScriptTargetMissing,
                    &place,
                    format!("the script `{script}` runs `{module}`, which is not in the source"),
                    "correct the module's name, or check that `packages` and the ignore file do not leave it out",
                ),
            })
        })
        .collect()
}

/// The scripts of a table: path, name and target.
fn scripts<'a>(
    pyproject: &'a Pyproject,
    table: &'a [&str],
) -> impl Iterator<Item = (Vec<String>, &'a String, &'a str)> {
    let found = table
        .iter()
        .try_fold(&pyproject.table, |table, key| table.get(*key)?.as_table());
    found.into_iter().flatten().filter_map(|(name, value)| {
        let target = match value {
            toml::Value::Table(table) if table.get("type")?.as_str()? == "console" => {
                table.get("reference")?.as_str()?
            }
            value => value.as_str()?,
        };
        let path = table.iter().map(|&key| key.to_owned());
        Some((path.chain([name.clone()]).collect(), name, target))
    })
}

/// Whether a module can only be the project's own: no locked package is called like it.
pub(super) fn is_of_project(inputs: &Inputs<'_>, module: &str) -> bool {
    let first = module.split('.').next().unwrap_or_default();
    let plain = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let named = |name: &str| normalised(name) == normalised(first);
    !first.is_empty()
        && module
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(plain))
        && !inputs
            .project
            .lock
            .packages
            .iter()
            .any(|package| named(&package.name))
}

/// Where a module may be: `a/b.py` or a folder `a/b` in any place where the project has its packages; `more` are paths in
/// that folder.
pub(super) fn paths(pyproject: &Pyproject, module: &str, more: &[&str]) -> Vec<String> {
    let mut roots: Vec<String> = pyproject
        .packages
        .iter()
        .map(|package| package.from.clone().unwrap_or_default())
        .collect();
    if roots.is_empty() {
        roots = vec![String::new(), "src".to_owned()];
    }
    let path = module.replace('.', "/");
    let mut found = Vec::new();
    for root in roots {
        let path = match root.trim_matches('/') {
            "" | "." => path.clone(),
            root => format!("{root}/{path}"),
        };
        // Compiled modules end in something else than `.py`.
        found.push(format!("{path}.*"));
        found.extend(more.iter().map(|more| format!("{path}{more}")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{PYPROJECT, line, plan};

    #[test]
    fn the_module_of_each_script_is_looked_for() {
        let pyproject = format!(
            "{PYPROJECT}[tool.poetry]\npackages = [{{ include = \"service\", from = \"lib\" }}]\n[tool.poetry.scripts]\nadmin = {{ reference = \"service.cli:run\", type = \"console\" }}\nother = \"a:main\"\n"
        );
        let packages = super::super::fixture::package("a", "main", true);
        let plan = plan(
            "[runtime]\nentrypoint = [\"serve\"]\n",
            &pyproject,
            &packages,
            &[],
        );
        let told: Vec<String> = plan
            .suspected
            .iter()
            .map(|one| line(&one.otherwise))
            .collect();
        assert_eq!(
            told,
            [
                "pyproject.toml:5 ScriptTargetMissing: the script `serve` runs `service.web`, which is not in the source",
                "pyproject.toml:9 ScriptTargetMissing: the script `admin` runs `service.cli`, which is not in the source",
            ]
        );
        assert_eq!(
            plan.suspected[0].any_of,
            ["lib/service/web.*", "lib/service/web"]
        );
    }

    #[test]
    fn without_packages_the_module_is_in_one_of_two_places() {
        let plan = plan("", PYPROJECT, "", &[]);
        assert_eq!(
            plan.suspected[0].any_of,
            [
                "service/web.*",
                "service/web",
                "src/service/web.*",
                "src/service/web"
            ]
        );
    }
}
