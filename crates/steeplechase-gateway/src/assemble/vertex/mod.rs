//! Deployments on Google's Vertex AI: whose model it is says in which dialect, and where.
//!
//! ```text
//!  vertex_ai/gemini-2.5-flash      ──► Gemini's dialect     …/publishers/google/models/…
//!  vertex_ai/claude-sonnet-4-5@…   ──► Anthropic's          …/publishers/anthropic/models/…
//!  vertex_ai/meta/llama-…-maas     ──► OpenAI's             …/endpoints/openapi
//!  vertex_ai/openai/1234567890     ──► OpenAI's             …/endpoints/1234567890
//! ```

mod account;
mod family;
mod place;

#[cfg(test)]
mod tests;

pub(super) use self::account::Accounts;
pub(super) use self::place::{is_vertex, upstream};
