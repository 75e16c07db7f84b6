//! `[target]`.

use super::{Row, check};

#[test]
fn an_incorrect_value_is_an_error_with_its_line_and_a_hint() {
    check(ROWS);
}

const ROWS: &[Row] = &[
    (
        r"
        [target.a]
        extends = 'b'
        [target.bc]
        ",
        2,
        "there is no target `b`",
        "use one of these targets: `a` and `bc`",
    ),
    (
        r"
        [target.a]
        extends = 'b'
        ",
        2,
        "there is no target `b`",
        "use one of these targets: `a`",
    ),
    (
        r"
        [target.a]
        extends = 'work'
        [target.worker]
        ",
        2,
        "there is no target `work`",
        "did you mean `worker`?",
    ),
    (
        "[target.runtime]\n",
        1,
        "`runtime` is a built-in target",
        "choose another name; the keys outside `[target]` describe the target `runtime`",
    ),
    (
        "[target.'A b']\n",
        1,
        "`A b` is not a valid name for a target",
        "use lower-case letters, digits, `-`, `_` and `.`, and start with a letter",
    ),
    (
        r"
        [target.a]
        run = []
        ",
        2,
        "`run` is empty: there is no command to run",
        "add a program, followed by its arguments",
    ),
    (
        r"
        [target.a]
        runtime.user.uid = 0
        ",
        2,
        "the image would run as root: `uid` is 0",
        "use another user, or remove the line to use the default, `app` (10001)",
    ),
];
