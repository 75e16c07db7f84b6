//! Finds and reads the files that say how a project is built and run.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::arguments::Arguments;
use super::super::context::{self, Content};
use super::super::error::Error;
use crate::build_file::DEFAULT_NAME;
use crate::diagnostics::{Diagnostics, closest};
use crate::dockerfile::Dockerfile;
use crate::moving::{self, Compose, Draft, Files};
use crate::project::Project;

/// Where a Dockerfile is, the most usual place first.
const DOCKERFILES: [&str; 3] = ["Dockerfile", "Containerfile", "docker/Dockerfile"];
const COMPOSE: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];
const PROCFILE: &str = "Procfile";
const PYTHON_VERSION: &str = ".python-version";
/// The value of `--from` that reads nothing.
const NONE: &str = "none";

/// The parsed files.
pub(super) struct Sources {
    /// The first one is of the main image.
    dockerfiles: Vec<Dockerfile>,
    stage: Option<String>,
    compose: Option<Compose>,
    procfile: Option<String>,
    python_version: Option<String>,
    /// The name of the project.
    name: String,
}

/// The files of the project's directory.
pub(super) struct ProjectFiles<'a>(&'a Path);

impl<'a> ProjectFiles<'a> {
    pub(super) fn new(directory: &'a Path) -> Self {
        Self(directory)
    }
}

impl Files for ProjectFiles<'_> {
    fn text(&self, path: &str) -> Option<String> {
        String::from_utf8(context::read(self.0, path).ok()?.bytes()?).ok()
    }

    fn is_file(&self, path: &str) -> bool {
        let inside = crate::paths::inside(path).is_some();
        inside && self.0.join(path).is_file()
    }

    fn is_directory(&self, path: &str) -> bool {
        let inside = crate::paths::inside(path).is_some();
        inside && self.0.join(path).is_dir()
    }
}

impl Sources {
    /// Reads the Dockerfiles that the options name, or those that are there, and the other files.
    pub(super) fn read(
        directory: &Path,
        arguments: &Arguments,
        project: &Project,
    ) -> Result<Result<Self, Diagnostics>, Error> {
        let name = project.pyproject.name.clone().unwrap_or_default();
        let given = arguments.all("from");
        let is_none = given == [NONE];
        let compose = if is_none {
            None
        } else {
            match compose(directory)? {
                Ok(compose) => compose,
                Err(errors) => return Ok(Err(errors)),
            }
        };
        let paths = if given.is_empty() {
            let named = compose
                .as_ref()
                .and_then(|compose| compose.dockerfile(&name));
            found(directory, named)
        } else {
            given
                .iter()
                .filter(|_| !is_none)
                .map(PathBuf::from)
                .collect()
        };
        let mut dockerfiles = Vec::new();
        for path in paths {
            let file = if given.is_empty() {
                directory.join(&path)
            } else {
                path.clone()
            };
            let bytes = context::head(&file).map_err(|error| Error::Read(file.clone(), error))?;
            match Dockerfile::parse(&path.to_string_lossy(), &bytes) {
                Ok(dockerfile) => dockerfiles.push(dockerfile),
                Err(errors) => return Ok(Err(errors)),
            }
        }
        let text = |name: &str| {
            let content = context::read(directory, name).ok().and_then(Content::bytes);
            content.and_then(|bytes| String::from_utf8(bytes).ok())
        };
        let of_compose = compose.as_ref().and_then(|compose| compose.stage(&name));
        let stage = arguments.get("stage").or(of_compose).map(str::to_owned);
        Ok(Ok(Self {
            dockerfiles,
            stage,
            compose,
            procfile: text(PROCFILE).filter(|_| !is_none),
            python_version: text(PYTHON_VERSION),
            name,
        }))
    }

    /// Whether another file than the project's says how it is built or run.
    pub(super) fn is_moved(&self) -> bool {
        !self.dockerfiles.is_empty()
            || self.procfile.is_some()
            || self.compose.as_ref().is_some_and(Compose::has_services)
    }

    pub(super) fn draft(&self, project: &Project, files: &dyn Files) -> Result<Draft, Error> {
        let mut draft = Draft::default();
        for (number, dockerfile) in self.dockerfiles.iter().enumerate() {
            if number == 0 {
                let stage = self.stage(dockerfile)?;
                moving::add_dockerfile(&mut draft, dockerfile, stage, project, files);
            } else {
                moving::add_image(&mut draft, dockerfile, project, files);
            }
        }
        if let Some(compose) = &self.compose {
            compose.add(&mut draft, &self.name);
        }
        if let Some(text) = &self.procfile {
            moving::add_procfile(&mut draft, PROCFILE, text);
        }
        if let Some(text) = &self.python_version {
            moving::add_python_version(&mut draft, PYTHON_VERSION, text, project);
        }
        moving::add_project(&mut draft, project, files);
        Ok(draft)
    }

    /// The position of the image's stage.
    fn stage(&self, dockerfile: &Dockerfile) -> Result<usize, Error> {
        let last = dockerfile.stages.len() - 1;
        let Some(name) = &self.stage else {
            return Ok(last);
        };
        dockerfile
            .stage(name, dockerfile.stages.len())
            .ok_or_else(|| {
                let names: Vec<&str> = dockerfile
                    .stages
                    .iter()
                    .filter_map(|stage| stage.name.as_deref())
                    .collect();
                Error::UnknownStage {
                    name: name.clone(),
                    file: dockerfile.document.name().to_owned(),
                    suggestion: closest(name, names).map(str::to_owned),
                }
            })
    }

    /// The commands that build the image.
    pub(super) fn command(&self, draft: &Draft) -> String {
        let mut commands = String::new();
        let mut contexts = String::new();
        if let Some(dockerfile) = self.dockerfiles.first() {
            for name in draft.contexts.keys() {
                let file = dockerfile.document.name();
                commands.push_str(&format!(
                    "docker buildx build --target {name} --tag {name} --load -f {file} .\n"
                ));
                contexts.push_str(&format!("--build-context {name}=docker-image://{name} "));
            }
        }
        format!("{commands}docker buildx build {contexts}-f {DEFAULT_NAME} .")
    }
}

fn compose(directory: &Path) -> Result<Result<Option<Compose>, Diagnostics>, Error> {
    for name in COMPOSE {
        if let Some(bytes) = context::read(directory, name)?.bytes() {
            return Ok(Compose::parse(name, &bytes).map(Some));
        }
    }
    Ok(Ok(None))
}

/// The Dockerfiles of the project: the one of the compose file or at a usual place, and those beside it with a name.
fn found(directory: &Path, named: Option<&str>) -> Vec<PathBuf> {
    let usual = named.into_iter().chain(DOCKERFILES);
    let is_file =
        |path: &&str| crate::paths::inside(path).is_some() && directory.join(path).is_file();
    let mut paths: Vec<PathBuf> = usual
        .into_iter()
        .find(is_file)
        .map(PathBuf::from)
        .into_iter()
        .collect();
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut further: Vec<PathBuf> = entries
        .map(|entry| PathBuf::from(entry.file_name()))
        .filter(|name| {
            name.extension()
                .is_some_and(|end| end.eq_ignore_ascii_case("dockerfile"))
        })
        .filter(|name| !paths.contains(name))
        .collect();
    further.sort();
    paths.extend(further);
    paths
}
