//! The tags in the names of wheels (PEP 425, PEP 427): which Python and platform a wheel is for.

use super::environment::{Environment, Libc};
use super::lock::LockedPackage;
use super::origin::PackageOrigin;
use super::version::PythonVersion;

impl LockedPackage {
    /// The wheels that can be installed in this environment, as names and hashes, sorted by name; none if the Python is
    /// unknown. It is a usual build, not a free-threaded one.
    #[must_use]
    pub fn wheels_for(&self, environment: &Environment) -> Vec<(&str, &str)> {
        let is_for = |file: &str| {
            let parts = file
                .strip_suffix(".whl")
                .map(|stem| stem.split('-').count());
            // With or without a build number.
            matches!(parts, Some(5 | 6))
                && Tags::of(file).is_some_and(|tags| tags.installs_in(environment))
        };
        let mut wheels: Vec<_> = self.files().filter(|(file, _)| is_for(file)).collect();
        wheels.sort_unstable();
        wheels
    }

    /// Whether it comes from an index that has no wheel for this environment, or the Python is unknown.
    #[must_use]
    pub fn must_be_built(&self, environment: &Environment) -> bool {
        self.origin == PackageOrigin::Index && self.wheels_for(environment).is_empty()
    }
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

    /// The tags that the `packaging` library lists for `CPython`. A part of a tag can be a list of alternatives.
    fn installs_in(&self, environment: &Environment) -> bool {
        let Some(PythonVersion { minor, .. }) = environment.python else {
            return false;
        };
        let abis = || self.abi.split('.');
        let has_abi = |abi: &str| abis().any(|one| one == abi);
        let own = format!("cp3{minor}");
        let for_any_abi = has_abi("none");
        let fits_platform = || {
            let mut platforms = self.platform.split('.');
            platforms.any(|platform| fits_platform(platform, environment))
        };
        let for_any_platform = || self.platform.split('.').any(|platform| platform == "any");
        self.python.split('.').any(|python| {
            let Some((implementation, of)) = python.split_at_checked(2) else {
                return false;
            };
            let of_minor = of.strip_prefix('3').and_then(number);
            match implementation {
                "py" => {
                    (of == "3" || of_minor.is_some_and(|of| of <= minor))
                        && for_any_abi
                        && (for_any_platform() || fits_platform())
                }
                "cp" if python == own => {
                    (for_any_abi || has_abi("abi3") || has_abi(&own)) && fits_platform()
                        || for_any_abi && for_any_platform()
                }
                // The stable ABI exists since 3.2.
                "cp" => {
                    of_minor.is_some_and(|of| (2..=minor).contains(&of))
                        && has_abi("abi3")
                        && fits_platform()
                }
                _ => false,
            }
        })
    }
}

/// Whether a platform tag other than `any` names the environment's machine and a C library that is not newer.
fn fits_platform(tag: &str, environment: &Environment) -> bool {
    let machine = environment.machine.as_str();
    let Some(platform) = tag
        .strip_suffix(machine)
        .and_then(|rest| rest.strip_suffix('_'))
    else {
        return false;
    };
    let on_intel = matches!(machine, "x86_64" | "i686");
    let glibc = match platform {
        "linux" => return true,
        "manylinux1" if on_intel => Some((2, 5)),
        "manylinux2010" if on_intel => Some((2, 12)),
        "manylinux2014" => Some((2, 17)),
        _ => platform.strip_prefix("manylinux_").and_then(version),
    };
    match environment.libc {
        Libc::Glibc(major, minor) => {
            let oldest = if on_intel { 5 } else { 17 };
            glibc.is_some_and(|(of, least)| of == major && (oldest..=minor).contains(&least))
        }
        Libc::Musl(major, minor) => {
            let musl = platform.strip_prefix("musllinux_").and_then(version);
            musl.is_some_and(|(of, least)| of == major && least <= minor)
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
}
