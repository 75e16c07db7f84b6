//! The tags in the names of wheels (PEP 425, PEP 427): which Python a wheel is for.

use super::lock::LockedPackage;
use super::version::PythonVersion;

impl LockedPackage {
    /// Whether the package can be installed for this Python on Linux without a build. A package without any wheel for Linux
    /// fits every Python: it is built from source, or belongs to another system.
    #[must_use]
    pub fn has_wheel_for(&self, python: PythonVersion) -> bool {
        let mut on_linux = self
            .wheels()
            .filter_map(Tags::of)
            .filter(Tags::on_linux)
            .peekable();
        on_linux.peek().is_none() || on_linux.any(|tags| tags.fits(python.minor))
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

    fn on_linux(&self) -> bool {
        self.platform
            .split('.')
            .any(|one| one == "any" || one.starts_with("manylinux") || one.starts_with("linux"))
    }

    fn fits(&self, minor: u32) -> bool {
        self.python.split('.').any(|tag| {
            let Some((implementation, of)) = tag.split_at_checked(2) else {
                return false;
            };
            let of_minor: Option<u32> = of.strip_prefix('3').and_then(|minor| minor.parse().ok());
            match implementation {
                "py" => of == "3" || of_minor.is_some_and(|of| of <= minor),
                "cp" if self
                    .abi
                    .split('.')
                    .any(|abi| abi == "abi3" || abi == "none") =>
                {
                    of_minor.is_some_and(|of| of <= minor)
                }
                "cp" => of_minor == Some(minor) && self.abi != format!("cp3{minor}t"),
                _ => false,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Document;
    use crate::project::lock::Lock;

    fn fits(wheels: &[&str]) -> Vec<u32> {
        let package = testkit::Package::new("p", "1").no_files();
        let package = wheels
            .iter()
            .fold(package, |package, file| package.file(file, "0"));
        let text = testkit::Lock::new().package(package).text("");
        let lock = Lock::parse(&Document::new("poetry.lock", "toml", text)).unwrap();
        let package = &lock.packages[0];
        (10..=15)
            .filter(|minor| package.has_wheel_for(PythonVersion::minor(*minor)))
            .collect()
    }

    #[test]
    fn wheels_decide_which_python_fits() {
        let all: Vec<u32> = (10..=15).collect();
        assert_eq!(fits(&[]), all);
        assert_eq!(fits(&["p-1-py3-none-any.whl"]), all);
        assert_eq!(fits(&["p-1-py2.py3-none-any.whl"]), all);
        assert_eq!(fits(&["p-1-cp312-cp312-win_amd64.whl"]), all);
        assert_eq!(
            fits(&[
                "p-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
                "p-1-cp312-cp312-manylinux_2_17_x86_64.whl",
                "p-1-cp314-cp314t-manylinux_2_17_x86_64.whl",
                "p-1-cp315-cp315-musllinux_1_2_x86_64.whl",
            ]),
            [11, 12]
        );
        assert_eq!(
            fits(&["p-1-cp312-abi3-manylinux_2_17_x86_64.whl"]),
            [12, 13, 14, 15]
        );
    }
}
