//! The Pythons of custom bases.

use super::container::{Container, Ran};

const DESCRIBE: &str = "
import os, sys, sysconfig
print('.'.join(map(str, sys.version_info[:3])))
print(sysconfig.get_config_var('SOABI'))
print(os.confstr('CS_GNU_LIBC_VERSION'))
";

/// A builder with this machine's Python.
struct Builder {
    container: Container,
    /// `3.13.1`.
    version: String,
    /// `cpython-313-x86_64-linux-gnu`.
    abi: String,
    /// `glibc 2.41`.
    libc: String,
}

impl Builder {
    fn new() -> Self {
        let mut container = Container::new();
        container.python("");
        container.directory("/stage");
        let described = container.run(&["python3", "-c", DESCRIBE], &[]).succeeded();
        let mut lines = described.stdout.lines().map(str::to_owned);
        let [version, abi, libc] = [(); 3].map(|()| lines.next().unwrap());
        Self {
            container,
            version,
            abi,
            libc,
        }
    }

    fn minor(&self) -> &str {
        self.version.rsplit_once('.').unwrap().0
    }

    fn look(&self, versions: &str) -> Ran {
        let args = ["look", "debian:13", versions, "pyproject.toml:4"];
        self.container.py("check_python.py", &args)
    }

    fn compare(&self) -> Ran {
        let args = ["compare", "build:1", "runtime:2"];
        self.container.py("check_python.py", &args)
    }

    /// The runtime's Python is a script.
    fn runtime_python(&mut self, script: &str) {
        self.container.system("/stage");
        self.container.program("/stage/programs/python3", script);
    }

    /// The runtime's Python claims to be this one.
    fn runtime_python_says(&mut self, version: &str, abi: &str, libc: &str) {
        self.runtime_python(&format!("echo '{version}'; echo '{abi}'; echo '{libc}'"));
    }
}

#[test]
fn a_python_of_the_wanted_version_is_accepted() {
    let builder = Builder::new();
    let expected = format!("debian:13 has Python {}\n", builder.version);
    let (minor, version) = (builder.minor(), &builder.version);
    for versions in [
        minor,
        version,
        &format!("3.2 {minor} 3.99"),
        &format!("{minor}.0+"),
        &format!("{version}+"),
        &format!("{minor}.0-{version}"),
        &format!("{version}-{minor}.999"),
    ] {
        assert_eq!(builder.look(versions).succeeded().stdout, expected);
    }
}

#[test]
fn a_python_of_another_version_is_an_error() {
    let builder = Builder::new();
    // `3.1` is not the beginning of `3.13`.
    let message = builder.look("3.1 3.99").failed(1);
    let expected = format!(
        "debian:13 has Python {}, but pyproject.toml:4 asks for 3.1 or 3.99\n",
        builder.version
    );
    assert!(message.starts_with(&expected), "{message}");
    let minor = builder.minor();
    for versions in [
        format!("{minor}.999+"),
        format!("{minor}.99-{minor}.999"),
        "3.0.0+".to_owned(),
        "3.0.0-3.1.99".to_owned(),
    ] {
        let message = builder.look(&versions).failed(1);
        assert!(message.contains(&versions), "{message}");
    }
}

#[test]
fn the_same_python_is_accepted() {
    let mut builder = Builder::new();
    builder.container.system("/stage");
    builder.container.python("/stage");
    let expected = format!(
        "runtime:2 has the same Python {} at /programs/python3\n",
        builder.minor()
    );
    assert_eq!(builder.compare().succeeded().stdout, expected);
}

#[test]
fn a_runtime_with_a_newer_c_library_is_accepted() {
    for newer in ["glibc 9.99", "glibc 9.99.dev"] {
        let mut builder = Builder::new();
        let (version, abi) = (builder.minor().to_owned(), builder.abi.clone());
        builder.runtime_python_says(&version, &abi, newer);
        builder.compare().succeeded();
    }
}

#[test]
fn a_runtime_without_python_is_an_error() {
    let message = Builder::new().compare().failed(1);
    assert!(
        message.starts_with("runtime:2 has no /programs/python3, which"),
        "{message}"
    );
    assert!(message.contains("build:1"), "{message}");
    assert!(
        message.contains("it has no Python in the usual directories\n"),
        "{message}"
    );
}

#[test]
fn a_runtime_with_python_at_another_path_is_an_error() {
    let builder = Builder::new();
    // The link's target is outside the runtime.
    builder.container.directory("/stage/programs");
    builder
        .container
        .link("/stage/programs/python3", "/usr/bin/env");
    builder.container.program("/stage/opt/venv/bin/python3", "");
    builder
        .container
        .program("/stage/usr/local/bin/python3", "");
    let message = builder.compare().failed(1);
    assert!(
        message.starts_with("runtime:2 has no /programs/python3, which"),
        "{message}"
    );
    assert!(
        message.contains("its Python is /usr/local/bin/python3 and /opt/venv/bin/python3\n"),
        "{message}"
    );
}

#[test]
fn a_runtime_whose_python_does_not_start_is_an_error() {
    let mut builder = Builder::new();
    builder.runtime_python("echo libz.so.1 is missing >&2; exit 127");
    let message = builder.compare().failed(1);
    assert!(
        message
            .starts_with("/programs/python3 of runtime:2 does not start: libz.so.1 is missing\n"),
        "{message}"
    );
}

#[test]
fn a_runtime_with_another_python_version_is_an_error() {
    let mut builder = Builder::new();
    let (abi, libc) = (builder.abi.clone(), builder.libc.clone());
    builder.runtime_python_says("3.2", &abi, &libc);
    let message = builder.compare().failed(1);
    let expected = format!(
        "runtime:2 has Python 3.2 at /programs/python3, but build:1 has {}\n",
        builder.minor()
    );
    assert!(message.starts_with(&expected), "{message}");
}

#[test]
fn a_runtime_whose_python_is_built_differently_is_an_error() {
    for (abi, libc) in [("cpython-else", None), ("", Some(""))] {
        let mut builder = Builder::new();
        let version = builder.minor().to_owned();
        let abi = if abi.is_empty() {
            builder.abi.clone()
        } else {
            abi.to_owned()
        };
        let libc = libc.map_or_else(|| builder.libc.clone(), str::to_owned);
        builder.runtime_python_says(&version, &abi, &libc);
        let message = builder.compare().failed(1);
        assert!(
            message.starts_with("Python of runtime:2 is built as "),
            "{message}"
        );
        let described = if libc.is_empty() {
            abi
        } else {
            format!("{abi} with {libc}")
        };
        assert!(
            message.contains(&format!("as {described}, but")),
            "{message}"
        );
        let ours = format!("that of build:1 as {} with {}:", builder.abi, builder.libc);
        assert!(message.contains(&ours), "{message}");
    }
}

#[test]
fn a_runtime_with_an_older_c_library_is_an_error() {
    let mut builder = Builder::new();
    let (version, abi) = (builder.minor().to_owned(), builder.abi.clone());
    // As text, 2.5 would be newer than 2.41.
    builder.runtime_python_says(&version, &abi, "glibc 2.5");
    let message = builder.compare().failed(1);
    let expected = format!(
        "build:1 has {} and runtime:2 the older glibc 2.5:",
        builder.libc
    );
    assert!(message.starts_with(&expected), "{message}");
}
