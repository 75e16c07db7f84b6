//! The result of a build: refs, and the metadata for the exporter (`exporter/containerimage/exptypes/types.go`,
//! `exporter/exptypes/`).

use std::collections::BTreeMap;

use buildkit_proto::gateway::{Attestations, Ref, RefMap, Result as BuildResult, result};
use serde_json::json;

use crate::compile::Compiled;
use crate::gateway::request::Options;

use super::images::describe;

/// `images` and each list of `attestations` are those of the platforms, in their order; a list can be empty.
pub(super) fn assemble(
    options: &Options,
    compiled: &[Compiled],
    images: Vec<Ref>,
    attestations: [Vec<Attestations>; 3],
) -> BuildResult {
    let ids = || options.platforms.iter().map(ToString::to_string);
    let refs = ids().zip(images);
    let mut attested: BTreeMap<String, Attestations> = BTreeMap::new();
    for (id, of_image) in attestations.into_iter().flat_map(|list| ids().zip(list)) {
        if !of_image.attestation.is_empty() {
            let all = &mut attested.entry(id).or_default().attestation;
            all.extend(of_image.attestation);
        }
    }
    BuildResult {
        metadata: metadata(options, compiled),
        attestations: attested,
        result: if options.multi_platform {
            Some(result::Result::Refs(RefMap {
                refs: refs.collect(),
            }))
        } else {
            refs.map(|(_, image)| result::Result::Ref(image)).next()
        },
    }
}

fn metadata(options: &Options, compiled: &[Compiled]) -> BTreeMap<String, Vec<u8>> {
    let mut metadata = BTreeMap::new();
    let mut add = |key: String, value: String| metadata.insert(key, value.into_bytes());
    let mut platforms = Vec::new();
    for (platform, compiled) in options.platforms.iter().zip(compiled) {
        let suffix = if options.multi_platform {
            format!("/{platform}")
        } else {
            String::new()
        };
        add(
            format!("containerimage.config{suffix}"),
            compiled.config.to_string(),
        );
        add(
            format!("containerimage.base.config{suffix}"),
            compiled.base_config.to_string(),
        );
        if let Some(epoch) = options.epoch {
            add(format!("source.date.epoch{suffix}"), epoch.to_string());
        }
        platforms.push(json!({ "ID": platform.to_string(), "Platform": describe(platform) }));
    }
    add(
        "refs.platforms".to_owned(),
        json!({ "Platforms": platforms }).to_string(),
    );
    metadata
}
