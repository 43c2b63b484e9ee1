//! Cohere's dialect: chat, embeddings and rerank of the second version of its API.
//!
//! ```text
//! ChatRequest ──write_request──► body ─────► POST /v2/chat
//!                   │
//!             AnswerContext   the model, which answers do not name
//!                   │
//!          Answer ◄──┼─ read_answer ◄──────── whole answer
//!        Event … ◄──┴─ Decoder ◄──────────── events
//!
//! EmbedRequest  ──► POST /v2/embed          RerankRequest ──► POST /v2/rerank
//!
//!            Error ◄── classify, classify_event ◄── what goes wrong
//! ```
//!
//! # What is lost
//!
//! What the provider cannot do is an error that names the parameter, unless it changes nothing that a
//! caller can see or the deployment drops parameters. What was left out is listed in
//! [`Written::dropped`]. Some things are done in another way:
//!
//! | Asked for                            | Done by                                              |
//! |--------------------------------------|------------------------------------------------------|
//! | one tool, or some of them            | no other tools are sent                              |
//! | text of the assistant beside calls   | `tool_plan`, and the other way round                 |
//! | both penalties                       | the frequency penalty: many models refuse both       |
//! | the result of a call that is missing | a result that says so                                |
//! | an effort                            | a budget of tokens for thoughts, if the model thinks |
//!
//! Callers say in the provider's own words what `OpenAI` has no words for: `documents`,
//! `citation_options`, `safety_mode`, `strict_tools`. Sources with an address become `annotations`; all of
//! them are in the `provider_specific_fields` of a whole answer.
//!
//! An answer that ends with `ERROR` or `TIMEOUT` has failed, also if there is text before it.
//!
//! # Example
//!
//! ```
//! use bytes::{Bytes, BytesMut};
//! use steeplechase_dialects::chat::{ChatRequest, ChunkWriter, ReadAnswer, Translator};
//! use steeplechase_dialects::cohere::{self, RequestOptions};
//!
//! # fn main() -> Result<(), steeplechase_core::Error> {
//! let call = Bytes::from_static(br#"{
//!     "model": "fast",
//!     "stream": true,
//!     "top_p": 0.9,
//!     "messages": [{"role": "user", "content": "Where is Bergen?"}]
//! }"#);
//! let call = ChatRequest::parse(&call)?;
//! let written = cohere::write_request(&call, &RequestOptions::new("command-a-03-2025"))?;
//! assert_eq!(
//!     written.body,
//!     concat!(
//!         r#"{"model":"command-a-03-2025","#,
//!         r#""messages":[{"role":"user","content":"Where is Bergen?"}],"p":0.9,"stream":true}"#,
//!     ),
//! );
//!
//! let chunks = ChunkWriter::new(call.include_usage);
//! let mut stream = Translator::new(written.context.decoder(), Box::new(chunks));
//! let mut out = BytesMut::new();
//! stream.on_event(None, br#"{"type":"message-start","id":"c-7"}"#, &mut out)?;
//! let event = br#"{"type":"content-delta","index":0,
//!                  "delta":{"message":{"content":{"text":"Norway"}}}}"#;
//! let effects = stream.on_event(None, event, &mut out)?;
//! assert!(effects.content && !effects.end);
//! # Ok(())
//! # }
//! ```

mod citation;
mod context;
mod embed;
mod error;
mod finish;
mod logprobs;
mod native;
mod provider;
mod request;
mod response;
mod stream;
mod usage;

#[cfg(test)]
mod tests;

pub use self::context::AnswerContext;
pub(crate) use self::embed::MOST_TEXTS;
pub use self::error::{classify, classify_event};
pub(crate) use self::provider::Provider;
pub use self::request::{RequestOptions, Written, write_request};
pub use self::response::read_answer;
pub use self::stream::Decoder;
pub(crate) use self::usage::{Count, Counts};
