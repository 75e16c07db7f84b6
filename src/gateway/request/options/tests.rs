//! Options as engines pass them on.

use buildkit_llb::LinuxResources;

use super::*;
use crate::compile::Ulimit;

fn options(given: &[(&str, &str)]) -> Result<Options, Error> {
    let mut environment = vec![
        ("BUILDKIT_SESSION_ID".to_owned(), "session".to_owned()),
        (
            "BUILDKIT_WORKERS".to_owned(),
            r#"[{"ID":"x","Platforms":[{"architecture":"arm64","os":"linux"},{"architecture":"amd64","os":"linux"}]}]"#.to_owned(),
        ),
        ("PATH".to_owned(), "/bin".to_owned()),
    ];
    environment.extend(given.iter().enumerate().map(|(index, (key, value))| {
        (
            format!("BUILDKIT_FRONTEND_OPT_{index}"),
            format!("{key}={value}"),
        )
    }));
    Options::read(environment.into_iter())
}

#[test]
fn defaults_without_options() {
    let options = options(&[]).unwrap();
    assert_eq!(options.filename, "poetry.build.toml");
    assert_eq!(options.context.name, "context");
    assert_eq!(options.build_file_directory.session, "session");
    assert_eq!(platforms(&options), "linux/arm64");
    assert!(!options.multi_platform);
    assert_eq!(options.remote_context, None);
    assert_eq!(options.resource_limits, ResourceLimits::default());
    assert_eq!(options.no_cache, IgnoreCache::Never);
    assert_eq!((options.target, options.proxy), (None, None));
}

fn platforms(options: &Options) -> String {
    let all: Vec<String> = options.platforms.iter().map(Platform::to_string).collect();
    all.join(" ")
}

#[test]
fn several_platforms() {
    let one = options(&[("platform", "linux/amd64"), ("multi-platform", "true")]).unwrap();
    assert!(one.multi_platform);
    let two = options(&[("platform", "linux/amd64,linux/arm64/v8,arm64")]).unwrap();
    assert_eq!(platforms(&two), "linux/amd64 linux/arm64");
    assert!(two.multi_platform);
    let refused = options(&[
        ("platform", "linux/amd64,linux/arm64"),
        ("build-arg:BUILDKIT_MULTI_PLATFORM", "0"),
    ]);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "invalid value `0` for `BUILDKIT_MULTI_PLATFORM`: expected `true` when building for several platforms"
    );
}

#[test]
fn resource_limits() {
    let limits = options(&[
        ("shm-size", "134217728"),
        ("ulimit", "nofile=1024:2048,core=-1"),
        ("cgroup-parent", "/builds"),
        ("memory", "1073741824"),
        ("memswap", "-1"),
        ("cpushares", "512"),
        ("cpuperiod", "0"),
        ("cpuquota", "50000"),
        ("cpusetcpus", "0-1,3"),
    ])
    .unwrap()
    .resource_limits;
    let ulimit = |name: &str, soft, hard| Ulimit {
        name: name.to_owned(),
        soft,
        hard,
    };
    let expected = ResourceLimits {
        shared_memory: Some(128 << 20),
        ulimits: vec![ulimit("nofile", 1024, 2048), ulimit("core", -1, -1)],
        cgroup_parent: Some("/builds".to_owned()),
        resources: Some(LinuxResources {
            memory: 1 << 30,
            memory_swap: -1,
            cpu_shares: 512,
            cpu_quota: 50_000,
            cpuset_cpus: "0-1,3".to_owned(),
            ..LinuxResources::default()
        }),
    };
    assert_eq!(limits, expected);
}

#[test]
fn a_remote_build_context() {
    let options = options(&[
        ("contextkey", "src"),
        ("src", "https://git.example/app.git#main"),
        ("contextsubdir", "web"),
        ("dockerfilekey", "own"),
        ("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR", "1"),
    ])
    .unwrap();
    let address = "https://git.example/app.git#main";
    assert_eq!(options.remote_context.as_deref(), Some(address));
    assert_eq!(options.remote_directory.as_deref(), Some("web"));
    assert_eq!(options.build_file_directory.name, "own");
    assert!(options.own_build_file && options.keep_git_dir);
}

