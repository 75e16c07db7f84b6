//! The package index of this machine.

use std::process::Command;

const ASK: &str = "
import os, subprocess, sys
from pip._internal.models.index import PyPI
configured = subprocess.run(
    [sys.executable, '-m', 'pip', 'config', 'get', 'global.index-url'], capture_output=True, text=True
)
print(os.environ.get('PIP_INDEX_URL') or configured.stdout.strip() or PyPI.simple_url)
";

/// The address of the index that pip uses, without a `/` at the end.
pub(crate) fn default_index() -> String {
    let output = Command::new("python3").args(["-c", ASK]).output().unwrap();
    let address = String::from_utf8(output.stdout).unwrap();
    address.trim().trim_end_matches('/').to_owned()
}
