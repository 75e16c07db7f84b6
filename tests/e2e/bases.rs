//! Custom base images: one without a shell, and pairs that do not match.

use crate::support::{Image, Index, Project, nonce};

pub(crate) const BUILD: &str = "python:3.13-slim-trixie";

/// Python and the libraries that it needs, and nothing else.
pub(crate) const BARE: &str = r"
FROM python:3.13-slim-trixie AS full
RUN mkdir -m 755 /tree && for path in /usr/local /usr/lib /usr/lib64 /usr/bin/python3*; do \
      if [ -e $path ]; then cp -a --parents $path /tree; fi; done \
 && ln -s usr/lib /tree/lib && ln -s usr/lib64 /tree/lib64 && mkdir -m 1777 /tree/tmp
FROM scratch
COPY --from=full /tree /
ENV PATH=/usr/local/bin:/usr/bin SCOPE=bare
";

#[test]
fn a_runtime_base_without_a_shell_runs_the_project() {
    // The Python of a base is queried once.
    let base = Image::from_dockerfile(&format!("{BARE}LABEL nonce={}\n", nonce()));
    let index = Index::start();
    let words = index.publish("words", "1.0", "GREETING = 'hello'\n");
    let project = Project::package("shellless", &[&words]);
    let nonce = nonce();
    project
        .write(
            "src/shellless/__init__.py",
            &format!("import os, pwd, words\nNONCE = {nonce}\ndef main():\n    open('/data/file', 'w').write('x')\n    print(words.GREETING, os.environ['SCOPE'], os.getuid(), pwd.getpwuid(os.getuid()).pw_name, os.listdir('/data'))\n"),
        )
        .build_file(&format!(
            r#"
            [build]
            base = "{BUILD}"
            [runtime]
            base = "{}"
            writable = ["/data"]
            smoke-test = ["shellless"]
            max-size = "500MB"
            "#,
            base.tag()
        ));
    let (image, built) = project.build().run().parts();
    assert_eq!(image.answer(&[]), "hello bare 10001 app ['file']");
    let files = image.files();
    assert!(!files.contains_key("bin/sh") && !files.contains_key("usr/bin/sh"));
    let compared = &built.step("python", "compare").log;
    assert!(
        compared.contains("has the same Python 3.13 at /usr/local/bin/python3"),
        "{compared}"
    );
    assert!(
        built
            .step("smoke-test", "shellless")
            .log
            .contains("hello bare")
    );
    let (_, again) = project.build().run().parts();
    assert_eq!(again.ran(), [""; 0]);
}

#[test]
fn links_of_a_runtime_base_stay_in_the_image() {
    let tree = "ln -s usr/lib /tree/lib";
    let linked = BARE.replace(
        tree,
        &format!("mkdir -p /tree/run /tree/var && ln -s /run /tree/var/run && {tree}"),
    );
    let base = Image::from_dockerfile(&format!("{linked}LABEL nonce={}\n", nonce()));
    let project = Project::package("linked", &[]);
    project
        .write(
            "src/linked/__init__.py",
            "import os\ndef main():\n    open('/var/run/links/file', 'w').write('x')\n    print(os.listdir('/run/links'))\n",
        )
        .build_file(&format!(
            "[build]\nbase = \"{BUILD}\"\n[runtime]\nbase = \"{}\"\nwritable = [\"/var/run/links\"]\n",
            base.tag()
        ));
    assert_eq!(project.build().image().answer(&[]), "['file']");
}

/// Builds, expects an error that marks `line`, and returns the log of the step.
#[track_caller]
fn refused(name: &str, build_file: &str, step: &str, line: &str) -> String {
    let project = Project::package(name, &[]);
    project.build_file(build_file);
    let built = project.build().run();
    let message = built.error();
    assert!(message.contains(&format!(">>> {line}")), "{message}");
    built.step("python", step).log.clone()
}

#[test]
fn a_runtime_base_with_another_python_version_is_an_error() {
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.11-slim-bookworm\nLABEL nonce={}\n",
        nonce()
    ));
    let line = format!("base = \"{}\"", base.tag());
    let build_file = format!("[build]\nbase = \"{BUILD}\"\n[runtime]\n{line}\n");
    let message = refused("mixed", &build_file, "compare", &line);
    assert!(
        message.contains("has Python 3.11 at /usr/local/bin/python3"),
        "{message}"
    );
    assert!(
        message.contains("but python:3.13-slim-trixie has 3.13"),
        "{message}"
    );
    assert!(
        message.contains("use build and runtime bases with the same Python"),
        "{message}"
    );
}

#[test]
fn a_runtime_base_with_python_at_another_path_is_an_error() {
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nRUN real=$(readlink -f /usr/local/bin/python3); rm -f /usr/bin/python3; mv $real /usr/bin/python3; rm -f /usr/local/bin/python*\nLABEL nonce={}\n",
        nonce()
    ));
    let line = format!("base = \"{}\"", base.tag());
    let build_file = format!("[build]\nbase = \"{BUILD}\"\n[runtime]\n{line}\n");
    let message = refused("astray", &build_file, "compare", &line);
    assert!(
        message.contains("has no /usr/local/bin/python3"),
        "{message}"
    );
    assert!(
        message.contains("its Python is /usr/bin/python3"),
        "{message}"
    );
}

#[test]
fn a_base_with_a_python_that_the_project_excludes_is_an_error() {
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.11-slim-bookworm\nLABEL other={}\n",
        nonce()
    ));
    let line = format!("base = \"{}\"", base.tag());
    let message = refused("choosy", &format!("[runtime]\n{line}\n"), "check", &line);
    assert!(message.contains("has Python 3.11."), "{message}");
    assert!(
        message.contains("but pyproject.toml:4 asks for 3.13"),
        "{message}"
    );
}

#[test]
fn a_base_without_python_is_an_error() {
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nRUN rm -f /usr/local/bin/python* /usr/bin/python*\nLABEL nonce={}\n",
        nonce()
    ));
    let line = format!("base = \"{}\"", base.tag());
    let message = refused("lacking", &format!("[build]\n{line}\n"), "check", &line);
    assert!(message.contains("has no python3 on its PATH"), "{message}");
}

/// A base whose Python reports another ABI, the real one with a suffix, and the C library `libc`.
fn claiming(suffix: &str, libc: &str) -> Image {
    Image::from_dockerfile(&format!(
        r#"
FROM python:3.13-slim-trixie
RUN abi=$(python3 -c 'import sysconfig; print(sysconfig.get_config_var("SOABI"))') \
 && rm /usr/local/bin/python3 \
 && printf '#!/bin/sh\necho 3.13\necho %s{suffix}\necho {libc}\n' $abi >/usr/local/bin/python3 \
 && chmod +x /usr/local/bin/python3
LABEL nonce={}
"#,
        nonce()
    ))
}

#[test]
fn a_runtime_base_with_another_c_library_is_an_error() {
    for (suffix, libc, what) in [
        (
            "-else",
            "glibc 9.99",
            ": compiled packages of one do not load in the other",
        ),
        (
            "",
            "",
            ": compiled packages of one do not load in the other",
        ),
        (
            "",
            "glibc 2.17",
            "the older glibc 2.17: packages compiled or chosen for the newer",
        ),
    ] {
        let base = claiming(suffix, libc);
        let line = format!("base = \"{}\"", base.tag());
        let build_file = format!("[build]\nbase = \"{BUILD}\"\n[runtime]\n{line}\n");
        let message = refused("libc", &build_file, "compare", &line);
        assert!(message.contains(what), "{message}");
    }
}
