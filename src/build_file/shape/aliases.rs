//! The names that users of Dockerfiles and other tools guess for keys of the build file.

/// Guesses, and the keys that they stand for, with their tables.
pub(super) type Aliases = [(&'static [&'static str], &'static [&'static str])];

/// Guesses that stand for these keys wherever they are in the file.
pub(super) const ANYWHERE: &Aliases = &[
    (
        &["from", "image", "base-image"],
        &["runtime.base", "build.base"],
    ),
    (&["python-version"], &["python.version"]),
    (&["poetry-version"], &["poetry.version"]),
    (&["port", "ports", "publish"], &["runtime.expose"]),
    (
        &["apt", "apt-get", "apt-packages", "system-packages"],
        &["runtime.packages", "build.packages"],
    ),
    (
        &["command", "exec", "start"],
        &["runtime.entrypoint", "runtime.cmd"],
    ),
    (
        &["env", "environment", "envs", "variables"],
        &["runtime.env", "build.env"],
    ),
    (
        &["working-dir", "working-directory", "cwd"],
        &["runtime.workdir"],
    ),
    (&["volume"], &["runtime.volumes"]),
    (&["label", "maintainer"], &["runtime.labels"]),
    (&["add", "copies", "file", "files"], &["copy"]),
    (&["chown"], &["copy.owner"]),
    (&["chmod", "permissions"], &["copy.mode"]),
    (&["mount", "mounts"], &["hook.cache", "hook.secrets"]),
    (&["secret"], &["hook.secrets"]),
    (&["arg", "build-arg", "build-args"], &["args"]),
    (&["ignore", "dockerignore"], &["source.exclude"]),
    (
        &["index", "sources", "repositories", "repository"],
        &["indexes"],
    ),
];

/// Guesses that stand for these keys only in the tables of the keys.
pub(super) const IN_SAME_TABLE: &Aliases = &[
    (&["image"], &["copy.from"]),
    (&["source", "path", "file", "files"], &["copy.src"]),
    (&["target", "destination", "dst", "to"], &["copy.dest"]),
    (&["user", "group"], &["copy.owner"]),
    (
        &["command", "cmd", "script", "exec", "entrypoint", "shell"],
        &["hook.run"],
    ),
    (&["stage", "when", "point", "after"], &["hook.at"]),
    (&["environment", "envs", "variables"], &["hook.env"]),
    (&["source", "target", "path"], &["hook.cache"]),
    (&["platform"], &["hook.platforms"]),
    (
        &["context", "files", "include", "input", "src"],
        &["hook.inputs"],
    ),
    (&["output"], &["hook.outputs"]),
    (&["chown"], &["hook.owner"]),
    (&["command", "test"], &["runtime.healthcheck.cmd"]),
    (&["username", "user"], &["indexes.NAME.username-secret"]),
    (&["password", "token"], &["indexes.NAME.password-secret"]),
    (&["password", "token"], &["git.NAME.token-secret"]),
    (&["value"], &["args.NAME.default"]),
];
