//! A copied project can be read by everyone, and is compiled for where it will be.

use super::container::Container;

#[test]
fn the_modules_of_a_copied_project_are_compiled() {
    let mut container = Container::new();
    container.python("");
    container.script("compile_bytecode.py");
    container.write("/out/srv/app/main.py", "X = 1\n");
    container.write("/out/srv/manage.py", "X = 1\n");
    container.write("/out/srv/.venv/lib/words.py", "X = 1\n");
    container.write("/out/srv/app/template.py", "{{ name }} = 1\n");
    let args = ["/out", "/srv", "1"];
    container.sh("prepare-source.sh", &args).succeeded();

    let ran = container.run(&["find", "/", "-xdev", "-path", "*/__pycache__/*.pyc"], &[]);
    let text = ran.stdout;
    let mut compiled: Vec<&str> = text
        .lines()
        .filter_map(|path| path.strip_prefix("/out"))
        .filter_map(|path| path.split_once(".cpython").map(|(start, _)| start))
        .collect();
    compiled.sort_unstable();
    assert_eq!(
        compiled,
        ["/srv/__pycache__/manage", "/srv/app/__pycache__/main"]
    );
    // A running container finds them, and does not read the sources' dates.
    container.run(&["mv", "/out/srv", "/srv"], &[]).succeeded();
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

#[test]
fn the_modes_of_the_checkout_do_not_matter() {
    let container = Container::new();
    for name in ["main.py", "start.sh", "app/data.json"] {
        container.write(&format!("/out/srv/{name}"), "x\n");
    }
    let sh = |script: &str| container.run(&["sh", "-c", script], &[]).succeeded().stdout;
    sh("cd /out/srv && chmod 600 main.py && chmod 700 start.sh app && chmod 666 app/data.json");
    container.write("/outside", "x\n");
    sh("chmod 600 /outside && ln -s /outside /out/srv/link");
    container
        .sh("prepare-source.sh", &["/out", "/srv", ""])
        .succeeded();
    let sh = |script: &str| container.run(&["sh", "-c", script], &[]).succeeded().stdout;
    assert_eq!(
        sh("cd /out/srv && stat -c '%a %n' main.py start.sh app app/data.json /outside"),
        "644 main.py\n755 start.sh\n755 app\n644 app/data.json\n600 /outside\n"
    );
}
