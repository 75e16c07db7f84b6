//! Errors in a standard's own tables.

use crate::build_file::error::Error as BuildFileError;
use crate::build_file::rule_switches;
use crate::diagnostics::{Problem, listed};

/// The release of this frontend.
pub(super) const RELEASE: &str = env!("CARGO_PKG_VERSION");

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    #[error("the standard has more than {most} {what}")]
    TooMany { what: &'static str, most: usize },
    #[error("a rule needs one of `key`, `images`, `rules` and `denied-licenses`; this one has {}", number(.0))]
    Subjects(Vec<&'static str>),
    #[error("`{0}` is only for rules with `key`")]
    OnlyWithKey(&'static str),
    #[error("`{0}` is only for rules with `denied-licenses`")]
    OnlyWithLicenses(&'static str),
    #[error("a rule with `key` needs a condition")]
    NoCondition,
    #[error("`{0}` is not a key of a build file")]
    NotAKey(String),
    #[error("a build file has no key `{key}`")]
    UnknownKey { key: String, hint: String },
    #[error("`{0}` is empty")]
    Empty(&'static str),
    #[error("`{0}` contradicts `locked`")]
    Locked(&'static str),
    #[error("`versions` is only for `python.version` and `poetry.version`")]
    NotAVersion,
    #[error("`{0}` is not a range of releases")]
    Versions(String),
    #[error("the standard is for the releases `{0}` of the frontend, and this one is {RELEASE}")]
    Frontend(String),
    #[error("`{0}` is neither a whole number nor a size")]
    Limit(String),
    #[error("`min` is greater than `max`")]
    Limits,
    #[error("`until` needs the `version` of the standard")]
    NoVersion,
    #[error("`{0}` is not a version that others can be compared with")]
    Version(String),
    #[error("`until` makes the rule an error, so it contradicts `severity`")]
    Until,
    #[error("the standard has no rule `{name}`")]
    UnknownPolicy { name: String, meant: Option<String> },
    #[error("`{0}` is not an image with a tag and without a digest")]
    CatalogueName(String),
    #[error("`{0}` is not a digest")]
    CatalogueDigest(String),
    #[error("the image `{0}` is in `[images]` twice")]
    CatalogueTwice(String),
    #[error("`{0}` is not a day")]
    Date(String),
    #[error(
        "a secret does not belong in a standard, which everyone with the frontend's image can read"
    )]
    Secret,
    #[error(transparent)]
    Rule(#[from] rule_switches::Error),
    #[error(transparent)]
    Value(#[from] BuildFileError),
}

fn number(found: &[&str]) -> String {
    if found.is_empty() {
        "none".to_owned()
    } else {
        listed(found)
    }
}

impl Problem for Error {
    fn hint(&self) -> String {
        match self {
            Self::TooMany { .. } => "use fewer".into(),
            Self::Subjects(found) if found.is_empty() => {
                "add, for example, `key = \"runtime.base\"`".into()
            }
            Self::Subjects(_) => "make it a rule for each".into(),
            Self::OnlyWithKey(_) => "remove it, or name a `key`".into(),
            Self::OnlyWithLicenses(_) => "remove it, or add `denied-licenses`".into(),
            Self::NoCondition => {
                "add `locked`, `required`, `allowed`, `denied`, `versions`, `min` or `max`".into()
            }
            Self::NotAKey(_) => {
                "write a key with its tables, such as `runtime.base` or `runtime.labels.\"org.example.team\"`".into()
            }
            Self::UnknownKey { hint, .. } => hint.clone(),
            Self::Empty(_) => "add at least one entry".into(),
            Self::Locked(_) => {
                "remove one of the two: no project can set a locked key".into()
            }
            Self::NotAVersion => "use `allowed`, or another key".into(),
            Self::Versions(_) => "write a range such as `>=3.12,<3.14`".into(),
            Self::Frontend(_) => {
                "make the team's image from one of these releases, or change the range".into()
            }
            Self::Limit(_) => "write a number such as `10`, or a size such as `\"500MB\"`".into(),
            Self::Limits => "swap the two".into(),
            Self::NoVersion => "add `version` at the top of the standard".into(),
            Self::Version(_) => "use numbers and dots, such as `3.2`".into(),
            Self::Until => "remove `severity`: the rule is a warning until then".into(),
            Self::UnknownPolicy {
                meant: Some(meant), ..
            } => format!("did you mean `{meant}`?"),
            Self::UnknownPolicy { name, .. } => {
                format!("remove it, or add the rule `[policy.{name}]`")
            }
            Self::CatalogueName(_) => "write a name such as `\"python:3.13-slim\"`".into(),
            Self::CatalogueDigest(_) => {
                "write `sha256:DIGEST`, as `docker buildx imagetools inspect` prints it".into()
            }
            Self::CatalogueTwice(_) => "remove one of the two".into(),
            Self::Date(_) => "write year, month and day, such as `2027-05-31`".into(),
            Self::Secret => {
                "remove it; builds get secrets with `--secret`, and the standard can name their ids".into()
            }
            Self::Rule(error) => error.hint(),
            Self::Value(error) => error.hint(),
        }
    }
}
