//! Build graphs for BuildKit (LLB): ops, and the bytes that identify them to an engine.
//!
//! A graph is built bottom up. Each op is a builder; finishing it gives an [`Output`], a cheap
//! handle to a file tree that further ops read. A finished op never changes, so its bytes and
//! digest are computed once. [`Definition::new`] collects an output and everything it depends on
//! into the message that an engine solves.
//!
//! ```
//! use buildkit_llb::{Definition, Exec, FileOp, ImageSource, Mkfile, Mount};
//!
//! let base = ImageSource::new("docker.io/library/alpine:3.22").output();
//! let script = FileOp::on(None)
//!     .mkfile(Mkfile::new("/hello.sh", 0o755, "echo hello > /out/greeting"))
//!     .output();
//! let greeting = Exec::new("sh")
//!     .arg("/src/hello.sh")
//!     .root(base)
//!     .mount(Mount::bind(script, "/src").read_only())
//!     .mount(Mount::bind(None, "/out"))
//!     .named("say hello")
//!     .run()
//!     .mount("/out");
//! let definition = greeting.as_ref().map(Definition::new);
//! assert_eq!(definition.map(|d| d.to_pb().def.len()), Some(4));
//! ```
//!
//! The bytes are those that BuildKit's Go client produces for the same graph (`client/llb` in its
//! repository). Engines accept others, but they look up the source lines of a failed step by the
//! digest of the canonical bytes, and two clients share a cache entry only if their digests agree.
//! Nothing here depends on a clock, on randomness or on the order of a hash map.

mod caps;
mod definition;
mod exec;
mod file;
mod foreign;
mod location;
mod merge;
mod mount;
mod owner;
mod path;
mod source;
mod vertex;

pub use buildkit_proto::pb::{LinuxResources, NetMode, Platform, ProxyEnv, SecurityMode};

pub use definition::Definition;
pub use exec::{Exec, ExecOutputs};
pub use file::{Copy, FileAction, FileBase, FileOp, Mkdir, Mkfile, Remove, Symlink};
pub use foreign::NotAGraph;
pub use location::{Location, Position, Range, SourceFile};
pub use merge::{Diff, Merge};
pub use mount::{
    BindMount, CacheMount, CacheSharing, ContentCache, Mount, SecretMount, SshMount, TmpfsMount,
};
pub use owner::{Owner, User};
pub use source::{
    Differ, GitSource, HttpSource, ImageSource, LocalSource, OciLayoutSource, ResolveMode,
};
pub use vertex::{Output, digest};
