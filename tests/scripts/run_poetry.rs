//! Poetry refuses bad wheels, and builds of one project take turns with its cache. That index pages are reduced to the
//! locked files is tested with real releases of Poetry in `tests/equivalence/locked_files.rs`.

use super::container::{Container, PROGRAMS, Ran};

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
fn poetry_gets_no_credentials_that_are_empty() {
    let mut container = image();
    container.set_env("COMMAND", "env | grep ^POETRY_HTTP | sort");
    for (name, value) in [
        ("POETRY_HTTP_BASIC_A_USERNAME", ""),
        ("POETRY_HTTP_BASIC_A_PASSWORD", "\n"),
        ("POETRY_HTTP_BASIC_B_USERNAME", "token\n"),
        ("POETRY_HTTP_BASIC_B_PASSWORD", ""),
    ] {
        container.set_env(name, value);
    }
    let ran = container.py("run_poetry.py", &["install"]).succeeded();
    // The command prints first, because Python's output is not shown line by line.
    assert_eq!(
        ran.stdout,
        "POETRY_HTTP_BASIC_B_PASSWORD=\nPOETRY_HTTP_BASIC_B_USERNAME=token\narguments: install\n"
    );
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

/// Stands in for the part of Poetry that installs one package. It catches the error, prints it, and fails at the end.
const EXECUTOR: &str = r#"
import subprocess


class IsolatedBuildBackendError(Exception):
    def __init__(self, inner):
        super().__init__("poetry cannot build it")
        self.exception = inner


class ChefBuildError(Exception):
    pass


class BuildBackendException(Exception):
    def __init__(self, inner):
        self.exception = inner


COMPILED = """warning: x is deprecated
words.c:3:9: warning: unused variable
words.c:7:1: error: unknown type name 'foo'
words.c:8:1: error: second
words.c:9:1: error: third
words.c:10:1: error: fourth
error: command '/usr/bin/gcc%s' failed with exit code 1

""" % (" -Dx" * 99)


class Executor:
    def _do_execute_operation(self, operation):
        name = operation.package.pretty_name
        if name == "words":
            inner = subprocess.CalledProcessError(1, "python", output=COMPILED.encode())
            raise IsolatedBuildBackendError(BuildBackendException(inner))
        if name == "older":
            raise ChefBuildError("Backend exited\n\n  File \"<string>\", line 1\n  RuntimeError: no\n \n")
        if name == "silent":
            raise ChefBuildError("gave up\nat last\n")
        if name == "lost":
            raise ValueError("no such file\nmore")
        if name == "cloned":
            raise RuntimeError("Failed to clone it, check your git configuration")
        if name == "untrusted":
            try:
                raise OSError("Max retries (Caused by SSLError(1, '[SSL: X] certificate verify failed: self-signed certificate (_ssl.c:1)'))")
            except OSError:
                raise RuntimeError("All attempts to connect to index failed.\n\nmore")
        return 0
"#;
const EXECUTING: &str = r#"
import sys
from types import SimpleNamespace
from poetry.installation.executor import Executor


def main():
    for name in sys.argv[1:]:
        package = SimpleNamespace(pretty_name=name, version="1.0")
        if name == "cloned":
            package.source_type, package.source_url = "git", "https://git.test/cloned.git"
        try:
            Executor()._do_execute_operation(SimpleNamespace(package=package))
        except Exception as error:
            print("a trace of", name)
    print("a remark of poetry")
    sys.exit(len(sys.argv) > 2)
"#;

#[test]
fn the_last_lines_are_the_packages_that_fail_with_their_own_errors() {
    let container = image();
    container.write("/modules/poetry/installation/executor.py", EXECUTOR);
    container.write("/modules/poetry/console/application.py", EXECUTING);
    let summary = |packages: &[&str]| {
        let ran = container.py("run_poetry.py", packages);
        assert!(
            ran.stdout.ends_with("a remark of poetry\n"),
            "{}",
            ran.stdout
        );
        ran.failed(1)
    };
    let seen = summary(&["fine", "words"]);
    let (errors, last) = seen.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(
        errors,
        "error: words 1.0 cannot be built from its source:
  words.c:7:1: error: unknown type name 'foo'
  words.c:8:1: error: second
  words.c:9:1: error: third"
    );
    // A long command.
    assert!(
        last.starts_with("  error: command '/usr/bin/gcc -Dx"),
        "{last}"
    );
    assert!(last.ends_with(" -Dx' failed with exit code 1"), "{last}");
    assert!(last.contains(" ... ") && last.len() < 210, "{last}");
    assert_eq!(
        summary(&["older", "silent", "lost", "older", "older"]),
        "error: older 1.0 cannot be built from its source:
  RuntimeError: no
error: silent 1.0 cannot be built from its source:
  at last
error: lost 1.0 cannot be installed: no such file
and 2 more
"
    );
    // Poetry itself only says that the server does not answer.
    assert_eq!(
        summary(&["fine", "untrusted"]),
        "error: untrusted 1.0 cannot be installed: certificate verify failed: self-signed certificate\n"
    );
    // Nor does it show what Git says.
    container.program(
        &format!("{PROGRAMS}/git"),
        "echo \"fatal: unable to access '$3': $* is gone\" >&2; exit 128",
    );
    assert_eq!(
        summary(&["fine", "cloned"]),
        "error: cloned 1.0 cannot be installed: ls-remote https://git.test/cloned.git HEAD is gone\n"
    );
    container.program(&format!("{PROGRAMS}/git"), "echo 0a1b HEAD");
    assert_eq!(
        summary(&["fine", "cloned"]),
        "error: cloned 1.0 cannot be installed: Failed to clone it, check your git configuration\n"
    );
    let ran = container.py("run_poetry.py", &["fine"]).succeeded();
    assert_eq!(ran.stderr, "");
}
