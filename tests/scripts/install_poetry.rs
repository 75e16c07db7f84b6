//! Poetry is installed into an environment of its own, with the fastest pip.

use super::container::Container;

/// Stands in for Python. It writes down how it was started, and knows the result of the check of pip.
const PYTHON: &str = r#"
called="$0 $*"
if [ "$1" = -I ]; then shift; fi
case $1 in
-c) exec test -e /modern-pip ;;
-m) echo "$called" >>/calls ;;
esac
case "$1 $2" in
"-m venv") for to; do :; done; mkdir -p "$to/bin"; cp "$0" "$to/bin/python" ;;
"-m pip") if [ -e /offline ]; then exit 2; fi ;;
"-m compileall") exit 1 ;;
esac
"#;

fn image() -> Container {
    let container = Container::new();
    container.program("/programs/python3", PYTHON);
    container
}

const ARGS: [&str; 2] = ["poetry==2.1.4", "poetry-plugin-export"];

#[test]
fn a_pip_that_can_install_into_another_environment_is_used() {
    let container = image();
    container.write("/modern-pip", "");
    // It does not matter that some files cannot be compiled.
    container.sh("install-poetry.sh", &ARGS).succeeded();
    assert_eq!(
        container.read("/calls"),
        "/programs/python3 -m venv --without-pip /opt/poetry\n\
         /programs/python3 -I -m pip --python /opt/poetry/bin/python install --no-cache-dir --no-compile poetry==2.1.4 poetry-plugin-export\n\
         /opt/poetry/bin/python -I -m compileall -qq -j 0 /opt/poetry/lib\n"
    );
}

#[test]
fn otherwise_the_environment_gets_a_pip_of_its_own() {
    let container = image();
    container.sh("install-poetry.sh", &ARGS).succeeded();
    assert_eq!(
        container.read("/calls"),
        "/programs/python3 -m venv /opt/poetry\n\
         /opt/poetry/bin/python -I -m pip install --no-cache-dir --no-compile poetry==2.1.4 poetry-plugin-export\n\
         /opt/poetry/bin/python -I -m compileall -qq -j 0 /opt/poetry/lib\n"
    );
}

#[test]
fn pip_can_install_into_another_environment_since_release_23() {
    for (version, modern) in [
        (None, false),
        (Some("9.0.3"), false),
        (Some("22.3.1"), false),
        (Some("23.0"), true),
        (Some("100.1"), true),
    ] {
        // A real Python decides, with a module `pip` of this version.
        let mut container = Container::new();
        let real = container.mount_python("");
        let check = format!("PYTHONPATH=/modules exec {real} -S \"$@\"");
        let python = PYTHON.replace("exec test -e /modern-pip", &check);
        container.program("/programs/python3", &python);
        if let Some(version) = version {
            container.write("/modules/pip.py", &format!("__version__ = '{version}'\n"));
        }
        container.sh("install-poetry.sh", &ARGS).succeeded();
        let calls = container.read("/calls");
        assert_eq!(
            calls.contains("--without-pip"),
            modern,
            "{version:?}: {calls}"
        );
    }
}

#[test]
fn a_failed_installation_is_an_error() {
    let container = image();
    container.write("/offline", "");
    container.sh("install-poetry.sh", &ARGS).failed(2);
    assert!(!container.read("/calls").contains("compileall"));
}
