//! `poetry-frontend init` for the Dockerfiles of `tests/moving`: the image that its result builds, compared with the image of the
//! Dockerfile, built on the same engine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Image, Project, mirror};

/// What a case has in common with its Dockerfile, but for what is listed here.
struct Case {
    name: &'static str,
    /// Whether the Dockerfile's image runs as root, which none of the frontend's does.
    was_root: bool,
    /// The target, with the stage of the Dockerfile.
    target: Option<&'static str>,
}

const fn case(name: &'static str) -> Case {
    Case {
        name,
        was_root: false,
        target: None,
    }
}

const fn root(name: &'static str) -> Case {
    Case {
        was_root: true,
        ..case(name)
    }
}

/// One of each kind; `make test` compares them.
const SOME: [Case; 6] = [
    case("node-assets"),
    case("labels-and-arguments"),
    root("export-requirements"),
    case("migrations"),
    case("targets"),
    Case {
        target: Some("worker"),
        ..case("targets")
    },
];

/// The others, which take minutes: `make test-matrix` compares them.
const OTHERS: [Case; 10] = [
    case("groups-and-extras"),
    root("heredocs"),
    root("procfile"),
    case("multi-stage"),
    root("single-stage"),
    root("full-image"),
    case("wheel"),
    case("tini"),
    root("puid"),
    root("supervisor"),
];

/// Variables that one of the two images has by design.
const OWN_VARIABLES: [&str; 10] = [
    "GPG_KEY",
    "HOME",
    "LANG",
    "PATH",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONFAULTHANDLER",
    "PYTHONUNBUFFERED",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "VIRTUAL_ENV",
];

/// An image of Python, with a `packaging` that pip can replace, in which Dockerfiles find Poetry, and reach the index of this machine.
fn python() -> Image {
    let reach = mirror().map_or(String::new(), |mirror| {
        format!(
            "ENV PIP_INDEX_URL={mirror} POETRY_PYPI_MIRROR_URL={mirror} PIP_CERT=/etc/ssl/certs/ca-certificates.crt REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt\n"
        )
    });
    Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nENV PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore\n{reach}RUN pip install --ignore-installed packaging && pip install poetry==2.1.4 poetry-plugin-export poetry-plugin-pypi-mirror\n"
    ))
}

/// An image with an `npm` that does what the Dockerfile needs.
fn node() -> Image {
    Image::from_dockerfile(
        "FROM python:3.13-slim-trixie\nRUN printf '#!/bin/sh\\nif [ \"$1\" = run ]; then cp -r styles dist; fi\\n' > /usr/local/bin/npm && chmod 755 /usr/local/bin/npm\n",
    )
}

fn project(name: &str) -> Project {
    let project = Project::copy_of(Path::new("tests/moving/project"));
    let case = Project::copy_of(&Path::new("tests/moving").join(name));
    case.copy_to(&project);
    project.remove("poetry.build.toml").remove("said.txt");
    let output = Command::new(env!("CARGO_BIN_EXE_poetry-frontend"))
        .arg("init")
        .current_dir(project.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.starts_with("wrote "), "{said}");
    let text = project.read("poetry.build.toml");
    let (_, rest) = text.split_once('\n').unwrap();
    project.build_file(rest);
    // The engine has a frontend of its own.
    let dockerfile = project.read("Dockerfile");
    let lines = dockerfile.lines();
    let lines: Vec<&str> = lines
        .filter(|line| !line.starts_with("# syntax="))
        .collect();
    project.write("Dockerfile", &lines.join("\n"));
    project
}

/// The text of a command line, with what is only another way to run the same taken away.
fn command(config: &Value) -> String {
    let words = [&config["Entrypoint"], &config["Cmd"]]
        .into_iter()
        .filter_map(Value::as_array)
        .flatten();
    let words = words.map(|word| word.as_str().unwrap().to_owned());
    plain(&words.collect::<Vec<_>>())
}

fn plain(words: &[String]) -> String {
    let text = words.join(" ");
    let words = text
        .split_whitespace()
        .map(|word| match word.rsplit_once("/bin/") {
            Some((_, name)) => name,
            None => word,
        });
    let dropped = [
        "poetry",
        "run",
        "tini",
        "--",
        "sh",
        "-c",
        "exec",
        "CMD",
        "CMD-SHELL",
    ];
    let words = words
        .filter(|word| !dropped.contains(word))
        .map(|word| word.trim_matches(['"', '\'']));
    words.collect::<Vec<_>>().join(" ")
}

