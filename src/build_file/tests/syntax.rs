//! TOML syntax.

use super::{Row, check};

#[test]
fn a_syntax_error_has_its_line_and_a_hint() {
    check(ROWS);
}

const ROWS: &[Row] = &[
    (
        "[python\n",
        1,
        "invalid TOML: unclosed table, expected `]`",
        "fix the TOML syntax on this line",
    ),
    (
        "\n\n[a]\nb = \n",
        3,
        "invalid TOML: string values must be quoted",
        "put strings in quotes, such as `\"3.13.5\"`",
    ),
    (
        r"
        [python]
        version = '3.13'
        version = '3.12'
        ",
        3,
        "invalid TOML: duplicate key",
        "fix the TOML syntax on this line",
    ),
    (
        r"
        [python]
        version = 3.13.5
        ",
        2,
        "invalid TOML: invalid float",
        "put strings in quotes, such as `\"3.13.5\"`",
    ),
    (
        r"
        [[copy]]
        mode = 0644
        ",
        2,
        "invalid TOML: unexpected leading zero",
        "put strings in quotes, such as `\"3.13.5\"`",
    ),
    (
        r"
        [runtime]
        expose = [8000/tcp]
        ",
        2,
        "invalid TOML: string values must be quoted",
        "put strings in quotes, such as `\"3.13.5\"`",
    ),
];
