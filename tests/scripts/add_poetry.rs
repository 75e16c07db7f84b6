//! Poetry is copied to its own directory, and only its command is on the PATH.

use std::fs;

use super::container::Container;

#[test]
fn only_the_command_of_poetry_is_on_the_path() {
    let container = Container::new();
    container.program("/made/bin/poetry", "echo Poetry of $0");
    container.program("/made/bin/python", "exit 1");
    container.write("/made/pyvenv.cfg", "home = /usr/local/bin\n");
    container.sh("add-poetry.sh", &["/made"]).succeeded();

    assert_eq!(
        container.read("/opt/poetry/pyvenv.cfg"),
        "home = /usr/local/bin\n"
    );
    let poetry = container.run(&["poetry"], &[]).succeeded();
    assert_eq!(poetry.stdout, "Poetry of /usr/local/bin/poetry\n");
    let commands = fs::read_dir(container.path("/usr/local/bin")).unwrap();
    assert_eq!(commands.count(), 1);
}

#[test]
fn a_command_of_the_base_image_is_replaced() {
    let container = Container::new();
    container.program("/made/bin/poetry", "echo new");
    container.program("/usr/local/bin/poetry", "echo old");
    container.sh("add-poetry.sh", &["/made"]).succeeded();
    assert_eq!(container.run(&["poetry"], &[]).succeeded().stdout, "new\n");
}
