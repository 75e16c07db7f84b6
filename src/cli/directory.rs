//! A project in a directory of this machine: its files, its build context, and the build that the options request.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{self, Poll, Waker};

use super::arguments::{Arguments, Operand, Opt};
use super::context::{self, Content, Part};
use super::error::Error;
use super::git;
use super::output;
use crate::analysis::{InputFiles, Judgement};
use crate::build_file::{DEFAULT_NAME, Date, RuleSwitches};
use crate::diagnostics::{Diagnostic, Findings};
use crate::export::MatchedPath;
use crate::image::Platform;
use crate::lint::{ContextFile, ContextParts, lint_files};
use crate::paths::{Patterns, ignore_patterns};
use crate::plan::{ContextFiles, Plan};
use crate::project::{IGNORE, LOCK, PYPROJECT, SETTINGS};
use crate::resolve::Request;

/// The build argument that configures checks.
const CHECKS: &str = "BUILDKIT_DOCKERFILE_CHECK";
/// The build argument with the time of the image.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

const FILE: Opt = Opt::value(
    "file",
    "FILE",
    "the build file; default: `poetry.build.toml` in DIRECTORY",
)
.short('f');
const BUILD_ARG: Opt = Opt::value(
    "build-arg",
    "NAME=VALUE",
    "a build argument; can be repeated",
);
const STANDARD: Opt = Opt::value(
    "standard",
    "FILE",
    "the `standard.toml` of a frontend that a platform team made; default: none",
);
const BUILD_CONTEXT: Opt = Opt::value(
    "build-context",
    "NAME=DIRECTORY",
    "a named context; can be repeated",
);

/// The options of `docker buildx build` that select a build.
pub(super) const OPTIONS: &[Opt] = &[
    FILE,
    Opt::value(
        "target",
        "NAME",
        "the image or stage to build; default: `runtime`",
    ),
    Opt::value(
        "platform",
        "PLATFORM",
        "the platform of the image, such as `linux/arm64`; default: that of this machine",
    ),
    BUILD_ARG,
    STANDARD,
    BUILD_CONTEXT,
];

/// Those that select the builds of all targets.
pub(super) const ALL_TARGETS: &[Opt] = &[
    FILE,
    Opt::value(
        "platform",
        "PLATFORM,..",
        "the platforms of the images, such as `linux/amd64,linux/arm64`; default: that of the engine",
    ),
    BUILD_ARG,
    STANDARD,
    BUILD_CONTEXT,
];

pub(super) const DIRECTORY: Operand = Operand {
    name: "DIRECTORY",
    about: "the project's directory; default: the working directory",
    required: false,
    repeated: false,
    choices: Vec::new,
};

fn standard(path: &str) -> Result<Vec<u8>, Error> {
    context::head(Path::new(path)).map_err(|error| Error::Read(path.into(), error))
}

/// A project and the requested build.
pub(super) struct ProjectDirectory {
    pub(super) path: PathBuf,
    pub(super) files: InputFiles,
    pub(super) build_args: BTreeMap<String, String>,
    pub(super) request: Request,
    named: BTreeMap<String, PathBuf>,
}

impl ProjectDirectory {
    /// Reads the project in the directory that the first operand names.
    pub(super) fn from_arguments(arguments: &Arguments) -> Result<Self, Error> {
        let path = PathBuf::from(arguments.operands.first().map_or(".", String::as_str));
        Self::new(path, arguments)
    }

    pub(super) fn new(path: PathBuf, arguments: &Arguments) -> Result<Self, Error> {
        let platform = arguments.get("platform").map(platform).transpose()?;
        Self::on(platform, path, arguments)
    }

