//! Wheels (PEP 427) and source archives made on the spot, the same bytes for the same content.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// What a distribution is made from.
pub(crate) struct Dist {
    /// As its author spells it.
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) requires: &'static [&'static str],
    pub(crate) extras: &'static [&'static str],
    /// Whether it has a command.
    pub(crate) command: bool,
}

impl Dist {
    /// The name as file names have it.
    fn stem(&self) -> String {
        self.name.replace('-', "_")
    }

    fn module(&self) -> String {
        self.stem().replace('.', "_").to_ascii_lowercase()
    }

    fn metadata(&self) -> String {
        let Self { name, version, .. } = self;
        let mut text = format!(
            "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=3.8\n"
        );
        for extra in self.extras {
            writeln!(text, "Provides-Extra: {extra}").unwrap();
        }
        for requirement in self.requires {
            writeln!(text, "Requires-Dist: {requirement}").unwrap();
        }
        text
    }

    /// A wheel's name and bytes; `origin` is part of its content.
    pub(crate) fn wheel(&self, origin: &str) -> (String, Vec<u8>) {
        let (stem, module, version) = (self.stem(), self.module(), self.version);
        let info = format!("{stem}-{version}.dist-info");
        let code = format!(
            "VERSION = {version:?}\nORIGIN = {origin:?}\n\n\ndef main():\n    print(VERSION)\n"
        );
        let mut files = vec![
            (format!("{module}/__init__.py"), code),
            (format!("{module}/data/table.txt"), format!("{version}\n")),
            (format!("{info}/METADATA"), self.metadata()),
            (
                format!("{info}/WHEEL"),
                "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
                    .to_owned(),
            ),
        ];
        if self.command {
            files.push((
                format!("{info}/entry_points.txt"),
                format!("[console_scripts]\n{module} = {module}:main\n"),
            ));
        }
        let mut record = String::new();
        for (path, content) in &files {
            let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(content));
            writeln!(record, "{path},sha256={digest},{}", content.len()).unwrap();
        }
        let path = format!("{info}/RECORD");
        writeln!(record, "{path},,").unwrap();
        files.push((path, record));
        (format!("{stem}-{version}-py3-none-any.whl"), zip(&files))
    }

    /// A source archive's name and bytes.
    pub(crate) fn sdist(&self) -> (String, Vec<u8>) {
        let folder = format!("{}-{}", self.stem(), self.version);
        let files: Vec<(String, String)> = self
            .sources()
            .into_iter()
            .map(|(path, content)| (format!("{folder}/{path}"), content))
            .collect();
        (format!("{folder}.zip"), zip(&files))
    }

    /// A source tree with a build backend of its own, which builds a wheel that tells the `buildhelper` it was built with.
    pub(crate) fn sources(&self) -> Vec<(String, String)> {
        let backend = include_str!("backend.py")
            .replace("@STEM@", &self.stem())
            .replace("@VERSION@", self.version)
            .replace("@METADATA@", &self.metadata());
        vec![
            ("PKG-INFO".to_owned(), self.metadata()),
            ("backend.py".to_owned(), backend),
            (
                "pyproject.toml".to_owned(),
                "[build-system]\nrequires = [\"buildhelper\"]\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n".to_owned(),
            ),
        ]
    }
}

/// The SHA-256 of `bytes` as a lock and an index write it.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
}

/// A zip archive without compression; all times are its first, the start of 1980.
fn zip(files: &[(String, String)]) -> Vec<u8> {
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

        // Made on Unix, a file that all may read.
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&entry);
        directory.extend([0; 6]);
        directory.extend((0o100_644_u32 << 16).to_le_bytes());
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
