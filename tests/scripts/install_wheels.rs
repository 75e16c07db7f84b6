//! Locked wheels are installed below a directory, by a uv that obeys nothing but the script.

use std::fs;

use super::container::{Container, Ran};

/// Stands in for uv. It writes down how it was started, and unpacks one wheel.
const UV: &str = r#"
printf '%s\n' "$@" >>/calls
env | sort | grep -E '^(UV_|INDEX_)' >>/environment
# As the real one logs, with RUST_LOG as the script sets it.
if [ -n "$RUST_LOG" ]; then
    echo 'DEBUG Extracting words' >&2
    if [ -e /skipped ]; then
        while read -r entry; do echo "WARN Skipping unsafe file name: $entry" >&2; done </skipped
        echo 'DEBUG Files ["x"] are listed in `RECORD` but missing from the wheel for `words==1.0`' >&2
    fi
fi
echo 'Installed 1 package in 2ms' >&2
if [ -e /fails ]; then exit 2; fi
while [ $# -gt 0 ]; do
    case $1 in
    --cache-dir) cache=$2 ;;
    --prefix) to=$2/lib/python3.13/site-packages lock=$2/.lock ;;
    --target) to=$2 lock=$2/.lock ;;
    esac
    shift
done
for to in "$cache/archive-v0/x7" "$to"; do
    mkdir -p "$to/words-1.0.dist-info"
    echo 'X = 1' >"$to/words.py"
    printf 'words.py,sha256=x,6\n' >"$to/words-1.0.dist-info/RECORD"
    if [ -e /entry ]; then cat /entry >>"$to/words-1.0.dist-info/RECORD"; fi
done
touch "$lock"
"#;

fn image() -> Container {
    let mut container = Container::new();
    container.python("");
    container.program("/opt/uv/bin/uv", UV);
    container.script("run_uv.py");
    container.script("compile_bytecode.py");
    container.write("/run/requirements.txt", "words==1.0 --hash=sha256:x\n");
    container.directory("/out");
    container
}

fn install(container: &Container, compile: &str, index: &str) -> Ran {
    let args = ["/out", "/app/.venv", compile, index];
    container.sh("install-wheels.sh", &args)
}

const SITE_PACKAGES: &str = "/out/app/.venv/lib/python3.13/site-packages";

#[test]
fn uv_installs_exactly_the_locked_wheels() {
    let container = image();
    install(&container, "", "").succeeded();
    assert_eq!(
        container.read("/calls").lines().collect::<Vec<_>>(),
        [
            "--no-config",
            "--no-progress",
            "--color",
            "never",
            "--cache-dir",
            "/out/.cache",
            "pip",
            "install",
            "--no-deps",
            "--require-hashes",
            "--only-binary",
            ":all:",
            "--requirements",
            "/run/requirements.txt",
            "--python",
            "/app/.venv/bin/python",
            "--prefix",
            "/out/app/.venv",
        ]
    );
}

#[test]
fn tools_are_installed_for_the_python_of_the_image_and_compiled() {
    let container = image();
    container
        .sh("install-wheels.sh", &["/out", "", "1", ""])
        .succeeded();
    assert!(
        container
            .read("/calls")
            .ends_with("\n--python\npython3\n--target\n/out\n")
    );
    assert!(container.exists("/out/words.py"));
    let compiled = fs::read_dir(container.path("/out/__pycache__")).unwrap();
    assert_eq!(compiled.count(), 1);
}

#[test]
fn wheels_of_an_index_come_from_it_alone() {
    let container = image();
    install(&container, "", "https://i.example/simple").succeeded();
    assert!(
        container
            .read("/calls")
            .ends_with("\n--default-index\nlocked=https://i.example/simple\n")
    );
    assert!(!container.read("/calls").contains("--extra-index"));
}

#[test]
fn the_certificates_of_the_image_are_used_if_there_are_any() {
    let container = image();
    container.write("/etc/ssl/certs/ca-certificates.crt", "");
    install(&container, "", "").succeeded();
    assert!(container.read("/calls").contains("never\n--system-certs\n"));
}

#[test]
fn uv_sees_only_the_credentials_of_the_index() {
    let mut container = image();
    // A secret from a file often ends with a line break.
    container.set_env("INDEX_USERNAME", "me");
    container.set_env("INDEX_PASSWORD", "pass word\n");
    // For another uv, in the base image.
    container.set_env("UV_INDEX_URL", "https://other.example");
    container.set_env("UV_NO_BINARY", "1");
    container.set_env("UV_PYTHON", "3.9");
    install(&container, "", "https://i.example/simple").succeeded();
    let seen = container.read("/environment");
    let uv: Vec<&str> = seen
        .lines()
        .filter(|line| line.starts_with("UV_"))
        .collect();
    assert_eq!(
        uv,
        [
            "UV_INDEX_LOCKED_PASSWORD=pass word",
            "UV_INDEX_LOCKED_USERNAME=me"
        ]
    );
}

#[test]
fn an_image_of_uv_must_have_the_expected_release() {
    let mut container = image();
    container.set_env("EXPECTED_UV", "1.2.3");
    let version = |text: &str| format!("if [ \"$1\" = --version ]; then {text}; exit; fi\n{UV}");
    container.program("/opt/uv/bin/uv", &version("echo 'uv 1.2.3 (x86_64)'"));
    install(&container, "", "").succeeded();

    container.program("/opt/uv/bin/uv", &version("echo uv 1.2.4"));
    assert_eq!(
        install(&container, "", "").failed(1),
        "error: the image of `uv-image` has uv 1.2.4, but this build needs 1.2.3\n\
         use an image of uv 1.2.3, or leave out `uv-image`\n"
    );
    container.program("/opt/uv/bin/uv", &version("exit 3"));
    let error = install(&container, "", "").failed(1);
    assert!(
        error.starts_with("error: the uv in the image of `uv-image` does not run: "),
        "{error}"
    );
    fs::remove_file(container.path("/opt/uv/bin/uv")).unwrap();
    assert_eq!(
        install(&container, "", "").failed(1),
        "error: the image of `uv-image` has no `/uv`\n\
         use an image that has uv 1.2.3 there, as the official ones do\n"
    );
}

