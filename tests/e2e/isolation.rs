//! Attacks of one project on another through what both use on one engine. Whatever an attacker builds, the victim's
//! image is what an empty engine would build.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use base64::Engine;

use crate::support::{AptArchive, Built, Image, Index, Project, Published, backend, docker, nonce};

const BASE: &str = "python:3.13-slim-trixie";
const PACKAGES: &str = "/app/.venv/lib/python3.13/site-packages";
const WORDS: &str = "/app/.venv/lib/python3.13/site-packages/words/__init__.py";
/// Ample time for a small build.
const PATIENCE: Duration = Duration::from_secs(45);
/// Forges entries of the bytecode cache.
const FORGED: &str = include_str!("support/forged.py");

/// A package that prints `words.GREETING`.
fn greeter(name: &str, words: &Published) -> Project {
    let project = Project::package(name, &[words]);
    project.write(
        &format!("src/{name}/__init__.py"),
        "import words\ndef main():\n    print(words.GREETING)\n",
    );
    project
}

/// A package that poetry-core builds from files that no other project has: its version is unique.
fn shop(name: &str) -> testkit::Project {
    Project::files(name, &[])
        .version(&format!("1.{}", nonce()))
        // So that the wheel is built from the whole `pyproject.toml`.
        .in_tool_poetry("include = [{ path = \"*.typed\", format = \"wheel\" }]")
        .with_file(
            &format!("src/{name}/__init__.py"),
            "def main():\n    print('first edition')\n",
        )
}

/// Builds a shop, attacks it, and builds it again after an edit of its source.
#[track_caller]
fn assert_unharmed(name: &str, files: &testkit::Project, attack: impl FnOnce()) {
    let project = Project::with(files);
    let before = project.build().image();
    assert_eq!(before.answer(&[]), "first edition");
    attack();
    project.edit(&format!("src/{name}/__init__.py"), "first", "second");
    let after = project.build().image();
    assert_eq!(after.answer(&[]), "second edition");
    let installed = format!("cd {PACKAGES}; find . ! -name '*.pyc' ! -type d | sort");
    assert_eq!(after.shell(&installed), before.shell(&installed));
}

/// The attack took place: the build succeeded, or was refused because of a path.
#[track_caller]
fn assert_attacked(built: &Built) {
    let shown = built.report();
    assert!(
        built.output.is_empty() || shown.contains("outside"),
        "{shown}"
    );
}

#[test]
fn a_path_in_the_wheel_of_a_project_reaches_no_other_project() {
    let name = "bookshop";
    let files = shop(name);
    assert_unharmed(name, &files, || {
        let key = template_key(&files);
        let to = format!("../../../../../../{key}{PACKAGES}");
        let attacker = Project::files("burglar", &[]).in_tool_poetry(&format!(
            "packages = [{{ include = \"burglar\", from = \"src\" }}, {{ include = \"trap.pth\", to = \"{to}\" }}]"
        ));
        let attacker = Project::with(&attacker);
        attacker.write("trap.pth", "import sys; print('trapped')\n");
        assert_attacked(&attacker.build().run());
    });
}

/// The name of a project's template in the cache of wheels, as any other project can compute it.
fn template_key(files: &testkit::Project) -> String {
    let payload = r#"
import subprocess

KEY = """
import importlib.util
path = "/opt/poetry-frontend/install_project.py"
spec = importlib.util.spec_from_file_location("install_project", path)
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)
print(script.key_of(script.project_files(), "/app/.venv"))
"""

def module():
    command = ["/opt/poetry/bin/python", "-EsB", "-c", KEY]
    found = subprocess.run(command, cwd="victim", capture_output=True, text=True)
    # Without such a cache, there is no key.
    key = found.stdout.strip() or "unknown"
    return f"def main():\n    print({key!r})\n"
"#;
    let mut spy = testkit::Project::new("spy")
        .python(">=3.13,<3.14")
        .script("spy", "spy:main")
        .build_system([], "backend")
        .in_build_system("backend-path = [\".\"]")
        .with_file("backend.py", &backend("spy", "0.1.0"))
        .with_file("payload.py", payload);
    for (path, text) in files.files() {
        if path == "pyproject.toml" || path.starts_with("src/") {
            spy = spy.with_file(&format!("victim/{path}"), &text);
        }
    }
    Project::with(&spy).build().image().answer(&[])
}

