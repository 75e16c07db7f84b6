//! An empty environment.

use std::fs;

use super::container::Container;

#[test]
fn the_environment_has_a_python_but_no_pip() {
    let mut container = Container::new();
    container.python("");
    let args = ["/app/.venv"];
    container.sh("create-environment.sh", &args).succeeded();

    let print = "import sys; print(sys.prefix)";
    let ran = container.run(&["/app/.venv/bin/python", "-c", print], &[]);
    assert_eq!(ran.succeeded().stdout, "/app/.venv\n");
    let names = fs::read_dir(container.path("/app/.venv/bin")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pips: Vec<_> = names.filter(|name| name.contains("pip")).collect();
    assert_eq!(pips, [""; 0]);
    let import = container.run(&["/app/.venv/bin/python", "-c", "import pip"], &[]);
    assert!(import.failed(1).contains("No module named 'pip'"));
}