/// What the config says about the container, in one form for both images.
fn settings(image: &Image) -> Value {
    let config = &image.inspect()["Config"];
    let env = config["Env"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| pair.as_str().unwrap().split_once('=').unwrap());
    let is_own = |name: &str| {
        OWN_VARIABLES.contains(&name)
            || ["PIP_", "POETRY_"]
                .iter()
                .any(|start| name.starts_with(start))
            || ["PYSETUP_PATH", "VENV_PATH"].contains(&name)
    };
    let env: BTreeMap<&str, &str> = env.filter(|(name, _)| !is_own(name)).collect();
    let labels: BTreeMap<String, String> =
        serde_json::from_value(config["Labels"].clone()).unwrap_or_default();
    let own = [
        "base.digest",
        "base.name",
        "description",
        "licenses",
        "revision",
        "source",
        "title",
        "version",
    ];
    let own = own.map(|name| format!("org.opencontainers.image.{name}"));
    let labels: BTreeMap<_, _> = labels
        .into_iter()
        .filter(|(name, _)| !own.contains(name))
        .collect();
    let mut health = config["Healthcheck"].clone();
    // No health check, in place of the base's.
    if health["Test"] == json!(["NONE"]) {
        health = Value::Null;
    }
    if let Some(test) = health.get_mut("Test") {
        let words: Vec<String> = serde_json::from_value(test.clone()).unwrap();
        *test = plain(&words).trim_end_matches(" || exit 1").into();
    }
    let names = |key: &str| {
        config[key]
            .as_object()
            .map(|all| all.keys().cloned().collect::<BTreeSet<_>>())
            .unwrap_or_default()
    };
    let workdir = match config["WorkingDir"].as_str() {
        None | Some("" | "/") => "/app",
        Some(path) => path,
    };
    json!({
        "command": command(config),
        "env": env,
        "health": health,
        "labels": labels,
        "ports": names("ExposedPorts"),
        "signal": config["StopSignal"],
        "volumes": names("Volumes"),
        "workdir": workdir,
    })
}

/// The installed distributions that the lock or the project has. Poetry itself is in no image of the frontend.
fn installed(image: &Image) -> String {
    let query = "import importlib.metadata as m; names = {d.name.lower() for d in m.distributions()}; print(sorted((n, m.version(n)) for n in ('cowsay', 'gunicorn', 'iniconfig', 'packaging', 'shop') if n in names))";
    // Poetry makes an environment wherever it likes, and `poetry run` finds it.
    image.shell(&format!(
        "found=$(find / -xdev -name pyvenv.cfg 2>/dev/null | head -n 1); python=python; if [ \"$found\" ]; then python=$(dirname \"$found\")/bin/python; fi; $python -c \"{query}\""
    ))
}

#[test]
fn the_images_of_dockerfiles_and_of_what_init_makes_of_them_are_alike() {
    compare(&SOME);
}

#[test]
#[ignore = "takes minutes"]
fn the_images_of_all_other_dockerfiles_are_alike() {
    compare(&OTHERS);
}

fn compare(cases: &[Case]) {
    let (python, node) = (python(), node());
    let mut differences = Vec::new();
    for Case {
        name,
        was_root,
        target,
    } in cases
    {
        let project = project(name);
        let context = |name: &str, image: &Image| {
            format!("--build-context={name}=docker-image://{}", image.tag())
        };
        let mut by_dockerfile = project
            .build()
            .with("--file=Dockerfile")
            .with_secret("geo-token", "x")
            .with(&context("python:3.13-slim-trixie", &python))
            .with(&context("python:3.13-slim", &python))
            .with(&context("python:3.13-trixie", &python))
            .with(&context("node:22-slim", &node));
        let mut by_frontend = project.build().with_secret("geo-token", "x");
        if let Some(target) = target {
            let option = format!("--target={target}");
            by_dockerfile = by_dockerfile.with(&option);
            by_frontend = by_frontend.with(&option);
        }
        let before = by_dockerfile.image();
        if *name == "node-assets" {
            project.write("built/assets/dist/shop.css", "body { margin: 0; }\n");
            by_frontend = by_frontend.with("--build-context=assets=built");
        }
        let after = by_frontend.image();
        let (mut of_frontend, of_dockerfile) = (settings(&after), settings(&before));
        if *name == "procfile" {
            // Only the Procfile has a command.
            of_frontend["command"] = of_dockerfile["command"].clone();
        }
        let ids = |image: &Image| image.shell("id -u; id -g");
        let user = if *was_root {
            "10001\n10001".to_owned()
        } else {
            ids(&before)
        };
        for (new, old) in [
            (of_frontend, of_dockerfile),
            (installed(&after).into(), installed(&before).into()),
            (ids(&after).into(), user.into()),
        ] {
            if new != old {
                differences.push(format!(
                    "{name}\n  of the Dockerfile: {old}\n  of the frontend:   {new}"
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
