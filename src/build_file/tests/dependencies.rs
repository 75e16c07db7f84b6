//! `[dependencies]`, `[source]`, `[indexes]` and `[git]`.

use super::{Row, check};

#[test]
fn an_incorrect_value_is_an_error_with_its_line_and_a_hint() {
    check(ROWS);
}

const ROWS: &[Row] = &[
    (
        r"
        [dependencies]
        groups = []
        ",
        2,
        "`groups` is empty, so nothing would be installed",
        "add a group, or remove the line to install `main`",
    ),
    (
        r"
        [source]
        include = []
        ",
        2,
        "`include` is empty, so the image would contain no files of the project",
        "add the files to include, or set `install = \"none\"` for an image with only the dependencies",
    ),
    (
        r"
        [source]
        include = ['../x']
        ",
        2,
        "`../x` is not a path inside the build context",
        "use a path relative to the project's directory, without a leading `/` and without `..`",
    ),
    (
        r"
        [source]
        exclude = ['/x']
        ",
        2,
        "`/x` is not a path inside the build context",
        "use a path relative to the project's directory, without a leading `/` and without `..`",
    ),
    (
        r"
        [indexes.a]
        password-secret = 'my password'
        ",
        2,
        "this is not a valid secret id",
        "use the id in `--secret id=...`, made of letters, digits, `-`, `_` and `.`; never put the secret itself in a file",
    ),
    (
        r"
        [git.'a/b']
        username = 'x'
        ",
        1,
        "`a/b` is not a host name",
        "write `[git.\"HOST\"]` or `[git.\"HOST:PORT\"]`, as in the repository's address",
    ),
    (
        r"
        [git.'a']
        host-keys = ['AAAA']
        ",
        2,
        "this is not an SSH host key",
        "copy the key from the output of `ssh-keyscan HOST`, without the host name: `ssh-ed25519 AAAA...`",
    ),
    (
        r"
        [git.'a']
        username = 'a:b'
        ",
        2,
        "`a:b` is not a user name",
        "remove the `:`, or the whole line: most hosts accept any user name with a token",
    ),
    (
        r#"
        [source]
        include = [
          "src",
          "../shared",
        ]
        "#,
        4,
        "`../shared` is not a path inside the build context",
        "use a path relative to the project's directory, without a leading `/` and without `..`",
    ),
    (
        r#"
        [git."git.example"]
        host-keys = ["git.example ssh-ed25519 AAAA"]
        "#,
        2,
        "this is not an SSH host key",
        "copy the key from the output of `ssh-keyscan HOST`, without the host name: `ssh-ed25519 AAAA...`",
    ),
    (
        r#"
        [git."git.example"]
        token-secret = "ghp x"
        "#,
        2,
        "this is not a valid secret id",
        "use the id in `--secret id=...`, made of letters, digits, `-`, `_` and `.`; never put the secret itself in a file",
    ),
    (
        r"
        [dependencies]
        layers = { count = 0 }
        ",
        2,
        "`0` is not a valid number of layers",
        "use a number from 1 to 8",
    ),
    (
        r"
        [dependencies.layers]
        count = 9
        ",
        2,
        "`9` is not a valid number of layers",
        "use a number from 1 to 8",
    ),
    (
        r"
        [dependencies.layers]
        count = -1
        ",
        2,
        "`-1` is not a valid number of layers",
        "use a number from 1 to 8",
    ),
    (
        r"
        [dependencies.layers]
        own = [
          'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h',
          'i',
        ]
        ",
        4,
        "the build file has more than 8 packages in `own` of `layers`",
        "use fewer, or split the project",
    ),
    (
        r"
        [source]
        cache = ['../target']
        ",
        2,
        "`../target` is not a path inside the build context",
        "use a path relative to the project's directory, without a leading `/` and without `..`",
    ),
    (
        r"
        [source]
        cache = ['/root/../x']
        ",
        2,
        "`/root/../x` is not an absolute path in the image",
        "start the path with `/`, without `.` and `..`",
    ),
    (
        r"
        [source]
        cache = ['target', '.']
        ",
        2,
        "`.` would keep all files of the build",
        "name a directory, such as `target` or `/root/.cargo/registry`",
    ),
    (
        r"
        [source]
        cache = ['./']
        ",
        2,
        "`./` would keep all files of the build",
        "name a directory, such as `target` or `/root/.cargo/registry`",
    ),
    (
        r"
        [source]
        cache = ['/']
        ",
        2,
        "`/` would keep all files of the build",
        "name a directory, such as `target` or `/root/.cargo/registry`",
    ),
];
