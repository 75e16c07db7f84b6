//! The verification that reads what the installed packages say about their licences.

use crate::plan::{Action, Base, CopyFrom, LICENSES, Mount, Run, Stage, StageName, Step};
use crate::resolve::Resolved;
use crate::resolve::environment::VENV;
use crate::scripts;
use crate::steps::tools;

/// The directory with the report.
const REPORT: &str = "/out";

/// `None` if nobody asks for licences: neither the standard, nor a software bill of materials. It reads the layers that
/// `image` copies, so that nobody merges them.
pub(super) fn stage(resolved: &Resolved<'_>, image: &Stage) -> Option<Stage> {
    let standard = resolved.whole.standard.as_ref();
    let subject = resolved.request.subject(resolved.project);
    let rules = standard.map_or(0, |followed| followed.standard.licenses(subject).count());
    if rules == 0 && !resolved.file.runtime.sbom {
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
    let mounts: Vec<Mount> = layers
        .enumerate()
        .map(|(index, (from, path))| Mount::Stage {
            from,
            path,
            target: format!("/run/layers/{}", index + 1),
        })
        .collect();
    let script = tools::path_of(scripts::READ_LICENSES);
    let report = format!("{REPORT}/{LICENSES}");
    let targets = mounts.iter().filter_map(|mount| match mount {
        Mount::Stage { target, .. } => Some(target.as_str()),
        _ => None,
    });
    let words = ["python3", "-I", "-S", &script, &report].into_iter();
    let mut run = Run::exec(words.chain(targets))
        .offline()
        .into_directory(REPORT)
        .mount(tools::script(scripts::READ_LICENSES));
    run.mounts.extend(mounts);
    Some(Stage {
        name: StageName::Verification("licenses".to_owned()),
        from: Base::Stage(resolved.portable_base()),
        span: resolved.base_span.clone(),
        steps: vec![Step {
            title: "read the licences of the packages".to_owned(),
            span: resolved.dependencies_span(),
            action: Action::Run(run),
        }],
    })
}
