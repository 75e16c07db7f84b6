//! `[[copy]]`: files from elsewhere in the image.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use crate::support::{Built, Image, Index, Project, merges, nonce, sha256};

fn set_mode(project: &Project, path: &str, mode: u32) {
    let path = project.path().join(path);
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[track_caller]
fn assert_error(built: &Built, message: &str) {
    assert!(built.error().ends_with(message), "{}", built.error());
    assert_eq!(built.ran(), [""; 0]);
}

#[test]
fn files_are_copied_from_the_build_context() {
    let project = Project::package("copier", &[]);
    let nonce = nonce().to_string();
    project
        .write("start.sh", "#!/bin/sh\nexec copier \"$@\" 2>&1\n")
        .write("dist/index.html", &nonce)
        .write("dist/deep/app.js", "js")
        .write("dist/deep/app.js.map", "map")
        .write("dist/ignored.txt", "ignored")
        .write("conf/one.toml", "one")
        .write("conf/two.toml", "two")
        .write("conf/three.ini", "three")
        .write("secrets/tls.key", "of a test")
        .write("shared/page.css", "css")
        .write(".dockerignore", "**/ignored.txt\n")
        .build_file(
            r#"[runtime]
entrypoint = ["/usr/local/bin/start.sh"]
[[copy]]
src = "start.sh"
dest = "/usr/local/bin/"
[[copy]]
src = "./dist/"
dest = "/app/static"
exclude = ["**/*.map"]
[[copy]]
src = "conf/*.toml"
dest = "/etc/copier"
mode = "0644"
[[copy]]
src = "conf/one.toml"
dest = "/etc"
mode = "0444"
[[copy]]
src = "conf/three.ini"
dest = "/etc/copier/renamed.ini"
[[copy]]
src = "secrets/tls.key"
dest = "/etc/copier/"
[[copy]]
src = "site.css"
dest = "/srv/site.css"
"#,
        );
    set_mode(&project, "start.sh", 0o755);
    symlink("shared/page.css", project.path().join("site.css")).unwrap();
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "hello");
    assert_eq!(
        image.shell("cd /app/static; find . -type f | sort; cat index.html"),
        format!("./deep/app.js\n./index.html\n{nonce}")
    );
    assert_eq!(
        image.shell("cd /etc/copier; tail -n +1 *"),
        "==> one.toml <==\none\n==> renamed.ini <==\nthree\n==> tls.key <==\nof a test\n==> two.toml <==\ntwo"
    );
    assert_eq!(image.shell("cat /srv/site.css"), "css");
    let files = image.files();
    assert_eq!(files["usr/local/bin/start.sh"].mode, 0o755);
    assert_eq!(files["etc/one.toml"].mode, 0o444);
    assert_eq!(files["etc/copier/one.toml"].mode, 0o644);
    assert_eq!(files["app/static/index.html"].owner, (0, 0));
}

#[test]
fn copied_files_have_the_given_mode_and_owner() {
    let project = Project::package("owner", &[]);
    project
        .write("dist/index.html", &nonce().to_string())
        .write("dist/deep/run.sh", "run")
        .write("tool", "tool")
        .build_file(
            r#"[runtime]
user = { uid = 1234, gid = 4321 }
[[copy]]
src = "dist"
dest = "/data/static"
mode = "0640"
owner = "user"
[[copy]]
src = "tool"
dest = "/opt/owner/bin/tool"
mode = "0500"
owner = "77:88"
[[copy]]
src = "tool"
dest = "/opt/other/conf/tool.conf"
mode = "0444"
[[copy]]
src = "dist/deep"
dest = "/opt/own/"
owner = "user"
"#,
        );
    set_mode(&project, "dist/deep/run.sh", 0o755);
    set_mode(&project, "tool", 0o600);
    let files = project.build().image().files();
    let found: Vec<String> = files
        .iter()
        .filter(|(path, _)| path.starts_with("data") || path.starts_with("opt"))
        .map(|(path, file)| format!("{path} {:o} {}:{}", file.mode, file.owner.0, file.owner.1))
        .collect();
    assert_eq!(
        found,
        [
            "data 755 0:0",
            "data/static 755 1234:4321",
            "data/static/deep 750 1234:4321",
            "data/static/deep/run.sh 640 1234:4321",
            "data/static/index.html 640 1234:4321",
            "opt 755 0:0",
            "opt/other 755 0:0",
            "opt/other/conf 755 0:0",
            "opt/other/conf/tool.conf 444 0:0",
            "opt/own 755 1234:4321",
            "opt/own/run.sh 755 1234:4321",
            "opt/owner 755 0:0",
            "opt/owner/bin 755 0:0",
            "opt/owner/bin/tool 500 77:88",
        ]
    );
}

