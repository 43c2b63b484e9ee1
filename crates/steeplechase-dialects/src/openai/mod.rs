//! OpenAI's dialect, as a provider speaks it: chat completions and embeddings.
//!
//! ```text
//! Call ──► Rewrite ──► the caller's bytes, with the provider's model
//!
//! whole answer ──► read_answer ──► Chunk: content? end? usage?       the bytes stay as they are
//! event        ──► Judge ────────► Verdict: content? end? usage?
//!                        └───────► Err(Error)
//! failure      ──► classify ─────► Error: class, scope, retry, hint
//!
//! ChatRequest  ──► outbound ─────► the provider's bytes, and what reads its answer
//! ```
//!
//! For a caller who speaks the same dialect nothing is translated: calls are spliced and answers handed
//! on byte for byte, and looked at only as far as the layers have to know what they are. A chat of a
//! caller who speaks another goes through the [neutral form](crate::chat).
//!
//! # Example
//!
//! ```
//! use steeplechase_core::Class;
//! use steeplechase_dialects::openai::Judge;
//!
//! let mut judge = Judge::default();
//! let role = br#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#;
//! assert!(!judge.judge(role)?.content);
//! let word = br#"{"choices":[{"index":0,"delta":{"content":"Bergen"}}],"error":null}"#;
//! assert!(judge.judge(word)?.content);
//!
//! let error = br#"{"error":{"message":"wait","type":"tokens","code":"rate_limit_exceeded"}}"#;
//! assert_eq!(judge.judge(error).unwrap_err().class(), Class::RateLimited);
//! # Ok::<(), steeplechase_core::Error>(())
//! ```

mod answer;
pub(crate) mod at;
mod error;
mod judge;
pub(crate) mod look;
mod messages;
mod outbound;
mod plan;
mod provider;
mod reason;
mod request;
mod rules;
mod template;
mod unroll;
mod values;
mod wildcard;
mod words;

#[cfg(test)]
mod tests;

pub use self::answer::read_answer;
pub(crate) use self::answer::weigh_answer;
pub(crate) use self::error::bare_error;
pub use self::error::{classify, classify_event};
pub use self::judge::{Judge, Verdict};
pub(crate) use self::provider::Provider;
pub use self::request::{Rewrite, Rewritten};
pub(crate) use self::unroll::unroll;
