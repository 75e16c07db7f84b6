//! What the command line writes, put to use: a Dockerfile in place of the frontend, and build files that it wrote.

use std::process::Command;

use serde_json::Value;

use crate::bases::{BARE, BUILD};
use crate::support::{Image, Project, docker, frontend, mirror};

/// The program's output in the project's directory.
#[track_caller]
fn command_line(project: &Project, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_poetry-frontend"));
    command.args(arguments).current_dir(project.path());
    if let Some(mirror) = mirror().filter(|_| arguments[0] != "init") {
        command.arg(format!("--build-arg=PYPI_MIRROR={mirror}"));
    }
    let output = command.output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{message}");
    String::from_utf8(output.stdout).unwrap()
}

/// The lines of the Dockerfile that the project is written as, with its ignore file in its place.
#[track_caller]
fn dockerfile(project: &Project) -> String {
    let ignore = command_line(project, &["dockerfile", "--ignore"]);
    let text = command_line(project, &["dockerfile"]);
    // The engine's own frontend: the published one is not in reach of every machine.
    let (syntax, text) = text.split_once('\n').unwrap();
    assert_eq!(syntax, "# syntax=docker/dockerfile:1");
    project.write(".dockerignore", &ignore);
    text.to_owned()
}

/// The image of this Dockerfile.
#[track_caller]
fn by_dockerfile(project: &Project) -> Image {
    Image::from_directory(&dockerfile(project), Some(project.path()))
}

