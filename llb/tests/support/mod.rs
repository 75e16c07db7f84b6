//! Helpers that several test files share.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "no test file uses every helper, and a failed helper fails the test"
)]

use buildkit_llb::{Definition, ImageSource, Output, Platform};
use buildkit_proto::pb;
use prost::Message;

pub(crate) fn linux(architecture: &str, variant: &str) -> Platform {
    Platform {
        architecture: architecture.to_owned(),
        os: "linux".to_owned(),
        variant: variant.to_owned(),
        ..Platform::default()
    }
}

/// An image for linux/amd64.
pub(crate) fn image(reference: &str) -> Output {
    ImageSource::new(reference)
        .platform(linux("amd64", ""))
        .output()
}

pub(crate) fn alpine() -> Output {
    image("docker.io/library/alpine:latest")
}

pub(crate) fn busybox() -> Output {
    image("docker.io/library/busybox:latest")
}

/// The digest of `bytes`, computed independently of the crate under test.
pub(crate) fn digest(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes)
        .iter()
        .fold("sha256:".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// The decoded entries of the definition of `head`, with their digests.
pub(crate) fn ops(head: &Output) -> Vec<(String, pb::Op)> {
    (Definition::new(head).to_pb().def.iter())
        .map(|bytes| (digest(bytes), pb::Op::decode(bytes.as_slice()).unwrap()))
        .collect()
}

/// The decoded op of `head` itself.
pub(crate) fn op(head: &Output) -> pb::Op {
    let ops = ops(head);
    let found = ops.iter().find(|(digest, _)| digest == head.digest());
    found.unwrap().1.clone()
}

pub(crate) fn exec(head: &Output) -> pb::ExecOp {
    match op(head).op {
        Some(pb::op::Op::Exec(exec)) => Some(exec),
        _ => None,
    }
    .unwrap()
}

pub(crate) fn actions(head: &Output) -> Vec<pb::FileAction> {
    match op(head).op {
        Some(pb::op::Op::File(file)) => Some(file.actions),
        _ => None,
    }
    .unwrap()
}

pub(crate) fn metadata(head: &Output) -> pb::OpMetadata {
    Definition::new(head).to_pb().metadata[head.digest()].clone()
}
