//! Failures of the frontend's own scripts whose reason is known.

/// Why a command failed, as far as its output shows. The exit code says so (`src/scripts/explain-failure.sh`, `run_read_only.py`,
/// `trust-certificates.sh`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KnownFailure {
    /// A server could not be reached.
    Unreachable,
    /// A server refused the credentials.
    Unauthorized,
    /// A package, or a version of it, does not exist.
    NoPackage,
    /// There is no compiler.
    NoCompiler,
    /// A package cannot be built from its source.
    NotBuilt,
    /// The root file system is read-only.
    ReadOnly,
    /// The certificate of a server is not trusted.
    Untrusted,
    /// The CA bundle has no certificate.
    NoCertificate,
}

impl KnownFailure {
    const ALL: [Self; 8] = [
        Self::Unreachable,
        Self::Unauthorized,
        Self::NoPackage,
        Self::NoCompiler,
        Self::NotBuilt,
        Self::ReadOnly,
        Self::Untrusted,
        Self::NoCertificate,
    ];

    /// The failure with this exit code.
    #[must_use]
    pub fn of(exit_code: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|one| one.exit_code() == exit_code)
    }

    /// Codes that no tool in the scripts uses itself.
    #[must_use]
    pub const fn exit_code(self) -> &'static str {
        match self {
            Self::Unreachable => "91",
            Self::Unauthorized => "92",
            Self::NoPackage => "93",
            Self::NoCompiler => "94",
            Self::NotBuilt => "95",
            Self::ReadOnly => "96",
            Self::Untrusted => "97",
            Self::NoCertificate => "98",
        }
    }

    /// What happened, to go after `STEP failed: `.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Unreachable => "a server cannot be reached",
            Self::Unauthorized => "an index refused the credentials",
            Self::NoPackage => "there is no such package",
            Self::NoCompiler => "a compiler or a library to compile with is missing",
            Self::NotBuilt => "a package cannot be built from its source",
            Self::ReadOnly => "it writes to the read-only file system of the container",
            Self::Untrusted => "the certificate of a server is not trusted",
            Self::NoCertificate => "the CA bundle has no certificate",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_of_the_scripts() {
        let explained = include_str!("../scripts/explain-failure.sh");
        let read_only = include_str!("../scripts/run_read_only.py");
        let trust = include_str!("../scripts/trust-certificates.sh");
        for known in KnownFailure::ALL {
            let code = known.exit_code();
            let is_explained = explained.contains(&format!("return {code}\n"));
            let is_read_only = read_only.contains(&format!("REFUSED = {code}\n"));
            let is_untrusted = trust.contains(&format!("exit {code}\n"));
            assert!(is_explained || is_read_only || is_untrusted, "{code}");
            assert_eq!(KnownFailure::of(code), Some(known));
        }
        assert_eq!(KnownFailure::of("1"), None);
    }
}
