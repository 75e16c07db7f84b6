//! Contexts that are not directories of the client: downloads, and the results of other builds.

use buildkit_llb::{Copy, FileOp, HttpSource, Mkdir, Output};
use buildkit_proto::pb;

use crate::gateway::transport::{Engine, Error, Failure};

/// The file name of a download.
pub(super) const DOWNLOAD: &str = "context";
/// A capability that was added in BuildKit 0.17, as was the canonical field order of HTTP sources.
const ADDED_IN_0_17: &str = "exec.validexitcode";
/// How many bytes it takes to recognize an archive: two records of a tar archive.
const HEAD: i64 = 1024;

/// The result of a definition that the client passed as an input.
pub(super) fn input(definition: &pb::Definition, name: &str) -> Result<Output, Error> {
    match Output::from_pb(definition) {
        Ok(Some(output)) => Ok(output),
        // An op without outputs.
        Ok(None) => Ok(empty()),
        Err(buildkit_llb::NotAGraph) => Err(Error::Context {
            role: "an input of the build".to_owned(),
            address: name.to_owned(),
            why: "not an LLB definition".to_owned(),
        }),
    }
}

/// A tree without files.
pub(super) fn empty() -> Output {
    FileOp::on(None).mkdir(Mkdir::new("/", 0o755)).output()
}

/// Downloads a URL and unpacks it if it is an archive. Returns whether it is one.
pub(super) async fn download(
    engine: &Engine,
    url: &str,
    title: &str,
) -> Result<(Output, bool), Failure> {
    // A client's standard input can be read once only, and the engine has read it to find the frontend. The op must
    // have the same bytes as the engine's own, so that it is answered from the cache.
    let file = HttpSource::new(url)
        .filename(DOWNLOAD)
        .in_field_order(!engine.has(ADDED_IN_0_17))
        .named(title)
        .output();
    let reference = engine.solve_output(&file).await?;
    let head = reference.head(DOWNLOAD, HEAD).await?;
    if !is_archive(&head) {
        return Ok((file, false));
    }
    let copy = Copy::new(file, DOWNLOAD, "/").unpack();
    let unpacked = FileOp::on(None).copy(copy).named(title).output();
    Ok((unpacked, true))
}

/// Whether a file that begins with these bytes is a tar archive, compressed or not (`isArchive`).
fn is_archive(head: &[u8]) -> bool {
    const COMPRESSED: [&[u8]; 3] = [b"BZh", b"\x1f\x8b\x08", b"\xfd7zXZ\0"];
    COMPRESSED.iter().any(|magic| head.starts_with(magic)) || is_tar(head)
}

/// Whether this begins with a tar header with a valid checksum, which counts its own bytes as spaces.
fn is_tar(head: &[u8]) -> bool {
    const CHECKSUM: std::ops::Range<usize> = 148..156;
    let Some(header) = head.get(..512) else {
        return false;
    };
    let stated = std::str::from_utf8(&header[CHECKSUM]).unwrap_or_default();
    let stated = u32::from_str_radix(stated.trim_matches(['\0', ' ']), 8);
    let byte = |(at, byte): (usize, &u8)| {
        if CHECKSUM.contains(&at) {
            u32::from(b' ')
        } else {
            u32::from(*byte)
        }
    };
    stated == Ok(header.iter().enumerate().map(byte).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_recognized_by_their_first_bytes() {
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(2);
        header.set_cksum();
        archive
            .append_data(&mut header, "a", b"hi".as_slice())
            .unwrap();
        let archive = archive.into_inner().unwrap();
        assert!(is_archive(&archive[..1024]));
        assert!(is_archive(b"\x1f\x8b\x08\0"));
        assert!(!is_archive(b"# syntax=a/b\n"));
        assert!(!is_archive(&[0; 1024]));
        let mut broken = archive;
        broken[0] ^= 1;
        assert!(!is_archive(&broken));
    }
}
