//! OpenAI's old completions, as callers speak them: a prompt, and how it goes on.
//!
//! ```text
//! the call ──► a provider that completes prompts: forwarded
//!          └─► another: parse ──► ChatRequest of one message ─► … ─► Event  ─► Encoder ─► chunks
//!                                                                 └─ Answer ─► whole
//! ```
//!
//! What a chat has no place for is an error that names it: several prompts at once, prompts in tokens,
//! `suffix`, and `best_of` if it is more than `n`. `echo` is done here.

mod answer;
mod encoder;
mod logprobs;
mod params;
mod request;
mod unroll;

#[cfg(test)]
mod tests;

pub(crate) use self::answer::write_answer;
pub(crate) use self::encoder::Encoder;
pub(crate) use self::params::of_chat;
pub(crate) use self::request::parse;
pub(crate) use self::unroll::unroll;
