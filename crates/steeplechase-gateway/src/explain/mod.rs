//! `steeplechase explain`: what would become of a call.
//!
//! ```text
//!  --model NAME ──► a call ──► the stack, as it would serve ──► what the router sees: who could take it,
//!                              over providers that never answer    who not, and why
//!  the configuration ──► how long, how often, and who is asked after a failure
//! ```
//!
//! Nobody is called, so nothing is known of who is busy, slow or broken: all are taken to be well.

mod candidates;
mod dry_run;
mod text;

#[cfg(test)]
mod tests;

pub use self::text::text;