    /// The build for a platform; `None` for that of this machine's images.
    pub(super) fn on(
        platform: Option<Platform>,
        path: PathBuf,
        arguments: &Arguments,
    ) -> Result<Self, Error> {
        let build_args = arguments.pairs("build-arg")?;
        let named = arguments.pairs("build-context")?;
        let named: BTreeMap<String, PathBuf> = named
            .into_iter()
            .map(|(name, path)| (name, PathBuf::from(path)))
            .collect();
        let file = arguments
            .get("file")
            .map_or_else(|| path.join(DEFAULT_NAME), PathBuf::from);
        // The user names the build file, so it may be outside the directory.
        let build_file = match context::head(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::NoBuildFile(file));
            }
            Err(error) => return Err(Error::Read(file, error)),
        };
        let mut unreadable = Vec::new();
        let mut read = |root: &Path, name: &str| -> Result<Option<Vec<u8>>, Error> {
            let content = context::read(root, name)?;
            if let Content::Unreadable(reason) = content {
                unreadable.push((name.to_owned(), reason));
            }
            Ok(content.bytes())
        };
        let name = name_in(&path, &file);
        let own_ignore = format!("{name}{IGNORE}");
        let parent = file.parent().unwrap_or(Path::new(""));
        let own_name = file.file_name().unwrap_or_default().to_string_lossy();
        let ignore = match read(parent, &format!("{own_name}{IGNORE}"))? {
            Some(bytes) => Some((own_ignore, bytes)),
            None => read(&path, IGNORE)?.map(|bytes| (IGNORE.to_owned(), bytes)),
        };
        let epoch = build_args.get(EPOCH).and_then(|epoch| epoch.parse().ok());
        let checks = build_args.get(CHECKS).map_or("", String::as_str);
        let request = Request {
            target: arguments.get("target").map(str::to_owned),
            platform: platform.unwrap_or_else(machine),
            contexts: named.keys().cloned().collect(),
            rules: RuleSwitches::parse(checks)?,
            today: epoch.map(Date::of_seconds),
            ..request()
        };
        let directory = Self {
            files: InputFiles {
                name,
                build_file,
                pyproject: read(&path, PYPROJECT)?,
                lock: read(&path, LOCK)?,
                settings: read(&path, SETTINGS)?,
                ignore,
                standard: None,
                unreadable,
            },
            path,
            build_args,
            request,
            named,
        };
        Ok(match arguments.get("standard") {
            Some(path) => directory.with_standard(standard(path)?),
            None => directory,
        })
    }

    /// Applies the contents of a `standard.toml`.
    pub(super) fn with_standard(mut self, standard: Vec<u8>) -> Self {
        self.files.standard = Some(standard);
        self.request.repository = git::origin(&self.path);
        self
    }

    /// The plan, unless there are errors, and all findings, including those about the build context.
    pub(super) fn inspect(&self) -> Result<(Option<Plan>, Findings), Error> {
        let (plan, findings, _) = self.judge()?;
        Ok((plan, findings))
    }

    /// The same, and the rules of the standard that are not followed.
    pub(super) fn judge(&self) -> Result<(Option<Plan>, Findings, Vec<Judgement>), Error> {
        let inspection = self.files.inspect(&self.build_args);
        let request = Request {
            ignore: inspection.ignore.clone(),
            ..self.request.clone()
        };
        let (plan, mut findings, judgements) = inspection.judge(&request);
        if let (Some(plan), Some(project)) = (&plan, &inspection.project) {
            let found = block_on(lint_files(self, plan, project))?;
            findings.errors.extend(found.errors);
            findings.warnings.extend(found.warnings);
        }
        Ok((plan, findings.sorted(), judgements))
    }

    /// The plan. If there are errors, prints them and returns `None`.
    pub(super) fn plan(&self, arguments: &Arguments) -> Result<Option<Plan>, Error> {
        let (plan, findings) = self.inspect()?;
        if findings.errors.is_empty() {
            return Ok(plan);
        }
        print_errors(&findings.errors, arguments)?;
        Ok(None)
    }

    /// The files of a part of a context.
    pub(super) fn files(&self, files: &ContextFiles) -> Result<Vec<ContextFile>, Error> {
        Ok(self.open(files)?.files())
    }

    /// The content of a file of a part of a context.
    pub(super) fn file(&self, files: &ContextFiles, path: &str) -> Result<Vec<u8>, Error> {
        let content = self.root(files).map(|root| context::read(root, path));
        let bytes = content.transpose()?.and_then(Content::bytes);
        Ok(bytes.unwrap_or_default())
    }

    /// Adds a named context unless the arguments name one that is called so.
    pub(super) fn add_context(&mut self, name: &str, directory: Option<PathBuf>) {
        if !self.request.contexts.iter().any(|known| known == name) {
            self.request.contexts.push(name.to_owned());
            let named = directory.map(|directory| (name.to_owned(), directory));
            self.named.extend(named);
        }
    }

    /// The named contexts whose directories are known.
    pub(super) fn named_contexts(&self) -> &BTreeMap<String, PathBuf> {
        &self.named
    }

    /// The shortest paths of a part of a context that match a pattern.
    pub(super) fn matching(
        &self,
        files: &ContextFiles,
        pattern: &str,
    ) -> Result<Vec<MatchedPath>, Error> {
        Ok(matching(&self.files(files)?, pattern))
    }

    /// The directory of a context; `None` if the arguments do not name the context.
    fn root(&self, files: &ContextFiles) -> Option<&Path> {
        match &files.context {
            None => Some(&self.path),
            Some(name) => self.named.get(name).map(PathBuf::as_path),
        }
    }

    fn open(&self, files: &ContextFiles) -> Result<Part, Error> {
        let Some(root) = self.root(files) else {
            return Ok(Part::empty());
        };
        // The plan already contains the patterns of the main context's ignore file.
        let own = match &files.context {
            None => None,
            Some(_) => context::read(root, IGNORE)?.bytes(),
        };
        let ignore = own.map(|bytes| ignore_patterns(IGNORE, &bytes)).transpose();
        let ignore = ignore
            .map_err(|error| Error::Read(root.join(IGNORE), io::Error::other(error.to_string())))?;
        Part::open(root, files, &ignore.unwrap_or_default())
    }
}

