//! `standard.toml`: what a platform team sets for all of its projects. Its `[defaults]` are a build file, merged below the
//! project's own, and its `[policy]` has rules that the result must follow.

mod catalogue;
mod date;
mod error;
mod exception;
mod glob;
mod key;
mod policy;
mod repository;
pub(in crate::build_file) mod schema;
mod secrets;
mod text;
mod violations;

use std::collections::BTreeMap;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Error, toml_error};
use super::merge::merge_target;
use super::{read, shape};
use crate::diagnostics::{Diagnostic, Diagnostics, Document, Problem};
use crate::digest::sha256;
use crate::project::{Release, VersionConstraint};

use super::rule_switches::RuleSwitches;
use schema::StandardFile;
use text::{explained, is_line, line};

pub use catalogue::Catalogue;
pub use date::Date;
pub use exception::{Excepted, Exception, Subject};
pub use glob::matches;
pub use key::Key;
pub use policy::{Check, Conditions, Licenses, Policy};
pub use schema::PolicySeverity;
pub use text::STANDARD_NAME;
pub(super) use violations::Tables;
pub use violations::{Violation, spellings, unfit};

const DEFAULTS: &str = "defaults";

/// A standard whose keys and types are right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standard {
    pub name: String,
    pub version: Option<String>,
    /// Of the file.
    pub digest: String,
    /// In the order of the file.
    pub policies: Vec<Policy>,
    pub exceptions: Vec<Exception>,
    pub images: Catalogue,
    /// The address of the team's documentation.
    docs: Option<String>,
    document: Document,
}

impl Standard {
    /// Parses the file.
    ///
    /// # Errors
    /// It is not TOML, or a key or a value is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, Diagnostics> {
        let document = read::document(STANDARD_NAME, bytes)?;
        let root = DeTable::parse(document.text())
            .map_err(|error| toml_error(&document, &error, Error::Syntax))?
            .into_inner();
        let text = |key: &str| {
            let text = root.get(key).and_then(|at| at.get_ref().as_str());
            text.filter(|text| is_line(text)).map(str::to_owned)
        };
        let (name, version, docs) = (text("name"), text("version"), text("docs"));
        let title = match (name, version) {
            (None, _) => STANDARD_NAME.to_owned(),
            (Some(name), None) => format!("{STANDARD_NAME} of {name}"),
            (Some(name), Some(version)) => format!("{STANDARD_NAME} of {name} {version}"),
        };
        let document = Document::new(title, document.language(), document.text());
        let digest = format!("sha256:{}", sha256(bytes));
        Self::of(&document, root, digest).map_err(|errors| explained(errors, docs.as_deref()))
    }

    fn of(document: &Document, mut root: DeTable<'_>, digest: String) -> Result<Self, Diagnostics> {
        Diagnostics::fail_if_any(shape::errors_of_standard(document, &root))?;
        Diagnostics::fail_if_any(secrets::find(document, &root))?;
        // Decoded with each project, because it may refer to arguments.
        root.remove(DEFAULTS);
        let [policies, images] = ["policy", "images"].map(|table| names(document, &root, table));
        let root = Spanned::new(0..document.text().len(), root);
        let file = StandardFile::deserialize(toml::de::Deserializer::from(root))
            .map_err(|error| toml_error(document, &error, Error::Unreadable))?;

        let mut found = Vec::new();
        let [name, version, docs] =
            [file.name, file.version, file.docs].map(|at| line(document, at, &mut found));
        if name.is_none() && found.is_empty() {
            let (key, example) = ("name".to_owned(), "\"corp-python\"".to_owned());
            found.push(Error::Missing { key, example }.at(&document.first_line()));
        }
        if let Some(range) = file.frontend {
            let span = document.span(range.span);
            found.extend(other_frontend(&range.value).map(|error| error.at(&span)));
        }
        let tables = file.policy.into_iter().map(|(name, table)| {
            let span = policies.get(&name).cloned();
            let span = span.unwrap_or_else(|| document.span(table.span));
            (name, span, table.value)
        });
        let policies = policy::read(document, tables.collect(), version.as_deref(), &mut found);
        let images = catalogue::read(document, &images, file.images, &mut found);
        let exceptions = exception::read(document, file.exception, &policies, &mut found);
        Diagnostics::fail_if_any(found)?;
        Ok(Self {
            name: name.unwrap_or_default(),
            version,
            digest,
            policies,
            exceptions,
            images,
            docs,
            document: document.clone(),
        })
    }

    /// The text, moved behind that of a build file, so that each range is in one of the two.
    pub(super) fn behind(&self, build_file: &Document) -> String {
        let distance = Document::distance_below(build_file);
        format!("{}{}", " ".repeat(distance), self.document.text())
    }

    /// The build file with the standard below it.
    pub(super) fn below(&self, build_file: &Document) -> Document {
        build_file.above(self.document.clone())
    }

    /// Adds the address of the team's documentation to errors in the standard.
    pub(super) fn explained(&self, errors: Diagnostics) -> Diagnostics {
        explained(errors, self.docs.as_deref())
    }

    /// Whether a project need not follow a rule.
    #[must_use]
    pub fn excepted(&self, policy: &Policy, subject: Subject<'_>) -> Excepted<'_> {
        exception::find(&self.exceptions, &policy.name, subject)
    }

    /// The rules about licences that a project must follow.
    pub fn licenses<'a>(
        &'a self,
        subject: Subject<'_>,
    ) -> impl Iterator<Item = (&'a Policy, &'a Licenses)> {
        self.policies.iter().filter_map(move |policy| {
            let is_excepted = matches!(self.excepted(policy, subject), Excepted::Now(_));
            match &policy.check {
                Check::Licenses(licenses) if !is_excepted => Some((policy, licenses)),
                _ => None,
            }
        })
    }

    /// The switches, with the rules that the standard enforces for a project.
    #[must_use]
    pub fn enforce(&self, mut switches: RuleSwitches, subject: Subject<'_>) -> RuleSwitches {
        for policy in &self.policies {
            if matches!(self.excepted(policy, subject), Excepted::Now(_)) {
                continue;
            }
            if let Check::Rules(rules) = &policy.check {
                switches.required.extend(rules);
                if policy.severity == Some(PolicySeverity::Error) {
                    switches.fatal.extend(rules);
                }
            }
        }
        switches
    }

    /// The labels of images that follow the standard, by name.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, String> {
        let labels = [
            ("version", Some(env!("CARGO_PKG_VERSION").to_owned())),
            ("standard.name", Some(self.name.clone())),
            ("standard.version", self.version.clone()),
            ("standard.digest", Some(self.digest.clone())),
        ];
        let labels = labels.into_iter();
        labels
            .filter_map(|(name, value)| Some((format!("poetry-frontend.{name}"), value?)))
            .collect()
    }

    /// The rule of this name.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.name == name)
    }
}

