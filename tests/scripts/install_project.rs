//! The wheel of a project is built, installed below a directory and compiled. What `install_project.py` does is tested with
//! real projects in `tests/wheels.rs`.

use super::container::{Container, Ran};

/// Stands in for `install_project.py`: it installs a module, and prints its arguments.
const INSTALL: &str = r#"
import os, sys
print(sys.flags.isolated, *sys.argv[1:])
if os.path.exists("/fails"):
    sys.exit(3)
directory = sys.argv[1] + sys.argv[2] + "/lib/python3.13/site-packages"
os.makedirs(directory)
with open(directory + "/app.py", "w") as file:
    file.write("X = 1")
"#;

fn image() -> Container {
    let mut container = Container::new();
    container.python("");
    container.write("/run/install_project.py", INSTALL);
    container.script("compile_bytecode.py");
    container
}

fn install(container: &Container, compile: &str, more: &[&str]) -> Ran {
    let args = ["/out", "/app/.venv", compile, "/programs/python3"];
    container.sh("install-project.sh", &[&args[..], more].concat())
}

const CACHE: &str = "/out/app/.venv/lib/python3.13/site-packages/__pycache__";

#[test]
fn the_wheel_is_built_by_an_isolated_python() {
    let container = image();
    let ran = install(&container, "", &["/opt/wheel-tools"]).succeeded();
    assert_eq!(ran.stdout, "1 /out /app/.venv /opt/wheel-tools\n");
    let container = image();
    let ran = install(&container, "", &[]).succeeded();
    assert_eq!(ran.stdout, "1 /out /app/.venv\n");
}

#[test]
fn modules_are_compiled_if_asked_for() {
    for compile in ["1", ""] {
        let container = image();
        install(&container, compile, &[]).succeeded();
        assert_eq!(container.exists(CACHE), compile == "1");
    }
    let container = image();
    install(&container, "1", &[]).succeeded();
    let mut files = container.path(CACHE).read_dir().unwrap();
    let content = std::fs::read(files.next().unwrap().unwrap().path()).unwrap();
    let text = String::from_utf8_lossy(&content);
    // The file as the image has it.
    assert!(text.contains("/app/.venv/lib/python3.13/site-packages/app.py"));
    assert!(!text.contains("/out"));
}

#[test]
fn the_exit_code_is_passed_on() {
    let container = image();
    container.write("/fails", "");
    install(&container, "1", &[]).failed(3);
    assert!(!container.exists(CACHE));
}
