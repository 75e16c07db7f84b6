//! Versions of packages (PEP 440), and the constraints on them in Poetry's syntax.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

/// A version such as `1!2.0rc1.post2.dev3+local`.
#[derive(Clone, Debug)]
pub struct Version {
    epoch: u64,
    /// Without zeros at the end.
    release: Vec<u64>,
    /// The number of parts in the release as written.
    precision: usize,
    pre: Option<(Pre, u64)>,
    post: Option<u64>,
    dev: Option<u64>,
    /// Empty if there is no local version.
    local: Vec<Segment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pre {
    Alpha,
    Beta,
    Candidate,
}

/// A part of a local version. Numbers come after text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Text(String),
    Number(u64),
}

const SEPARATORS: [char; 3] = ['-', '_', '.'];
/// Each label comes before the labels that it starts with.
const PRE_LABELS: [(&str, Pre); 8] = [
    ("alpha", Pre::Alpha),
    ("a", Pre::Alpha),
    ("beta", Pre::Beta),
    ("b", Pre::Beta),
    ("preview", Pre::Candidate),
    ("pre", Pre::Candidate),
    ("rc", Pre::Candidate),
    ("c", Pre::Candidate),
];
const POST_LABELS: [(&str, ()); 3] = [("post", ()), ("rev", ()), ("r", ())];
const DEV_LABELS: [(&str, ()); 1] = [("dev", ())];

impl Version {
    /// Parses any spelling that PEP 440 allows; `None` if it is not a version.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let rest = text.strip_prefix('v').unwrap_or(&text);
        let (epoch, rest) = match rest.split_once('!') {
            Some((epoch, rest)) => (number(epoch)?, rest),
            None => (0, rest),
        };
        let (mut rest, local) = match rest.split_once('+') {
            Some((rest, local)) => (rest, local_segments(local)?),
            None => (rest, Vec::new()),
        };
        let mut release = vec![take_number(&mut rest)??];
        while rest
            .strip_prefix('.')
            .is_some_and(|after| after.starts_with(|char: char| char.is_ascii_digit()))
        {
            rest = &rest[1..];
            release.push(take_number(&mut rest)??);
        }
        let pre = take_labelled(&mut rest, &PRE_LABELS)?;
        let post = match rest.strip_prefix('-') {
            Some(mut after) if after.starts_with(|char: char| char.is_ascii_digit()) => {
                let post = take_number(&mut after)??;
                rest = after;
                Some(post)
            }
            _ => take_labelled(&mut rest, &POST_LABELS)?.map(|((), number)| number),
        };
        let dev = take_labelled(&mut rest, &DEV_LABELS)?.map(|((), number)| number);
        let precision = release.len();
        rest.is_empty().then(|| Self {
            epoch,
            release: trimmed(release),
            precision,
            pre,
            post,
            dev,
            local,
        })
    }

    /// A final release.
    #[must_use]
    pub fn of(release: &[u64]) -> Self {
        Self {
            epoch: 0,
            precision: release.len(),
            release: trimmed(release.to_vec()),
            pre: None,
            post: None,
            dev: None,
            local: Vec::new(),
        }
    }

    /// A part of the release: 0 is the major number.
    #[must_use]
    pub fn part(&self, position: usize) -> u64 {
        self.release.get(position).copied().unwrap_or_default()
    }

    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    fn has_base_of(&self, other: &Self) -> bool {
        (self.epoch, &self.release) == (other.epoch, &other.release)
    }

    /// Whether its release starts with the first `count` numbers of another's.
    fn starts_with(&self, other: &Self, count: usize) -> bool {
        self.epoch == other.epoch
            && (0..count).all(|position| self.part(position) == other.part(position))
    }

    /// The final release with the first `count` numbers of this one, the last of them increased.
    fn after_prefix(&self, count: usize) -> Option<Self> {
        let mut release: Vec<u64> = (0..count).map(|position| self.part(position)).collect();
        let last = release.last_mut()?;
        *last = last.checked_add(1)?;
        Some(Self {
            epoch: self.epoch,
            ..Self::of(&release)
        })
    }

    fn cmp_public(&self, other: &Self) -> Ordering {
        self.public_key().cmp(&other.public_key())
    }

    fn public_key(&self) -> impl Ord {
        let pre = match (self.pre, self.post, self.dev) {
            (Some((pre, number)), ..) => (pre as u8 + 1, number),
            (None, None, Some(_)) => (0, 0),
            _ => (u8::MAX, 0),
        };
        let dev = self.dev.map_or((true, 0), |dev| (false, dev));
        (self.epoch, self.release.as_slice(), pre, self.post, dev)
    }
}

