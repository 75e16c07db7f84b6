//! Everything that can be found in the files before anything runs. Pure: what a check on the command line finds, an
//! engine's check finds as well.

use std::collections::BTreeMap;

use crate::build_file::BuildFile;
use crate::diagnostics::{Diagnostics, Document, Findings, Place};
use crate::plan::{Plan, Request};
use crate::project::{Project, ignore_patterns};

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
    /// The ignore file that counts, with its name.
    pub ignore: Option<(String, Vec<u8>)>,
}

/// What the files say.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The build file.
    pub file: BuildFile,
    /// The project.
    pub project: Project,
    /// The patterns of the ignore file.
    pub ignore: Vec<String>,
}

/// What the files are, as far as they can be read, and what is found in them.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The build file.
    pub file: Option<BuildFile>,
    /// The project.
    pub project: Option<Project>,
    /// The patterns of the ignore file.
    pub ignore: Vec<String>,
    /// What was found.
    pub findings: Findings,
}

impl Sources {
    /// Reads the files for a build.
    ///
    /// # Errors
    /// What is wrong with the first file that cannot be read.
    pub fn parse(&self, build_args: &BTreeMap<String, String>) -> Result<Parsed, Diagnostics> {
        let file = BuildFile::parse(&self.name, &self.build_file, build_args)?;
        Ok(Parsed {
            project: self.project(&file.whole())?,
            ignore: self.ignore()?,
            file,
        })
    }

    /// Reads as many of the files as can be read.
    #[must_use]
    pub fn examine(&self, build_args: &BTreeMap<String, String>) -> Examined {
        let text = String::from_utf8_lossy(&self.build_file);
        let document = Document::new(self.name.clone(), "toml", text);
        let mut findings = Findings::new(document.clone());
        let file = BuildFile::parse(&self.name, &self.build_file, build_args)
            .map_err(|mistakes| findings.failed(&mistakes));
        let project = self
            .project(&document.first_line())
            .map_err(|mistakes| findings.failed(&mistakes));
        let ignore = self.ignore().map_err(|mistakes| findings.failed(&mistakes));
        Examined {
            file: file.ok(),
            project: project.ok(),
            ignore: ignore.unwrap_or_default(),
            findings,
        }
    }

    fn project(&self, asked_by: &Place) -> Result<Project, Diagnostics> {
        Project::parse(self.pyproject.as_deref(), self.lock.as_deref(), asked_by)?
            .with_settings(self.settings.as_deref())
    }

    fn ignore(&self) -> Result<Vec<String>, Diagnostics> {
        let file = self.ignore.as_ref();
        file.map_or_else(
            || Ok(Vec::new()),
            |(name, bytes)| ignore_patterns(name, bytes),
        )
    }
}

impl Examined {
    /// The plan for a request that has the ignore file's patterns, if nothing stands against one, and what is found with it.
    #[must_use]
    pub fn plan(&self, request: &Request) -> (Option<Plan>, Findings) {
        let mut findings = self.findings.clone();
        let mut plan = None;
        if let (Some(file), Some(project)) = (&self.file, &self.project) {
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
        (plan, findings)
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
                ..Sources::default()
            };
            let request = Request::on(Platform::parse("linux/amd64").unwrap());
            let (plan, findings) = sources.examine(&BTreeMap::new()).plan(&request);
            let findings = findings.sorted();
            let rule = |one: &crate::diagnostics::Diagnostic| one.rule.map(crate::rules::Rule::id);
            let mistakes: Vec<_> = findings.mistakes.iter().map(rule).collect();
            let warnings: Vec<_> = findings.warnings.iter().map(|one| one.rule.id()).collect();
            (mistakes, warnings, plan.is_some())
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