/// What is told of a Dockerfile that does not build.
#[track_caller]
fn failed_dockerfile(project: &Project) -> String {
    project.write("Dockerfile", &dockerfile(project));
    let directory = project.path().to_str().unwrap();
    let mut build = docker(&["build", "--progress=plain", directory]);
    let output = build.output().unwrap();
    assert!(!output.status.success(), "it was built");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a user sees of an image.
fn essence(image: &Image) -> (String, Value) {
    let files = image.shell(
        "cd /app && find . ! -name '*.pyc' ! -name __pycache__ -printf '%p %U:%G %m\\n' | sort; id; ls /srv",
    );
    let mut config = config(image);
    for key in ["ArgsEscaped", "Hostname", "Image"] {
        config.as_object_mut().unwrap().remove(key);
    }
    let mut env: Vec<String> = serde_json::from_value(config["Env"].clone()).unwrap();
    env.sort();
    config["Env"] = serde_json::json!(env);
    (files, config)
}

/// Without the labels of the base image, whose digest no Dockerfile knows.
fn config(image: &Image) -> Value {
    let mut config = image.inspect()["Config"].clone();
    if let Some(labels) = config["Labels"].as_object_mut() {
        labels.retain(|name, _| !name.starts_with("org.opencontainers.image.base."));
    }
    config
}

#[test]
fn the_dockerfile_builds_the_same_image() {
    let project = Project::package("leaver", &[]);
    project
        .write("www/index.html", "<p>hello</p>\n")
        .write("www/.env", "TOKEN=hidden\n")
        .build_file(
            r#"
            [runtime]
            env = { GREETING = "it's $HOME" }
            expose = [8000]
            writable = ["/app/data"]
            labels = { team = "web" }
            stop-signal = "SIGINT"
            healthcheck = { cmd = ["true"], interval = "30s", retries = 3 }
            [[copy]]
            src = "www"
            dest = "/srv/www"
            [[hook]]
            at = "after-install"
            run = """
            printf '%s' "$WORD" >/app/made
            """
            env = { WORD = "it's $5" }
            outputs = ["/app/made"]
            [[hook]]
            at = "before-source"
            run = """
            cp www/index.html src/leaver/page.txt
            ls -A www >/app/listed
            """
            inputs = ["www/**"]
            outputs = ["/app/listed"]
            owner = "7:8"
            "#,
        );
    let expected = project.build().image();
    let image = by_dockerfile(&project);
    assert_eq!(image.answer(&[]), "hello");
    let show = "cat /app/made /app/listed /srv/www/index.html /app/.venv/lib/*/site-packages/leaver/page.txt; ls -A /srv/www";
    assert_eq!(image.shell(show), expected.shell(show));
    let (files, config) = essence(&image);
    let (expected_files, expected_config) = essence(&expected);
    assert_eq!(files, expected_files);
    assert_eq!(config, expected_config);
}

#[test]
fn values_stay_what_they_are_in_the_dockerfile() {
    let project = Project::package("hostile", &[]);
    let value = r#"a "q" 'x' \\ $HOME $${PATH} `id` $(id) <<EOF #; %s, b=c é 😀 & *[a]?"#;
    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
    project
        .write(
            "src/hostile/__init__.py",
            "import json, os, sys\ndef main():\n    print(json.dumps([sys.argv[1:], os.getcwd(), os.environ['V']]))\n",
        )
        .write("co'p$ied [1].txt", "copied")
        .build_file(&format!(
            r#"
            [build]
            env = {{ B = "{quoted}" }}
            [runtime]
            workdir = "/w $HOME \"q\" 'x' \\n é"
            entrypoint = ["hostile", "{quoted}", "line\nbreak"]
            cmd = ["{quoted}"]
            env = {{ V = "{quoted}", T = "tab\there", E = "" }}
            labels = {{ l = "{quoted}", "k $HOME \"q\" é" = "x" }}
            writable = ["/data/$w, 'x'"]
            volumes = ["/v $HOME \"q\""]
            expose = [8000, "5353/udp"]
            stop-signal = "SIGINT"
            [runtime.healthcheck]
            cmd = ["test", "{quoted}"]
            interval = "31s"
            [[copy]]
            src = "co'p$ied [1].txt"
            dest = "/to $HOME, 'x'/"
            mode = "0604"
            [[hook]]
            at = "after-packages"
            run = ["sh", "-c", "printf %s \"$H$B\" >'/made $x'; touch /k/x", "{quoted}"]
            env = {{ H = "{quoted}\nEOF\nline" }}
            cache = ["/k", "/k, $x \"y\" 'z'"]
            outputs = ["/made $x"]
            "#,
        ));
    let expected = project.build().image();
    let image = by_dockerfile(&project);
    let seen = |image: &Image| {
        let answer = image.answer(&["argument"]);
        let files = image.shell(
            "cat '/made $x' \"/to \\$HOME, 'x'/co'p\\$ied [1].txt\"; stat -c '%n %a %U' /to* /data/*; cat /etc/passwd",
        );
        (answer, files)
    };
    assert_eq!(seen(&image), seen(&expected));
    assert_eq!(essence(&image), essence(&expected));
    let config = expected.inspect()["Config"].clone();
    let value = value.replace("$${", "${");
    assert_eq!(config["Labels"]["l"], Value::from(value.clone()));
    assert_eq!(config["Cmd"], serde_json::json!([value]));
}

#[test]
fn the_dockerfile_builds_the_same_image_on_a_base_without_a_shell() {
    let base = Image::from_dockerfile(BARE);
    let project = Project::package("leaverbare", &[]);
    project
        .write(
            "src/leaverbare/__init__.py",
            "import os, pwd\ndef main():\n    open('/data/file', 'w').write('x')\n    print(os.environ['SCOPE'], os.getuid(), pwd.getpwuid(os.getuid()).pw_name, os.environ.get('WORD'))\n",
        )
        .build_file(&format!(
            r#"
            [build]
            base = "{BUILD}"
            [runtime]
            base = "{}"
            writable = ["/data"]
            env = {{ WORD = "it's $5" }}
            smoke-test = ["leaverbare"]
            max-size = "500MB"
            "#,
            base.tag()
        ));
    let expected = project.build().image();
    let image = by_dockerfile(&project);
    assert_eq!(image.answer(&[]), "bare 10001 app it's $5");
    let of_code = |image: &Image| -> Vec<String> {
        let files = image.files().into_keys();
        files.filter(|path| !path.contains("__pycache__")).collect()
    };
    assert_eq!(of_code(&image), of_code(&expected));
    let settings = |image: &Image| {
        let config = config(image);
        ["Entrypoint", "User", "WorkingDir", "Labels"].map(|key| config[key].clone())
    };
    assert_eq!(settings(&image), settings(&expected));
    // The base is in the image once.
    let most = |image: &Image| image.inspect()["Size"].as_u64().unwrap();
    assert!(most(&image) < most(&expected) + 1_000_000);
}

#[test]
fn a_failing_verification_fails_the_dockerfile() {
    let project = Project::package("leaverchecked", &[]);
    let right = r#"
        [runtime]
        entrypoint = ["sh"]
        smoke-test = ["python", "-c", "print('it is'), print('well')"]
        max-size = "2GB"
        "#;
    project.build_file(right);
    let expected = project.build().image();
    let image = by_dockerfile(&project);
    assert_eq!(essence(&image), essence(&expected));
    for (wrong, message) in [
        (
            right.replace("print('it is')", "exit('it is not')"),
            "it is not",
        ),
        (
            right.replace("2GB", "1MB"),
            "more than max-size = 1.0 MB; the largest directories",
        ),
    ] {
        project.build_file(&wrong);
        let failed = failed_dockerfile(&project);
        assert!(failed.contains(message), "{message}: {failed}");
    }
}

#[test]
fn the_dockerfile_of_an_example_builds_the_same_image() {
    let project = Project::copy_of("examples/hello".as_ref());
    let text = project.read("poetry.build.toml");
    let (_, rest) = text.split_once('\n').unwrap();
    project.write(
        "poetry.build.toml",
        &format!("# syntax={}\n{rest}", frontend()),
    );
    let expected = project.build().image();
    let image = by_dockerfile(&project);
    assert!(image.answer(&[]).contains("Hello from Poetry!"));
    assert_eq!(essence(&image), essence(&expected));
}

#[test]
fn a_build_file_written_by_init_builds() {
    let project = Project::package("inited", &[]);
    project.remove("poetry.build.toml");
    let message = command_line(&project, &["init", &format!("--frontend={}", frontend())]);
    assert!(
        message.starts_with("wrote ./poetry.build.toml"),
        "{message}"
    );
    let text = project.read("poetry.build.toml");
    let (syntax, rest) = text.split_once('\n').unwrap();
    assert_eq!(syntax, format!("# syntax={}", frontend()));
    // With what this machine needs.
    project.build_file(rest);
    assert_eq!(project.build().image().answer(&[]), "hello");
}
