//! Reads files of a build context, without leaving it.

use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use super::super::error::Error;
use crate::analysis::Unreadable;
use crate::lint::FileKind;

/// How many bytes of a file are read. The limits of files that are parsed are lower; the parsers check them.
const MAX_FILE: u64 = 9 << 20;
/// More links than this are taken for a loop.
const MAX_LINKS: usize = 255;

#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli) enum Content {
    /// There is no file, or a directory.
    Absent,
    Bytes(Vec<u8>),
    /// A build cannot read it either.
    Unreadable(Unreadable),
}

impl Content {
    pub(in crate::cli) fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Absent | Self::Unreadable(_) => None,
        }
    }
}

/// Reads a file below `root`. As in an engine, links are followed only within `root`.
pub(in crate::cli) fn read(root: &Path, path: &str) -> Result<Content, Error> {
    let target = root.join(path);
    let failed = |error| Error::Read(target.clone(), error);
    let Some(found) = resolve(root, path).map_err(failed)? else {
        return Ok(Content::Unreadable(Unreadable::Link));
    };
    let kind = match fs::symlink_metadata(&found) {
        Ok(metadata) => kind(metadata.file_type()),
        Err(error) if is_absent(&error) => {
            let is_link = fs::symlink_metadata(&target).is_ok_and(|found| found.is_symlink());
            return Ok(if is_link {
                Content::Unreadable(Unreadable::Link)
            } else {
                Content::Absent
            });
        }
        Err(error) => return Err(failed(error)),
    };
    match kind {
        FileKind::File => head(&found).map(Content::Bytes).map_err(failed),
        FileKind::Directory => Ok(Content::Absent),
        FileKind::Link => Ok(Content::Unreadable(Unreadable::Link)),
        // Opening a pipe would block until a process writes to it.
        FileKind::Special => Ok(Content::Unreadable(Unreadable::Special)),
    }
}

/// Reads a file up to the limit; it may be outside the build context.
pub(in crate::cli) fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(MAX_FILE)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

pub(super) fn kind(found: fs::FileType) -> FileKind {
    if found.is_dir() {
        FileKind::Directory
    } else if found.is_symlink() {
        FileKind::Link
    } else if found.is_file() {
        FileKind::File
    } else {
        FileKind::Special
    }
}

/// Follows links as if `root` were `/`, so that `..` and absolute links stay below it; `None` if the links form a loop.
fn resolve(root: &Path, path: &str) -> io::Result<Option<PathBuf>> {
    let mut at: Vec<PathBuf> = vec![root.to_owned()];
    let mut rest: Vec<PathBuf> = Vec::new();
    let mut links = 0;
    push(&mut rest, Path::new(path));
    while let Some(part) = rest.pop() {
        match part.components().next() {
            Some(Component::RootDir) => at.truncate(1),
            Some(Component::ParentDir) if at.len() > 1 => {
                at.pop();
            }
            Some(Component::Normal(name)) => {
                let next = at
                    .last()
                    .map(|parent| parent.join(name))
                    .unwrap_or_default();
                match fs::symlink_metadata(&next) {
                    Ok(found) if found.is_symlink() => {
                        links += 1;
                        if links > MAX_LINKS {
                            return Ok(None);
                        }
                        push(&mut rest, &fs::read_link(&next)?);
                    }
                    Err(error) if !is_absent(&error) => return Err(error),
                    _ => at.push(next),
                }
            }
            _ => {}
        }
    }
    Ok(at.pop())
}

/// Pushes the components of a path, the first on top.
fn push(stack: &mut Vec<PathBuf>, path: &Path) {
    let parts = path.components().rev();
    stack.extend(parts.map(|part| PathBuf::from(part.as_os_str())));
}
