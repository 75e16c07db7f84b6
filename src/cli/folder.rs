//! A project in a folder of this machine: what a build of it would be asked for, and what its build context holds.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::arguments::{Given, Opt};
use super::{Error, Operand};
use crate::build_file::{DEFAULT_NAME, Switches};
use crate::check::Sources;
use crate::diagnostics::{Diagnostic, Findings, Warning};
use crate::image::Platform;
use crate::plan::{
    ContextFile, ContextFiles, Plan, Request, SourceFile, dev_only_imports, in_context,
    python_sources,
};
use crate::project::{IGNORE, LOCK, PYPROJECT, Patterns, Project, SETTINGS};
use crate::rules::Rule;

/// The build argument of engines' own checks of Dockerfiles.
const CHECKS: &str = "BUILDKIT_DOCKERFILE_CHECK";
/// More files than any project has.
const MOST_FILES: usize = 200_000;
/// What a file that decides a build is read up to; larger ones are told where they are parsed.
const LARGEST: u64 = 5 << 20;

/// What says which build is meant, as for `docker buildx build`.
pub(super) const OPTIONS: &[Opt] = &[
    Opt::value(
        "file",
        "FILE",
        "the build file; default: `poetry.build.toml` in the folder",
    )
    .short('f'),
    Opt::value(
        "target",
        "NAME",
        "the image or stage that is built; default: `runtime`",
    ),
    Opt::value(
        "platform",
        "PLATFORM",
        "what the image runs on, such as `linux/arm64`; default: this machine",
    ),
    Opt::value(
        "build-arg",
        "NAME=VALUE",
        "a build argument; may be given several times",
    ),
    Opt::value(
        "build-context",
        "NAME=FOLDER",
        "a named context; may be given several times",
    ),
];

pub(super) const FOLDER: Operand = Operand {
    name: "FOLDER",
    about: "the project's folder; default: the working directory",
    required: false,
    choices: Vec::new,
};

/// A project and what is asked of it.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) sources: Sources,
    pub(super) build_args: BTreeMap<String, String>,
    pub(super) request: Request,
    named: BTreeMap<String, PathBuf>,
}

impl Folder {
    /// Reads what the options name.
    pub(super) fn read(given: &Given) -> Result<Self, Error> {
        let path = PathBuf::from(given.operands.first().map_or(".", String::as_str));
        Self::at(path, given)
    }

    /// Reads the project in `path`.
    pub(super) fn at(path: PathBuf, given: &Given) -> Result<Self, Error> {
        let build_args = given.pairs("build-arg")?;
        let named = given.pairs("build-context")?;
        let named: BTreeMap<String, PathBuf> = named
            .into_iter()
            .map(|(name, folder)| (name, PathBuf::from(folder)))
            .collect();
        let platform = given.get("platform").map(platform).transpose()?;
        let file = given
            .get("file")
            .map_or_else(|| path.join(DEFAULT_NAME), PathBuf::from);
        let build_file = file_if_there(&file)?.ok_or_else(|| Error::NoBuildFile(file.clone()))?;
        let mut own_ignore = file.clone().into_os_string();
        own_ignore.push(IGNORE);
        let ignore = [PathBuf::from(own_ignore), path.join(IGNORE)];
        let mut ignore = ignore.iter().filter_map(|ignore| {
            let bytes = file_if_there(ignore).transpose()?;
            Some(bytes.map(|bytes| (name_in(&path, ignore), bytes)))
        });
        let ignore = ignore.next().transpose()?;
        let checks = build_args.get(CHECKS).map_or("", String::as_str);
        let request = Request {
            target: given.get("target").map(str::to_owned),
            platform: platform.unwrap_or_else(machine),
            contexts: named.keys().cloned().collect(),
            checks: Switches::parse(checks)?,
            ..request()
        };
        Ok(Self {
            sources: Sources {
                name: name_in(&path, &file),
                build_file,
                pyproject: file_if_there(&path.join(PYPROJECT))?,
                lock: file_if_there(&path.join(LOCK))?,
                settings: file_if_there(&path.join(SETTINGS))?,
                ignore,
            },
            path,
            build_args,
            request,
            named,
        })
    }

    /// The plan, if nothing stands against one, and everything that is found, in the build context as well.
    pub(super) fn examine(&self) -> Result<(Option<Plan>, Findings), Error> {
        let read = self.sources.examine(&self.build_args);
        let request = Request {
            ignore: read.ignore.clone(),
            ..self.request.clone()
        };
        let (plan, mut findings) = read.plan(&request);
        if let (Some(plan), Some(project)) = (&plan, &read.project) {
            let (missing, warnings) = self.in_context(plan, project)?;
            findings.mistakes.extend(missing);
            findings.warnings.extend(warnings);
        }
        Ok((plan, findings.sorted()))
    }

