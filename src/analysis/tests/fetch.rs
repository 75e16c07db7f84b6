//! Wheels that the engine downloads.

use super::*;
use crate::plan::Authorization;
use crate::resolve::Addresses;

const BY_ENGINE: &str = "[dependencies]\nfetch = \"engine\"\n";

fn hash(digit: &str) -> String {
    digit.repeat(64)
}

/// A project with a package of the default index, and one of another index.
fn project() -> Project {
    bare()
        .needs(
            Package::new("a", "1")
                .file("a-1-cp313-cp313-manylinux_2_17_x86_64.whl", &hash("1"))
                .file("a-1-cp313-cp313-win_amd64.whl", &hash("2"))
                .file("a-1-py3-none-any.whl", &hash("3"))
                .file("a-1.tar.gz", &hash("4")),
        )
        .explicit_index("corp", "https://corp.example/simple/")
        .needs(
            Package::new("b", "1")
                .file("b-1-py3-none-any.whl", &hash("5"))
                .index("corp", "https://corp.example/simple"),
        )
        .with_build_file(BY_ENGINE)
}

/// What the indexes answer: everything that is locked, and the tools. Of each file, `url_of` has the address.
fn answers(plan: &Plan, url_of: impl Fn(&str) -> String) -> Addresses {
    let mut entries = Vec::new();
    for stage in &plan.stages {
        let Some(wanted) = stage.steps.first().and_then(|step| match &step.action {
            Action::Run(run) => file(run, "/run/wanted.json"),
            _ => None,
        }) else {
            continue;
        };
        let wanted: serde_json::Value = serde_json::from_str(wanted).unwrap();
        for package in wanted.as_array().unwrap() {
            for (number, (hash, name)) in package["files"].as_object().unwrap().iter().enumerate() {
                let name = match name.as_str().unwrap() {
                    "" => format!("tool-{number}-py3-none-any.whl"),
                    name => name.to_owned(),
                };
                let url = url_of(&name);
                entries.push(serde_json::json!({ "hash": hash, "name": name, "url": url }));
            }
        }
    }
    let list = serde_json::json!(entries).to_string();
    Addresses::read([list.as_bytes()]).unwrap()
}

/// The plan with the answers of the indexes.
fn answered(project: &Project) -> Plan {
    answered_from(project, "https://files.example/{}")
}

/// The same with files at `url`, in which `{}` is their name.
fn answered_from(project: &Project, url: &str) -> Plan {
    let addresses = answers(&plan_of(project), |name| url.replace("{}", name));
    let request = Request {
        addresses,
        ..request()
    };
    plan_for(project, &request).unwrap()
}

fn downloads(run: &Run) -> Vec<(&str, &str)> {
    let mounts = run.mounts.iter();
    let downloads = mounts.filter_map(|mount| match mount {
        Mount::Download { name, checksum, .. } => Some((name.as_str(), checksum.as_str())),
        _ => None,
    });
    downloads.collect()
}

fn authorizations(run: &Run) -> Vec<&Authorization> {
    let mounts = run.mounts.iter();
    mounts.filter_map(Mount::authorization).collect()
}

#[test]
fn before_the_build_the_index_of_each_layer_is_asked_for_what_fits() {
    let plan = plan_of(&project());
    let asking: Vec<&Stage> = plan
        .stages
        .iter()
        .filter(|stage| stage.name.is_addresses())
        .collect();
    let asking: Vec<(String, String, &str, &Run)> = asking
        .iter()
        .map(|stage| {
            let run = run(&stage.steps[0]);
            let index = words(run).get(6).cloned().unwrap_or_default();
            let wanted = file(run, "/run/wanted.json").unwrap();
            (stage.name.to_string(), index, wanted, run)
        })
        .collect();
    let names: Vec<&str> = asking.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "uv-addresses",
            "deps-1-addresses",
            "deps-2-addresses",
            "wheel-tools-addresses"
        ]
    );
    let (_, index, wanted, _) = &asking[1];
    assert_eq!(index, "");
    assert!(
        wanted.contains("a-1-cp313-cp313-manylinux_2_17_x86_64.whl"),
        "{wanted}"
    );
    assert!(wanted.contains("a-1-py3-none-any.whl"), "{wanted}");
    assert!(
        !wanted.contains("win_amd64") && !wanted.contains(".tar.gz"),
        "{wanted}"
    );
    let (_, index, wanted, run) = &asking[2];
    assert_eq!(index, "https://corp.example/simple");
    assert!(
        wanted.contains("b-1-py3-none-any.whl") && !wanted.contains("a-1"),
        "{wanted}"
    );
    assert!(run.secrets.is_empty());
    assert_eq!(plan.network_uses(), Some(Vec::new()));
}

#[test]
fn with_the_addresses_no_step_has_a_network_and_the_best_wheels_are_mounted() {
    let plan = answered(&project());
    let names = stage_names(&plan);
    assert!(
        !names.iter().any(|name| name.ends_with("-addresses")),
        "{names:?}"
    );
    for step in plan.stages.iter().flat_map(|stage| &stage.steps) {
        if let Action::Run(run) = &step.action {
            assert_eq!(run.network, Network::None, "{}", step.title);
        }
    }
    let mounted: Vec<Vec<(&str, &str)>> = layers(&plan)
        .iter()
        .map(|layer| downloads(run(&layer.steps[0])))
        .collect();
    let (one, five) = (
        format!("sha256:{}", hash("1")),
        format!("sha256:{}", hash("5")),
    );
    assert_eq!(
        mounted,
        [
            [("a-1-cp313-cp313-manylinux_2_17_x86_64.whl", one.as_str())],
            [("b-1-py3-none-any.whl", five.as_str())],
        ]
    );
    for layer in layers(&plan) {
        assert!(requirements(layer).starts_with("--no-index\n--find-links /run/wheels\n"));
    }
    assert_eq!(downloads(last_run(&plan, &StageName::Uv)).len(), 1);
    assert_eq!(downloads(last_run(&plan, &StageName::WheelTools)).len(), 2);
}

