//! Wrong build files, one after the other: the line that is reported, what is said, and how to mend it.

#![expect(clippy::too_many_lines, reason = "a row for each mistake")]

use super::parse_with;

/// A file, the line, and parts of the message and of the hint.
type Row = (&'static str, usize, &'static str, &'static str);

fn check(rows: &[Row]) {
    for (text, line, what, hint) in rows {
        let all = parse_with(text, &[]).expect_err(text);
        let mistakes: Vec<_> = all.iter().collect();
        let [mistake] = mistakes.as_slice() else {
            panic!("{text}: not one mistake: {all}");
        };
        let place = mistake.place.as_ref().unwrap();
        assert_eq!(place.start().line, *line, "{text}: {mistake}");
        assert!(mistake.what.contains(what), "{text}: {mistake}");
        assert!(mistake.hint.contains(hint), "{text}: {mistake}");
    }
}

#[test]
fn toml_and_keys() {
    check(&[
        ("[python\n", 1, "not valid TOML", "mend the TOML"),
        ("\n[a]\nb = \n", 3, "not valid TOML", "mend the TOML"),
        (
            "[python]\nversion = '3.13'\nversion = '3.12'\n",
            3,
            "not valid TOML",
            "mend the TOML",
        ),
        (
            "[python]\nverson = '3.13'\n",
            2,
            "unknown key `verson` in `[python]`",
            "did you mean `version`?",
        ),
        (
            "pyton = 1\n",
            1,
            "unknown key `pyton` at the top",
            "did you mean `python`?",
        ),
        (
            "[runtime]\nenviroment = {}\n",
            2,
            "unknown key `enviroment`",
            "known here",
        ),
        (
            "[runtime]\nuser = { nam = 'a' }\n",
            2,
            "`nam` in `[runtime.user]`",
            "did you mean `name`?",
        ),
        (
            "[[hook]]\nat = 'final'\nrun = 'x'\n\n[[hook]]\nwhen = 'final'\n",
            6,
            "unknown key `when`",
            "known here",
        ),
        (
            "[[copy]]\nsource = 'a'\n",
            2,
            "unknown key `source`",
            "known here",
        ),
        (
            "[target.web]\nentrypoint = ['a']\n",
            2,
            "unknown key `entrypoint`",
            "did you mean `runtime.entrypoint`?",
        ),
        (
            "[target.web]\npython.version = '3.12'\n",
            2,
            "unknown key `python`",
            "known here",
        ),
        (
            "[runtime]\nhealthcheck = { command = ['a'] }\n",
            2,
            "unknown key `command` in `[runtime.healthcheck]`",
            "known here: `cmd`",
        ),
        (
            "[indexes.corp]\nuser-secret = 'a'\n",
            2,
            "unknown key `user-secret`",
            "did you mean `username-secret`?",
        ),
        (
            "groups = ['main']\n",
            1,
            "unknown key `groups`",
            "did you mean `dependencies.groups`?",
        ),
    ]);
}

#[test]
fn types() {
    check(&[
        (
            "python = '3.13'\n",
            1,
            "wrong type",
            "the type that the schema gives",
        ),
        ("[python]\nversion = 3.13\n", 2, "wrong type", "the type"),
        ("[runtime]\nexpose = 8000\n", 2, "wrong type", "the type"),
        (
            "[runtime]\nexpose = ['8000']\n",
            2,
            "wrong type",
            "the type",
        ),
        (
            "[runtime]\nentrypoint = 'serve'\n",
            2,
            "wrong type",
            "the type",
        ),
        ("[runtime]\nenv = ['A=1']\n", 2, "wrong type", "the type"),
        (
            "[runtime]\nenv = { A = [1] }\n",
            2,
            "a string, an integer or a boolean",
            "the type",
        ),
        (
            "[runtime]\nenv = { A = 1.5 }\n",
            2,
            "a string, an integer or a boolean",
            "the type",
        ),
        ("[runtime]\ninit = 'yes'\n", 2, "wrong type", "the type"),
        (
            "[source]\ninstall = 'editable'\n",
            2,
            "wrong type: unknown variant `editable`",
            "the type",
        ),
        (
            "[[hook]]\nat = 'sometime'\nrun = 'x'\n",
            2,
            "unknown variant `sometime`",
            "the type",
        ),
        (
            "[[hook]]\nat = 'final'\nrun = 7\n",
            3,
            "a list of strings or a script",
            "the type",
        ),
        (
            "[[hook]]\nat = 'final'\nrun = ['a', 7]\n",
            3,
            "wrong type",
            "the type",
        ),
        (
            "[[hook]]\nat = 'final'\nrun = 'x'\nnetwork = 'bridge'\n",
            4,
            "unknown variant `bridge`",
            "the type",
        ),
        (
            "[dependencies]\nextras = 'none'\n",
            2,
            "wrong type",
            "the type",
        ),
        (
            "[dependencies]\ngroups = 'main'\n",
            2,
            "wrong type",
            "the type",
        ),
        ("[target.a]\nrun = 'pytest'\n", 2, "wrong type", "the type"),
        ("copy = { src = 'a' }\n", 1, "wrong type", "the type"),
    ]);
}

#[test]
fn arguments() {
    check(&[
        (
            "[args]\nA-B = { default = '' }\n",
            2,
            "`A-B` cannot name a build argument",
            "letters, digits and `_`",
        ),
        (
            "[args]\nA = {}\n",
            2,
            "`A` has no default and was not given",
            "--build-arg A=",
        ),
        (
            "[args]\nA = { default = '' }\n[python]\nversion = '${B}'\n",
            4,
            "`${B}` refers to",
            "`B = { default",
        ),
        (
            "[args]\nPYTHON = { default = '' }\n[python]\nversion = '${PYTON}'\n",
            4,
            "`${PYTON}` refers to",
            "did you mean `${PYTHON}`?",
        ),
        (
            "[runtime]\ncmd = ['${X:-1}']\n",
            2,
            "does not begin a reference",
            "write `$${`",
        ),
        (
            "[args]\nA = { default = 1, type = 'string', kind = 'x' }\n",
            2,
            "unknown key `kind`",
            "known here",
        ),
        (
            "[args]\nA = { default = 'x', type = 'integer' }\n",
            2,
            "`A` is not a whole number",
            "--build-arg A=",
        ),
        (
            "[args]\nA = { default = 'yes', type = 'boolean' }\n",
            2,
            "`A` is not `true` or `false`",
            "--build-arg A=",
        ),
        (
            "[args]\nA = { default = 'x', choices = ['a', 'b'] }\n",
            2,
            "not one of its choices",
            "`a` and `b`",
        ),
        (
            "[args]\nA = { default = 'x', type = 'float' }\n",
            2,
            "unknown variant `float`",
            "the type",
        ),
        (
            "[args]\nA = { default = [1] }\n",
            2,
            "was not given",
            "--build-arg A=",
        ),
    ]);
}

#[test]
fn python_and_poetry() {
    check(&[
        (
            "[python]\nversion = '2.7'\n",
            2,
            "`2.7` is not a Python release",
            "use 3.",
        ),
        (
            "[python]\nversion = 'latest'\n",
            2,
            "is not a Python release",
            "use 3.",
        ),
        (
            "[python]\nvariant = 'slim:x'\n",
            2,
            "not a variant",
            "slim-trixie",
        ),
        (
            "[python]\nvariant = 'slim'\n[runtime]\nbase = 'python:3'\n",
            4,
            "both say which image",
            "remove one",
        ),
        (
            "[poetry]\nversion = 'two'\n",
            2,
            "`two` is not a Poetry release",
            "`2.1.4`",
        ),
        (
            "[poetry]\nversion = '1.1.0'\n",
            2,
            "older than the oldest",
            "renew the lock",
        ),
        (
            "[poetry]\nmirror = 'index.example'\n",
            2,
            "not an `http://` or `https://` address",
            "simple index",
        ),
        (
            "[poetry]\nmirror = 'https://me:pw@index.example/'\n",
            2,
            "holds a user name or password",
            "without them",
        ),
        (
            "[poetry]\nca-bundle = 'certs.pem'\n",
            2,
            "not an absolute path",
            "begin it with `/`",
        ),
        (
            "[poetry]\nca-bundle = 'secret:'\n",
            2,
            "not the id of a secret",
            "--secret id=",
        ),
        (
            "[poetry]\nplugins = ['--index-url=x']\n",
            2,
            "not a requirement of a plugin",
            "as pip takes it",
        ),
        (
            "[poetry]\nplugins = ['a', 'b;c']\n",
            2,
            "`b;c` is not a requirement",
            "as pip takes it",
        ),
    ]);
}

#[test]
fn dependencies_source_and_hosts() {
    check(&[
        (
            "[dependencies]\ngroups = []\n",
            2,
            "`groups` is empty",
            "the default is `main`",
        ),
        (
            "[source]\ninclude = []\n",
            2,
            "`include` is empty",
            "install = \"none\"",
        ),
        (
            "[source]\ninclude = ['../x']\n",
            2,
            "not a path inside the build context",
            "relative to",
        ),
        (
            "[source]\nexclude = ['/x']\n",
            2,
            "not a path inside the build context",
            "relative to",
        ),
        (
            "[indexes.a]\npassword-secret = 'my password'\n",
            2,
            "not the id of a secret",
            "belongs in no file",
        ),
        (
            "[git.'a/b']\nusername = 'x'\n",
            1,
            "`a/b` is not the name of a host",
            "[git.\"HOST\"]",
        ),
        (
            "[git.'a']\nhost-keys = ['AAAA']\n",
            2,
            "not the public key of a host",
            "ssh-keyscan",
        ),
        (
            "[git.'a']\nusername = 'a:b'\n",
            2,
            "`a:b` is not a user name",
            "leave out `:`",
        ),
    ]);
}

#[test]
fn build_and_sources_of_packages() {
    check(&[
        (
            "[build]\nbase = 'Python'\n",
            2,
            "`Python` is not an image reference",
            "NAME:TAG",
        ),
        (
            "[build]\npackages = ['GCC']\n",
            2,
            "`GCC` is not the name of a Debian package",
            "lower-case",
        ),
        (
            "[build]\npackages = ['gcc; rm']\n",
            2,
            "is not the name of a Debian package",
            "lower-case",
        ),
        (
            "[build]\npackages = ['gcc=']\n",
            2,
            "is not the name of a Debian package",
            "`=VERSION`",
        ),
        (
            "[build]\nenv = { 'A-B' = 'x' }\n",
            2,
            "not the name of an environment variable",
            "letters",
        ),
        (
            "[build]\nenv = { A = \"a\\u0000b\" }\n",
            2,
            "NUL",
            "leave it out",
        ),
        (
            "[apt-sources.A]\nuri = 'https://a'\n",
            1,
            "`A` cannot name a source",
            "lower-case",
        ),
        (
            "[apt-sources.a]\nsuites = ['x']\nkey = 'a.asc'\n",
            1,
            "`uri` is missing",
            "add `uri = ...`",
        ),
        (
            "[apt-sources.a]\nuri = 'https://a'\nkey = 'a.asc'\n",
            1,
            "`suites` is missing",
            "add `suites",
        ),
        (
            "[apt-sources.a]\nuri = 'https://a'\nsuites = ['x']\n",
            1,
            "`key` is missing",
            "add `key",
        ),
        (
            "[apt-sources.a]\nuri = 'ftp://a'\nsuites = ['x']\nkey = 'a.asc'\n",
            2,
            "not an `http://`",
            "whole address",
        ),
        (
            "[apt-sources.a]\nuri = 'https://me:pw@a'\nsuites = ['x']\nkey = 'a.asc'\n",
            2,
            "holds a user name or password",
            "take them out",
        ),
        (
            "[apt-sources.a]\nuri = 'https://a'\nsuites = ['x y']\nkey = 'a.asc'\n",
            3,
            "suite or component",
            "`trixie`",
        ),
        (
            "[apt-sources.a]\nuri = 'https://a'\nsuites = ['x']\nkey = 'a.key'\n",
            4,
            "neither in `.asc`",
            "`.gpg`",
        ),
        (
            "[apt-sources.a]\nuri = 'https://a'\nsuites = ['x']\nkey = 'https://a/a.asc'\n",
            4,
            "needs its `key-checksum`",
            "sha256sum",
        ),
        (
            "[apt-sources.a]\nuri = 'https://a'\nsuites = ['x']\nkey = 'a.asc'\nkey-checksum = 'md5:1'\n",
            5,
            "`md5:1` is not a checksum",
            "64 digits",
        ),
    ]);
}

#[test]
fn runtime() {
    check(&[
        (
            "[runtime]\nbase = 'a b'\n",
            2,
            "is not an image reference",
            "NAME:TAG",
        ),
        (
            "[runtime]\nuser.uid = 0\n",
            2,
            "would run as root: `uid` is 0",
            "above 0",
        ),
        (
            "[runtime]\nuser.gid = 0\n",
            2,
            "would run as root: `gid` is 0",
            "above 0",
        ),
        (
            "[runtime]\nuser.name = 'root'\n",
            2,
            "would run as root",
            "10001",
        ),
        (
            "[runtime]\nuser.name = 'Web'\n",
            2,
            "`Web` is not a user name",
            "lower-case",
        ),
        (
            "[runtime]\nuser.uid = -1\n",
            2,
            "is not a numeric id",
            "above 0",
        ),
        (
            "[runtime]\nworkdir = 'app'\n",
            2,
            "`app` is not an absolute path",
            "begin it with `/`",
        ),
        (
            "[runtime]\nworkdir = '/app/../etc'\n",
            2,
            "not an absolute path",
            "leave out `.` and `..`",
        ),
        (
            "[runtime]\nexpose = [70000]\n",
            2,
            "`70000` is not a port",
            "1 to 65535",
        ),
        (
            "[runtime]\nexpose = [\n  8000,\n  0,\n]\n",
            4,
            "`0` is not a port",
            "1 to 65535",
        ),
        (
            "[runtime]\nenv = { '1A' = 'x' }\n",
            2,
            "`1A` is not the name of an environment variable",
            "no digit first",
        ),
        (
            "[runtime]\nhealthcheck = { interval = '30s' }\n",
            2,
            "`cmd` is missing",
            "add `cmd",
        ),
        (
            "[runtime]\nhealthcheck = { cmd = ['a'], interval = '30' }\n",
            2,
            "`30` is not a duration",
            "`30s`",
        ),
        (
            "[runtime]\nhealthcheck = { cmd = ['a'], timeout = '1us' }\n",
            2,
            "`1us` is not a duration",
            "`500ms`",
        ),
        (
            "[runtime]\nhealthcheck = { cmd = ['a'], retries = 0 }\n",
            2,
            "`0` is not a number of retries",
            "1 to 1000",
        ),
        (
            "[runtime]\nstop-signal = 'TERM'\n",
            2,
            "`TERM` is not a signal",
            "`SIGTERM`",
        ),
        (
            "[runtime]\nstop-signal = '99'\n",
            2,
            "`99` is not a signal",
            "1 to 64",
        ),
        (
            "[runtime]\nwritable = ['data']\n",
            2,
            "`data` is not an absolute path",
            "begin it with `/`",
        ),
        (
            "[runtime]\nwritable = ['/usr']\n",
            2,
            "`/usr` is a folder of the system",
            "`/app/data`",
        ),
        (
            "[runtime]\nvolumes = ['/']\n",
            2,
            "`/` is a folder of the system",
            "`/app/data`",
        ),
        (
            "[runtime]\nsmoke-test = []\n",
            2,
            "`smoke-test` is empty",
            "name a program",
        ),
        (
            "[runtime]\nmax-size = '200 apples'\n",
            2,
            "`200 apples` is not a size",
            "`200MB`",
        ),
        (
            "[runtime]\nmax-size = '0'\n",
            2,
            "`0` is not a size",
            "`200MB`",
        ),
    ]);
}

#[test]
fn copies() {
    check(&[
        ("[[copy]]\ndest = '/a'\n", 1, "`src` is missing", "add `src"),
        (
            "\n[[copy]]\nsrc = 'a'\n",
            2,
            "`dest` is missing",
            "add `dest",
        ),
        (
            "[[copy]]\nsrc = 'a'\ndest = 'a'\n",
            3,
            "`a` is not an absolute path",
            "begin it with `/`",
        ),
        (
            "[[copy]]\nsrc = '../a'\ndest = '/a'\n",
            2,
            "not a path inside the build context",
            "without `..`",
        ),
        (
            "[[copy]]\nsrc = '/a'\ndest = '/a'\n",
            2,
            "not a path inside the build context",
            "without a leading `/`",
        ),
        (
            "[[copy]]\nfrom = 'assets'\nsrc = 'a'\ndest = '/a'\n",
            2,
            "`assets` is no place to copy from",
            "context:NAME",
        ),
        (
            "[[copy]]\nfrom = 'image:A B'\nsrc = 'a'\ndest = '/a'\n",
            2,
            "`A B` is not an image reference",
            "NAME:TAG",
        ),
        (
            "[[copy]]\nfrom = 'context:'\nsrc = 'a'\ndest = '/a'\n",
            2,
            "no place to copy from",
            "context:NAME",
        ),
        (
            "[[copy]]\nfrom = 'https://a/b'\ndest = '/a'\n",
            2,
            "needs its `checksum`",
            "sha256sum",
        ),
        (
            "[[copy]]\nsrc = 'a'\ndest = '/a'\nmode = 'rw'\n",
            4,
            "`rw` is not a file mode",
            "octal digits",
        ),
        (
            "[[copy]]\nsrc = 'a'\ndest = '/a'\nmode = '99999'\n",
            4,
            "is not a file mode",
            "octal digits",
        ),
        (
            "[[copy]]\nsrc = 'a'\ndest = '/a'\nowner = 'app'\n",
            4,
            "`app` is not an owner",
            "UID:GID",
        ),
        (
            "[[copy]]\nsrc = 'a'\ndest = '/a'\nchecksum = 'x'\n",
            4,
            "`checksum` is for downloads alone",
            "remove it",
        ),
    ]);
}

#[test]
fn hooks() {
    check(&[
        ("[[hook]]\nrun = 'x'\n", 1, "`at` is missing", "add `at"),
        (
            "[[hook]]\nat = 'final'\n",
            1,
            "`run` is missing",
            "add `run",
        ),
        (
            "[[hook]]\nat = 'final'\nrun = []\n",
            3,
            "`run` is empty",
            "name a program",
        ),
        (
            "[[hook]]\nat = 'final'\nrun = ' '\n",
            3,
            "`run` is empty",
            "name a program",
        ),
        (
            "[[hook]]\nat = 'final'\nrun = 'x'\noutputs = ['/a']\n",
            4,
            "a `final` hook has no outputs",
            "remove `outputs`",
        ),
        (
            "[[hook]]\nat = 'after-source'\nrun = 'x'\noutputs = ['a']\n",
            4,
            "`a` is not an absolute path",
            "begin it",
        ),
        (
            "[[hook]]\nat = 'after-source'\nrun = 'x'\noutputs = ['/']\n",
            4,
            "whole file system",
            "name the folders",
        ),
        (
            "[[hook]]\nat = 'final'\nrun = 'x'\ncache = ['.npm']\n",
            4,
            "`.npm` is not an absolute path",
            "begin it",
        ),
        (
            "[[hook]]\nat = 'final'\nrun = 'x'\nsecrets = ['a b']\n",
            4,
            "not the id of a secret",
            "belongs in no file",
        ),
        (
            "[[hook]]\nat = 'final'\nrun = 'x'\nplatforms = ['a/b/c/d']\n",
            4,
            "`a/b/c/d` is not a platform",
            "linux/amd64",
        ),
        (
            "[[hook]]\nat = 'final'\nrun = 'x'\nenv = { 'A B' = '' }\n",
            4,
            "environment variable",
            "letters",
        ),
    ]);
}

#[test]
fn several_mistakes_are_told_at_once() {
    let all = parse_with(
        "[runtime]\nexpose = [0]\nworkdir = 'x'\n[build]\npackages = ['A']\n",
        &[],
    )
    .unwrap_err();
    let lines: Vec<usize> = all
        .iter()
        .map(|one| one.place.as_ref().unwrap().start().line)
        .collect();
    assert_eq!(lines, [2, 3, 5]);
}
