//! The smoke test fails as a container with `docker run --read-only` would.

use crate::support::{Project, nonce};

/// Writes where servers write, and its state where it is told to.
const SERVER: &str = "
import os, socket, tempfile
from pathlib import Path
def main():
    with tempfile.TemporaryFile() as file:
        file.write(b'upload')
    with socket.socket(socket.AF_UNIX) as control:
        control.bind(os.path.expanduser('~/control.sock'))
    for directory in '/app/data', '/srv/volume', os.path.dirname(os.environ['STATE']):
        try:
            Path(directory, 'state').write_text('written')
        except OSError as error:
            raise SystemExit(f'no state: {error}')
    print('served as', os.getuid(), 'in', os.getcwd())
";

#[test]
fn the_smoke_test_writes_only_where_a_read_only_container_could() {
    let project = Project::package("server", &[]);
    let server = format!("NONCE = {}{SERVER}", nonce());
    project.write("src/server/__init__.py", &server).build_file(
        r#"
        [runtime]
        smoke-test = ["server"]
        writable = ["/app/data"]
        volumes = ["/srv/volume"]
        env = { STATE = "/tmp/state" }
        [target.fixed]
        runtime.env = { STATE = "/app/state" }
        [target.loose]
        runtime.env = { STATE = "/var/tmp/state" }
        [target.unconfined]
        runtime.env = { STATE = "/var/tmp/state" }
        runtime.read-only = false
        "#,
    );
    let (image, built) = project.build().run().parts();
    let log = &built.step("smoke-test", "server").log;
    assert!(log.contains("served as 10001 in /app"), "{log}");
    // Nothing that it wrote is in the image.
    assert_eq!(
        image.shell("ls -A /app/data /srv/volume /tmp /run | grep -c state || true"),
        "0"
    );

    for (target, path) in [("fixed", "/app/state"), ("loose", "/var/tmp/state")] {
        let built = project.build().with(&format!("--target={target}")).run();
        let log = &built.step("smoke-test", "server").log;
        let last = format!(
            "error: the command cannot write to {path}, which is read-only as with `docker run --read-only`\n"
        );
        assert!(log.ends_with(&last), "{log}");
        assert!(log.contains("no state: "), "{log}");
        let message = built.error();
        assert!(
            message.contains(">>> smoke-test = [\"server\"]"),
            "{message}"
        );
        assert!(
            message.contains("failed: it writes to the read-only file system of the container\n  hint: add the directory to `volumes` in `[runtime]`"),
            "{message}"
        );
    }
    let image = project.build().with("--target=unconfined").image();
    assert_eq!(image.answer(&[]), "served as 10001 in /app");
}
