//! What a configuration comes to, for people who ask before anybody is called.
//!
//! ```text
//!  config.yaml ──► Plan ──┬─► check    what will surprise, and a picture of the stack
//!                         └─► explain  what would become of one call
//! ```
//!
//! Nothing is sent anywhere.

mod fallbacks;
mod groups;
mod load;
mod words;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use self::fallbacks::Reason;
pub(crate) use self::groups::{Plan, PlannedGroup};
pub(crate) use self::load::{Loaded, load};
pub(crate) use self::words::{percent, price, seconds};
