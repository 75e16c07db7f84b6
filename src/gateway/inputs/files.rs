//! The user's files that define the build.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use buildkit_llb::{Differ, LocalSource, Output};

use crate::analysis::{self, Unreadable};
use crate::build_file::STANDARD_NAME;
use crate::compile::{Context, LocalDirectory};
use crate::gateway::transport::{Engine, Error, Failure, both};
use crate::lint::{FileKind, exists};
use crate::paths::{ignore_patterns, literal};
use crate::project::{IGNORE, LOCK, PYPROJECT, SETTINGS};

use super::main_context::MainContext;

/// An engine's errors for links to files that do not exist, and for links that lead to each other.
const NO_FILE: [&str; 2] = ["no such file", "too many links"];

/// The files that define the build.
pub(crate) struct Files {
    pub(crate) sources: analysis::InputFiles,
    /// The digest of the step that loads the build file. Warnings are attached to it.
    pub(crate) loaded_by: String,
}

/// Reads them from both contexts, side by side.
pub(super) async fn read(engine: &Engine, main: &MainContext) -> Result<Files, Failure> {
    let filename = &main.filename;
    let own_ignore = format!("{filename}{IGNORE}");
    let defining = [filename.as_str(), own_ignore.as_str()];
    let title = format!("[internal] load build definition from {filename}");
    let loading = source_of(&main.build_file, &defining, title.clone());
    let (mut definition, mut context) = both(
        read_some(engine, &main.build_file, &defining, title),
        read_some(
            engine,
            &main.context,
            &[PYPROJECT, LOCK, SETTINGS, IGNORE],
            format!("[internal] load {PYPROJECT} and {LOCK}"),
        ),
    )
    .await?;
    let ignore = [
        definition.files.remove_entry(&own_ignore),
        context.files.remove_entry(IGNORE),
    ];
    Ok(Files {
        sources: analysis::InputFiles {
            name: filename.clone(),
            build_file: definition
                .files
                .remove(filename)
                .ok_or_else(|| Error::NoBuildFile(filename.clone()))?,
            pyproject: context.files.remove(PYPROJECT),
            lock: context.files.remove(LOCK),
            settings: context.files.remove(SETTINGS),
            // The build file's own ignore file takes precedence over the context's.
            ignore: ignore.into_iter().flatten().next(),
            standard: standard()?,
            unreadable: [definition.unreadable, context.unreadable].concat(),
        },
        loaded_by: loading.digest().to_owned(),
    })
}

/// The standard in this container, which a platform team adds to the frontend's image.
fn standard() -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(Path::new("/").join(STANDARD_NAME)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::Standard(error.to_string()).into()),
    }
}

/// The files that were asked for and exist.
#[derive(Default)]
struct Read {
    files: BTreeMap<String, Vec<u8>>,
    unreadable: Vec<(String, Unreadable)>,
}

/// Reads those of `paths` that exist in the context. Ignore files do not apply.
async fn read_some(
    engine: &Engine,
    context: &Context,
    paths: &[&str],
    title: String,
) -> Result<Read, Failure> {
    let tree = engine
        .solve_output(&source_of(context, paths, title))
        .await?;
    let mut read = Read::default();
    for path in paths {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        if !exists(&tree, &literal(parent)).await? {
            continue;
        }
        let entries = tree.list(parent, "").await?;
        let Some(entry) = entries.iter().find(|entry| entry.name == name) else {
            continue;
        };
        let path = (*path).to_owned();
        match entry.kind {
            FileKind::Directory => {}
            FileKind::File => {
                let bytes = tree.read(&path, entry.size).await?;
                read.files.insert(path, bytes);
            }
            FileKind::Special => read.unreadable.push((path, Unreadable::Special)),
            FileKind::Link => match tree.read(&path, entry.size).await {
                Ok(bytes) => {
                    read.files.insert(path, bytes);
                }
                // The client also sends the target of a link, if it is in the context.
                Err(Failure::Engine(status))
                    if NO_FILE.iter().any(|no| status.message.contains(no)) =>
                {
                    read.unreadable.push((path, Unreadable::Link));
                }
                Err(failure) => return Err(failure),
            },
        }
    }
    Ok(read)
}

/// The context, or only these files of it.
fn source_of(context: &Context, paths: &[&str], title: String) -> Output {
    match context {
        Context::Local(directory) => some_of(directory, paths, title),
        Context::Output(tree) => tree.clone(),
    }
}

/// These files of a directory. They are few, so that the client sends them again each time.
fn some_of(directory: &LocalDirectory, paths: &[&str], title: String) -> Output {
    LocalSource::new(&directory.name)
        .session(&directory.session)
        .follow(paths.iter().map(|path| literal(path)))
        .shared_key_hint(format!("{}:definition", directory.name))
        .differ(Differ::None)
        .named(title)
        .output()
}

/// The patterns of a directory's own ignore file.
pub(super) async fn ignore_patterns_of(
    engine: &Engine,
    directory: &LocalDirectory,
    title: String,
) -> Result<Vec<String>, Failure> {
    let context = Context::Local(directory.clone());
    let read = read_some(engine, &context, &[IGNORE], title).await?;
    let file = read.files.get(IGNORE);
    let patterns = file.map(|file| ignore_patterns(IGNORE, file));
    Ok(patterns.transpose()?.unwrap_or_default())
}