#[test]
fn code_that_runs_while_a_wheel_is_built_reaches_no_other_project() {
    let name = "teashop";
    let attack = format!(
        "
        import os
        from poetry.plugins.application_plugin import ApplicationPlugin

        class Plugin(ApplicationPlugin):
            def activate(self, application):
                pass

        # {}: no earlier run has built the same.
        for top, directories, _ in os.walk('/'):
            if top in ['/proc', '/sys', '/dev']:
                directories.clear()
            if os.path.basename(top) == 'site-packages' and '{name}' in directories:
                with open(os.path.join(top, 'trap.pth'), 'w') as trap:
                    trap.write('import sys; print(\"trapped\")\\n')
        ",
        nonce()
    );
    assert_unharmed(name, &shop(name), || {
        // Poetry loads the plugins in the directory of the project that it builds.
        let plugins = ".poetry/plugins";
        let attacker = Project::files("smuggler", &[])
            .build_system(["poetry-core>=2.0.0,<3.0.0"], "poetry.masonry.api")
            .in_tool_poetry(&format!(
                "include = [{{ path = \"{plugins}/**/*\", format = \"wheel\" }}]"
            ))
            .with_file(&format!("{plugins}/intruder.py"), &attack)
            .with_file(
                &format!("{plugins}/intruder-1.0.dist-info/METADATA"),
                "Metadata-Version: 2.1\nName: intruder\nVersion: 1.0\n",
            )
            .with_file(
                &format!("{plugins}/intruder-1.0.dist-info/entry_points.txt"),
                "[poetry.application.plugin]\nintruder = intruder:Plugin\n",
            );
        Project::with(&attacker).build().image();
    });
}

/// The text of a module of the victim's index, and of the code that is to run instead.
fn sources() -> (String, &'static str) {
    let source = format!("GREETING = 'hello'\nNONCE = {}\n", nonce());
    (source, "GREETING = 'taken over'\n")
}

/// Builds a project whose dependency is built from source by code that plants bytecode for `words`, and then one with
/// `words`.
#[track_caller]
fn assert_not_planted(attacker: &str, victim: &str) {
    let (source, other) = sources();
    let payload = format!(
        "
        import glob
        import os
        from forged import forged

        def module():
            name, entry = forged({WORDS:?}, {source:?}.encode(), {other:?})
            for cache in glob.glob('/var/cache/*/'):
                path = os.path.join(cache, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, 'wb') as file:
                    file.write(entry)
            return 'GREETING = \"planted\"\\n'
        "
    );
    let index = Index::start();
    let files = [("payload.py", payload.as_str()), ("forged.py", FORGED)];
    let attacker = greeter(attacker, &index.publish_sdist("words", "1.0", &files));
    assert_eq!(attacker.build().image().answer(&[]), "planted");
    assert_greets(victim, &source);
}

/// Builds a project with the module `words`, and runs it.
#[track_caller]
fn assert_greets(name: &str, words: &str) {
    let words = Index::start().publish("words", "1.0", words);
    let image = greeter(name, &words).build().image();
    assert_eq!(image.answer(&[]), "hello");
}

#[test]
fn a_dependency_built_from_source_plants_no_bytecode_in_another_project() {
    assert_not_planted("gardener", "florist");
}

#[test]
fn a_project_with_the_same_name_plants_no_bytecode() {
    // Anyone can call a project so.
    assert_not_planted("botanist", "botanist");
}

