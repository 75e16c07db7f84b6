//! Versions of Python and Poetry, and the constraints that projects put on them.

use std::cmp::Ordering;
use std::fmt;
use std::ops::RangeInclusive;

/// The minor releases of Python 3 with an official image on a current Debian.
pub const KNOWN_PYTHONS: RangeInclusive<u32> = 9..=15;

/// The oldest Poetry that the build steps can drive.
pub const OLDEST_POETRY: PoetryVersion = PoetryVersion(Release([1, 8, 0]));

/// A release number, always with three parts: `3.12` is `3.12.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release(pub [u32; 3]);

impl Release {
    /// Parses one to three numbers, and returns how many there were.
    fn parse(text: &str) -> Option<(Self, usize)> {
        let mut parts = [0; 3];
        let mut count = 0;
        for part in text.split('.') {
            // A fourth number or a pre-release suffix is not supported.
            if !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            *parts.get_mut(count)? = part.parse().ok()?;
            count += 1;
        }
        Some((Self(parts), count))
    }

    /// Parses one to three numbers.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Some(Self::parse(text)?.0)
    }

    /// The first release after all those that share this one's first `count` numbers.
    fn after_prefix(self, count: usize) -> Option<Self> {
        let mut parts = [0; 3];
        parts[..count].copy_from_slice(&self.0[..count]);
        let last = parts.get_mut(count.checked_sub(1)?)?;
        *last = last.checked_add(1)?;
        Some(Self(parts))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// A Python 3 minor release, such as 3.13, or one patch release of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PythonVersion {
    /// The `13` of 3.13.5.
    pub minor: u32,
    /// The `5` of 3.13.5; `None` for any patch release.
    pub patch: Option<u32>,
}

impl PythonVersion {
    #[must_use]
    pub const fn minor(minor: u32) -> Self {
        Self { minor, patch: None }
    }

    /// Parses `3.N` or `3.N.P`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (Release([3, minor, patch]), count @ 2..=3) = Release::parse(text)? else {
            return None;
        };
        Some(Self {
            minor,
            patch: (count == 3).then_some(patch),
        })
    }

    /// Parses a release whose minor version is in [`KNOWN_PYTHONS`].
    #[must_use]
    pub fn parse_known(text: &str) -> Option<Self> {
        Self::parse(text).filter(|version| KNOWN_PYTHONS.contains(&version.minor))
    }
}

impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "3.{}", self.minor)?;
        match self.patch {
            Some(patch) => write!(f, ".{patch}"),
            None => Ok(()),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoetryVersion(Release);

impl PoetryVersion {
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self(Release([major, minor, patch]))
    }

    /// Parses `2.1.4`; `2.1` is 2.1.0.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (release, 2..=3) = Release::parse(text)? else {
            return None;
        };
        Some(Self(release))
    }

    #[must_use]
    pub const fn release(self) -> Release {
        self.0
    }
}

impl fmt::Display for PoetryVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A version constraint in Poetry's syntax (`^3.11`, `>=3.9,<4.0`, `~3.12 || 3.14.*`), a superset of PEP 440's.
///
/// Stored as the ranges of releases that it allows. Pre-releases are ignored. The syntax is that of poetry-core,
/// `src/poetry/core/constraints/version/parser.py`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint(Vec<Range>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    from: Release,
    /// Exclusive; `None` is unbounded.
    to: Option<Release>,
}

impl Range {
    const ALL: Self = Self {
        from: Release([0; 3]),
        to: None,
    };

    fn intersection(self, other: Self) -> Option<Self> {
        let from = self.from.max(other.from);
        let to = match (self.to, other.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        to.is_none_or(|to| from < to).then_some(Self { from, to })
    }
}

impl Constraint {
    #[must_use]
    pub fn any() -> Self {
        Self(vec![Range::ALL])
    }

    /// Parses a constraint; `None` if the syntax is unknown, which is left to Poetry to report.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut ranges = Vec::new();
        for alternative in text.split('|').filter(|part| !part.trim().is_empty()) {
            let mut allowed = vec![Range::ALL];
            for term in terms(alternative) {
                let term = parse_term(&term)?;
                allowed = allowed
                    .iter()
                    .flat_map(|range| term.iter().filter_map(|other| range.intersection(*other)))
                    .collect();
            }
            ranges.extend(allowed);
        }
        Some(Self(ranges))
    }

    /// The releases that both allow.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(
            self.0
                .iter()
                .flat_map(|a| other.0.iter().filter_map(|b| a.intersection(*b)))
                .collect(),
        )
    }

    #[must_use]
    pub fn allows(&self, release: Release) -> bool {
        self.0.iter().any(|range| {
            range.from <= release && range.to.is_none_or(|to| release.cmp(&to) == Ordering::Less)
        })
    }

    /// Whether it allows the Python release; without a patch number, any of its patch releases.
    #[must_use]
    pub fn allows_python(&self, version: PythonVersion) -> bool {
        if let Some(patch) = version.patch {
            return self.allows(Release([3, version.minor, patch]));
        }
        let minor = Range {
            from: Release([3, version.minor, 0]),
            to: Some(Release([3, version.minor + 1, 0])),
        };
        self.0
            .iter()
            .any(|range| range.intersection(minor).is_some())
    }

    /// The lower bound of the lowest range; `None` if no release is allowed.
    #[must_use]
    pub fn lowest(&self) -> Option<Release> {
        self.0.iter().map(|range| range.from).min()
    }
}

