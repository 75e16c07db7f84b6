//! Copied files get one mode, and copied directories another one.

use std::fs;

use super::container::Container;

#[test]
fn files_and_directories_get_their_modes() {
    let container = Container::new();
    container.write("/copied/run.sh", "echo hello\n");
    container.write("/copied/.env", "");
    container.write("/copied/a/b c/.hidden", "hidden\n");
    container.directory("/copied/empty");
    container.link("/copied/link", "/run/target");
    container.write("/run/target", "");
    container.set_mode("/run/target", 0o604);
    container.set_mode("/copied/run.sh", 0o777);
    container.directory("/out");
    container.sh("set-modes.sh", &["640", "750"]).succeeded();

    assert_eq!(container.read("/out/run.sh"), "echo hello\n");
    assert_eq!(container.read("/out/a/b c/.hidden"), "hidden\n");
    for path in ["/out/run.sh", "/out/.env", "/out/a/b c/.hidden"] {
        assert_eq!(container.mode(path), 0o640, "{path}");
    }
    for path in ["/out", "/out/a", "/out/a/b c", "/out/empty"] {
        assert_eq!(container.mode(path), 0o750, "{path}");
    }
    let target = fs::read_link(container.path("/out/link")).unwrap();
    assert_eq!(target.to_str(), Some("/run/target"));
    assert_eq!(container.mode("/run/target"), 0o604);
}
