//! `[runtime]`: how the container runs.

use serde_json::json;

use std::process::Output;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{Image, Project, docker, nonce};

#[test]
fn runtime_settings_apply_to_the_container() {
    let project = Project::package("service", &[]);
    project
        .write(
            "src/service/__init__.py",
            "import os, sys\ndef main():\n    print(os.getcwd(), os.environ['GREETING'], os.getuid(), os.getgid(), *sys.argv[1:])\n",
        )
        .build_file(
            r#"[runtime]
user = { name = "web", uid = 1234, gid = 4321 }
workdir = "/srv/web"
cmd = ["--port", "8000"]
entrypoint = ["service"]
env = { GREETING = "good day", PYTHONUNBUFFERED = "0" }
expose = [8000, 9000]
"#,
        );
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "/srv/web good day 1234 4321 --port 8000");
    assert_eq!(
        image.answer(&["--help"]),
        "/srv/web good day 1234 4321 --help"
    );
    assert_eq!(
        image.shell("id; pwd; touch x 2>&1 || true"),
        "uid=1234(web) gid=4321(web) groups=4321(web)\n/srv/web\ntouch: cannot touch 'x': Permission denied"
    );

    let config = &image.inspect()["Config"];
    assert_eq!(config["User"], "1234:4321");
    assert_eq!(config["WorkingDir"], "/srv/web");
    assert_eq!(config["Entrypoint"], json!(["service"]));
    assert_eq!(config["Cmd"], json!(["--port", "8000"]));
    assert_eq!(
        config["ExposedPorts"],
        json!({ "8000/tcp": {}, "9000/tcp": {} })
    );
    let env = config["Env"].as_array().unwrap();
    for variable in [
        "GREETING=good day",
        "PYTHONUNBUFFERED=0",
        "PYTHONDONTWRITEBYTECODE=1",
        "VIRTUAL_ENV=/app/.venv",
    ] {
        assert!(env.contains(&json!(variable)), "{variable} in {env:?}");
    }
    let path = env
        .iter()
        .filter_map(|one| one.as_str()?.strip_prefix("PATH="));
    let path: Vec<&str> = path.collect();
    assert!(
        path.len() == 1 && path[0].starts_with("/app/.venv/bin:/usr/"),
        "{path:?}"
    );
}

#[test]
fn a_command_without_an_entrypoint_can_be_replaced() {
    let project = Project::package("replaced", &[]);
    project.build_file("[runtime]\ncmd = [\"replaced\"]\n");
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "hello");
    assert_eq!(image.answer(&["echo", "something else"]), "something else");
    assert_eq!(image.inspect()["Config"]["Entrypoint"], json!(null));
}

#[test]
fn the_script_gets_no_arguments_from_the_base() {
    let image = Project::package("plain", &[]).build().image();
    let config = &image.inspect()["Config"];
    assert_eq!(config["Entrypoint"], json!(["plain"]));
    assert_eq!(config["Cmd"], json!(null));
    assert_eq!(config["User"], "10001:10001");
    assert_eq!(config["WorkingDir"], "/app");
}

#[test]
fn the_python_version_can_be_chosen() {
    let files = Project::files("older", &[]).python(">=3.11").with_file(
        "src/older/__init__.py",
        "import sys\ndef main():\n    print(sys.version_info[:2])\n",
    );
    let project = Project::with(&files);
    project.build_file(
        r#"
        [python]
        version = "3.11"
        variant = "slim-bookworm"
        "#,
    );
    assert_eq!(project.build().image().answer(&[]), "(3, 11)");
}

#[test]
fn the_base_image_can_be_replaced() {
    let base = Image::from_dockerfile(
        "FROM python:3.13-slim-trixie\nENV TEAM=blue\nLABEL team=blue\nCMD [\"ignored\"]\nUSER nobody\n",
    );
    let project = Project::package("based", &[]);
    project
        .write(
            "src/based/__init__.py",
            "import os, sys\ndef main():\n    print(os.environ['TEAM'], os.getuid(), *sys.argv[1:])\n",
        )
        .build_file(&format!("[runtime]\nbase = \"{}\"\n", base.tag()));
    let image = project.build().image();
    // It keeps the settings of the base, except the user and the arguments of another command.
    assert_eq!(image.answer(&[]), "blue 10001");
    assert_eq!(image.inspect()["Config"]["Labels"]["team"], "blue");
}

/// A container in the background, removed on drop.
struct Container(String);

impl Container {
    #[track_caller]
    fn start(image: &Image, options: &[&str]) -> Self {
        let run = [&["run", "--detach"], options, &[image.tag()]].concat();
        Self(said(&docker(&run).output().unwrap()))
    }

