//! Compares digests with those of BuildKit's Go client, v0.29.0.
//!
//! The expected digests come from the definitions in `testdata/golden` of the crate `bollard-llb` 0.1.0. The digest of the
//! last entry covers all entries before it.

mod support;

use buildkit_llb::{
    CacheSharing, Copy, Definition, Exec, FileOp, ImageSource, LocalSource, Merge, Mkdir, Mkfile,
    Mount, NetMode, Output, Remove, ResolveMode, SecurityMode, Symlink,
};
use support::{alpine, busybox, digest, image, linux};

/// Asserts the number of entries and the digest of the last one.
#[track_caller]
fn assert_definition(head: &Output, entries: usize, last: &str) {
    let def = Definition::new(head).to_pb().def;
    assert_eq!(def.len(), entries);
    assert_eq!(def.last().map(|bytes| digest(bytes)).as_deref(), Some(last));
}

fn echo() -> Exec {
    Exec::new("echo").arg("hello")
}

fn on_alpine(exec: Exec) -> Output {
    exec.root(alpine()).run().root()
}

fn app_directory() -> Output {
    FileOp::on(None)
        .mkdir(Mkdir::new("/app", 0o755).parents())
        .output()
}

fn app_config() -> Output {
    let config = "[server]\nhost = \"0.0.0.0\"\n";
    FileOp::on(app_directory())
        .mkfile(Mkfile::new("/app/config.toml", 0o644, config))
        .output()
}

fn app_link() -> Output {
    FileOp::on(app_config())
        .symlink(Symlink::new("/app/config.toml", "/app/current-config"))
        .output()
}

fn app_backup(base: &Output) -> Output {
    FileOp::on(base.clone())
        .copy(
            Copy::new(base.clone(), "/app/config.toml", "/app/config.toml.bak").create_dest_path(),
        )
        .output()
}

#[test]
fn image_run() {
    let image_run = "sha256:afec2a887dcf04d81bf93b84741410b35bfdbd88a2380a82817eca02db839d34";
    assert_definition(&on_alpine(echo()), 3, image_run);
    let named = echo().named("named exec").ignore_cache(true);
    assert_definition(&on_alpine(named), 3, image_run);
    assert_definition(
        &on_alpine(Exec::new("true")),
        3,
        "sha256:212e146a2725c0c2db1e78a5815ca7d4c6d30181901e46772e22059cfc6e5da3",
    );
    assert_definition(
        &echo()
            .root(image("localhost:5000/alpine:latest"))
            .run()
            .root(),
        3,
        "sha256:182da6f34d3e187bfd4214f46fddfd80d7ed0af23f2661fbcaa2d5c86bf4dca4",
    );
}

#[test]
fn image_resolve_modes() {
    for (mode, last) in [
        (
            ResolveMode::ForcePull,
            "sha256:febe5180ff2cb677cebf90aeffe6780741e55f147bc1241bbdd61c688e4ce387",
        ),
        (
            ResolveMode::PreferLocal,
            "sha256:3c292474e14845586c26f760c7e38ed51cceca8944b3ea25b8ee20ff958ae362",
        ),
        (
            ResolveMode::Default,
            "sha256:afec2a887dcf04d81bf93b84741410b35bfdbd88a2380a82817eca02db839d34",
        ),
    ] {
        let base = ImageSource::new("docker.io/library/alpine:latest")
            .platform(linux("amd64", ""))
            .resolve_mode(mode)
            .output();
        assert_definition(&echo().root(base).run().root(), 3, last);
    }
}

