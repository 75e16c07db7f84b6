//! The size of the image's files is limited.

use std::fs::File;

use super::container::{Container, Ran};

/// An image with files of these sizes.
fn image(files: &[(&str, u64)]) -> Container {
    let mut container = Container::new();
    container.python("");
    container.directory("/image");
    for (path, size) in files {
        let path = format!("/image{path}");
        container.write(&path, "");
        let file = File::options().write(true).open(container.path(&path));
        file.unwrap().set_len(*size).unwrap();
    }
    container
}

fn check(container: &Container, limit: &str) -> Ran {
    container.py("check_size.py", &["/image", limit])
}

#[test]
fn an_image_may_be_as_large_as_the_limit() {
    let container = image(&[("/a/b/c/file", 1_500_000), ("/file", 500_000)]);
    let ran = check(&container, "2000000").succeeded();
    assert_eq!(ran.stdout, "the image has 2.0 MB\n");
}

#[test]
fn a_larger_image_is_an_error_that_lists_the_largest_directories() {
    let container = image(&[
        ("/file", 100_000),
        ("/usr/lib/x86_64/libz.so", 700_000),
        ("/usr/lib/libc.so", 600_000),
        (
            "/app/.venv/lib/python3.13/site-packages/large/sub/data",
            12_000_000,
        ),
        (
            "/app/.venv/lib/python3.13/site-packages/large/more",
            345_678,
        ),
        (
            "/app/.venv/lib/python3.13/site-packages/small/data",
            400_000,
        ),
        ("/usr/lib/python3/dist-packages/apt/data", 500_000),
    ]);
    let ran = check(&container, "14645677");
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let expected = "
the image has 14.6 MB, more than max-size = 14.6 MB; the largest directories:
     12.3 MB  /app/.venv/lib/python3.13/site-packages/large
      1.3 MB  /usr/lib
      0.5 MB  /usr/lib/python3/dist-packages/apt
      0.4 MB  /app/.venv/lib/python3.13/site-packages/small
      0.1 MB  /
leave out what the image does not need, or raise max-size
";
    assert_eq!(ran.stdout, expected[1..]);
    check(&container, "14645678").succeeded();
}

#[test]
fn only_ten_directories_are_listed() {
    let files: Vec<(String, u64)> = (0..15)
        .map(|number| (format!("/opt/{number:02}/file"), 100_000 * (number + 1)))
        .collect();
    let files: Vec<(&str, u64)> = files
        .iter()
        .map(|(path, size)| (path.as_str(), *size))
        .collect();
    let ran = check(&image(&files), "1");
    let listed: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| line.contains("  /opt/"))
        .collect();
    assert_eq!(listed.len(), 10, "{}", ran.stdout);
    assert_eq!(listed[0], "      1.5 MB  /opt/14");
    assert_eq!(listed[9], "      0.6 MB  /opt/05");
}

#[test]
fn a_file_with_several_names_counts_once_and_links_do_not_count() {
    let container = image(&[("/usr/bin/git", 3_000_000)]);
    let [git, other] = ["/image/usr/bin/git", "/image/usr/bin/git-add"];
    std::fs::hard_link(container.path(git), container.path(other)).unwrap();
    container.link("/image/usr/bin/link", "git");
    container.link("/image/bin", "usr/bin");
    let ran = check(&container, "3000000").succeeded();
    assert_eq!(ran.stdout, "the image has 3.0 MB\n");
}
