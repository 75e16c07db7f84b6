//! Lints of the files in a build context, which run on the command line and in the engine alike.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use futures_util::future::try_join_all;

use crate::diagnostics::{Diagnostic, Span, Warning};
use crate::paths::{Pattern, clean, literal};
use crate::project::Project;
use crate::rules::Rule;

use crate::plan::{ContextFiles, Expected, Plan, WarnIfMissing};

use super::context::in_context;
use super::git_ignored::{self, GITIGNORE, IgnoreFile};
use super::imports::{SourceFile, dev_only_imports, python_sources};
use super::reader::{ContextFile, ContextParts, ContextReader, FileKind};
use super::vex::read_vex;
use super::warning::take_fatal;
use super::{duplicates, executables, links, version_from_git};

/// More links than this are taken for a loop.
const MOST_LINKS: usize = 255;

/// Errors and warnings about the files in the contexts.
#[derive(Debug, Default)]
pub(crate) struct FileFindings {
    /// Files that the plan needs and that do not exist.
    pub(crate) errors: Vec<Diagnostic>,
    pub(crate) warnings: Vec<Warning>,
}

/// Reports expected files that do not exist, without linting the others.
///
/// # Errors
/// A context cannot be read.
pub(crate) async fn find_missing<C: ContextParts>(
    contexts: &C,
    expected: &[&Expected],
    warn_if_missing: &[WarnIfMissing],
) -> Result<FileFindings, C::Error> {
    Parts::new(contexts)
        .find_missing(expected, warn_if_missing)
        .await
}

/// Lints all files that a plan reads.
///
/// # Errors
/// A context cannot be read.
pub(crate) async fn lint_files<C: ContextParts>(
    contexts: &C,
    plan: &Plan,
    project: &Project,
) -> Result<FileFindings, C::Error> {
    let mut parts = Parts::new(contexts);
    let expected: Vec<&Expected> = plan.expected.iter().collect();
    let mut findings = parts.find_missing(&expected, &plan.warn_if_missing).await?;
    let exists = |span: &Span| {
        let mut missing = findings.errors.iter();
        missing.all(|error| error.span.as_ref() != Some(span))
    };
    if let Some(file) = plan.vex.as_ref().filter(|file| exists(&file.span)) {
        let document = read_vex(contexts, file).await?;
        findings.errors.extend(document.err());
    }
    if let Some((files, span)) = &plan.wheel
        && plan.rules.is_enabled(Rule::GitIgnoredFile)
    {
        let root = read_gitignore(&mut parts).await?.map(|text| IgnoreFile {
            directory: String::new(),
            text,
        });
        let number = parts.open(files).await?;
        let listing = parts.listing(number).await?;
        let reader = parts.reader(number);
        let mut ignore_files: Vec<IgnoreFile> = root.into_iter().collect();
        for directory in git_ignored::directories(&listing) {
            let path = join(directory, GITIGNORE);
            let size = listing.iter().find(|file| file.path == path);
            let bytes = reader.read(&path, size.map_or(0, |file| file.size)).await?;
            ignore_files.push(IgnoreFile {
                directory: directory.to_owned(),
                text: String::from_utf8_lossy(&bytes).into_owned(),
            });
        }
        let found = git_ignored::find(&ignore_files, &listing, span);
        findings.warnings.extend(found);
    }
    if let Some((files, span)) = &plan.repository {
        let number = parts.open(files).await?;
        let found = version_from_git::lint(parts.reader(number), span).await?;
        findings.warnings.extend(found);
    }
    let image = plan.stages.iter().find(|stage| stage.name == plan.result);
    for suspect in image.map_or_else(Vec::new, |image| duplicates::suspects(&image.steps)) {
        let [one, other] = suspect.copies;
        let [one, other] = [parts.open(one).await?, parts.open(other).await?];
        let [one, other] = [parts.listing(one).await?, parts.listing(other).await?];
        findings.warnings.extend(suspect.warning([&one, &other]));
    }
    for executable in &plan.executables {
        let number = parts.open(&executable.files).await?;
        let found = executables::lint(parts.reader(number), executable).await?;
        findings.warnings.extend(found);
    }
    for (files, span) in plan.installed_parts() {
        let number = parts.open(files).await?;
        let listing = parts.listing(number).await?;
        let reader = parts.reader(number);
        findings.warnings.extend(in_context(files, &listing, span));
        findings
            .warnings
            .extend(links::broken(files, &listing, span));
        if plan.rules.is_enabled(Rule::DevOnlyImport) && files.context.is_none() {
            let sources = read_sources(reader, &listing).await?;
            let imports = dev_only_imports(project, &plan.installed, &sources);
            findings.warnings.extend(imports);
        }
    }
    findings
        .warnings
        .retain(|warning| plan.rules.is_enabled(warning.rule));
    let fatal = take_fatal(&mut findings.warnings, &plan.rules);
    findings.errors.extend(fatal);
    Ok(findings)
}

