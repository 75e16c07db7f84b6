//! Poetry refuses bad wheels, and builds of one project take turns with its cache. That index pages are reduced to the
//! locked files is tested with real releases of Poetry in `tests/equivalence/locked_files.rs`.

use super::container::{Container, Ran};

/// Stands in for Poetry: it installs the wheel that the first argument names.
const APPLICATION: &str = r#"
import os, sys
from poetry.installation.wheel_installer import WheelInstaller


def main():
    print("arguments:", *sys.argv[1:])
    command = os.environ.get("COMMAND")
    if command:
        os.system(command)
    for wheel in sys.argv[2:]:
        WheelInstaller().install(wheel)
    return 5 if "fail" in sys.argv[1] else 0
"#;
const INSTALLER: &str = r#"
class WheelInstaller:
    def install(self, wheel):
        print("installed", wheel)
"#;
const WHEEL: &str = "
import sys, zipfile
with zipfile.ZipFile('/words-1.0-py3-none-any.whl', 'w') as file:
    for name in 'words.py', sys.argv[1]:
        file.writestr(name, '')
";

fn image() -> Container {
    let mut container = Container::new();
    container.python("");
    container.write("/modules/poetry/console/application.py", APPLICATION);
    container.write("/modules/poetry/installation/wheel_installer.py", INSTALLER);
    container.write("/modules/poetry/__version__.py", "__version__ = '2.1.4'");
    container.set_env("PYTHONPATH", "/modules");
    container.set_env("POETRY_CACHE_DIR", "/cache/pypoetry");
    container
}

fn install(container: &Container, entry: &str) -> Ran {
    let wheel = "/words-1.0-py3-none-any.whl";
    container
        .run(&["python3", "-c", WHEEL, entry], &[])
        .succeeded();
    container.py("run_poetry.py", &["install", wheel])
}

#[test]
fn poetry_gets_the_arguments_and_its_exit_code_is_passed_on() {
    // This one has no index pages that could be reduced, as an unknown release.
    let ran = image().py("run_poetry.py", &["install"]).succeeded();
    assert_eq!(ran.stdout, "arguments: install\n");
    image().py("run_poetry.py", &["fail"]).failed(5);
}

#[test]
fn an_image_with_another_poetry_is_an_error() {
    let mut container = image();
    container.set_env("EXPECTED_POETRY", "2.1.4");
    container.py("run_poetry.py", &["install"]).succeeded();
    let mut container = image();
    container.set_env("EXPECTED_POETRY", "2.2.0");
    let message = container.py("run_poetry.py", &["install"]).failed(1);
    assert!(
        message.starts_with(
            "error: the image of `[poetry]` has Poetry 2.1.4, but this build needs 2.2.0\n"
        ),
        "{message}"
    );
    // Such as one for another Python.
    let mut container = image();
    container.set_env("PYTHONPATH", "/elsewhere");
    let message = container.py("run_poetry.py", &["install"]).failed(1);
    assert!(
        message.starts_with("error: the image of `[poetry]` has no Poetry for Python 3."),
        "{message}"
    );
}

#[test]
fn a_wheel_with_an_entry_outside_its_directory_is_refused() {
    for entry in [
        "../words.py",
        "/etc/words",
        "words/../../x.py",
        "..\\x",
        "C:x",
    ] {
        let ran = install(&image(), entry);
        assert!(!ran.stdout.contains("installed"), "{entry}");
        let message = ran.failed(1);
        assert!(
            message.contains("ValueError: the wheel of words 1.0 has the entry '"),
            "{message}"
        );
    }
    for entry in ["words/..x.py", "words...py"] {
        let ran = install(&image(), entry).succeeded();
        assert!(ran.stdout.contains("installed /words-1.0"), "{entry}");
    }
}

#[test]
fn a_build_says_that_it_waits_for_another_one() {
    let mut container = image();
    let held = "
import fcntl, os, time
os.makedirs('/cache/pypoetry')
file = open('/cache/pypoetry/lock', 'w')
fcntl.flock(file, fcntl.LOCK_EX)
if os.fork():
    os._exit(0)
for number in 0, 1, 2:
    os.close(number)
while not os.path.exists('/waited'):
    time.sleep(0.02)
";
    container.run(&["python3", "-c", held], &[]).succeeded();
    // As soon as it has said so, the other build ends.
    container.set_env("PYTHONPATH", "/modules");
    let script = container.script("run_poetry.py");
    let pipe = format!(
        "python3 {script} install | while read -r line; do echo \"$line\"; touch /waited; done"
    );
    let ran = container.run(&["sh", "-euc", &pipe], &[]).succeeded();
    assert_eq!(
        ran.stdout,
        "waiting for another build of this project, which uses Poetry's cache\narguments: install\n"
    );
    // Nobody waits now.
    let ran = container.py("run_poetry.py", &["install"]).succeeded();
    assert_eq!(ran.stdout, "arguments: install\n");
}

#[test]
fn the_cache_is_locked_as_long_as_poetry_runs() {
    let mut container = image();
    container.set_env(
        "COMMAND",
        "flock --nonblock /cache/pypoetry/lock true && echo free || echo locked",
    );
    let ran = container.py("run_poetry.py", &["install"]).succeeded();
    assert!(ran.stdout.contains("locked\n"), "{}", ran.stdout);
}
