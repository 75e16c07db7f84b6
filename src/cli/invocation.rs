//! The builds of several targets, for `bake` and `compose`: their plans, and what a client provides for them.

use std::io;
use std::path::{Path, PathBuf};

use super::arguments::Arguments;
use super::command::Outcome;
use super::directory::{ProjectDirectory, platform, print_errors};
use super::error::Error;
use crate::analysis::{self, Parsed};
use crate::build_file::{BuildFile, CopySource, DEV};
use crate::diagnostics::Diagnostics;
use crate::export::{ArgumentValue, Invocation, Needs};
use crate::image::Platform;
use crate::paths::{clean, inside};
use crate::plan::Plan;
use crate::project::PackageOrigin;
use crate::resolve::Request;

/// The target of the file's own image.
pub(super) const RUNTIME: &str = "runtime";

/// The name of the images of a project without one.
const UNNAMED: &str = "app";

/// The files of a project, and the targets that were planned.
pub(super) struct Targets {
    pub(super) directory: ProjectDirectory,
    pub(super) parsed: Parsed,
    pub(super) invocation: Invocation,
    platforms: Vec<Platform>,
    /// The contexts that the arguments name. All targets have them, because each can also replace an image.
    given: Vec<String>,
}

impl Targets {
    /// Without targets. The inner result has the errors of the user's files.
    pub(super) fn from_arguments(
        arguments: &Arguments,
    ) -> Result<Result<Self, Diagnostics>, Error> {
        let names = arguments.get("platform").into_iter();
        let platforms = names.flat_map(|names| names.split(','));
        let platforms: Vec<Platform> = platforms.map(platform).collect::<Result<_, _>>()?;
        let path = arguments.operands.first().map_or(".", String::as_str);
        let first = platforms.first().cloned();
        let mut directory = ProjectDirectory::on(first, PathBuf::from(path), arguments)?;
        let parsed = match directory.files.parse(&directory.build_args) {
            Ok(parsed) => parsed,
            Err(errors) => return Ok(Err(errors)),
        };
        let given = directory.request.contexts.clone();
        let mut invocation = invocation(&directory, &parsed, arguments)?;
        invocation.platforms = platforms.iter().map(ToString::to_string).collect();
        for (name, path) in contexts(&parsed) {
            let known = path.as_ref().map(|path| directory.path.join(path));
            directory.add_context(&name, known);
            invocation.contexts.entry(name).or_insert(path);
        }
        Ok(Ok(Self {
            directory,
            parsed,
            invocation,
            platforms,
            given,
        }))
    }

    /// Plans a target for all platforms, and returns the plan of the first one.
    pub(super) fn add(&mut self, target: &str) -> Result<Plan, Diagnostics> {
        let mut needs = Needs::default();
        needs.contexts.extend(self.given.iter().cloned());
        let first = self.plan(target, &self.directory.request.platform)?;
        needs.add(&first);
        for platform in self.platforms.iter().skip(1) {
            needs.add(&self.plan(target, platform)?);
        }
        self.invocation.targets.insert(target.to_owned(), needs);
        Ok(first)
    }

    /// Like [`Self::add`] for the built-in target `dev`. It is left out if it cannot be planned and the file does not ask for it.
    pub(super) fn add_dev(&mut self) -> Result<Option<Plan>, Diagnostics> {
        match self.add(DEV) {
            Ok(plan) => Ok(Some(plan)),
            Err(_) if self.parsed.file.dev.span.is_none() => Ok(None),
            Err(errors) => Err(errors),
        }
    }

    fn plan(&self, target: &str, platform: &Platform) -> Result<Plan, Diagnostics> {
        let request = Request {
            target: Some(target.to_owned()),
            platform: platform.clone(),
            ignore: self.parsed.ignore.clone(),
            ..self.directory.request.clone()
        };
        analysis::plan(&self.parsed.file, &self.parsed.project, &request)
    }
}

