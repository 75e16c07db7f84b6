//! `[runtime]`.

use super::{Row, check};

#[test]
fn an_incorrect_value_is_an_error_with_its_line_and_a_hint() {
    check(ROWS);
}

const ROWS: &[Row] = &[
    (
        r#"
        [runtime]
        workdir = "/a\nUSER root"
        "#,
        2,
        "a path cannot contain a line break or another control character",
        "remove the character",
    ),
    (
        r#"
        [runtime]
        workdir = "/app:/bin/sh"
        "#,
        2,
        "the working directory `/app:/bin/sh` contains a `:`, which the user's home directory cannot have",
        "remove the character",
    ),
    (
        r#"
        [runtime]
        cmd = ["serve", "a\u0000"]
        "#,
        2,
        "this value contains a NUL character",
        "remove it",
    ),
    (
        r#"
        [runtime]
        base = "a.b\nRUN evil/x"
        "#,
        2,
        "`a.b\\nRUN evil/x` is not an image reference",
        "write `NAME`, `NAME:TAG` or `NAME@sha256:DIGEST`, with `NAME` in lower case",
    ),
    (
        r"
        [runtime]
        base = 'a b'
        ",
        2,
        "`a b` is not an image reference",
        "write `NAME`, `NAME:TAG` or `NAME@sha256:DIGEST`, with `NAME` in lower case",
    ),
    (
        r"
        [runtime]
        user.uid = 0
        ",
        2,
        "the image would run as root: `uid` is 0",
        "use another user, or remove the line to use the default, `app` (10001)",
    ),
    (
        r"
        [runtime]
        user.name = 'root'
        ",
        2,
        "the image would run as root: `name` is `root`",
        "use another user, or remove the line to use the default, `app` (10001)",
    ),
    (
        r"
        [runtime]
        user.name = 'Web'
        ",
        2,
        "`Web` is not a user name",
        "use up to 32 lower-case letters, digits, `-` and `_`, and start with a letter",
    ),
    (
        r"
        [runtime]
        user.uid = -1
        ",
        2,
        "`-1` is not a valid `uid`",
        "use a number from 1 to 2147483647",
    ),
    (
        r"
        [runtime]
        workdir = 'app'
        ",
        2,
        "`app` is not an absolute path in the image",
        "start the path with `/`, without `.` and `..`",
    ),
    (
        r"
        [runtime]
        workdir = '/app/../etc'
        ",
        2,
        "`/app/../etc` is not an absolute path in the image",
        "start the path with `/`, without `.` and `..`",
    ),
    (
        r"
        [runtime]
        expose = [70000]
        ",
        2,
        "`70000` is not a port",
        "use a number from 1 to 65535",
    ),
    (
        r"
        [runtime]
        expose = [
          8000,
          0,
        ]
        ",
        4,
        "`0` is not a port",
        "use a number from 1 to 65535",
    ),
    (
        r"
        [runtime]
        expose = [
          '+53/udp',
        ]
        ",
        3,
        "`+53/udp` is not a port",
        "use a number from 1 to 65535",
    ),
    (
        r"
        [runtime]
        expose = ['53/http']
        ",
        2,
        "`53/http` has an unknown protocol",
        "use `tcp`, `udp` or `sctp`, as in `\"53/udp\"`",
    ),
    (
        r"
        [args.PROTOCOL]
        default = ''
        [runtime]
        expose = ['8000/${PROTOCOL}']
        ",
        4,
        "`8000/` has an unknown protocol",
        "use `tcp`, `udp` or `sctp`, as in `\"53/udp\"`",
    ),
    (
        r"
        [runtime]
        expose = ['8000-8010/udp']
        ",
        2,
        "`8000-8010/udp` is a range of ports",
        "list each port, such as `[8000, 8001]`",
    ),
    (
        r"
        [runtime]
        expose = ['127.0.0.1:80:8000']
        ",
        2,
        "`127.0.0.1:80:8000` also has a port of the host",
        "write `8000`, and choose the host's port when the container runs: `docker run -p`",
    ),
    (
        r"
        [runtime]
        env = { '1A' = 'x' }
        ",
        2,
        "`1A` is not a valid name for an environment variable",
        "use letters, digits and `_`, and do not start with a digit",
    ),
    (
        r"
        [runtime]
        healthcheck = { interval = '30s' }
        ",
        2,
        "`cmd` is missing",
        "add it, for example `cmd = [\"python\", \"-m\", \"service.health\"]`",
    ),
    (
        r"
        [runtime]
        healthcheck = { cmd = ['a'], interval = '30' }
        ",
        2,
        "`30` is not a duration",
        "write a number with a unit, such as `500ms`, `30s` or `1m30s`",
    ),
    (
        r"
        [runtime]
        healthcheck = { cmd = ['a'], timeout = '1us' }
        ",
        2,
        "`1us` is not a duration",
        "write a number with a unit, such as `500ms`, `30s` or `1m30s`",
    ),
    (
        r"
        [runtime]
        healthcheck = { cmd = ['a'], retries = 0 }
        ",
        2,
        "`0` is not a valid number of retries",
        "use a number from 1 to 1000",
    ),
    (
        r"
        [runtime]
        stop-signal = 'TERM'
        ",
        2,
        "`TERM` is not a signal",
        "use a name such as `SIGTERM`, or a number from 1 to 64",
    ),
    (
        r"
        [runtime]
        stop-signal = '99'
        ",
        2,
        "`99` is not a signal",
        "use a name such as `SIGTERM`, or a number from 1 to 64",
    ),
    (
        r"
        [runtime]
        writable = ['data']
        ",
        2,
        "`data` is not an absolute path in the image",
        "start the path with `/`, without `.` and `..`",
    ),
    (
        r"
        [runtime]
        writable = ['/usr']
        ",
        2,
        "`/usr` is a system directory",
        "use a directory of your own, such as `/app/data`",
    ),
    (
        r"
        [runtime]
        volumes = ['/']
        ",
        2,
        "`/` is a system directory",
        "use a directory of your own, such as `/app/data`",
    ),
    (
        r"
        [runtime]
        smoke-test = []
        ",
        2,
        "`smoke-test` is empty: there is no command to run",
        "add a program, followed by its arguments",
    ),
    (
        r"
        [runtime]
        vex = '../vex.json'
        ",
        2,
        "`../vex.json` is not a path inside the build context",
        "use a path relative to the project's directory, without a leading `/` and without `..`",
    ),
    (
        r"
        [runtime]
        max-size = '200 apples'
        ",
        2,
        "`200 apples` is not a size",
        "write a number with a unit, such as `200MB` or `1.5GiB`",
    ),
    (
        r"
        [runtime]
        max-size = '0'
        ",
        2,
        "`0` is not a size",
        "write a number with a unit, such as `200MB` or `1.5GiB`",
    ),
    (
        r#"
        [runtime.user]
        shell = "/bin/sh"
        "#,
        2,
        "unknown key `shell` in `[runtime.user]`",
        "known keys: `gid`, `name` and `uid`",
    ),
    (
        r"
        [runtime]
        user = { uid = 99999999999 }
        ",
        2,
        "`99999999999` is not a valid `uid`",
        "use a number from 1 to 2147483647",
    ),
    (
        r#"
        [runtime]
        user = { name = "a:b" }
        "#,
        2,
        "`a:b` is not a user name",
        "use up to 32 lower-case letters, digits, `-` and `_`, and start with a letter",
    ),
];
