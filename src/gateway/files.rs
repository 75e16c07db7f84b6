//! The user's files: reading the few that decide the build, and looking whether others are there.

use std::collections::BTreeMap;

use buildkit_llb::{Differ, LocalSource, Output};
use tokio::task::JoinSet;

use crate::check;
use crate::compile::{self, Context, LocalFolder};
use crate::diagnostics::{Diagnostic, Warning};
use crate::plan::{ContextFile, ContextFiles, Expected, SourceFile, Suspected, python_sources};
use crate::project::{IGNORE, LOCK, PYPROJECT, SETTINGS, ignore_patterns};

use super::engine::{Engine, Tree};
use super::failure::{Error, Failure};
use super::main_context::Sources;

/// So many folders are listed in a tenth of a second.
const MOST_FOLDERS: usize = 1000;

/// The files that decide the build.
pub(super) struct Files {
    /// The files as they are.
    pub(super) sources: check::Sources,
    /// The digest of the step that loads the build file: what is told of the file is told of that step.
    pub(super) loaded_by: String,
}

/// Reads them, from both folders at once.
pub(super) async fn read(engine: &Engine, sources: &Sources) -> Result<Files, Failure> {
    let filename = &sources.filename;
    let own_ignore = format!("{filename}{IGNORE}");
    let defining = [filename.as_str(), own_ignore.as_str()];
    let title = format!("[internal] load build definition from {filename}");
    let loading = source_of(&sources.build_file, &defining, title.clone());
    let (mut definition, mut context) = tokio::try_join!(
        read_some(engine, &sources.build_file, &defining, title),
        read_some(
            engine,
            &sources.context,
            &[PYPROJECT, LOCK, SETTINGS, IGNORE],
            format!("[internal] load {PYPROJECT} and {LOCK}"),
        ),
    )?;
    let ignore = [
        definition.remove_entry(&own_ignore),
        context.remove_entry(IGNORE),
    ];
    Ok(Files {
        sources: check::Sources {
            name: filename.clone(),
            build_file: definition
                .remove(filename)
                .ok_or_else(|| Error::NoBuildFile(filename.clone()))?,
            pyproject: context.remove(PYPROJECT),
            lock: context.remove(LOCK),
            settings: context.remove(SETTINGS),
            // The build file's own comes before the context's.
            ignore: ignore.into_iter().flatten().next(),
        },
        loaded_by: loading.digest().to_owned(),
    })
}

/// Those of `paths` that the context holds. No ignore file hides them.
async fn read_some(
    engine: &Engine,
    context: &Context,
    paths: &[&str],
    title: String,
) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let tree = Tree::of(engine, &source_of(context, paths, title)).await?;
    let mut files = BTreeMap::new();
    for path in paths {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        if !holds(&tree, "", parent).await? {
            continue;
        }
        let entries = tree.list(parent, "").await?;
        if let Some(entry) = entries
            .iter()
            .find(|entry| entry.name == name && !entry.is_dir)
        {
            files.insert((*path).to_owned(), tree.read(path, entry.size()).await?);
        }
    }
    Ok(files)
}

/// These files of a context, at least.
fn source_of(context: &Context, paths: &[&str], title: String) -> Output {
    match context {
        Context::Folder(folder) => some_of(folder, paths, title),
        Context::Tree(tree) => tree.clone(),
    }
}

/// These files of a folder, sent anew each time: they are few.
fn some_of(folder: &LocalFolder, paths: &[&str], title: String) -> Output {
    LocalSource::new(&folder.name)
        .session(&folder.session)
        .follow(paths.iter().copied())
        .shared_key_hint(format!("{}:definition", folder.name))
        .differ(Differ::None)
        .named(title)
        .output()
}

/// The patterns of a folder's own ignore file.
pub(super) async fn ignored(
    engine: &Engine,
    folder: &LocalFolder,
    title: String,
) -> Result<Vec<String>, Failure> {
    let context = Context::Folder(folder.clone());
    let files = read_some(engine, &context, &[IGNORE], title).await?;
    let file = files.get(IGNORE);
    let patterns = file.map(|file| ignore_patterns(IGNORE, file));
    Ok(patterns.transpose()?.unwrap_or_default())
}

/// What is not in the contexts.
pub(super) struct Absent {
    /// Of what plans expect there.
    pub(super) mistakes: Vec<Diagnostic>,
    /// Of what is suspected not to be there.
    pub(super) warnings: Vec<Warning>,
}

/// Looks for what a plan expects of the contexts, and for what it suspects, all at once.
pub(super) async fn look(
    engine: &Engine,
    steps: &compile::Options,
    expected: &[&Expected],
    suspected: &[Suspected],
) -> Result<Absent, Failure> {
    let wanted: Vec<Wanted<'_>> = expected
        .iter()
        .map(|one| (&one.any_of[..], &one.files))
        .chain(suspected.iter().map(|one| (&one.any_of[..], &one.files)))
        .collect();
    let mut found = Absent {
        mistakes: Vec::new(),
        warnings: Vec::new(),
    };
    for index in absent(engine, steps, &wanted).await? {
        if let Some(one) = expected.get(index) {
            found.mistakes.push(one.otherwise.clone());
        } else if let Some(one) = suspected.get(index - expected.len()) {
            found.warnings.push(one.otherwise.clone());
        }
    }
    Ok(found)
}

