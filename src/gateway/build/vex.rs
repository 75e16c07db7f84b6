//! Statements about vulnerabilities, from a file of the build context.

use buildkit_llb::{FileOp, Mkfile};
use buildkit_proto::gateway::{Attestation, AttestationKind, Attestations};

use crate::diagnostics::Diagnostics;
use crate::gateway::inputs::Parts;
use crate::gateway::transport::{Engine, Failure, all};
use crate::lint::read_vex;
use crate::vex::Vex;

use super::platforms::Build;

const DOCUMENT: &str = "/openvex.json";

/// The documents of all builds, in their order; `None` for a build without one.
pub(super) async fn read_each(
    engine: &Engine,
    builds: &[Build],
) -> Result<Vec<Option<Vex>>, Failure> {
    let read = all(builds.iter().map(async |build| {
        let Some(file) = &build.plan.vex else {
            return Ok::<_, Failure>(None);
        };
        let steps = &build.steps;
        Ok(Some(read_vex(&Parts { engine, steps }, file).await?))
    }));
    let mut errors = Vec::new();
    let mut documents = Vec::new();
    for document in read.await? {
        match document.transpose() {
            Ok(document) => documents.push(document),
            Err(error) if errors.contains(&error) => {}
            Err(error) => errors.push(error),
        }
    }
    Diagnostics::fail_if_any(errors)?;
    Ok(documents)
}

/// The documents as attestations, byte for byte.
pub(super) async fn attest_each(
    engine: &Engine,
    documents: &[Option<Vex>],
) -> Result<Vec<Attestations>, Failure> {
    all(documents.iter().map(async |document| {
        let attestation = match document {
            Some(document) => vec![attest(engine, document).await?],
            None => Vec::new(),
        };
        Ok::<_, Failure>(Attestations { attestation })
    }))
    .await
}

async fn attest(engine: &Engine, document: &Vex) -> Result<Attestation, Failure> {
    let file = Mkfile::new(DOCUMENT, 0o644, document.bytes.clone());
    let tree = FileOp::on(None)
        .mkfile(file)
        .named("attach the statements about vulnerabilities")
        .output();
    let solved = engine.solve_output(&tree).await?;
    Ok(Attestation {
        kind: AttestationKind::InToto.into(),
        metadata: [("reason".to_owned(), "vex".into())].into(),
        r#ref: Some(solved.into_message()),
        path: DOCUMENT.to_owned(),
        in_toto_predicate_type: document.format.clone(),
    })
}
