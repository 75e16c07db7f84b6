//! Scripts whose module is missing from the source.

use crate::build_file::InstallMode;
use crate::project::{PackageInclude, Pyproject, normalised};
use crate::rules::Rule;

use super::warning::warning;
use crate::plan::{ContextFiles, WarnIfMissing};
use crate::resolve::Resolved;

pub(super) fn find(resolved: &Resolved<'_>, files: &ContextFiles) -> Vec<WarnIfMissing> {
    let pyproject = &resolved.project.pyproject;
    // For other build backends, neither the scripts nor the location of modules is known.
    if resolved.install != InstallMode::Wheel || !pyproject.built_by_poetry {
        return Vec::new();
    }
    pyproject
        .scripts
        .iter()
        .filter_map(|script| {
            let module = script.module()?;
            if !is_of_project(resolved, module) {
                return None;
            }
            Some(WarnIfMissing {
                any_of: paths(pyproject, module, &[""]),
                files: files.clone(),
                warning: warning(
                    Rule::ScriptTargetMissing,
                    &script.span,
                    format!("the script `{}` runs `{module}`, which is not in the source", script.name),
                    "check the module's name, and that `packages` and the ignore file do not exclude it",
                ),
            })
        })
        .collect()
}

/// Whether a module can only be the project's own: no locked package has its name.
pub(super) fn is_of_project(resolved: &Resolved<'_>, module: &str) -> bool {
    let first = module.split('.').next().unwrap_or_default();
    let plain = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let named = |name: &str| normalised(name) == normalised(first);
    !first.is_empty()
        && module
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(plain))
        && !resolved
            .project
            .lock
            .packages
            .iter()
            .any(|package| named(&package.name))
}

/// Patterns that match a module: `a/b.py`, or below the directory `a/b`, in each place where the project has packages.
/// `more` are appended to the path of the directory.
pub(super) fn paths(pyproject: &Pyproject, module: &str, more: &[&str]) -> Vec<String> {
    let roots = match &pyproject.wheel_files.packages {
        Some(packages) => packages.iter().map(PackageInclude::root).collect(),
        None => vec![String::new(), "src".to_owned()],
    };
    let path = module.replace('.', "/");
    let mut patterns = Vec::new();
    for root in roots {
        let path = match root.as_str() {
            "" => path.clone(),
            root => format!("{root}/{path}"),
        };
        // Compiled modules do not end in `.py`.
        patterns.push(format!("{path}.*"));
        patterns.extend(more.iter().map(|more| format!("{path}{more}")));
    }
    patterns
}

#[cfg(test)]
mod tests {
    use testkit::Package;

    use super::super::fixture::{line, plan, service};

    #[test]
    fn the_module_of_each_script_must_be_in_the_source() {
        let project = service()
            .package_from("service", "lib")
            .at_end(
                r#"
                [tool.poetry.scripts]
                admin = { reference = "service.cli:run", type = "console" }
                other = "a:main"
                "#,
            )
            .locked(Package::new("a", "1"))
            .with_build_file(
                r#"
                [runtime]
                entrypoint = ["serve"]
                "#,
            );
        let plan = plan(&project);
        let missing: Vec<String> = plan
            .warn_if_missing
            .iter()
            .map(|missing| line(&missing.warning))
            .collect();
        assert_eq!(
            missing,
            [
                "pyproject.toml:8 ScriptTargetMissing: the script `serve` runs `service.web`, which is not in the source",
                "pyproject.toml:18 ScriptTargetMissing: the script `admin` runs `service.cli`, which is not in the source",
            ]
        );
        assert_eq!(
            plan.warn_if_missing[0].any_of,
            ["lib/service/web.*", "lib/service/web"]
        );
    }

    #[test]
    fn without_packages_the_module_is_at_the_top_or_in_src() {
        let plan = plan(&service());
        assert_eq!(
            plan.warn_if_missing[0].any_of,
            [
                "service/web.*",
                "service/web",
                "src/service/web.*",
                "src/service/web"
            ]
        );
    }
}
