//! Versions that come from the Git repository when the wheel is built: whether the build has the repository and `git`.

use super::reader::{ContextReader, FileKind};
use super::warning::warning;
use crate::build_file::{HookPoint, InstallMode};
use crate::diagnostics::{Span, Warning};
use crate::paths::Patterns;
use crate::plan::ContextFiles;
use crate::project::VersionFromGit;
use crate::resolve::{GIT, Resolved};
use crate::rules::Rule;

/// A file that every repository has.
const HEAD: &str = ".git/HEAD";
/// The file of a clone without the whole history.
const SHALLOW: &str = "shallow";

/// What sets the version of the wheel from Git; `None` if the build file gives the version.
fn tool<'a>(resolved: &Resolved<'a>) -> Option<&'a VersionFromGit> {
    let tool = resolved.project.pyproject.version_from_git.as_ref()?;
    let mut env = resolved.build_env().chain(resolved.source_env());
    let is_given = env.any(|(name, _)| name == tool.bypass);
    (resolved.install == InstallMode::Wheel && !is_given).then_some(tool)
}

/// `files` is the project's source.
pub(super) fn find(resolved: &Resolved<'_>, files: Option<&ContextFiles>) -> Vec<Warning> {
    let (Some(tool), Some(files)) = (tool(resolved), files) else {
        return Vec::new();
    };
    let name = tool.tool;
    let report = |what, hint| warning(Rule::VersionFromGit, &tool.span, what, hint);
    if !tool.applies {
        return vec![report(
            format!("`{name}` is enabled, but `[project]` has a version of its own, which stays as it is"),
            "replace it with `dynamic = [\"version\"]`, and add `version = \"0.0.0\"` to `[tool.poetry]`".to_owned(),
        )];
    }
    if !tool.by_backend && !resolved.has_plugin(name) {
        return vec![report(
            format!("`{name}` is enabled, but nothing runs it: the version stays as it is here"),
            format!("add `plugins = [{name:?}]` to `[poetry]`"),
        )];
    }
    let mut found = Vec::new();
    // Without a match, `.git` in `include` is an error.
    let included = resolved.file.source.include.iter().flatten();
    let mut included = included.map(|pattern| pattern.value.as_str());
    if !has_repository(files) && !included.any(|pattern| pattern == GIT) {
        let bypass = tool.bypass;
        found.push(report(
            format!("`{name}` reads the version from Git, but the wheel is built without `.git`"),
            format!(
                "add `include = [\".\", \".git\"]` to `[source]`, or give the version there: `env = {{ {bypass} = \"${{VERSION}}\" }}`"
            ),
        ));
    }
    if lacks_git(resolved) {
        found.push(report(
            format!("`{name}` runs `git`, which the builder does not have"),
            "add `packages = [\"git\"]` to `[build]`".to_owned(),
        ));
    }
    found
}

/// The files with the repository, and where the project asks for the version.
pub(super) fn repository(
    resolved: &Resolved<'_>,
    files: Option<&ContextFiles>,
) -> Option<(ContextFiles, Span)> {
    let tool = tool(resolved).filter(|tool| tool.applies)?;
    let files = files.filter(|files| has_repository(files))?;
    Some((files.clone(), tool.span.clone()))
}

fn has_repository(files: &ContextFiles) -> bool {
    let is_included = files.include.is_empty() || Patterns::new(&files.include).matches(HEAD);
    is_included && !Patterns::new(&files.exclude).matches(HEAD)
}

/// Whether the builder is certainly without `git`: an official image has it unless its variant is a small one.
fn lacks_git(resolved: &Resolved<'_>) -> bool {
    let base = resolved.build_base().familiar();
    let is_small =
        base.starts_with("python:") && ["slim", "alpine"].iter().any(|one| base.contains(one));
    let packages = &resolved.file.build.packages;
    let hooks = &resolved.file.hooks;
    is_small
        // Git dependencies bring it.
        && resolved.repositories.is_empty()
        && packages.iter().all(|package| !package.value.starts_with("git"))
        && hooks.iter().all(|hook| hook.at != HookPoint::AfterPackages)
}

/// Reports a repository that lacks what a version is made of.
///
/// # Errors
/// The context cannot be read.
pub(super) async fn lint<R: ContextReader>(
    reader: &R,
    span: &Span,
) -> Result<Option<Warning>, R::Error> {
    let report = |what: &str, hint: &str| Some(warning(Rule::VersionFromGit, span, what, hint));
    let entries = reader.list("", GIT).await?;
    let git = entries.iter().find(|entry| entry.name == GIT);
    if git.is_some_and(|git| git.kind == FileKind::File) {
        return Ok(report(
            "the version comes from Git, but `.git` only names a repository outside the build context",
            "build from a clone, not from a worktree or a submodule",
        ));
    }
    let is_shallow = git.is_some() && !reader.list(GIT, SHALLOW).await?.is_empty();
    Ok(is_shallow
        .then(|| {
            report(
                "the version comes from Git, but the repository is a shallow clone, which may lack the tags",
                "run `git fetch --unshallow --tags`; in a workflow, check out with `fetch-depth: 0`",
            )
        })
        .flatten())
}

