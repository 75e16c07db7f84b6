//! Unknown keys whose table has the key that is meant.

use super::{Row, check};

#[test]
fn an_unknown_key_is_an_error_with_its_line_and_the_right_key() {
    check(ROWS);
}

const ROWS: &[Row] = &[
    (
        r"
        [[copy]]
        user = 'app'
        ",
        2,
        "unknown key `user` in `[[copy]]`",
        "did you mean `owner`?",
    ),
    (
        r"
        [python]
        verson = '3.13'
        ",
        2,
        "unknown key `verson` in `[python]`",
        "did you mean `version`?",
    ),
    (
        "pyton = 1\n",
        1,
        "unknown key `pyton` at the top level",
        "did you mean `python`?",
    ),
    (
        r"
        [runtime]
        user = { nam = 'a' }
        ",
        2,
        "unknown key `nam` in `[runtime.user]`",
        "did you mean `name`?",
    ),
    (
        r"
        [[hook]]
        at = 'final'
        run = 'x'

        [[hook]]
        when = 'final'
        ",
        6,
        "unknown key `when` in `[[hook]]`",
        "did you mean `at`?",
    ),
    (
        r"
        [[copy]]
        source = 'a'
        ",
        2,
        "unknown key `source` in `[[copy]]`",
        "did you mean `src`?",
    ),
    (
        r"
        [runtime]
        healthcheck = { command = ['a'] }
        ",
        2,
        "unknown key `command` in `[runtime.healthcheck]`",
        "did you mean `cmd`?",
    ),
    (
        r"
        [indexes.corp]
        user-secret = 'a'
        ",
        2,
        "unknown key `user-secret` in `[indexes.corp]`",
        "did you mean `username-secret`?",
    ),
    (
        r"
        [runtime]
        ports = [8000]
        ",
        2,
        "unknown key `ports` in `[runtime]`",
        "did you mean `expose`?",
    ),
    (
        r"
        [runtime]
        apt-packages = ['gcc']
        ",
        2,
        "unknown key `apt-packages` in `[runtime]`",
        "did you mean `packages`?",
    ),
    (
        r"
        [build]
        apt-get = ['gcc']
        ",
        2,
        "unknown key `apt-get` in `[build]`",
        "did you mean `packages`?",
    ),
    (
        r"
        [runtime]
        command = ['a']
        ",
        2,
        "unknown key `command` in `[runtime]`",
        "did you mean `cmd` or `entrypoint`?",
    ),
    (
        r"
        [build]
        from = 'python:3'
        ",
        2,
        "unknown key `from` in `[build]`",
        "did you mean `base`?",
    ),
    (
        r"
        [[copy]]
        chown = 'app'
        ",
        2,
        "unknown key `chown` in `[[copy]]`",
        "did you mean `owner`?",
    ),
    (
        r"
        [[copy]]
        chmod = '0644'
        ",
        2,
        "unknown key `chmod` in `[[copy]]`",
        "did you mean `mode`?",
    ),
    (
        r"
        [[copy]]
        target = '/a'
        ",
        2,
        "unknown key `target` in `[[copy]]`",
        "did you mean `dest`?",
    ),
    (
        r"
        [[copy]]
        destination = '/a'
        ",
        2,
        "unknown key `destination` in `[[copy]]`",
        "did you mean `dest`?",
    ),
    (
        r"
        [[copy]]
        form = 'a'
        ",
        2,
        "unknown key `form` in `[[copy]]`",
        "did you mean `from`?",
    ),
    (
        r"
        [runtime]
        environment = {}
        ",
        2,
        "unknown key `environment` in `[runtime]`",
        "did you mean `env`?",
    ),
    (
        r"
        [runtime]
        workingdir = '/a'
        ",
        2,
        "unknown key `workingdir` in `[runtime]`",
        "did you mean `workdir`?",
    ),
    (
        r"
        [runtime]
        volume = ['/a']
        ",
        2,
        "unknown key `volume` in `[runtime]`",
        "did you mean `volumes`?",
    ),
    (
        r"
        [runtime]
        label = {}
        ",
        2,
        "unknown key `label` in `[runtime]`",
        "did you mean `labels`?",
    ),
    (
        "build-args = {}\n",
        1,
        "unknown key `build-args` at the top level",
        "did you mean `args`?",
    ),
    (
        r"
        [runtime]
        stopsignal = 'SIGINT'
        ",
        2,
        "unknown key `stopsignal` in `[runtime]`",
        "did you mean `stop-signal`?",
    ),
    (
        r"
        [runtime]
        health_check = {}
        ",
        2,
        "unknown key `health_check` in `[runtime]`",
        "did you mean `healthcheck`?",
    ),
    (
        r"
        [[hook]]
        script = 'x'
        ",
        2,
        "unknown key `script` in `[[hook]]`",
        "did you mean `run`?",
    ),
    (
        r"
        [[hook]]
        command = 'x'
        ",
        2,
        "unknown key `command` in `[[hook]]`",
        "did you mean `run`?",
    ),
    (
        r"
        [[hook]]
        cmd = 'x'
        ",
        2,
        "unknown key `cmd` in `[[hook]]`",
        "did you mean `run`?",
    ),
    (
        r"
        [[hook]]
        stage = 'x'
        ",
        2,
        "unknown key `stage` in `[[hook]]`",
        "did you mean `at`?",
    ),
    (
        r"
        [[hook]]
        mounts = []
        ",
        2,
        "unknown key `mounts` in `[[hook]]`",
        "did you mean `cache` or `secrets`?",
    ),
    (
        r"
        [target.'a b'.runtime]
        port = 1
        ",
        2,
        "unknown key `port` in `[target.\"a b\".runtime]`",
        "did you mean `expose`?",
    ),
    (
        r"
        [[target.web.copy]]
        chown = 'x'
        ",
        2,
        "unknown key `chown` in `[[target.web.copy]]`",
        "did you mean `owner`?",
    ),
    (
        r"
        [runtime]
        stop_signal = 'SIGINT'
        ",
        2,
        "unknown key `stop_signal` in `[runtime]`",
        "did you mean `stop-signal`?",
    ),
    (
        r"
        [args.A]
        value = '1'
        ",
        2,
        "unknown key `value` in `[args.A]`",
        "did you mean `default`?",
    ),
    (
        r"
        [runtime.healthcheck]
        test = ['a']
        ",
        2,
        "unknown key `test` in `[runtime.healthcheck]`",
        "did you mean `cmd`?",
    ),
    (
        r"
        [indexes.corp]
        username = 'a'
        ",
        2,
        "unknown key `username` in `[indexes.corp]`",
        "did you mean `username-secret`?",
    ),
    (
        r"
        [indexes.corp]
        password = 'a'
        ",
        2,
        "unknown key `password` in `[indexes.corp]`",
        "did you mean `password-secret`?",
    ),
    (
        r"
        [git.'git.example']
        token = 'a'
        ",
        2,
        "unknown key `token` in `[git.\"git.example\"]`",
        "did you mean `token-secret`?",
    ),
    (
        r"
        [dependencies]
        instaler = 'poetry'
        ",
        2,
        "unknown key `instaler` in `[dependencies]`",
        "did you mean `installer`?",
    ),
    (
        r"
        [dependencies.layers]
        counts = 2
        ",
        2,
        "unknown key `counts` in `[dependencies.layers]`",
        "did you mean `count`?",
    ),
    (
        r"
        [source]
        caches = ['target']
        ",
        2,
        "unknown key `caches` in `[source]`",
        "did you mean `cache`?",
    ),
];
