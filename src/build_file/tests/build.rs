//! `[build]` and `[apt-sources]`.

use super::{Row, check};

#[test]
fn an_incorrect_value_is_an_error_with_its_line_and_a_hint() {
    check(ROWS);
}

const ROWS: &[Row] = &[
    (
        r"
        [build]
        base = 'Python'
        ",
        2,
        "`Python` is not an image reference",
        "write `NAME`, `NAME:TAG` or `NAME@sha256:DIGEST`, with `NAME` in lower case",
    ),
    (
        r"
        [build]
        packages = ['GCC']
        ",
        2,
        "`GCC` is not the name of a Debian package",
        "use lower-case letters, digits, `+`, `-` and `.`; add `=VERSION` to select a version",
    ),
    (
        r"
        [build]
        packages = ['gcc; rm']
        ",
        2,
        "`gcc; rm` is not the name of a Debian package",
        "use lower-case letters, digits, `+`, `-` and `.`; add `=VERSION` to select a version",
    ),
    (
        r"
        [build]
        packages = ['gcc=']
        ",
        2,
        "`gcc=` is not the name of a Debian package",
        "use lower-case letters, digits, `+`, `-` and `.`; add `=VERSION` to select a version",
    ),
    (
        r"
        [build]
        env = { 'A-B' = 'x' }
        ",
        2,
        "`A-B` is not a valid name for an environment variable",
        "use letters, digits and `_`, and do not start with a digit",
    ),
    (
        r#"
        [build]
        env = { A = "a\u0000b" }
        "#,
        2,
        "this value contains a NUL character",
        "remove it",
    ),
    (
        r"
        [apt-sources.A]
        uri = 'https://a'
        ",
        1,
        "`A` is not a valid name for an apt repository",
        "use lower-case letters, digits, `-` and `_`",
    ),
    (
        r"
        [apt-sources.a]
        suites = ['x']
        key = 'a.asc'
        ",
        1,
        "`uri` is missing",
        "add it, for example `uri = \"https://apt.example.org/debian\"`",
    ),
    (
        r"
        [apt-sources.a]
        uri = 'https://a'
        key = 'a.asc'
        ",
        1,
        "`suites` is missing",
        "add it, for example `suites = [\"trixie\"]`",
    ),
    (
        r"
        [apt-sources.a]
        uri = 'https://a'
        suites = ['x']
        ",
        1,
        "`key` is missing",
        "add it, for example `key = \"keys/example.asc\"`",
    ),
    (
        r"
        [apt-sources.a]
        uri = 'ftp://a'
        suites = ['x']
        key = 'a.asc'
        ",
        2,
        "`ftp://a` is not an `http://` or `https://` address",
        "write the whole address, such as `https://host.example/file`",
    ),
    (
        r"
        [apt-sources.a]
        uri = 'https://me:pw@a'
        suites = ['x']
        key = 'a.asc'
        ",
        2,
        "this address contains a user name or password, which would be stored in the build cache",
        "remove the credentials from the address",
    ),
    (
        r"
        [apt-sources.a]
        uri = 'https://a'
        suites = ['x y']
        key = 'a.asc'
        ",
        3,
        "`x y` is not a suite or component",
        "use a name such as `trixie` or `main`",
    ),
    (
        r"
        [apt-sources.a]
        uri = 'https://a'
        suites = ['x']
        key = 'a.key'
        ",
        4,
        "the name of the key `a.key` ends in neither `.asc` nor `.gpg`",
        "use `.asc` for a text (armored) key, and `.gpg` for a binary one",
    ),
    (
        r"
        [apt-sources.a]
        uri = 'https://a'
        suites = ['x']
        key = 'https://a/a.asc'
        ",
        4,
        "a download needs a `key-checksum`: its content could change without notice",
        "add `key-checksum = \"sha256:...\"`, with the digits that `sha256sum` prints for the file",
    ),
    (
        r"
        [apt-sources.a]
        uri = 'https://a'
        suites = ['x']
        key = 'a.asc'
        key-checksum = 'md5:1'
        ",
        5,
        "`md5:1` is not a SHA-256 checksum",
        "write `sha256:` followed by the 64 digits that `sha256sum` prints",
    ),
];
