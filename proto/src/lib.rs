//! The messages that BuildKit and a gateway frontend exchange, and the client of the gateway
//! service.
//!
//! Everything here is generated from the files in `proto/`, which contain only the parts of
//! BuildKit's own files that a frontend needs; unknown fields are skipped when reading. All maps
//! are [`BTreeMap`](std::collections::BTreeMap)s, so a message has the same bytes in every process.
//!
//! One difference from Go remains: Go writes the fields of a `oneof` after all others, prost in the
//! order of their numbers. This matters for [`pb::Op`], whose bytes are hashed; `buildkit-llb`
//! handles it.

/// The generated code, in modules named after its packages, because it refers to its own messages
/// by these paths.
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
                /// With the feature `server`, it also has the server half of the service, for
                /// tests.
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

pub use prost_types::{Any, Timestamp};
pub use wire::fsutil::types as fsutil;
pub use wire::google::rpc;
pub use wire::moby::buildkit::v1::{apicaps, frontend as gateway, types};
pub use wire::pb;
