//! The CA certificates that steps trust.

use std::collections::BTreeMap;

use testkit::dedent;

use super::*;
use crate::plan::{KnownFailure, Network};

/// The steps with a network, by stage and title, and the arguments of the script that makes them trust certificates.
fn trusting(plan: &Plan) -> BTreeMap<String, Option<[String; 2]>> {
    let steps = plan.stages.iter().flat_map(|stage| {
        let steps = stage.steps.iter();
        steps.map(|step| (&stage.name, step))
    });
    let steps = steps.filter_map(|(stage, step)| match &step.action {
        Action::Run(run) if run.network != Network::None => {
            let runner = run.runner.as_ref();
            let args = runner.map(|runner| {
                assert_eq!(runner.name, "trust-certificates");
                runner.args.clone().try_into().unwrap()
            });
            Some((format!("{stage}: {}", step.title), args))
        }
        _ => None,
    });
    steps.collect()
}

fn all(bundle: &str, target_name: &str) -> Plan {
    let build_file = dedent(&format!(
        r#"
        {bundle}
        [build]
        base = "build.example/python:3.12"
        packages = ["gcc"]
        [runtime]
        packages = ["libpq5"]
        [[hook]]
        at = "after-packages"
        run = ["download"]
        [[hook]]
        at = "final"
        run = ["finish"]
        [[hook]]
        at = "final"
        run = ["offline"]
        network = "none"
        "#
    ));
    let project = app_with_sdist()
        .build_system(["setuptools"], "setuptools.build_meta")
        .with_build_file(&build_file);
    plan_for(&project, &target(target_name)).unwrap()
}

#[test]
fn every_step_with_a_network_trusts_the_bundle() {
    for target_name in ["runtime", "dev"] {
        let plan = all("[poetry]\nca-bundle = \"secret:company\"", target_name);
        let steps = trusting(&plan);
        assert!(steps.len() >= 7, "{steps:?}");
        for (step, args) in steps {
            let expected = ["/run/secrets/ca-bundle", "1"].map(str::to_owned);
            assert_eq!(args, Some(expected), "{step}");
        }
        // It is optional.
        assert!(plan.requirements.is_empty());
    }
}

#[test]
fn a_bundle_of_the_builders_base_is_mounted_where_the_base_is_another() {
    let plan = all("[poetry]\nca-bundle = \"/company.pem\"", "runtime");
    for (step, args) in trusting(&plan) {
        let stage = step.split(':').next().unwrap();
        // The Python of the runtime base is checked with its packages.
        let path = if ["runtime", "python"].contains(&stage) {
            "/run/secrets/ca-bundle"
        } else {
            "/company.pem"
        };
        assert_eq!(args, Some([path, ""].map(str::to_owned)), "{step}");
    }
    let mounts = &run(&stage(&plan, &StageName::Runtime).steps[0]).mounts;
    let mounted = Mount::Stage {
        from: StageName::Base,
        path: "/company.pem".to_owned(),
        target: "/run/secrets/ca-bundle".to_owned(),
    };
    assert!(mounts.contains(&mounted), "{mounts:?}");
}

#[test]
fn without_a_bundle_pip_and_poetry_trust_what_an_engine_adds_to_the_image() {
    let steps = trusting(&all("", "runtime"));
    let nothing = Some(["", ""].map(str::to_owned));
    for (step, args) in steps {
        let stage = step.split(':').next().unwrap();
        let by_python = ["uv", "poetry", "deps-poetry", "source"].contains(&stage);
        let is_own = !step.contains("hook: ") && !step.contains("apt-get");
        let expected = nothing.clone().filter(|_| by_python && is_own);
        assert_eq!(args, expected, "{step}");
    }
}

#[test]
fn an_untrusted_certificate_has_a_hint_for_the_bundle_of_the_build() {
    let hint = |bundle: &str| {
        let plan = plan(bundle);
        let hints = &last_run(&plan, &StageName::Uv).hints;
        assert_eq!(
            hints.contains_key(&KnownFailure::NoCertificate),
            !bundle.is_empty()
        );
        hints[&KnownFailure::Untrusted].clone()
    };
    assert_eq!(
        hint(""),
        "set `ca-bundle = \"secret:ca\"` in `[poetry]`, and add `--secret id=ca,src=FILE` to the command: FILE must have the certificate of the authority that signed it, such as your company's"
    );
    assert_eq!(
        hint("[poetry]\nca-bundle = \"secret:company\"\n"),
        "add `--secret id=company,src=FILE` to the command: FILE must have the certificate of the authority that signed it, such as your company's"
    );
    assert_eq!(
        hint("[poetry]\nca-bundle = \"/ca.pem\"\n"),
        "`/ca.pem` of the builder's base image must have the certificate of the authority that signed it; `ca-bundle = \"secret:ID\"` in `[poetry]` takes it from a secret"
    );
}
