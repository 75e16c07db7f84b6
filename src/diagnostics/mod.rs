//! Errors and warnings for the user: a location in one of their files, a message and a hint.
//!
//! Every concern has its own error enum that implements [`Problem`]; this module turns each error into a [`Diagnostic`] and
//! renders it. The `Display` of [`Diagnostics`] is plain text, which `gateway` sends to the engine with the source ranges. A
//! [`Warning`] does not fail the build.

mod diagnostic;
mod document;
mod findings;
mod input;
mod printable;
mod render;
mod reports;
mod wording;

pub(crate) use diagnostic::MAX_REPORTED;
pub use diagnostic::{Diagnostic, Diagnostics, Problem, Warning};
pub use document::{Document, Located, Position, Span};
pub use findings::{Findings, range, source};
pub(crate) use input::{InputError, InputLimits};
#[cfg(test)]
pub(crate) use printable::is_printable;
pub use printable::{printable, printable_json};
pub use render::Colour;
pub use wording::{closest, either, listed};
