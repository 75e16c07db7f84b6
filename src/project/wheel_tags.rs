//! The tags in the names of wheels (PEP 425, PEP 427): which Python and platform a wheel is for.

use super::environment::{Environment, Libc};
use super::lock::LockedPackage;
use super::origin::PackageOrigin;

impl LockedPackage {
    /// The wheels that can be installed in this environment, as names and hashes, sorted by name; none if the Python is
    /// unknown. It is a usual build, not a free-threaded one.
    #[must_use]
    pub fn wheels_for(&self, environment: &Environment) -> Vec<(&str, &str)> {
        let is_for = |file: &str| rank(file, environment).is_some();
        let mut wheels: Vec<_> = self.files().filter(|(file, _)| is_for(file)).collect();
        wheels.sort_unstable();
        wheels
    }

    /// The wheel among these that installers choose, with its hash.
    #[must_use]
    pub fn best_wheel(&self, environment: &Environment) -> Option<(&str, &str)> {
        let wheels = self.wheels_for(environment);
        let best = best_of(wheels.iter().map(|(file, _)| *file), environment)?;
        wheels.into_iter().find(|(file, _)| *file == best)
    }

    /// Whether it comes from an index that has no wheel for this environment, or the Python is unknown.
    #[must_use]
    pub fn must_be_built(&self, environment: &Environment) -> bool {
        self.origin == PackageOrigin::Index && self.wheels_for(environment).is_empty()
    }
}

/// The file among these that installers choose; `None` if none can be installed in this environment.
#[must_use]
pub fn best_of<'a>(
    files: impl IntoIterator<Item = &'a str>,
    environment: &Environment,
) -> Option<&'a str> {
    let mut fitting: Vec<_> = files
        .into_iter()
        .filter_map(|file| Some((rank(file, environment)?, file)))
        .collect();
    fitting.sort_unstable();
    fitting.pop().map(|(_, file)| file)
}

fn rank(file: &str, environment: &Environment) -> Option<Rank> {
    let stem = file.strip_suffix(".whl")?;
    // With or without a build number.
    if !matches!(stem.split('-').count(), 5 | 6) {
        return None;
    }
    Tags::of(file)?.rank(environment)
}

struct Tags<'a> {
    python: &'a str,
    abi: &'a str,
    platform: &'a str,
}

impl<'a> Tags<'a> {
    fn of(file: &'a str) -> Option<Self> {
        let mut parts = file.get(..file.len().checked_sub(4)?)?.rsplit('-');
        let platform = parts.next()?;
        let abi = parts.next()?;
        let python = parts.next()?;
        Some(Self {
            python,
            abi,
            platform,
        })
    }

    /// The best of the tags that the `packaging` library lists for `CPython`; `None` if it lists none of these. A part of a
    /// tag can be a list of alternatives.
    fn rank(&self, environment: &Environment) -> Option<Rank> {
        let minor = environment.python?.minor;
        let abis = || self.abi.split('.');
        let has_abi = |abi: &str| abis().any(|one| one == abi);
        let own = format!("cp3{minor}");
        let for_any_abi = has_abi("none");
        let platforms = || self.platform.split('.');
        let platform = platforms()
            .filter_map(|platform| c_library(platform, environment))
            .max();
        let on_platform = |abi: Abi, is_it: bool| Some(Rank(abi, platform.filter(|_| is_it)?));
        let anywhere = platforms().any(|platform| platform == "any") && for_any_abi;
        let ranks = self.python.split('.').filter_map(|python| {
            let (implementation, of) = python.split_at_checked(2)?;
            let of_minor = of.strip_prefix('3').and_then(number);
            match implementation {
                "py" => {
                    // `py313`, then `py3`, then `py312`.
                    let order = match of_minor {
                        Some(of) if of == minor => Some(u32::MAX),
                        Some(of) => Some(of).filter(|of| *of < minor),
                        None => (of == "3").then_some(u32::MAX - 1),
                    }?;
                    on_platform(Abi::AnyPython(order), for_any_abi)
                        .or_else(|| anywhere.then_some(Rank(Abi::Anywhere(order), 0)))
                }
                "cp" if python == own => on_platform(Abi::Own, has_abi(&own))
                    .or_else(|| on_platform(Abi::Stable(minor), has_abi("abi3")))
                    .or_else(|| on_platform(Abi::OwnWithout, for_any_abi))
                    .or_else(|| anywhere.then_some(Rank(Abi::OwnAnywhere, 0))),
                // The stable ABI exists since 3.2.
                "cp" => {
                    let of = of_minor.filter(|of| (2..=minor).contains(of))?;
                    on_platform(Abi::OlderStable(of), has_abi("abi3"))
                }
                _ => None,
            }
        });
        ranks.max()
    }
}