#[test]
fn platforms() {
    let alpine_for = |platform| {
        ImageSource::new("docker.io/library/alpine:latest")
            .platform(platform)
            .output()
    };
    assert_definition(
        &echo().root(alpine_for(linux("arm64", ""))).run().root(),
        3,
        "sha256:eaf7a4760cf4c738fd926bb30ed59bbf9eb93e2fb4ef1f32be23ce79a4c19508",
    );
    assert_definition(
        &echo().root(alpine_for(linux("arm", "v7"))).run().root(),
        3,
        "sha256:377ff4141a8c8e5b2f6a6a2fea0dc98443fbca6e31e02ac93de03d1cdb39e366",
    );
    assert_definition(
        &Exec::new("echo")
            .args(["image", "override"])
            .root(alpine_for(linux("arm64", "")))
            .run()
            .root(),
        3,
        "sha256:c8eb809c7791cef0684509815c83c9f61aeac53ad0514becf9edea2a791d2e32",
    );
    assert_definition(
        &on_alpine(
            Exec::new("echo")
                .args(["state", "override"])
                .platform(linux("arm64", "")),
        ),
        3,
        "sha256:66a9bdf1f60a181b4e8f68a7defecd500e3c27cd32c5b890f9ba4e693d4e93f3",
    );
}

#[test]
fn platforms_side_by_side() {
    let below = |reference: &str, platform, command: &str| {
        let base = ImageSource::new(reference).platform(platform).output();
        Exec::new(command).root(base).run().root()
    };
    let sub = below(
        "docker.io/library/image2:latest",
        linux("arm", "v6"),
        "cmd-sub",
    );
    assert_definition(
        &Exec::new("cmd-main")
            .root(image("docker.io/library/image1:latest"))
            .mount(Mount::bind(sub, "/mnt"))
            .run()
            .root(),
        5,
        "sha256:73513c059484fe47cfecd338de0174412bba7626b8019560d2a7baf2bc8bb469",
    );
    let shared = below(
        "docker.io/library/shared:latest",
        linux("arm64", ""),
        "cmd-shared",
    );
    assert_definition(
        &Exec::new("cmd-main")
            .root(image("docker.io/library/main:latest"))
            .mount(Mount::bind(shared.clone(), "/left"))
            .mount(Mount::bind(shared, "/right"))
            .run()
            .root(),
        5,
        "sha256:ea097eebcf0193fe56238a7b5c3a95e0b6981014fb4d07cc3ff9cc78d4502f58",
    );
}

#[test]
fn exec_modes() {
    assert_definition(
        &on_alpine(Exec::new("true").network(NetMode::Host)),
        3,
        "sha256:ae8b32cee6c98be0be442d7af66a0667e0b3533796112fa0788bfa3fa7390690",
    );
    assert_definition(
        &on_alpine(Exec::new("true").security(SecurityMode::Insecure)),
        3,
        "sha256:82c9da977df83eed0d0b41254d91d5089a022413e62f8fff5475b78f2c1b7b78",
    );
}

#[test]
fn cache_mounts() {
    for (sharing, last) in [
        (
            CacheSharing::Shared,
            "sha256:833cd6e5b7a0b4ae2a44570d2be852a16ca24a2045cab50b428a0f7f6265dab7",
        ),
        (
            CacheSharing::Private,
            "sha256:27756c093bb8e569cd0ca3237d6ecdace1b8c1fa7e5f153f814bac9941a4aeff",
        ),
        (
            CacheSharing::Locked,
            "sha256:9eab703b28e2d1c23786c2e63fffb3e22db117a5ee0507aedaaaf45e9a1b6c7d",
        ),
    ] {
        let cache = Mount::cache("/cache", "cache-id", sharing);
        assert_definition(&on_alpine(echo().mount(cache)), 3, last);
    }
    let cache = |target, id| Mount::cache(target, id, CacheSharing::Shared);
    assert_definition(
        &on_alpine(
            echo()
                .mount(cache("/c", "cache-c"))
                .mount(cache("/a", "cache-a"))
                .mount(cache("/b", "cache-b")),
        ),
        3,
        "sha256:7ccfd29239d2b6be4ac21daa95f1a807ff9c77fad5964d119dcbf66830e23bb5",
    );
}

#[test]
fn scratch_mounts() {
    assert_definition(
        &echo().platform(linux("amd64", "")).run().root(),
        2,
        "sha256:8ac1f5ddca821d64dbe718d8d5252184db6f289df1dc6f52cb25a92a9a7aa055",
    );
    assert_definition(
        &on_alpine(echo().mount(Mount::bind(None, "/scratch"))),
        3,
        "sha256:f0eca42f9018e912392a6754e34726e5623d6e6c83508e1640ba28772755041d",
    );
}

