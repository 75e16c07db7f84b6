//! A platform team's frontend image, with a `standard.toml`, and projects that are built with it.

use std::path::Path;

use crate::subrequests::{json_response, line, response, sources};
use crate::support::docker;
use crate::support::{Image, Index, Project, Published, frontend, in_registry, sha256};

/// The example, and the image of its team's frontend in the registry.
struct Team {
    example: Project,
    frontend: String,
}

impl Team {
    fn new() -> Self {
        Self {
            example: Project::copy_of(Path::new("examples/standard")),
            frontend: in_registry("standard"),
        }
    }

    /// Builds and pushes the frontend as the example says.
    fn publish(&self) -> &Self {
        self.example
            .edit("team/Dockerfile", "org/poetry-frontend:0.1", &frontend());
        for arguments in [
            &["buildx", "build", "--load", "-t", &self.frontend, "team"][..],
            &["push", &self.frontend],
        ] {
            let output = docker::docker(arguments)
                .current_dir(self.example.path())
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        self
    }

    /// A project of the example, built with the team's frontend.
    fn project(&self, name: &str) -> Project {
        let project = Project::copy_of(&self.example.path().join(name));
        project.edit("poetry.build.toml", "corp/python:1", &self.frontend);
        project
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        let _ = docker::docker(&["image", "rm", "--force", &self.frontend]).output();
    }
}

#[test]
fn projects_have_the_defaults_of_their_teams_frontend() {
    let team = Team::new();
    team.publish();

    let hello = team.project("hello").build().image();
    let said = hello.answer(&[]);
    assert!(said.contains("Hello from Poetry!"), "{said}");
    assert_eq!(hello.shell("echo $LOG_FORMAT $TZ"), "json UTC");
    assert!(hello.shell("python --version").contains("3.13"));
    let labels = &hello.inspect()["Config"]["Labels"];
    assert_eq!(labels["org.opencontainers.image.vendor"], "Example Corp");

    assert_eq!(labels["poetry-frontend.standard.name"], "corp-python");
    assert_eq!(labels["poetry-frontend.standard.version"], "1.0");
    let digest = sha256(team.example.read("team/standard.toml").as_bytes());
    assert_eq!(
        labels["poetry-frontend.standard.digest"],
        format!("sha256:{digest}")
    );

    let clock = team.project("clock");
    let said = clock.build().image().answer(&[]);
    assert!(said.contains("In Europe/Berlin; logs are json."), "{said}");

    // An argument that the standard declares points there.
    let outline = json_response(&clock, "outline", &[]);
    let mut arguments = outline["args"].as_array().unwrap().iter();
    let mirror = arguments.find(|argument| argument["name"] == "PYPI_MIRROR");
    let declared = line(&sources(&outline), mirror.unwrap()).to_owned();
    assert_eq!(declared, "[defaults.args.PYPI_MIRROR]");

    // Neither an argument nor a label of the command line is a way around the rules.
    let rebel = team.project("rebel");
    let skip = "--build-arg=BUILDKIT_DOCKERFILE_CHECK=skip=all";
    let built = rebel.build().with(skip).run();
    let error = built.error();
    for expected in [
        "poetry.build.toml:1: `runtime.labels.\"org.example.team\"` is not set: we call the owners if a service fails (`team`, standard.toml of corp-python 1.0:21)",
        "see https://docs.example/owners",
        "poetry.build.toml:4: `runtime.base` cannot be `python:3.13-alpine` (`no-alpine`, standard.toml of corp-python 1.0:27)",
        ">>> base = \"python:3.13-alpine\"",
    ] {
        assert!(error.contains(expected), "{expected}\n{error}");
    }
    let check = rebel.build().check();
    assert!(check.contains("`runtime.base` cannot be"), "{check}");
}

#[test]
fn a_broken_standard_is_named_and_not_the_project() {
    let team = Team::new();
    team.example.edit(
        "team/standard.toml",
        "[defaults.runtime]\n",
        "[defaults.runtime]\nworkdir = \"srv\"\n",
    );
    team.publish();
    let built = team.project("hello").build().run();
    let error = built.error();
    assert!(
        error.contains(
            "standard.toml of corp-python 1.0:18: `srv` is not an absolute path in the image"
        ),
        "{error}"
    );
    assert!(
        error.contains("the standard is described at https://docs.example/python"),
        "{error}"
    );
    // The engine shows the standard's line.
    assert!(error.contains(">>> workdir = \"srv\""), "{error}");
}

#[test]
fn the_catalogue_keeps_a_base_until_the_standard_changes() {
    let reference = in_registry("catalogued");
    let base = |version: &str| {
        Image::from_dockerfile(&format!(
            "FROM python:3.13-slim-trixie\nLABEL version={version} of={reference}\n"
        ))
    };
    base("old").push(&reference);
    docker::run(&["pull", "--quiet", &reference]);
    let format = "--format={{index .RepoDigests 0}}";
    let digest = docker::run(&["image", "inspect", format, &reference]);
    let digest = String::from_utf8(digest).unwrap();
    let (_, digest) = digest.trim().split_once('@').unwrap();
    base("new").push(&reference);

    let team = Team::new();
    let images = format!("\n[images]\n\"{reference}\" = \"{digest}\"\n");
    let standard = team.example.read("team/standard.toml");
    team.example.write(
        "team/standard.toml",
        &standard
            .replace(
                "[defaults.runtime]\n",
                &format!("[defaults.runtime]\nbase = \"{reference}\"\n"),
            )
            .replace("\n[policy.team]", &format!("{images}\n[policy.team]")),
    );
    team.publish();
    let image = team.project("hello").build().with("--pull").image();
    assert_eq!(image.inspect()["Config"]["Labels"]["version"], "old");
}

#[test]
fn a_denied_licence_fails_the_build_and_its_line_is_that_of_the_lock() {
    let team = Team::new();
    let rule = "\n[policy.no-gpl]\ndenied-licenses = [\"GPL-*\"]\nmessage = \"we sell it\"\n";
    let standard = team.example.read("team/standard.toml") + rule;
    team.example.write("team/standard.toml", &standard);
    team.publish();
    let index = Index::start();
    let free = index.publish_licensed("free", "MIT OR GPL-2.0-only");
    let bound = index.publish_licensed("bound", "MIT AND GPL-3.0-or-later");
    let with = |dependencies: &[&Published]| {
        let project = Project::package("licensed", dependencies);
        project.build_file("[runtime.labels]\n\"org.example.team\" = \"a\"\n");
        project.edit("poetry.build.toml", &frontend(), &team.frontend);
        project
    };
    let (image, built) = with(&[&free]).build().run().parts();
    assert_eq!(image.answer(&[]), "hello");
    let step = "licenses: read the licences of the packages";
    assert!(
        built.ran().iter().any(|ran| ran == step),
        "{:?}",
        built.ran()
    );
    let project = with(&[&free, &bound]);
    let built = project.build().run();
    let error = built.error();
    let version = index.version("1.0");
    for expected in [
        format!(
            "`bound` {version} has the denied licence `MIT AND GPL-3.0-or-later`, by `License-Expression` of its metadata: we sell it (`no-gpl`, standard.toml of corp-python 1.0:"
        ),
        "poetry.lock:".to_owned(),
        "hint: remove the package, or ask for it in `except-packages` of the rule".to_owned(),
    ] {
        assert!(error.contains(&expected), "{expected}\n{error}");
    }
    assert!(!error.contains("`free`"), "{error}");
    // The list of all licences has the same problems.
    let listed = response(&project, "licenses", &[]);
    let mut problems = listed.lines().filter(|line| line.contains("error: "));
    let problem = problems.next().unwrap_or_default();
    assert!(problem.starts_with("error: `bound` "), "{listed}");
    assert_eq!(problems.next(), None, "{listed}");
}
