//! The catalogue of rules, which users can look up and switch off; each has a page, `docs/rules/ID.md`. Also recognises
//! secrets by their names and values.

mod secret;

use std::fmt;

pub use secret::{has_secret, is_free_text, is_secret, is_secret_name, is_secret_value, mask};

/// What happens if a rule is violated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The build fails before any step runs.
    Error,
    /// The build reports it, and fails with `error = true` in `[check]`.
    Warning,
    /// Only checks report it, and it does not fail them.
    Note,
    /// A warning if `enable` in `[check]` names the rule; otherwise it is not checked.
    Off,
}

impl Severity {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
            Self::Off => "off",
        }
    }
}

macro_rules! catalogue {
    ($($rule:ident: $severity:ident, $description:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $description] $rule,)*
        }

        impl Rule {
            /// All rules, sorted by ID.
            pub const ALL: &[Self] = &[$(Self::$rule,)*];

            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$rule => stringify!($rule),)* }
            }

            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$rule => $description,)* }
            }

            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$rule => Severity::$severity,)* }
            }

            #[must_use]
            pub const fn page(self) -> &'static str {
                match self {
                    $(Self::$rule => include_str!(
                        concat!("../../docs/rules/", stringify!($rule), ".md")
                    ),)*
                }
            }
        }
    };
}

catalogue! {
    AlpineBase: Warning, "Few packages have wheels for Alpine's libc, so dependencies are compiled or fail to install";
    BaseNotPinned: Note, "A base image without a digest can change without notice";
    BrokenLink: Warning, "A symbolic link in the source should lead to a file that is part of the source";
    BuiltFromSource: Note, "A package without a wheel for the image is built from its source";
    DevOnlyImport: Off, "The source imports a package that only an uninstalled dependency group provides";
    DuplicateContent: Warning, "Content that two steps add to the image is stored twice";
    EditableDependency: Note, "An editable dependency is installed from a wheel, not as an editable install";
    EntrypointNotFound: Warning, "The command of the image should exist in the image";
    GitIgnoredFile: Note, "A file that Git ignores is part of the wheel, although `poetry build` leaves it out";
    LargeContext: Warning, "Files that the build does not need should not be in the build context";
    LatestTag: Warning, "The tag `latest` moves with every release";
    LockNewerThanPoetry: Error, "The installing Poetry should be at least as new as the one that wrote the lock";
    MissingSecret: Error, "A secret that the build needs must be provided";
    NotExecutable: Warning, "A file that the container runs must be executable, and start with a valid `#!` line";
    OverlappingFiles: Warning, "Two packages install different files at the same path, and the image has only one of them";
    PathOutsideContext: Error, "A path dependency must be in the build context or in a named context";
    PrivilegedPort: Error, "A non-root user may be unable to listen on ports below 1024";
    PythonNotAllowed: Error, "The project and its lock must allow the Python of the image";
    ScriptTargetMissing: Warning, "The module that a script runs should be in the source";
    SecretFile: Warning, "Files with keys and passwords do not belong in an image";
    SecretInArg: Warning, "Build arguments are stored with the image, so they must not hold secrets";
    SecretInBuildFile: Warning, "Values of the build file are stored with the image or in the build cache, so they must not hold secrets";
    SecretInEnv: Warning, "Environment variables are stored in the image, so they must not hold secrets";
    StaleLock: Error, "The lock must match `pyproject.toml`";
    StandardPolicy: Warning, "A project must follow the rules of its platform team's standard";
    SystemLibrary: Warning, "A package that needs system libraries needs their Debian packages";
    UnexpandedVariable: Warning, "A reference to a variable in the value of another one is not expanded";
    UnknownBuildArg: Warning, "A build argument that the build file does not declare has no effect";
    UnknownExtra: Error, "An extra must be defined by the project";
    UnknownGroup: Error, "A dependency group must be defined by the project";
    VenvNotIgnored: Warning, "A virtual environment from another machine does not work in an image";
    VersionFromGit: Warning, "A version that comes from Git needs the whole repository, and `git` in the builder";
}

impl Rule {
    /// The rule with this ID, ignoring case.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|rule| rule.id().eq_ignore_ascii_case(id))
    }

    /// The URL of its page, or the path in the repository if the package names no repository.
    #[must_use]
    pub fn url(self) -> String {
        let path = format!("docs/rules/{}.md", self.id());
        match env!("CARGO_PKG_REPOSITORY") {
            "" => path,
            repository => format!("{}/blob/main/{path}", repository.trim_end_matches('/')),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_by_id() {
        assert!(Rule::ALL.is_sorted_by_key(|rule| rule.id()));
        for rule in Rule::ALL {
            assert_eq!(Rule::find(&rule.id().to_lowercase()), Some(*rule));
        }
        assert_eq!(Rule::find("None"), None);
    }

    #[test]
    fn each_page_has_the_facts_of_its_rule() {
        for rule in Rule::ALL {
            let page = rule.page();
            assert!(page.starts_with(&format!("# {rule}\n")), "{rule}");
            assert!(page.contains(rule.description()), "{rule}: the description");
            let severity = format!("Severity: {}", rule.severity().as_str());
            assert!(page.contains(&severity), "{rule}: {severity}");
            let off = format!("skip = [\"{rule}\"]");
            assert!(page.contains(&off), "{rule}: {off}");
        }
    }
}