#[test]
fn secret_files() {
    let cat = || Exec::new("cat").arg("/run/secrets/token");
    assert_definition(
        &on_alpine(cat().mount(Mount::secret("token", "token"))),
        3,
        "sha256:99d8835d6f1dc1951a9792340d9295211b82dd26e04dd7845b882cb01555d1a3",
    );
    assert_definition(
        &on_alpine(cat().mount(Mount::secret("token", "token").optional())),
        3,
        "sha256:d41e8d9bb18448620d72224788b1621e645f9224237eb37bb7fa3f7d971d048c",
    );
    let license = "/run/secrets/license";
    assert_definition(
        &on_alpine(
            Exec::new("cat").arg(license).mount(
                Mount::secret(license, "license")
                    .uid(1000)
                    .gid(1001)
                    .mode(0o440),
            ),
        ),
        3,
        "sha256:0394635c0b33842ecbe1065f4b7f6e99550d836f4062bfec541896d5a4bc9360",
    );
    assert_definition(
        &Exec::new("sh")
            .args(["-c", "sha256sum /run/secrets/token > /derived"])
            .root(image("localhost:5000/alpine:latest"))
            .mount(Mount::secret("/run/secrets/token", "token"))
            .run()
            .root(),
        3,
        "sha256:7b0df4a53f007098f7c799bed962cd861c958e4e7ad7001b16ab8f145ccedd59",
    );
}

#[test]
fn secret_variables() {
    let cat = || Exec::new("cat").arg("/secrets/token");
    assert_definition(
        &on_alpine(cat().secret_env("token", "token", false)),
        3,
        "sha256:94c0f562c18071b546813a0c2f8cb25d66010847b2b4f7a724eecba0af881946",
    );
    assert_definition(
        &on_alpine(cat().secret_env("MY_SECRET", "mysecret", false)),
        3,
        "sha256:2de029797e96e984f1ccae51c3054fa644dc3446482cddc62c98fb7a33592b00",
    );
    assert_definition(
        &Exec::new("sh")
            .args(["-c", "printf %s \"$MY_SECRET\" | sha256sum > /derived"])
            .root(image("localhost:5000/alpine:latest"))
            .secret_env("MY_SECRET", "mysecret", false)
            .run()
            .root(),
        3,
        "sha256:0b3ccdd69bdb9e61bc7c989dac516942e9385c463cc21ff8bfb5cb8ab6fd9198",
    );
}

#[test]
fn ssh_agents() {
    let socket = "/run/buildkit/ssh_agent.0";
    assert_definition(
        &on_alpine(
            Exec::new("test")
                .args(["-S", socket])
                .mount(Mount::ssh(socket, "")),
        ),
        3,
        "sha256:59accad820dc22dafc1d2e0233e1062965ba99af83b5061a31e3a087fc290185",
    );
    assert_definition(
        &on_alpine(
            Exec::new("true")
                .env("SSH_AUTH_SOCK", "/caller/agent.sock")
                .mount(Mount::cache("/z", "cache-z", CacheSharing::Shared))
                .mount(Mount::cache("/a", "cache-a", CacheSharing::Shared))
                .mount(
                    Mount::ssh("/run/deploy.sock", "deploy")
                        .uid(1000)
                        .gid(1001)
                        .mode(0o640)
                        .optional(),
                )
                .mount(Mount::ssh("/run/build.sock", "build").uid(2000).gid(2001)),
        ),
        3,
        "sha256:355bb0253802ee900caa06041f43edc6f9938ef3d4f41bcef965904d67a371f0",
    );
}

#[test]
fn local_source() {
    assert_definition(
        &LocalSource::new("context")
            .session("sess")
            .include(["*.go"])
            .exclude(["*_test.go"])
            .follow(["src"])
            .shared_key_hint("hint")
            .output(),
        2,
        "sha256:270589975b3c7a82e59334cda05ae007c575ebf5a27dc81840e97a5cc81385c1",
    );
}

