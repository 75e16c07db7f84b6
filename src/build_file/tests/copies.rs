//! `[[copy]]`.

use super::{Row, check};

#[test]
fn an_incorrect_value_is_an_error_with_its_line_and_a_hint() {
    check(ROWS);
}

const ROWS: &[Row] = &[
    (
        r"
        [[copy]]
        from = 'context:a b'
        src = 'x'
        dest = '/x'
        ",
        2,
        "`a b` is not the name of a context",
        "use the name in `--build-context NAME=...`: lower-case letters, digits, `-`, `_` and `.`",
    ),
    (
        r#"
        [[copy]]
        src = "a\nb"
        dest = "/x"
        "#,
        2,
        "a path cannot contain a line break or another control character",
        "remove the character",
    ),
    (
        r"
        [[copy]]
        dest = '/a'
        ",
        1,
        "`src` is missing",
        "add it, for example `src = \"dist\"`",
    ),
    (
        r"

        [[copy]]
        src = 'a'
        ",
        2,
        "`dest` is missing",
        "add it, for example `dest = \"/app/static/\"`",
    ),
    (
        r"
        [[copy]]
        src = 'a'
        dest = 'a'
        ",
        3,
        "`a` is not an absolute path in the image",
        "start the path with `/`, without `.` and `..`",
    ),
    (
        r"
        [[copy]]
        src = '../a'
        dest = '/a'
        ",
        2,
        "`../a` is not a path inside the build context",
        "use a path relative to the project's directory, without a leading `/` and without `..`",
    ),
    (
        r"
        [[copy]]
        src = '/a'
        dest = '/a'
        ",
        2,
        "`/a` is not a path inside the build context",
        "use a path relative to the project's directory, without a leading `/` and without `..`",
    ),
    (
        r"
        [[copy]]
        from = 'assets'
        src = 'a'
        dest = '/a'
        ",
        2,
        "`assets` is not a valid origin for a copy",
        "use `context:NAME`, `image:REFERENCE`, `target:NAME` or an `https://` address, or remove the line to copy from the build context",
    ),
    (
        r"
        [[copy]]
        from = 'image:A B'
        src = 'a'
        dest = '/a'
        ",
        2,
        "`A B` is not an image reference",
        "write `NAME`, `NAME:TAG` or `NAME@sha256:DIGEST`, with `NAME` in lower case",
    ),
    (
        r"
        [[copy]]
        from = 'context:'
        src = 'a'
        dest = '/a'
        ",
        2,
        "`context:` is not a valid origin for a copy",
        "use `context:NAME`, `image:REFERENCE`, `target:NAME` or an `https://` address, or remove the line to copy from the build context",
    ),
    (
        r"
        [[copy]]
        from = 'https://a/b'
        dest = '/a'
        ",
        2,
        "a download needs a `checksum`: its content could change without notice",
        "add `checksum = \"sha256:...\"`, with the digits that `sha256sum` prints for the file",
    ),
    (
        r"
        [[copy]]
        src = 'a'
        dest = '/a'
        mode = 'rw'
        ",
        4,
        "`rw` is not a file mode",
        "write three or four octal digits, such as `\"0644\"`",
    ),
    (
        r"
        [[copy]]
        src = 'a'
        dest = '/a'
        mode = '99999'
        ",
        4,
        "`99999` is not a file mode",
        "write three or four octal digits, such as `\"0644\"`",
    ),
    (
        r"
        [[copy]]
        src = 'a'
        dest = '/a'
        owner = 'app'
        ",
        4,
        "`app` is not an owner",
        "use `user`, `UID` or `UID:GID`",
    ),
    (
        r"
        [[copy]]
        src = 'a'
        dest = '/a'
        checksum = 'x'
        ",
        4,
        "`checksum` is only for downloads",
        "remove the line",
    ),
];
