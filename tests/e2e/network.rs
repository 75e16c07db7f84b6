//! The network of the steps.

use crate::support::{Index, Project, nonce};

#[test]
fn network_none_reaches_nothing() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "");
    let project = Project::package("offline", &[&words]);
    let built = project.build().with("--network=none").run();
    let error = built.error();
    assert!(error.contains("a server cannot be reached"), "{error}");
    // The first of these steps that fails stops the others.
    let logs: String = [("uv", "install uv"), ("wheel-tools", "install poetry-core")]
        .map(|(stage, title)| built.step(stage, title).log.clone())
        .concat();
    assert!(
        logs.contains("Failed to establish a new connection"),
        "{logs}"
    );
    assert_eq!(index.downloads(), [""; 0]);
}

#[test]
fn network_is_the_hosts_or_the_builds_own() {
    let project = Project::inspector();
    let interfaces = |option: &str| {
        let report = project.build().with(option).image().report();
        let names = report["interfaces"].as_array().unwrap().clone();
        names
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(interfaces("--network=default"), ["eth0", "lo"]);
    // The engine's bridge is on the host, whatever its name is.
    let host = interfaces("--network=host");
    let bridge = |name: &String| !["eth0", "lo"].contains(&name.as_str());
    assert!(host.iter().any(bridge), "{host:?}");
}

#[test]
fn steps_have_the_hosts_and_the_hostname_of_the_command() {
    let project = Project::inspector();
    let report = project
        .build()
        .with("--add-host=mirror.example:10.1.2.3")
        .with("--add-host=six.example:::1")
        .with("--build-arg=BUILDKIT_SANDBOX_HOSTNAME=builder.example")
        .image()
        .report();
    assert_eq!(report["hostname"], "builder.example");
    let hosts = report["hosts"].as_str().unwrap();
    for line in ["10.1.2.3\tmirror.example", "::1\tsix.example"] {
        assert!(hosts.contains(line), "{hosts}");
    }
}

#[test]
fn a_proxy_is_set_for_steps_but_not_stored() {
    let project = Project::inspector();
    let secret = format!("proxy-{}", nonce());
    let proxy = format!("http://{secret}.example:3128");
    let (first, _) = project
        .build()
        .with(&format!("--build-arg=HTTPS_PROXY={proxy}"))
        .with("--build-arg=no_proxy=index,localhost")
        .run()
        .parts();
    let environment = first.report()["environment"].clone();
    for name in ["HTTPS_PROXY", "https_proxy"] {
        assert_eq!(environment[name], proxy, "{name}");
    }
    assert_eq!(environment["NO_PROXY"], "index,localhost");
    // Apart from the report itself, nothing in the image mentions it.
    let inspected = first.inspect().to_string();
    assert!(!inspected.contains(&secret), "{inspected}");
    assert!(!first.shell("env").contains(&secret));

    // Another proxy re-runs nothing.
    let (second, built) = project
        .build()
        .with("--build-arg=HTTPS_PROXY=http://other.example:3128")
        .run()
        .parts();
    assert_eq!(built.ran(), [""; 0]);
    assert_eq!(second.layers(), first.layers());
}
