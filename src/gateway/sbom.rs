//! The list of packages of an image, with stages and the context besides (`frontend/attestations/sbom/sbom.go`). Engines
//! scan an image by themselves; what else there is, only the frontend knows.

use std::collections::BTreeMap;

use buildkit_llb::{Exec, ImageSource, Mount, Output};
use buildkit_proto::gateway::{Attestation, AttestationKind, Attestations};
use serde_json::Value;

use crate::compile::{self, Compiled};
use crate::image::ImageReference;
use crate::plan::ContextFiles;

use super::engine::{Engine, Tree};
use super::failure::{Error, Failure};
use super::options::{Options, flag, wrong};
use super::platforms::Build;

/// What scans when the command names nothing else (`frontend/attestations/parse.go`).
const DEFAULT_SCANNER: &str = "docker/buildkit-syft-scanner:stable-1";
/// The name of the image's own list.
const IMAGE: &str = "sbom";
const FROM: &str = "/run/src";
const INTO: &str = "/run/out/";
const FORMAT: &str = "https://spdx.dev/Document";

/// What is scanned besides the image, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    scanner: String,
    /// Variables of the scanner, by name.
    parameters: BTreeMap<String, String>,
    stages: Stages,
    context: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stages {
    All,
    These(Vec<String>),
}

impl Scan {
    /// `None` when there is to be no list, or one of the image alone.
    pub(super) fn read(options: &BTreeMap<String, String>) -> Option<Self> {
        let attributes = options
            .get("attest:sbom")
            .or(options.get("build-arg:BUILDKIT_ATTEST_SBOM"))?;
        let argument = |name: &str| options.get(&format!("build-arg:{name}"));
        let stages = match argument("BUILDKIT_SBOM_SCAN_STAGE") {
            None => Stages::These(Vec::new()),
            Some(value) => match flag(value) {
                Some(true) => Stages::All,
                Some(false) => Stages::These(Vec::new()),
                None => Stages::These(value.split(',').map(str::to_owned).collect()),
            },
        };
        let context =
            argument("BUILDKIT_SBOM_SCAN_CONTEXT").is_some_and(|value| flag(value) != Some(false));
        if !context && stages == Stages::These(Vec::new()) {
            return None;
        }
        let mut parameters: BTreeMap<String, String> = attributes
            .split(',')
            .filter_map(|attribute| attribute.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        parameters.remove("disabled");
        Some(Self {
            scanner: parameters
                .remove("generator")
                .unwrap_or_else(|| DEFAULT_SCANNER.to_owned()),
            parameters,
            stages,
            context,
        })
    }
}

/// Scans one image with what is wanted besides.
pub(super) async fn scan(
    engine: &Engine,
    options: &Options,
    scan: &Scan,
    build: &Build,
    compiled: &Compiled,
) -> Result<Attestations, Failure> {
    let reference = ImageReference::parse(&scan.scanner)
        .ok_or_else(|| wrong("attest:sbom", &scan.scanner, "an image reference"))?;
    let platform = compile::platform(options.native.as_ref().unwrap_or(&build.platform));
    let found = engine
        .image_config(
            reference.to_string(),
            platform.clone(),
            options.resolve_mode,
        )
        .await?;
    let config: Value = serde_json::from_slice(&found.config)
        .map_err(|error| Error::Internal(format!("the config of {reference}: {error}")))?;
    let pinned = if found.digest.is_empty() {
        reference.clone()
    } else {
        reference.pinned(&found.digest)
    };
    let image = ImageSource::new(pinned.to_string())
        .platform(platform)
        .resolve_mode(options.resolve_mode)
        .output();

    let mut extras = extras(scan, compiled);
    if scan.context {
        let context = build.steps.files(&ContextFiles::default());
        let context = context.map_err(|error| Error::Internal(error.to_string()))?;
        extras.push(("context".to_owned(), context));
    }
    let title = format!("[{}] generating sbom using {reference}", build.platform);
    let exec = command(&config)
        .ok_or_else(|| wrong("attest:sbom", &scan.scanner, "an image with a command"))?
        .root(image)
        .ignore_cache(options.no_cache == compile::NoCache::All)
        .named(title);
    let variables = scan.parameters.iter();
    let exec = variables.fold(exec, |exec, (name, value)| {
        exec.env(format!("BUILDKIT_SCAN_{name}"), value)
    });
    let list = list(exec, &compiled.image, extras);
    let tree = Tree::of(engine, &list).await?;
    Ok(Attestations {
        attestation: vec![Attestation {
            kind: AttestationKind::Bundle.into(),
            metadata: [("reason", "sbom"), ("sbom-core", IMAGE)]
                .map(|(key, value)| (key.to_owned(), value.into()))
                .into(),
            r#ref: Some(tree.into_ref()),
            path: String::new(),
            in_toto_predicate_type: FORMAT.to_owned(),
        }],
    })
}

/// The stages that are wanted, in the order of their names.
fn extras(scan: &Scan, compiled: &Compiled) -> Vec<(String, Output)> {
    let trees = compiled.trees.iter();
    let wanted = trees.filter(|(name, _)| match &scan.stages {
        Stages::All => true,
        Stages::These(names) => names.iter().any(|one| one.eq_ignore_ascii_case(name)),
    });
    // A colon parts the stage of a target from its name, and a path must not have one.
    let named = wanted.map(|(name, tree)| (name.replace(':', "-"), tree.clone()));
    named.collect()
}

/// What the scanner's image runs, with its variables.
fn command(config: &Value) -> Option<Exec> {
    let words = |pointer: &str| {
        let list = config.pointer(pointer).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str)
    };
    let mut command = words("/config/Entrypoint").chain(words("/config/Cmd"));
    let exec = Exec::new(command.next()?).args(command);
    let folder = config.pointer("/config/WorkingDir").and_then(Value::as_str);
    let exec = exec.cwd(folder.filter(|folder| !folder.is_empty()).unwrap_or("/"));
    let variables = words("/config/Env").filter_map(|entry| entry.split_once('='));
    Some(variables.fold(exec, |exec, (name, value)| exec.env(name, value)))
}

