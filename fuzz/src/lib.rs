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
    check_files(&files(build_file, pyproject, lock));
}

/// The same with a standard below the build file.
pub fn check_over(standard: &[u8], build_file: &[u8]) {
    let files = InputFiles {
        standard: Some(standard.to_vec()),
        ..files(build_file, PYPROJECT, LOCK)
    };
    check_files(&files);
    let _ = files.effective(&BTreeMap::new());
}

fn files(build_file: &[u8], pyproject: &[u8], lock: &[u8]) -> InputFiles {
    InputFiles {
        name: "poetry.build.toml".to_owned(),
        build_file: build_file.to_vec(),
        pyproject: Some(pyproject.to_vec()),
        lock: Some(lock.to_vec()),
        ..InputFiles::default()
    }
}

fn check_files(files: &InputFiles) {
    let request = Request {
        rules: RuleSwitches::parse("skip=StaleLock").unwrap(),
        ..Request::on(Platform::parse("linux/amd64").unwrap())
    };
    let (_, findings) = files.inspect(&BTreeMap::new()).plan(&request);
    let findings = findings.sorted();
    let _ = (findings.rendered(Colour::Off), findings.json());
}
