//! The project's files are taken out of the stage in which hooks changed them.

use super::container::Container;

#[test]
fn all_files_but_the_environment_are_taken_as_they_are() {
    let container = Container::new();
    container.write("/app/src/a b.py", "A = 1\n");
    container.write("/app/.hidden", "x\n");
    container.write("/app/.venv/lib/words.py", "X = 1\n");
    container.write("/app/tool/.venv/own", "x\n");
    container.set_mode("/app/src/a b.py", 0o755);
    container.link("/app/link", "src");
    container.directory("/out");
    container
        .sh("take-source.sh", &["/app", "/out"])
        .succeeded();
    assert_eq!(container.mode("/out/src/a b.py"), 0o755);
    assert!(container.exists("/out/.hidden") && container.exists("/out/tool/.venv/own"));
    assert!(container.path("/out/link").is_symlink());
    assert!(!container.exists("/out/.venv"));
}
