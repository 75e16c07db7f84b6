//! Builds for one emulated platform, and the requests of builds for several; `containerd_store.rs` has the images of
//! several.

use std::collections::BTreeSet;

use buildkit_proto::gateway::result::Result as Trees;
use serde_json::{Value, json};

use crate::support::fake_engine::{Conversation, FakeEngine, commands};
use crate::support::{Project, platforms_image};

#[test]
fn an_image_is_built_for_an_emulated_platform() {
    let project = Project::package("elsewhere", &[]);
    project
        .edit(
            "src/elsewhere/__init__.py",
            "def main",
            "import platform\ndef main",
        )
        .edit("src/elsewhere/__init__.py", "'hello'", "platform.machine()")
        .build_file(&format!("[runtime]\nbase = \"{}\"\n", platforms_image()));
    // The platform that is emulated here.
    let (architecture, machine) = match std::env::consts::ARCH {
        "aarch64" => ("amd64", "x86_64"),
        _ => ("arm64", "aarch64"),
    };
    let option = format!("--platform=linux/{architecture}");
    let image = project.build().with(&option).image();
    assert_eq!(image.inspect()["Architecture"], architecture);
    assert_eq!(image.answer_with(&[&option], &[]), machine);
}

/// The returned platforms, the keys of the metadata, and `refs.platforms`.
#[track_caller]
fn returned(conversation: &Conversation) -> (Vec<String>, Vec<String>, Value) {
    let [returned] = conversation.asked.returns.as_slice() else {
        panic!("{:?}", conversation.asked.returns);
    };
    let result = returned.result.as_ref().unwrap();
    let trees = match &result.result {
        Some(Trees::Refs(map)) => map.refs.keys().cloned().collect(),
        Some(Trees::Ref(_)) => Vec::new(),
        other => panic!("{other:?}"),
    };
    let platforms = serde_json::from_slice(&result.metadata["refs.platforms"]).unwrap();
    (trees, result.metadata.keys().cloned().collect(), platforms)
}

#[test]
fn each_platform_has_its_own_files_and_config() {
    let conversation = FakeEngine::new()
        .option("platform", "linux/amd64,linux/arm64/v8")
        .option("build-arg:SOURCE_DATE_EPOCH", "1700000000")
        .talk();
    let (trees, metadata, platforms) = returned(&conversation);
    assert_eq!(trees, ["linux/amd64", "linux/arm64"]);
    assert_eq!(
        metadata,
        [
            "containerimage.base.config/linux/amd64",
            "containerimage.base.config/linux/arm64",
            "containerimage.config/linux/amd64",
            "containerimage.config/linux/arm64",
            "refs.platforms",
            "source.date.epoch/linux/amd64",
            "source.date.epoch/linux/arm64",
        ]
    );
    let platform = |architecture: &str| {
        json!({
            "ID": format!("linux/{architecture}"),
            "Platform": {"architecture": architecture, "os": "linux"},
        })
    };
    assert_eq!(
        platforms,
        json!({"Platforms": [platform("amd64"), platform("arm64")]})
    );
    assert_eq!(conversation.builds().len(), 2);
    // Each image is looked up once for each platform.
    let images = conversation.asked.images.iter();
    let asked: Vec<String> = images
        .map(|image| image.platform.as_ref().unwrap().architecture.clone())
        .collect();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), 2);
}

/// The names of the steps that start stages and run commands, with the architecture that a command runs on.
fn built(engine: FakeEngine) -> (Vec<String>, Vec<String>) {
    let conversation = engine
        .file("dockerfile", "poetry.build.toml", "")
        .option("platform", "linux/arm64")
        .talk();
    let [definition] = conversation.builds()[..] else {
        panic!("{:?}", conversation.stderr);
    };
    let commands = commands(definition).into_iter();
    let commands = commands.map(|(name, architecture)| format!("{architecture}: {name}"));
    let names = definition.metadata.values();
    let names = names.filter_map(|one| one.description.get("llb.customname").cloned());
    let bases = names.filter(|name| name.contains("] FROM "));
    (commands.collect(), bases.collect())
}

#[test]
fn the_same_python_stands_in_for_that_of_the_image() {
    let engine = FakeEngine::new()
        .python("amd64", "3.13.5")
        .python("arm64", "3.13.5");
    let (commands, _) = built(engine);
    assert!(!commands.is_empty());
    for command in commands {
        assert!(
            command.starts_with("amd64: [linux/amd64->arm64 "),
            "{command}"
        );
    }
}

#[test]
fn another_python_does_not_stand_in_and_the_base_says_so() {
    let engine = FakeEngine::new()
        .python("amd64", "3.13.4")
        .python("arm64", "3.13.5");
    let (commands, bases) = built(engine);
    assert!(!commands.is_empty());
    for command in commands {
        assert!(command.starts_with("arm64: [linux/arm64 "), "{command}");
    }
    let why = "has Python 3.13.5, but for linux/amd64 it has Python 3.13.4)";
    assert!(bases.iter().any(|base| base.ends_with(why)), "{bases:?}");
}

#[test]
fn one_platform_can_be_an_index() {
    for (option, expected) in [
        (
            "build-arg:BUILDKIT_MULTI_PLATFORM",
            vec!["linux/amd64".to_owned()],
        ),
        ("label:x", Vec::new()),
    ] {
        let conversation = FakeEngine::new().option(option, "1").talk();
        assert_eq!(returned(&conversation).0, expected, "{option}");
    }
}
