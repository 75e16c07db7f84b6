//! Privileged ports.

use crate::build_file::ImageSpec;
use crate::diagnostics::{Diagnostic, Problem};

use super::error::Error;

/// An error for each exposed port below 1024.
pub(crate) fn privileged(file: &ImageSpec) -> impl Iterator<Item = Diagnostic> {
    let ports = file.runtime.expose.iter();
    ports
        .filter(|port| port.value.number < 1024)
        .map(|port| Error::PrivilegedPort(port.value).at(&port.span))
}
