//! BuildKit's refs: file trees in the engine.

use std::sync::Arc;

use buildkit_proto::fsutil::Stat;
use buildkit_proto::gateway::llb_bridge_client::LlbBridgeClient;
use buildkit_proto::gateway::{self, FileRange, ReadDirRequest, ReadFileRequest};
use tokio::sync::Mutex;
use tonic::transport::Channel;

use crate::lint::{Entry, FileKind};

use super::failure::{Error, Failure};

/// More than any build file, project file or lock needs; engines send up to 16 MiB at once.
const FILE_LIMIT: u64 = 8 << 20;
/// Go's `os.ModeDir`.
const DIRECTORY: u32 = 1 << 31;
/// Go's `os.ModeSymlink`.
const LINK: u32 = 1 << 27;
/// Go's `os.ModeDevice`, `ModeNamedPipe`, `ModeSocket`, `ModeCharDevice` and `ModeIrregular`.
const SPECIAL: u32 = 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19;

/// Who may read from a file tree. Docker with the overlay2 store mounts a tree for each request, and crashes if two requests
/// change and read the options of these mounts at the same time (`mountable` in moby's
/// `builder/builder-next/adapters/snapshot/snapshot.go` gives both the same list).
pub(super) type Turn = Arc<Mutex<()>>;

/// A file tree in the engine, built when something is read from it.
pub(crate) struct Ref {
    client: LlbBridgeClient<Channel>,
    id: String,
    turn: Turn,
}

fn entry(stat: Stat) -> Entry {
    Entry {
        kind: if stat.mode & DIRECTORY != 0 {
            FileKind::Directory
        } else if stat.mode & LINK != 0 {
            FileKind::Link
        } else if stat.mode & SPECIAL != 0 {
            FileKind::Special
        } else {
            FileKind::File
        },
        name: stat.path,
        size: u64::try_from(stat.size).unwrap_or_default(),
        executable: stat.mode & 0o111 != 0,
        link: (stat.mode & LINK != 0).then_some(stat.linkname),
    }
}

impl Ref {
    pub(super) fn new(client: LlbBridgeClient<Channel>, id: String) -> Self {
        Self {
            client,
            id,
            turn: Turn::default(),
        }
    }

    /// The same ref, of a tree that others may read too.
    pub(super) fn read_in_turn(self, turn: Turn) -> Self {
        Self { turn, ..self }
    }

    /// The entries of a directory whose names match `pattern`.
    pub(crate) async fn list(&self, directory: &str, pattern: &str) -> Result<Vec<Entry>, Failure> {
        // The engine has no ref for a source that turned out to be empty.
        if self.id.is_empty() {
            return Ok(Vec::new());
        }
        let request = ReadDirRequest {
            r#ref: self.id.clone(),
            dir_path: directory.to_owned(),
            include_pattern: pattern.to_owned(),
        };
        let mut client = self.client.clone();
        let _turn = self.turn.lock().await;
        let response = Box::pin(client.read_dir(request)).await?;
        let entries = response.into_inner().entries;
        Ok(entries.into_iter().map(entry).collect())
    }

    /// The content of a file that [`Ref::list`] returned, with the size it has there.
    pub(crate) async fn read(&self, path: &str, size: u64) -> Result<Vec<u8>, Failure> {
        if size > FILE_LIMIT {
            return Err(Error::TooLarge(path.to_owned()).into());
        }
        self.content(path, None).await
    }

    /// The first bytes of a file.
    pub(crate) async fn head(&self, path: &str, length: i64) -> Result<Vec<u8>, Failure> {
        let range = FileRange { offset: 0, length };
        self.content(path, Some(range)).await
    }

    async fn content(&self, path: &str, range: Option<FileRange>) -> Result<Vec<u8>, Failure> {
        let request = ReadFileRequest {
            r#ref: self.id.clone(),
            file_path: path.to_owned(),
            range,
        };
        let mut client = self.client.clone();
        let _turn = self.turn.lock().await;
        let response = Box::pin(client.read_file(request)).await?;
        Ok(response.into_inner().data)
    }

    /// The ref as part of a build's result.
    pub(crate) fn into_message(self) -> gateway::Ref {
        gateway::Ref {
            id: self.id,
            def: None,
        }
    }
}
