//! What the frontend does on engines that no test machine has.

use buildkit_proto::{Any, Timestamp, gateway, rpc};

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
fn an_engine_that_cannot_verify_downloads_is_an_error_before_the_index_is_asked() {
    let build_file = "[dependencies]\nfetch = \"engine\"\n";
    let conversation = FakeEngine::new()
        .file("dockerfile", "poetry.build.toml", build_file)
        .lacking("source.http.checksum")
        .talk();
    assert_eq!(
        error_message(&conversation),
        "poetry.build.toml:2: this engine cannot download wheels: it does not support `source.http.checksum`\n  hint: use Docker 24 or BuildKit 0.11, or newer, or set `fetch = \"step\"`"
    );
    assert_eq!(conversation.builds().len(), 0);
}

#[test]
fn an_engine_that_cannot_send_credentials_is_an_error() {
    let index = "https://index.example/simple";
    let words = testkit::Package::new("words", "1.0")
        .file("words-1.0-py3-none-any.whl", &"1".repeat(64))
        .index("corp", index);
    let project = testkit::Project::new("insider")
        .python(">=3.13,<3.14")
        .script("insider", "insider:main")
        .with_file("insider/__init__.py", "def main(): ...\n")
        .explicit_index("corp", index)
        .needs(words);
    let conversation = FakeEngine::new()
        .project(&project)
        .file(
            "dockerfile",
            "poetry.build.toml",
            "[dependencies]\nfetch = \"engine\"\n[indexes.corp]\nheader-secret = \"corp-header\"\n",
        )
        .having("exec.mount.secret")
        .talk();
    assert_eq!(
        error_message(&conversation),
        "poetry.build.toml:3: this engine cannot send credentials to an index: it does not support `source.http.auth`\n  hint: use Docker 28.1 or BuildKit 0.21, or newer, or remove `header-secret`: the step that installs the wheels then downloads them, with user name and password"
    );
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

const COMMIT: &str =
    "tree 8d3aa19c\nauthor A <a@a> 1600000000 +0000\ncommitter B <b@b> 1700000000 +0000\n\nmessage";
const REPOSITORY: &str = "https://git.example/team/odd.git#main";

/// An engine that knows the commit of a repository.
fn with_repository() -> FakeEngine {
    let capabilities = ["source.git", "source.git.fullurl"];
    let engine = capabilities
        .into_iter()
        .fold(FakeEngine::new(), FakeEngine::having);
    engine.telling(gateway::ResolveSourceMetaResponse {
        git: Some(gateway::ResolveSourceGitResponse {
            commit_object: COMMIT.into(),
            ..gateway::ResolveSourceGitResponse::default()
        }),
        ..gateway::ResolveSourceMetaResponse::default()
    })
}

/// The creation time in the config, and that for the exporter.
#[track_caller]
fn times(conversation: &Conversation) -> (String, String) {
    let [returned] = conversation.asked.returns.as_slice() else {
        panic!("{:?}", conversation.asked.returns);
    };
    assert_eq!(returned.error, None);
    let metadata = &returned.result.as_ref().unwrap().metadata;
    let config: serde_json::Value =
        serde_json::from_slice(&metadata["containerimage.config"]).unwrap();
    (
        config["created"].as_str().unwrap().to_owned(),
        String::from_utf8(metadata["source.date.epoch"].clone()).unwrap(),
    )
}

#[test]
fn the_time_of_the_image_can_be_that_of_its_commit() {
    let build_file =
        "[args.SOURCE_DATE_EPOCH]\n[runtime]\nlabels.time = \"${SOURCE_DATE_EPOCH}\"\n";
    let conversation = with_repository()
        .file("context", "poetry.build.toml", build_file)
        .option("context", REPOSITORY)
        .option("build-arg:SOURCE_DATE_EPOCH", "context")
        .talk();
    let expected = ("2023-11-14T22:13:20Z".to_owned(), "1700000000".to_owned());
    assert_eq!(times(&conversation), expected);
    let result = conversation.asked.returns[0].result.as_ref().unwrap();
    let config = &result.metadata["containerimage.config"];
    let config: serde_json::Value = serde_json::from_slice(config).unwrap();
    assert_eq!(config["config"]["Labels"]["time"], "1700000000");
    let [asked] = conversation.asked.sources.as_slice() else {
        panic!("{:?}", conversation.asked.sources);
    };
    assert!(asked.git.as_ref().unwrap().return_object);
    let source = asked.source.as_ref().unwrap();
    assert_eq!(source.identifier, "git://git.example/team/odd.git#main");
}

#[test]
fn the_time_of_the_image_can_be_that_of_a_named_context() {
    let named = |engine: FakeEngine, address: &str| {
        let conversation = engine
            .option("context:released", address)
            .option("build-arg:SOURCE_DATE_EPOCH", "released")
            .talk();
        times(&conversation).0
    };
    let time = named(with_repository(), REPOSITORY);
    assert_eq!(time, "2023-11-14T22:13:20Z");

    let modified = Timestamp {
        seconds: 1_685_620_800,
        nanos: 0,
    };
    let download = FakeEngine::new()
        .having("source.http.filename")
        .file("download", "context", "no archive")
        .telling(gateway::ResolveSourceMetaResponse {
            http: Some(gateway::ResolveSourceHttpResponse {
                last_modified: Some(modified),
                ..gateway::ResolveSourceHttpResponse::default()
            }),
            ..gateway::ResolveSourceMetaResponse::default()
        });
    let time = named(download, "https://files.example/notes.txt");
    assert_eq!(time, "2023-06-01T12:00:00Z");
}

#[test]
fn a_directory_of_the_client_has_no_time() {
    let conversation = with_repository()
        .option("build-arg:SOURCE_DATE_EPOCH", "context")
        .talk();
    assert_eq!(
        error_message(&conversation),
        "`SOURCE_DATE_EPOCH=context`: the time of the build context is unknown: it is neither a Git repository nor a download\n  \
         hint: build from a Git repository, or pass seconds: `--build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)`"
    );
}

#[test]
fn an_engine_that_knows_no_commits_is_an_error_before_the_build() {
    let conversation = FakeEngine::new()
        .having("source.git")
        .having("source.git.fullurl")
        .file("context", "poetry.build.toml", "")
        .option("context:released", REPOSITORY)
        .option("build-arg:SOURCE_DATE_EPOCH", "released")
        .talk();
    let message = error_message(&conversation);
    let start = "`SOURCE_DATE_EPOCH=released`: the time of the named context `released` is unknown: this engine does not tell it";
    assert!(message.starts_with(start), "{message}");
    assert_eq!(conversation.builds().len(), 0);
}
