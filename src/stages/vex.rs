//! The document with statements about vulnerabilities.

use crate::diagnostics::Problem;
use crate::paths::literal;
use crate::plan::{ContextFiles, Expected, VexFile};
use crate::resolve::{Resolved, Target};
use crate::vex::Error;

/// The file that is attached to an image.
pub(super) fn of(resolved: &Resolved<'_>, target: &Target<'_>) -> Option<VexFile> {
    let path = resolved.file.runtime.vex.as_ref();
    let path = path.filter(|_| target.is_image())?;
    Some(VexFile {
        path: path.value.clone(),
        // No step copies it, so the ignore file may exclude it.
        files: ContextFiles {
            include: vec![literal(&path.value)],
            follow: true,
            ..ContextFiles::default()
        },
        span: path.span.clone(),
    })
}

pub(super) fn expected(file: &VexFile) -> Expected {
    Expected {
        any_of: file.files.include.clone(),
        files: file.files.clone(),
        error: Error::Missing(file.path.clone()).at(&file.span),
    }
}
