//! The outputs of a build: files, archives, images and metadata.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::docker::{self, docker};
use crate::support::fake_engine::FakeEngine;
use crate::support::{Image, Project, frontend, in_registry, mirror, nonce};

#[test]
fn local_output_writes_the_files() {
    let project = Project::package("exported", &[]);
    let out = TempDir::new().unwrap();
    project
        .build()
        .export(&format!("type=local,dest={}", out.path().display()));
    let code = "app/.venv/lib/python3.13/site-packages/exported/__init__.py";
    let code = fs::read_to_string(out.path().join(code)).unwrap();
    assert_eq!(code, project.read("src/exported/__init__.py"));
}

#[test]
fn tar_output_writes_an_archive() {
    let project = Project::package("exported", &[]);
    let out = TempDir::new().unwrap();
    let path = out.path().join("files.tar");
    project
        .build()
        .export(&format!("type=tar,dest={}", path.display()));
    let mut archive = tar::Archive::new(fs::File::open(path).unwrap());
    let mut paths = archive.entries().unwrap().map(|entry| {
        let path = entry.unwrap().path().unwrap().into_owned();
        path.display().to_string()
    });
    assert!(paths.any(|path| path.ends_with("site-packages/exported/__init__.py")));
}

#[test]
fn one_platform_can_be_an_index() {
    let project = Project::package("exported", &[]);
    let out = TempDir::new().unwrap();
    project
        .build()
        .with("--platform=linux/amd64")
        .with("--build-arg=BUILDKIT_MULTI_PLATFORM=1")
        .export(&format!("type=local,dest={}", out.path().display()));
    // Engines write the files of each platform of an index into a separate directory.
    let code = "linux_amd64/app/.venv/lib/python3.13/site-packages/exported/__init__.py";
    let code = fs::read_to_string(out.path().join(code)).unwrap();
    assert_eq!(code, project.read("src/exported/__init__.py"));
}

#[test]
fn registry_output_pushes_the_image() {
    let project = Project::package("exported", &[]);
    let reference = in_registry("exported");
    project
        .build()
        .with(&format!("--tag={reference}"))
        .export("type=registry");
    let _ = docker(&["image", "rm", "--force", &reference]).output();
    docker::run(&["pull", "--quiet", &reference]);
    assert_eq!(Image::tagged(reference).answer(&[]), "hello");
}

#[test]
fn the_metadata_file_names_the_image() {
    let project = Project::package("exported", &[]);
    let out = TempDir::new().unwrap();
    let path = out.path().join("metadata.json");
    let image = project
        .build()
        .with(&format!("--metadata-file={}", path.display()))
        .image();
    let metadata: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    // The id of an image is the digest of its config or of its manifest, depending on the image store.
    let digests = ["containerimage.config.digest", "containerimage.digest"];
    let named = digests.iter().any(|key| metadata[*key] == image.id());
    assert!(named, "{} is not in {metadata}", image.id());
}

#[test]
fn bake_builds_several_targets_of_one_build_file() {
    let project = Project::package("baked", &[]);
    let nonce = nonce();
    let target = |name: &str| {
        json!({
            "dockerfile": "poetry.build.toml",
            "target": name,
            "args": { "PYPI_MIRROR": std::env::var("PYPI_MIRROR").unwrap_or_default() },
            "labels": { "nonce": nonce.to_string() },
            "tags": [format!("poetry-frontend-test-{name}:{nonce}")],
            "output": ["type=docker"],
        })
    };
    let bake = json!({
        "group": { "default": { "targets": ["runtime", "deps", "builder"] } },
        "target": { "runtime": target("runtime"), "deps": target("deps"), "builder": target("builder") },
    });
    project.write("docker-bake.json", &bake.to_string());
    let output = docker(&["buildx", "bake"])
        .current_dir(project.path())
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}");
    let [runtime, deps, builder] = ["runtime", "deps", "builder"]
        .map(|name| Image::tagged(format!("poetry-frontend-test-{name}:{nonce}")));
    assert_eq!(runtime.answer(&[]), "hello");
    let environment = "ls -d /app/.venv 2>/dev/null || echo none";
    assert_eq!(deps.shell(environment), "/app/.venv");
    assert_eq!(builder.shell(environment), "none");
}

#[test]
fn the_written_bake_file_builds_all_targets() {
    let project = Project::copy_of(Path::new("examples/django"));
    let written = Command::new(env!("CARGO_BIN_EXE_poetry-frontend"))
        .args([
            "bake",
            "--build-arg",
            &format!("BUILDKIT_SYNTAX={}", frontend()),
        ])
        .current_dir(project.path())
        .output()
        .unwrap();
    assert!(written.status.success());
    let name = format!("poetry-frontend-test-{}", nonce());
    let bake = |arguments: &[&str]| {
        let output = docker(&["buildx", "bake"])
            .args(arguments)
            .current_dir(project.path())
            .env("IMAGE", &name)
            .env("PYPI_MIRROR", mirror().unwrap_or_default())
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{shown}");
        String::from_utf8(output.stdout).unwrap()
    };
    let printed: Value = serde_json::from_str(&bake(&["--print"])).unwrap();
    assert_eq!(
        printed["group"]["default"]["targets"],
        json!(["migrate", "runtime", "worker"])
    );
    assert_eq!(
        printed["target"]["worker"]["tags"],
        json!([format!("{name}-worker:latest")])
    );
    bake(&["--set=*.output=type=docker"]);
    let images =
        ["", "-worker", "-migrate"].map(|end| Image::tagged(format!("{name}{end}:latest")));
    for (image, command) in images.iter().zip([None, Some("work"), Some("migrate")]) {
        assert_eq!(image.layers(), images[0].layers());
        let entrypoint = image.inspect()["Config"]["Entrypoint"].take();
        let own = command.map(|command| json!(["python", "manage.py", command]));
        assert!(own.is_none_or(|own| own == entrypoint), "{entrypoint}");
    }
}

