//! A copied project is compiled where it is.

use super::container::Container;

#[test]
fn the_modules_of_a_copied_project_are_compiled() {
    let mut container = Container::new();
    container.python("");
    container.script("compile_bytecode.py");
    container.write("/srv/app/main.py", "X = 1\n");
    container.write("/srv/manage.py", "X = 1\n");
    container.write("/srv/.venv/lib/words.py", "X = 1\n");
    container.write("/srv/app/template.py", "{{ name }} = 1\n");
    container.write("/elsewhere/main.py", "X = 1\n");
    container.sh("compile-source.sh", &["/srv"]).succeeded();

    let ran = container.run(&["find", "/", "-xdev", "-path", "*/__pycache__/*.pyc"], &[]);
    let text = ran.stdout;
    let mut compiled: Vec<&str> = text
        .lines()
        .filter(|path| path.starts_with("/srv") || path.starts_with("/elsewhere"))
        .filter_map(|path| path.split_once(".cpython").map(|(start, _)| start))
        .collect();
    compiled.sort_unstable();
    assert_eq!(
        compiled,
        ["/srv/__pycache__/manage", "/srv/app/__pycache__/main"]
    );
    // A running container finds them, and does not read the sources' dates.
    let check = "import sys; sys.path.insert(0, '/srv/app'); import main; print(main.__cached__, main.__file__)";
    let ran = container
        .run(&["python3", "-B", "-c", check], &[])
        .succeeded();
    assert!(
        ran.stdout.starts_with("/srv/app/__pycache__/main."),
        "{}",
        ran.stdout
    );
}