/// The folder that the scanner writes into.
fn list(exec: Exec, image: &Output, extras: Vec<(String, Output)>) -> Output {
    let core = format!("{FROM}/core/{IMAGE}");
    let mut exec = exec
        .env("BUILDKIT_SCAN_DESTINATION", INTO)
        .env("BUILDKIT_SCAN_SOURCE", &core)
        .env("BUILDKIT_SCAN_SOURCE_EXTRAS", format!("{FROM}/extras"))
        .mount(Mount::bind(image.clone(), core).read_only())
        .mount(Mount::bind(None, INTO))
        .mount(Mount::tmpfs("/tmp"));
    for (name, tree) in extras {
        let target = format!("{FROM}/extras/{IMAGE}-{name}");
        exec = exec.mount(Mount::bind(tree, target).read_only());
    }
    let done = exec.run();
    done.mount(INTO).unwrap_or_else(|| done.root())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &[(&str, &str)]) -> Option<Scan> {
        let options = options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Scan::read(&options.collect())
    }

    #[test]
    fn an_engine_scans_the_image_alone_by_itself() {
        let stage = ("build-arg:BUILDKIT_SBOM_SCAN_STAGE", "deps,source");
        assert_eq!(read(&[("attest:sbom", "")]), None);
        assert_eq!(read(&[stage]), None);
        let off = ("build-arg:BUILDKIT_SBOM_SCAN_STAGE", "false");
        assert_eq!(read(&[("attest:sbom", ""), off]), None);
        let scan = read(&[("attest:sbom", "generator=org/scan:1,DEPTH=2"), stage]).unwrap();
        assert_eq!(scan.scanner, "org/scan:1");
        assert_eq!(scan.parameters["DEPTH"], "2");
        let stages = ["deps", "source"].map(str::to_owned).into();
        assert_eq!(scan.stages, Stages::These(stages));
        let context = ("build-arg:BUILDKIT_SBOM_SCAN_CONTEXT", "true");
        let scan = read(&[("attest:sbom", ""), context]).unwrap();
        assert_eq!(scan.scanner, DEFAULT_SCANNER);
        assert!(scan.context);
    }
}
