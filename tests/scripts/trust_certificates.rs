//! `trust-certificates.sh`: what downloads trusts the image's certificates and those of the build.

use super::container::{Container, PROGRAMS, Ran};

const OF_THE_IMAGE: &str = "/etc/ssl/certs/ca-certificates.crt";
const BUNDLE: &str = "/run/secrets/ca-bundle";
/// What uv, pip, Poetry, requests, curl, Git, Cargo and Node read.
const VARIABLES: [&str; 7] = [
    "CARGO_HTTP_CAINFO",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
];

fn certificate(name: &str) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{name}\n-----END CERTIFICATE-----\n")
}

fn image() -> Container {
    let container = Container::new();
    container.directory("/dev/shm");
    container.write(OF_THE_IMAGE, &certificate("image"));
    container
}

fn run(container: &Container, bundle: &str, optional: &str) -> Ran {
    let script = "env | grep -E 'CERT|CA_BUNDLE|CAINFO|APT_CONFIG' | sort || :";
    let args = [bundle, optional, "sh", "-c", script];
    container.sh("trust-certificates.sh", &args)
}

/// The variables that name the file, if each of them does; the certificates in it.
fn trusted(container: &Container, bundle: &str) -> String {
    let seen = run(container, bundle, "1").succeeded().stdout;
    let file = "/dev/shm/ca-certificates.crt";
    let expected: String = ["APT_CONFIG=/dev/shm/apt-certificates.conf\n".to_owned()]
        .into_iter()
        .chain(VARIABLES.map(|name| format!("{name}={file}\n")))
        .collect();
    assert_eq!(seen, expected);
    assert_eq!(
        container.read("/dev/shm/apt-certificates.conf"),
        format!("Acquire::https::CAInfo \"{file}\";\n")
    );
    let text = container.read(file);
    let names = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('-'));
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_certificates_of_the_build_are_trusted_besides_those_of_the_image() {
    let container = image();
    // The end of the line may be missing.
    container.write(BUNDLE, certificate("company").trim_end());
    assert_eq!(trusted(&container, BUNDLE), "image company");
    assert_eq!(trusted(&container, OF_THE_IMAGE), "image");
    // apt reads it as another user.
    assert_eq!(
        container.mode("/dev/shm/ca-certificates.crt") & 0o444,
        0o444
    );
}

#[test]
fn files_that_the_image_names_stay_trusted() {
    let mut container = image();
    container.write(BUNDLE, &certificate("company"));
    container.write("/own.pem", &certificate("own"));
    container.set_env("REQUESTS_CA_BUNDLE", "/own.pem");
    container.set_env("PIP_CERT", "/own.pem");
    container.set_env("SSL_CERT_FILE", "/missing.pem");
    assert_eq!(trusted(&container, BUNDLE), "image company own");
}

#[test]
fn an_image_without_certificates_has_those_of_pip() {
    let mut container = Container::new();
    container.directory("/dev/shm");
    container.write(BUNDLE, &certificate("company"));
    container.program(
        &format!("{PROGRAMS}/python3"),
        "test \"$1\" = -I && echo /pip.pem",
    );
    container.write("/pip.pem", &certificate("pip"));
    assert_eq!(trusted(&container, BUNDLE), "pip company");
    // And none at all if it has no Python.
    container.set_path("/usr/bin:/bin");
    container.program("/usr/local/bin/python3", "exit 1");
    container.set_path("/usr/local/bin:/usr/bin:/bin");
    assert_eq!(trusted(&container, BUNDLE), "company");
}

#[test]
fn an_optional_bundle_may_be_missing_or_empty() {
    for text in [None, Some(""), Some(" \r\n\n")] {
        let container = image();
        if let Some(text) = text {
            container.write(BUNDLE, text);
        }
        let ran = run(&container, BUNDLE, "1").succeeded();
        assert_eq!(ran.stdout + &ran.stderr, "", "{text:?}");
        assert_eq!(run(&container, "", "").succeeded().stdout, "");
    }
}

#[test]
fn a_bundle_without_a_certificate_is_an_error() {
    let message = "error: `ca-bundle` has no certificate in PEM format, which begins with -----BEGIN CERTIFICATE-----\n";
    for text in [
        "a password",
        "-----BEGIN PRIVATE KEY-----\n",
        "0\u{82}\u{1}",
    ] {
        for optional in ["", "1"] {
            let container = image();
            container.write(BUNDLE, text);
            assert_eq!(run(&container, BUNDLE, optional).failed(98), message);
        }
    }
    let container = image();
    container.write("/empty.pem", "");
    assert_eq!(run(&container, "/empty.pem", "").failed(98), message);
    assert_eq!(
        run(&container, "/missing.pem", "").failed(98),
        "error: `ca-bundle` is /missing.pem, and the image has no such file\n"
    );
}

#[test]
fn behind_the_proxy_of_an_engine_python_trusts_the_certificates_of_the_image() {
    for variable in ["HTTPS_PROXY", "https_proxy"] {
        let mut container = image();
        container.set_env(variable, "http://proxy.test:8080");
        let seen = run(&container, "", "").succeeded().stdout;
        assert_eq!(seen, format!("REQUESTS_CA_BUNDLE={OF_THE_IMAGE}\n"));
        // What the base image says comes first.
        container.set_env("SSL_CERT_FILE", "/own.pem");
        let seen = run(&container, "", "").succeeded().stdout;
        assert_eq!(
            seen,
            "REQUESTS_CA_BUNDLE=/own.pem\nSSL_CERT_FILE=/own.pem\n"
        );
        container.set_env("REQUESTS_CA_BUNDLE", "/other.pem");
        let seen = run(&container, "", "").succeeded().stdout;
        assert_eq!(
            seen,
            "REQUESTS_CA_BUNDLE=/other.pem\nSSL_CERT_FILE=/own.pem\n"
        );
    }
}

#[test]
fn the_command_gets_its_arguments_and_its_exit_code_is_passed_on() {
    let container = image();
    let script = "printf '<%s>' \"$@\"; exit 7";
    let args = ["", "", "sh", "-c", script, "sh", "a b", ""];
    let ran = container.sh("trust-certificates.sh", &args);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(7), "<a b><>"));
}