/// How well a wheel fits, worst first: its Python and ABI, and then the version of the C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(Abi, u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Abi {
    Anywhere(u32),
    OwnAnywhere,
    AnyPython(u32),
    OlderStable(u32),
    OwnWithout,
    Stable(u32),
    Own,
}

/// The minor version of the C library, if a platform tag other than `any` names the environment's machine and a library
/// that is not newer; 0 if it names none.
fn c_library(tag: &str, environment: &Environment) -> Option<u32> {
    let machine = environment.machine.as_str();
    let platform = tag.strip_suffix(machine)?.strip_suffix('_')?;
    let on_intel = matches!(machine, "x86_64" | "i686");
    let glibc = match platform {
        "linux" => return Some(0),
        "manylinux1" if on_intel => Some((2, 5)),
        "manylinux2010" if on_intel => Some((2, 12)),
        "manylinux2014" => Some((2, 17)),
        _ => platform.strip_prefix("manylinux_").and_then(version),
    };
    match environment.libc {
        Libc::Glibc(major, minor) => {
            let oldest = if on_intel { 5 } else { 17 };
            let (of, least) = glibc?;
            (of == major && (oldest..=minor).contains(&least)).then_some(least)
        }
        Libc::Musl(major, minor) => {
            let musl = platform.strip_prefix("musllinux_").and_then(version);
            let (of, least) = musl?;
            (of == major && least <= minor).then_some(least)
        }
    }
}

/// The version in `2_17`.
fn version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('_')?;
    Some((number(major)?, number(minor)?))
}

