//! The smoke test says which path of a read-only file system its command could not write to.

use super::container::{Container, Ran};

fn run(script: &str) -> Ran {
    let mut container = Container::new();
    container.python("");
    container.set_workdir("/app");
    container.py("run_read_only.py", &["sh", "-c", script])
}

#[test]
fn the_command_keeps_its_output_and_its_exit_code() {
    let ran = run("echo out; echo err >&2; exit 7");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(7), "out\nerr\n"));
    let ran = run("kill -TERM $$");
    assert_eq!(ran.code, Some(128 + 15));
    // It did without what it could not write.
    let ran = run("echo 'cache: /x: Read-only file system'").succeeded();
    assert_eq!(ran.stdout, "cache: /x: Read-only file system\n");
}

#[test]
fn a_refused_write_is_named() {
    for (message, path) in [
        (
            "OSError: [Errno 30] Read-only file system: '/app/x'",
            "/app/x",
        ),
        (
            "OSError: [Errno 30] Read-only file system: 'data/x y'",
            "/app/data/x y",
        ),
        ("OSError: [Errno 30] Read-only file system: 'x'", "/app/x"),
        (
            "touch: cannot touch '/srv/x': Read-only file system",
            "/srv/x",
        ),
        (
            "touch: cannot touch \u{2018}/srv/x\u{2019}: Read-only file system",
            "/srv/x",
        ),
        (
            "sh: 1: cannot create /srv/x: Read-only file system",
            "/srv/x",
        ),
        ("open /srv/x: read-only file system", "/srv/x"),
        (
            "Error: EROFS: read-only file system, open '/srv/x'",
            "/srv/x",
        ),
    ] {
        let ran = run(&format!(
            "cat >&2 <<'END'\n{message}\nEND\necho later; exit 1"
        ));
        assert_eq!(ran.code, Some(96), "{message}");
        let last = ran.stdout.lines().last().unwrap_or_default();
        assert_eq!(
            last,
            format!(
                "error: the command cannot write to {path}, which is read-only as with `docker run --read-only`"
            )
        );
    }
    let ran = run("echo 'Read-only file system (os error 30)'; exit 1");
    assert_eq!(ran.code, Some(96));
    assert!(
        ran.stdout.ends_with(
            "cannot write to its file system, which is read-only as with `docker run --read-only`\n"
        ),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_command_that_is_not_there_is_named() {
    let mut container = Container::new();
    container.python("");
    let message = container
        .py("run_read_only.py", &["no-such-command"])
        .failed(127);
    assert_eq!(message, "error: no-such-command is not in the image\n");
}