/// In the normal form of PEP 440, without zeros at the end of the release.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.epoch > 0 {
            write!(f, "{}!", self.epoch)?;
        }
        let parts: Vec<String> = self.release.iter().map(u64::to_string).collect();
        f.write_str(&parts.join("."))?;
        if let Some((pre, number)) = self.pre {
            let label = match pre {
                Pre::Alpha => "a",
                Pre::Beta => "b",
                Pre::Candidate => "rc",
            };
            write!(f, "{label}{number}")?;
        }
        if let Some(post) = self.post {
            write!(f, ".post{post}")?;
        }
        if let Some(dev) = self.dev {
            write!(f, ".dev{dev}")?;
        }
        for (number, segment) in self.local.iter().enumerate() {
            f.write_str(if number == 0 { "+" } else { "." })?;
            match segment {
                Segment::Text(text) => f.write_str(text)?,
                Segment::Number(number) => write!(f, "{number}")?,
            }
        }
        Ok(())
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.cmp_public(other)
            .then_with(|| self.local.cmp(&other.local))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `1.0` and `1` are equal.
impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

fn trimmed(mut release: Vec<u64>) -> Vec<u64> {
    while release.len() > 1 && release.last() == Some(&0) {
        release.pop();
    }
    release
}

fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

/// The number that `rest` starts with: `None` if it starts with none, `Some(None)` if the number is too large.
#[expect(clippy::option_option, reason = "no number is not an error everywhere")]
fn take_number(rest: &mut &str) -> Option<Option<u64>> {
    let end = rest.find(|char: char| !char.is_ascii_digit());
    let (digits, after) = rest.split_at(end.unwrap_or(rest.len()));
    if digits.is_empty() {
        return None;
    }
    *rest = after;
    Some(number(digits))
}

/// A label with its number, 0 if it has none: `Some(None)` if there is no such label, `None` if the number is too large.
#[expect(clippy::option_option, reason = "no label is not an error")]
fn take_labelled<T: Copy>(rest: &mut &str, labels: &[(&str, T)]) -> Option<Option<(T, u64)>> {
    let start = rest.strip_prefix(SEPARATORS).unwrap_or(rest);
    let found = labels
        .iter()
        .find_map(|(label, value)| Some((*value, start.strip_prefix(label)?)));
    let Some((value, after)) = found else {
        return Some(None);
    };
    *rest = after.strip_prefix(SEPARATORS).unwrap_or(after);
    let number = match take_number(rest) {
        Some(number) => number?,
        None => 0,
    };
    Some(Some((value, number)))
}

fn local_segments(text: &str) -> Option<Vec<Segment>> {
    let segment = |part: &str| {
        let is_valid = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_valid
            .then(|| number(part).map_or_else(|| Segment::Text(part.to_owned()), Segment::Number))
    };
    text.split(SEPARATORS).map(segment).collect()
}

/// A constraint on the version of a package, in Poetry's syntax (`^1.2`, `>=1,<2 || ~3.1`), a superset of PEP 440's.
///
/// The syntax is that of poetry-core, `src/poetry/core/constraints/version/parser.py`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionConstraint {
    /// The alternatives, each with terms that must all hold.
    alternatives: Vec<Vec<Term>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Less(Version),
    AtMost(Version),
    Greater(Version),
    AtLeast(Version),
    Equal(Version),
    Not(Version),
    /// Has the first numbers of a version.
    Like(Version, usize),
    Unlike(Version, usize),
}

