//! Calls for more vectors than a provider makes at once, in several requests.
//!
//! ```text
//!  Call of 250 texts ──► cut ──► 100 ──► 100 ──► 50     one after the other, each one HTTP request
//!                                 │       │       │
//!  one answer        ◄── join ◄───┴───────┴───────┘     in the order of the texts, usage summed
//! ```
//!
//! | Provider                          | Texts of a request |
//! |-----------------------------------|--------------------|
//! | Gemini, on AI Studio              | 100                |
//! | Gemini, on Vertex AI              | 250; 1 of `gemini-embedding-…` |
//! | Cohere, and its models on Bedrock | 96                 |
//! | Titan, on Bedrock                 | 1                  |
//!
//! It goes right above [`Translate`](crate::translate): for all that is above it there is one attempt, with one
//! answer and one usage. The failure of a part is that of the call. More than 2048 texts, which is the most that
//! `OpenAI` takes, are not cut: the provider's limit is told then.
//!
//! # Cancellation
//!
//! Dropping the response future drops the request that is under way, and there is no next one.

mod body;
mod cut;
mod future;
mod join;
mod layer;
mod service;

#[cfg(test)]
mod tests;

pub use self::body::SplitBody;
pub use self::future::ResponseFuture;
pub use self::layer::SplitLayer;
pub use self::service::Split;
