//! Versions that the build sets: from the Git repository, or from an argument.

use std::process::Command;

use crate::support::{Index, Project};

const PLUGIN: &str = "poetry-dynamic-versioning==1.8.2";

fn git(project: &Project, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@t.test"];
    let output = Command::new("git")
        .args(identity)
        .args(arguments)
        .current_dir(project.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_version_comes_from_git_or_from_an_argument() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "");
    let files = Project::files("toolbox", &[&words])
        .without_version()
        .dynamic("version")
        .in_tool_poetry("version = \"0.0.0\"")
        .at_end("[tool.poetry-dynamic-versioning]\nenable = true\n")
        .with_file(
            "src/toolbox/__init__.py",
            "from importlib.metadata import version\ndef main():\n    print(version('toolbox'))\n",
        );
    let project = Project::with(&files);
    let by_plugin = |text: &str| {
        let machine = project.build_file(text).read("poetry.build.toml");
        let plugins = format!("plugins = [{PLUGIN:?}]\n");
        let text = if machine.contains("[poetry]\n") {
            machine.replace("[poetry]\n", &format!("[poetry]\n{plugins}"))
        } else {
            format!("{machine}[poetry]\n{plugins}")
        };
        project.write("poetry.build.toml", &text);
    };
    by_plugin("[source]\ninclude = [\".\", \".git\"]\n[build]\npackages = [\"git\"]\n");
    git(&project, &["init", "--quiet", "--initial-branch=main"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "--quiet", "--message=first"]);
    git(&project, &["tag", "v1.4.2"]);
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "1.4.2");
    let labels = image.inspect()["Config"]["Labels"].clone();
    assert!(
        labels["org.opencontainers.image.version"].is_null(),
        "{labels}"
    );

    // Without a repository, and without another installation for another version.
    by_plugin(
        "[args]\nVERSION = { default = \"2.0\" }\n[source]\nenv = { POETRY_DYNAMIC_VERSIONING_BYPASS = \"${VERSION}\" }\n",
    );
    assert_eq!(project.build().image().answer(&[]), "2.0");
    let (image, built) = project
        .build()
        .with("--build-arg=VERSION=3.1")
        .run()
        .parts();
    assert_eq!(image.answer(&[]), "3.1");
    assert_eq!(
        built.ran(),
        [
            "runtime: copy the installed project",
            "source: build and install the wheel"
        ]
    );
}