    fn state(&self, what: &str) -> String {
        let format = format!("--format={{{{.State.{what}}}}}");
        said(&docker(&["inspect", &format, &self.0]).output().unwrap())
    }

    #[track_caller]
    fn wait_for(&self, what: &str, state: &str) {
        let begun = Instant::now();
        while self.state(what) != state {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "{what} is {} and not {state}: {}",
                self.state(what),
                self.logs()
            );
            sleep(Duration::from_millis(100));
        }
    }

    fn logs(&self) -> String {
        said(&docker(&["logs", &self.0]).output().unwrap())
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = docker(&["rm", "--force", "--volumes", &self.0]).output();
    }
}

fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&text).trim().to_owned()
}

#[test]
fn a_service_is_healthy_and_stops_on_its_signal() {
    let project = Project::package("watched", &[]);
    project
        .write(
            "src/watched/__init__.py",
            r#"
import http.server, os, signal, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"well")
    def log_message(self, *args):
        pass
def end(*args):
    print("ended by SIGINT", os.getpid())
    sys.exit(3)
def main():
    signal.signal(signal.SIGINT, end)
    server = http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer)
    open("/app/data/state/now", "w").write("written")
    try:
        open("/app/elsewhere", "w")
    except OSError as error:
        print(error)
    server.serve_forever()
"#,
        )
        .write(
            "src/watched/health.py",
            "import os, urllib.request\nassert urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT']).read() == b'well'\n",
        )
        .build_file(
            r#"[runtime]
env = { PORT = "8000" }
init = true
stop-signal = "SIGINT"
volumes = ["/app/data/state"]
healthcheck = { cmd = ["python", "-m", "watched.health"], interval = "1s", timeout = "5s", retries = 2 }
"#,
        );
    let image = project.build().image();
    let options = [
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
    ];
    let service = Container::start(&image, &options);
    service.wait_for("Health.Status", "healthy");
    let top = docker(&["exec", &service.0, "cat", "/proc/1/comm"]);
    assert_eq!(said(&{ top }.output().unwrap()), "tini");
    assert!(
        docker(&["stop", &service.0])
            .output()
            .unwrap()
            .status
            .success()
    );
    service.wait_for("Status", "exited");
    assert_eq!(service.state("ExitCode"), "3");
    let logs = service.logs();
    assert!(logs.contains("Read-only file system"), "{logs}");
    assert!(logs.contains("ended by SIGINT"), "{logs}");
    let config = &image.inspect()["Config"];
    assert_eq!(config["Entrypoint"], json!(["tini", "--", "watched"]));
    assert_eq!(config["StopSignal"], "SIGINT");
    assert_eq!(config["Volumes"], json!({ "/app/data/state": {} }));
    assert_eq!(
        config["Healthcheck"],
        json!({
            "Test": ["CMD", "python", "-m", "watched.health"],
            "Interval": 1_000_000_000,
            "Timeout": 5_000_000_000_u64,
            "Retries": 2,
        })
    );
}

#[test]
fn init_without_an_entrypoint_runs_the_command() {
    let project = Project::package("begun", &[]);
    project.build_file(
        r#"
        [runtime]
        init = true
        cmd = ["begun"]
        "#,
    );
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "hello");
    assert_eq!(image.answer(&["cat", "/proc/1/comm"]), "tini");
}

#[test]
fn only_writable_directories_belong_to_the_user() {
    let base = Image::from_dockerfile(
        "FROM python:3.13-slim-trixie\nRUN mkdir -p /var/spool/mine/deep && echo base >/var/spool/mine/deep/file\n",
    );
    let project = Project::package("scribe", &[]);
    project
        .write("data/seed", "seed\n")
        .write("kept", "kept\n")
        .build_file(&format!(
            r#"[runtime]
base = "{}"
writable = ["/app/data", "/srv/new/deep", "/var/spool/mine"]
entrypoint = ["sh"]
[source]
install = "copy"
include = ["data", "kept"]
"#,
            base.tag()
        ));
    let image = project.build().image();
    let script = r#"
for path in /app/data/seed /app/data/more /srv/new/deep/x /var/spool/mine/deep/file; do
  echo x >>$path && echo "wrote $path"
done
for path in /app/kept /app/new /srv/new/x /app/.venv/x /etc/passwd /usr/x; do
  if { echo x >>$path; } 2>/dev/null; then echo "can write $path"; fi
done
"#;
    assert_eq!(
        image.answer(&["-c", script]),
        "wrote /app/data/seed\nwrote /app/data/more\nwrote /srv/new/deep/x\nwrote /var/spool/mine/deep/file"
    );
    let files = image.files();
    let owned = |path: &str| files[path].owner == (10001, 10001);
    assert!(owned("app/data") && owned("app/data/seed") && owned("srv/new/deep"));
    assert!(!owned("app") && !owned("app/kept") && !owned("srv/new") && !owned("app/.venv"));
}