/// The `.gitignore` at the root of the build context, whatever the ignore file says.
async fn read_gitignore<C: ContextParts>(
    parts: &mut Parts<'_, C>,
) -> Result<Option<String>, C::Error> {
    let files = ContextFiles {
        include: vec![GITIGNORE.to_owned()],
        ..ContextFiles::default()
    };
    let number = parts.open(&files).await?;
    let reader = parts.reader(number);
    let entries = reader.list("", GITIGNORE).await?;
    let Some(entry) = entries.iter().find(|entry| entry.kind == FileKind::File) else {
        return Ok(None);
    };
    let bytes = reader.read(GITIGNORE, entry.size).await?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Opens and lists each part of a context once.
struct Parts<'a, C: ContextParts> {
    contexts: &'a C,
    open: Vec<(ContextFiles, C::Reader)>,
    /// By the number of the part.
    listings: BTreeMap<usize, Arc<[ContextFile]>>,
}

impl<'a, C: ContextParts> Parts<'a, C> {
    fn new(contexts: &'a C) -> Self {
        Self {
            contexts,
            open: Vec::new(),
            listings: BTreeMap::new(),
        }
    }

    async fn listing(&mut self, number: usize) -> Result<Arc<[ContextFile]>, C::Error> {
        if let Some(known) = self.listings.get(&number) {
            return Ok(Arc::clone(known));
        }
        let listing: Arc<[ContextFile]> = listing(self.reader(number)).await?.into();
        self.listings.insert(number, Arc::clone(&listing));
        Ok(listing)
    }

    async fn open(&mut self, files: &ContextFiles) -> Result<usize, C::Error> {
        if let Some(number) = self.open.iter().position(|(known, _)| known == files) {
            return Ok(number);
        }
        let reader = self.contexts.part(files).await?;
        self.open.push((files.clone(), reader));
        Ok(self.open.len() - 1)
    }

    fn reader(&self, number: usize) -> &C::Reader {
        &self.open[number].1
    }

