//! Values of another type where a string, a number or a boolean belongs, and values that a key does not accept.

use super::{Row, check};

#[test]
fn a_value_of_another_type_is_an_error_with_the_value_to_write() {
    check(STRINGS_NUMBERS_AND_BOOLEANS);
}

#[test]
fn a_value_that_a_key_does_not_accept_is_an_error_with_those_it_accepts() {
    check(FIXED_VALUES);
}

const STRINGS_NUMBERS_AND_BOOLEANS: &[Row] = &[
    (
        r"
        [python]
        version = 3.13
        ",
        2,
        "`version` must be a string, such as `\"3.13\"`; found a decimal number",
        "write `version = \"3.13\"`",
    ),
    (
        r"
        [runtime]
        env = { A = [1] }
        ",
        2,
        "`A` must be a boolean, a whole number or a string, such as `\"value\"`; found a list",
        "write `A = 1`",
    ),
    (
        r"
        [runtime]
        env = { A = 1.5 }
        ",
        2,
        "`A` must be a boolean, a whole number or a string, such as `\"value\"`; found a decimal number",
        "write `A = \"1.5\"`",
    ),
    (
        r"
        [runtime]
        init = 'yes'
        ",
        2,
        "`init` must be a boolean, such as `true`; found a string",
        "write `init = true`",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        run = 7
        ",
        3,
        "`run` must be a string or a list, such as `[\"python\", \"manage.py\", \"collectstatic\", \"--noinput\"]`; found a number",
        "write `run = \"7\"`",
    ),
    (
        r"
        [dependencies]
        extras = 'none'
        ",
        2,
        "`extras` must be `\"all\"` or a list, such as `[\"postgres\"]`; found a string",
        "write `extras = [\"none\"]`",
    ),
    (
        r"
        [python]
        version = 3.10
        ",
        2,
        "`version` must be a string, such as `\"3.13\"`; found a decimal number",
        "write `version = \"3.10\"`",
    ),
    (
        r"
        [dependencies]
        compile = 'yes'
        ",
        2,
        "`compile` must be a boolean, such as `false`; found a string",
        "write `compile = true`",
    ),
    (
        r"
        [runtime]
        init = 1
        ",
        2,
        "`init` must be a boolean; found a number",
        "write, for example, `init = true`",
    ),
    (
        r"
        [check]
        error = 'maybe'
        ",
        2,
        "`error` must be a boolean; found a string",
        "write, for example, `error = true`",
    ),
    (
        r"
        [[copy]]
        src = 'a'
        dest = '/a'
        mode = 0o644
        ",
        4,
        "`mode` must be a string, such as `\"0644\"`; found a number",
        "write `mode = \"0644\"`",
    ),
    (
        r"
        [[copy]]
        src = ['a', 'b']
        dest = '/a'
        ",
        2,
        "`src` must be a string; found a list",
        "write, for example, `src = \"dist\"`",
    ),
    (
        r"
        [[copy]]
        src = ['a']
        dest = '/a'
        ",
        2,
        "`src` must be a string, such as `\"dist\"`; found a list",
        "write `src = \"a\"`",
    ),
    (
        r"
        [runtime]
        user.uid = 99999999999999999999
        ",
        2,
        "`uid` must be a whole number; found a number that is too large",
        "write, for example, `uid = 10001`",
    ),
    (
        r"
        [runtime]
        user.uid = '1000'
        ",
        2,
        "`uid` must be a whole number, such as `10001`; found a string",
        "write `uid = 1000`",
    ),
    (
        r"
        [runtime]
        user.uid = 1.5
        ",
        2,
        "`uid` must be a whole number; found a decimal number",
        "write, for example, `uid = 10001`",
    ),
    (
        r"
        [runtime]
        max-size = 200_000
        ",
        2,
        "`max-size` must be a string, such as `\"200MB\"`; found a number",
        "write `max-size = \"200000\"`",
    ),
    (
        r"
        [runtime]
        workdir = 1979-05-27
        ",
        2,
        "`workdir` must be a string, such as `\"/srv\"`; found a date or time",
        "write `workdir = \"1979-05-27\"`",
    ),
    (
        r"
        [source]
        install = true
        ",
        2,
        "`install` must be `\"wheel\"`, `\"copy\"` or `\"none\"`; found a boolean",
        "write, for example, `install = \"copy\"`",
    ),
    (
        r"
        [dependencies]
        extras = 7
        ",
        2,
        "`extras` must be `\"all\"` or a list, such as `[\"postgres\"]`; found a number",
        "write `extras = [\"7\"]`",
    ),
    (
        r"
        [poetry]
        mirror = ['https://me:hidden@index.example/simple/']
        ",
        2,
        "`mirror` must be a string, such as `\"https://mirror.example/simple/\"`; found a list",
        "write `mirror = \"https://*********@index.example/simple/\"`",
    ),
    (
        r"
        [args]
        V = { default = 3 }
        [python]
        version = '${V}'
        ",
        4,
        "`version` must be a string, such as `\"3.13\"`; found a number",
        "write `version = \"3\"`",
    ),
    (
        r"
        [runtime]
        healthcheck = { cmd = ['a'], retries = '3' }
        ",
        2,
        "`retries` must be a whole number, such as `3`; found a string",
        "write `retries = 3`",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        run = 'x'
        ssh = 'default'
        ",
        4,
        "`ssh` must be a boolean; found a string",
        "write, for example, `ssh = true`",
    ),
    (
        r"
        [dependencies]
        layers = { count = '4' }
        ",
        2,
        "`count` must be a whole number, such as `4`; found a string",
        "write `count = 4`",
    ),
    (
        r"
        [dependencies]
        installer = true
        ",
        2,
        "`installer` must be `\"auto\"` or `\"poetry\"`; found a boolean",
        "write, for example, `installer = \"poetry\"`",
    ),
    (
        r"
        [poetry]
        image = 1
        ",
        2,
        "`image` must be a string, such as `\"registry.example/poetry@sha256:1111111111111111111111111111111111111111111111111111111111111111\"`; found a number",
        "write `image = \"1\"`",
    ),
];

const FIXED_VALUES: &[Row] = &[
    (
        r"
        [source]
        install = 'editable'
        ",
        2,
        "`editable` is not a valid value for `install`",
        "use `wheel`, `copy` or `none`",
    ),
    (
        r"
        [[hook]]
        at = 'sometime'
        run = 'x'
        ",
        2,
        "`sometime` is not a valid value for `at`",
        "use `after-packages`, `before-install`, `after-install`, `before-source`, `after-source` or `final`",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        run = 'x'
        network = 'bridge'
        ",
        4,
        "`bridge` is not a valid value for `network`",
        "use `default`, `none` or `host`",
    ),
    (
        r"
        [source]
        install = 'weel'
        ",
        2,
        "`weel` is not a valid value for `install`",
        "did you mean `wheel`?",
    ),
    (
        r"
        [args]
        MODE = { default = 'weel' }
        [source]
        install = '${MODE}'
        ",
        4,
        "`weel` is not a valid value for `install`",
        "did you mean `wheel`?",
    ),
    (
        r"
        [dependencies]
        installer = 'uv'
        ",
        2,
        "`uv` is not a valid value for `installer`",
        "use `auto` or `poetry`",
    ),
    (
        r"
        [dependencies]
        installer = 'poerty'
        ",
        2,
        "`poerty` is not a valid value for `installer`",
        "did you mean `poetry`?",
    ),
];
