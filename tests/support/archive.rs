//! Wheels (PEP 427) and zip archives: the same bytes for the same content.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A wheel's name and bytes. `name` is as in file names; `files` are the files of the wheel without its metadata.
pub(crate) fn wheel(
    name: &str,
    version: &str,
    metadata: &str,
    files: Vec<(String, String)>,
) -> (String, Vec<u8>) {
    tagged_wheel(name, version, "py3-none-any", metadata, files)
}

/// Like [`wheel`], with the end of its file name: `PYTHON-ABI-PLATFORM`, after a build number if it has one.
pub(crate) fn tagged_wheel(
    name: &str,
    version: &str,
    tag: &str,
    metadata: &str,
    mut files: Vec<(String, String)>,
) -> (String, Vec<u8>) {
    let pure = tag.ends_with("-any");
    let words: Vec<&str> = tag.split('-').collect();
    let (build, triple) = words.split_at(words.len() - 3);
    let mut about = format!(
        "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {pure}\nTag: {}\n",
        triple.join("-")
    );
    for number in build {
        writeln!(about, "Build: {number}").unwrap();
    }
    let info = format!("{name}-{version}.dist-info");
    files.push((format!("{info}/METADATA"), metadata.to_owned()));
    files.push((format!("{info}/WHEEL"), about));
    let mut record = String::new();
    for (path, content) in &files {
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(content));
        writeln!(record, "{path},sha256={digest},{}", content.len()).unwrap();
    }
    let path = format!("{info}/RECORD");
    writeln!(record, "{path},,").unwrap();
    files.push((path, record));
    (format!("{name}-{version}-{tag}.whl"), zip(&files))
}

/// The SHA-256 of `bytes` in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
}

/// A zip archive without compression; all times are the earliest possible, the start of 1980. Scripts are executable.
pub(crate) fn zip(files: &[(String, String)]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for (path, content) in files {
        let offset = u32_of(archive.len());
        let size = u32_of(content.len()).to_le_bytes();
        let mut entry = Vec::new();
        // Version 2.0, no flags, stored, 0:00, 1 January 1980.
        entry.extend([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
        entry.extend(crc32(content.as_bytes()).to_le_bytes());
        entry.extend([size, size].concat());
        entry.extend(u16_of(path.len()).to_le_bytes());
        entry.extend([0, 0]);

        archive.extend(b"PK\x03\x04");
        archive.extend(&entry);
        archive.extend(path.as_bytes());
        archive.extend(content.as_bytes());

        // Made on Unix, a file that everyone may read, and run if it is a script.
        let is_script = path.contains(".data/scripts/") || path.rsplit('.').next() == Some("sh");
        let mode: u32 = if is_script { 0o100_755 } else { 0o100_644 };
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&entry);
        directory.extend([0; 6]);
        directory.extend((mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(path.as_bytes());
    }
    let count = u16_of(files.len()).to_le_bytes();
    let start = u32_of(archive.len()).to_le_bytes();
    let length = u32_of(directory.len()).to_le_bytes();
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend([count, count].concat());
    archive.extend([length, start].concat());
    archive.extend([0, 0]);
    archive
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1));
        }
    }
    !crc
}

fn u32_of(length: usize) -> u32 {
    u32::try_from(length).unwrap()
}

fn u16_of(length: usize) -> u16 {
    u16::try_from(length).unwrap()
}
