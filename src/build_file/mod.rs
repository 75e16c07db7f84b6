//! Parses `poetry.build.toml` into a checked [`BuildFile`], without any I/O.
//!
//! The steps: TOML syntax, keys and types (`shape`), `[args]` and `${NAME}` (`args`), values (`validate`). Each
//! step reports all its errors before the next one runs.

mod args;
mod commands;
mod decode;
mod development;
mod effective;
mod error;
mod inherit;
mod known_key;
mod merge;
mod misplaced;
mod parse;
mod port;
mod published;
mod read;
mod rule_switches;
mod schema;
mod shape;
mod size;
mod spec;
mod standard;
mod targets;
mod validate;
mod values;

pub use crate::diagnostics::Located;
pub use args::Argument;
pub use effective::{EffectiveLine, effective};
pub use known_key::KnownKey;
pub use port::{Port, Protocol};
pub use published::{published_json_schema, published_standard_json_schema};
pub use rule_switches::{Error as SwitchError, RuleSwitches};
pub use schema::{
    ArgType, Command, Fetch, HookNetwork, HookPoint, InstallMode, Installer, json_schema,
};
pub use spec::{
    AptKey, AptSource, BUILT_IN_TARGETS, Build, BuildFile, CaBundle, CopiedFiles, CopySource,
    DEFAULT_NAME, DEV, Dependencies, Extras, GitHost, Healthcheck, Hook, ImageSpec, Index, Layers,
    Owner, Poetry, Python, Runtime, Source, Target, User, plain,
};
pub use standard::schema::standard_json_schema;
pub use standard::{
    Catalogue, Check, Conditions, Date, Excepted, Exception, Followed, Key, Licenses, Policy,
    PolicySeverity, STANDARD_NAME, Standard, Subject, Violation, matches, spellings, unfit,
};

#[cfg(test)]
mod tests;
