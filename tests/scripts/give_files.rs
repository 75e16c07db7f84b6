//! Files that are copied into the user's directories belong to the user; those of the environment do not.

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::container::{Container, user};

#[test]
fn files_of_the_environment_keep_their_owner() {
    let (id, outside) = user();
    let owner = format!("{id}:{id}");
    for root in ["", "/image"] {
        let container = Container::new();
        container.script("in-root.sh");
        let files = [
            ("/app/main.py", true),
            ("/app/a b/notes.txt", true),
            ("/app/.venv/bin/python", false),
            ("/app/.venv2/file", true),
            ("/data/file", true),
            ("/other/file", false),
        ];
        for (path, _) in files {
            container.write(&format!("{root}{path}"), "");
        }
        // A link is given itself, and not the file that it points at.
        container.link(&format!("{root}/app/link"), "../other/file");
        let args = [root, &owner, "/app/.venv", "/app", "/data"];
        container.sh("give-files.sh", &args).succeeded();

        let of = |path: &str| {
            let path = container.path(&format!("{root}{path}"));
            fs::symlink_metadata(path).unwrap().uid()
        };
        let before = fs::metadata("/proc/self").unwrap().uid();
        let directories = [("/app", true), ("/app/link", true), ("/app/.venv", false)];
        for (path, given) in files.into_iter().chain(directories) {
            let expected = if given { outside } else { before };
            assert_eq!(of(path), expected, "{root}{path}");
        }
    }
}
