//! Callers who speak Anthropic's dialect to providers who do not.
//!
//! ```text
//!  Anthropic's bytes ──parse────────► ChatRequest ──a dialect's writer──► provider's bytes
//!
//!  Anthropic's bytes ◄─write_answer──  Answer      ◄─a dialect's reader──┐
//!                                                                        ├─ provider's bytes
//!  Anthropic's events ◄─Encoder──────  Event …     ◄─a dialect's decoder─┘
//!
//!  Anthropic's events ◄─unroll──────── a whole answer of Anthropic's, to a call for a stream
//! ```
//!
//! A call whose provider speaks Anthropic's dialect too never comes here, but for its last line: its bytes
//! are forwarded.
//!
//! # What is read
//!
//! All that can be said in this dialect, and what is a deployment's default under `OpenAI`'s names, such as
//! `stop` and `reasoning_effort`, where the caller does not say it in Anthropic's. What no other dialect
//! has is kept for a provider who may have it: server tools and their results, sealed thoughts, where a
//! document may be cited, the fields at the top that only Anthropic knows.
//!
//! # What is written
//!
//! Blocks in the order of the events, one open at a time, counted from 0. Tools that a provider calls at
//! the same time come one after the other: what is given to the later ones is held until the first is
//! complete. Names of calls are in the characters that Anthropic takes, so that a conversation may go on
//! with any provider; the seal that some providers put on a call goes into its name and comes back in it.

mod answer;
mod blocks;
mod encoder;
mod frames;
mod held;
mod input;
mod params;
mod parse;
mod stop;
mod unroll;
mod usage;

#[cfg(test)]
mod tests;

pub(crate) use self::answer::write_answer;
pub(crate) use self::encoder::Encoder;
pub(super) use self::frames::MESSAGE_STOP;
pub(crate) use self::params::own_name;
pub(crate) use self::parse::as_text;
pub(crate) use self::parse::parse;
pub(crate) use self::unroll::unroll;