/// The standard that a build file is merged over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    pub standard: Standard,
    /// Those that the files alone show.
    pub violations: Vec<Violation>,
}

/// The spans of the names in a table of names.
fn names(
    document: &Document,
    root: &DeTable<'_>,
    table: &str,
) -> BTreeMap<String, crate::diagnostics::Span> {
    let table = root.get(table).and_then(|at| at.get_ref().as_table());
    let keys = table.into_iter().flat_map(|table| table.iter());
    keys.map(|(key, _)| (key.get_ref().to_string(), document.span(key.span())))
        .collect()
}

/// `root`, of a build file, over the defaults of the standard whose text is at a distance.
///
/// # Errors
/// None for a [`Standard`], whose text has been parsed before.
pub(super) fn merged<'i>(
    document: &Document,
    standard: &'i str,
    root: &DeTable<'i>,
) -> Result<DeTable<'i>, Diagnostic> {
    let parsed = DeTable::parse(standard);
    let parsed = parsed.map_err(|error| toml_error(document, &error, Error::Syntax))?;
    let defaults = parsed.into_inner().remove(DEFAULTS);
    Ok(match defaults.map(Spanned::into_inner) {
        Some(DeValue::Table(mut defaults)) => {
            merge_target(&mut defaults, root);
            defaults
        }
        _ => root.clone(),
    })
}

/// Unless this release of the frontend is in the range.
fn other_frontend(range: &str) -> Option<error::Error> {
    let parsed = VersionConstraint::parse(range).filter(|_| !range.trim().is_empty());
    let Some(releases) = parsed else {
        return Some(error::Error::Versions(range.to_owned()));
    };
    let allowed =
        Release::of(error::RELEASE).is_some_and(|release| releases.allows_release(release));
    (!allowed).then(|| error::Error::Frontend(range.to_owned()))
}
