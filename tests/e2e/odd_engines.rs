//! What the frontend says to engines that no test machine has.

use buildkit_proto::{Any, rpc};

use crate::support::odd_engine::{Conversation, OddEngine};

/// The build failed and the frontend did not: it told the engine, exactly this, and ended well.
#[track_caller]
fn told(conversation: &Conversation) -> &str {
    assert!(conversation.exit.success(), "{}", conversation.stderr);
    assert_eq!(conversation.stderr, "");
    &conversation.error().message
}

#[test]
fn a_good_engine_builds() {
    let conversation = OddEngine::new().talk();
    assert!(conversation.exit.success(), "{}", conversation.stderr);
    assert_eq!(conversation.builds().len(), 1);
    let [image] = conversation.asked.images.as_slice() else {
        panic!("{:?}", conversation.asked.images);
    };
    assert!(
        image.r#ref.ends_with("/library/python:3.13-slim-trixie"),
        "{image:?}"
    );
    let [returned] = conversation.asked.returns.as_slice() else {
        panic!("{:?}", conversation.asked.returns);
    };
    assert_eq!(returned.error, None);
    let config = &returned.result.as_ref().unwrap().metadata["containerimage.config"];
    let config: serde_json::Value = serde_json::from_slice(config).unwrap();
    assert_eq!(config["config"]["Entrypoint"], serde_json::json!(["odd"]));
}

#[test]
fn the_same_request_is_the_same_graph() {
    let request = || {
        OddEngine::new()
            .option("add-hosts", "index=10.0.0.1,other=10.0.0.2")
            .option("build-arg:HTTP_PROXY", "http://proxy.example:8080")
            .option("label:b", "2")
            .option("label:a", "1")
            .talk()
    };
    let (first, second) = (request(), request());
    let (first_builds, second_builds) = (first.builds(), second.builds());
    assert_eq!(first_builds.len(), 1);
    assert_eq!(first_builds, second_builds);
    assert_eq!(first.asked.returns, second.asked.returns);
}

#[test]
fn an_engine_that_is_too_old_is_told_so_and_asked_for_nothing() {
    let conversation = OddEngine::new().lacking("exec.mount.cache.sharing").talk();
    assert_eq!(
        told(&conversation),
        "this engine is too old: it lacks `exec.mount.cache.sharing`\n  hint: use Docker 24 or BuildKit 0.11, or newer"
    );
    assert_eq!(conversation.builds().len(), 0);
}

#[test]
fn an_error_of_the_engine_goes_back_whole() {
    let status = rpc::Status {
        code: 13,
        message: "process \"sh\" did not complete successfully: exit code: 1\nnaïve ünïcode %41"
            .to_owned(),
        details: vec![
            Any {
                type_url: "github.com/moby/buildkit/errdefs.Solve+json".to_owned(),
                value: b"{\"inputIDs\":[\"a\"],\"op\":{\"Op\":{}}}".to_vec(),
            },
            Any {
                type_url: "github.com/moby/buildkit/errdefs.Source+json".to_owned(),
                value: vec![0, 1, 254, 255],
            },
        ],
    };
    let conversation = OddEngine::new().refusing(status.clone()).talk();
    assert!(conversation.exit.success(), "{}", conversation.stderr);
    assert_eq!(conversation.builds().len(), 1);
    assert_eq!(conversation.error(), &status);
}

#[test]
fn a_long_error_of_the_engine_goes_back_whole() {
    // As an engine sends it with the source of a large build file in it.
    let status = rpc::Status {
        code: 2,
        message: "failed".to_owned(),
        details: vec![Any {
            type_url: "github.com/moby/buildkit/errdefs.Source+json".to_owned(),
            value: vec![b'x'; 1 << 20],
        }],
    };
    let conversation = OddEngine::new().refusing(status.clone()).talk();
    assert!(conversation.exit.success(), "{}", conversation.stderr);
    assert!(conversation.error() == &status, "another error came back");
}

#[test]
fn a_subrequest_that_is_not_answered() {
    let conversation = OddEngine::new()
        .option("requestid", "frontend.unknown")
        .talk();
    assert_eq!(
        told(&conversation),
        "unsupported request frontend.unknown\n  hint: `--call=subrequests.describe` lists what is answered"
    );
    // The type by which clients know that it is the request, not the build, that failed.
    assert_eq!(
        conversation.error().details,
        [Any {
            type_url: "github.com/moby/buildkit/errdefs.Subrequest+json".to_owned(),
            value: br#"{"name":"frontend.unknown"}"#.to_vec(),
        }]
    );
    assert_eq!(conversation.asked.solves.len(), 0);
}

#[test]
fn an_option_that_makes_no_sense_is_refused() {
    let conversation = OddEngine::new().option("ulimit", "files=1024").talk();
    assert_eq!(
        told(&conversation),
        "the option `ulimit` has the value `files=1024`, which is not of the form `NAME=SOFT:HARD`\n  hint: correct it in the command"
    );
    assert_eq!(conversation.asked.solves.len(), 0);
}

#[test]
fn a_build_file_that_is_not_there() {
    let conversation = OddEngine::new().option("filename", "web.toml").talk();
    assert_eq!(
        told(&conversation),
        "there is no build file `web.toml`\n  hint: name it with `-f`; it may be empty but for its first line, `# syntax=...`"
    );
}

#[test]
fn an_engine_that_hangs_up() {
    let (exit, stderr) = OddEngine::hang_up();
    assert_eq!(exit.code(), Some(1), "{stderr}");
    assert!(
        stderr.starts_with("poetry-frontend: the connection to the engine failed: "),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}