#[cfg(test)]
mod tests {
    use testkit::Project;

    use super::super::fixture::{plan, service};
    use super::*;

    const ENABLED: &str = "[tool.poetry-dynamic-versioning]\nenable = true\n";

    /// A project that leaves its version to the plugin.
    fn dynamic() -> Project {
        service()
            .without_version()
            .dynamic("version")
            .in_tool_poetry("version = '0.0.0'")
    }

    /// A project whose backend sets the version.
    fn by_backend() -> Project {
        let requires = ["poetry-core", "poetry-dynamic-versioning>=1,<2"];
        dynamic()
            .build_system(requires, "poetry_dynamic_versioning.backend")
            .at_end(ENABLED)
    }

    /// The messages, and whether the repository is looked into.
    fn found(project: &Project, build_file: &str) -> (Vec<String>, bool) {
        let plan = plan(&project.clone().with_build_file(build_file));
        let warnings = plan.warnings.iter();
        let found = warnings.filter(|warning| warning.rule == Rule::VersionFromGit);
        let messages = found.map(|warning| {
            assert_eq!(warning.span.document().name(), "pyproject.toml");
            let range = warning.span.range();
            let marked = &warning.span.document().text()[range];
            format!(
                "{}: {}",
                marked.lines().next().unwrap_or_default(),
                warning.message
            )
        });
        (messages.collect(), plan.repository.is_some())
    }

    #[test]
    fn a_version_from_git_needs_the_repository_and_git() {
        let no_repository = "[tool.poetry-dynamic-versioning]: `poetry-dynamic-versioning` reads the version from Git, but the wheel is built without `.git`";
        let no_git = "[tool.poetry-dynamic-versioning]: `poetry-dynamic-versioning` runs `git`, which the builder does not have";
        let both = [no_repository, no_git].map(str::to_owned).to_vec();
        let plugin = "[poetry]\nplugins = [\"poetry-dynamic-versioning\"]\n";
        assert_eq!(found(&by_backend(), ""), (both.clone(), false));
        let by_plugin = dynamic().at_end(ENABLED);
        assert_eq!(found(&by_plugin, plugin), (both, false));
        let required = "requires-plugins = { poetry-dynamic-versioning = '>=1' }";
        let required = by_plugin.clone().in_tool_poetry(required);
        let git = "[build]\npackages = [\"git\"]\n";
        assert_eq!(
            found(&required, git),
            (vec![no_repository.to_owned()], false)
        );
        let include = "[source]\ninclude = [\".\", \".git\"]\n";
        assert_eq!(
            found(&by_backend(), include),
            (vec![no_git.to_owned()], true)
        );
        for base in [
            "",
            "[build]\nbase = \"python:3.13-bookworm\"\n",
            "[build]\nbase = \"org/builder:1\"\n",
        ] {
            let git = if base.is_empty() { git } else { base };
            assert_eq!(
                found(&by_backend(), &format!("{include}{git}")),
                (Vec::new(), true)
            );
        }
    }

    #[test]
    fn a_version_that_the_build_file_gives_needs_no_repository() {
        for table in ["source", "build"] {
            let given =
                format!("[{table}]\nenv = {{ POETRY_DYNAMIC_VERSIONING_BYPASS = \"1.0\" }}\n");
            assert_eq!(found(&by_backend(), &given), (Vec::new(), false), "{table}");
        }
        for other in [
            "enable = false",
            "enable = true\nvcs = 'mercurial'",
            "enable = true\nfrom-file = { source = 'VERSION' }",
        ] {
            let other = format!("[tool.poetry-dynamic-versioning]\n{other}\n");
            let project =
                by_backend().with_pyproject(&by_backend().pyproject().replace(ENABLED, &other));
            assert_eq!(found(&project, ""), (Vec::new(), false), "{other}");
        }
    }

    #[test]
    fn a_plugin_without_effect_is_reported() {
        let (without, _) = found(&service().at_end(ENABLED), "");
        assert_eq!(
            without,
            [
                "[tool.poetry-dynamic-versioning]: `poetry-dynamic-versioning` is enabled, but `[project]` has a version of its own, which stays as it is"
            ]
        );
        let (without, _) = found(&dynamic().at_end(ENABLED), "");
        assert_eq!(
            without,
            [
                "[tool.poetry-dynamic-versioning]: `poetry-dynamic-versioning` is enabled, but nothing runs it: the version stays as it is here"
            ]
        );
    }

    #[test]
    fn other_backends_that_read_the_version_from_git_are_known() {
        let project = Project::new("service")
            .without_version()
            .dynamic("version")
            .script("serve", "service.web:main")
            .build_system(["setuptools", "setuptools-scm"], "setuptools.build_meta");
        let (found, _) = found(&project, "");
        assert_eq!(found.len(), 2);
        assert!(
            found[0].contains("`setuptools-scm` reads the version from Git"),
            "{found:?}"
        );
    }
}
