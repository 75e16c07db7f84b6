//! `[target]`.

use super::*;

#[test]
fn an_incorrect_value_is_an_error_with_its_line_and_a_hint() {
    check(ROWS);
}

/// The destinations of the copies of a target.
fn copies(file: &BuildFile, name: &str) -> String {
    let copies = file.targets[name].image.copies.iter();
    let copies: Vec<&str> = copies.map(|copy| copy.dest.as_str()).collect();
    copies.join(" ")
}

#[test]
fn a_target_can_inherit_nothing() {
    let file = parse(
        r#"
        [args]
        EXTENDS = { default = "none" }
        [python]
        version = "3.12"
        [dependencies]
        groups = ["main", "dev"]
        [source]
        install = "copy"
        [build]
        packages = ["gcc"]
        [runtime]
        packages = ["libpq5"]
        user.uid = 1000
        [[copy]]
        src = "a"
        dest = "/a"
        [[hook]]
        at = "final"
        run = ["x"]
        [apt-sources.pg]
        uri = "https://apt.example.org"
        suites = ["s"]
        key = "a.asc"
        [target.plain]
        extends = "${EXTENDS}"
        runtime.env = { A = "1" }
        [[target.plain.copy]]
        src = "b"
        dest = "/b"
        [target.more]
        extends = "plain"
        "#,
    );
    for name in ["plain", "more"] {
        let image = &file.targets[name].image;
        assert_eq!(image.dependencies.groups, None);
        assert_eq!(image.source.install, None);
        assert!(image.build.packages.is_empty() && image.runtime.packages.is_empty());
        assert_eq!((image.runtime.user.uid, image.hooks.len()), (10001, 0));
        assert_eq!(copies(&file, name), "/b");
        assert_eq!(image.runtime.env["A"].value, "1");
        // What a target cannot set is the file's.
        assert_eq!(image.python, file.main.python);
        assert_eq!(image.apt_sources, file.main.apt_sources);
    }
}

#[test]
fn a_target_can_leave_out_tables() {
    let file = parse(
        r#"
        [runtime]
        packages = ["libpq5"]
        [[copy]]
        src = "a"
        dest = "/a"
        [[hook]]
        at = "final"
        run = ["x"]
        [target.first]
        without = ["copy", "runtime"]
        [[target.first.copy]]
        src = "b"
        dest = "/b"
        [target.second]
        extends = "first"
        runtime.packages = ["file"]
        [target.third]
        extends = "second"
        without = ["copy", "hook"]
        "#,
    );
    let packages = |name: &str| {
        let packages = file.targets[name].image.runtime.packages.iter();
        packages.map(|one| one.value.as_str()).collect::<String>()
    };
    let hooks = |name: &str| file.targets[name].image.hooks.len();
    // What is left out stays left out; a target's own tables are inherited by those that extend it.
    for (name, of_copies, of_packages, of_hooks) in [
        ("first", "/b", "", 1),
        ("second", "/b", "file", 1),
        ("third", "", "file", 0),
    ] {
        assert_eq!(copies(&file, name), of_copies, "{name}");
        assert_eq!(packages(name), of_packages, "{name}");
        assert_eq!(hooks(name), of_hooks, "{name}");
    }
}