/// Reports the errors of the user's files.
pub(super) fn problems(errors: &Diagnostics, arguments: &Arguments) -> Result<Outcome, Error> {
    print_errors(errors.iter(), arguments)?;
    Ok(Outcome::Problems)
}

fn invocation(
    directory: &ProjectDirectory,
    parsed: &Parsed,
    arguments: &Arguments,
) -> Result<Invocation, Error> {
    let from = &directory.path;
    let file = arguments.get("file").map_or_else(
        || Ok(directory.files.name.clone()),
        |file| relative(Path::new(file), from),
    );
    let mut invocation = Invocation {
        name: parsed
            .project
            .pyproject
            .name
            .clone()
            .unwrap_or(UNNAMED.to_owned()),
        build_file: file?,
        ..Invocation::default()
    };
    for (name, path) in directory.named_contexts() {
        let text = path.to_string_lossy();
        let path = if is_address(&text) {
            text.into_owned()
        } else {
            relative(path, from)?
        };
        invocation.contexts.insert(name.clone(), Some(path));
    }
    for (name, value) in &directory.build_args {
        let argument = ArgumentValue {
            value: value.clone(),
            declared: false,
        };
        invocation.arguments.insert(name.clone(), argument);
    }
    for (name, declared) in &parsed.file.arguments {
        let argument = ArgumentValue {
            value: declared.value.clone(),
            declared: true,
        };
        invocation.arguments.insert(name.clone(), argument);
    }
    Ok(invocation)
}

/// The named contexts that the files mention, each with its directory relative to the project if a file says that.
fn contexts(parsed: &Parsed) -> Vec<(String, Option<String>)> {
    let file: &BuildFile = &parsed.file;
    let targets = file.targets.values().chain([&file.dev]);
    let specs = targets.map(|target| &target.image).chain([&file.main]);
    let copies = specs.flat_map(|spec| &spec.copies);
    let unknown = copies.filter_map(|copy| match &copy.from {
        CopySource::NamedContext(name) => Some((name.value.clone(), None)),
        _ => None,
    });
    let packages = parsed.project.lock.packages.iter();
    let outside = packages.filter(|package| {
        package.origin == PackageOrigin::Directory && inside(&package.url).is_none()
    });
    let outside = outside.map(|package| (package.name.clone(), Some(clean(&package.url))));
    outside.chain(unknown).collect()
}

/// Whether a context is not a directory of this machine.
fn is_address(context: &str) -> bool {
    let starts = ["target:", "service:", "git@"];
    context.contains("://") || starts.iter().any(|start| context.starts_with(start))
}

/// A path as seen from a directory.
pub(super) fn relative(path: &Path, directory: &Path) -> Result<String, Error> {
    let absolute = |path: &Path| -> Result<String, Error> {
        let absolute = std::path::absolute(path);
        let absolute = absolute.map_err(|error: io::Error| Error::Read(path.to_owned(), error))?;
        Ok(clean(&absolute.to_string_lossy()))
    };
    let (path, directory) = (absolute(path)?, absolute(directory)?);
    let parts = |path: &str| -> Vec<String> {
        let parts = path.split('/').filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let (path, directory) = (parts(&path), parts(&directory));
    let shared = path
        .iter()
        .zip(&directory)
        .take_while(|(one, other)| one == other);
    let shared = shared.count();
    let up = directory[shared..].iter().map(|_| "..");
    let down = path[shared..].iter().map(String::as_str);
    Ok(clean(&up.chain(down).collect::<Vec<_>>().join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_seen_from_the_project() {
        for (path, directory, expected) in [
            ("service/poetry.build.toml", "service", "poetry.build.toml"),
            ("shared", "service", "../shared"),
            ("../a/b", "../a/c/d", "../../b"),
            (".", "service", ".."),
            ("/a/b", "/a", "b"),
            ("x", "x", "."),
        ] {
            let found = relative(Path::new(path), Path::new(directory)).unwrap();
            assert_eq!(found, expected, "{path} from {directory}");
        }
    }
}
