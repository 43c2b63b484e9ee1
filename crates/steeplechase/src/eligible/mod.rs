//! Which deployments of a group can take a call at all, before a strategy picks one of them.
//!
//! ```text
//!  name ──► tags ──► region ──► abilities ──► context ──► budget ──► rates ──► your own ──► the strategy
//!  the call asks for them,      the model is known to     it would be refused for want of
//!  or for there                 be able to, and to hold   money, or of tokens in a minute
//! ```
//!
//! Each leaves deployments out of which it is *known* that they cannot take the call. If none is left, the call
//! is refused by the first that has left none, which says why.
//!
//! | | leaves out | if none is left |
//! |-|-|-|
//! | [`Tags`] | those without the tags that the call asks for, and that are not for its program | 403, and another model may serve it |
//! | region | those elsewhere than the call may go, or of which nobody knows where they are | 403, the same |
//! | abilities | those whose model lacks what the call needs: tools, sight, … | 400, the same |
//! | [`FitsContext`] | those into which the prompt does not fit | [`Class::ContextWindow`](steeplechase_core::Class::ContextWindow) |
//! | budget | those that have nothing left to spend: of their own, of their provider's, or of one of the call's tags | 429 and `retry-after` |
//! | rates | those that have not as many tokens left in the minute or the day as the call needs | 429 and `retry-after`, or 413 if none ever has |
//!
//! # What it costs
//!
//! What a group has is looked up when the stack is built. A call that asks for no tags and no region, to a group
//! whose deployments have no limits and lack nothing, costs a look at its controls.

mod abilities;
mod agents;
mod budget;
mod context;
mod eligibility;
mod named;
mod rates;
mod region;
mod rule;
mod tags;

#[cfg(test)]
mod tests;

pub use self::context::{Counter, FitsContext};
pub use self::eligibility::Eligibility;
pub use self::tags::Tags;