#[test]
fn merge() {
    let merged = "sha256:2c83467230eb18ee5d04db5df833b7565e63a230c5920abf8d65fffd0657bf6b";
    assert_definition(&Merge::new(alpine(), [busybox()]).output(), 4, merged);
    let named = Merge::new(alpine(), [busybox()]).named("merged").output();
    assert_definition(&named, 4, merged);
    let image = image("localhost:5000/alpine:latest");
    assert_definition(
        &Exec::new("sh")
            .args(["-c", "echo differential > /differential"])
            .root(Merge::new(image.clone(), [image]).output())
            .ignore_cache(true)
            .run()
            .root(),
        4,
        "sha256:1b0be6e0786ea8bff614e82e031dbb3b4cd9f609535855f8c7a052b1a71c142c",
    );
}

#[test]
fn single_file_actions() {
    assert_definition(
        &FileOp::on(None)
            .mkdir(Mkdir::new("/tmp", 0o755).parents())
            .output(),
        2,
        "sha256:5ac18034cd644f7fdf6a3e791e655a176363d046a84f45f70cbfbeb7df7e9efc",
    );
    assert_definition(
        &FileOp::on(None)
            .mkfile(Mkfile::new("/hello", 0o644, "world"))
            .output(),
        2,
        "sha256:b247d6070d35fda4070ae442ae25ef3bf71852bdc1ce65a416a3e7d934684b3a",
    );
    assert_definition(
        &FileOp::on(None)
            .symlink(Symlink::new("/target", "/link"))
            .output(),
        2,
        "sha256:5d2cadcfcabbca3b4ce3de84bb7fb13c7f8174088f78f15017ff8c7b1fb8cd26",
    );
    assert_definition(
        &FileOp::on(None)
            .remove(Remove::new("/tmp/*").allow_wildcard())
            .output(),
        2,
        "sha256:9f5520bc8acae2ca0986dc9486cfeda8c8f860af59ddfea36857315ba9698eb5",
    );
    assert_definition(
        &FileOp::on(alpine())
            .copy(
                Copy::new(busybox(), "/src", "/dst")
                    .create_dest_path()
                    .follow_symlinks()
                    .contents_only()
                    .allow_wildcard()
                    .allow_empty_wildcard()
                    .exclude(["*.tmp"]),
            )
            .output(),
        4,
        "sha256:006cc83dd899e8d56703c6a174c84ebd89999627be412b22cf117ff1164ca66b",
    );
}

#[test]
fn file_ops_on_file_ops() {
    let link = app_link();
    let current = Remove::new("/app/current-config");
    for (head, entries, last) in [
        (
            app_directory(),
            2,
            "sha256:355f3e81fc0151bbcf867ad7107581ab31b7d569bd31cb651eb625201829c5a1",
        ),
        (
            app_config(),
            3,
            "sha256:d961d52356cc5f8d95c999bb827d4fafab35aa920dd63e92b68d4015485eca92",
        ),
        (
            link.clone(),
            4,
            "sha256:e0146880f6bf52681e32bfdaafd1022cea08a67d1f350c25e5d2a6d6cb033b0a",
        ),
        (
            app_backup(&app_config()),
            4,
            "sha256:b9f73c51bfff686ffda3b2b4ddce2c9695f4fcd321b574b8481898f18a1261d2",
        ),
        (
            FileOp::on(link.clone()).remove(current.clone()).output(),
            5,
            "sha256:312d8381915b02df51353f86bfc4c768dcf92de96bbcb8e24e93096f23640f5b",
        ),
        (
            FileOp::on(link.clone())
                .remove(current.clone().allow_not_found())
                .output(),
            5,
            "sha256:5ea40ea1fd877037925c914c067f91282dd883411437a8c30be11c9c084bed09",
        ),
        (
            FileOp::on(app_backup(&link))
                .remove("/app/current-config")
                .output(),
            6,
            "sha256:723d0ad61540155c0c1848e5a50902de8ca09ee861ef286c29c8e3e0b43b39ff",
        ),
        (
            FileOp::on(app_backup(&link))
                .remove(current.allow_not_found())
                .output(),
            6,
            "sha256:fe44e4c4b268740fbd251b2459609309a5a9d83d8191c223ffc1eea61d92069a",
        ),
    ] {
        assert_definition(&head, entries, last);
    }
}
