//! Projects for tests of the rules.

use std::collections::BTreeMap;

use testkit::Project;

use crate::analysis::{self, InputFiles, Parsed};
use crate::diagnostics::Warning;
use crate::image::Platform;
use crate::plan::Plan;
use crate::resolve::Request;

/// A project with one script of one package, and no dependency. Its Poetry installs what the lock lists, whatever asks for it.
pub(super) fn service() -> Project {
    Project::new("service")
        .locked_by("2.4.1")
        .script("serve", "service.web:main")
}

pub(super) fn parsed(project: &Project) -> Parsed {
    InputFiles::from(project).parse(&BTreeMap::new()).unwrap()
}

pub(super) fn plan(project: &Project) -> Plan {
    let parsed = parsed(project);
    let request = Request {
        ignore: parsed.ignore,
        ..Request::on(Platform::parse("linux/amd64").unwrap())
    };
    analysis::plan(&parsed.file, &parsed.project, &request).unwrap()
}

/// A warning as `FILE:LINE RULE: WHAT`.
pub(super) fn line(warning: &Warning) -> String {
    format!(
        "{}:{} {}: {}",
        warning.span.document().name(),
        warning.span.start().line,
        warning.rule,
        warning.message
    )
}

pub(super) fn warnings(project: &Project) -> Vec<String> {
    plan(project).warnings.iter().map(line).collect()
}

/// The warnings of [`service`] with a build file.
pub(super) fn warnings_with(build_file: &str) -> Vec<String> {
    warnings(&service().with_build_file(build_file))
}
