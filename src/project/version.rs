//! Versions of Python and Poetry, and whether a constraint allows them.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;

use super::pep440::{Version, VersionConstraint};

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

    /// The oldest release that a constraint allows, as far as its lower bounds say.
    #[must_use]
    pub fn oldest(constraint: &VersionConstraint) -> Option<Self> {
        let lowest = constraint.lowest()?;
        let part = |position| u32::try_from(lowest.part(position)).ok();
        let (major, minor, patch) = (part(0)?, part(1)?, part(2)?);
        let next = patch.saturating_add(1);
        let mut releases = [patch, next]
            .map(|patch| Self::new(major, minor, patch))
            .into_iter();
        releases.find(|version| constraint.allows_release(version.release()))
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

/// Newer than any patch release: what a tag without a patch number will have some day.
const NEWEST_PATCH: u32 = u32::MAX;

impl VersionConstraint {
    #[must_use]
    pub fn allows_release(&self, Release([major, minor, patch]): Release) -> bool {
        self.allows(&Version::of(&[major.into(), minor.into(), patch.into()]))
    }

    /// The patch releases of this minor version of Python that the constraint names.
    pub(super) fn named_patches(&self, minor: u32) -> impl Iterator<Item = u64> {
        let named = self
            .versions()
            .filter(move |version| (version.part(0), version.part(1)) == (3, minor.into()));
        named.map(|version| version.part(2))
    }

    /// Whether it allows the Python release; without a patch number, any of its patch releases.
    #[must_use]
    pub fn allows_python(&self, version: PythonVersion) -> bool {
        match version.patch {
            Some(patch) => self.allows_release(Release([3, version.minor, patch])),
            None => self.python(version.minor).is_some(),
        }
    }

    /// The Python of this minor version to use: the newest patch release, if it is allowed, or else the newest allowed one
    /// next to those that the constraint names.
    #[must_use]
    pub fn python(&self, minor: u32) -> Option<PythonVersion> {
        let allows = |patch: &u32| self.allows_release(Release([3, minor, *patch]));
        if allows(&NEWEST_PATCH) {
            return Some(PythonVersion::minor(minor));
        }
        let named = self.named_patches(minor);
        let named = named.filter_map(|patch| u32::try_from(patch).ok());
        let near =
            named.flat_map(|patch| [patch.saturating_sub(1), patch, patch.saturating_add(1)]);
        let patch = near.chain([0]).filter(allows).max();
        patch.map(|patch| PythonVersion {
            minor,
            patch: Some(patch),
        })
    }

    /// The releases of this minor version of Python that it allows, as ranges such as `3.13`, `3.13.4`, `3.13.0-3.13.4` and
    /// `3.13.4+`.
    #[must_use]
    pub fn releases(&self, minor: u32) -> Vec<String> {
        let allows = |patch: u32| self.allows_release(Release([3, minor, patch]));
        let named = self.named_patches(minor);
        let named = named.filter_map(|patch| u32::try_from(patch).ok());
        // From one of these to the next, all releases are allowed or none is.
        let starts = named.flat_map(|patch| [patch, patch.saturating_add(1)]);
        let starts: BTreeSet<u32> = starts.chain([0]).collect();
        let mut ranges: Vec<(u32, Option<u32>)> = Vec::new();
        let mut starts = starts.into_iter().peekable();
        while let Some(start) = starts.next() {
            if !allows(start) {
                continue;
            }
            let end = starts.peek().map(|next| next - 1);
            match ranges.last_mut() {
                Some((_, last)) if last.is_some_and(|last| last + 1 == start) => *last = end,
                _ => ranges.push((start, end)),
            }
        }
        let text = |(first, last)| match (first, last) {
            (0, None) => format!("3.{minor}"),
            (first, None) => format!("3.{minor}.{first}+"),
            (first, Some(last)) if first == last => format!("3.{minor}.{first}"),
            (first, Some(last)) => format!("3.{minor}.{first}-3.{minor}.{last}"),
        };
        ranges.into_iter().map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pythons(text: &str) -> Vec<String> {
        let constraint = VersionConstraint::parse(text).unwrap();
        let pythons = (0..=20).filter_map(|minor| constraint.python(minor));
        pythons.map(|python| python.to_string()).collect()
    }

    #[test]
    fn the_newest_allowed_patch_release_is_used() {
        for (text, expected) in [
            ("^3.18", "3.18 3.19 3.20"),
            (">=3.17,<4.0", "3.17 3.18 3.19 3.20"),
            (">=3.9, <3.12", "3.9 3.10 3.11"),
            (">= 3.9 < 3.11", "3.9 3.10"),
            ("~3.12", "3.12"),
            ("~=3.18", "3.18 3.19 3.20"),
            ("~=3.12.1", "3.12"),
            ("3.12.*", "3.12"),
            ("==3.12.*", "3.12"),
            ("3.12.4", "3.12.4"),
            ("==3.13.13", "3.13.13"),
            ("3.12", "3.12.0"),
            ("~3.10 || ~3.12", "3.10 3.12"),
            ("^3.17, !=3.18.*, !=3.19.*", "3.17 3.20"),
            (">3.19", "3.19 3.20"),
            (">3.18.*", "3.18 3.19 3.20"),
            (">=3.11,<=3.13", "3.11 3.12 3.13.0"),
            (">=3.12,<3.13.5", "3.12 3.13.4"),
            (">=3.12,<=3.13.5", "3.12 3.13.5"),
            (">=3.12,<3.14,!=3.13.5", "3.12 3.13"),
            (">=3.12,<3.14.0a0", "3.12 3.13"),
            (">=3.12,<3.14.dev0", "3.12 3.13"),
            (">=3.19.0rc1", "3.19 3.20"),
            ("<=3.1", "3.0 3.1.0"),
            (">=4", ""),
        ] {
            assert_eq!(pythons(text).join(" "), expected, "{text}");
        }
        for any in ["*", "", "3.*"] {
            assert_eq!(pythons(any).len(), 21, "{any}");
        }
    }

    #[test]
    fn a_patch_release_is_allowed_if_it_is_in_the_range() {
        let allows = |text: &str, python: &str| {
            let python = PythonVersion::parse(python).unwrap();
            VersionConstraint::parse(text)
                .unwrap()
                .allows_python(python)
        };
        assert!(allows("<=3.13", "3.13") && !allows("<=3.13", "3.13.1"));
        assert!(allows(">=3.13.4", "3.13") && !allows(">=3.13.4", "3.13.3"));
        assert!(!allows(">=3.14", "3.13") && !allows("<3.13", "3.13.0"));
    }

    #[test]
    fn the_allowed_patch_releases_are_ranges() {
        for (text, expected) in [
            ("^3.11", "3.13"),
            (">=3.13.4", "3.13.4+"),
            ("<3.13.4", "3.13.0-3.13.3"),
            ("<=3.13", "3.13.0"),
            ("==3.13.13", "3.13.13"),
            (
                ">=3.13,!=3.13.2,!=3.13.3,<3.13.9",
                "3.13.0-3.13.1 3.13.4-3.13.8",
            ),
            ("<3.13.2 || >3.13.4", "3.13.0-3.13.1 3.13.5+"),
            ("<=3.13.2 || >3.13.2", "3.13"),
            ("<3.13", ""),
        ] {
            let constraint = VersionConstraint::parse(text).unwrap();
            assert_eq!(constraint.releases(13).join(" "), expected, "{text}");
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
