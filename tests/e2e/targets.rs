//! `--target`: further images of one file, and the commands that must succeed in them.

use testkit::Dependency;

use crate::support::{Index, Project, nonce};

/// A package that says `words.GREETING`, with a group `dev` that has `checker`.
fn with_dev_group(name: &str, checker: &str) -> (Index, Project) {
    let index = Index::start();
    let words = index.publish("words", "1.0", "GREETING = 'hello'\n");
    let checker = index.publish("checker", "1.0", checker);
    let develops = Dependency::version(&checker.version).source("index");
    let files = Project::files(name, &[&words])
        .poetry_group("dev", "checker", develops)
        .locked(checker.package("index").group("dev"))
        .with_file(
            &format!("src/{name}/__init__.py"),
            "import words\ndef main():\n    print(words.GREETING)\n",
        );
    let project = Project::with(&files);
    (index, project)
}

const HAS: &str = "python -c 'import importlib.util as u; print(*(n for n in (\"words\", \"checker\") if u.find_spec(n)))'";

#[test]
fn a_target_has_its_own_groups_packages_and_files() {
    let (_index, project) = with_dev_group("shop", "");
    project.write("tests/data.txt", "data\n").build_file(
        r#"[runtime]
env = { A = "1", B = "2" }
[target.test]
dependencies.groups = ["main", "dev"]
source.install = "copy"
source.include = ["src", "tests"]
runtime.packages = ["file"]
runtime.entrypoint = ["python"]
runtime.env = { B = "3" }
[target.other]
extends = "test"
runtime.env = { A = "4" }
"#,
    );
    let (main, built) = project.build().run().parts();
    assert_eq!(main.answer(&[]), "hello");
    assert_eq!(main.shell(HAS), "words");
    // What another target needs is not built.
    for step in built.steps() {
        let foreign = ["test", "other"].contains(&step.stage());
        let foreign = foreign || step.name.contains("checker") || step.name.contains("apt-get");
        assert!(!foreign, "{}", step.name);
    }

    let test = project.build().with("--target=test").image();
    assert_eq!(test.shell(HAS), "words checker");
    let script = "command -v file; echo $A $B; cat tests/data.txt; ls";
    assert_eq!(test.shell(script), "/usr/bin/file\n1 3\ndata\nsrc\ntests");
    let other = project.build().with("--target=other").image();
    assert_eq!(other.shell(script), "/usr/bin/file\n4 3\ndata\nsrc\ntests");
    assert_eq!(test.layers(), other.layers());
}

#[test]
fn web_and_worker_share_every_layer() {
    let project = Project::package("twofold", &[]);
    project.build_file(
        r#"[runtime]
entrypoint = ["twofold"]
expose = [8000]
[target.worker]
description = "What is done later."
runtime.entrypoint = ["python", "-c", "import sys; print(*sys.argv[1:])"]
runtime.cmd = ["work"]
runtime.env = { QUEUE = "slow" }
"#,
    );
    let web = project.build().unattested().image();
    let worker = project.build().unattested().with("--target=worker").image();
    assert_eq!(web.answer(&[]), "hello");
    assert_eq!(worker.answer(&[]), "work");
    assert_eq!(web.layers(), worker.layers());
    assert_ne!(web.id(), worker.id());
}

#[test]
fn an_unknown_target_is_an_error() {
    let project = Project::package("aimless", &[]);
    project.build_file("[target.worker]\n");
    let built = project.build().with("--target=wroker").run();
    let message = built.error();
    assert!(message.contains("there is no target `wroker`"), "{message}");
    assert!(message.contains("did you mean `worker`?"), "{message}");
    let built = project.build().with("--target=xyz").run();
    let message = built.error();
    assert!(
        message.contains("`runtime`, `deps`, `builder`, `poetry`, `dev` and `worker`"),
        "{message}"
    );
}

/// A project with a target `test` that runs the checker of its group `dev`, which `line` is part of.
fn tested(name: &str, uid: u32, line: &str) -> (Index, Project) {
    let checker = format!("import os, sys\n{line}\n");
    let (index, project) = with_dev_group(name, &checker);
    project.build_file(&format!(
        r#"
        [runtime]
        user.uid = {uid}
        [target.test]
        dependencies.groups = ["main", "dev"]
        run = ["python", "-c", "import checker"]
        "#
    ));
    (index, project)
}

