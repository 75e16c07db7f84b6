use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::analysis::Unreadable;
use crate::plan::ContextFiles;

/// A project with these files, in a directory with a file `outside`.
fn directory(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let above = tempfile::tempdir().unwrap();
    fs::write(above.path().join("outside"), "outside").unwrap();
    let root = above.path().join("project");
    fs::create_dir(&root).unwrap();
    for path in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "own").unwrap();
    }
    (above, root)
}

fn sent(root: &Path, include: &[&str], exclude: &[&str], follow: bool) -> Vec<String> {
    let owned = |patterns: &[&str]| patterns.iter().map(|&pattern| pattern.to_owned()).collect();
    let files = ContextFiles {
        include: owned(include),
        exclude: owned(exclude),
        follow,
        ..ContextFiles::default()
    };
    let part = Part::open(root, &files, &[]).unwrap();
    part.files().into_iter().map(|file| file.path).collect()
}

#[test]
fn only_files_in_the_directory_are_read() {
    let (above, root) = directory(&["real", "sub/file"]);
    let outside = above.path().join("outside");
    let links = [
        ("to_file", "real"),
        ("out", "../outside"),
        ("absolute", outside.to_str().unwrap()),
        ("from_root", "/real"),
        ("up", "../../real"),
        ("loop", "loop"),
        ("to_directory", "sub"),
        ("dangling", "none"),
    ];
    for (link, target) in links {
        symlink(target, root.join(link)).unwrap();
    }
    let pipe = root.join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let own = || Content::Bytes(b"own".to_vec());
    let link = || Content::Unreadable(Unreadable::Link);
    for (path, expected) in [
        ("real", own()),
        ("to_file", own()),
        ("from_root", own()),
        ("up", own()),
        ("to_directory/file", own()),
        ("to_directory/../real", own()),
        ("../outside", Content::Absent),
        ("out", link()),
        ("absolute", link()),
        ("loop", link()),
        ("dangling", link()),
        ("pipe", Content::Unreadable(Unreadable::Special)),
        ("sub", Content::Absent),
        ("none", Content::Absent),
        ("real/none", Content::Absent),
    ] {
        assert_eq!(read(&root, path).unwrap(), expected, "{path}");
    }
}

#[test]
fn a_part_has_the_files_that_a_client_would_send() {
    let (_above, root) = directory(&[
        "app/web.py",
        "app/web.pyc",
        "app/data/x",
        "data/[id].txt",
        "data/i.txt",
        "b",
    ]);
    for (include, exclude, expected) in [
        (
            &["./app/"][..],
            &["**/*.pyc"][..],
            &["app/data/x", "app/web.py"][..],
        ),
        (&["data/[id].txt"], &[], &["data/i.txt"]),
        (&["data/[[]id].txt"], &[], &["data/[id].txt"]),
        (&["a/../b"], &[], &["b"]),
        (&["**/*.py"], &[], &["app/web.py"]),
        (&[], &["*", "!app/data"], &["app/data/x"]),
        (&[], &["app", "data", "!app/*.py"], &["app/web.py", "b"]),
        (&["app/**"], &["app/web.*"], &["app/data/x"]),
        (&["none"], &[], &[]),
    ] {
        assert_eq!(
            sent(&root, include, exclude, false),
            expected,
            "{include:?} {exclude:?}"
        );
    }
}

#[test]
fn links_are_sent_with_their_targets() {
    let (_above, root) = directory(&["shared/page.css", "shared/other", "deep/a/file"]);
    for (link, target) in [
        ("site.css", "shared/page.css"),
        ("theme.css", "/shared/page.css"),
        ("chain", "site.css"),
        ("a", "deep/a"),
        ("all", "."),
        ("out", "../outside"),
    ] {
        symlink(target, root.join(link)).unwrap();
    }
    for (include, expected) in [
        ("site.css", &["shared/page.css", "site.css"][..]),
        ("chain", &["chain", "shared/page.css", "site.css"]),
        ("*.css", &["shared/page.css", "site.css", "theme.css"]),
        ("a/file", &["a", "deep/a/file"]),
        ("out", &["out"]),
    ] {
        assert_eq!(sent(&root, &[include], &[], true), expected, "{include}");
        assert!(sent(&root, &[include], &[], false).len() <= expected.len());
    }
    assert_eq!(sent(&root, &["all"], &[], true).len(), 9);
}

#[test]
fn excluded_directories_may_be_unreadable() {
    let (_above, root) = directory(&["closed/x", "b"]);
    let closed = root.join("closed");
    let close = |mode| fs::set_permissions(&closed, fs::Permissions::from_mode(mode)).unwrap();
    close(0o000);
    // Root can read it anyway.
    let open = fs::read_dir(&closed).is_ok();
    assert_eq!(sent(&root, &[], &["closed"], false), ["b"]);
    let excepted = sent(&root, &[], &["closed", "!closed/x"], false);
    close(0o700);
    assert_eq!(excepted.len(), if open { 2 } else { 1 });
}
