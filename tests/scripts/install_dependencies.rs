//! The command that installs the dependencies finds an empty environment, and what it installs can be a layer of its own.

use super::container::{Container, Ran};

const VENV: &str = "/app/.venv";

/// Runs the script with a command that runs this shell script.
fn install(container: &Container, whole: &str, compile: &str, script: &str) -> Ran {
    let command = ["sh", "-euc", script, "sh", "--only", "a group"];
    let args = [&[VENV, whole, compile], &command[..]].concat();
    container.sh("install-dependencies.sh", &args)
}

fn project() -> Container {
    let mut container = Container::new();
    container.python("");
    container.set_workdir("/app");
    container
}

/// Installs a module, a command, and a header.
const PACKAGE: &str = "
    site=$(echo .venv/lib/python3*/site-packages)
    mkdir -p \"$site/words-1.dist-info\" .venv/include/site/python3/words
    echo 'X = 1' >\"$site/words.py\"
    echo words.py,, >\"$site/words-1.dist-info/RECORD\"
    touch .venv/bin/words .venv/include/site/python3/words/words.h
";

/// Everything in the environment, without directories.
fn files(container: &Container) -> Vec<String> {
    let ran = container.run(&["find", VENV, "!", "-type", "d"], &[]);
    let text = ran.succeeded().stdout;
    let mut files: Vec<String> = text
        .lines()
        .map(|path| path.trim_start_matches("/app/.venv/").to_owned())
        .map(|path| match path.strip_prefix("lib/python3.") {
            Some(rest) => rest.split_once('/').unwrap().1.to_owned(),
            None => path,
        })
        .collect();
    files.sort();
    files
}

#[test]
fn the_command_installs_into_an_environment_without_pip() {
    let container = project();
    let script = ".venv/bin/python -c 'import sys; print(sys.prefix)'; ls .venv/bin; printf '<%s>\\n' \"$@\"";
    for whole in ["1", ""] {
        let ran = install(&container, whole, "", script).succeeded();
        assert!(ran.stdout.starts_with("/app/.venv\n"), "{}", ran.stdout);
        assert!(!ran.stdout.contains("pip"), "{}", ran.stdout);
        assert!(
            ran.stdout.ends_with("<--only>\n<a group>\n"),
            "{}",
            ran.stdout
        );
    }
}

#[test]
fn a_layer_has_only_what_the_command_installed() {
    let container = project();
    install(&container, "", "", PACKAGE).succeeded();
    let installed = [
        "bin/words",
        "include/site/python3/words/words.h",
        "site-packages/words-1.dist-info/RECORD",
        "site-packages/words.py",
    ];
    assert_eq!(files(&container), installed);

    let container = project();
    install(&container, "1", "", PACKAGE).succeeded();
    let whole = files(&container);
    for file in ["pyvenv.cfg", "bin/python", "bin/python3", "bin/activate"] {
        assert!(whole.iter().any(|one| one == file), "{file}: {whole:?}");
    }
    for file in installed {
        assert!(whole.iter().any(|one| one == file), "{file}: {whole:?}");
    }
}

#[test]
fn a_layer_without_commands_has_no_directory_for_them() {
    let container = project();
    let script = "for site in .venv/lib/python3*/site-packages; do touch $site/words.py; done";
    install(&container, "", "", script).succeeded();
    for directory in ["bin", "include", "lib64"] {
        assert!(
            !container.exists(&format!("{VENV}/{directory}")),
            "{directory}"
        );
    }
    assert_eq!(files(&container), ["site-packages/words.py"]);
}

#[test]
fn modules_are_compiled_if_asked_for() {
    for whole in ["", "1"] {
        for compile in ["", "1"] {
            let container = project();
            container.script("compile_bytecode.py");
            install(&container, whole, compile, PACKAGE).succeeded();
            let compiled = files(&container)
                .into_iter()
                .filter(|file| file.starts_with("site-packages/__pycache__/words."));
            assert_eq!(compiled.count(), compile.len());
        }
    }
}

#[test]
fn clones_of_git_dependencies_are_removed() {
    for whole in ["", "1"] {
        let container = project();
        let script = "mkdir -p .venv/src/words/.git; touch .venv/installed; mkdir src";
        install(&container, whole, "", script).succeeded();
        assert!(container.exists("/app/.venv/installed"));
        assert!(!container.exists("/app/.venv/src"));
        assert!(container.exists("/app/src"));
    }
}

#[test]
fn an_image_whose_poetry_does_not_run_is_an_error() {
    let container = project();
    // The program that its environment links to is not in this base.
    container.directory("/opt/poetry/bin");
    container.link("/opt/poetry/bin/python", "/nowhere/python3");
    let args = [VENV, "", "", "/opt/poetry/bin/python", "-I", "x.py"];
    let message = container.sh("install-dependencies.sh", &args).failed(1);
    assert!(
        message.starts_with("error: the image of `[poetry]` has no Poetry that runs here"),
        "{message}"
    );
    assert!(!container.exists(VENV));
}

#[test]
fn the_exit_code_of_the_command_is_passed_on() {
    let container = project();
    let ran = install(&container, "", "1", "echo out; echo err >&2; exit 7");
    assert_eq!(format!("{}{}", ran.stdout, ran.stderr), "out\nerr\n");
    ran.failed(7);
}