#[test]
fn tests_run_in_the_image_and_leave_nothing_in_it() {
    let nonce = nonce();
    let (_index, project) = tested(
        "tested",
        20022,
        &format!(
            "import {name}; open('/tmp/left', 'w').write('x'); print('{nonce}', os.getuid(), os.getgid(), os.getcwd(), os.environ['VIRTUAL_ENV'], sys.prefix, os.environ['HOME'])",
            name = "tested"
        ),
    );
    let (image, built) = project
        .build()
        .unattested()
        .with("--target=test")
        .run()
        .parts();
    let log = &built.step("run", "python -c").log;
    assert!(
        log.contains(&format!(
            "{nonce} 20022 20022 /app /app/.venv /app/.venv /tmp"
        )),
        "{log}"
    );
    assert_eq!(image.shell("ls /tmp"), "");

    // Again, and without the tests: the same image.
    let (again, built) = project
        .build()
        .unattested()
        .with("--target=test")
        .run()
        .parts();
    assert_eq!(built.ran(), [""; 0]);
    assert!(built.step("run", "python -c").cached);
    assert_eq!(image.id(), again.id());
    project.edit(
        "poetry.build.toml",
        "run = [\"python\", \"-c\", \"import checker\"]\n",
        "",
    );
    let untested = project.build().unattested().with("--target=test").image();
    assert_eq!(image.id(), untested.id());
}

#[test]
fn no_cache_re_runs_the_tests_of_a_target() {
    let (_index, project) = tested("retested", 20023, "print('again')");
    project.build().with("--target=test").image();
    let anew = project.build().with("--target=test");
    let (_, built) = anew.with("--no-cache-filter=test").run().parts();
    let step = built.step("run", "python -c");
    assert!(step.started && !step.cached, "{}", built.report());
    assert!(built.step("deps", "install checker and words").cached);
}

#[test]
fn a_failing_test_fails_the_build_with_its_output() {
    let (_index, project) = tested(
        "failing",
        20024,
        "print('first'); sys.exit('two is not three')",
    );
    let built = project.build().with("--target=test").run();
    let message = built.error();
    let log = &built.step("run", "python -c").log;
    assert!(
        log.contains("first") && log.contains("two is not three"),
        "{}",
        built.report()
    );
    let line = "   6 | >>> run = [\"python\", \"-c\", \"import checker\"]";
    assert!(message.contains(line), "{message}");
    assert!(message.contains("failed with exit code 1"), "{message}");
    // No other target's business.
    assert_eq!(project.build().image().answer(&[]), "hello");
}

#[test]
fn the_smoke_test_runs_for_every_image_without_a_network() {
    let project = Project::package("smoking", &[]);
    let nonce = nonce();
    project
        .write(
            "src/smoking/__init__.py",
            &format!("NONCE = {nonce}\nimport os, sys\ndef main():\n    print(sorted(os.listdir('/sys/class/net')), os.getuid())\n    sys.exit('smoke' if os.environ.get('FIRE') else 0)\n"),
        )
        .build_file(
            r#"
            [runtime]
            smoke-test = ["smoking"]
            [target.burning]
            runtime.env = { FIRE = "1" }
            "#,
        );
    let (image, built) = project.build().run().parts();
    let log = &built.step("smoke-test", "smoking").log;
    assert!(log.contains("['lo'] 10001"), "{log}");
    assert_eq!(image.answer(&[]).split(' ').next_back(), Some("10001"));
    // It is not asked of the parts.
    project.build().with("--target=deps").image();

    let built = project.build().with("--target=burning").run();
    let message = built.error();
    assert!(
        message.contains("   3 | >>> smoke-test = [\"smoking\"]"),
        "{message}"
    );
    assert!(built.step("smoke-test", "smoking").log.contains("smoke"));
}

