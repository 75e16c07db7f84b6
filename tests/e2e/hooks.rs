//! `[[hook]]`: custom commands at points of the build.

use crate::support::{Built, GitServer, Index, Project, nonce};

/// A hook at a point that runs a script.
pub(crate) fn hook(point: &str, script: &str, more: &str) -> String {
    format!("[[hook]]\nat = \"{point}\"\nrun = '''\n{script}\n'''\n{more}\n")
}

#[track_caller]
fn log_of<'a>(built: &'a Built, stage: &str) -> &'a str {
    &built.step(stage, "hook: ").log
}

#[test]
fn each_hook_point_sees_the_results_of_earlier_steps() {
    assert_each_point_sees("auto", "");
}

#[test]
fn hooks_see_the_files_that_poetry_installs_from() {
    assert_each_point_sees("poetry", "poetry.lock pyproject.toml");
}

/// `files` are the project's in `/app`.
#[track_caller]
fn assert_each_point_sees(installer: &str, files: &str) {
    let index = Index::start();
    let words = index.publish("words", "1.0", "GREETING = 'hello'\n");
    let project = Project::package("pointed", &[&words]);
    let nonce = nonce();
    let see = format!(
        "mkdir -p /seen\necho {nonce} >/dev/null\n\
         see() {{ echo \"$(pwd) $(id -u) $(command -v python3) $(printenv VIRTUAL_ENV || echo none)\"; ls -A /app 2>/dev/null | xargs; }}\n\
         can() {{ python3 -c \"import $1\" 2>/dev/null && echo \"$1\" || echo \"no $1\"; }}\n"
    );
    let see = |point: &str, more: &str, keys: &str| {
        let script = format!("{see}{{ see; {more}; }} >/seen/{point}");
        hook(point, &script, keys)
    };
    let output = |point: &str| format!("outputs = [\"/seen/{point}\"]");
    project.build_file(&format!(
        "[dependencies]\ninstaller = \"{installer}\"\n[runtime]\nworkdir = \"/srv\"\nenv = {{ GREETING = \"good day\" }}\n[build]\nenv = {{ FLAGS = \"-O2\" }}\n{}{}{}{}{}{}",
        see("after-packages", "echo $FLAGS", &output("after-packages")),
        see("before-install", "echo $FLAGS", &output("before-install")),
        see(
            "after-install",
            "can words; can pointed; echo own >.venv/own",
            &output("after-install")
        ),
        see("before-source", "can words; can pointed; ls src/pointed", &output("before-source")),
        see("after-source", "can words; can pointed", &output("after-source")),
        see("final", "can pointed; echo $GREETING $(printenv FLAGS || echo unset); ls /seen | xargs", ""),
    ));
    let image = project.build().image();
    let seen = |point: &str| image.shell(&format!("cat /seen/{point}"));
    let python = "/usr/local/bin/python3";
    let own = "/app/.venv/bin/python3 /app/.venv";
    assert_eq!(
        seen("after-packages"),
        format!("/app 0 {python} none\n\n-O2")
    );
    assert_eq!(
        seen("before-install"),
        format!("/app 0 {python} none\n{files}\n-O2")
    );
    let files = format!(".venv {files}");
    let files = files.trim_end();
    assert_eq!(
        seen("after-install"),
        format!("/app 0 {own}\n{files}\nwords\nno pointed")
    );
    // Nothing but the environment and the project's own files.
    assert_eq!(
        seen("before-source"),
        format!("/app 0 {own}\n.venv pyproject.toml src\nwords\nno pointed\n__init__.py")
    );
    assert_eq!(
        seen("after-source"),
        format!("/app 0 {own}\n{files}\nwords\npointed")
    );
    assert_eq!(
        seen("final"),
        format!(
            "/srv 0 {own}\n.venv\npointed\ngood day unset\nafter-install after-packages after-source before-install before-source final"
        )
    );
    // Changes of a hook to the environment are in the image.
    assert_eq!(image.shell("cat /app/.venv/own"), "own");
}

#[test]
fn a_hook_finds_a_copied_source_in_the_working_directory() {
    let files = Project::files("unpackaged", &[]).in_tool_poetry("package-mode = false");
    let project = Project::with(&files);
    let nonce = nonce();
    project
        .write("manage.py", &format!("print('managed {nonce}')\n"))
        .write("asset.txt", "asset\n")
        .write("web/page.txt", "page\n")
        .build_file(
            r#"
            [runtime]
            workdir = "/srv"
            entrypoint = ["cat", "/static/said", "made", "web.txt"]
            [[hook]]
            at = "before-source"
            run = "cp asset.txt made; mv web/page.txt web.txt"
            inputs = ["asset.txt", "web"]
            [source]
            include = ["manage.py"]
            [[hook]]
            at = "after-source"
            run = "mkdir /static; python manage.py >/static/said"
            outputs = ["/static"]
            "#,
        );
    let image = project.build().image();
    assert_eq!(image.answer(&[]), format!("managed {nonce}\nasset\npage"));
    // What the first hook read is not in the image, but what it made is.
    assert_eq!(image.shell("ls -I __pycache__"), "made\nmanage.py\nweb.txt");
}

