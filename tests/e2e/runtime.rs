//! `[runtime]`: how the container runs.

use serde_json::json;

use crate::support::{Image, Project};

#[test]
fn settings_are_in_the_image_and_in_the_container() {
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
fn a_command_without_entrypoint_can_be_replaced() {
    let project = Project::package("replaced", &[]);
    project.build_file("[runtime]\ncmd = [\"replaced\"]\n");
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "hello");
    assert_eq!(image.answer(&["echo", "something else"]), "something else");
    assert_eq!(image.inspect()["Config"]["Entrypoint"], json!(null));
}

#[test]
fn the_script_gets_no_arguments_of_the_base() {
    let image = Project::package("plain", &[]).build().image();
    let config = &image.inspect()["Config"];
    assert_eq!(config["Entrypoint"], json!(["plain"]));
    assert_eq!(config["Cmd"], json!(null));
    assert_eq!(config["User"], "10001:10001");
    assert_eq!(config["WorkingDir"], "/app");
}

#[test]
fn another_release_of_python() {
    let project = Project::package("older", &[]);
    project
        .edit("pyproject.toml", ">=3.13,<3.14", ">=3.11")
        .lock(&[])
        .build_file("[python]\nversion = \"3.11\"\nvariant = \"slim-bookworm\"\n")
        .write(
            "src/older/__init__.py",
            "import sys\ndef main():\n    print(sys.version_info[:2])\n",
        );
    assert_eq!(project.build().image().answer(&[]), "(3, 11)");
}

#[test]
fn a_base_of_ones_own() {
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
    // Its settings stay, but for its user and for arguments of another command.
    assert_eq!(image.answer(&[]), "blue 10001");
    assert_eq!(image.inspect()["Config"]["Labels"]["team"], "blue");
}
