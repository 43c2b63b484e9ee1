//! The languages of `steeplechase`: from bytes to calls, from calls to providers, and back.
//!
//! All the JSON of the product is here, and none of its decisions.
//!
//! ```text
//!  caller's bytes ──► intake ──► Call ──► … the layers … ──► translate ──► provider's request
//!                                                              │ same dialect: bytes, spliced
//!                                                              │ another: chat, the neutral form
//!  caller's bytes ◄── intake ◄── Chunk ◄─ … the layers … ◄── translate ◄── provider's answer
//! ```
//!
//! | Module        | Holds                                                                        |
//! |---------------|------------------------------------------------------------------------------|
//! | [`intake`]    | the outermost layer: collects a body, scans its head, renders failures         |
//! | [`translate`] | the innermost layer: one provider's request and answer                         |
//! | [`openai`]    | OpenAI's dialect: forwarded bytes, and chats of callers who speak another      |
//! | [`anthropic`] | Anthropic's dialect, of providers and of callers                               |
//! | [`azure`]     | where OpenAI's dialect is on Microsoft Azure                                   |
//! | [`bedrock`]   | Amazon Bedrock's dialect                                                       |
//! | [`cohere`]    | Cohere's dialect: chat, embeddings, rerank                                     |
//! | [`gemini`]    | Google's dialect, on AI Studio and on Vertex AI                                |
//! | [`chat`]      | the neutral form of a chat: a superset of what the dialects can say            |
//! | `completions` | OpenAI's old completions, as callers speak them                              |
//! | [`responses`] | OpenAI's Responses, as callers speak them                                    |
//! | [`continuation`] | an answer in two parts                                                    |
//! | [`embed`]     | the neutral form of a call for vectors                                         |
//! | [`rerank`]    | the neutral form of a call that puts documents in order                        |
//! | [`sse`]       | server-sent events: bytes only                                                 |
//! | [`eventstream`] | the event streams of AWS: bytes only                                         |
//! | [`catalog`]   | providers as data                                                              |
//! | [`tokens`]    | how many tokens a text has, and a call                                         |
//!
//! A dialect is a folder with the same files in it: the request, the whole answer, the stream, the
//! errors.

pub mod anthropic;
pub mod azure;
pub mod bedrock;
pub mod catalog;
pub mod chat;
pub mod cohere;
mod collect;
mod completions;
pub mod continuation;
mod cutter;
pub mod embed;
pub mod eventstream;
mod fields;
pub mod gemini;
pub mod intake;
mod json;
pub mod openai;
pub mod rerank;
pub mod responses;
pub mod sse;
pub mod tokens;
pub mod translate;