#[test]
fn variables_secrets_and_caches_of_a_hook_reach_no_other_step() {
    let project = Project::package("keeper", &[]);
    let secret = format!("secret-{}", nonce());
    let word = format!("word-{}", nonce());
    let build_file = |round: u32| {
        let script = format!(
            "echo {word} {round} >/dev/null\n\
             cat /run/secrets/token | sha256sum >/sum\n\
             echo $WORD >>/kept/{word}/words\nwc -l </kept/{word}/words >/count"
        );
        let keys = format!(
            "env = {{ WORD = \"{word}-env\" }}\nsecrets = [\"token\"]\ncache = [\"/kept/{word}\"]\n"
        );
        let first = hook(
            "after-install",
            &script,
            &format!("{keys}outputs = [\"/sum\", \"/count\"]"),
        );
        let script =
            format!("echo {word}; ls /kept /run/secrets 2>&1; printenv WORD || echo unset");
        format!(
            "{first}{}",
            hook("final", &format!("{{ {script}; }} >/left || :"), "")
        )
    };
    project.build_file(&build_file(1));
    let with_secret = || project.build().with_secret("token", &secret);
    let (image, built) = with_secret().run().parts();
    let sum = image.shell(&format!("printf %s {secret} | sha256sum"));
    assert_eq!(
        image.shell("cat /sum /left"),
        format!(
            "{sum}\n{word}\nls: cannot access '/kept': No such file or directory\nls: cannot access '/run/secrets': No such file or directory\nunset"
        )
    );
    assert_eq!(
        image.shell("cat /count; ls -A /run; ls -d /kept 2>&1 || :"),
        "1\nlock\nls: cannot access '/kept': No such file or directory"
    );
    assert!(image.holds("keeper"), "the layers can be searched");
    assert!(!image.holds(&secret) && !built.report().contains(&secret));
    assert!(!image.inspect()["Config"].to_string().contains(&word));

    project.build_file(&build_file(2));
    assert_eq!(with_secret().image().shell("cat /count"), "2");
}

#[test]
fn a_hook_has_the_network_that_it_names() {
    let project = Project::package("networked", &[]);
    let nonce = nonce();
    let see = |name: &str, network: &str| {
        let script = format!(
            "echo {nonce} >/dev/null\ntail -n +3 /proc/net/dev | cut -d: -f1 | xargs >/{name}"
        );
        hook(
            "after-packages",
            &script,
            &format!("network = \"{network}\"\noutputs = [\"/{name}\"]"),
        )
    };
    project.build_file(&format!(
        "{}{}{}",
        see("none", "none"),
        see("default", "default"),
        see("host", "host")
    ));
    let built = project.build().run();
    let message = "the build is not allowed to use the host network
  hint: add `--allow network.host` to the command, or remove `network`";
    assert!(built.error().ends_with(message), "{}", built.error());
    assert!(built.output.contains(">>> tail"), "{}", built.output);
    assert_eq!(built.ran(), [""; 0]);

    let image = project.build().with("--allow=network.host").image();
    assert_eq!(image.shell("cat /none"), "lo");
    let default = image.shell("cat /default");
    assert!(default.contains("eth0"), "{default}");
    // The engine's bridge is on the host, whatever its name is.
    let host = image.shell("cat /host");
    let number = |names: &str| names.split_whitespace().count();
    assert!(number(&host) > number(&default), "{host}, {default}");
}

#[test]
fn a_hook_can_use_the_clients_agent_and_known_hosts() {
    let says = format!("SAYS = 'cloned {}'", nonce());
    let server = GitServer::start(&says, "unused");
    let project = Project::package("fetcher", &[]);
    // The server may reuse the port of an earlier run, so the command has a unique comment.
    let clone = format!("git clone {} /library # {}", server.ssh(), nonce());
    project.build_file(&format!(
        "[build]\npackages = [\"git\", \"openssh-client\"]\n[git.\"{}\"]\nhost-keys = [\"{}\"]\n{}",
        server.ssh_host(),
        server.host_key(),
        hook(
            "after-packages",
            &clone,
            "ssh = true\noutputs = [\"/library/library\"]"
        )
    ));
    let built = project.build().run();
    let message = "the SSH agent `default` was not provided
  hint: add `--ssh default` to the command, and add the key to your agent with `ssh-add`";
    assert!(built.error().ends_with(message), "{}", built.error());
    assert_eq!(built.ran(), [""; 0]);

    let key = format!("--ssh=default={}", server.key().display());
    let image = project.build().with(&key).image();
    assert_eq!(image.shell("cat /library/library/__init__.py"), says);
    assert_eq!(
        image.shell("ls -A /library /etc/ssh 2>/dev/null || :"),
        "/library:\nlibrary"
    );
}