    /// What the plan expects of the context and does not find there, and what is there that should not be.
    fn in_context(
        &self,
        plan: &Plan,
        project: &Project,
    ) -> Result<(Vec<Diagnostic>, Vec<Warning>), Error> {
        let mut listings = Listings::default();
        let mut missing = Vec::new();
        for one in &plan.expected {
            if !listings.of(self, &one.files)?.holds(&one.any_of) {
                missing.push(one.otherwise.clone());
            }
        }
        let mut warnings = Vec::new();
        for one in &plan.suspected {
            if !listings.of(self, &one.files)?.holds(&one.any_of) {
                warnings.push(one.otherwise.clone());
            }
        }
        let checks = &plan.switches;
        for (files, place) in plan.context_parts() {
            let listing = listings.of(self, files)?;
            warnings.extend(in_context(&listing.0, place));
            if checks.looks_at(Rule::DevOnlyImport) && files.context.is_none() {
                let sources = self.python_sources(listing)?;
                let selection = plan.selection.clone();
                warnings.extend(dev_only_imports(project, &selection, &sources));
            }
        }
        warnings.retain(|one| checks.looks_at(one.rule));
        Ok((missing, warnings))
    }

    fn python_sources(&self, listing: &Listing) -> Result<Vec<SourceFile>, Error> {
        let mut sources = Vec::new();
        for file in python_sources(&listing.0) {
            if let Some(bytes) = file_if_there(&self.path.join(&file.path))? {
                sources.push(SourceFile {
                    path: file.path.clone(),
                    text: String::from_utf8_lossy(&bytes).into_owned(),
                });
            }
        }
        Ok(sources)
    }

    /// Where a part of a context is; nothing if that is no folder of this machine.
    fn root(&self, files: &ContextFiles) -> Option<&PathBuf> {
        match &files.context {
            None => Some(&self.path),
            Some(name) => self.named.get(name),
        }
    }

    /// The files of a part of a context.
    pub(super) fn files(&self, files: &ContextFiles) -> Result<Vec<ContextFile>, Error> {
        let Some(root) = self.root(files) else {
            return Ok(Vec::new());
        };
        let walk = Walk {
            root,
            include: (!files.include.is_empty()).then(|| Patterns::new(&files.include)),
            exclude: Patterns::new(&files.exclude),
        };
        let mut found = Vec::new();
        walk.folder("", &mut found)?;
        found.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(found)
    }

    /// The bytes of a file of a part of a context.
    pub(super) fn file(&self, files: &ContextFiles, path: &str) -> Result<Option<Vec<u8>>, Error> {
        self.root(files)
            .map_or(Ok(None), |root| file_if_there(&root.join(path)))
    }
}

struct Walk<'a> {
    root: &'a Path,
    include: Option<Patterns>,
    exclude: Patterns,
}

impl Walk<'_> {
    fn folder(&self, folder: &str, found: &mut Vec<ContextFile>) -> Result<(), Error> {
        let path = self.root.join(folder);
        let failed = |error| Error::Read(path.clone(), error);
        for entry in fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let relative = if folder.is_empty() {
                name.into_owned()
            } else {
                format!("{folder}/{name}")
            };
            let excluded = self.exclude.matches(&relative);
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                if !excluded || self.exclude.has_exceptions() {
                    self.folder(&relative, found)?;
                }
            } else if !excluded
                && found.len() < MOST_FILES
                && self
                    .include
                    .as_ref()
                    .is_none_or(|include| include.matches(&relative))
            {
                let size = entry.metadata().map_err(failed)?.len();
                found.push(ContextFile {
                    path: relative,
                    size,
                });
            }
        }
        Ok(())
    }
}

/// What the context holds, looked at once for each part.
#[derive(Default)]
struct Listings(Vec<(ContextFiles, Listing)>);

struct Listing(Vec<ContextFile>);

impl Listings {
    fn of(&mut self, folder: &Folder, files: &ContextFiles) -> Result<&Listing, Error> {
        let known = self.0.iter().position(|(known, _)| known == files);
        let index = known.unwrap_or(self.0.len());
        if known.is_none() {
            let listing = Listing(folder.files(files)?);
            self.0.push((files.clone(), listing));
        }
        Ok(&self.0[index].1)
    }
}

impl Listing {
    /// Whether a file, or a folder that has one, matches.
    fn holds(&self, any_of: &[String]) -> bool {
        let patterns = Patterns::new(any_of);
        any_of.iter().any(String::is_empty)
            || self.0.iter().any(|file| patterns.matches(&file.path))
    }
}

/// What a build asks for that says nothing else.
pub(super) fn request() -> Request {
    Request::on(machine())
}

/// What images of this machine run on.
fn machine() -> Platform {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    Platform {
        os: "linux".to_owned(),
        architecture: architecture.to_owned(),
        variant: String::new(),
    }
}

fn platform(asked: &str) -> Result<Platform, Error> {
    Platform::parse(asked).ok_or_else(|| Error::Platform(asked.to_owned()))
}

/// A file's name as a build in this folder would call it.
fn name_in(folder: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(folder).unwrap_or(file);
    relative
        .to_string_lossy()
        .trim_start_matches("./")
        .to_owned()
}

/// The bytes of a file; nothing if there is none.
pub(super) fn file_if_there(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    use io::Read as _;
    let failed = |error| Error::Read(path.to_owned(), error);
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some(bytes))
}
