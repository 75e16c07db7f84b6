//! Resource limits of the steps.

use crate::support::Project;
use crate::support::fake_engine::FakeEngine;

#[test]
fn shm_size_and_ulimit_reach_the_steps() {
    let project = Project::inspector();
    let report = project
        .build()
        .with("--shm-size=33m")
        .with("--ulimit=nofile=1000:2000")
        .image()
        .report();
    assert_eq!(report["shared_memory"], 33 << 20);
    assert_eq!(report["files"], serde_json::json!([1000, 2000]));
}

#[test]
fn steps_run_below_the_given_cgroup() {
    let project = Project::inspector();
    let report = project
        .build()
        .with("--cgroup-parent=/steps-of-these-builds")
        .image()
        .report();
    let seen = report["cgroup"].as_str().unwrap();
    assert!(seen.contains("steps-of-these-builds"), "{seen}");
}

#[test]
fn memory_and_cpu_limits_are_an_error_on_engines_without_them() {
    for (option, value) in [
        ("memory", "1073741824"),
        ("memswap", "-1"),
        ("cpushares", "512"),
        ("cpuperiod", "100000"),
        ("cpuquota", "50000"),
        ("cpusetcpus", "0-1"),
        ("cpusetmems", "0"),
    ] {
        let conversation = FakeEngine::new().option(option, value).talk();
        assert_eq!(
            conversation.error().message,
            "this engine is too old: it does not support `exec.meta.linux.resources`\n  hint: use BuildKit 0.31 or newer, or build without memory and CPU limits",
            "{option}"
        );
        assert_eq!(conversation.builds().len(), 0, "{option}");
    }
}

#[test]
fn memory_and_cpu_limits_reach_the_steps() {
    let conversation = FakeEngine::new()
        .having("exec.meta.linux.resources")
        .option("memory", "1073741824")
        .option("cpuquota", "50000")
        .talk();
    let [build] = conversation.builds()[..] else {
        panic!("{:?}", conversation.asked.returns);
    };
    let limits: Vec<_> = build
        .metadata
        .values()
        .filter_map(|metadata| metadata.linux_resources.as_ref())
        .map(|limits| (limits.memory, limits.cpu_quota))
        .collect();
    assert!(limits.len() > 3, "{limits:?}");
    assert!(limits.iter().all(|limit| *limit == (1 << 30, 50_000)));
}
