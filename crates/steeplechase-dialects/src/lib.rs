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
//! | [`openai`]    | OpenAI's dialect: forwarded bytes, what an event carries, errors               |
//! | [`anthropic`] | Anthropic's dialect, for callers who speak OpenAI's                            |
//! | [`chat`]      | the neutral form of a chat: a superset of what the dialects can say            |
//! | [`embed`]     | the neutral form of a call for vectors                                         |
//! | [`sse`]       | server-sent events: bytes only                                                 |
//! | [`catalog`]   | providers as data                                                              |
//! | [`tokens`]    | how many tokens a text has, and a call                                         |
//!
//! A dialect is a folder with the same files in it: the request, the whole answer, the stream, the
//! errors.

pub mod anthropic;
pub mod catalog;
pub mod chat;
mod collect;
pub mod embed;
mod fields;
pub mod intake;
mod json;
pub mod openai;
pub mod sse;
pub mod tokens;
pub mod translate;
