//! Values of another type where a list or a table belongs.

use super::{Row, check};

#[test]
fn a_value_in_place_of_a_list_is_an_error_with_the_list_to_write() {
    check(LISTS);
}

#[test]
fn a_value_in_place_of_a_table_is_an_error_with_the_table_to_write() {
    check(TABLES);
}

const LISTS: &[Row] = &[
    (
        r"
        [runtime]
        expose = 8000
        ",
        2,
        "`expose` must be a list, such as `[8000, \"5353/udp\"]`; found a number",
        "write `expose = [8000]`",
    ),
    (
        r"
        [runtime]
        entrypoint = 'serve'
        ",
        2,
        "`entrypoint` must be a list, such as `[\"gunicorn\", \"service:app\"]`; found a string",
        "write `entrypoint = [\"serve\"]`",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        run = ['a', 7]
        ",
        3,
        "each item of `run` must be a string, such as `\"python\"`; found a number",
        "write `run = [\"a\", \"7\"]`",
    ),
    (
        r"
        [dependencies]
        groups = 'main'
        ",
        2,
        "`groups` must be a list, such as `[\"main\"]`; found a string",
        "write `groups = [\"main\"]`",
    ),
    (
        r"
        [target.a]
        run = 'pytest'
        ",
        2,
        "`run` must be a list, such as `[\"pytest\", \"-q\"]`; found a string",
        "write `run = [\"pytest\"]`",
    ),
    (
        "copy = { src = 'a' }\n",
        1,
        "`copy` must be a list of tables; found a table",
        "write `[[copy]]`, with double brackets",
    ),
    (
        r"
        [runtime]
        expose = '8000'
        ",
        2,
        "`expose` must be a list, such as `[8000, \"5353/udp\"]`; found a string",
        "write `expose = [8000]`",
    ),
    (
        r"
        [runtime]
        expose = '5353/udp'
        ",
        2,
        "`expose` must be a list, such as `[8000, \"5353/udp\"]`; found a string",
        "write `expose = [\"5353/udp\"]`",
    ),
    (
        r"
        [runtime]
        expose = [
          8000,
          [8001],
          '8002/udp',
        ]
        ",
        4,
        "each item of `expose` must be a whole number or a string, such as `8000`; found a list",
        "write `expose = [8000, 8001, \"8002/udp\"]`",
    ),
    (
        r"
        [copy]
        src = 'a'
        ",
        1,
        "`copy` must be a list of tables; found a table",
        "write `[[copy]]`, with double brackets",
    ),
    (
        r"
        [hook]
        run = 'a'
        ",
        1,
        "`hook` must be a list of tables; found a table",
        "write `[[hook]]`, with double brackets",
    ),
    (
        r"
        [target.web.copy]
        src = 'a'
        ",
        1,
        "`copy` must be a list of tables; found a table",
        "write `[[target.web.copy]]`, with double brackets",
    ),
    (
        r"
        [runtime]
        entrypoint = 'python -m service'
        ",
        2,
        "`entrypoint` must be a list, such as `[\"gunicorn\", \"service:app\"]`; found a string",
        "write `entrypoint = [\"python\", \"-m\", \"service\"]`",
    ),
    (
        r"
        [runtime]
        entrypoint = 'serve --port $PORT'
        ",
        2,
        "`entrypoint` must be a list, such as `[\"gunicorn\", \"service:app\"]`; found a string",
        "write `entrypoint = [\"sh\", \"-c\", \"serve --port $PORT\"]`",
    ),
    (
        r"
        [runtime]
        cmd = 'a && b'
        ",
        2,
        "`cmd` must be a list, such as `[\"--port\", \"8000\"]`; found a string",
        "write `cmd = [\"sh\", \"-c\", \"a && b\"]`",
    ),
    (
        r"
        [build]
        packages = 'gcc libpq-dev'
        ",
        2,
        "`packages` must be a list, such as `[\"gcc\", \"libpq-dev\"]`; found a string",
        "write `packages = [\"gcc\", \"libpq-dev\"]`",
    ),
    (
        r"
        [build]
        packages = ['gcc', 1]
        ",
        2,
        "each item of `packages` must be a string, such as `\"gcc\"`; found a number",
        "write `packages = [\"gcc\", \"1\"]`",
    ),
    (
        "copy = ['a']\n",
        1,
        "each item of `copy` must be a table; found a string",
        "put its keys below a line `[[copy]]`",
    ),
    (
        r"
        [args]
        A = { choices = 'x' }
        ",
        2,
        "`choices` must be a list, such as `[\"debug\", \"info\"]`; found a string",
        "write `choices = [\"x\"]`",
    ),
    (
        r"
        [args]
        LIST = { default = 'main' }
        [dependencies]
        groups = '${LIST}'
        ",
        4,
        "`groups` must be a list, such as `[\"main\"]`; found a string",
        "write `groups = [\"main\"]`",
    ),
    (
        r"
        [dependencies]
        layers = { own = 'my-models' }
        ",
        2,
        "`own` must be a list, such as `[\"my-models\"]`; found a string",
        "write `own = [\"my-models\"]`",
    ),
    (
        r"
        [source]
        cache = 'target'
        ",
        2,
        "`cache` must be a list, such as `[\"/root/.cargo/registry\", \"target\"]`; found a string",
        "write `cache = [\"target\"]`",
    ),
];

