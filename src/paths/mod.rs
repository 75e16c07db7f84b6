//! Paths as text: cleaning, matching, and the patterns of ignore files. Opens no file.

mod clean;
mod ignore_file;
mod pattern;

pub use clean::{clean, inside, overlap, within};
pub use ignore_file::{Error, ignore_patterns};
pub use pattern::{Matched, Pattern, Patterns, has_wildcard, literal};
