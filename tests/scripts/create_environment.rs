//! An empty environment.

use std::fs;

use super::container::Container;

#[test]
fn the_environment_has_a_python_but_no_pip() {
    let mut container = Container::new();
    container.python("");
    container.set_workdir("/src");
    container.sh("create-environment.sh", &[]).succeeded();

    let print = "import sys; print(sys.prefix)";
    let ran = container.run(&["/src/.venv/bin/python", "-c", print], &[]);
    assert_eq!(ran.succeeded().stdout, "/src/.venv\n");
    let names = fs::read_dir(container.path("/src/.venv/bin")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pips: Vec<_> = names.filter(|name| name.contains("pip")).collect();
    assert_eq!(pips, [""; 0]);
    let import = container.run(&["/src/.venv/bin/python", "-c", "import pip"], &[]);
    assert!(import.failed(1).contains("No module named 'pip'"));
}