#[test]
fn a_path_in_the_wheel_of_a_dependency_plants_no_bytecode_in_another_project() {
    let (source, other) = sources();
    let index = Index::start();
    let version = index.version("1.0");
    let script = format!(
        r#"{FORGED}
import base64, io, zipfile
name, entry = forged({WORDS:?}, {source:?}.encode(), {other:?})
info = "seeds-{version}.dist-info"
files = {{
    "seeds/__init__.py": b"",
    "../../../../../var/cache/poetry-frontend/" + name: entry,
    info + "/METADATA": b"Metadata-Version: 2.1\nName: seeds\nVersion: {version}\n",
    info + "/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}}
record = ""
for path, content in files.items():
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    record += f"{{path}},sha256={{digest}},{{len(content)}}\n"
files[info + "/RECORD"] = (record + info + "/RECORD,,\n").encode()
output = io.BytesIO()
with zipfile.ZipFile(output, "w") as wheel:
    for path, content in files.items():
        wheel.writestr(path, content)
print(base64.b64encode(output.getvalue()).decode())
"#
    );
    // Bytecode is that of the Python in the image.
    let wheel = python(&script);
    let wheel = base64::engine::general_purpose::STANDARD.decode(wheel.trim());
    let file = format!("seeds-{version}-py3-none-any.whl");
    let seeds = index.publish_file("seeds", &version, &file, wheel.unwrap());
    let attacker = Project::package("sower", &[&seeds]);
    assert_attacked(&attacker.build().run());
    assert_greets("orchard", &source);
}

/// The output of a script that the Python of the base image runs.
fn python(script: &str) -> String {
    let mut python = docker(&[
        "run",
        "--rm",
        "--quiet",
        "--interactive",
        BASE,
        "python3",
        "-",
    ])
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    stdin.write_all(script.as_bytes()).unwrap();
    drop(stdin);
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// An index that needs a password, with a package that a project has installed from it.
fn installed_with_a_password(name: &str, secret: &str) -> (Index, Published) {
    let index = Index::private("member:sesame");
    let words = index.publish("words", "1.0", &format!("GREETING = 'secret {secret}'\n"));
    let owner = greeter(name, &words);
    let image = owner
        .build()
        .with_secret("index-username", "member")
        .with_secret("index-password", "sesame")
        .image();
    assert_eq!(image.answer(&[]), format!("secret {secret}"));
    (index, words)
}

#[test]
fn a_package_that_needs_a_password_is_not_installed_without_it() {
    let (_index, words) = installed_with_a_password("member", "of the club");
    let other = Index::start();
    for words in [&words, &other.link(&words)] {
        let built = greeter("stranger", words).build().run();
        built.error();
        let shown = built.report();
        assert!(
            shown.contains("401") || shown.contains("credentials"),
            "{shown}"
        );
    }
}

#[test]
fn a_dependency_built_from_source_sees_no_files_of_other_projects() {
    let secret = nonce().to_string();
    let (_index, words) = installed_with_a_password("keeper", &secret);
    let reversed = |text: &str| text.chars().rev().collect::<String>();
    // Reversed, so that the search does not find itself.
    let (secret, version) = (reversed(&secret), reversed(&words.version));
    let payload = format!(
        "
        import os

        WORDS = ['{secret}'[::-1], '{version}'[::-1]]

        def found_in(path):
            with open(path, 'rb') as file:
                content = file.read() + os.fsencode(path)
            return any(word.encode() in content for word in WORDS)

        def module():
            found = []
            for top, directories, names in os.walk('/'):
                if top in ['/proc', '/sys', '/dev']:
                    directories.clear()
                    continue
                paths = [os.path.join(top, name) for name in names]
                found += filter(found_in, filter(os.path.isfile, paths))
            return f'GREETING = \"found {{sorted(found)}}\"\\n'
        "
    );
    let index = Index::start();
    let words = index.publish_sdist("words", "1.0", &[("payload.py", &payload)]);
    let image = greeter("searcher", &words).build().image();
    assert_eq!(image.answer(&[]), "found []");
}

/// A project that installs the only package of an archive.
fn with_package(name: &str, package: &str, archive: &AptArchive) -> Project {
    let project = Project::package(name, &[]);
    project
        .write("keys/archive.asc", &archive.key)
        .build_file(&format!(
            r#"
            [apt-sources.own]
            uri = "{}"
            suites = ["./"]
            key = "keys/archive.asc"
            [runtime]
            packages = ["{package}"]
            "#,
            archive.uri()
        ));
    project
}

#[test]
fn a_system_package_replaces_none_of_another_project() {
    let honest = AptArchive::start("honest-tool", "honest\n");
    // apt checks the hash of a download, but only the size of a cached archive.
    let forged = base64::engine::general_purpose::STANDARD.encode(honest.forged("forged\n"));
    let script = format!(
        "base64 -d >/var/cache/apt/archives/{} <<'END'\n{forged}\nEND\n",
        honest.cached
    );
    let greedy = AptArchive::start_with_script("greedy-tool", "greedy\n", &script);
    let attacker = with_package("forger", "greedy-tool", &greedy);
    attacker.build().image();
    let victim = with_package("trader", "honest-tool", &honest);
    let image = victim.build().image();
    assert_eq!(image.shell("cat /usr/share/honest-tool"), "honest");
}

#[test]
fn a_hook_sees_no_files_that_a_hook_of_another_project_has_cached() {
    let directory = format!("/kept/{}", nonce());
    let project = |name: &str, script: &str| {
        let project = Project::package(name, &[]);
        project.build_file(&format!(
            r#"
            [[hook]]
            at = "after-install"
            run = "{script}"
            cache = ["{directory}"]
            outputs = ["/found"]
            "#
        ));
        project
    };
    let keep = format!("echo secret >{directory}/file; ls {directory} >/found");
    let owner = project("hoarder", &keep).build().image();
    assert_eq!(owner.shell("cat /found"), "file");
    let search = format!("ls {directory} >/found");
    let other = project("visitor", &search).build().image();
    assert_eq!(other.shell("cat /found"), "");
}

#[test]
fn a_slow_index_delays_no_other_project() {
    let (slow, fast) = (Index::start(), Index::start());
    let first = greeter(
        "snail",
        &slow.publish("words", "1.0", "GREETING = 'late'\n"),
    );
    let second = greeter(
        "hare",
        &fast.publish("words", "1.0", "GREETING = 'early'\n"),
    );
    thread::scope(|scope| {
        let stalled = slow.stall();
        let first = scope.spawn(|| first.build().run());
        stalled.wait_for_a_client();
        let (send, receive) = mpsc::channel();
        let second = &second;
        scope.spawn(move || send.send(second.build().run()));
        let built = receive.recv_timeout(PATIENCE);
        assert!(!first.is_finished(), "the first build did not wait");
        drop(stalled);
        let built = built.expect("the second build waits for the index of the first");
        assert_eq!(built.image().answer(&[]), "early");
    });
}

#[test]
fn a_build_that_waits_for_another_of_its_project_says_so() {
    let (index, bell) = (Index::start(), Index::start());
    let payload = |greeting: &str, wait: &str| {
        format!(
            "import urllib.request\ndef module():\n    {wait}\n    return \"GREETING = '{greeting}'\\n\"\n"
        )
    };
    let wait = format!("urllib.request.urlopen('{}/').read()", bell.address());
    let publish = |version: &str, wait: &str| {
        let payload = payload(version, wait);
        index.publish_sdist("words", version, &[("payload.py", &payload)])
    };
    let (old, new) = (publish("1.0", &wait), publish("2.0", "pass"));
    let first = greeter("waiting_room", &old);
    let second = greeter("waiting_room", &new);
    thread::scope(|scope| {
        let stalled = bell.stall();
        scope.spawn(|| first.build().run());
        stalled.wait_for_a_client();
        let (send, receive) = mpsc::channel();
        let mut log = String::new();
        let watch = move |text: &str| {
            log.push_str(text);
            if log.contains("waiting for another build") {
                // Once is enough.
                let _ = send.send(());
            }
        };
        let second = scope.spawn(|| second.build().watch(watch).run());
        let said = receive.recv_timeout(PATIENCE);
        drop(stalled);
        let built = second.join().unwrap();
        assert!(said.is_ok(), "{}", built.report());
        assert_eq!(built.image().answer(&[]), "2.0");
    });
}

#[test]
fn a_wheel_built_from_source_is_not_reused_in_another_environment() {
    let payload = "
        import os
        import shutil

        def module():
            flavour = os.environ.get('FLAVOUR', 'plain')
            tool = 'with' if shutil.which('file') else 'without'
            base = 'derived' if os.path.exists('/etc/derived') else 'official'
            return f'GREETING = \"{flavour} {tool} {base}\"\\n'
        ";
    let index = Index::start();
    let words = index.publish_sdist("words", "1.0", &[("payload.py", payload)]);
    let project = greeter("chameleon", &words);
    let base = Image::from_dockerfile(&format!("FROM {BASE}\nRUN touch /etc/derived\n"));
    let base = format!(
        "[python]\nversion = \"3.13\"\n[runtime]\nbase = \"{}\"\n",
        base.tag()
    );
    let mut seen = String::new();
    for text in [
        "",
        "[build]\nenv = { FLAVOUR = \"sweet\" }\n",
        "[build]\npackages = [\"file\"]\n",
        &base,
    ] {
        project.build_file(text);
        writeln!(seen, "{}", project.build().image().answer(&[])).unwrap();
    }
    assert_eq!(
        seen,
        "plain without official\nsweet without official\nplain with official\nplain without derived\n"
    );
}

/// Paths of a wheel with `VERSION` in place of its version.
const STRAY: [&str; 3] = [
    "../../../../../etc/evil",
    "/etc/evil",
    "stray-VERSION.data/purelib/../../../../../etc/evil",
];

/// Builds a project with a wheel that has a file at `path`, and expects an error that names the package.
#[track_caller]
fn assert_refused(path: &str, build_file: &str) {
    let index = Index::start();
    let path = path.replace("VERSION", &index.version("1.0"));
    let files = [("stray/__init__.py", ""), (&path, "evil\n")];
    let stray = index.publish_with("stray", "1.0", &files);
    let project = Project::package("shepherd", &[&stray]);
    project.build_file(build_file);
    let built = project.build().run();
    built.error();
    let shown = built.report();
    let is_reason = |line: &str| line.contains("stray") && line.contains("outside");
    assert!(shown.lines().any(is_reason), "{path}: {shown}");
}

#[test]
fn a_wheel_with_a_file_outside_its_directory_is_refused() {
    for path in STRAY {
        assert_refused(path, "");
    }
}

#[test]
fn poetry_refuses_a_wheel_with_a_file_outside_its_directory() {
    for path in STRAY {
        assert_refused(path, "[dependencies]\ninstaller = \"poetry\"\n");
    }
}
