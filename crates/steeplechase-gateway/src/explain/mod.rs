//! `steeplechase explain`: what would become of a call.
//!
//! ```text
//!  --model NAME ──► which group ──► who of it could take the call, and who not, and why
//!                                └► how long, how often, and who is asked after a failure
//! ```
//!
//! Nobody is called, so nothing is known of who is busy, slow or broken: all are taken to be well.

mod candidates;
mod text;

#[cfg(test)]
mod tests;

pub use self::text::text;
