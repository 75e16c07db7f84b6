//! The connection to the engine: the wire, the engine's service, refs, and how failures are encoded.

mod engine;
mod failure;
mod reference;
mod side_by_side;
mod wire;

pub(crate) use engine::{Engine, Evaluation};
pub use failure::{Error, Failure};
pub(crate) use reference::Ref;
pub(crate) use side_by_side::{all, both};
pub(crate) use wire::connect;
