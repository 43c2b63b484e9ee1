//! Claude on Vertex AI: the same dialect, in Google's envelope.
//!
//! ```text
//! a request to Anthropic ──► body: with `anthropic_version`, without `model` ──► …/models/MODEL:rawPredict
//!   (written or relayed)     betas: those that are known there, by their names there
//! ```
//!
//! Whatever writes the request does not know of it: it is taken as it would go to Anthropic, and changed.

mod answer;
mod betas;
mod body;
mod provider;

#[cfg(test)]
mod tests;

pub(crate) use self::provider::VertexProvider;
