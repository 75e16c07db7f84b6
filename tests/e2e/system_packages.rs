//! Debian packages for building and for running.

use poetry_frontend::analysis::{DebianRelease, known_debian_packages};

use crate::support::{AptArchive, Project, docker, nonce, sha256};

#[test]
fn build_packages_and_runtime_packages_are_separate() {
    // The package is built where its build script finds `file`, and runs where `tini` is.
    let files = Project::files("packaged", &[])
        .in_tool_poetry("include = [{ path = \"src/packaged/found.txt\", format = \"wheel\" }]")
        .in_tool_poetry("build = { script = \"build.py\" }")
        .with_file(
            "build.py",
            "import pathlib, shutil\npathlib.Path('src/packaged/found.txt').write_text(shutil.which('file'))\n",
        )
        .with_file(
            "src/packaged/__init__.py",
            "from pathlib import Path\ndef main():\n    print(Path(__file__).with_name('found.txt').read_text(), end='')\n",
        );
    let project = Project::with(&files);
    project.build_file(
        r#"
        [build]
        packages = ["file"]
        [runtime]
        packages = ["tini"]
        entrypoint = ["tini", "--", "packaged"]
        "#,
    );
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "/usr/bin/file");
    assert_eq!(
        image.shell("command -v tini; command -v file || echo no file"),
        "/usr/bin/tini\nno file"
    );
    // No package lists, no archives, no log of the day.
    assert_eq!(
        image.shell("find /var/lib/apt/lists /var/cache/apt/archives /var/log/apt /var/log/dpkg.log -type f ! -name lock 2>/dev/null | sort"),
        ""
    );
}

#[test]
fn an_apt_source_can_have_its_key_in_the_context() {
    let word = nonce().to_string();
    let archive = AptArchive::start("sourced-a", &word);
    let project = Project::package("sourced", &[]);
    project
        .write("keys/archive.asc", &archive.key)
        .build_file(&format!(
            r#"
            [apt-sources.own]
            uri = "{}"
            suites = ["./"]
            key = "keys/archive.asc"
            [runtime]
            packages = ["sourced-a=1.*"]
            "#,
            archive.uri()
        ));
    let image = project.build().image();
    assert_eq!(image.shell("cat /usr/share/sourced-a"), word);
    // Neither the source nor its key is the image's.
    assert_eq!(
        image.shell("ls /etc/apt/sources.list.d; ls /run"),
        "debian.sources\nlock"
    );
}

#[test]
fn an_apt_source_can_have_its_key_at_a_url() {
    let word = nonce().to_string();
    let archive = AptArchive::start("sourced-b", &word);
    let project = Project::package("fetched", &[]);
    let build_file = |checksum: &str| {
        format!(
            r#"
            [apt-sources.own]
            uri = "{}"
            suites = ["./"]
            key = "{}"
            key-checksum = "sha256:{checksum}"
            [runtime]
            packages = ["sourced-b"]
            "#,
            archive.uri(),
            archive.key_address()
        )
    };
    project.build_file(&build_file(&sha256(archive.key.as_bytes())));
    assert_eq!(
        project.build().image().shell("cat /usr/share/sourced-b"),
        word
    );

    project.build_file(&build_file(&"0".repeat(64)));
    let built = project.build().run();
    assert!(built.error().contains("digest"), "{}", built.output);
    assert!(built.output.contains(">>> key = "), "{}", built.output);
}

#[test]
fn wrong_and_missing_keys_of_apt_sources_are_errors() {
    let archive = AptArchive::start("sourced-c", "c");
    let other = AptArchive::start("sourced-d", "d");
    let project = Project::package("mistrusting", &[]);
    project
        .write("keys/archive.asc", &other.key)
        .build_file(&format!(
            r#"
            [apt-sources.own]
            uri = "{}"
            suites = ["./"]
            key = "keys/archive.asc"
            [runtime]
            packages = ["sourced-c"]
            "#,
            archive.uri()
        ));
    let built = project.build().run();
    assert!(
        built.report().contains("is not signed"),
        "{}",
        built.report()
    );
    assert!(
        built.output.contains(">>> packages = [\"sourced-c\"]"),
        "{}",
        built.output
    );

    project.remove("keys/archive.asc");
    let built = project.build().run();
    let message = "`keys/archive.asc` matches no files in the build context";
    assert!(built.error().contains(message), "{}", built.output);
    assert!(
        built
            .ran()
            .iter()
            .all(|step| step.starts_with("[internal]")),
        "{:?}",
        built.ran()
    );
}

#[test]
fn the_known_system_packages_exist_in_both_debian_releases() {
    for (release, image) in [
        (DebianRelease::Trixie, "python:3.13-slim-trixie"),
        (DebianRelease::Bookworm, "python:3.11-slim-bookworm"),
    ] {
        let names: Vec<&str> = known_debian_packages(release).into_iter().collect();
        assert!(names.len() > 40, "{names:?}");
        // Only names that others provide are asked for one by one: that takes a second each.
        let script = r#"
            apt-get update -qq >/dev/null
            apt-cache policy "$@" | awk '/^[^ ]/ { name = $1 } /Candidate: [^(]/ { print name }' >/tmp/known
            for name; do
                grep -qxF "$name:" /tmp/known || apt-get install -s -qq "$name" >/dev/null 2>&1 || echo "$name"
            done
        "#;
        let run = ["run", "--rm", "--user=0", image, "sh", "-c", script, "sh"];
        let output = docker(&[&run[..], &names].concat()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{image}");
    }
}