#[test]
fn system_packages_are_upgraded_once() {
    let base = Image::from_dockerfile("FROM python:3.13-slim-trixie\nLABEL upgraded=no\n");
    let project = Project::package("upgraded", &[]);
    let text = format!("[runtime]\nbase = \"{}\"\nupgrade = true\n", base.tag());
    project.build_file(&text);
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "hello");
    let list = "apt-get --simulate --quiet=2 upgrade 2>&1 | grep ^Inst || echo nothing";
    assert_eq!(image.shell(list), "nothing");
    // Only a change of the base re-runs it.
    let build = project.build().with("--label=day=tomorrow");
    let (again, second) = build.run().parts();
    assert!(second.step("runtime", "apt-get upgrade").cached);
    assert_eq!(image.layers(), again.layers());
    let build = project.build().with("--no-cache-filter=runtime");
    assert!(
        !build
            .run()
            .parts()
            .1
            .step("runtime", "apt-get upgrade")
            .cached
    );
}

#[test]
fn build_variables_reach_build_steps_but_not_the_image() {
    let nonce = nonce();
    let files = Project::files("flagged", &[])
        .in_tool_poetry("include = [{ path = \"src/flagged/flags.txt\", format = \"wheel\" }]")
        .in_tool_poetry("build = { script = \"build.py\" }")
        .with_file(
            "build.py",
            "import os, pathlib\npathlib.Path('src/flagged/flags.txt').write_text(os.environ['FLAGS'])\n",
        )
        .with_file(
            "src/flagged/__init__.py",
            "import os\nfrom pathlib import Path\ndef main():\n    print(Path(__file__).with_name('flags.txt').read_text(), os.environ.get('FLAGS'))\n",
        );
    let project = Project::with(&files);
    project.build_file(&format!("[build]\nenv = {{ FLAGS = \"-O{nonce}\" }}\n"));
    let (image, built) = project.build().run().parts();
    assert_eq!(image.answer(&[]), format!("-O{nonce} None"));
    assert!(built.step("poetry", "install Poetry").cached);
}

#[test]
fn labels_describe_the_project_and_need_no_step() {
    let files = Project::files("labelled", &[])
        .in_project("description = \"Tells.\"")
        .in_project("license = \"MIT\"");
    let project = Project::with(&files);
    project.build_file(
        r#"
        [runtime]
        user.uid = 20025
        labels = { "org.opencontainers.image.description" = "Said.", team = "web" }
        "#,
    );
    let first = project.build().image();
    let git = |arguments: &[&str]| {
        let git = std::process::Command::new("git")
            .args(["-c", "user.name=x", "-c", "user.email=x@localhost"])
            .args(arguments)
            .current_dir(project.path())
            .output()
            .unwrap();
        assert!(git.status.success(), "{}", said(&git));
        said(&git)
    };
    git(&["init", "--quiet"]);
    git(&[
        "remote",
        "add",
        "origin",
        "https://user:token@example.invalid/labelled.git",
    ]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message=One"]);
    let commit = git(&["rev-parse", "HEAD"]);
    let titled = project
        .build()
        .with("--label=org.opencontainers.image.title=Named");
    let (second, built) = titled.run().parts();
    assert_eq!(built.ran(), [""; 0]);
    assert_eq!(first.layers(), second.layers());
    let labels = &second.inspect()["Config"]["Labels"];
    let oci = |name: &str| labels[format!("org.opencontainers.image.{name}")].clone();
    assert_eq!(oci("title"), "Named");
    assert_eq!(oci("version"), "0.1.0");
    assert_eq!(oci("description"), "Said.");
    assert_eq!(oci("licenses"), "MIT");
    assert_eq!(oci("source"), "https://example.invalid/labelled.git");
    assert_eq!(oci("revision"), commit);
    assert_eq!(labels["team"], "web");
    let labels = &first.inspect()["Config"]["Labels"];
    assert_eq!(labels["org.opencontainers.image.title"], "labelled");
    assert_eq!(labels["org.opencontainers.image.revision"], json!(null));
}

#[test]
fn an_image_with_the_group_0_runs_with_any_user_id() {
    let project = Project::package("shift", &[]);
    project
        .write(
            "src/shift/__init__.py",
            "import os\ndef main():\n    open('/app/data/file', 'w').write('x')\n    print(os.getuid(), os.getgid(), os.environ['HOME'])\n",
        )
        .build_file("[runtime]\nuser = { gid = 0 }\nwritable = [\"/app/data\"]\n");
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "10001 0 /tmp");
    let any = ["--user=1000620000:0", "--cap-drop=ALL"];
    assert_eq!(image.answer_with(&any, &[]), "1000620000 0 /tmp");
}
