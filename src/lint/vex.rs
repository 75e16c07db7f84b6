//! The document that `vex` names.

use crate::diagnostics::{Diagnostic, Problem};
use crate::plan::VexFile;
use crate::vex::{Error, Vex};

use super::reader::{ContextParts, ContextReader, FileKind};

/// Reads and checks the document, which exists.
///
/// # Errors
/// The context cannot be read.
pub(crate) async fn read_vex<C: ContextParts>(
    contexts: &C,
    file: &VexFile,
) -> Result<Result<Vex, Diagnostic>, C::Error> {
    let path = file.path.as_str();
    let unusable = || Ok(Err(Error::NotAFile(path.to_owned()).at(&file.span)));
    let reader = contexts.part(&file.files).await?;
    let mut directory = String::new();
    let mut names = path.split('/').peekable();
    while let Some(name) = names.next() {
        let entries = reader.list(&directory, "").await?;
        let Some(entry) = entries.into_iter().find(|entry| entry.name == name) else {
            return unusable();
        };
        match (entry.kind, names.peek()) {
            (FileKind::Directory, Some(_)) if directory.is_empty() => {
                name.clone_into(&mut directory);
            }
            (FileKind::Directory, Some(_)) => directory = format!("{directory}/{name}"),
            (FileKind::File | FileKind::Link, None) => {
                let bytes = reader.read(path, entry.size).await?;
                return Ok(Vex::parse(path, bytes));
            }
            // Not in a directory that is a link.
            _ => return unusable(),
        }
    }
    unusable()
}