#[test]
fn dev_inherits_what_does_not_describe_the_service() {
    let text = r#"
        [dependencies]
        groups = ["main"]
        [runtime]
        entrypoint = ["serve"]
        cmd = ["x"]
        workdir = "/srv"
        smoke-test = ["serve"]
        max-size = "1MB"
        stop-signal = "SIGINT"
        healthcheck = { cmd = ["x"] }
        packages = ["libpq5"]
        volumes = ["/data"]
    "#;
    let own = r#"
        [target.dev]
        description = "To work in."
        run = ["pytest"]
        dependencies.without = ["docs"]
        runtime.workdir = "/work"
        runtime.cmd = ["zsh"]
    "#;
    let without = parse(text);
    let with = parse(&format!("{}{own}", text.trim_end()));
    for file in [&without, &with] {
        let image = &file.dev.image;
        assert_eq!(image.dependencies.groups, None);
        let runtime = &image.runtime;
        assert!(runtime.entrypoint.is_none() && runtime.healthcheck.is_none());
        assert!(runtime.smoke_test.is_none() && runtime.max_size.is_none());
        assert_eq!(runtime.stop_signal, None);
        assert_eq!((runtime.packages.len(), runtime.volumes.len()), (1, 1));
        assert!(file.targets.is_empty());
    }
    assert_eq!(without.dev.image.runtime.workdir, None);
    assert_eq!((without.dev.span, without.dev.run.len()), (None, 0));
    let dev = with.dev;
    assert_eq!(dev.description.as_deref(), Some("To work in."));
    assert_eq!((dev.span.unwrap().start().line, dev.run.len()), (13, 1));
    assert_eq!(dev.image.dependencies.without.unwrap().len(), 1);
    assert_eq!(dev.image.runtime.workdir.unwrap().value, "/work");
    assert_eq!(dev.image.runtime.cmd.unwrap().value, ["zsh"]);
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
        "use one of these targets: `bc` and `none`",
    ),
    (
        r"
        [target.a]
        extends = 'b'
        ",
        2,
        "there is no target `b`",
        "use one of these targets: `none`",
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
    (
        "[target.none]\n",
        1,
        "a target cannot be called `none`, which stands for no target in `extends`",
        "choose another name",
    ),
    (
        r"
        [target.a]
        extends = 'dev'
        [target.dev]
        ",
        2,
        "a target cannot extend `dev`, the development image",
        "extend a target that both can inherit from, or repeat its keys",
    ),
    (
        r"
        [target.a]
        extends = 'a'
        without = ['hook']
        ",
        2,
        "the target `a` extends itself",
        "remove one `extends`, so that its target extends the main image",
    ),
    (
        r"
        [target.a]
        without = ['copy', 'hooks']
        ",
        2,
        "`hooks` is not a valid value for `without`",
        "did you mean `hook`?",
    ),
    (
        r"
        [target.a]
        without = ['python']
        ",
        2,
        "`python` is not a valid value for `without`",
        "use `dependencies`, `source`, `build`, `runtime`, `copy` or `hook`",
    ),
    (
        r"
        [target.a]
        run = [['pytest'],
          []]
        ",
        3,
        "`run` is empty: there is no command to run",
        "add a program, followed by its arguments",
    ),
    (
        r"
        [target.a]
        run = [['pytest'], ['', 'x']]
        ",
        2,
        "`run` is empty: there is no command to run",
        "add a program, followed by its arguments",
    ),
    (
        r"
        [target.a]
        run = ['pytest', ['mypy', '.']]
        ",
        2,
        "each item of `run` must be a list, such as `[\"pytest\", \"-q\"]`; found a string",
        "write `run = [[\"pytest\"], [\"mypy\", \".\"]]`",
    ),
    (
        r"
        [target.dev.source]
        install = 'copy'
        ",
        2,
        "`install` has no effect in the target `dev`",
        "remove it: the development image has the whole project, installed in editable mode",
    ),
    (
        r"
        [target.dev]
        dependencies.layers.count = 2
        ",
        2,
        "`layers` has no effect in the target `dev`",
        "remove it: the development image has all dependencies in one layer",
    ),
    (
        r"
        [target.dev.runtime]
        base = 'org/base:1'
        ",
        2,
        "`base` has no effect in the target `dev`",
        "set `base` in `[target.dev.build]`: the development image starts from the builder",
    ),
    (
        r"
        [target.dev]
        runtime.read-only = true
        ",
        2,
        "`read-only` has no effect in the target `dev`",
        "remove it: containers of the development image write to the project",
    ),
    (
        r"
        [target.dev]
        runtime.workdir = '/usr'
        ",
        2,
        "`/usr` is a system directory",
        "use a directory of your own, such as `/app/data`",
    ),
];
