//! The environment in an image that markers and wheels are selected for: `CPython` on Linux.

use super::version::PythonVersion;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// `None` if only the image knows it.
    pub python: Option<PythonVersion>,
    /// The machine as `platform_machine` and the tags of wheels name it, such as `x86_64` or `aarch64`.
    pub machine: String,
    pub libc: Libc,
}

/// The C library, with its major and minor version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Libc {
    /// This version of glibc or a newer one.
    Glibc(u32, u32),
    /// This version of musl or a newer one.
    Musl(u32, u32),
}
