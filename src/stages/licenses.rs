//! The verification that reads what the installed packages say about their licences.

use crate::plan::{Action, CopyFrom, LICENSES, LICENSES_STAGE, Stage};
use crate::resolve::Resolved;
use crate::resolve::environment::VENV;
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
    let copies = image.steps.iter().filter_map(|step| match &step.action {
        Action::Copy(copy) if [VENV, "/"].contains(&copy.src.as_str()) => Some(copy),
        _ => None,
    });
    let layers = copies.filter_map(|copy| match &copy.from {
        CopyFrom::Stage(name) => Some((name.clone(), copy.src.clone())),
        _ => None,
    });
    Some(layers::report(
        resolved,
        (LICENSES_STAGE, "read the licences of the packages"),
        scripts::READ_LICENSES,
        LICENSES,
        "**/site-packages/*.dist-info/METADATA",
        layers,
    ))
}
