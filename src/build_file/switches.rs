//! Which rules are looked at: `[check]` of the build file, and the option that engines know for Dockerfiles.

use std::collections::BTreeSet;

use crate::diagnostics::{Problem, closest};
use crate::rules::{Rule, Severity};

/// The word for all rules.
const ALL: &str = "all";

/// What is switched off, and what comes of the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// Rules that are not looked at.
    pub skip: BTreeSet<Rule>,
    /// Rules that are looked at only if they are here.
    pub enable: BTreeSet<Rule>,
    /// Whether a warning fails the build.
    pub error: bool,
}

/// What a switch can be wrong about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An id that no rule has.
    #[error("there is no rule `{0}`")]
    Unknown(String),
    /// Something else than `skip=A,B;error=true`.
    #[error("`{0}` is not a switch of the checks")]
    Switch(String),
}

impl Problem for Error {
    fn hint(&self) -> String {
        match self {
            Self::Unknown(id) => match closest(id, Rule::ALL.iter().map(|rule| rule.id())) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`poetry-frontend explain` lists all rules".into(),
            },
            Self::Switch(_) => {
                "write `skip=RULE,RULE`, `enable=RULE` or `error=true`, with `;` between them"
                    .into()
            }
        }
    }
}

impl Switches {
    /// Skips the rule of this id, or `all`.
    ///
    /// # Errors
    /// There is no such rule.
    pub fn skip(&mut self, id: &str) -> Result<(), Error> {
        if id == ALL {
            self.skip.extend(Rule::ALL);
            return Ok(());
        }
        let rule = Rule::find(id).ok_or_else(|| Error::Unknown(id.to_owned()))?;
        self.skip.insert(rule);
        Ok(())
    }

    /// Looks at the rule of this id.
    ///
    /// # Errors
    /// There is no such rule.
    pub fn enable(&mut self, id: &str) -> Result<(), Error> {
        let rule = Rule::find(id).ok_or_else(|| Error::Unknown(id.to_owned()))?;
        self.enable.insert(rule);
        Ok(())
    }

    /// Reads `skip=A,B;error=true`, the form of the build argument `BUILDKIT_DOCKERFILE_CHECK`
    /// (`frontend/dockerfile/linter/linter.go`).
    ///
    /// # Errors
    /// It has another form, or names a rule that does not exist.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut switches = Self::default();
        for part in text
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let (key, value) = part
                .split_once('=')
                .ok_or_else(|| Error::Switch(part.to_owned()))?;
            let ids = || value.split(',').map(str::trim).filter(|id| !id.is_empty());
            match (key.trim(), value.trim()) {
                ("skip", _) => ids().try_for_each(|id| switches.skip(id))?,
                ("enable" | "experimental", _) => ids().try_for_each(|id| switches.enable(id))?,
                ("error", value @ ("true" | "false")) => switches.error = value == "true",
                _ => return Err(Error::Switch(part.to_owned())),
            }
        }
        Ok(switches)
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.skip.extend(&other.skip);
        self.enable.extend(&other.enable);
        self.error |= other.error;
        self
    }

    /// Whether the rule is looked at.
    #[must_use]
    pub fn looks_at(&self, rule: Rule) -> bool {
        let on = rule.severity() != Severity::Off || self.enable.contains(&rule);
        on && !self.skip.contains(&rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_is_read_like_that_of_dockerfiles() {
        let switches = Switches::parse("skip=AlpineBase, latesttag ;error=true").unwrap();
        assert!(switches.error);
        assert!(!switches.looks_at(Rule::AlpineBase) && !switches.looks_at(Rule::LatestTag));
        assert!(switches.looks_at(Rule::SecretInEnv));
        assert_eq!(Switches::parse(""), Ok(Switches::default()));
        assert!(!Switches::parse("error=true;error=false").unwrap().error);
    }

    #[test]
    fn all_rules_are_skipped_at_once() {
        let switches = Switches::parse("skip=all").unwrap();
        for rule in Rule::ALL {
            assert!(!switches.looks_at(*rule), "{rule}");
        }
    }

    #[test]
    fn a_rule_that_is_off_is_looked_at_when_it_is_named() {
        let rule = Rule::DevOnlyImport;
        assert!(!Switches::default().looks_at(rule));
        let on = Switches::parse("enable=DevOnlyImport").unwrap();
        assert!(on.looks_at(rule));
        assert!(
            !on.and(&Switches::parse("skip=DevOnlyImport").unwrap())
                .looks_at(rule)
        );
    }

    #[test]
    fn wrong_switches() {
        for (text, told) in [
            ("skip=AlpinBase", "there is no rule `AlpinBase`"),
            ("skip", "`skip` is not a switch of the checks"),
            ("error=yes", "`error=yes` is not a switch of the checks"),
        ] {
            assert_eq!(Switches::parse(text).unwrap_err().to_string(), told);
        }
        let hint = Switches::parse("skip=AlpinBase").unwrap_err().hint();
        assert_eq!(hint, "did you mean `AlpineBase`?");
    }
}
