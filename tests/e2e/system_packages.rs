//! Debian packages for building and for running.

use crate::support::{AptArchive, Project, nonce, sha256};

#[test]
fn packages_are_where_they_are_asked_for() {
    let project = Project::package("packaged", &[]);
    // The package is built where its build script finds `file`, and runs where `tini` is.
    project
        .edit(
            "pyproject.toml",
            "[build-system]",
            "[tool.poetry]\ninclude = [{ path = \"src/packaged/found.txt\", format = \"wheel\" }]\n[tool.poetry.build]\nscript = \"build.py\"\n\n[build-system]",
        )
        .lock(&[])
        .write(
            "build.py",
            "import pathlib, shutil\npathlib.Path('src/packaged/found.txt').write_text(shutil.which('file'))\n",
        )
        .write(
            "src/packaged/__init__.py",
            "from pathlib import Path\ndef main():\n    print(Path(__file__).with_name('found.txt').read_text(), end='')\n",
        )
        .build_file(
            "[build]\npackages = [\"file\"]\n[runtime]\npackages = [\"tini\"]\nentrypoint = [\"tini\", \"--\", \"packaged\"]\n",
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
fn a_source_of_ones_own_with_its_key_in_the_context() {
    let word = nonce().to_string();
    let archive = AptArchive::start("sourced-a", &word);
    let project = Project::package("sourced", &[]);
    project
        .write("keys/archive.asc", &archive.key)
        .build_file(&format!(
            "[apt-sources.own]\nuri = \"{}\"\nsuites = [\"./\"]\nkey = \"keys/archive.asc\"\n\
         [runtime]\npackages = [\"sourced-a=1.*\"]\n",
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
fn a_key_at_an_address() {
    let word = nonce().to_string();
    let archive = AptArchive::start("sourced-b", &word);
    let project = Project::package("fetched", &[]);
    let build_file = |checksum: &str| {
        format!(
            "[apt-sources.own]\nuri = \"{}\"\nsuites = [\"./\"]\nkey = \"{}\"\nkey-checksum = \"sha256:{checksum}\"\n\
             [runtime]\npackages = [\"sourced-b\"]\n",
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
    assert!(built.error().contains("digest"), "{}", built.told);
    assert!(built.told.contains(">>> key = "), "{}", built.told);
}

#[test]
fn keys_that_are_wrong_or_missing() {
    let archive = AptArchive::start("sourced-c", "c");
    let other = AptArchive::start("sourced-d", "d");
    let project = Project::package("mistrusting", &[]);
    project
        .write("keys/archive.asc", &other.key)
        .build_file(&format!(
            "[apt-sources.own]\nuri = \"{}\"\nsuites = [\"./\"]\nkey = \"keys/archive.asc\"\n\
         [runtime]\npackages = [\"sourced-c\"]\n",
            archive.uri()
        ));
    let built = project.build().run();
    assert!(
        built.report().contains("is not signed"),
        "{}",
        built.report()
    );
    assert!(
        built.told.contains(">>> packages = [\"sourced-c\"]"),
        "{}",
        built.told
    );

    project.remove("keys/archive.asc");
    let built = project.build().run();
    let told = "`keys/archive.asc` matches nothing in the build context";
    assert!(built.error().contains(told), "{}", built.told);
    assert!(
        built
            .ran()
            .iter()
            .all(|step| step.starts_with("[internal]")),
        "{:?}",
        built.ran()
    );
}
