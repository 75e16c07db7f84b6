//! The verification that reads what the installed packages say about their licences.

use crate::plan::{LICENSES, LICENSES_STAGE, Stage};
use crate::resolve::Resolved;
use crate::scripts;

use super::layers;

/// `None` if nobody asks for licences: neither the standard, nor a software bill of materials, nor the client. It reads the
/// layers that `image` copies, so that nobody merges them.
pub(super) fn stage(resolved: &Resolved<'_>, image: &Stage) -> Option<Stage> {
    let standard = resolved.whole.standard.as_ref();
    let subject = resolved.request.subject(resolved.project);
    let rules = standard.map_or(0, |followed| followed.standard.licenses(subject).count());
    if rules == 0 && !resolved.file.runtime.sbom && !resolved.request.lists_licenses {
        return None;
    }
    let copies = image.steps.iter().flat_map(|step| step.action.copies());
    let layers = copies.filter_map(|copy| Some((layers::origin(copy)?.clone(), copy.src.clone())));
    Some(layers::report(
        resolved,
        (LICENSES_STAGE, "read the licences of the packages"),
        scripts::READ_LICENSES,
        LICENSES,
        "**/site-packages/*.dist-info/METADATA",
        layers,
    ))
}
