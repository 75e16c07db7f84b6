//! The catalogue of rules: everything that a user can look up and switch off. Each has a page, `docs/rules/ID.md`. Also what a secret looks like.

mod secret;

use std::fmt;

pub use secret::{is_secret_name, is_secret_value, mask};

/// What comes of breaking a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is built.
    Error,
    /// The build tells it; it fails the build with `error = true` in `[check]`.
    Warning,
    /// A check lists it and a build does not tell it; it fails neither.
    Note,
    /// Like a warning, but looked at only when `enable` in `[check]` names it.
    Off,
}

impl Severity {
    /// The word for it.
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
        /// A rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $description] $rule,)*
        }

        impl Rule {
            /// All rules, in the order of their ids.
            pub const ALL: &[Self] = &[$(Self::$rule,)*];

            /// The id, as users write it.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$rule => stringify!($rule),)* }
            }

            /// What the rule asks for, one sentence.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$rule => $description,)* }
            }

            /// What comes of breaking it.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$rule => Severity::$severity,)* }
            }

            /// The page that explains it.
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
    AlpineBase: Warning, "Alpine's libc fits few wheels, so dependencies are compiled or do not install";
    BaseNotPinned: Note, "A base image without a digest is another image on another day";
    DevOnlyImport: Off, "The source imports a package that only a group which is not installed has";
    DuplicateContent: Warning, "What two steps put into the image is there twice";
    EditableDependency: Note, "An editable dependency is installed as a wheel, not editable";
    EntrypointNotFound: Warning, "The command of the image should be there";
    LargeContext: Warning, "What a build does not need should not be in its context";
    LatestTag: Warning, "The tag `latest` is another image after each release";
    LockNewerThanPoetry: Error, "The Poetry that installs should be as new as the one that wrote the lock";
    MissingSecret: Error, "A secret that the build needs must be given";
    PathOutsideContext: Error, "A path dependency must be in the build context or in a named one";
    PrivilegedPort: Error, "Ports below 1024 may be closed to a user that is not root";
    PythonNotAllowed: Error, "The image's Python must be one that the project and its lock allow";
    ScriptTargetMissing: Warning, "What a script runs should be in the source";
    SecretFile: Warning, "Files with keys and passwords do not belong into an image";
    SecretInArg: Warning, "Build arguments are stored with the image, so they are no place for secrets";
    SecretInEnv: Warning, "Environment variables are stored in the image, so they are no place for secrets";
    StaleLock: Error, "The lock must be of this `pyproject.toml`";
    SystemLibrary: Warning, "A package that needs system libraries needs their Debian packages";
    UnknownExtra: Error, "An extra must be one of the project's";
    UnknownGroup: Error, "A dependency group must be one of the project's";
    VenvNotIgnored: Warning, "A virtual environment of another machine is of no use in an image";
}

impl Rule {
    /// The rule with this id, in any case of letters.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|rule| rule.id().eq_ignore_ascii_case(id))
    }

    /// The address of its page; its path in the repository where nothing says where that is.
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
    fn rules_are_listed_by_their_ids() {
        assert!(Rule::ALL.is_sorted_by_key(|rule| rule.id()));
        for rule in Rule::ALL {
            assert_eq!(Rule::find(&rule.id().to_lowercase()), Some(*rule));
        }
        assert_eq!(Rule::find("None"), None);
    }

    #[test]
    fn each_page_has_its_title_and_says_how_to_switch_the_rule_off() {
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
