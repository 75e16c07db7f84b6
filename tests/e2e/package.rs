//! A package with a script and a dependency, and a build file with only the `syntax` line.

use crate::support::{Image, Index, Project};

/// The options of a hardened container.
const CONFINED: [&str; 3] = [
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
];

fn greeter(build_file: impl Fn(&Project)) -> Image {
    let index = Index::start();
    let words = index.publish("words", "1.0", "GREETING = 'hello from a wheel'\n");
    let project = Project::package("greeter", &[&words]);
    project.write(
        "src/greeter/__init__.py",
        "import sys, words\ndef main():\n    print(words.GREETING, *sys.argv[1:])\n",
    );
    build_file(&project);
    project.build().image()
}

#[test]
fn an_empty_build_file_is_enough() {
    // Without the mirror of this machine: only Poetry itself comes from the default index, by pip.
    let image = greeter(|project| {
        project.bare_build_file("");
    });
    assert_eq!(image.answer(&[]), "hello from a wheel");
}

#[test]
fn the_container_runs_read_only_without_capabilities() {
    let image = greeter(|_| ());
    assert_eq!(
        image.answer_with(&CONFINED, &["and", "you"]),
        "hello from a wheel and you"
    );
    assert_eq!(
        image.answer_with(&[&CONFINED[..], &["--entrypoint=id"]].concat(), &[]),
        "uid=10001(app) gid=10001(app) groups=10001(app)"
    );
}

#[test]
fn the_project_is_not_installed_editable() {
    let image = greeter(|_| ());
    let packages = "/app/.venv/lib/python3.13/site-packages";
    assert_eq!(
        image.shell("python -c 'import greeter; print(greeter.__file__)'"),
        format!("{packages}/greeter/__init__.py")
    );
    assert_eq!(
        image.shell(&format!("ls {packages}")),
        "greeter\ngreeter-0.1.0.dist-info\nwords\n".to_owned()
            + &image.shell(&format!("cd {packages}; ls -d words-*"))
    );
    assert_eq!(
        image.shell("find /app -name '*.pth' -o -name direct_url.json"),
        ""
    );
}

#[test]
fn the_user_cannot_write_to_the_project() {
    let image = greeter(|_| ());
    let script = "find /app \\( -writable -o -user app -o -group app \\) ! -type l; touch /app/x 2>&1 || echo refused";
    let answer = image.shell(script);
    assert!(answer.ends_with("Permission denied\nrefused"), "{answer}");
    assert_eq!(answer.lines().count(), 2, "{answer}");
}

#[test]
fn a_package_needs_no_dependencies() {
    let image = Project::package("lonely", &[]).build().image();
    assert_eq!(image.answer(&[]), "hello");
    assert_eq!(
        image.shell("ls /app/.venv/lib/python3.13/site-packages"),
        "lonely\nlonely-0.1.0.dist-info"
    );
}

#[test]
fn a_missing_readme_does_not_fail_the_build() {
    let files = Project::files("unread", &[]).in_project("readme = \"docs/README.md\"");
    let project = Project::with(&files);
    assert_eq!(project.build().image().answer(&[]), "hello");
}

#[test]
fn a_package_may_be_at_the_top_of_the_project() {
    let project = Project::package("flat", &[]);
    let code = project.read("src/flat/__init__.py");
    project.remove("src/flat/__init__.py");
    project.write("flat/__init__.py", &code);
    assert_eq!(project.build().image().answer(&[]), "hello");
}

#[test]
fn commands_run_with_the_python_of_the_environment() {
    let image = Project::package("own", &[]).build().image();
    assert_eq!(
        image.shell("command -v python; python -c 'import sys; print(sys.prefix)'"),
        "/app/.venv/bin/python\n/app/.venv"
    );
}
