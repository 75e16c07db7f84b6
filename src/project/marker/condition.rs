//! What remains of a marker once its known parts are evaluated.

use std::collections::BTreeSet;
use std::fmt;

/// A condition in a normal form: without known parts, nesting of the same kind, duplicates and operands that another operand
/// implies. The operands are sorted, so that conditions that differ only in their spelling are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::project) enum Condition {
    Known(bool),
    Comparison(String),
    /// A marker with unknown syntax.
    Unparsed(String),
    All(BTreeSet<Condition>),
    Any(BTreeSet<Condition>),
}

impl Condition {
    /// True if all of them are.
    pub(in crate::project) fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut operands = BTreeSet::new();
        for one in conditions {
            match one {
                Self::Known(true) => {}
                Self::Known(false) => return one,
                Self::All(nested) => operands.extend(nested),
                other => drop(operands.insert(other)),
            }
        }
        retain_shortest(&mut operands, Self::alternatives);
        Self::single(&mut operands).unwrap_or(match operands.len() {
            0 => Self::Known(true),
            _ => Self::All(operands),
        })
    }

    /// True if one of them is.
    pub(in crate::project) fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut operands = BTreeSet::new();
        for one in conditions {
            match one {
                Self::Known(false) => {}
                Self::Known(true) => return one,
                Self::Any(nested) => operands.extend(nested),
                other => drop(operands.insert(other)),
            }
        }
        retain_shortest(&mut operands, Self::requirements);
        Self::single(&mut operands).unwrap_or(match operands.len() {
            0 => Self::Known(false),
            _ => Self::Any(operands),
        })
    }

    fn single(operands: &mut BTreeSet<Self>) -> Option<Self> {
        (operands.len() == 1).then(|| operands.pop_first())?
    }

    fn requirements(&self) -> Option<&BTreeSet<Self>> {
        match self {
            Self::All(operands) => Some(operands),
            _ => None,
        }
    }

    fn alternatives(&self) -> Option<&BTreeSet<Self>> {
        match self {
            Self::Any(operands) => Some(operands),
            _ => None,
        }
    }
}

/// Real markers have far fewer operands. Comparing more of them would take too long.
const MOST_COMPARED: usize = 100;

/// Drops each operand whose parts include those of another operand: `a or a and b` is `a`.
fn retain_shortest(
    operands: &mut BTreeSet<Condition>,
    parts: impl Fn(&Condition) -> Option<&BTreeSet<Condition>>,
) {
    if operands.len() > MOST_COMPARED {
        return;
    }
    let covers = |one: &Condition, of: &BTreeSet<Condition>| match parts(one) {
        Some(own) => own.is_subset(of),
        None => of.contains(one),
    };
    let is_covered = |one: &&Condition| {
        parts(one).is_some_and(|of| {
            operands
                .iter()
                .any(|other| other != *one && covers(other, of))
        })
    };
    let covered: Vec<Condition> = operands.iter().filter(is_covered).cloned().collect();
    for one in &covered {
        operands.remove(one);
    }
}

/// As a marker.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operands, operator) = match self {
            Self::Known(true) => return Ok(()),
            Self::Known(false) => return f.write_str("<empty>"),
            Self::Comparison(text) | Self::Unparsed(text) => return f.write_str(text),
            Self::All(operands) => (operands, " and "),
            Self::Any(operands) => (operands, " or "),
        };
        for (number, operand) in operands.iter().enumerate() {
            if number > 0 {
                f.write_str(operator)?;
            }
            match (self, operand) {
                (Self::All(_), Self::Any(_)) | (_, Self::Unparsed(_)) => write!(f, "({operand})")?,
                _ => write!(f, "{operand}")?,
            }
        }
        Ok(())
    }
}
