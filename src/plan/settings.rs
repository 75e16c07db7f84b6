//! The image config.

use std::collections::BTreeMap;

use crate::build_file::{Healthcheck, Port};

/// What the image config adds to that of the base: `ENV`, `ENTRYPOINT`, `USER` and so on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `UID:GID`; `None` keeps the base's.
    pub user: Option<String>,
    /// `None` keeps the base's.
    pub workdir: Option<String>,
    /// Directories that are prepended to the base's `PATH`.
    pub path: Vec<String>,
    pub env: BTreeMap<String, String>,
    /// `None` keeps the base's; an empty list removes it.
    pub entrypoint: Option<Vec<String>>,
    /// `None` keeps the base's, unless there is an entrypoint.
    pub cmd: Option<Vec<String>>,
    pub expose: Vec<Port>,
    pub labels: BTreeMap<String, String>,
    /// `None` keeps the base's.
    pub healthcheck: Option<Healthcheck>,
    /// `None` keeps the base's.
    pub stop_signal: Option<String>,
    /// Mount points of volumes.
    pub volumes: Vec<String>,
}