#[test]
fn a_missing_secret_of_a_hook_is_an_error_before_anything_runs() {
    let project = Project::package("secretive", &[]);
    for (point, target) in [("final", "runtime"), ("after-packages", "builder")] {
        project.bare_build_file(&hook(
            point,
            &format!("echo {}", nonce()),
            "secrets = [\n  \"one-token\",\n  \"other-token\",\n]",
        ));
        let part = project.build().with(&format!("--target={target}"));
        let built = part.with_secret("one-token", "x").run();
        let message = "poetry.build.toml:9: the secret `other-token` was not provided
  hint: add `--secret id=other-token,env=VARIABLE` or `--secret id=other-token,src=FILE` to the command";
        assert!(built.error().ends_with(message), "{}", built.error());
        assert_eq!(built.ran(), [""; 0]);
    }
}

#[test]
fn a_script_stops_at_the_first_failing_command_and_names_its_line() {
    let project = Project::package("strict", &[]);
    for (script, message) in [
        ("NONCE\nfalse\necho reached", "hook: line 2 failed"),
        ("NONCE\n\nfalse | cat\necho reached", "hook: line 3 failed"),
        (
            "NONCE\nnosuchcommand\necho reached",
            "hook: line 2: nosuchcommand: command not found",
        ),
        (
            "NONCE\necho $UNSET\necho reached",
            "hook: line 2: UNSET: unbound variable",
        ),
    ] {
        let nonce = format!(": {}", nonce());
        project.build_file(&hook(
            "after-packages",
            &script.replace("NONCE", &nonce),
            "",
        ));
        let built = project.build().run();
        built.error();
        let log = log_of(&built, "builder");
        assert!(log.contains(message) && !log.contains("reached"), "{log}");
        // The engine marks the lines of the hook's command.
        assert!(
            built.output.contains(&format!(">>> {nonce}")),
            "{}",
            built.output
        );
    }
    // A shell without strict options.
    let nonce = nonce();
    project.build_file(
        &hook(
            "after-install",
            &format!("mv /bin/bash /bin/bash.{nonce}"),
            "",
        )
        .replace("after-install", "after-packages"),
    );
    project.edit(
        "poetry.build.toml",
        "[[hook]]",
        "[[hook]]\nat = \"after-packages\"\nrun = [\"true\"]\n[[hook]]",
    );
    let text = project.read("poetry.build.toml");
    project.write(
        "poetry.build.toml",
        &format!(
            "{text}{}",
            hook("before-install", "true | :\n\nnosuchcommand", "")
        ),
    );
    let built = project.build().run();
    built.error();
    let log = log_of(&built, "deps");
    assert!(log.contains("hook: 3: nosuchcommand: not found"), "{log}");
}

#[test]
fn a_hook_without_outputs_can_fail_the_build() {
    let project = Project::package("checker", &[]);
    let script = format!(
        "echo {}\npython -c \"import checker; checker.main()\"",
        nonce()
    );
    project.build_file(&hook("after-source", &script, ""));
    let (image, built) = project.build().run().parts();
    assert_eq!(image.answer(&[]), "hello");
    assert!(log_of(&built, "project").contains("hello"));
    project.edit("src/checker/__init__.py", "print", "raise SystemExit");
    let built = project.build().run();
    built.error();
    assert!(built.output.contains(">>> python -c"), "{}", built.output);
}

#[test]
fn a_script_can_name_its_interpreter() {
    let project = Project::package("interpreted", &[]);
    let nonce = nonce();
    project.build_file(&hook(
        "final",
        &format!("#!/usr/bin/env python3\nimport os, sys\nopen('/made', 'w').write(f'{{os.getcwd()}} {{sys.prefix}} {nonce}')"),
        "",
    ).replace("'''\n#!", "'''#!").replace("'''", "\"\"\""));
    let image = project.build().image();
    assert_eq!(image.shell("cat /made"), format!("/app /app/.venv {nonce}"));
    assert_eq!(image.shell("ls -A /run"), "lock");
}