/// Patterns of which one is looked for, and where.
type Wanted<'a> = (&'a [String], &'a ContextFiles);

/// The numbers of those that are not there.
async fn absent(
    engine: &Engine,
    steps: &compile::Options,
    wanted: &[Wanted<'_>],
) -> Result<Vec<usize>, Failure> {
    let mut trees: Vec<(&ContextFiles, Tree)> = Vec::new();
    for (_, files) in wanted {
        if !trees.iter().any(|(known, _)| known == files) {
            trees.push((files, part(engine, steps, files).await?));
        }
    }
    let mut looking = JoinSet::new();
    for (index, (any_of, files)) in wanted.iter().enumerate() {
        let Some((_, tree)) = trees.iter().find(|(known, _)| known == files) else {
            continue;
        };
        let (tree, any_of) = (tree.clone(), any_of.to_vec());
        looking.spawn(async move {
            for path in &any_of {
                if holds(&tree, "", path).await? {
                    return Ok(None);
                }
            }
            Ok::<_, Failure>(Some(index))
        });
    }
    let mut absent = Vec::new();
    while let Some(done) = looking.join_next().await {
        absent.extend(done.map_err(|error| Error::Internal(error.to_string()))??);
    }
    absent.sort_unstable();
    Ok(absent)
}

/// A part of a context. The build reads the same source, so that nothing is sent twice.
async fn part(
    engine: &Engine,
    steps: &compile::Options,
    files: &ContextFiles,
) -> Result<Tree, Failure> {
    let source = steps
        .files(files)
        .map_err(|error| Error::Internal(error.to_string()))?;
    Tree::of(engine, &source).await
}

/// The tree of a part of a context, and its files, as far as these can be told quickly.
pub(super) async fn list(
    engine: &Engine,
    steps: &compile::Options,
    files: &ContextFiles,
) -> Result<(Tree, Vec<ContextFile>), Failure> {
    let tree = part(engine, steps, files).await?;
    let mut found = Vec::new();
    let mut open = vec![String::new()];
    let mut seen = 0;
    while let Some(folder) = open.pop().filter(|_| seen < MOST_FOLDERS) {
        seen += 1;
        for entry in tree.list(&folder, "").await? {
            let path = match folder.as_str() {
                "" => entry.name.clone(),
                folder => format!("{folder}/{}", entry.name),
            };
            if entry.is_dir {
                open.push(path);
            } else {
                let size = u64::try_from(entry.size()).unwrap_or_default();
                found.push(ContextFile { path, size });
            }
        }
    }
    Ok((tree, found))
}

/// The sources of Python among the files of a tree, as many as are looked at.
pub(super) async fn python(
    tree: &Tree,
    listing: &[ContextFile],
) -> Result<Vec<SourceFile>, Failure> {
    let mut reading = JoinSet::new();
    for (index, file) in python_sources(listing).into_iter().enumerate() {
        let (tree, path) = (tree.clone(), file.path.clone());
        let size = i64::try_from(file.size).unwrap_or(i64::MAX);
        reading.spawn(async move {
            let bytes = tree.read(&path, size).await?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            Ok::<_, Failure>((index, SourceFile { path, text }))
        });
    }
    let mut sources = BTreeMap::new();
    while let Some(done) = reading.join_next().await {
        let (index, source) = done.map_err(|error| Error::Internal(error.to_string()))??;
        sources.insert(index, source);
    }
    Ok(sources.into_values().collect())
}

/// Whether any file, or any folder with something in it, below `folder` matches `pattern`, part by part; `**` stands for
/// any number of folders.
async fn holds(tree: &Tree, folder: &str, pattern: &str) -> Result<bool, Failure> {
    if pattern.is_empty() {
        return Ok(true);
    }
    let (first, rest) = pattern.split_once('/').unwrap_or((pattern, ""));
    let (name, deeper) = match first {
        "." => return Box::pin(holds(tree, folder, rest)).await,
        "**" => {
            if Box::pin(holds(tree, folder, rest)).await? && !rest.is_empty() {
                return Ok(true);
            }
            ("", pattern)
        }
        name => (name, rest),
    };
    for entry in tree.list(folder, name).await? {
        let below = format!("{folder}/{}", entry.name);
        let here = if !entry.is_dir {
            rest.is_empty()
        } else if deeper.is_empty() {
            !tree.list(&below, "").await?.is_empty()
        } else {
            Box::pin(holds(tree, &below, deeper)).await?
        };
        if here {
            return Ok(true);
        }
    }
    Ok(false)
}