impl VersionConstraint {
    #[must_use]
    pub fn any() -> Self {
        Self {
            alternatives: vec![Vec::new()],
        }
    }

    /// `None` if the syntax is unknown.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let alternatives = text.split('|').filter(|part| !part.trim().is_empty());
        let alternatives: Vec<Vec<Term>> = alternatives.map(all).collect::<Option<_>>()?;
        Some(if alternatives.is_empty() {
            Self::any()
        } else {
            Self { alternatives }
        })
    }

    /// What both allow.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let both = |terms: &Vec<Term>| {
            let others = other.alternatives.iter();
            let both = others.map(|more| terms.iter().chain(more).cloned().collect());
            both.collect::<Vec<Vec<Term>>>()
        };
        Self {
            alternatives: self.alternatives.iter().flat_map(both).collect(),
        }
    }

    /// The version to start from: the highest lower bound of an alternative; the lowest of several alternatives. `None` if
    /// one of them has no lower bound.
    #[must_use]
    pub fn lowest(&self) -> Option<&Version> {
        let alternatives = self.alternatives.iter();
        let lowest = alternatives.map(|terms| terms.iter().filter_map(Term::lowest).max());
        let lowest: Option<Vec<&Version>> = lowest.collect();
        lowest?.into_iter().min()
    }

    #[must_use]
    pub fn allows(&self, version: &Version) -> bool {
        let mut alternatives = self.alternatives.iter();
        alternatives.any(|terms| terms.iter().all(|term| term.allows(version)))
    }

    /// One spelling for all constraints with the same terms.
    pub(super) fn normalised(&self) -> String {
        if self.alternatives.iter().any(Vec::is_empty) {
            return "*".to_owned();
        }
        let all = |terms: &Vec<Term>| {
            let terms: BTreeSet<String> = terms.iter().map(Term::to_string).collect();
            terms.into_iter().collect::<Vec<_>>().join(",")
        };
        let alternatives: BTreeSet<String> = self.alternatives.iter().map(all).collect();
        alternatives.into_iter().collect::<Vec<_>>().join(" || ")
    }

    /// The marker that holds for a Python with an allowed version. For Poetry, `3.12` means every 3.12
    /// (poetry-core, `src/poetry/core/packages/utils/utils.py`).
    pub(super) fn python_marker(&self) -> String {
        let all = |terms: &Vec<Term>| {
            let terms: Vec<String> = terms.iter().map(Term::python_marker).collect();
            terms.join(" and ")
        };
        if self.alternatives.iter().any(Vec::is_empty) {
            return String::new();
        }
        let alternatives: Vec<String> = self.alternatives.iter().map(all).collect();
        alternatives.join(" or ")
    }

    /// The versions that it compares with.
    pub(super) fn versions(&self) -> impl Iterator<Item = &Version> {
        self.alternatives.iter().flatten().map(Term::version)
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = |version: &Version, count| {
            let parts = (0..count).map(|position| version.part(position).to_string());
            parts.collect::<Vec<_>>().join(".")
        };
        match self {
            Self::Less(version) => write!(f, "<{version}"),
            Self::AtMost(version) => write!(f, "<={version}"),
            Self::Greater(version) => write!(f, ">{version}"),
            Self::AtLeast(version) => write!(f, ">={version}"),
            Self::Equal(version) => write!(f, "=={version}"),
            Self::Not(version) => write!(f, "!={version}"),
            Self::Like(version, count) => write!(f, "=={}.*", first(version, *count)),
            Self::Unlike(version, count) => write!(f, "!={}.*", first(version, *count)),
        }
    }
}

impl Term {
    fn version(&self) -> &Version {
        match self {
            Self::Less(version)
            | Self::AtMost(version)
            | Self::Greater(version)
            | Self::AtLeast(version)
            | Self::Equal(version)
            | Self::Not(version)
            | Self::Like(version, _)
            | Self::Unlike(version, _) => version,
        }
    }

