//! Keys that belong in another table, or nowhere.

use super::{Row, check};

#[test]
fn a_key_in_the_wrong_table_is_an_error_that_names_the_right_table() {
    check(ROWS);
}

const ROWS: &[Row] = &[
    (
        "ADD = []\n",
        1,
        "unknown key `ADD` at the top level",
        "did you mean `copy`?",
    ),
    (
        r"
        [runtime]
        ADD = []
        ",
        2,
        "unknown key `ADD` in `[runtime]`",
        "use `[[copy]]`",
    ),
    (
        r"
        [target.web]
        entrypoint = ['a']
        ",
        2,
        "unknown key `entrypoint` in `[target.web]`",
        "`entrypoint` belongs in `[target.web.runtime]`",
    ),
    (
        r"
        [target.web]
        python.version = '3.12'
        ",
        2,
        "unknown key `python` in `[target.web]`",
        "`[python]` belongs at the top level",
    ),
    (
        "groups = ['main']\n",
        1,
        "unknown key `groups` at the top level",
        "`groups` belongs in `[dependencies]`",
    ),
    (
        "ports = [8000]\n",
        1,
        "unknown key `ports` at the top level",
        "use `expose` in `[runtime]`",
    ),
    (
        "EXPOSE = [8000]\n",
        1,
        "unknown key `EXPOSE` at the top level",
        "`expose` belongs in `[runtime]`",
    ),
    (
        "expose = [8000]\n",
        1,
        "unknown key `expose` at the top level",
        "`expose` belongs in `[runtime]`",
    ),
    (
        "apt = ['gcc']\n",
        1,
        "`apt` must be a table; found a list",
        "use `packages` in `[build]` or `[runtime]`",
    ),
    (
        "packages = ['gcc']\n",
        1,
        "unknown key `packages` at the top level",
        "`packages` belongs in `[build]` or `[runtime]`",
    ),
    (
        "command = ['a']\n",
        1,
        "unknown key `command` at the top level",
        "use `cmd` or `entrypoint` in `[runtime]`",
    ),
    (
        "CMD = ['a']\n",
        1,
        "unknown key `CMD` at the top level",
        "`cmd` belongs in `[runtime]`",
    ),
    (
        "from = 'python:3'\n",
        1,
        "unknown key `from` at the top level",
        "use `base` in `[build]` or `[runtime]`",
    ),
    (
        "FROM = 'python:3'\n",
        1,
        "unknown key `FROM` at the top level",
        "use `base` in `[build]` or `[runtime]`",
    ),
    (
        r"
        [env]
        A = 'b'
        ",
        1,
        "unknown key `env` at the top level",
        "use `env` in `[build]` or `[runtime]`",
    ),
    (
        "environment = { A = 'b' }\n",
        1,
        "unknown key `environment` at the top level",
        "use `env` in `[build]` or `[runtime]`",
    ),
    (
        "working-dir = '/a'\n",
        1,
        "unknown key `working-dir` at the top level",
        "use `workdir` in `[runtime]`",
    ),
    (
        "user = 'app'\n",
        1,
        "unknown key `user` at the top level",
        "`user` belongs in `[runtime]`",
    ),
    (
        "label = {}\n",
        1,
        "unknown key `label` at the top level",
        "use `labels` in `[runtime]`",
    ),
    (
        r"
        [build]
        args = {}
        ",
        2,
        "unknown key `args` in `[build]`",
        "`[args]` belongs at the top level",
    ),
    (
        "stopsignal = 'SIGINT'\n",
        1,
        "unknown key `stopsignal` at the top level",
        "`stop-signal` belongs in `[runtime]`",
    ),
    (
        "health-check = {}\n",
        1,
        "unknown key `health-check` at the top level",
        "`healthcheck` belongs in `[runtime]`",
    ),
    (
        "extras = ['a']\n",
        1,
        "unknown key `extras` at the top level",
        "`extras` belongs in `[dependencies]`",
    ),
    (
        r"
        [[hook]]
        user = 'x'
        ",
        2,
        "unknown key `user` in `[[hook]]`",
        "`user` belongs in `[runtime]`",
    ),
    (
        r"
        [target.web]
        cmd = ['a']
        ",
        2,
        "unknown key `cmd` in `[target.web]`",
        "`cmd` belongs in `[target.web.runtime]`",
    ),
    (
        r"
        [target.web]
        ports = [1]
        ",
        2,
        "unknown key `ports` in `[target.web]`",
        "use `expose` in `[target.web.runtime]`",
    ),
    (
        r"
        [target.web]
        describe = 'x'
        ",
        2,
        "unknown key `describe` in `[target.web]`",
        "known keys: `build`, `copy`, `dependencies`, `description`, `extends`, `hook`, `run`, `runtime`, `source` and `without`",
    ),
    (
        r"
        [target.web.runtime]
        groups = ['dev']
        ",
        2,
        "unknown key `groups` in `[target.web.runtime]`",
        "`groups` belongs in `[target.web.dependencies]`",
    ),
    (
        r"
        [runtime]
        build = {}
        ",
        2,
        "unknown key `build` in `[runtime]`",
        "`[build]` belongs at the top level",
    ),
    (
        r"
        [runtime.copy]
        src = 'a'
        ",
        1,
        "unknown key `copy` in `[runtime]`",
        "`[[copy]]` belongs at the top level",
    ),
    (
        "entrypont = ['a']\n",
        1,
        "unknown key `entrypont` at the top level",
        "did you mean `entrypoint` in `[runtime]`?",
    ),
    (
        "run = 'x'\n",
        1,
        "unknown key `run` at the top level",
        "`run` belongs in `[[hook]]`",
    ),
    (
        "MAINTAINER = 'me'\n",
        1,
        "unknown key `MAINTAINER` at the top level",
        "use `labels` in `[runtime]`",
    ),
    (
        r"
        [python]
        qwerty = 1
        ",
        2,
        "unknown key `qwerty` in `[python]`",
        "known keys: `variant` and `version`",
    ),
    (
        r"
        [tool.poetry]
        name = 'x'
        ",
        1,
        "unknown key `tool` at the top level",
        "known keys: `apt`, `apt-sources`, `args`, `build`, `check`, `copy`, `dependencies`, `git`, `hook`, `indexes`, `poetry`, `python`, `runtime`, `source` and `target`",
    ),
    (
        r"
        [poetry]
        index = 'a'
        ",
        2,
        "unknown key `index` in `[poetry]`",
        "use `[indexes]`",
    ),
    (
        r"
        [build.user]
        name = 'a'
        ",
        1,
        "unknown key `user` in `[build]`",
        "`user` belongs in `[runtime]`",
    ),
];
