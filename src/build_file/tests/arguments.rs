//! `[args]` and `${NAME}`.

use super::{Row, check, parse_with};

#[test]
fn an_incorrect_value_is_an_error_with_its_line_and_a_hint() {
    check(ROWS);
}

#[test]
fn an_argument_can_give_a_port_or_a_part_of_it() {
    let text = r#"
        [args]
        NUMBER = { default = 8000 }
        TEXT = { default = "5353" }
        PROTOCOL = { default = "tcp" }
        [runtime]
        expose = ["${NUMBER}", "${TEXT}", "${NUMBER}/udp", "${TEXT}/${PROTOCOL}"]
    "#;
    let file = parse_with(text, &[("PROTOCOL", "SCTP")]).unwrap();
    let ports = file.main.runtime.expose.iter();
    let ports: Vec<String> = ports.map(|port| port.value.to_string()).collect();
    assert_eq!(ports, ["8000/tcp", "5353/tcp", "8000/udp", "5353/sctp"]);
}

const ROWS: &[Row] = &[
    (
        r"
        [args]
        A-B = { default = '' }
        ",
        2,
        "`A-B` is not a valid name for a build argument",
        "use letters, digits and `_`, and do not start with a digit",
    ),
    (
        r"
        [args]
        A = {}
        ",
        2,
        "the build argument `A` has no default and was not set",
        "add `--build-arg A=...` to the command, or `A = { default = \"...\" }` to `[args]`",
    ),
    (
        r"
        [args]
        A = { default = '' }
        [python]
        version = '${B}'
        ",
        4,
        "`${B}` refers to a build argument that `[args]` does not declare",
        "add `B = { default = \"\" }` to `[args]`",
    ),
    (
        r"
        [args]
        PYTHON = { default = '' }
        [python]
        version = '${PYTON}'
        ",
        4,
        "`${PYTON}` refers to a build argument that `[args]` does not declare",
        "did you mean `${PYTHON}`?",
    ),
    (
        r"
        [runtime]
        cmd = ['${X:-1}']
        ",
        2,
        "`${X:-1}` contains an invalid reference: expected `${NAME}`",
        "write `$${` for a literal `${`, as in a shell variable",
    ),
    (
        r"
        [args]
        A = { default = 1, type = 'string', kind = 'x' }
        ",
        2,
        "unknown key `kind` in `[args.A]`",
        "known keys: `choices`, `default`, `description` and `type`",
    ),
    (
        r"
        [args]
        A = { default = 'x', type = 'integer' }
        ",
        2,
        "the value of the build argument `A` is not a whole number",
        "correct `--build-arg A=...` or the argument's `default`",
    ),
    (
        r"
        [args]
        A = { default = 'yes', type = 'boolean' }
        ",
        2,
        "the value of the build argument `A` is not `true` or `false`",
        "correct `--build-arg A=...` or the argument's `default`",
    ),
    (
        r"
        [args]
        A = { default = 'x', choices = ['a', 'b'] }
        ",
        2,
        "the value of the build argument `A` is not one of its choices",
        "use `a` or `b`",
    ),
    (
        r"
        [args]
        A = { default = 'x', type = 'float' }
        ",
        2,
        "`float` is not a valid value for `type`",
        "use `string`, `integer` or `boolean`",
    ),
    (
        r"
        [args]
        A = { default = [1] }
        ",
        2,
        "`default` must be a boolean, a whole number or a string, such as `8000`; found a list",
        "write `default = 1`",
    ),
    (
        r#"
        [args]
        A = { defualt = "" }
        "#,
        2,
        "unknown key `defualt` in `[args.A]`",
        "did you mean `default`?",
    ),
    (
        r#"
        [args]
        TAG = { default = "1" }
        [runtime]
        workdir = "/x${TGA}"
        "#,
        4,
        "`${TGA}` refers to a build argument that `[args]` does not declare",
        "did you mean `${TAG}`?",
    ),
];
