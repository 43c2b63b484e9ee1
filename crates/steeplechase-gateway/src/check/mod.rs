//! `steeplechase check`: whether a configuration can be served, what in it will surprise, and what comes of it.
//!
//! ```text
//!  config.yaml ──► errors ──────────────► exit code 2
//!              └─► plan ─┬─► warnings ──► exit code 1 with --strict
//!                        └─► picture      group by group
//! ```
//!
//! Nobody is called. It is told which hosts there are, and never a key.

mod lints;
mod outcome;
mod picture;

#[cfg(test)]
mod tests;

pub use self::outcome::{Outcome, check};