#[test]
fn another_package_changes_the_question_of_its_layer_alone() {
    let more = project().needs(
        Package::new("c", "1")
            .file("c-1-py3-none-any.whl", &hash("6"))
            .index("corp", "https://corp.example/simple"),
    );
    let questions = |project: &Project| {
        let plan = plan_of(project);
        let asking = plan
            .stages
            .into_iter()
            .filter(|stage| stage.name.is_addresses());
        let asking = asking.map(|stage| (stage.name.to_string(), stage.steps[0].action.clone()));
        asking.collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (questions(&project()), questions(&more));
    let changed: Vec<&String> = before
        .iter()
        .filter(|(name, action)| after.get(*name) != Some(action))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(changed, ["deps-2-addresses"]);
}

#[test]
fn a_private_index_and_what_poetry_installs_are_not_hermetic() {
    let build_file = format!("{BY_ENGINE}[build]\npackages = [\"gcc\"]\n[indexes.corp]\n");
    let project = project()
        .needs(Package::new("s", "1").sdist())
        .with_build_file(&build_file);
    let plan = answered(&project);
    let private = run(&layers(&plan)[1].steps[0]);
    assert_eq!(private.network, Network::Build);
    assert_eq!(private.secrets.len(), 2);
    let uses = plan.network_uses().unwrap();
    let uses: Vec<(String, &str)> = uses
        .iter()
        .map(|one| (one.stage.to_string(), one.reason))
        .collect();
    let found = |stage: &str| {
        uses.iter()
            .find(|(name, _)| name == stage)
            .map(|(_, why)| *why)
    };
    assert_eq!(found("deps-1"), None);
    assert_eq!(
        found("deps-2"),
        Some("the index has no `header-secret`, which the engine would send")
    );
    assert_eq!(found("poetry"), Some("pip installs Poetry"));
    assert_eq!(
        found("deps-poetry"),
        Some("Poetry downloads what it installs")
    );
    assert!(found("builder").is_some(), "{uses:?}");
}

#[test]
fn the_header_of_an_index_is_for_its_own_address_alone() {
    let header = format!("{BY_ENGINE}[indexes.corp]\nheader-secret = \"corp-header\"\n");
    let project = project().with_build_file(&header);
    let plan = plan_of(&project);
    let asking = last_run(
        &plan,
        &StageName::Addresses(Box::new(StageName::Layer { number: 2, of: 2 })),
    );
    let secrets: Vec<(&str, &str)> = asking
        .secrets
        .iter()
        .map(|secret| (secret.variable.as_str(), secret.id.as_str()))
        .collect();
    assert_eq!(secrets, [("INDEX_AUTHORIZATION", "corp-header")]);
    for (url, is_sent) in [
        ("https://corp.example/files/b-1-py3-none-any.whl", true),
        ("https://Corp.Example:443/b-1-py3-none-any.whl", true),
        ("http://corp.example/b-1-py3-none-any.whl", false),
        ("https://corp.example:8443/b-1-py3-none-any.whl", false),
        ("https://corp.example.org/b-1-py3-none-any.whl", false),
        ("https://files.example/b-1-py3-none-any.whl", false),
    ] {
        let plan = answered_from(&project, url);
        let [first, second] = layers(&plan)[..] else {
            panic!("not two layers");
        };
        assert!(authorizations(run(&first.steps[0])).is_empty());
        let expected = Authorization {
            secret: "corp-header".to_owned(),
            required_at: asking.secrets[0].required_at.clone().unwrap(),
            project: "app".to_owned(),
        };
        let second = run(&second.steps[0]);
        let sent = authorizations(second);
        assert_eq!(
            sent,
            if is_sent { vec![&expected] } else { vec![] },
            "{url}"
        );
        assert_eq!((second.network, second.secrets.len()), (Network::None, 0));
        assert_eq!(plan.network_uses(), Some(Vec::new()));
    }
}

#[test]
fn without_addresses_the_steps_download_as_by_default() {
    let by_step = project().with_build_file("# by the steps\n\n");
    let request = Request {
        addresses: Addresses::Unavailable,
        ..request()
    };
    let actions = |plan: Plan| {
        let steps = plan.stages.into_iter().flat_map(|stage| stage.steps);
        steps.map(|step| step.action).collect::<Vec<_>>()
    };
    let unavailable = plan_for(&project(), &request).unwrap();
    assert_eq!(actions(unavailable), actions(plan_of(&by_step)));
    assert_eq!(plan_of(&by_step).network_uses(), None);
}

#[test]
fn a_target_asks_for_itself() {
    let build_file = "[target.strict.dependencies]\nfetch = \"engine\"\n";
    let project = project().with_build_file(build_file);
    assert_eq!(plan_of(&project).fetched_at, None);
    let strict = plan_for(&project, &target("strict")).unwrap();
    assert_eq!(strict.fetched_at.unwrap().start().line, 2);
}
