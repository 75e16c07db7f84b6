//! Which rules are enabled: `[check]` of the build file, and the build argument `BUILDKIT_DOCKERFILE_CHECK`.

use std::collections::BTreeSet;

use crate::diagnostics::{Problem, closest};
use crate::rules::{Rule, Severity};

/// Every rule.
const ALL: &str = "all";

/// Which rules are enabled, and whether warnings fail the build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSwitches {
    pub skip: BTreeSet<Rule>,
    /// Matters only for rules that are off by default.
    pub enable: BTreeSet<Rule>,
    pub fail_on_warnings: bool,
    /// Rules of a standard that cannot be skipped.
    pub required: BTreeSet<Rule>,
    /// Rules of a standard that fail the build.
    pub fatal: BTreeSet<Rule>,
}

/// An invalid switch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("there is no rule `{0}`")]
    Unknown(String),
    /// Not of the form `skip=A,B;error=true`.
    #[error("invalid check option `{0}`")]
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
                "write `skip=RULE,RULE`, `enable=RULE` or `error=true`, separated by `;`".into()
            }
        }
    }
}

impl RuleSwitches {
    /// Disables the rule with this id, or `all`.
    ///
    /// # Errors
    /// No rule has this id.
    pub fn skip(&mut self, id: &str) -> Result<(), Error> {
        if id == ALL {
            self.skip.extend(Rule::ALL);
            return Ok(());
        }
        let rule = Rule::find(id).ok_or_else(|| Error::Unknown(id.to_owned()))?;
        self.skip.insert(rule);
        Ok(())
    }

    /// Enables the rule with this id.
    ///
    /// # Errors
    /// No rule has this id.
    pub fn enable(&mut self, id: &str) -> Result<(), Error> {
        let rule = Rule::find(id).ok_or_else(|| Error::Unknown(id.to_owned()))?;
        self.enable.insert(rule);
        Ok(())
    }

    /// Parses `skip=A,B;error=true`, the form of the build argument `BUILDKIT_DOCKERFILE_CHECK`
    /// (`frontend/dockerfile/linter/linter.go`).
    ///
    /// # Errors
    /// It has another form, or names an unknown rule.
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
                ("error", value @ ("true" | "false")) => {
                    switches.fail_on_warnings = value == "true";
                }
                _ => return Err(Error::Switch(part.to_owned())),
            }
        }
        Ok(switches)
    }

    /// Combines two sets of switches.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.skip.extend(&other.skip);
        self.enable.extend(&other.enable);
        self.fail_on_warnings |= other.fail_on_warnings;
        self.required.extend(&other.required);
        self.fatal.extend(&other.fatal);
        self
    }

    #[must_use]
    pub fn is_enabled(&self, rule: Rule) -> bool {
        let on = rule.severity() != Severity::Off || self.enable.contains(&rule);
        // A standard's own rules are not the project's to skip.
        let required = rule == Rule::StandardPolicy || self.required.contains(&rule);
        required || on && !self.skip.contains(&rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_argument_has_the_form_of_dockerfiles() {
        let switches = RuleSwitches::parse("skip=AlpineBase, latesttag ;error=true").unwrap();
        assert!(switches.fail_on_warnings);
        assert!(!switches.is_enabled(Rule::AlpineBase) && !switches.is_enabled(Rule::LatestTag));
        assert!(switches.is_enabled(Rule::SecretInEnv));
        assert_eq!(RuleSwitches::parse(""), Ok(RuleSwitches::default()));
        assert!(
            !RuleSwitches::parse("error=true;error=false")
                .unwrap()
                .fail_on_warnings
        );
    }

    #[test]
    fn all_rules_can_be_switched_off_at_once() {
        let switches = RuleSwitches::parse("skip=all").unwrap();
        for rule in Rule::ALL {
            let is_policy = *rule == Rule::StandardPolicy;
            assert_eq!(switches.is_enabled(*rule), is_policy, "{rule}");
        }
    }

    #[test]
    fn a_rule_that_is_off_by_default_can_be_switched_on() {
        let rule = Rule::DevOnlyImport;
        assert!(!RuleSwitches::default().is_enabled(rule));
        let on = RuleSwitches::parse("enable=DevOnlyImport").unwrap();
        assert!(on.is_enabled(rule));
        assert!(
            !on.and(&RuleSwitches::parse("skip=DevOnlyImport").unwrap())
                .is_enabled(rule)
        );
    }

    #[test]
    fn invalid_switches() {
        for (text, error) in [
            ("skip=AlpinBase", "there is no rule `AlpinBase`"),
            ("skip", "invalid check option `skip`"),
            ("error=yes", "invalid check option `error=yes`"),
        ] {
            assert_eq!(RuleSwitches::parse(text).unwrap_err().to_string(), error);
        }
        let hint = RuleSwitches::parse("skip=AlpinBase").unwrap_err().hint();
        assert_eq!(hint, "did you mean `AlpineBase`?");
    }
}
