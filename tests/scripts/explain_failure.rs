//! `explain-failure.sh`: the exit code says why a command failed, if its output does.

use std::fs;

use super::container::{Container, Ran};

/// Runs a command that prints and ends like this, in a script that does nothing else.
fn explained(container: &Container, script: &str, args: &[&str]) -> Ran {
    let command = ["sh", "-euc", script, "sh"];
    container.sh("explain-failure.sh", &[&command, args].concat())
}

fn code_of(message: &str) -> Option<i32> {
    let script = "echo before; echo \"$1\" >&2; echo after; exit 5";
    let ran = explained(&Container::new(), script, &[message]);
    // Whatever the reason, the user sees the output.
    assert_eq!(
        ran.stdout + &ran.stderr,
        format!("before\n{message}\nafter\n")
    );
    ran.code
}

#[test]
fn a_server_that_cannot_be_reached_has_a_code() {
    for message in [
        "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
        "  Could not connect to apt.test:80 (203.0.113.1). - connect (111: Connection refused)",
        "Err:1 http://apt.test stable InRelease\n  Could not resolve 'apt.test'",
        "All attempts to connect to index.test failed.",
        "fatal: unable to access 'https://git.test/words/': Could not resolve host: git.test",
        "  cause: tcp connect error\n  cause: Connection refused (os error 111)",
        "  cause: dns error\n  cause: failed to lookup address information: Name or service not known",
    ] {
        assert_eq!(code_of(message), Some(91), "{message}");
    }
}

#[test]
fn an_untrusted_certificate_has_a_code() {
    for message in [
        // pip, which then finds nothing.
        "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1029)'))\nERROR: No matching distribution found for uv==0.9",
        // uv
        "error: Request failed after 3 retries\n  cause: invalid peer certificate: UnknownIssuer",
        // Poetry, with the summary of `run_poetry.py`.
        "All attempts to connect to index.test failed.\nerror: words 1.0 cannot be installed: certificate verify failed: self-signed certificate",
        // Git with OpenSSL and with GnuTLS.
        "fatal: unable to access 'https://git.test/words/': SSL certificate problem: self-signed certificate",
        "fatal: unable to access 'https://git.test/words/': server verification failed: certificate signer not trusted. (CAfile: /a CRLfile: none)",
        "fatal: unable to access 'https://git.test/words/': server certificate verification failed. CAfile: none CRLfile: none",
        // apt with OpenSSL and with GnuTLS.
        "Err:1 https://apt.test stable InRelease\n  SSL connection failed: error:0A000086:SSL routines::certificate verify failed / Success",
        "Err:1 https://apt.test stable InRelease\n  Certificate verification failed: The certificate is NOT trusted.",
    ] {
        assert_eq!(code_of(message), Some(97), "{message}");
    }
}

#[test]
fn refused_credentials_have_a_code() {
    for message in [
        "401 Client Error: Unauthorized for url: https://index.test/simple/words/",
        "ERROR: HTTP error 403 while getting https://index.test/words.whl (403 Client Error: Forbidden)",
        "Err:1 http://apt.test stable InRelease\n  401  Unauthorized [IP: 203.0.113.1 80]",
        "Authorization error accessing https://index.test/simple/words/",
        "error: No solution found when resolving dependencies\n\nhint: An index URL (https://index.test/simple) could not be queried due to a lack of valid authentication credentials (401 Unauthorized)",
        "hint: An index (https://index.test/simple) returned a 403 Forbidden error. Check that the index URL is correct",
    ] {
        assert_eq!(code_of(message), Some(92), "{message}");
    }
}

#[test]
fn a_package_that_does_not_exist_has_a_code() {
    for message in [
        "E: Unable to locate package libnone",
        "E: Version '9' for 'git' was not found",
        "E: Package 'git' has no installation candidate",
        "ERROR: No matching distribution found for poetry==99.0",
        "Unable to find installation candidates for words (1.0)",
        "error: No solution found when resolving dependencies\n  cause: Because there is no version of words==2.0",
    ] {
        assert_eq!(code_of(message), Some(93), "{message}");
    }
}

#[test]
fn a_missing_compiler_has_a_code() {
    for message in [
        "error: command 'gcc' failed: No such file or directory",
        "unable to execute 'x86_64-linux-gnu-gcc': No such file or directory",
        "FileNotFoundError: [Errno 2] No such file or directory: 'cmake'",
        "error: linker `cc` not found",
        "../meson.build:1:0: ERROR: Unknown compiler(s): [['cc'], ['gcc']]",
        "Error: pg_config executable not found.",
        "src/words.c:1:10: fatal error: libpq-fe.h: No such file or directory",
    ] {
        assert_eq!(code_of(message), Some(94), "{message}");
    }
}

#[test]
fn a_package_that_cannot_be_built_has_a_code() {
    let summary = "error: words 1.0 cannot be built from its source:\n  RuntimeError: no";
    assert_eq!(code_of(summary), Some(95));
    // A reason that says what to do is better.
    let missing = format!("{summary}\n  error: command 'gcc' failed: No such file or directory");
    assert_eq!(code_of(&missing), Some(94));
}

#[test]
fn the_command_gets_its_arguments() {
    let script = "printf '<%s>\\n' \"$@\"";
    let ran = explained(&Container::new(), script, &["a b", ""]).succeeded();
    assert_eq!(ran.stdout, "<a b>\n<>\n");
}

#[test]
fn any_other_failure_keeps_the_exit_code_of_the_command() {
    for message in [
        "SyntaxError: invalid syntax",
        "Downloading words-4.0.1.tar.gz (403 kB)",
        "error: command 'gcc' failed with exit status 1",
    ] {
        assert_eq!(code_of(message), Some(5), "{message}");
    }
}

#[test]
fn a_command_that_succeeds_may_print_anything() {
    let container = Container::new();
    let message = "Connection refused, trying again";
    let ran = explained(&container, "echo \"$1\"", &[message]).succeeded();
    assert_eq!(ran.stdout, format!("{message}\n"));
}

#[test]
fn no_copy_of_the_output_is_left() {
    for shared_memory in [true, false] {
        for code in ["0", "5"] {
            let container = Container::new();
            if shared_memory {
                container.directory("/dev/shm");
            }
            let ran = explained(&container, "ls /tmp; exit $1", &[code]);
            assert_eq!(ran.code.unwrap().to_string(), code);
            // The copy is in memory, if it can be.
            assert_eq!(ran.stdout.is_empty(), shared_memory, "{}", ran.stdout);
            for directory in ["/tmp", "/dev/shm"] {
                if let Ok(left) = fs::read_dir(container.path(directory)) {
                    assert_eq!(left.count(), 0, "{directory}");
                }
            }
        }
    }
}