#[test]
fn files_are_copied_from_a_named_context() {
    let project = Project::package("decorated", &[]);
    project.build_file(
        r#"
        [[copy]]
        from = "context:assets"
        src = "dist"
        dest = "/app/static"
        "#,
    );
    assert_error(
        &project.build().run(),
        "poetry.build.toml:3: the build has no named context `assets`
  hint: add `--build-context assets=...` to the command, with a directory, an image or a Git repository",
    );

    let assets = TempDir::new().unwrap();
    let option = format!("--build-context=assets={}", assets.path().display());
    fs::write(assets.path().join("other"), "").unwrap();
    assert_error(
        &project.build().with(&option).run(),
        "poetry.build.toml:4: `dist` is not in the named context `assets`
  hint: check the spelling, and the value of `--build-context`",
    );

    let nonce = nonce().to_string();
    fs::create_dir(assets.path().join("dist")).unwrap();
    fs::write(assets.path().join("dist/app.js"), &nonce).unwrap();
    let image = project.build().with(&option).image();
    assert_eq!(image.shell("cat /app/static/*"), nonce);

    // The same with another context.
    let other = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nRUN mkdir -p /opt/dist && echo image {nonce} >/opt/dist/a && chown -R 5:6 /opt && ln -s opt/dist /dist\n"
    ));
    let option = format!("--build-context=assets=docker-image://{}", other.tag());
    let image = project.build().with(&option).image();
    assert_eq!(
        image.shell("cat /app/static/*; stat -c %u:%g /app/static/a"),
        format!("image {nonce}\n0:0")
    );
}

#[test]
fn files_are_copied_from_an_image() {
    let nonce = nonce();
    let other = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nRUN mkdir /opt/node && echo {nonce} >/opt/node/node && chmod 0711 /opt/node/node && touch /opt/node/node.map \
         && chown -R 55:66 /opt/node && ln -s /opt/node/node /usr/bin/node\n"
    ));
    let project = Project::package("nodal", &[]);
    project.build_file(&format!(
        r#"
        [[copy]]
        from = "image:{}"
        src = "/usr/bin/node"
        dest = "/usr/local/bin/"
        [[copy]]
        from = "image:{}"
        src = "/opt/node"
        dest = "/srv/node"
        exclude = ["*.map"]
        "#,
        other.tag(),
        other.tag()
    ));
    let image = project.build().image();
    let files = image.files();
    for path in ["usr/local/bin/node", "srv/node/node"] {
        assert_eq!(
            (files[path].mode, files[path].owner),
            (0o711, (0, 0)),
            "{path}"
        );
    }
    assert!(!files.contains_key("srv/node/node.map"));
    // As root, its owner: others may run it but not read it.
    let seen = image.answer_with(&["--user=0", "--entrypoint=cat"], &["/usr/local/bin/node"]);
    assert_eq!(seen, nonce.to_string());

    project.edit(
        "poetry.build.toml",
        "src = \"/opt/node\"",
        "src = \"/opt/none\"",
    );
    let built = project.build().run();
    assert!(built.error().contains("/opt/none"), "{}", built.error());
    assert!(built.output.contains(">>> [[copy]]"), "{}", built.output);
}

#[test]
fn files_are_copied_from_another_target() {
    let project = Project::package("web", &[]);
    let nonce = nonce();
    project.build_file(&format!(
        r#"[[copy]]
from = "target:builder"
src = "made"
dest = "/from-builder"
[[hook]]
at = "after-packages"
run = "echo {nonce} >/made"
[[target.assets.hook]]
at = "final"
run = "mkdir /assets; echo {nonce} assets >/assets/a"
[[target.page.copy]]
from = "target:assets"
src = "assets"
dest = "/static"
"#
    ));
    let (image, built) = project.build().run().parts();
    assert_eq!(
        image.shell("cat /from-builder; ls -d /assets /static 2>/dev/null || :"),
        nonce.to_string()
    );
    assert!(!built.report().contains("assets"), "{}", built.report());
    let (image, built) = project.build().with("--target=page").run().parts();
    assert_eq!(
        image.shell("cat /from-builder /static/a"),
        format!("{nonce}\n{nonce} assets")
    );
    assert!(built.step("assets", "hook: mkdir /assets").started);
    // Steps that both targets share run once.
    assert!(
        built.steps().all(|step| !step.stage().ends_with(":deps")),
        "{}",
        built.report()
    );
}

#[test]
fn targets_that_copy_from_each_other_are_an_error() {
    let project = Project::package("circular", &[]);
    project.bare_build_file(
        r#"
        [[target.one.copy]]
        from = "target:two"
        src = "a"
        dest = "/a"
        [[target.two.copy]]
        from = "target:one"
        src = "a"
        dest = "/a"
        "#,
    );
    assert_error(
        &project.build().with("--target=one").run(),
        "poetry.build.toml:7: target `one` copies from itself
  hint: copy from a target that does not copy from this one",
    );
    project.bare_build_file(
        r#"
        [[copy]]
        from = "target:buildr"
        src = "a"
        dest = "/a"
        "#,
    );
    assert_error(
        &project.build().run(),
        "poetry.build.toml:3: there is no target `buildr`
  hint: did you mean `builder`?",
    );
}