#[test]
fn an_edit_of_a_hook_re_runs_only_later_steps() {
    let project = Project::package("hooked", &[]);
    let nonce = nonce();
    let build_file = |before: u32, after: u32| {
        format!(
            r#"
            [[hook]]
            at = "after-install"
            run = "echo {before} {nonce} >/one"
            outputs = ["/one"]
            [[hook]]
            at = "after-source"
            run = "echo {after} {nonce} >/two"
            outputs = ["/two"]
            "#
        )
    };
    project.build_file(&build_file(1, 1));
    project.build().image();
    project.build_file(&build_file(1, 2));
    let (image, built) = project.build().run().parts();
    assert_eq!(
        image.shell("cat /one /two"),
        format!("1 {nonce}\n2 {nonce}")
    );
    built.assert_ran(
        &[
            &format!("project: hook: echo 2 {nonce} >/two"),
            "runtime: copy /two",
        ],
        &["runtime: copy the installed project"],
    );
    // An edit of the source re-runs no earlier hook.
    project.edit("src/hooked/__init__.py", "hello", "hello again");
    let (image, built) = project.build().run().parts();
    assert_eq!(image.answer(&[]), "hello again");
    let ran = built.ran();
    assert!(!ran.iter().any(|step| step.contains("/one")), "{ran:?}");
    assert!(built.step("deps", "hook: ").cached);
}

#[test]
fn a_hook_for_another_platform_is_skipped() {
    let project = Project::package("elsewhere", &[]);
    let nonce = nonce();
    let hook = |name: &str, platforms: &str| {
        format!(
            "[[hook]]\nat = \"after-packages\"\nrun = \"echo {nonce} >/{name}\"\noutputs = [\"/{name}\"]\nplatforms = [{platforms}]\n"
        )
    };
    project.build_file(&format!(
        "{}{}",
        hook("here", "\"linux/amd64\", \"linux/arm64\""),
        hook("there", "\"linux/s390x\"")
    ));
    let (image, built) = project.build().run().parts();
    assert_eq!(
        image.shell("cat /here; ls / | grep there || :"),
        nonce.to_string()
    );
    assert!(!built.report().contains("/there"));
}

#[test]
fn outputs_can_be_files_and_directories() {
    let project = Project::package("maker", &[]);
    let script = format!(
        "mkdir -p /opt/made/deep /srv/other\necho {} >/opt/made/deep/file\necho tool >/bin/tool\nchmod 0750 /bin/tool\n\
         ln -s deep/file /opt/made/link\necho left >/srv/other/left\necho kept >/srv/kept",
        nonce()
    );
    project.build_file(&hook(
        "after-packages",
        &script,
        "outputs = [\"/opt/made\", \"/bin/tool\", \"/srv/kept\"]",
    ));
    let image = project.build().image();
    let files = image.files();
    let mode = |path: &str| format!("{:o} {:?}", files[path].mode, files[path].owner);
    assert_eq!(mode("usr/bin/tool"), "750 (0, 0)");
    assert_eq!(mode("opt/made"), "755 (0, 0)");
    assert_eq!(files["opt/made/link"].content, "-> deep/file");
    assert_eq!(
        image.shell("cat /srv/kept; ls /opt/made/deep /srv"),
        "kept\n/opt/made/deep:\nfile\n\n/srv:\nkept"
    );
    // A path through a symlink of the base keeps the symlink.
    assert_eq!(files["bin"].content, "-> usr/bin");
    project.edit("poetry.build.toml", "\"/srv/kept\"", "\"/srv/lost\"");
    let built = project.build().run();
    assert!(
        built.error().contains("\"/srv/lost\": not found"),
        "{}",
        built.error()
    );
    assert!(built.output.contains(">>> outputs = "), "{}", built.output);
    // All outputs of a hook are one layer.
    let history = image.inspect()["RootFS"]["Layers"]
        .as_array()
        .unwrap()
        .len();
    project.build_file("");
    let without = project.build().image();
    assert_eq!(history, without.layers().len() + 1);
}

#[test]
fn a_build_file_with_windows_line_endings_works() {
    let project = Project::package("windows", &[]);
    project.write(
        "src/windows/__init__.py",
        "import os\ndef main():\n    print(repr(os.environ['LINES']), open('/opt/a.txt').read(), end='')\n",
    );
    let script = "set -x\nif true; then\n  echo hi >/opt/a.txt\nfi";
    let text = format!(
        "{}[runtime]\nenv = {{ LINES = '''a\nb''' }}\n",
        hook("after-packages", script, "outputs = [\"/opt/a.txt\"]")
    );
    project.build_file(&text.replace('\n', "\r\n"));
    assert_eq!(project.build().image().answer(&[]), "'a\\nb' hi");
}
