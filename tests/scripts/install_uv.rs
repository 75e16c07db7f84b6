//! uv is installed into a directory, without changing the Python of the base image.

use super::container::Container;

/// Stands in for Python. It writes down how it was started.
const PYTHON: &str = r#"
case "$1 $2 $3" in
"-I -c "*) exec test -e /has-pip ;;
esac
echo "$0 $*" >>/calls
case "$1 $2 $3" in
"-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python3" ;;
"-I -m pip") if [ -e /offline ]; then exit 2; fi ;;
esac
"#;

fn image() -> Container {
    let container = Container::new();
    container.program("/programs/python3", PYTHON);
    container
}

fn expected(python: &str) -> String {
    format!(
        "{python} -I -m pip install --no-cache-dir --no-compile --no-deps --only-binary :all: --require-hashes --target /opt/uv --requirement /run/requirements.txt\n"
    )
}

#[test]
fn pip_installs_exactly_the_pinned_wheels() {
    let container = image();
    container.write("/has-pip", "");
    container.sh("install-uv.sh", &["/opt/uv"]).succeeded();
    assert_eq!(container.read("/calls"), expected("/programs/python3"));
}

#[test]
fn a_base_image_without_pip_gets_one_elsewhere() {
    let container = image();
    container.sh("install-uv.sh", &["/opt/uv"]).succeeded();
    assert_eq!(
        container.read("/calls"),
        format!(
            "/programs/python3 -m venv /tmp/pip\n{}",
            expected("/tmp/pip/bin/python3")
        )
    );
}

#[test]
fn a_failed_installation_is_an_error() {
    let container = image();
    container.write("/has-pip", "");
    container.write("/offline", "");
    container.sh("install-uv.sh", &["/opt/uv"]).failed(2);
}
