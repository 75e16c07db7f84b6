//! Where the project and its build file are: in folders of the client's, in a repository, in an archive on a web server,
//! or in the result of another build (`initContext` in `frontend/dockerui/context.go`).

use buildkit_llb::{Copy, FileOp, HttpSource, Mkdir, Output};

use crate::compile::Context;

use super::engine::{Engine, Tree};
use super::failure::{Error, Failure};
use super::git_address::GitAddress;
use super::options::Options;

/// The name of a downloaded file in its tree.
pub(super) const DOWNLOAD: &str = "context";
/// A capability that came with BuildKit 0.17, as did other bytes for the same op.
const WITH_017: &str = "exec.validexitcode";
/// How much of a file tells whether it is an archive: two records of a tar archive.
const HEAD: i64 = 1024;

/// Where the files that decide the build are.
pub(super) struct Sources {
    /// The project.
    pub(super) context: Context,
    /// The tree with the build file, and the build file's path in it.
    pub(super) build_file: Context,
    pub(super) filename: String,
}

/// Finds out, and asks the engine what a web server has.
pub(super) async fn find(engine: &Engine, options: &Options) -> Result<Sources, Failure> {
    let mut filename = options.filename.clone();
    let remote = match &options.remote_context {
        Some(address) => match GitAddress::parse(address) {
            Some(repository) => {
                let repository = repository.map_err(|why| wrong(address, why))?;
                let title = format!("[internal] load git source {address}");
                let source = repository.keeping_git_dir(options.keep_git_dir).source();
                let tree = source.named(title).output();
                (Some(tree.clone()), Some(tree))
            }
            None if address.starts_with("http://") || address.starts_with("https://") => {
                let title = "[internal] load remote build context";
                let (tree, unpacked) = download(engine, address, title).await?;
                // A single file is the build file.
                if !unpacked {
                    DOWNLOAD.clone_into(&mut filename);
                }
                (Some(tree.clone()), Some(tree))
            }
            None => {
                let why = "neither a repository nor an address of a web server".to_owned();
                return Err(wrong(address, why).into());
            }
        },
        None => passed_in(engine, options).await?,
    };
    let (context, build_file) = remote;
    let context = match (context, &options.remote_folder) {
        (None, _) => Context::Folder(options.context.clone()),
        (Some(tree), None) => Context::Tree(tree),
        (Some(tree), Some(folder)) => Context::Tree(
            FileOp::on(None)
                .copy(Copy::new(tree, folder, "/").contents_only())
                .named(format!("[internal] look into {folder}"))
                .output(),
        ),
    };
    let build_file = if let Some(tree) = build_file.filter(|_| !options.own_build_file) {
        Context::Tree(tree)
    } else {
        filename.clone_from(&options.filename);
        Context::Folder(options.build_file_folder.clone())
    };
    Ok(Sources {
        context,
        build_file,
        filename,
    })
}

fn wrong(address: &str, why: String) -> Error {
    Error::Context {
        what: "build context".to_owned(),
        address: address.to_owned(),
        why,
    }
}

/// The trees of the project and of the build file, as far as another build passed them in.
async fn passed_in(
    engine: &Engine,
    options: &Options,
) -> Result<(Option<Output>, Option<Output>), Failure> {
    let inputs = engine.inputs().await?;
    let input = |name: &str| inputs.get(name).map(|input| graph(input, name)).transpose();
    Ok((input("context")?, input(&options.build_file_folder.name)?))
}

/// The result of a graph that was passed in.
pub(super) fn graph(
    definition: &buildkit_proto::pb::Definition,
    name: &str,
) -> Result<Output, Error> {
    match Output::from_pb(definition) {
        Ok(Some(output)) => Ok(output),
        // An op that makes nothing.
        Ok(None) => Ok(empty()),
        Err(buildkit_llb::NotAGraph) => Err(Error::Context {
            what: "input of the build".to_owned(),
            address: name.to_owned(),
            why: "which is no graph".to_owned(),
        }),
    }
}

/// A tree without any files.
pub(super) fn empty() -> Output {
    FileOp::on(None).mkdir(Mkdir::new("/", 0o755)).output()
}

/// What a web server has at an address, unpacked if it is an archive.
pub(super) async fn download(
    engine: &Engine,
    address: &str,
    title: &str,
) -> Result<(Output, bool), Failure> {
    // What a client sends on its standard input can be had once only, and the engine had it for its own frontend.
    let file = HttpSource::new(address)
        .filename(DOWNLOAD)
        .in_field_order(!engine.has(WITH_017))
        .named(title)
        .output();
    let head = Tree::of(engine, &file).await?.head(DOWNLOAD, HEAD).await?;
    if !is_archive(&head) {
        return Ok((file, false));
    }
    let copy = Copy::new(file, DOWNLOAD, "/").unpack();
    let unpacked = FileOp::on(None).copy(copy).named(title).output();
    Ok((unpacked, true))
}

/// Whether a file with this beginning is a tar archive, compressed or not (`isArchive`).
fn is_archive(head: &[u8]) -> bool {
    const COMPRESSED: [&[u8]; 3] = [b"BZh", b"\x1f\x8b\x08", b"\xfd7zXZ\0"];
    COMPRESSED.iter().any(|magic| head.starts_with(magic)) || is_tar(head)
}

/// Whether this begins with the header of a tar archive: its checksum, which counts as blanks, is right.
fn is_tar(head: &[u8]) -> bool {
    const CHECKSUM: std::ops::Range<usize> = 148..156;
    let Some(header) = head.get(..512) else {
        return false;
    };
    let told = std::str::from_utf8(&header[CHECKSUM]).unwrap_or_default();
    let told = u32::from_str_radix(told.trim_matches(['\0', ' ']), 8);
    let byte = |(at, byte): (usize, &u8)| {
        if CHECKSUM.contains(&at) {
            u32::from(b' ')
        } else {
            u32::from(*byte)
        }
    };
    told == Ok(header.iter().enumerate().map(byte).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_known_by_their_beginning() {
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