#[test]
fn a_file_is_downloaded_and_verified() {
    let index = Index::start();
    let text = nonce().to_string();
    let published = index.publish("fetched", "1.0", &text);
    let address = published.index.replace("//index:", "//127.0.0.1:");
    let address = format!(
        "{}/wheels/{}",
        address.trim_end_matches("/simple"),
        published.file
    );
    let project = Project::package("downloader", &[]);
    let build_file = |checksum: &str| {
        format!(
            r#"
            [[copy]]
            from = "{address}"
            checksum = "sha256:{checksum}"
            dest = "/opt/wheels/"
            [[copy]]
            from = "{address}"
            checksum = "sha256:{checksum}"
            dest = "/opt/one/renamed.whl"
            mode = "0600"
            "#
        )
    };
    project.build_file(&build_file(&published.sha256));
    let image = project.build().image();
    let files = image.files();
    let mode = |path: &str| format!("{:o} {:?}", files[path].mode, files[path].owner);
    let kept = format!("opt/wheels/{}", published.file);
    assert_eq!(mode(&kept), "644 (0, 0)");
    assert_eq!(mode("opt/wheels"), "755 (0, 0)");
    assert_eq!(mode("opt/one"), "755 (0, 0)");
    assert_eq!(mode("opt/one/renamed.whl"), "600 (0, 0)");
    let sum = image.shell(&format!("sha256sum </{kept}"));
    assert_eq!(sum, format!("{}  -", published.sha256));

    project.build_file(&build_file(&sha256(b"something else")));
    let built = project.build().run();
    assert!(
        built.error().contains("digest mismatch"),
        "{}",
        built.error()
    );
    assert!(built.output.contains(">>> [[copy]]"), "{}", built.output);
}

#[test]
fn missing_files_are_errors_with_their_lines() {
    let project = Project::package("forgetful", &[]);
    project
        .write("hidden/file", "")
        .write(".dockerignore", "hidden\n")
        .build_file(
            r#"
            [[copy]]
            src = "hidden/file"
            dest = "/a"
            [[copy]]
            src = "conf/*.toml"
            dest = "/b"
            "#,
        );
    let built = project.build().run();
    assert_error(
        &built,
        "  hint: check that it exists, and that the ignore file does not exclude it",
    );
    for message in [
        "poetry.build.toml:3: `hidden/file` is not in the build context\n",
        "poetry.build.toml:6: `conf/*.toml` is not in the build context\n",
    ] {
        assert!(built.output.contains(message), "{}", built.output);
    }
}

#[test]
fn an_edit_of_a_copied_file_changes_one_layer() {
    let project = Project::package("edited_copy", &[]);
    let nonce = nonce();
    project
        .write("first.txt", &format!("first {nonce}"))
        .write("assets/second.txt", "second")
        .write("assets/second.txt.map", "map")
        .build_file(
            r#"
            [[copy]]
            src = "first.txt"
            dest = "/srv/first.txt"
            [[copy]]
            src = "assets"
            dest = "/srv/assets"
            exclude = ["*.map"]
            "#,
        );
    let first = project.build().image();
    project.write("assets/second.txt", &format!("edited {nonce}"));
    let (second, built) = project.build().run().parts();
    built.assert_ran(
        &["runtime: copy assets to /srv/assets"],
        &["runtime: copy the installed project"],
    );
    assert_eq!(second.shell("cat /srv/assets/*"), format!("edited {nonce}"));
    let (before, after) = (first.layers(), second.layers());
    let changed: Vec<usize> = (0..before.len())
        .filter(|layer| before[*layer] != after[*layer])
        .collect();
    if merges() {
        assert_eq!(changed.len(), 1, "{changed:?}");
    } else {
        // The project is copied on top.
        assert!(changed[0] >= before.len() - 2, "{changed:?}");
    }
    project.write("assets/second.txt.map", "another map");
    assert_eq!(project.build().run().parts().1.ran(), [""; 0]);
}

#[test]
fn a_destination_may_be_below_a_symlink_of_the_base() {
    let project = Project::package("linked", &[]);
    project
        .write("tool", &nonce().to_string())
        .write("units/linked.service", "unit")
        .build_file(
            r#"[[copy]]
src = "tool"
dest = "/bin/tool"
mode = "0755"
[[copy]]
src = "tool"
dest = "/sbin/"
owner = "user"
[[copy]]
src = "units"
dest = "/lib/systemd/system"
mode = "0644"
[[copy]]
src = "units"
dest = "/lib"
"#,
        );
    let image = project.build().image();
    let files = image.files();
    for (link, leads) in [("bin", "usr/bin"), ("sbin", "usr/sbin"), ("lib", "usr/lib")] {
        assert_eq!(files[link].content, format!("-> {leads}"));
    }
    for path in [
        "usr/bin/tool",
        "usr/sbin/tool",
        "usr/lib/systemd/system/linked.service",
        "usr/lib/linked.service",
    ] {
        assert!(files.contains_key(path), "{path}");
    }
    // Existing files are unchanged.
    assert_eq!(files["usr/sbin"].owner, (0, 0));
    assert_eq!(image.answer(&[]), "hello");
}