/// A number as tags write it: without a sign or leading zeros.
fn number(text: &str) -> Option<u32> {
    let number: u32 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Document;
    use crate::project::PythonVersion;
    use crate::project::lock::Lock;

    fn lock(wheels: &[&str]) -> Lock {
        let package = testkit::Package::new("p", "1").no_files();
        let package = wheels
            .iter()
            .fold(package, |package, file| package.file(file, "0"));
        let text = testkit::Lock::new().package(package).text("");
        Lock::parse(&Document::new("poetry.lock", "toml", text)).unwrap()
    }

    /// The expected values are those of `packaging` 26.4.
    #[test]
    fn the_tags_of_a_wheel_decide_where_it_can_be_installed() {
        let environments = [
            (Libc::Glibc(2, 36), "x86_64"),
            (Libc::Glibc(2, 28), "aarch64"),
            (Libc::Musl(1, 2), "x86_64"),
        ];
        let environments = environments.map(|(libc, machine)| Environment {
            python: Some(PythonVersion::minor(13)),
            machine: machine.to_owned(),
            libc,
        });
        for (tags, expected) in [
            ("py3-none-any", [true, true, true]),
            ("py2.py3-none-any", [true, true, true]),
            ("py2-none-any", [false, false, false]),
            ("py310-none-any", [true, true, true]),
            ("py313-none-any", [true, true, true]),
            ("py314-none-any", [false, false, false]),
            ("py30-none-any", [true, true, true]),
            ("cp313-none-any", [true, true, true]),
            ("cp312-none-any", [false, false, false]),
            ("cp313-cp313-any", [false, false, false]),
            ("cp3-none-any", [false, false, false]),
            (
                "cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64",
                [true, false, false],
            ),
            ("cp312-cp312-manylinux_2_17_x86_64", [false, false, false]),
            ("cp313-cp313t-manylinux_2_17_x86_64", [false, false, false]),
            ("cp313-cp313-manylinux_2_36_x86_64", [true, false, false]),
            ("cp313-cp313-manylinux_2_37_x86_64", [false, false, false]),
            ("cp313-cp313-manylinux1_x86_64", [true, false, false]),
            ("cp313-cp313-manylinux2010_x86_64", [true, false, false]),
            ("cp313-cp313-manylinux_2_5_x86_64", [true, false, false]),
            ("cp313-cp313-manylinux_2_4_x86_64", [false, false, false]),
            ("cp313-cp313-linux_x86_64", [true, false, true]),
            ("cp313-cp313-linux_aarch64", [false, true, false]),
            ("cp313-cp313-manylinux_2_17_aarch64", [false, true, false]),
            ("cp313-cp313-manylinux2014_aarch64", [false, true, false]),
            ("cp313-cp313-manylinux1_aarch64", [false, false, false]),
            ("cp313-cp313-manylinux_2_12_aarch64", [false, false, false]),
            ("cp313-cp313-musllinux_1_2_x86_64", [false, false, true]),
            ("cp313-cp313-musllinux_1_1_x86_64", [false, false, true]),
            ("cp313-cp313-musllinux_1_3_x86_64", [false, false, false]),
            ("cp313-cp313-win_amd64", [false, false, false]),
            ("cp313-cp313-macosx_11_0_arm64", [false, false, false]),
            ("cp39-abi3-manylinux_2_17_x86_64", [true, false, false]),
            ("cp313-abi3-manylinux_2_17_x86_64", [true, false, false]),
            ("cp314-abi3-manylinux_2_17_x86_64", [false, false, false]),
            ("cp32-abi3-manylinux_2_17_x86_64", [true, false, false]),
            ("cp39-abi3-any", [false, false, false]),
            ("cp39-abi3-musllinux_1_2_aarch64", [false, false, false]),
            ("cp312-none-manylinux_2_17_x86_64", [false, false, false]),
            ("cp313-none-manylinux_2_17_x86_64", [true, false, false]),
            ("py3-none-manylinux_2_17_x86_64", [true, false, false]),
            (
                "py3-none-manylinux1_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64",
                [true, false, true],
            ),
            ("py37-none-musllinux_1_2_aarch64", [false, false, false]),
            ("py3-abi3-manylinux_2_17_x86_64", [false, false, false]),
            (
                "pp310-pypy310_pp73-manylinux_2_17_x86_64",
                [false, false, false],
            ),
            (
                "cp312.cp313-cp313-manylinux_2_17_x86_64",
                [true, false, false],
            ),
            ("cp313-abi3.cp313-linux_x86_64", [true, false, true]),
            ("cp38-abi3.abi3t-linux_aarch64", [false, true, false]),
        ] {
            let lock = lock(&[&format!("p-1-{tags}.whl")]);
            let found = [0, 1, 2].map(|number| {
                let wheels = lock.packages[0].wheels_for(&environments[number]);
                wheels.len() == 1
            });
            assert_eq!(found, expected, "{tags}");
        }
    }

    #[test]
    fn the_wheels_of_an_environment_are_sorted_and_have_hashes() {
        let lock = lock(&[
            "p-1-py3-none-any.whl",
            "p-1-2b-py3-none-any.whl",
            "p-1-cp312-cp312-linux_x86_64.whl",
            "p-1-cp313-cp313-linux_x86_64.whl",
            "p-1.tar.gz",
            "py3-none-any.whl",
            "p-1-0-0-py3-none-any.whl",
        ]);
        let environment = Environment {
            python: Some(PythonVersion::minor(13)),
            machine: "x86_64".to_owned(),
            libc: Libc::Glibc(2, 36),
        };
        assert_eq!(
            lock.packages[0].wheels_for(&environment),
            [
                ("p-1-2b-py3-none-any.whl", "sha256:0"),
                ("p-1-cp313-cp313-linux_x86_64.whl", "sha256:0"),
                ("p-1-py3-none-any.whl", "sha256:0"),
            ]
        );
    }

    /// The order of `packaging.tags.sys_tags`.
    #[test]
    fn the_best_wheel_is_the_one_that_installers_choose() {
        let environment = Environment {
            python: Some(PythonVersion::minor(13)),
            machine: "x86_64".to_owned(),
            libc: Libc::Glibc(2, 36),
        };
        let sorted = [
            "cp313-cp313-manylinux_2_34_x86_64",
            "cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64",
            "cp313-cp313-linux_x86_64",
            "cp313-abi3-manylinux_2_34_x86_64",
            "cp313-none-manylinux_2_34_x86_64",
            "cp311-abi3-manylinux_2_17_x86_64",
            "cp39-abi3-manylinux_2_34_x86_64",
            "py313-none-manylinux_2_17_x86_64",
            "py3-none-manylinux_2_34_x86_64",
            "py312-none-manylinux_2_34_x86_64",
            "cp313-none-any",
            "py313-none-any",
            "py2.py3-none-any",
            "py37-none-any",
        ];
        let files = sorted.map(|tags| format!("p-1-{tags}.whl"));
        for (best, rest) in (0..files.len()).map(|start| (&files[start], &files[start..])) {
            let mut rest: Vec<&str> = rest.iter().map(String::as_str).collect();
            rest.reverse();
            let lock = lock(&rest);
            let found = lock.packages[0].best_wheel(&environment);
            assert_eq!(found, Some((best.as_str(), "sha256:0")));
        }
    }
}