#[test]
fn buildkit_syntax_names_the_frontend() {
    let project = Project::package("unnamed", &[]);
    let text = project.read("poetry.build.toml");
    let (_, rest) = text.split_once('\n').unwrap();
    project.write("poetry.build.toml", rest);
    let image = project
        .build()
        .with(&format!("--build-arg=BUILDKIT_SYNTAX={}", frontend()))
        .image();
    assert_eq!(image.answer(&[]), "hello");
}

#[test]
fn the_image_config_keeps_the_settings_of_the_base() {
    let nonce = nonce();
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\n\
         HEALTHCHECK --interval=7s CMD [\"true\"]\n\
         SHELL [\"/bin/bash\", \"-c\"]\n\
         ONBUILD RUN true\n\
         VOLUME /data\n\
         STOPSIGNAL SIGINT\n\
         LABEL base={nonce} both=base\n\
         EXPOSE 9/udp\n"
    ));
    let reference = in_registry("config");
    base.push(&reference);
    let project = Project::package("configured", &[]);
    project.build_file(&format!(
        r#"
        [runtime]
        base = "{reference}"
        expose = [8000]
        "#
    ));
    let image = project
        .build()
        .with("--label=both=command")
        .with("--build-arg=SOURCE_DATE_EPOCH=1700000000")
        .image();
    let inspected = image.inspect();
    let config = &inspected["Config"];
    assert_eq!(
        config["Healthcheck"],
        json!({"Test": ["CMD", "true"], "Interval": 7_000_000_000_u64})
    );
    assert_eq!(config["Shell"], json!(["/bin/bash", "-c"]));
    assert_eq!(config["OnBuild"], json!(["RUN true"]));
    assert_eq!(config["Volumes"], json!({"/data": {}}));
    assert_eq!(config["StopSignal"], "SIGINT");
    assert_eq!(config["ExposedPorts"], json!({"8000/tcp": {}, "9/udp": {}}));
    assert_eq!(config["Labels"]["base"], nonce.to_string());
    assert_eq!(config["Labels"]["both"], "command");
    assert_eq!(inspected["Created"], "2023-11-14T22:13:20Z");
    let history = String::from_utf8(docker::run(&[
        "history",
        "--no-trunc",
        "--format={{.CreatedBy}}",
        image.tag(),
    ]));
    let history = history.unwrap();
    for step in ["copy the environment", "copy the installed project"] {
        assert!(history.lines().any(|line| line == step), "{history}");
    }
}

#[test]
fn options_that_describe_the_repository_are_accepted() {
    let conversation = FakeEngine::new()
        .option("vcs:source", "https://git.example/app.git")
        .option("vcs:revision", "0123abcd-dirty")
        .option("vcs:localdir:context", "services/web")
        .option("input:other", "x")
        .option("cmdline", "org/poetry-frontend:1")
        .option("frontend.caps", "moby.buildkit.frontend.contexts+forward")
        .talk();
    assert_eq!(conversation.asked.returns[0].error, None);
    assert_eq!(conversation.builds().len(), 1);
}

#[test]
fn stages_and_the_context_are_scanned_on_request() {
    let conversation = FakeEngine::new()
        .option("attest:sbom", "generator=org/scanner:1")
        .option("build-arg:BUILDKIT_SBOM_SCAN_STAGE", "deps")
        .option("build-arg:BUILDKIT_SBOM_SCAN_CONTEXT", "true")
        .talk();
    let [returned] = conversation.asked.returns.as_slice() else {
        panic!("{:?}", conversation.asked.returns);
    };
    assert_eq!(returned.error, None);
    let attestations = &returned.result.as_ref().unwrap().attestations["linux/amd64"];
    assert_eq!(
        attestations.attestation[0].in_toto_predicate_type,
        "https://spdx.dev/Document"
    );
    let scans = conversation.builds().into_iter().filter_map(|build| {
        let mounts = crate::support::fake_engine::mounts(build, "run");
        (!mounts.is_empty()).then_some(mounts)
    });
    assert_eq!(
        scans.collect::<Vec<_>>(),
        [[
            "/",
            "/run/out/",
            "/run/src/core/sbom",
            "/run/src/extras/sbom-context",
            "/run/src/extras/sbom-deps-poetry",
            "/tmp",
        ]]
    );
}

#[test]
fn an_image_is_looked_up_once_wherever_it_is_used() {
    let image = "python:3.13-slim-trixie";
    let conversation = FakeEngine::new()
        .option(
            &format!("context:{image}"),
            &format!("docker-image://{image}"),
        )
        .option("attest:sbom", &format!("generator={image}"))
        .option("build-arg:BUILDKIT_SBOM_SCAN_STAGE", "deps")
        .talk();
    assert_eq!(conversation.asked.returns[0].error, None);
    let images = conversation.asked.images.iter();
    let images: Vec<&str> = images.map(|image| &*image.r#ref).collect();
    assert_eq!(images, [format!("docker.io/library/{image}")]);
}