#[test]
fn an_image_over_its_maximum_size_is_an_error() {
    let project = Project::package("large", &[]);
    project
        .write(
            "src/large/data.bin",
            &format!("{}{}", nonce(), "x".repeat(3_000_000)),
        )
        .build_file(
            r#"
            [runtime]
            user.uid = 20021
            max-size = "3MB"
            "#,
        );
    let built = project.build().unattested().run();
    let message = built.error();
    assert!(
        message.contains("   4 | >>> max-size = \"3MB\""),
        "{message}"
    );
    let log = &built.step("max-size", "measure").log;
    let first = log.lines().next().unwrap();
    assert!(
        first.starts_with("the image has 1") && first.contains(" MB, more than max-size = 3.0 MB"),
        "{log}"
    );
    assert!(log.contains("  /usr/lib\n"), "{log}");
    assert!(
        log.contains("3.0 MB  /app/.venv/lib/python3.13/site-packages/large\n"),
        "{log}"
    );

    project.edit("poetry.build.toml", "3MB", "1GB");
    let (image, built) = project.build().unattested().run().parts();
    assert!(
        built
            .step("max-size", "measure")
            .log
            .contains("the image has 1")
    );
    project.edit("poetry.build.toml", "max-size = \"1GB\"", "");
    let other = project.build().unattested().image();
    assert_eq!(other.id(), image.id());
}

#[test]
fn target_dev_is_an_image_to_work_in() {
    let (_index, project) = with_dev_group("desk", "");
    project.write("tests/test_it.py", "").build_file(
        r#"
        [runtime]
        user = { name = "dev", uid = 1000 }
        env = { MODE = "web" }
        "#,
    );
    let (image, built) = project.build().with("--target=dev").run().parts();
    built.step("deps", "install checker and words");
    let shell = |script: &str| {
        let options = ["--add-host=index:host-gateway", "--entrypoint=sh"];
        image.answer_with(&options, &["-euc", script])
    };
    assert_eq!(shell(HAS), "words checker");
    assert_eq!(
        shell("id -un; pwd; echo $MODE; echo ~; touch ~/x"),
        "dev\n/app\nweb\n/home/dev"
    );
    // What is edited is what runs.
    let edit = "desk; sed -i s/words.GREETING/\\'edited\\'/ src/desk/__init__.py; poetry run desk";
    assert_eq!(shell(edit), "hello\nedited");
    assert_eq!(
        shell("ls poetry.lock tests/test_it.py"),
        "poetry.lock\ntests/test_it.py"
    );
    assert_eq!(shell("find /app ! -user dev"), "");
    assert_eq!(shell("poetry check --lock"), "All set!");
    assert_eq!(shell("ls -A ~ /tmp"), "/home/dev:\n\n/tmp:");
    assert_eq!(
        shell(
            "poetry add --dry-run --source index checker >/dev/null; poetry install >/dev/null; touch .venv/x; command -v poetry"
        ),
        "/usr/local/bin/poetry"
    );
    let config = &image.inspect()["Config"];
    assert_eq!(config["Cmd"], serde_json::json!(["/bin/bash"]));
    assert_eq!(config["Entrypoint"], serde_json::json!(null));
    // Only this image has Poetry.
    let main = project.build().image();
    assert_eq!(main.shell("command -v poetry || echo none"), "none");
}

#[test]
fn an_image_copies_from_targets_that_inherit_what_they_want() {
    let project = Project::package("manual", &[]);
    project.write("static/style.css", "p {}\n").build_file(
        r#"
        [args]
        DOCS = { default = "docs" }
        [runtime]
        env = { OF_MAIN = "1" }
        [[hook]]
        at = "final"
        run = "echo main >/main"
        [[copy]]
        from = "target:${DOCS}"
        src = "/site"
        dest = "/app/docs"
        [[copy]]
        from = "target:assets"
        src = "/static"
        dest = "/app/static"

        [target.docs]
        without = ["hook"]
        [[target.docs.hook]]
        at = "final"
        run = "mkdir /site; manual >/site/index; echo ${OF_MAIN:-} $(ls -d /main || echo none) >>/site/index"

        [target.plain]
        extends = "none"
        [target.assets]
        extends = "plain"
        [[target.assets.copy]]
        src = "static"
        dest = "/static"
        [[target.assets.hook]]
        at = "final"
        run = "echo ${OF_MAIN:-unset} $(ls -d /main || echo none) >/static/built"
        "#,
    );
    project.edit("poetry.build.toml", "${OF_MAIN", "$${OF_MAIN");
    let image = project.build().image();
    assert_eq!(
        image.shell("cat /main docs/index static/built; ls static"),
        "main\nhello\n1 none\nunset none\nbuilt\nstyle.css"
    );
    let docs = project.build().with("--target=docs").image();
    assert_eq!(docs.shell("ls /site /app"), "/app:\n\n/site:\nindex");
}

