//! `steeplechase providers`: who can be called, and how.
//!
//! ```text
//!  catalog ─┬─► list ────► a line for each: its name, its key's variable, and whether that is set
//!           └─► explain ─► one of them: URL, keys, parameters, and what to write into a configuration
//! ```
//!
//! It is told which variables are set, and never what is in them.

mod explain;
mod facts;
mod list;

#[cfg(test)]
mod tests;

pub use self::list::text;
