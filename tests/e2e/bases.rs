//! Bases of one's own: one without a shell, and those that do not go together.

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
fn a_base_without_a_shell() {
    // What the Pythons say is shown once for a base's name.
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
            "[build]\nbase = \"{BUILD}\"\n[runtime]\nbase = \"{}\"\nwritable = [\"/data\"]\nsmoke-test = [\"shellless\"]\nmax-size = \"500MB\"\n",
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

/// What a build is told that fails at a line of `build_file`, and what the step says.
#[track_caller]
fn refused(name: &str, build_file: &str, step: &str, line: &str) -> String {
    let project = Project::package(name, &[]);
    project.build_file(build_file);
    let built = project.build().run();
    let told = built.error();
    assert!(told.contains(&format!(">>> {line}")), "{told}");
    built.step("python", step).log.clone()
}

#[test]
fn a_runtime_with_another_python() {
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.11-slim-bookworm\nLABEL nonce={}\n",
        nonce()
    ));
    let line = format!("base = \"{}\"", base.tag());
    let build_file = format!("[build]\nbase = \"{BUILD}\"\n[runtime]\n{line}\n");
    let told = refused("mixed", &build_file, "compare", &line);
    assert!(
        told.contains("has Python 3.11 at /usr/local/bin/python3"),
        "{told}"
    );
    assert!(
        told.contains("but python:3.13-slim-trixie has 3.13"),
        "{told}"
    );
    assert!(
        told.contains("give build and runtime bases of the same Python"),
        "{told}"
    );
}

#[test]
fn a_runtime_whose_python_is_elsewhere() {
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nRUN real=$(readlink -f /usr/local/bin/python3); rm -f /usr/bin/python3; mv $real /usr/bin/python3; rm -f /usr/local/bin/python*\nLABEL nonce={}\n",
        nonce()
    ));
    let line = format!("base = \"{}\"", base.tag());
    let build_file = format!("[build]\nbase = \"{BUILD}\"\n[runtime]\n{line}\n");
    let told = refused("astray", &build_file, "compare", &line);
    assert!(told.contains("has no /usr/local/bin/python3"), "{told}");
    assert!(told.contains("its Python is /usr/bin/python3"), "{told}");
}

#[test]
fn a_base_whose_python_the_project_does_not_allow() {
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.11-slim-bookworm\nLABEL other={}\n",
        nonce()
    ));
    let line = format!("base = \"{}\"", base.tag());
    let told = refused("choosy", &format!("[runtime]\n{line}\n"), "look", &line);
    assert!(told.contains("has Python 3.11."), "{told}");
    assert!(
        told.contains("but pyproject.toml:4 asks for 3.13"),
        "{told}"
    );
}

#[test]
fn a_base_without_python() {
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nRUN rm -f /usr/local/bin/python* /usr/bin/python*\nLABEL nonce={}\n",
        nonce()
    ));
    let line = format!("base = \"{}\"", base.tag());
    let told = refused("lacking", &format!("[build]\n{line}\n"), "look", &line);
    assert!(told.contains("has no python3 on its PATH"), "{told}");
}

/// A base whose Python says that it is built as the real one with a suffix, and has the C library `libc`.
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
fn a_runtime_with_another_c_library() {
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
        let told = refused("libc", &build_file, "compare", &line);
        assert!(told.contains(what), "{told}");
    }
}
