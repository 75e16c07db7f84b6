//! `docker compose build` of the services of one build file, and the Compose file of `poetry-frontend compose`.

use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{Image, Project, docker, frontend, mirror, nonce};

#[test]
fn compose_builds_several_services_from_one_build_file() {
    let name = format!("poetry-frontend-test-{}", nonce());
    let files = Project::files("composed", &[])
        .script("worker", "composed:work")
        .with_file(
            "src/composed/__init__.py",
            "import os\ndef main():\n    print('web', os.environ['GREETING'])\ndef work():\n    print('worker')\n",
        );
    let project = Project::with(&files);
    project.build_file(
        r#"
        [runtime]
        entrypoint = ["composed"]
        env = { GREETING = "${GREETING}" }
        [target.worker]
        runtime.entrypoint = ["worker"]
        [args.GREETING]
        default = "none"
        "#,
    );
    let build = "{ context: ., dockerfile: poetry.build.toml";
    let args = "args: { PYPI_MIRROR: \"${PYPI_MIRROR:-}\", GREETING: hello }";
    project.write(
        "compose.yaml",
        &format!(
            "name: {name}\nservices:\n  web: {{ build: {build}, {args} }} }}\n  \
             worker: {{ build: {build}, target: worker, {args} }} }}\n"
        ),
    );
    let compose = |arguments: &[&str]| {
        let output = docker(&["compose"])
            .args(arguments)
            .current_dir(project.path())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    };
    compose(&["build"]);
    let images = ["web", "worker"].map(|service| Image::new(format!("{name}-{service}")));
    assert_eq!(compose(&["run", "--rm", "web"]).trim(), "web hello");
    assert_eq!(compose(&["run", "--rm", "worker"]).trim(), "worker");
    assert_eq!(images[0].layers(), images[1].layers());
    compose(&["down"]);
}

/// Prints whether it can write to two directories, and then one line until it is stopped.
const SERVER: &str = r#"
import pathlib, time

def main():
    for path in "/x", "/tmp/x":
        try:
            pathlib.Path(path).write_text("")
            print(path, "is writable", flush=True)
        except OSError as error:
            print(error.strerror, flush=True)
    while True:
        print("one", flush=True)
        time.sleep(0.2)
"#;

/// A Compose project that `poetry-frontend compose` wrote.
struct Composed {
    project: Project,
    name: String,
    watch: Option<Child>,
}

impl Composed {
    fn compose(&self, arguments: &[&str]) -> Command {
        let mut command = docker(&["compose", "--project-name", &self.name]);
        command
            .args(arguments)
            .current_dir(self.project.path())
            .env("PYPI_MIRROR", mirror().unwrap_or_default());
        command
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> String {
        let output = self.compose(arguments).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Waits until the output of a service has a text.
    #[track_caller]
    fn wait_for(&self, service: &str, text: &str) -> String {
        let started = Instant::now();
        loop {
            let output = self.compose(&["logs", "--no-log-prefix", service]).output();
            let logs = String::from_utf8(output.unwrap().stdout).unwrap();
            if logs.contains(text) {
                return logs;
            }
            assert!(
                started.elapsed() < Duration::from_secs(120),
                "{service}: {logs}"
            );
            sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for Composed {
    fn drop(&mut self) {
        if let Some(watch) = &mut self.watch {
            let _ = watch.kill();
            let _ = watch.wait();
        }
        let down = [
            "--profile=dev",
            "down",
            "--timeout=0",
            "--volumes",
            "--rmi=local",
        ];
        let _ = self.compose(&down).output();
    }
}

#[test]
fn the_written_compose_file_runs_the_image_and_copies_edits_into_the_development_image() {
    let files = Project::files("served", &[]).with_file("src/served/__init__.py", SERVER);
    let project = Project::with(&files);
    let written = Command::new(env!("CARGO_BIN_EXE_poetry-frontend"))
        .args([
            "compose",
            "--build-arg",
            &format!("BUILDKIT_SYNTAX={}", frontend()),
        ])
        .current_dir(project.path())
        .output()
        .unwrap();
    assert!(written.status.success());
    project.write("compose.yaml", &String::from_utf8(written.stdout).unwrap());
    let mut composed = Composed {
        project,
        name: format!("poetry-frontend-test-{}", nonce()),
        watch: None,
    };
    assert_eq!(composed.run(&["config", "--services"]).trim(), "served");
    composed.run(&["up", "--build", "--detach"]);
    let logs = composed.wait_for("served", "one\n");
    for line in ["Read-only file system\n", "/tmp/x is writable\n"] {
        assert!(logs.contains(line), "{logs}");
    }
    composed.run(&["stop", "--timeout=0"]);

    let watch = composed
        .compose(&["up", "--build", "--watch", "dev"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    composed.watch = Some(watch.unwrap());
    composed.wait_for("dev", "one\n");
    // The watch starts at some time after the container.
    let started = Instant::now();
    loop {
        let code = SERVER.replace("one", &format!("two {}", started.elapsed().as_secs()));
        composed.project.write("src/served/__init__.py", &code);
        let logs = composed.compose(&["logs", "dev"]).output().unwrap();
        if String::from_utf8_lossy(&logs.stdout).contains("two") {
            break;
        }
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "no edit arrived"
        );
        sleep(Duration::from_secs(2));
    }
}
