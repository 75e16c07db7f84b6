//! Failures of the frontend's own scripts whose reason is known.

/// Why a command failed, as far as its output shows. The exit code says so (`src/scripts/explain-failure.sh`).
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
}

impl KnownFailure {
    const ALL: [Self; 4] = [
        Self::Unreachable,
        Self::Unauthorized,
        Self::NoPackage,
        Self::NoCompiler,
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_of_the_scripts() {
        let script = include_str!("../scripts/explain-failure.sh");
        for known in KnownFailure::ALL {
            let code = known.exit_code();
            assert!(script.contains(&format!("return {code}\n")), "{code}");
            assert_eq!(KnownFailure::of(code), Some(known));
        }
        assert_eq!(KnownFailure::of("1"), None);
    }
}