/// The terms, separated by commas or spaces. There may be a space between an operator and its version.
fn terms(text: &str) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    for word in text.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        match terms.last_mut() {
            Some(last) if last.chars().all(|char| "<>=!~^".contains(char)) => last.push_str(word),
            _ => terms.push(word.to_owned()),
        }
    }
    terms
}

fn parse_term(term: &str) -> Option<Vec<Range>> {
    let at = term
        .find(|char: char| !"<>=!~^".contains(char))
        .unwrap_or(term.len());
    let (operator, version) = term.split_at(at);
    let version = version.strip_prefix('v').unwrap_or(version);
    if version == "*" {
        return Some(vec![Range::ALL]);
    }
    let (version, wildcard) = match version.strip_suffix(".*") {
        Some(prefix) => (prefix, true),
        None => (version, false),
    };
    let (from, count) = Release::parse(version)?;
    let until = |to| vec![Range { from, to }];
    let exactly = |count| until(from.after_prefix(count));
    // A version without a patch number means `.0`; a wildcard means every release that starts with it.
    let length = if wildcard { count } else { 3 };
    let below = Range {
        from: Release([0; 3]),
        to: Some(from),
    };
    let above = Range {
        from: from.after_prefix(length)?,
        to: None,
    };
    Some(match operator {
        "" | "==" | "===" | "=" => exactly(length),
        "!=" | "<>" => vec![below, above],
        ">=" => until(None),
        ">" => vec![above],
        "<" => vec![below],
        "<=" => vec![Range {
            from: Release([0; 3]),
            to: from.after_prefix(length),
        }],
        "~=" => exactly(count.checked_sub(1).filter(|count| *count > 0)?),
        "~" => exactly(count.min(2)),
        "^" => {
            // The first number that is not 0 must stay the same.
            let leading = from
                .0
                .iter()
                .position(|part| *part != 0)
                .unwrap_or(count - 1);
            exactly(leading.min(count - 1) + 1)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(text: &str) -> Vec<u32> {
        let constraint = Constraint::parse(text).unwrap();
        (0..=20)
            .filter(|minor| constraint.allows_python(PythonVersion::minor(*minor)))
            .collect()
    }

    #[test]
    fn python_constraints_in_every_notation() {
        for (text, expected) in [
            ("^3.11", (11..=20).collect::<Vec<_>>()),
            (">=3.9,<4.0", (9..=20).collect()),
            (">=3.9, <3.12", vec![9, 10, 11]),
            (">= 3.9 < 3.11", vec![9, 10]),
            ("~3.12", vec![12]),
            ("~=3.12", (12..=20).collect()),
            ("~=3.12.1", vec![12]),
            ("3.12.*", vec![12]),
            ("==3.12.*", vec![12]),
            ("3.12.4", vec![12]),
            ("~3.10 || ~3.12", vec![10, 12]),
            ("^3.9, !=3.10.*, !=3.11.*", {
                let mut all: Vec<u32> = (12..=20).collect();
                all.insert(0, 9);
                all
            }),
            (">3.12", (12..=20).collect()),
            (">3.12.*", (13..=20).collect()),
            ("<=3.1", vec![0, 1]),
            ("*", (0..=20).collect()),
            ("", (0..=20).collect()),
        ] {
            // An empty constraint has no alternatives.
            if text.is_empty() {
                assert_eq!(Constraint::parse(text).unwrap().lowest(), None);
                continue;
            }
            assert_eq!(allowed(text), expected, "{text}");
        }
    }

    #[test]
    fn a_caret_keeps_the_first_number_that_is_not_zero() {
        let allows =
            |text: &str, release| Constraint::parse(text).unwrap().allows(Release(release));
        assert!(allows("^0.2.3", [0, 2, 9]) && !allows("^0.2.3", [0, 3, 0]));
        assert!(allows("^0.0.3", [0, 0, 3]) && !allows("^0.0.3", [0, 0, 4]));
        assert!(allows("^0.0", [0, 0, 9]) && !allows("^0.0", [0, 1, 0]));
        assert!(allows("^0", [0, 9, 9]) && !allows("^0", [1, 0, 0]));
    }

    #[test]
    fn unknown_syntax_is_rejected() {
        for text in ["latest", ">=3.9 and <4", "3.x", "^", "~=3", "3.12.1.4"] {
            assert_eq!(Constraint::parse(text), None, "{text}");
        }
    }

    #[test]
    fn python_and_poetry_versions_are_parsed() {
        assert_eq!(PythonVersion::parse("3.13").unwrap().to_string(), "3.13");
        assert_eq!(
            PythonVersion::parse("3.13.5").unwrap().to_string(),
            "3.13.5"
        );
        for wrong in [
            "3",
            "2.7",
            "3.13.5.1",
            "3.x",
            "",
            "3.13rc1",
            "3.-1",
            "3.99999999999",
        ] {
            assert_eq!(PythonVersion::parse(wrong), None, "{wrong}");
        }
        assert_eq!(PythonVersion::parse_known("3.99"), None);
        assert_eq!(
            PoetryVersion::parse("2.1"),
            Some(PoetryVersion::new(2, 1, 0))
        );
        assert_eq!(PoetryVersion::parse("2"), None);
    }
}
