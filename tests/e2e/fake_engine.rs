//! What the frontend does on engines that no test machine has.

use buildkit_proto::{Any, rpc};

use crate::support::fake_engine::{Conversation, FakeEngine};

/// The error that the frontend returned; it exits with 0 and prints nothing.
#[track_caller]
fn error_message(conversation: &Conversation) -> &str {
    assert!(conversation.exit.success(), "{}", conversation.stderr);
    assert_eq!(conversation.stderr, "");
    &conversation.error().message
}

#[test]
fn a_build_on_a_capable_engine_succeeds() {
    let conversation = FakeEngine::new().talk();
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
fn the_same_request_gives_the_same_graph() {
    let request = || {
        FakeEngine::new()
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
fn an_engine_that_is_too_old_is_an_error_before_the_build() {
    let conversation = FakeEngine::new().lacking("exec.mount.cache.sharing").talk();
    assert_eq!(
        error_message(&conversation),
        "this engine is too old: it does not support `exec.mount.cache.sharing`\n  hint: use Docker 24 or BuildKit 0.11, or newer"
    );
    assert_eq!(conversation.builds().len(), 0);
}

#[test]
fn an_error_of_the_engine_is_passed_on_unchanged() {
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
    let conversation = FakeEngine::new().refusing(status.clone()).talk();
    assert!(conversation.exit.success(), "{}", conversation.stderr);
    assert_eq!(conversation.builds().len(), 1);
    assert_eq!(conversation.error(), &status);
}

#[test]
fn a_long_error_of_the_engine_is_passed_on_unchanged() {
    // As large as an error with the source of a large build file.
    let status = rpc::Status {
        code: 2,
        message: "failed".to_owned(),
        details: vec![Any {
            type_url: "github.com/moby/buildkit/errdefs.Source+json".to_owned(),
            value: vec![b'x'; 1 << 20],
        }],
    };
    let conversation = FakeEngine::new().refusing(status.clone()).talk();
    assert!(conversation.exit.success(), "{}", conversation.stderr);
    assert!(conversation.error() == &status, "another error came back");
}

#[test]
fn an_unknown_subrequest_is_an_error() {
    let conversation = FakeEngine::new()
        .option("requestid", "frontend.unknown")
        .talk();
    assert_eq!(
        error_message(&conversation),
        "unsupported request frontend.unknown\n  hint: `--call=subrequests.describe` lists the supported requests"
    );
    // The type that tells clients that the request failed, not the build.
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
fn a_malformed_option_is_an_error() {
    let conversation = FakeEngine::new().option("ulimit", "files=1024").talk();
    assert_eq!(
        error_message(&conversation),
        "invalid value `files=1024` for `ulimit`: expected `NAME=SOFT:HARD`\n  hint: fix this argument of the build command"
    );
    assert_eq!(conversation.asked.solves.len(), 0);
}

#[test]
fn a_missing_build_file_is_an_error() {
    let conversation = FakeEngine::new().option("filename", "web.toml").talk();
    assert_eq!(
        error_message(&conversation),
        "build file `web.toml` not found\n  hint: pass its path with `-f`; a file with nothing but the line `# syntax=...` is enough"
    );
}

#[test]
fn a_lost_connection_is_an_error() {
    let (exit, stderr) = FakeEngine::hang_up();
    assert_eq!(exit.code(), Some(1), "{stderr}");
    assert!(
        stderr.starts_with("poetry-frontend: the connection to the engine failed: "),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

#[test]
fn a_failing_step_is_named_and_its_script_is_not_shown() {
    let conversation = FakeEngine::new().failing("apt-get install").talk();
    assert!(conversation.exit.success(), "{}", conversation.stderr);
    let [image] = &conversation.builds()[..] else {
        panic!("{:?}", conversation.asked.returns);
    };
    let named = |name: &str| {
        let mut all = image.metadata.iter();
        all.any(|(_, metadata)| {
            metadata
                .description
                .get("llb.customname")
                .is_some_and(|one| one == name)
        })
    };
    let error = conversation.error();
    let step = error.message.strip_suffix(" failed with exit code 100");
    assert!(step.is_some_and(named), "{}", error.message);
    // The client takes the lines of the build file from the details.
    let kinds: Vec<&str> = error.details.iter().map(|one| &*one.type_url).collect();
    assert_eq!(kinds, ["github.com/moby/buildkit/errdefs.Vertex+json"]);
}

#[test]
fn the_image_is_built_before_the_result_is_returned() {
    let conversation = FakeEngine::new().talk();
    let eager: Vec<bool> = conversation
        .asked
        .solves
        .iter()
        .map(|request| request.evaluate)
        .collect();
    assert_eq!(eager.iter().filter(|eager| **eager).count(), 1, "{eager:?}");
    assert_eq!(eager.last(), Some(&true));
}

/// Docker with the overlay2 store crashes if two requests read one file tree at the same time.
#[test]
fn the_files_of_a_context_are_read_one_after_the_other() {
    let modules = (0..8).map(|number| format!("odd/part{number}.py"));
    let engine = FakeEngine::new().file(
        "dockerfile",
        "poetry.build.toml",
        "[check]\nenable = [\"DevOnlyImport\"]\n",
    );
    let engine = modules.fold(engine, |engine, path| {
        engine.file("context", &path, "import odd\n")
    });
    let conversation = engine.option("requestid", "frontend.lint").talk();
    assert!(conversation.exit.success(), "{}", conversation.stderr);
    // The build file and the project are in two contexts.
    assert!(conversation.asked.most_readers <= 2);
    assert!(conversation.asked.files_read > 8);
}
