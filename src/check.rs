//! Everything that can be found in the files before anything runs. Pure: what a check on the command line finds, an
//! engine's check finds as well.

use std::collections::BTreeMap;

use crate::build_file::BuildFile;
use crate::diagnostics::{Document, Findings};
use crate::plan::{Plan, Request};
use crate::project::Project;

/// The files, as they are; `None` is a file that is not there.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The build file's name.
    pub name: String,
    /// The build file.
    pub build_file: Vec<u8>,
    /// `pyproject.toml`.
    pub pyproject: Option<Vec<u8>>,
    /// `poetry.lock`.
    pub lock: Option<Vec<u8>>,
    /// `poetry.toml`.
    pub settings: Option<Vec<u8>>,
}

/// What the files are, as far as they can be read, and what is found in them.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The build file.
    pub file: Option<BuildFile>,
    /// The project.
    pub project: Option<Project>,
    /// The plan, if nothing stands against one.
    pub plan: Option<Plan>,
    /// What was found.
    pub findings: Findings,
}

/// Reads and plans as far as that goes.
#[must_use]
pub fn examine(
    sources: &Sources,
    build_args: &BTreeMap<String, String>,
    request: &Request,
) -> Examined {
    let text = String::from_utf8_lossy(&sources.build_file);
    let document = Document::new(sources.name.clone(), "toml", text);
    let mut findings = Findings::new(document.clone());
    let file = BuildFile::parse(&sources.name, &sources.build_file, build_args)
        .map_err(|mistakes| findings.failed(&mistakes))
        .ok();
    let project = Project::parse(
        sources.pyproject.as_deref(),
        sources.lock.as_deref(),
        &document.first_line(),
    )
    .and_then(|project| project.with_settings(sources.settings.as_deref()))
    .map_err(|mistakes| findings.failed(&mistakes))
    .ok();
    let mut plan = None;
    if let (Some(file), Some(project)) = (&file, &project) {
        match Plan::new(file, project, request) {
            Ok(made) => {
                findings.warnings.clone_from(&made.warnings);
                plan = Some(made);
            }
            Err(mistakes) => {
                findings.failed(&mistakes);
                findings.warnings = Plan::warnings_of(file, project, request);
            }
        }
    }
    Examined {
        file,
        project,
        plan,
        findings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build_file::DEFAULT_NAME;
    use crate::image::Platform;

    #[test]
    fn mistakes_of_all_files_and_warnings_are_found_at_once() {
        let examined = |build_file: &str, lock: &str| {
            let sources = Sources {
                name: DEFAULT_NAME.to_owned(),
                build_file: build_file.as_bytes().to_vec(),
                pyproject: Some(b"[project]\nname = \"a\"\n".to_vec()),
                lock: Some(lock.as_bytes().to_vec()),
                settings: None,
            };
            let request = Request::on(Platform::parse("linux/amd64").unwrap());
            let found = examine(&sources, &BTreeMap::new(), &request);
            let findings = found.findings.sorted();
            let rule = |one: &crate::diagnostics::Diagnostic| one.rule.map(crate::rules::Rule::id);
            let mistakes: Vec<_> = findings.mistakes.iter().map(rule).collect();
            let warnings: Vec<_> = findings.warnings.iter().map(|one| one.rule.id()).collect();
            (mistakes, warnings, found.plan.is_some())
        };
        let lock = "[metadata]\nlock-version = \"2.1\"\npython-versions = \">=3.9\"\ncontent-hash = \"x\"\n";
        let (mistakes, warnings, planned) = examined("[x]\n", "[metadata\n");
        assert_eq!(
            (mistakes, warnings, planned),
            (vec![None, None], vec![], false)
        );
        let (mistakes, warnings, _) = examined("[runtime]\nenv = { API_TOKEN = \"a\" }\n", lock);
        assert_eq!(mistakes, [None, Some("StaleLock")]);
        assert_eq!(warnings, ["SecretInEnv"]);
        let right = "[runtime]\nenv = { API_TOKEN = \"a\" }\nentrypoint = [\"sh\"]\n[check]\nskip = [\"StaleLock\"]\n";
        let (mistakes, warnings, planned) = examined(right, lock);
        assert_eq!(
            (mistakes, warnings, planned),
            (vec![], vec!["SecretInEnv"], true)
        );
    }
}
