//! Wheels that the engine downloads.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tempfile::TempDir;

use crate::containerd_store::provenance;
use crate::layers;
use crate::support::{Index, Project};

const BY_ENGINE: &str = "[dependencies]\nfetch = \"engine\"\n";
const USER: &str = "reader-of-the-index";
const PASSWORD: &str = "correct-horse-battery-staple";

#[test]
fn the_engine_downloads_wheels_and_the_files_are_those_of_the_default() {
    let (first, second) = (Index::of_this_machine(), Index::of_this_machine());
    let words = first.publish("words", "1.0", "WORD = 'hello'\n");
    let names = second.publish("names", "1.0", "NAME = 'world'\n");
    let more = second.publish("more", "1.0", "MARK = '!'\n");
    let two = [("a", &[&words][..]), ("b", &[&names][..])];
    let project = Project::with(&layers::files("fetched", &two));
    project.write(
        "src/fetched/__init__.py",
        "import words, names\ndef main():\n    print(words.WORD, names.NAME)\n",
    );
    let by_step = project.build().unattested().image();
    first.downloads();
    second.downloads();

    project.build_file(BY_ENGINE);
    let (image, built) = project.build().unattested().run().parts();
    assert_eq!(image.answer(&[]), "hello world");
    built.step("deps-1-addresses", "ask the index for words");
    assert_eq!(first.downloads(), [&*words.file]);
    assert_eq!(second.downloads(), [&*names.file]);
    assert_eq!(image.files(), by_step.files());

    // One more package: its index is asked, and one wheel is downloaded.
    let asked = (first.requests().len(), second.requests().len());
    let three = [("a", &[&words][..]), ("b", &[&more, &names][..])];
    let grown = layers::files("fetched", &three);
    project
        .write("pyproject.toml", &grown.pyproject())
        .write("poetry.lock", &grown.lock());
    let (image, built) = project.build().unattested().run().parts();
    assert_eq!(image.answer(&[]), "hello world");
    built.assert_ran(
        &[
            "deps-2-addresses: ask the index for more and names",
            "deps: install more and names",
            "overlaps: compare the files of the packages",
            "source: build and install the wheel",
            "source: copy the source",
            "source: write the reduced pyproject.toml",
        ],
        &[
            "runtime: copy more and names",
            "runtime: copy the installed project",
        ],
    );
    assert_eq!(second.downloads(), [&*more.file]);
    assert_eq!(first.requests().len(), asked.0);
    // Two pages and a file.
    assert_eq!(second.requests().len(), asked.1 + 3);
}

#[test]
fn a_private_index_stays_with_the_step_that_has_its_credentials() {
    let index = Index::of_this_machine_for(&format!("{USER}:{PASSWORD}"));
    let words = index.publish("words", "1.0", "");
    let project = Project::package("insider", &[&words]);
    project.build_file(&format!("{BY_ENGINE}[indexes.index]\n"));
    let with_secrets = || {
        let build = project.build().with_secret("index-username", USER);
        build.with_secret("index-password", PASSWORD)
    };
    assert_eq!(with_secrets().image().answer(&[]), "hello");
    assert_eq!(index.downloads(), [&*words.file]);

    // Otherwise the index refuses, and the hint says what to do.
    project.build_file(BY_ENGINE);
    let built = with_secrets().run();
    let error = built.error();
    assert!(
        error.contains("ask the index for words failed: an index refused the credentials"),
        "{error}"
    );
    assert!(
        error.contains("name the index in `[indexes.index]`"),
        "{error}"
    );
}