    async fn any_exists(&self, number: usize, any_of: &[String]) -> Result<bool, C::Error> {
        let (files, reader) = &self.open[number];
        for pattern in any_of {
            let exists = if files.follow {
                exists_through_links(reader, pattern).await?
            } else {
                exists(reader, pattern).await?
            };
            if exists {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn find_missing(
        &mut self,
        expected: &[&Expected],
        warn_if_missing: &[WarnIfMissing],
    ) -> Result<FileFindings, C::Error> {
        let needed = expected.iter().map(|files| (&files.any_of, &files.files));
        let likely = warn_if_missing
            .iter()
            .map(|files| (&files.any_of, &files.files));
        let mut searches = Vec::new();
        for (any_of, files) in needed.chain(likely) {
            searches.push((any_of, self.open(files).await?));
        }
        let parts = &*self;
        let searches = searches
            .into_iter()
            .map(|(any_of, number)| parts.any_exists(number, any_of));
        let exist = try_join_all(searches).await?;
        let (needed, likely) = exist.split_at(expected.len());
        let errors = expected.iter().zip(needed).filter(|(_, exists)| !**exists);
        let warnings = warn_if_missing
            .iter()
            .zip(likely)
            .filter(|(_, exists)| !**exists);
        Ok(FileFindings {
            errors: errors.map(|(missing, _)| missing.error.clone()).collect(),
            warnings: warnings
                .map(|(missing, _)| missing.warning.clone())
                .collect(),
        })
    }
}

/// Whether a file or a non-empty directory matches the pattern. Lists only directories that can contain a match.
///
/// # Errors
/// The part cannot be read.
pub(crate) async fn exists<R: ContextReader>(reader: &R, pattern: &str) -> Result<bool, R::Error> {
    found(reader, pattern, &mut None).await
}

/// Like [`exists`], and follows links to files of the part: a copy from the context copies what a link leads to.
async fn exists_through_links<R: ContextReader>(
    reader: &R,
    pattern: &str,
) -> Result<bool, R::Error> {
    let mut open = vec![pattern.to_owned()];
    let mut tried = 0;
    while let Some(pattern) = open.pop().filter(|_| tried < MOST_LINKS) {
        tried += 1;
        let mut targets = Some(Vec::new());
        if found(reader, &pattern, &mut targets).await? {
            return Ok(true);
        }
        open.extend(targets.into_iter().flatten());
    }
    Ok(false)
}

/// Whether something matches the pattern. With `targets`, a link does not match, but adds the pattern of what it leads to.
async fn found<R: ContextReader>(
    reader: &R,
    pattern: &str,
    targets: &mut Option<Vec<String>>,
) -> Result<bool, R::Error> {
    let cleaned = clean(pattern);
    if cleaned == "." {
        return Ok(true);
    }
    let whole = Pattern::new(&cleaned);
    if !whole.is_well_formed() {
        return Ok(false);
    }
    let names: Vec<&str> = cleaned.split('/').collect();
    let mut open = vec![(String::new(), 0)];
    while let Some((directory, depth)) = open.pop() {
        // Listing only matching names saves the engine much work. After `**`, any name may match.
        let known = names.get(..=depth).unwrap_or_default();
        let name = match known.last() {
            Some(name) if known.iter().all(|name| is_pattern_of_names(name)) => *name,
            _ => "",
        };
        for entry in reader.list(&directory, name).await? {
            let path = join(&directory, &entry.name);
            if let (Some(targets), Some(link)) = (targets.as_mut(), &entry.link)
                && known.iter().all(|name| is_pattern_of_names(name))
            {
                if whole.matches(&path) || whole.reaches_below(&path) {
                    let rest = names.get(depth + 1..).unwrap_or_default().join("/");
                    targets.push(format!("./{}/{rest}", literal(&target(&directory, link))));
                }
            } else if whole.matches(&path) {
                if !entry.is_directory() || !reader.list(&path, "").await?.is_empty() {
                    return Ok(true);
                }
            } else if entry.is_directory() && whole.reaches_below(&path) {
                open.push((path, depth + 1));
            }
        }
    }
    Ok(false)
}

/// The path that a link in a directory leads to, which never leaves the root.
fn target(directory: &str, link: &str) -> String {
    let path = if link.starts_with('/') {
        clean(link)
    } else {
        clean(&format!("/{directory}/{link}"))
    };
    path.trim_start_matches('/').to_owned()
}

/// Whether a component of a pattern is itself a pattern that matches names.
fn is_pattern_of_names(part: &str) -> bool {
    !part.contains("**") && !part.starts_with('!') && Pattern::new(part).is_well_formed()
}

/// All files of a part, sorted by path, up to the limit of directories. Directories near the root are listed first.
async fn listing<R: ContextReader>(reader: &R) -> Result<Vec<ContextFile>, R::Error> {
    let mut files = Vec::new();
    let mut open = VecDeque::from([String::new()]);
    let mut listed = 0;
    while let Some(directory) = open.pop_front().filter(|_| listed < R::MOST_DIRECTORIES) {
        listed += 1;
        for entry in reader.list(&directory, "").await? {
            let path = join(&directory, &entry.name);
            if entry.is_directory() {
                open.push_back(path);
            } else {
                files.push(ContextFile {
                    path,
                    kind: entry.kind,
                    size: entry.size,
                    link: entry.link,
                });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Reads the Python source files of a listing, up to the limits of [`python_sources`].
async fn read_sources<R: ContextReader>(
    reader: &R,
    listing: &[ContextFile],
) -> Result<Vec<SourceFile>, R::Error> {
    let sources = python_sources(listing).into_iter();
    let reading = sources
        .filter(|file| file.kind == FileKind::File)
        .map(async |file| {
            let bytes = reader.read(&file.path, file.size).await?;
            Ok(SourceFile {
                path: file.path.clone(),
                text: String::from_utf8_lossy(&bytes).into_owned(),
            })
        });
    try_join_all(reading).await
}

fn join(directory: &str, name: &str) -> String {
    match directory {
        "" => name.to_owned(),
        directory => format!("{directory}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;
    use std::sync::Mutex;

    use super::super::reader::Entry;
    use super::*;
    use crate::paths::Patterns;

    /// A context in memory that records how it is listed.
    #[derive(Default)]
    struct MemoryContext {
        paths: Vec<&'static str>,
        listed: Mutex<Vec<String>>,
    }

    impl ContextReader for MemoryContext {
        type Error = Infallible;
        const MOST_DIRECTORIES: usize = 3;

        async fn list(&self, directory: &str, pattern: &str) -> Result<Vec<Entry>, Infallible> {
            let listed = format!("{directory}:{pattern}");
            self.listed.lock().unwrap().push(listed);
            let names = Patterns::new(&[if pattern.is_empty() { "*" } else { pattern }]);
            let mut files = BTreeMap::new();
            for path in &self.paths {
                let below = match directory {
                    "" => Some(*path),
                    directory => path
                        .strip_prefix(directory)
                        .and_then(|rest| rest.strip_prefix('/')),
                };
                let Some(below) = below.filter(|below| !below.is_empty()) else {
                    continue;
                };
                let (name, kind) = match below.split_once('/') {
                    Some((name, _)) => (name, FileKind::Directory),
                    None => (below, FileKind::File),
                };
                if names.matches(name) {
                    files.insert(name.to_owned(), kind);
                }
            }
            let size = 1;
            let entries = files.into_iter();
            Ok(entries
                .map(|(name, kind)| Entry {
                    name,
                    kind,
                    size,
                    executable: false,
                    link: None,
                })
                .collect())
        }

        async fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, Infallible> {
            Ok(path.into())
        }
    }

    fn block_on<T>(future: impl Future<Output = Result<T, Infallible>>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let Ok(done) = { runtime }.build().unwrap().block_on(future);
        done
    }

    #[test]
    fn a_search_lists_only_directories_that_can_contain_a_match() {
        for (pattern, expected, listed) in [
            (".", true, &[][..]),
            ("app/web.py", true, &[":app", "app:web.py"]),
            ("./app/", true, &[":app", "app:"]),
            ("x/../app", true, &[":app", "app:"]),
            ("empty", false, &[":empty", "empty:"]),
            ("app/none.py", false, &[":app", "app:none.py"]),
            ("none/web.py", false, &[":none"]),
            ("app/web.py/x", false, &[":app", "app:web.py"]),
            ("*/web.*", true, &[":*", "empty:web.*", "app:web.*"]),
            ("[[]id].txt", true, &[":[[]id].txt"]),
            ("[id].txt", false, &[":[id].txt"]),
            ("**/web.py", true, &[":", "empty:", "app:"]),
            ("app/**", true, &[":app", "app:"]),
            ("[id", false, &[]),
            ("!important", false, &[":"]),
        ] {
            let context = MemoryContext {
                paths: vec!["app/web.py", "empty/", "[id].txt"],
                ..MemoryContext::default()
            };
            assert_eq!(block_on(exists(&context, pattern)), expected, "{pattern}");
            assert_eq!(*context.listed.lock().unwrap(), listed, "{pattern}");
        }
    }

    #[test]
    fn the_listing_is_limited_and_starts_at_the_root() {
        let context = MemoryContext {
            paths: vec!["a/b/c/deep.py", "a/b/c.py", "a/x", "z/y"],
            ..MemoryContext::default()
        };
        let files: Vec<String> = block_on(listing(&context))
            .into_iter()
            .map(|file| file.path)
            .collect();
        assert_eq!(files, ["a/x", "z/y"]);
        assert_eq!(*context.listed.lock().unwrap(), [":", "a:", "z:"]);
    }

    #[test]
    fn only_regular_files_are_read() {
        let file = |path: &str, kind| ContextFile {
            path: path.to_owned(),
            kind,
            size: 1,
            link: None,
        };
        let listing = [
            file("a.py", FileKind::File),
            file("link.py", FileKind::Link),
            file("pipe.py", FileKind::Special),
        ];
        let sources = block_on(read_sources(&MemoryContext::default(), &listing));
        let paths: Vec<&str> = sources.iter().map(|source| source.path.as_str()).collect();
        assert_eq!(paths, ["a.py"]);
    }
}
