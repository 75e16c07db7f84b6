//! Software bills of materials of stages and contexts (`frontend/attestations/sbom/sbom.go`). Engines scan images
//! themselves; the rest only the frontend knows.

use buildkit_llb::{Exec, ImageSource, Mount, Output};
use buildkit_proto::gateway::{Attestation, AttestationKind, Attestations};
use serde_json::Value;

use crate::compile::{self, Compiled};
use crate::gateway::inputs::Inputs;
use crate::gateway::request::{Scan, invalid};
use crate::gateway::transport::{Error, Failure, all};
use crate::image::ImageReference;
use crate::plan::{ContextFiles, StageName};

use super::platforms::Build;

/// The name of the image's own document.
const IMAGE: &str = "sbom";
const FROM: &str = "/run/src";
const INTO: &str = "/run/out/";
const FORMAT: &str = "https://spdx.dev/Document";

/// Scans the images of all builds, if the options ask for it.
pub(super) async fn scan_each(
    inputs: &Inputs<'_>,
    builds: &[Build],
    compiled: &[Compiled],
) -> Result<Vec<Attestations>, Failure> {
    let scan_of = |scan| {
        let pairs = builds.iter().zip(compiled);
        all(pairs.map(move |(build, compiled)| self::scan(inputs, scan, build, compiled)))
    };
    match &inputs.options.scan {
        Some(scan) => scan_of(scan).await,
        None => Ok(Vec::new()),
    }
}

/// Scans one image, with the stages and contexts that the options name.
async fn scan(
    inputs: &Inputs<'_>,
    scan: &Scan,
    build: &Build,
    compiled: &Compiled,
) -> Result<Attestations, Failure> {
    let options = &inputs.options;
    let reference = ImageReference::parse(&scan.scanner)
        .ok_or_else(|| invalid("attest:sbom", &scan.scanner, "an image reference"))?;
    let platform = options.native.as_ref().unwrap_or(&build.platform);
    let scanner = inputs.images.resolve(&reference, platform).await?;
    let image = ImageSource::new(scanner.reference.to_string())
        .platform(compile::platform(platform))
        .resolve_mode(options.resolve_mode)
        .output();

    let mut extras = stages(scan, compiled);
    if scan.context {
        let context = build.steps.files(&ContextFiles::default());
        let context = context.map_err(|error| Error::Internal(error.to_string()))?;
        extras.push(("context".to_owned(), context));
    }
    let title = format!("[{}] generating sbom using {reference}", build.platform);
    let exec = command(&scanner.config)
        .ok_or_else(|| {
            let expected = "an image with an entrypoint or a command";
            invalid("attest:sbom", &scan.scanner, expected)
        })?
        .root(image)
        .ignore_cache(options.no_cache == compile::IgnoreCache::All)
        .named(title);
    let variables = scan.parameters.iter();
    let exec = variables.fold(exec, |exec, (name, value)| {
        exec.env(format!("BUILDKIT_SCAN_{name}"), value)
    });
    let documents = documents(exec, &compiled.image, extras);
    let solved = inputs.engine.solve_output(&documents).await?;
    Ok(Attestations {
        attestation: vec![Attestation {
            kind: AttestationKind::Bundle.into(),
            metadata: [("reason", "sbom"), ("sbom-core", IMAGE)]
                .map(|(key, value)| (key.to_owned(), value.into()))
                .into(),
            r#ref: Some(solved.into_message()),
            path: String::new(),
            in_toto_predicate_type: FORMAT.to_owned(),
        }],
    })
}

/// The stages to scan, by name.
fn stages(scan: &Scan, compiled: &Compiled) -> Vec<(String, Output)> {
    let stages = compiled.stage_outputs.iter();
    let stages = stages.filter(|(name, _)| covers(scan, name));
    // Stage names of targets contain a colon, which mount paths cannot.
    let named = stages.map(|(name, tree)| (name.to_string().replace(':', "-"), tree.clone()));
    named.collect()
}

/// Whether a stage is scanned. `deps` is all stages that install dependencies.
fn covers(scan: &Scan, name: &StageName) -> bool {
    let of_target = matches!(name, StageName::Of(..));
    scan.covers(&name.to_string()) || !of_target && scan.covers(name.as_str())
}

/// The command of the scanner's image, with its environment.
fn command(config: &Value) -> Option<Exec> {
    let words = |pointer: &str| {
        let list = config.pointer(pointer).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str)
    };
    let mut command = words("/config/Entrypoint").chain(words("/config/Cmd"));
    let exec = Exec::new(command.next()?).args(command);
    let cwd = config.pointer("/config/WorkingDir").and_then(Value::as_str);
    let exec = exec.cwd(cwd.filter(|cwd| !cwd.is_empty()).unwrap_or("/"));
    let variables = words("/config/Env").filter_map(|entry| entry.split_once('='));
    Some(variables.fold(exec, |exec, (name, value)| exec.env(name, value)))
}

/// The directory that the scanner writes its documents to.
fn documents(exec: Exec, image: &Output, extras: Vec<(String, Output)>) -> Output {
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
