//! The messages that BuildKit and a gateway frontend exchange, and the client of the gateway
//! service.
//!
//! Everything here is generated from the descriptions in `proto/`, which hold what a frontend
//! needs of BuildKit's own files and no more; unknown fields are skipped on reading. All maps are
//! [`BTreeMap`](std::collections::BTreeMap)s, so encoding the same message gives the same bytes in
//! every process.
//!
//! One difference to Go remains: Go writes the fields of a `oneof` after all others, prost writes
//! them where their number puts them. It matters for [`pb::Op`], whose bytes are hashed, and
//! `buildkit-llb` takes care of it there.

/// The generated code, nested as its packages are: it refers to its own messages by such paths.
#[allow(
    clippy::pedantic,
    clippy::large_enum_variant,
    unreachable_pub,
    reason = "generated code, re-exported below"
)]
mod wire {
    pub mod fsutil {
        /// File metadata (`types/stat.proto` of the fsutil library).
        pub mod types {
            tonic::include_proto!("fsutil.types");
        }
    }

    pub mod google {
        /// Errors with details (`google/rpc/status.proto`).
        pub mod rpc {
            tonic::include_proto!("google.rpc");
        }
    }

    pub mod moby {
        pub mod buildkit {
            pub mod v1 {
                /// Capabilities of an engine (`util/apicaps/pb/caps.proto`).
                pub mod apicaps {
                    tonic::include_proto!("moby.buildkit.v1.apicaps");
                }

                /// The gateway service and its messages (`frontend/gateway/pb/gateway.proto`).
                ///
                /// With the feature `server` it also has the server half of the service, for tests.
                pub mod frontend {
                    tonic::include_proto!("moby.buildkit.v1.frontend");
                }

                /// Workers of an engine (`api/types/worker.proto`).
                pub mod types {
                    tonic::include_proto!("moby.buildkit.v1.types");
                }
            }
        }
    }

    /// Vertices of a build graph (`solver/pb/ops.proto`).
    pub mod pb {
        tonic::include_proto!("pb");
        include!(concat!(env!("OUT_DIR"), "/pb.serde.rs"));
    }
}

pub use prost_types::Any;
pub use wire::fsutil::types as fsutil;
pub use wire::google::rpc;
pub use wire::moby::buildkit::v1::{apicaps, frontend as gateway, types};
pub use wire::pb;
