//! `[[hook]]`.

use super::{Row, check};

#[test]
fn an_incorrect_value_is_an_error_with_its_line_and_a_hint() {
    check(ROWS);
}

const ROWS: &[Row] = &[
    (
        r"
        [[hook]]
        run = 'x'
        ",
        1,
        "`at` is missing",
        "add it, for example `at = \"after-source\"`",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        ",
        1,
        "`run` is missing",
        "add it, for example `run = [\"python\", \"manage.py\", \"collectstatic\", \"--noinput\"]`",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        run = []
        ",
        3,
        "`run` is empty: there is no command to run",
        "add a program, followed by its arguments",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        run = ' '
        ",
        3,
        "`run` is empty: there is no command to run",
        "add a program, followed by its arguments",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        run = 'x'
        outputs = ['/a']
        ",
        4,
        "a `final` hook has no `outputs`: it runs in the image, and all its changes stay",
        "remove `outputs`, or run the hook at another point",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        run = 'x'
        inputs = [
          'a',
        ]
        ",
        5,
        "a `final` hook has no `inputs`: it runs in the image",
        "add the files with `[[copy]]`, or run the hook at another point",
    ),
    (
        r"
        [[hook]]
        at = 'after-source'
        run = 'x'
        inputs = ['../a']
        ",
        4,
        "`../a` is not a path inside the build context",
        "use a path relative to the project's directory, without a leading `/` and without `..`",
    ),
    (
        r"
        [[hook]]
        at = 'after-source'
        run = 'x'
        inputs = ['a[*']
        ",
        4,
        "`a[*` is not a valid pattern",
        "close each `[` with `]`, and write `\\[` for the character itself",
    ),
    (
        r"
        [[hook]]
        at = 'after-source'
        run = 'x'
        owner = 'user'
        ",
        4,
        "`owner` is the owner of `outputs`, and this hook has none",
        "add `outputs`, or remove the line",
    ),
    (
        r"
        [[hook]]
        at = 'after-source'
        run = 'x'
        outputs = ['/a']
        owner = 'me'
        ",
        5,
        "`me` is not an owner",
        "use `user`, `UID` or `UID:GID`",
    ),
    (
        r"
        [apt]
        env = { 'A B' = '' }
        ",
        2,
        "`A B` is not a valid name for an environment variable",
        "use letters, digits and `_`, and do not start with a digit",
    ),
    (
        r"
        [[hook]]
        at = 'after-source'
        run = 'x'
        outputs = ['a']
        ",
        4,
        "`a` is not an absolute path in the image",
        "start the path with `/`, without `.` and `..`",
    ),
    (
        r"
        [[hook]]
        at = 'after-source'
        run = 'x'
        outputs = ['/']
        ",
        4,
        "the whole file system cannot be an output",
        "list the directories that the hook creates",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        run = 'x'
        cache = ['.npm']
        ",
        4,
        "`.npm` is not an absolute path in the image",
        "start the path with `/`, without `.` and `..`",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        run = 'x'
        secrets = ['a b']
        ",
        4,
        "this is not a valid secret id",
        "use the id in `--secret id=...`, made of letters, digits, `-`, `_` and `.`; never put the secret itself in a file",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        run = 'x'
        platforms = ['a/b/c/d']
        ",
        4,
        "`a/b/c/d` is not a platform",
        "write a platform such as `linux/amd64`",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        run = 'x'
        env = { 'A B' = '' }
        ",
        4,
        "`A B` is not a valid name for an environment variable",
        "use letters, digits and `_`, and do not start with a digit",
    ),
];
