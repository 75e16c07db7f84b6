//! The software bills of materials that the frontend itself writes.

use std::collections::BTreeMap;

use buildkit_llb::{FileOp, Mkfile};
use buildkit_proto::gateway::{Attestation, AttestationKind, Attestations};

use crate::compile::{self, Compiled};
use crate::gateway::inputs::Inputs;
use crate::gateway::transport::{Failure, Ref, all};
use crate::licenses::Statement;
use crate::plan::Listing;
use crate::sbom::{PREDICATE, System, spdx};

use super::platforms::Build;

const DOCUMENT: &str = "/sbom.spdx.json";
/// What an official image calls the variable with its Python's release.
const PYTHON_VERSION: &str = "PYTHON_VERSION";
/// More than the packages of any image take.
const LIMIT: i64 = 16 << 20;
const NO_FILE: &str = "no such file";

/// The documents of all builds that have one, in the order of the builds.
pub(super) async fn attest_each(
    inputs: &Inputs<'_>,
    builds: &[Build],
    compiled: &[Compiled],
    licenses: &BTreeMap<String, Vec<Statement>>,
) -> Result<Vec<Attestations>, Failure> {
    let builds = builds.iter().zip(compiled);
    all(builds.map(async |(build, compiled)| {
        let attestation = match &build.plan.listing {
            Some(listing) => vec![attest(inputs, build, compiled, listing, licenses).await?],
            None => Vec::new(),
        };
        Ok::<_, Failure>(Attestations { attestation })
    }))
    .await
}

async fn attest(
    inputs: &Inputs<'_>,
    build: &Build,
    compiled: &Compiled,
    listing: &Listing,
    licenses: &BTreeMap<String, Vec<Statement>>,
) -> Result<Attestation, Failure> {
    let image = inputs.engine.solve_output(&compiled.system).await?;
    let system = System {
        release: text(&image, "usr/lib/os-release").await?,
        dpkg: text(&image, "var/lib/dpkg/status").await?,
        python: compile::variable(&compiled.base_config, PYTHON_VERSION),
    };
    let created = compile::creation_time(inputs.options.epoch.unwrap_or_default());
    let statements = licenses.get(&build.platform.to_string());
    let document = spdx(
        listing,
        statements.map_or(&[], Vec::as_slice),
        &system,
        &build.platform,
        &created.unwrap_or_default(),
    );
    let file = Mkfile::new(DOCUMENT, 0o644, document.to_string().into_bytes());
    let tree = FileOp::on(None)
        .mkfile(file)
        .named(format!(
            "[{}] write the software bill of materials",
            build.platform
        ))
        .output();
    let solved = inputs.engine.solve_output(&tree).await?;
    Ok(Attestation {
        kind: AttestationKind::InToto.into(),
        metadata: [("reason".to_owned(), "sbom".into())].into(),
        r#ref: Some(solved.into_message()),
        path: DOCUMENT.to_owned(),
        in_toto_predicate_type: PREDICATE.to_owned(),
    })
}

/// The text of a file; empty if the image has no such file.
async fn text(image: &Ref, path: &str) -> Result<String, Failure> {
    match image.head(path, LIMIT).await {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(Failure::Engine(status)) if status.message.contains(NO_FILE) => Ok(String::new()),
        Err(failure) => Err(failure),
    }
}
