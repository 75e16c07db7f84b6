//! What the fuzz targets share: valid files, to combine with a fuzzed one.

use std::collections::BTreeMap;

use poetry_frontend::analysis::InputFiles;
use poetry_frontend::build_file::RuleSwitches;
use poetry_frontend::diagnostics::Colour;
use poetry_frontend::image::Platform;
use poetry_frontend::resolve::Request;

pub const BUILD_FILE: &[u8] = include_bytes!("../../examples/hello/poetry.build.toml");
pub const PYPROJECT: &[u8] = include_bytes!("../../examples/hello/pyproject.toml");
pub const LOCK: &[u8] = include_bytes!("../../examples/hello/poetry.lock");

/// Parses and plans the files, and renders the findings.
pub fn check(build_file: &[u8], pyproject: &[u8], lock: &[u8]) {
    let files = InputFiles {
        name: "poetry.build.toml".to_owned(),
        build_file: build_file.to_vec(),
        pyproject: Some(pyproject.to_vec()),
        lock: Some(lock.to_vec()),
        ..InputFiles::default()
    };
    let request = Request {
        rules: RuleSwitches::parse("skip=StaleLock").unwrap(),
        ..Request::on(Platform::parse("linux/amd64").unwrap())
    };
    let (_, findings) = files.inspect(&BTreeMap::new()).plan(&request);
    let findings = findings.sorted();
    let _ = (findings.rendered(Colour::Off), findings.json());
}
