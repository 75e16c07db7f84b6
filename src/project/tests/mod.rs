//! Projects as users have them, valid and invalid.

mod errors;
mod fixture;
mod installed;
mod lock;
mod older_locks;
mod pinned;
mod pyproject;
mod reduced;
mod wheel;
