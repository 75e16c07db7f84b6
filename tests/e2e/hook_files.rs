//! What `[[hook]]`s read and change: the project's source, files of the build context, outputs.

use crate::hooks::hook;
use crate::support::{AptArchive, Index, Project, nonce};

#[test]
fn hooks_generate_a_part_of_the_project_and_see_the_packages_of_the_image() {
    let nonce = nonce();
    let archive = AptArchive::start_with_script(
        "hooked-lib",
        "library",
        "echo \"accepted $ACCEPT_EULA\" >/usr/share/hooked-terms\n",
    );
    let project = Project::package("generated", &[]);
    project
        .write(
            "src/generated/__init__.py",
            "from pathlib import Path\ndef main():\n    here = Path(__file__).parent\n    from generated.version import VERSION\n    print(VERSION, *(here / 'asset.txt').read_text().split())\n",
        )
        .write("proto/words.txt", "words\n")
        .write("proto/ignored.txt", "x\n")
        .write(".dockerignore", "**/ignored.txt\n")
        .write("keys/archive.asc", &archive.key)
        .build_file(&format!(
            r#"
            [apt]
            env = {{ ACCEPT_EULA = "{nonce}" }}
            [apt-sources.own]
            uri = "{}"
            suites = ["./"]
            key = "keys/archive.asc"
            [runtime]
            packages = ["hooked-lib"]
            user = {{ uid = 1234 }}
            [[hook]]
            at = "after-packages"
            run = "echo tool >/opt/tool"
            [[hook]]
            at = "before-source"
            run = """
            echo "VERSION = '{nonce}'" >src/generated/version.py
            cat proto/* /opt/tool >src/generated/asset.txt
            mkdir /srv/static
            ls proto >/srv/static/seen
            """
            inputs = ["proto/**"]
            outputs = ["/srv/static"]
            owner = "user"
            [[hook]]
            at = "after-source"
            run = """
            cat /usr/share/hooked-lib /usr/share/hooked-terms >/said
            cat proto/words.txt >>/said
            """
            inputs = ["proto/words.txt"]
            outputs = ["/said"]
            "#,
            archive.uri()
        ));
    let (image, built) = project.build().run().parts();
    assert_eq!(image.answer(&[]), format!("{nonce} words tool"));
    assert_eq!(image.shell("cat /srv/static/seen"), "words.txt");
    assert_eq!(
        image.shell("cat /said"),
        format!("libraryaccepted {nonce}\nwords")
    );
    let files = image.files();
    assert_eq!(files["srv/static/seen"].owner, (1234, 1234));
    assert_eq!(files["said"].owner, (0, 0));
    assert_eq!(
        image.shell("ls -A /app; printenv ACCEPT_EULA || :"),
        ".venv"
    );
    assert!(!image.inspect()["Config"].to_string().contains("EULA"));
    assert!(!built.step("project", "apt-get install hooked-lib").cached);

    // What is neither the source nor an input changes nothing.
    project
        .write("proto/ignored.txt", "y\n")
        .write("notes.txt", "n\n");
    let built = project.build().run();
    assert_eq!(built.ran(), [""; 0]);
    project.write("proto/words.txt", "other\n");
    let (image, built) = project.build().run().parts();
    assert_eq!(image.answer(&[]), format!("{nonce} other tool"));
    assert!(built.step("project", "apt-get install").cached);
    // An edit of the source runs the hook again.
    project.edit("src/generated/__init__.py", "print(", "print('again', ");
    let (image, built) = project.build().run().parts();
    assert_eq!(image.answer(&[]), format!("again {nonce} other tool"));
    assert!(!built.step("source-hooks", "hook: ").cached);
    assert!(built.step("builder", "hook: ").cached);

    project.remove("proto/words.txt");
    let built = project.build().run();
    let message = "`proto/**` matches no files in the build context";
    assert!(built.error().contains(message), "{}", built.error());
    assert_eq!(built.ran(), [""; 0]);
}

#[test]
fn a_download_reinstalls_no_dependency_and_any_backend_builds_what_hooks_make() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "GREETING = 'hello'\n");
    let files = Project::files("downloader", &[&words])
        .build_system(["setuptools"], "setuptools.build_meta")
        .with_file(
            "src/downloader/__init__.py",
            "def main():\n    from downloader.made import SAID\n    import words\n    print(words.GREETING, SAID, open('/opt/data/city').read(), end='')\n",
        )
        .with_file("data/city.txt", "Rome\n");
    let project = Project::with(&files);
    let nonce = nonce();
    let build_file = |round: u32| {
        format!(
            "[dependencies]\ninstaller = \"poetry\"\n{}{}{}",
            hook(
                "after-packages",
                &format!(
                    "mkdir /opt/data\necho {round} {nonce} >/opt/data/city\ncat data/city.txt >>/opt/data/city"
                ),
                "inputs = [\"data/*.txt\"]\noutputs = [\"/opt/data\"]",
            ),
            hook("after-packages", &format!("echo {nonce} >/opt/kept"), ""),
            hook(
                "before-source",
                "ls /opt >/tmp/opt\necho \"SAID = '$(cat /tmp/opt)'\" >src/downloader/made.py",
                "",
            ),
        )
    };
    project.build_file(&build_file(1));
    // Only what has no outputs changes the builder.
    let said = |round: u32| format!("hello kept {round} {nonce}\nRome");
    assert_eq!(project.build().image().answer(&[]), said(1));
    project.build_file(&build_file(2));
    let (image, built) = project.build().run().parts();
    assert_eq!(image.answer(&[]), said(2));
    built.assert_ran(
        &[
            "builder-hooks: hook: mkdir /opt/data",
            "runtime: copy /opt/data",
        ],
        &["runtime: copy the installed project"],
    );
    assert!(built.step("deps-poetry", "poetry install").cached);
    // So do its inputs.
    project.write("data/city.txt", "Oslo\n");
    let (image, built) = project.build().run().parts();
    assert!(image.answer(&[]).ends_with("Oslo"));
    assert!(built.step("deps-poetry", "poetry install").cached);
}