#[test]
fn without_credentials_uv_gets_none() {
    let container = image();
    install(&container, "", "https://i.example/simple").succeeded();
    assert_eq!(container.read("/environment"), "");
}

#[test]
fn a_token_needs_no_user_name() {
    let mut container = image();
    container.set_env("INDEX_PASSWORD", "token");
    install(&container, "", "https://i.example/simple").succeeded();
    let seen = container.read("/environment");
    assert!(seen.contains("UV_INDEX_LOCKED_PASSWORD=token\n"), "{seen}");
    assert!(seen.contains("UV_INDEX_LOCKED_USERNAME=\n"), "{seen}");
}

#[test]
fn nothing_is_left_but_the_installed_files() {
    let container = image();
    install(&container, "", "").succeeded();
    let ran = container.run(&["find", "/out", "-type", "f"], &[]);
    let mut files: Vec<String> = ran.succeeded().stdout.lines().map(str::to_owned).collect();
    files.sort();
    let installed = ["words-1.0.dist-info/RECORD", "words.py"];
    assert_eq!(
        files,
        installed.map(|file| format!("{SITE_PACKAGES}/{file}"))
    );
    assert!(!container.exists("/out/.cache"));
}

#[test]
fn bytecode_names_the_files_where_the_image_has_them() {
    for compile in ["1", ""] {
        let container = image();
        install(&container, compile, "").succeeded();
        let cache = container.path(&format!("{SITE_PACKAGES}/__pycache__"));
        assert_eq!(cache.exists(), compile == "1");
        if compile == "1" {
            let file = cache.read_dir().unwrap().next().unwrap().unwrap();
            let content = std::fs::read(file.path()).unwrap();
            let text = String::from_utf8_lossy(&content);
            let recorded = "/app/.venv/lib/python3.13/site-packages/words.py";
            assert!(text.contains(recorded), "{text}");
            assert!(!text.contains("/out"), "{text}");
        }
    }
}

#[test]
fn a_wheel_with_an_entry_outside_its_directory_is_refused() {
    // uv leaves out most of them, and says so only in its log.
    for (file, entry) in [
        ("/skipped", "../../../../usr/bin/sh"),
        ("/skipped", "/etc/passwd"),
        ("/skipped", "words/../../x.py"),
        ("/entry", "../../../../usr/bin/sh"),
        ("/entry", "/etc/passwd"),
        ("/entry", "words/../../x.py"),
        ("/entry", "..\\x.py"),
        ("/entry", "C:x.py"),
    ] {
        let container = image();
        let row = if file == "/entry" { ",sha256=x,1" } else { "" };
        container.write(file, &format!("{entry}{row}\n"));
        let message = install(&container, "1", "").failed(1);
        let refused = "error: the wheel of words 1.0 has the entry '";
        assert!(message.contains(refused), "{message}");
        assert!(message.contains("outside its directory"), "{message}");
        let compiled = format!("{SITE_PACKAGES}/__pycache__");
        assert!(!container.exists(&compiled));
    }
    // These only look like one.
    let container = image();
    container.write("/entry", "words/..x.py,,\n\"a, ..b.py\",,\nwords...py,,\n");
    install(&container, "", "").succeeded();
}

#[test]
fn a_failed_installation_is_an_error() {
    let container = image();
    container.write("/fails", "");
    install(&container, "1", "").failed(2);
}

#[test]
fn what_uv_prints_is_shown_without_its_log() {
    let ran = install(&image(), "", "").succeeded();
    assert_eq!(ran.stderr, "Installed 1 package in 2ms\n");
}

/// uv notes the time of a wheel that is a file; then the files of the image would depend on it.
#[test]
fn wheels_that_are_files_are_installed_like_those_of_an_index() {
    let install = |noting: bool, command: &[&str]| {
        let container = image();
        if noting {
            let noting = format!(
                "{UV}\necho '{{}}' >\"$to/words-1.0.dist-info/uv_cache.json\"\n{}\n",
                "printf 'words-1.0.dist-info/uv_cache.json,sha256=y,2\\nmore.py,,\\n' >>\"$to/words-1.0.dist-info/RECORD\""
            );
            container.program("/opt/uv/bin/uv", &noting);
            container.script("install-wheels.sh");
        } else {
            let plain = format!("{UV}\necho more.py,, >>\"$to/words-1.0.dist-info/RECORD\"\n");
            container.program("/opt/uv/bin/uv", &plain);
        }
        let script = container.script(command[1]);
        let command = [command[0], script.as_str()];
        container
            .run(
                &command,
                &["/out", "/app/.venv", "1", ""][..4 - usize::from(noting)],
            )
            .succeeded();
        let metadata = format!("{SITE_PACKAGES}/words-1.0.dist-info");
        let files = fs::read_dir(container.path(&metadata)).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        files.sort();
        (files, container.read(&format!("{metadata}/RECORD")))
    };
    let fetched = install(true, &["python3", "install_fetched.py"]);
    assert_eq!(fetched, install(false, &["sh", "install-wheels.sh"]));
}

#[test]
fn a_failure_of_uv_fails_the_installation_of_files_as_well() {
    let container = image();
    container.script("install-wheels.sh");
    container.write("/fails", "");
    let args = ["/out", "/app/.venv", ""];
    container.py("install_fetched.py", &args).failed(2);
}