    /// Nothing below it is allowed.
    fn lowest(&self) -> Option<&Version> {
        match self {
            Self::Greater(version)
            | Self::AtLeast(version)
            | Self::Equal(version)
            | Self::Like(version, _) => Some(version),
            Self::Less(_) | Self::AtMost(_) | Self::Not(_) | Self::Unlike(..) => None,
        }
    }

    fn python_marker(&self) -> String {
        let version = self.version();
        let release = |count: usize| {
            let parts: Vec<String> = (0..count)
                .map(|position| version.part(position).to_string())
                .collect();
            parts.join(".")
        };
        let (operator, version) = match self {
            Self::Equal(version) if version.precision < 3 => {
                return format!("python_version == \"{}\"", release(version.precision));
            }
            Self::Like(_, count) => ("==", release(*count) + ".*"),
            Self::Unlike(_, count) => ("!=", release(*count) + ".*"),
            Self::Less(_) => ("<", release(3)),
            Self::AtMost(_) => ("<=", release(3)),
            Self::Greater(_) => (">", release(3)),
            Self::AtLeast(_) => (">=", release(3)),
            Self::Equal(_) => ("==", release(3)),
            Self::Not(_) => ("!=", release(3)),
        };
        format!("python_full_version {operator} \"{version}\"")
    }

    fn allows(&self, found: &Version) -> bool {
        let equal = |version: &Version| {
            if version.local.is_empty() {
                found.cmp_public(version) == Ordering::Equal
            } else {
                found == version
            }
        };
        match self {
            // `<2` does not allow 2.0rc1, nor `>1` 1.post1 or 1+local.
            Self::Less(limit) => {
                let is_before_it = found.is_prerelease() && !limit.is_prerelease();
                found < limit && !(is_before_it && found.has_base_of(limit))
            }
            Self::Greater(limit) => {
                let is_of_it = found.post.is_some() && limit.post.is_none();
                let is_of_it = is_of_it || !found.local.is_empty();
                found > limit && !(is_of_it && found.has_base_of(limit))
            }
            Self::AtMost(limit) => found.cmp_public(limit) != Ordering::Greater,
            Self::AtLeast(limit) => found.cmp_public(limit) != Ordering::Less,
            Self::Equal(version) => equal(version),
            Self::Not(version) => !equal(version),
            Self::Like(version, count) => found.starts_with(version, *count),
            Self::Unlike(version, count) => !found.starts_with(version, *count),
        }
    }
}

const OPERATORS: &str = "<>=!~^";

/// Terms separated by commas or spaces. There may be a space between an operator and its version.
fn all(text: &str) -> Option<Vec<Term>> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        match words.last_mut() {
            Some(last) if last.chars().all(|char| OPERATORS.contains(char)) => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
    }
    let terms: Vec<Vec<Term>> = words.iter().map(|word| term(word)).collect::<Option<_>>()?;
    Some(terms.into_iter().flatten().collect())
}