const TABLES: &[Row] = &[
    (
        "python = '3.13'\n",
        1,
        "`python` must be a table; found a string",
        "write `[python] version = \"3.13\"`",
    ),
    (
        r"
        [runtime]
        env = ['A=1']
        ",
        2,
        "`env` must be a table, such as `{ PORT = \"8000\" }`; found a list",
        "write `env = { A = \"1\" }`",
    ),
    (
        r"
        [[python]]
        version = '3.13'
        ",
        1,
        "`python` must be a table; found a list of tables",
        "write `[python]`, with single brackets",
    ),
    (
        r"
        [runtime]
        user = 'app'
        ",
        2,
        "`user` must be a table; found a string",
        "write `user = { name = \"app\" }`",
    ),
    (
        r"
        [runtime]
        user = 1000
        ",
        2,
        "`user` must be a table; found a number",
        "write `user = { uid = 1000 }`",
    ),
    (
        r"
        [runtime]
        healthcheck = 'curl -f http://localhost:8000/'
        ",
        2,
        "`healthcheck` must be a table; found a string",
        "write `healthcheck = { cmd = [\"curl\", \"-f\", \"http://localhost:8000/\"] }`",
    ),
    (
        r"
        [runtime]
        healthcheck = ['true']
        ",
        2,
        "`healthcheck` must be a table; found a list",
        "write `healthcheck = { cmd = [\"true\"] }`",
    ),
    (
        r"
        [runtime]
        env = ['A=b', 'B = c']
        ",
        2,
        "`env` must be a table, such as `{ PORT = \"8000\" }`; found a list",
        "write `env = { A = \"b\", B = \"c\" }`",
    ),
    (
        r"
        [runtime]
        env = 'A=b'
        ",
        2,
        "`env` must be a table, such as `{ PORT = \"8000\" }`; found a string",
        "write `env = { A = \"b\" }`",
    ),
    (
        r"
        [runtime]
        env = ['API_TOKEN=hidden']
        ",
        2,
        "`env` must be a table, such as `{ PORT = \"8000\" }`; found a list",
        "write `env = { API_TOKEN = \"******\" }`",
    ),
    (
        "poetry = 2\n",
        1,
        "`poetry` must be a table; found a number",
        "write `[poetry] version = \"2\"`",
    ),
    (
        "dependencies = ['main', 'web']\n",
        1,
        "`dependencies` must be a table; found a list",
        "write `[dependencies] groups = [\"main\", \"web\"]`",
    ),
    (
        "runtime = true\n",
        1,
        "`runtime` must be a table; found a boolean",
        "put its keys below a line `[runtime]`",
    ),
    (
        "copy = ['a']\n",
        1,
        "each item of `copy` must be a table; found a string",
        "put its keys below a line `[[copy]]`",
    ),
    (
        r"
        [args]
        PORT = 8000
        ",
        2,
        "`PORT` must be a table; found a number",
        "write `PORT = { default = 8000 }`",
    ),
    (
        r"
        [runtime]
        labels = 'x'
        ",
        2,
        "`labels` must be a table; found a string",
        "write, for example, `labels = { \"org.opencontainers.image.vendor\" = \"Example\" }`",
    ),
    (
        r"
        [indexes]
        corp = 'token'
        ",
        2,
        "`corp` must be a table; found a string",
        "put its keys below a line `[indexes.corp]`",
    ),
    (
        r"
        [git]
        'git.example' = 'token'
        ",
        2,
        "`\"git.example\"` must be a table; found a string",
        "put its keys below a line `[git.\"git.example\"]`",
    ),
    (
        "target = ['a']\n",
        1,
        "`target` must be a table; found a list",
        "put its keys below a line `[target]`",
    ),
    (
        r"
        [target]
        web = 'x'
        ",
        2,
        "`web` must be a table; found a string",
        "put its keys below a line `[target.web]`",
    ),
    (
        "args = ['A']\n",
        1,
        "`args` must be a table; found a list",
        "put its keys below a line `[args]`",
    ),
    (
        "check = false\n",
        1,
        "`check` must be a table; found a boolean",
        "put its keys below a line `[check]`",
    ),
    (
        r"
        [dependencies]
        layers = 4
        ",
        2,
        "`layers` must be a table; found a number",
        "put its keys below a line `[dependencies.layers]`",
    ),
];
