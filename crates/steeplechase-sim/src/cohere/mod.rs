//! Cohere's dialect: chats, embeddings, and the ranking of documents.
//!
//! ```text
//! …/v2/chat · /v2/embed · /v2/rerank       Cohere
//! …/v1/rerank · /rerank                    Jina, and those who do as Jina does
//!
//! stream    message-start · (content-start · content-delta… · content-end)… · message-end
//!           tool-plan-delta… · (tool-call-start · tool-call-delta… · tool-call-end)…
//! ```

mod check;
mod dialect;
mod embed;
mod fields;
mod messages;
mod rerank;
mod stream;
mod whole;

pub(crate) use self::dialect::Cohere;
