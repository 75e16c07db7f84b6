//! What the steps reach, and under which name.

use crate::support::{Index, Project, nonce};

#[test]
fn without_a_network_nothing_is_fetched() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "");
    let project = Project::package("offline", &[&words]);
    let built = project.build().with("--network=none").run();
    assert!(built.error().contains("exit code: 1"), "{}", built.error());
    let log = &built.step("poetry", "install Poetry").log;
    assert!(
        log.contains("Failed to establish a new connection"),
        "{log}"
    );
    assert_eq!(index.downloads(), [""; 0]);
}

#[test]
fn the_network_is_the_hosts_or_one_of_the_builds() {
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
    // The engine's bridge is the host's.
    let host = interfaces("--network=host");
    assert!(host.iter().any(|name| name == "docker0"), "{host:?}");
}

#[test]
fn hosts_and_the_host_name_are_those_of_the_command() {
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
fn a_proxy_is_told_to_the_steps_and_to_nothing_that_lasts() {
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
    // But for the report itself, the image has nothing of it.
    let inspected = first.inspect().to_string();
    assert!(!inspected.contains(&secret), "{inspected}");
    assert!(!first.shell("env").contains(&secret));

    // Another proxy fetches the same.
    let (second, built) = project
        .build()
        .with("--build-arg=HTTPS_PROXY=http://other.example:3128")
        .run()
        .parts();
    assert_eq!(built.ran(), [""; 0]);
    assert_eq!(second.layers(), first.layers());
}
