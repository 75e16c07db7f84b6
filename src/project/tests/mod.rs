//! Projects as users have them, valid and invalid.

mod errors;
mod fixture;
mod lock;
mod older_locks;
mod pyproject;
mod reduced;
mod wheel;