#[test]
fn all_commands_of_a_target_must_succeed() {
    let project = Project::package("checked", &[]);
    let nonce = nonce().to_string();
    project.build_file(&format!(
        r#"
        [target.test]
        run = [
            ["python", "-c", "import checked; print('{nonce}')"],
            ["python", "-c", "raise SystemExit('{nonce}: wrong type')"],
        ]
        "#
    ));
    let built = project.build().with("--target=test").run();
    let message = built.error();
    let line = format!(
        "   5 | >>>     [\"python\", \"-c\", \"raise SystemExit('{nonce}: wrong type')\"],"
    );
    assert!(message.contains(&line), "{message}");
    let failed = built.step("run", "python -c raise");
    assert!(failed.log.contains("wrong type"), "{}", built.report());
    assert!(failed.name.starts_with("[run 2/2]"), "{}", failed.name);

    project.edit("poetry.build.toml", "raise SystemExit", "print");
    let (image, built) = project.build().with("--target=test").run().parts();
    let log = &built.step("run", "python -c print").log;
    assert!(log.contains(&nonce), "{log}");
    // A command that has succeeded does not run again.
    assert!(built.step("run", "python -c import").cached);
    assert_eq!(image.answer(&[]), "hello");
}

#[test]
fn the_development_image_is_adjusted_like_any_target() {
    let (_index, project) = with_dev_group("bench", "");
    project.write("tool.sh", "echo tool\n").build_file(
        r#"
        [dependencies]
        without = ["dev"]
        [runtime]
        user = { name = "dev", uid = 1000 }
        entrypoint = ["bench"]
        workdir = "/srv"
        volumes = ["/data"]
        writable = ["/srv/files"]
        env = { MODE = "web" }
        [[copy]]
        src = "tool.sh"
        dest = "/usr/local/bin/tool"
        mode = "0755"
        [[hook]]
        at = "after-source"
        run = "mkdir /app/static; bench >/app/static/collected"
        outputs = ["/app/static"]
        [target.dev]
        runtime.packages = ["file"]
        runtime.env = { MODE = "debug" }
        runtime.volumes = ["/data", "/home/dev/.cache"]
        runtime.cmd = ["python", "-c", "print('ready')"]
        runtime.expose = [5678]
        run = ["sh", "-c", "id -un; pwd; echo $MODE; touch /data/x ~/.cache/x; bench; command -v poetry"]
        [[target.dev.hook]]
        at = "final"
        run = "echo finished >/etc/finished"
        "#,
    );
    let (image, built) = project.build().with("--target=dev").run().parts();
    assert_eq!(image.answer_with(&[], &[]), "ready");
    let log = &built.step("run", "sh -c").log;
    assert!(
        log.contains("dev\n/app\ndebug\nhello\n/usr/local/bin/poetry"),
        "{log}"
    );
    let shell = |script: &str| image.answer_with(&["--entrypoint=sh"], &["-euc", script]);
    assert_eq!(
        shell("touch /data/x /srv/files/x ~/.cache/x; stat -c %U /data /srv/files ~/.cache"),
        "dev\ndev\ndev"
    );
    assert_eq!(
        shell("tool; cat /app/static/collected /etc/finished; command -v file"),
        "tool\nhello\nfinished\n/usr/bin/file"
    );
    assert_eq!(shell("find /app ! -user dev"), "");
    // What the service has, the development image has only by itself.
    assert_eq!(shell(HAS), "words checker");
    let config = &image.inspect()["Config"];
    assert_eq!(
        config["Volumes"],
        serde_json::json!({"/data": {}, "/home/dev/.cache": {}})
    );
    assert_eq!(config["ExposedPorts"], serde_json::json!({"5678/tcp": {}}));
    assert_eq!(config["Entrypoint"], serde_json::json!(null));

    let main = project.build().image();
    assert_eq!(main.answer(&[]), "hello");
    assert_eq!(main.shell(HAS), "words");

    project.edit(
        "poetry.build.toml",
        "[target.dev]\n",
        "[target.dev]\nwithout = [\"copy\", \"hook\"]\ndependencies.without = [\"dev\"]\n",
    );
    let (less, built) = project.build().with("--target=dev").run().parts();
    let shell = |script: &str| less.answer_with(&["--entrypoint=sh"], &["-euc", script]);
    assert_eq!(shell(HAS), "words");
    assert_eq!(
        shell("command -v tool || echo none; test -e /app/static || echo none; cat /etc/finished"),
        "none\nnone\nfinished"
    );
    assert!(built.steps().all(|step| step.stage() != "project"));
}