/// The shortest paths of a listing that match a pattern.
pub(super) fn matching(listing: &[ContextFile], pattern: &str) -> Vec<MatchedPath> {
    let patterns = Patterns::new(&[pattern]);
    let mut paths = BTreeSet::new();
    for file in listing {
        let ends = file.path.match_indices('/').map(|(end, _)| end);
        let shortest = ends
            .chain([file.path.len()])
            .find(|end| patterns.matches(&file.path[..*end]));
        if let Some(end) = shortest {
            paths.insert((file.path[..end].to_owned(), end < file.path.len()));
        }
    }
    let found = paths.into_iter();
    found
        .map(|(path, is_directory)| MatchedPath { path, is_directory })
        .collect()
}

/// Prints errors in the user's files to standard error.
pub(super) fn print_errors<'a>(
    errors: impl IntoIterator<Item = &'a Diagnostic>,
    arguments: &Arguments,
) -> Result<(), Error> {
    let colour = output::colour(arguments);
    let errors = errors.into_iter().map(|error| error.rendered(colour));
    output::error(&errors.collect::<Vec<_>>().join("\n"))
}

impl ContextParts for ProjectDirectory {
    type Error = Error;
    type Reader = Part;

    async fn part(&self, files: &ContextFiles) -> Result<Part, Error> {
        self.open(files)
    }
}

/// Runs a future that is never pending, because files are read synchronously.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = task::Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
    }
}

/// The request for the default build.
pub(super) fn request() -> Request {
    Request::on(machine())
}

/// The platform of this machine's images.
pub(super) fn machine() -> Platform {
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

pub(super) fn platform(name: &str) -> Result<Platform, Error> {
    Platform::parse(name).ok_or_else(|| Error::Platform(name.to_owned()))
}

/// The name of a file in messages: relative to the directory if possible.
fn name_in(directory: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(directory).unwrap_or(file);
    relative
        .to_string_lossy()
        .trim_start_matches("./")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use testkit::{Project, dedent};

    use super::super::check;
    use super::*;

    /// A directory `project` with a project and files of any content, in another directory.
    fn checkout(build_file: &str, files: &[&str]) -> tempfile::TempDir {
        let keys = r#"
            [runtime]
            entrypoint = ["sh"]
            [source]
            install = "none"
        "#;
        let project = Project::new("a").with_build_file(&(dedent(keys) + &dedent(build_file)));
        let project = files
            .iter()
            .fold(project, |project, path| project.with_file(path, "content"));
        let above = tempfile::tempdir().unwrap();
        project.write_to(&above.path().join("project"));
        above
    }

    /// The errors of `check`, without hints.
    fn errors(above: &tempfile::TempDir, options: &[&str]) -> Vec<String> {
        let root = above.path().join("project");
        let arguments = options.iter().map(|&option| option.into());
        let arguments = arguments.chain([root.into()]);
        let arguments = check::COMMAND.parse(arguments).unwrap();
        let (_, findings) = ProjectDirectory::from_arguments(&arguments)
            .unwrap()
            .inspect()
            .unwrap();
        let errors = findings.errors.into_iter();
        errors.map(|error| error.message).collect()
    }

    #[test]
    fn copied_files_are_found_by_name_or_pattern() {
        for (src, found) in [
            ("data/[id].txt", true),
            ("./data/", true),
            ("x/../data", true),
            ("data/*.txt", true),
            ("data/[a-z]*.txt", true),
            ("data/[s].txt", false),
            ("data/[b-z]*.txt", false),
            ("*.txt", false),
        ] {
            let copy = format!(
                r#"
                [[copy]]
                src = {src:?}
                dest = "/data/"
                "#
            );
            let above = checkout(&copy, &["data/[id].txt", "data/a.txt"]);
            assert_eq!(errors(&above, &[]).is_empty(), found, "{src}");
        }
    }

    #[test]
    fn a_lock_that_is_a_link_out_of_the_context_is_an_error() {
        let above = checkout("", &[]);
        let root = above.path().join("project");
        fs::rename(root.join(LOCK), above.path().join(LOCK)).unwrap();
        symlink("../poetry.lock", root.join(LOCK)).unwrap();
        assert_eq!(
            errors(&above, &[]),
            ["`poetry.lock` is a link to a file outside the build context"]
        );
        fs::remove_file(root.join(LOCK)).unwrap();
        fs::create_dir(root.join("locks")).unwrap();
        fs::rename(above.path().join(LOCK), root.join("locks/lock")).unwrap();
        symlink("locks/lock", root.join(LOCK)).unwrap();
        assert_eq!(errors(&above, &[]), [""; 0]);
    }

    #[test]
    fn a_named_context_has_its_own_ignore_file() {
        let copy = r#"
            [[copy]]
            from = "context:web"
            src = "dist"
            dest = "/web/"
        "#;
        let above = checkout(copy, &[]);
        let web = above.path().join("web");
        fs::create_dir_all(web.join("dist")).unwrap();
        fs::write(web.join("dist/index.html"), "").unwrap();
        let option = format!("--build-context=web={}", web.display());
        assert_eq!(errors(&above, &[&option]), [""; 0]);
        fs::write(web.join(IGNORE), "dist\n").unwrap();
        assert_eq!(
            errors(&above, &[&option]),
            ["`dist` is not in the named context `web`"]
        );
    }
}