fn term(text: &str) -> Option<Vec<Term>> {
    let end = text.find(|char: char| !OPERATORS.contains(char))?;
    let (operator, text) = text.split_at(end);
    if text.split('.').all(|part| matches!(part, "*" | "x" | "X")) {
        return Some(Vec::new());
    }
    let prefix = text.trim_end_matches(".*");
    let is_wildcard = prefix.len() < text.len();
    let version = Version::parse(prefix)?;
    let count = version.precision;
    // At least the version, and below the next one with the same first numbers.
    let until = |version: Version, count| {
        let limit = version.after_prefix(count)?;
        Some(vec![Term::AtLeast(version), Term::Less(limit)])
    };
    Some(match operator {
        "" | "=" | "==" | "===" if is_wildcard => vec![Term::Like(version, count)],
        "!=" | "<>" if is_wildcard => vec![Term::Unlike(version, count)],
        "" | "=" | "==" | "===" => vec![Term::Equal(version)],
        "!=" | "<>" => vec![Term::Not(version)],
        // Poetry ignores the wildcard of a comparison.
        "<" => vec![Term::Less(version)],
        "<=" => vec![Term::AtMost(version)],
        ">" => vec![Term::Greater(version)],
        ">=" => vec![Term::AtLeast(version)],
        _ if is_wildcard => return None,
        "~=" if count > 1 => {
            let like = Term::Like(version.clone(), count - 1);
            vec![Term::AtLeast(version), like]
        }
        // Not in PEP 440, which requires two numbers.
        "~=" => until(version, 2)?,
        "~" => until(version, count.min(2))?,
        "^" => {
            // The first number that is not 0 must stay the same.
            let leading = version.release.iter().position(|part| *part != 0);
            let leading = leading.unwrap_or(count - 1);
            until(version, leading.min(count - 1) + 1)?
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    /// In the order of `packaging` 26.4.
    #[test]
    fn versions_are_ordered_as_by_pip() {
        let ordered: Vec<Version> =
            "1.dev0 1.0a1.dev1 1.0a1 1.0a1.post1 1.0-alpha.2 1.0b1 1.0beta2 1.0rc1.dev3 \
            1.0c1 1.0-preview-2 1.0 1.0+abc 1.0+abc-def 1.0+abc.1 1.0+1 1.0+1.2 \
            1.0+2.0 1.0.post1.dev1 1.0-1 1.0.post2 1.0rev3 1.0.1.dev0 1.0.1 v1.1 \
            1.1.0.1 1.10 2 2.0.0.1 2019.10.01 20240101 1!0.1 1!1.0a \
            2!0"
            .split_whitespace()
            .map(version)
            .collect();
        for (number, one) in ordered.iter().enumerate() {
            for (other_number, other) in ordered.iter().enumerate() {
                assert_eq!(
                    one.cmp(other),
                    number.cmp(&other_number),
                    "{one:?} {other:?}"
                );
            }
        }
    }

    #[test]
    fn spellings_of_a_version_are_equal() {
        for (one, other) in [
            ("1", "1.0.0"),
            ("1.0-1", "1.0.post1"),
            ("1.0R2", "1.0.post2"),
            ("1.0.Alpha.1", "1.0a1"),
            ("1.0a", "1.0a0"),
            ("1.0-pre_3", "1.0rc3"),
            ("1.0_dev", "1.0.dev0"),
            (" V1.0+A-b_1 ", "1.0+a.b.1"),
            ("0!01.02", "1.2"),
        ] {
            assert_eq!(version(one), version(other));
        }
    }

    #[test]
    fn a_constraint_has_one_spelling() {
        for (spellings, expected) in [
            (
                &["<4.0,>=3.10", ">=3.10, <4", "^3.10", ">=3.10.0 <4.0.0"][..],
                "<4,>=3.10",
            ),
            (&["3.12.*", "==3.12.*"], "==3.12.*"),
            (
                &["~3.12 || ~3.10", "~3.10|~3.12"],
                "<3.11,>=3.10 || <3.13,>=3.12",
            ),
            (&["!=3.9.*,>=3.8", ">=3.8,!=3.9.*"], "!=3.9.*,>=3.8"),
            (&["*", ""], "*"),
            (&["<3.14.0a0", "<3.14a"], "<3.14a0"),
            (&["==1!2.0rc1.post2.dev3+a.1"], "==1!2rc1.post2.dev3+a.1"),
        ] {
            for text in spellings {
                let constraint = VersionConstraint::parse(text).unwrap();
                assert_eq!(constraint.normalised(), expected, "{text}");
                let again = VersionConstraint::parse(expected).unwrap();
                assert_eq!(again.normalised(), expected);
            }
        }
    }

    #[test]
    fn text_that_is_not_a_version_is_rejected() {
        for text in "1.0. 1..0 a 1.0x 1.0+ 1.0+a..b 1.0.post1.post2 1!2!3 1.0dev1a1 1.* 99999999999999999999"
            .split(' ')
            .chain([""])
        {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    fn allowed(constraint: &str) -> String {
        const VERSIONS: [&str; 13] = [
            "0.9",
            "1.0.dev1",
            "1.0a1",
            "1.0rc1",
            "1.0",
            "1.0+abc",
            "1.0.post1",
            "1.0.post2",
            "1.0.1",
            "1.1.dev1",
            "1.1",
            "2.0a1",
            "2.0",
        ];
        let constraint = VersionConstraint::parse(constraint).unwrap();
        let allowed = VERSIONS
            .into_iter()
            .filter(|text| constraint.allows(&version(text)));
        allowed.collect::<Vec<_>>().join(" ")
    }

    /// What `packaging` 26.4 allows, with pre-releases.
    #[test]
    fn constraints_allow_the_same_versions_as_pip() {
        for (constraint, expected) in [
            ("==1.0", "1.0 1.0+abc"),
            (
                "==1.0.*",
                "1.0.dev1 1.0a1 1.0rc1 1.0 1.0+abc 1.0.post1 1.0.post2 1.0.1",
            ),
            (
                "!=1.0",
                "0.9 1.0.dev1 1.0a1 1.0rc1 1.0.post1 1.0.post2 1.0.1 1.1.dev1 1.1 2.0a1 2.0",
            ),
            ("!=1.0.*", "0.9 1.1.dev1 1.1 2.0a1 2.0"),
            ("<1.0", "0.9"),
            ("<=1.0", "0.9 1.0.dev1 1.0a1 1.0rc1 1.0 1.0+abc"),
            (">1.0", "1.0.1 1.1.dev1 1.1 2.0a1 2.0"),
            (
                ">=1.0",
                "1.0 1.0+abc 1.0.post1 1.0.post2 1.0.1 1.1.dev1 1.1 2.0a1 2.0",
            ),
            (
                "~=1.0",
                "1.0 1.0+abc 1.0.post1 1.0.post2 1.0.1 1.1.dev1 1.1",
            ),
            ("~=1.0.0", "1.0 1.0+abc 1.0.post1 1.0.post2 1.0.1"),
            ("==1.0+abc", "1.0+abc"),
            ("<1.0rc1", "0.9 1.0.dev1 1.0a1"),
            (">1.0.post1", "1.0.post2 1.0.1 1.1.dev1 1.1 2.0a1 2.0"),
            (
                ">=1.0a1,<2",
                "1.0a1 1.0rc1 1.0 1.0+abc 1.0.post1 1.0.post2 1.0.1 1.1.dev1 1.1",
            ),
        ] {
            assert_eq!(allowed(constraint), expected, "{constraint}");
        }
    }

    #[test]
    fn constraints_are_read_in_poetrys_syntax() {
        for (constraint, expected) in [
            ("1.0", "1.0 1.0+abc"),
            (
                "1.0.*",
                "1.0.dev1 1.0a1 1.0rc1 1.0 1.0+abc 1.0.post1 1.0.post2 1.0.1",
            ),
            ("<=1.0 || 2.0", "0.9 1.0.dev1 1.0a1 1.0rc1 1.0 1.0+abc 2.0"),
            ("~1.0.1|2", "1.0.1 2.0"),
            (">=1.0.1 <2.0", "1.0.1 1.1.dev1 1.1"),
            (">= 1.0.1, != 1.1.*,", "1.0.1 2.0a1 2.0"),
            ("^1.0.1", "1.0.1 1.1.dev1 1.1"),
            ("^0.9", "0.9"),
            ("~1", "1.0 1.0+abc 1.0.post1 1.0.post2 1.0.1 1.1.dev1 1.1"),
            ("~=1", "1.0 1.0+abc 1.0.post1 1.0.post2 1.0.1"),
            (">1.0.*", "1.0.1 1.1.dev1 1.1 2.0a1 2.0"),
            ("<1.0,>1.0", ""),
        ] {
            assert_eq!(allowed(constraint), expected, "{constraint}");
        }
        let all = allowed("*");
        for constraint in ["", "x", "*.*", ">=0"] {
            assert_eq!(allowed(constraint), all, "{constraint}");
        }
        for unknown in [
            "latest",
            "^",
            "^1.*",
            "~=1.*",
            "1.0 - 2.0",
            "=>1",
            ">=1 and <2",
        ] {
            assert_eq!(VersionConstraint::parse(unknown), None, "{unknown}");
        }
    }
}
