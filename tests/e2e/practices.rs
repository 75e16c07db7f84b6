//! Good practices that are the default.

use crate::support::{Image, Project, nonce};

#[test]
fn python_has_settings_for_containers() {
    let project = Project::package("told", &[]);
    project.write(
        "src/told/__init__.py",
        "import faulthandler, sys\ndef main():\n    \
         print(sys.dont_write_bytecode, sys.stdout.write_through, faulthandler.is_enabled())\n",
    );
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "True True True");
}

#[test]
fn git_virtual_environments_and_bytecode_are_left_out() {
    let project = Project::package("tree", &[]);
    project
        .write(".git/config", "")
        .write(".venv/bin/python", "")
        .write("src/tree/__pycache__/x.cpython-313.pyc", "")
        .write("src/tree/old.pyc", "")
        .write("kept.txt", "")
        .build_file(
            r#"
            [source]
            install = "copy"
            include = ["."]
            [runtime]
            entrypoint = ["python"]
            "#,
        );
    let image = project.build().image();
    assert_eq!(
        image.shell("cd /app && find . -path ./.venv -prune -o -type f -print | sort"),
        "./kept.txt\n./pyproject.toml\n./src/tree/__init__.py\n./src/tree/__pycache__/__init__.cpython-313.pyc"
    );
    assert_eq!(
        image.shell("test -s /app/.venv/bin/python && echo whole"),
        "whole"
    );
}

#[test]
fn files_that_look_like_secrets_are_left_out_unless_included() {
    let project = Project::package("discreet", &[]);
    let word = format!("top-secret-{}", nonce());
    project
        .write("id_rsa", &word)
        .write("config/.env", &word)
        .write("config/server.pem", &word)
        .write("config/plain.txt", "plain")
        .build_file(
            r#"
            [source]
            install = "copy"
            include = ["."]
            [runtime]
            entrypoint = ["python"]
            "#,
        );
    let image = project.build().image();
    assert!(!image.holds(&word), "a secret is in the image");
    assert_eq!(image.shell("cat /app/config/plain.txt"), "plain");

    project.build_file(
        r#"
        [source]
        install = "copy"
        include = ["src", "config/server.pem"]
        [runtime]
        entrypoint = ["python"]
        "#,
    );
    let image = project.build().image();
    assert_eq!(image.shell("cat /app/config/server.pem"), word);
}

#[test]
fn an_argument_used_only_in_a_label_re_runs_nothing() {
    let project = Project::package("labelled", &[]);
    project.write(
        "src/labelled/__init__.py",
        &format!("def main():\n    print({})\n", nonce()),
    );
    project.build_file(
        r#"
        [args]
        REVISION = { default = "" }
        [runtime]
        labels = { revision = "${REVISION}" }
        "#,
    );
    project.build().image();
    let (image, built) = project
        .build()
        .with("--build-arg=REVISION=abc")
        .run()
        .parts();
    assert_eq!(label(&image, "revision"), "abc");
    assert_eq!(built.ran(), [""; 0]);
}

fn label(image: &Image, name: &str) -> String {
    let labels = &image.inspect()["Config"]["Labels"];
    labels[name].as_str().unwrap_or_default().to_owned()
}

#[test]
fn plugins_are_installed_beside_poetry() {
    let project = Project::package("plugged", &[]);
    let machine = project.build_file("").read("poetry.build.toml");
    let with_plugin = machine.replace(
        "[poetry]\n",
        "[poetry]\nplugins = [\"poetry-plugin-export==1.9.0\"]\n",
    );
    let with_plugin = if with_plugin == machine {
        format!("{machine}[poetry]\nplugins = [\"poetry-plugin-export==1.9.0\"]\n")
    } else {
        with_plugin
    };
    project.write("poetry.build.toml", &with_plugin);
    let dev = project.build().with("--target=dev").image();
    assert!(
        dev.shell("poetry export --help")
            .contains("requirements.txt")
    );
    let image = project.build().image();
    assert_eq!(image.shell("command -v poetry || echo none"), "none");
}