#[test]
fn each_option_is_read() {
    let options = options(&[
        ("filename", "sub/b.toml"),
        ("target", "deps"),
        ("platform", "linux/amd64"),
        ("build-arg:A", "x=y"),
        ("build-arg:http_proxy", "http://p"),
        ("build-arg:BUILDKIT_CACHE_MOUNT_NS", "ns"),
        ("label:team", "web"),
        ("no-cache", "deps,source"),
        ("image-resolve-mode", "pull"),
        (
            "cache-imports",
            r#"[{"Type":"registry","Attrs":{"ref":"r"}}]"#,
        ),
        ("cache-from", "a,b"),
        ("force-network-mode", "none"),
        ("add-hosts", "one=10.0.0.1,six=[::1]"),
        ("local-sessionid:context", "other"),
        ("build-arg:SOURCE_DATE_EPOCH", "1700000000"),
        ("vcs:source", "https://user:token@host/app.git"),
        ("vcs:revision", "0123-dirty"),
        ("context:shared", "local:shared-1"),
        ("local-sessionid:shared-1", "third"),
    ])
    .unwrap();
    assert_eq!(options.filename, "sub/b.toml");
    assert_eq!(platforms(&options), "linux/amd64");
    assert_eq!(options.build_args["A"], "x=y");
    assert_eq!(options.labels["team"], "web");
    assert_eq!(options.source.as_deref(), Some("https://host/app.git"));
    assert_eq!(options.revision.as_deref(), Some("0123-dirty"));
    assert_eq!(
        options.no_cache,
        IgnoreCache::Stages(vec!["deps".into(), "source".into()])
    );
    assert_eq!(options.resolve_mode, ResolveMode::ForcePull);
    let caches: Vec<&str> = options
        .cache_imports
        .iter()
        .map(|import| import.attrs["ref"].as_str())
        .collect();
    assert_eq!(caches, ["r", "a", "b"]);
    assert_eq!(options.cache_namespace.as_deref(), Some("ns"));
    assert_eq!(options.network, NetMode::None);
    assert_eq!(
        options.extra_hosts[1],
        ("six".to_owned(), "::1".parse().unwrap())
    );
    assert_eq!(options.proxy.as_ref().unwrap().http_proxy, "http://p");
    assert_eq!(options.epoch, Some(1_700_000_000));
    assert_eq!(options.context.session, "other");
    assert_eq!(options.named_contexts["shared"], "local:shared-1");
    let shared = options.directory("shared-1");
    assert_eq!(
        (shared.name.as_str(), shared.session.as_str()),
        ("shared-1", "third")
    );
    assert_eq!(options.build_file_directory.session, "session");
}

#[test]
fn an_empty_no_cache_covers_every_stage() {
    assert_eq!(
        options(&[("no-cache", "")]).unwrap().no_cache,
        IgnoreCache::All
    );
}

#[test]
fn invalid_values_are_errors() {
    for (key, value, expected) in [
        (
            "ulimit",
            "files=1:1",
            "invalid value `files=1:1` for `ulimit`: expected `NAME=SOFT:HARD`",
        ),
        (
            "ulimit",
            "nofile=1:1,nproc=2:1",
            "invalid value `nproc=2:1` for `ulimit`: expected `NAME=SOFT:HARD`",
        ),
        (
            "shm-size",
            "64m",
            "invalid value `64m` for `shm-size`: expected a positive number",
        ),
        (
            "memory",
            "-1",
            "invalid value `-1` for `memory`: expected a positive number",
        ),
        (
            "cpusetcpus",
            "3-0",
            "invalid value `3-0` for `cpuset-cpus`: expected a list such as `0-3,7`",
        ),
        (
            "multi-platform",
            "maybe",
            "invalid value `maybe` for `BUILDKIT_MULTI_PLATFORM`: expected `true` or `false`",
        ),
        (
            "platform",
            "linux/",
            "invalid value `linux/` for `platform`: expected a platform such as `linux/amd64`",
        ),
        (
            "add-hosts",
            "one",
            "invalid value `one` for `add-host`: expected `NAME=ADDRESS`",
        ),
        (
            "force-network-mode",
            "x",
            "invalid value `x` for `network`: expected `default`, `none` or `host`",
        ),
        (
            "image-resolve-mode",
            "x",
            "invalid value `x` for `image-resolve-mode`: expected `default`, `pull` or `local`",
        ),
        (
            "build-arg:SOURCE_DATE_EPOCH",
            "today",
            "invalid value `today` for `build-arg:SOURCE_DATE_EPOCH`: expected seconds since 1970, `context`, or the name of a named context",
        ),
        (
            "cache-imports",
            "{",
            "invalid value `{` for `cache-imports`: expected a JSON list of caches",
        ),
    ] {
        let error = options(&[(key, value)]).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn exceptions_of_a_standard_are_compared_with_the_time_of_the_image() {
    let today = |given: &[(&str, &str)]| {
        let options = options(given).unwrap();
        options.plan_request(&options.platforms[0], &[]).today
    };
    let epoch = ("build-arg:SOURCE_DATE_EPOCH", "1811808000");
    assert_eq!(today(&[epoch]), Date::parse("2027-06-01"));
    assert_eq!(today(&[]), None);
}