#[test]
#[ignore = "needs an engine that sends credentials"]
fn the_engine_sends_the_header_of_an_index_for_the_project_that_shows_it() {
    let index = Index::of_this_machine_for(&format!("{USER}:{PASSWORD}"));
    let words = index.publish("words", "1.0", "");
    let build_file = format!("{BY_ENGINE}[indexes.index]\nheader-secret = \"index-header\"\n");
    let encoded = STANDARD.encode(format!("{USER}:{PASSWORD}"));
    let header = format!("Basic {encoded}");
    let project = Project::package("insider", &[&words]);
    project.build_file(&build_file);

    let built = project.build().run();
    let missing = "poetry.build.toml:4: the secret `index-header` was not provided";
    assert!(built.error().contains(missing), "{}", built.error());

    let with =
        |project: &Project, header: &str| project.build().with_secret("index-header", header).run();
    let (image, built) = with(&project, &header).parts();
    assert_eq!(image.answer(&[]), "hello");
    built.step("deps-1-addresses", "ask the index for words");
    assert_eq!(index.downloads(), [&*words.file]);
    let report = built.report();
    for secret in [&encoded, PASSWORD] {
        assert!(!image.holds(secret) && !report.contains(secret), "{report}");
    }

    // The engine has the wheel, but only for the project that showed the header.
    let other = Project::package("outsider", &[&words]);
    other.build_file(&build_file);
    for (wrong, reason) in [
        ("Basic d3Jvbmc6d3Jvbmc=", "HTTP error 401"),
        (&*format!("{header}\n"), "ends with a newline"),
    ] {
        let built = with(&other, wrong);
        let error = built.error();
        assert!(
            error.contains("ask the index for words failed: an index refused the credentials\n  hint: check the secret index-header of the index `index`"),
            "{error}"
        );
        let log = &built
            .step("deps-1-addresses", "ask the index for words")
            .log;
        assert!(log.contains(reason), "{log}");
    }
    assert_eq!(with(&other, &header).image().answer(&[]), "hello");
    assert_eq!(index.downloads(), [&*words.file]);
}

#[test]
fn a_locked_file_that_the_index_does_not_have_is_an_error() {
    let index = Index::of_this_machine();
    let mut words = index.publish("words", "1.0", "");
    words.sha256 = "0".repeat(64);
    let project = Project::package("lost", &[&words]);
    project.build_file(BY_ENGINE);
    let built = project.build().run();
    let error = built.error();
    assert!(
        error.contains("ask the index for words failed: there is no such package\n  hint: "),
        "{error}"
    );
    let step = built.step("deps-1-addresses", "ask the index for words");
    assert!(
        step.log
            .contains(&format!("does not have words {}", words.version)),
        "{}",
        step.log
    );
    assert!(step.log.contains(&index.address()), "{}", step.log);
}

#[test]
#[ignore = "needs the containerd image store"]
fn the_provenance_lists_every_wheel_and_no_step_has_a_network() {
    let index = Index::of_this_machine();
    let words = index.publish("words", "1.0", "");
    let project = Project::package("hermetic", &[&words]);
    project.build_file(BY_ENGINE);
    let out = TempDir::new().unwrap();
    project
        .build()
        .with("--attest=type=provenance,mode=max")
        .export_layout(out.path(), &[]);
    let provenance = provenance(out.path());
    let materials = provenance["materials"].as_array().unwrap();
    let material = |url: &str| {
        let mut all = materials.iter();
        all.find(|one| one["uri"].as_str().unwrap_or_default().contains(url))
            .unwrap_or_else(|| panic!("{url}: {provenance}"))
    };
    assert_eq!(
        material(&words.url())["digest"]["sha256"],
        Value::from(&*words.sha256)
    );
    for tool in ["/uv-", "/poetry_core-", "/installer-"] {
        material(tool);
    }
    let steps = provenance["buildConfig"]["llbDefinition"]
        .as_array()
        .unwrap();
    let execs: Vec<&Value> = steps
        .iter()
        .map(|step| &step["op"]["Op"]["exec"])
        .filter(|exec| exec.is_object())
        .collect();
    assert!(execs.len() > 3, "{provenance}");
    for exec in execs {
        // `NetMode_NONE` of the engine.
        assert_eq!(exec["network"], 2, "{exec}");
    }
}
