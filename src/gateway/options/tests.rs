//! Commands as engines pass them on.

use super::*;

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
fn without_options_everything_has_its_default() {
    let options = options(&[]).unwrap();
    assert_eq!(options.filename, "poetry.build.toml");
    assert_eq!(options.context.name, "context");
    assert_eq!(options.build_file_folder.session, "session");
    assert_eq!(options.platform.to_string(), "linux/arm64");
    assert_eq!(options.no_cache, NoCache::Never);
    assert_eq!((options.target, options.proxy), (None, None));
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
    assert_eq!(options.platform.to_string(), "linux/amd64");
    assert_eq!(options.build_args["A"], "x=y");
    assert_eq!(options.labels["team"], "web");
    assert_eq!(options.source.as_deref(), Some("https://host/app.git"));
    assert_eq!(options.revision.as_deref(), Some("0123-dirty"));
    assert_eq!(
        options.no_cache,
        NoCache::Stages(vec!["deps".into(), "source".into()])
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
    assert_eq!(options.proxy.unwrap().http_proxy, "http://p");
    assert_eq!(options.epoch, Some(1_700_000_000));
    assert_eq!(options.context.session, "other");
    let shared = &options.named_contexts["shared"];
    assert_eq!(
        (shared.name.as_str(), shared.session.as_str()),
        ("shared-1", "third")
    );
    assert_eq!(options.build_file_folder.session, "session");
}

#[test]
fn an_empty_no_cache_means_everything() {
    assert_eq!(options(&[("no-cache", "")]).unwrap().no_cache, NoCache::All);
}

#[test]
fn what_cannot_be_honoured_is_refused_and_never_ignored() {
    for (key, value, expected) in [
        ("ulimit", "nofile=1:1", "`--ulimit` is not supported"),
        (
            "context",
            "https://x/y.git",
            "a remote build context is not supported",
        ),
        (
            "context:assets",
            "docker-image://assets",
            "the named context `assets`, which is no folder, is not supported",
        ),
        (
            "platform",
            "linux/amd64,linux/arm64",
            "building for several platforms at once is not supported",
        ),
        (
            "platform",
            "linux/",
            "the option `platform` has the value `linux/`, which is not a platform such as `linux/amd64`",
        ),
        (
            "add-hosts",
            "one",
            "the option `add-host` has the value `one`, which is not of the form `NAME=ADDRESS`",
        ),
        (
            "force-network-mode",
            "x",
            "the option `network` has the value `x`, which is not `default`, `none` or `host`",
        ),
        (
            "image-resolve-mode",
            "x",
            "the option `image-resolve-mode` has the value `x`, which is not `default`, `pull` or `local`",
        ),
        (
            "build-arg:SOURCE_DATE_EPOCH",
            "today",
            "the option `build-arg:SOURCE_DATE_EPOCH` has the value `today`, which is not a number of seconds since 1970",
        ),
        (
            "cache-imports",
            "{",
            "the option `cache-imports` has the value `{`, which is not a list of caches in JSON",
        ),
    ] {
        let error = options(&[(key, value)]).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}
