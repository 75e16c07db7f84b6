//! What several test files share.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its part, and a failed helper fails the test"
)]

use buildkit_llb::{Definition, ImageSource, Output, Platform};
use buildkit_proto::pb;
use prost::Message;

/// A platform of Linux.
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

/// The digest of some bytes, made apart from the crate under test.
pub(crate) fn digest(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes)
        .iter()
        .fold("sha256:".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// The entries of the definition of `head`, decoded, each with its digest.
pub(crate) fn ops(head: &Output) -> Vec<(String, pb::Op)> {
    (Definition::new(head).to_pb().def.iter())
        .map(|bytes| (digest(bytes), pb::Op::decode(bytes.as_slice()).unwrap()))
        .collect()
}

/// The op of `head` itself, decoded.
pub(crate) fn op(head: &Output) -> pb::Op {
    let ops = ops(head);
    let found = ops.iter().find(|(digest, _)| digest == head.digest());
    found.unwrap().1.clone()
}

/// The exec of `head`.
pub(crate) fn exec(head: &Output) -> pb::ExecOp {
    match op(head).op {
        Some(pb::op::Op::Exec(exec)) => Some(exec),
        _ => None,
    }
    .unwrap()
}

/// The actions of the file op of `head`.
pub(crate) fn actions(head: &Output) -> Vec<pb::FileAction> {
    match op(head).op {
        Some(pb::op::Op::File(file)) => Some(file.actions),
        _ => None,
    }
    .unwrap()
}

/// The metadata of the op of `head`.
pub(crate) fn metadata(head: &Output) -> pb::OpMetadata {
    Definition::new(head).to_pb().metadata[head.digest()].clone()
}
