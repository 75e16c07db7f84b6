//! `[python]` and `[poetry]`.

use super::{Row, check};

#[test]
fn an_incorrect_value_is_an_error_with_its_line_and_a_hint() {
    check(ROWS);
}

const ROWS: &[Row] = &[
    (
        r"
        [python]
        version = '2.7'
        ",
        2,
        "unknown Python release `2.7`",
        "use 3.9 to 3.15, or set `base` in `[runtime]` to an image with another Python",
    ),
    (
        r"
        [python]
        variant = 'slim:x'
        ",
        2,
        "`slim:x` is not a variant of the official Python image",
        "use a variant such as `slim-trixie`, `slim-bookworm` or `slim`",
    ),
    (
        r"
        [python]
        variant = 'slim'
        [runtime]
        base = 'python:3'
        ",
        4,
        "`[runtime] base` and `[python] variant` both select the base image",
        "remove one of the two",
    ),
    (
        r"
        [poetry]
        version = 'two'
        ",
        2,
        "`two` is not a Poetry release",
        "write a release such as `2.1.4`",
    ),
    (
        r"
        [poetry]
        version = '1.1.0'
        ",
        2,
        "Poetry 1.1.0 is too old: the oldest supported release is 1.8.0",
        "remove `version`, and update the lock with a newer Poetry: `poetry lock`",
    ),
    (
        r"
        [poetry]
        mirror = 'index.example'
        ",
        2,
        "`mirror` is not an `http://` or `https://` address",
        "use the address of a simple index, such as `https://mirror.example/simple/`",
    ),
    (
        r"
        [poetry]
        mirror = 'https://me:pw@index.example/'
        ",
        2,
        "`mirror` contains a user name or password, which would be stored in the build cache",
        "remove the credentials from the address",
    ),
    (
        r"
        [poetry]
        ca-bundle = 'certs.pem'
        ",
        2,
        "`certs.pem` is not an absolute path in the image",
        "start the path with `/`, without `.` and `..`",
    ),
    (
        r"
        [poetry]
        ca-bundle = 'secret:'
        ",
        2,
        "this is not a valid secret id",
        "use the id in `--secret id=...`, made of letters, digits, `-`, `_` and `.`; never put the secret itself in a file",
    ),
    (
        r"
        [poetry]
        plugins = ['--index-url=x']
        ",
        2,
        "`--index-url=x` is not a requirement for a plugin",
        "write a requirement as for pip, such as `poetry-plugin-export==1.9.0`",
    ),
    (
        r"
        [poetry]
        plugins = ['a', 'b;c']
        ",
        2,
        "`b;c` is not a requirement for a plugin",
        "write a requirement as for pip, such as `poetry-plugin-export==1.9.0`",
    ),
    (
        r#"
        [poetry]
        mirror = "ftp://x/"
        "#,
        2,
        "`mirror` is not an `http://` or `https://` address",
        "use the address of a simple index, such as `https://mirror.example/simple/`",
    ),
    (
        r"
        [poetry]
        image = 'registry.example/poetry:2'
        ",
        2,
        "`registry.example/poetry:2` names no digest, so it could change without notice",
        "write `registry.example/poetry:2@sha256:DIGEST`, with the digest that `docker buildx imagetools inspect` prints",
    ),
    (
        r"
        [dependencies]
        uv-image = 'registry.example/uv:1'
        ",
        2,
        "`registry.example/uv:1` names no digest, so it could change without notice",
        "write `registry.example/uv:1@sha256:DIGEST`, with the digest that `docker buildx imagetools inspect` prints",
    ),
    (
        r"
        [poetry]
        image = 'poetry'
        ",
        2,
        "`poetry:latest` names no digest, so it could change without notice",
        "write `poetry:latest@sha256:DIGEST`, with the digest that `docker buildx imagetools inspect` prints",
    ),
    (
        r"
        [poetry]
        image = 'Poetry'
        ",
        2,
        "`Poetry` is not an image reference",
        "write `NAME`, `NAME:TAG` or `NAME@sha256:DIGEST`, with `NAME` in lower case",
    ),
    (
        r"
        [poetry]
        image = 'poetry@sha256:1234'
        ",
        2,
        "`poetry@sha256:1234` is not an image reference",
        "write `NAME`, `NAME:TAG` or `NAME@sha256:DIGEST`, with `NAME` in lower case",
    ),
];
