//! What the fuzz targets share: files that are right, to put a wrong one beside.

use std::collections::BTreeMap;

use poetry_frontend::build_file::Switches;
use poetry_frontend::check::Sources;
use poetry_frontend::diagnostics::Colour;
use poetry_frontend::image::Platform;
use poetry_frontend::plan::Request;

pub const BUILD_FILE: &[u8] = include_bytes!("../../examples/hello/poetry.build.toml");
pub const PYPROJECT: &[u8] = include_bytes!("../../examples/hello/pyproject.toml");
pub const LOCK: &[u8] = include_bytes!("../../examples/hello/poetry.lock");

/// Reads and plans, and shows what was found.
pub fn examined(build_file: &[u8], pyproject: &[u8], lock: &[u8]) {
    let sources = Sources {
        name: "poetry.build.toml".to_owned(),
        build_file: build_file.to_vec(),
        pyproject: Some(pyproject.to_vec()),
        lock: Some(lock.to_vec()),
        ..Sources::default()
    };
    let request = Request {
        checks: Switches::parse("skip=StaleLock").unwrap(),
        ..Request::on(Platform::parse("linux/amd64").unwrap())
    };
    let (_, findings) = sources.examine(&BTreeMap::new()).plan(&request);
    let findings = findings.sorted();
    let _ = (findings.rendered(Colour::Off), findings.json());
}
