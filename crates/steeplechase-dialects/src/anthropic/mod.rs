//! Anthropic's dialect: Messages.
//!
//! ```text
//! ChatRequest ──write_request──► body ─────► POST /v1/messages
//!                   │
//!             AnswerContext   names, made-up tools, what the caller expects
//!                   │
//!          Answer ◄──┼─ read_answer ◄──────── whole answer
//!        Event … ◄──┴─ Decoder ◄──────────── events
//!
//!            Error ◄── classify, classify_event ◄── what goes wrong
//! ```
//!
//! This is for callers who speak another dialect, by way of the [neutral form](crate::chat). A call that is
//! in this dialect already is forwarded as it came, but for the model, the deployment's parameters and the
//! betas of its header; a [`Judge`] says what its answer carries. Callers who speak this dialect to providers
//! who do not are in `caller`.
//!
//! # What is lost
//!
//! What the provider cannot do is an error that names the parameter, unless it changes nothing that a
//! caller can see (`seed`, `store`, `prediction`, …) or the deployment drops parameters. What was left
//! out is listed in [`Written::dropped`]. Some things are done in another way:
//!
//! | Asked for                                | Done by                                          |
//! |------------------------------------------|--------------------------------------------------|
//! | a JSON schema, of an older model         | a tool that has to be called, unpacked again     |
//! | a JSON object                            | a sentence at the end of the system text         |
//! | a tool that takes free text              | a tool with one field, unpacked again            |
//! | a forced tool, of a model that thinks    | `auto`, and a sentence                           |
//! | a system message in mid-conversation     | a note in the user's turn, if the model has none |
//! | the result of a call that is missing     | a result that says so                            |
//!
//! The answer's server-side tools (web search, code execution) are not shown as calls, which callers
//! would try to run. A whole answer carries them in `provider_specific_fields`; a stream does not.
//!
//! # Example
//!
//! ```
//! use bytes::{Bytes, BytesMut};
//! use steeplechase_dialects::anthropic::{self, RequestOptions};
//! use steeplechase_dialects::chat::{ChatRequest, ChunkWriter, ReadAnswer, Translator};
//!
//! # fn main() -> Result<(), steeplechase_core::Error> {
//! let call = Bytes::from_static(br#"{
//!     "model": "fast",
//!     "stream": true,
//!     "messages": [
//!         {"role": "system", "content": "Answer in one word."},
//!         {"role": "user", "content": "Where is Bergen?"}
//!     ]
//! }"#);
//! let call = ChatRequest::parse(&call)?;
//! let written = anthropic::write_request(&call, &RequestOptions::new("claude-sonnet-4-5"))?;
//! assert_eq!(
//!     written.body,
//!     concat!(
//!         r#"{"model":"claude-sonnet-4-5","max_tokens":4096,"#,
//!         r#""system":[{"type":"text","text":"Answer in one word."}],"#,
//!         r#""messages":[{"role":"user","content":[{"type":"text","text":"Where is Bergen?"}]}],"#,
//!         r#""stream":true}"#,
//!     ),
//! );
//!
//! let chunks = ChunkWriter::new(call.include_usage);
//! let mut stream = Translator::new(written.context.decoder(), Box::new(chunks));
//! let mut out = BytesMut::new();
//! let event = br#"{"type":"content_block_delta","index":0,
//!                  "delta":{"type":"text_delta","text":"Norway"}}"#;
//! stream.on_event(None, br#"{"type":"message_start","message":{"id":"msg_7"}}"#, &mut out)?;
//! stream.on_event(None, br#"{"type":"content_block_start","index":0,
//!                            "content_block":{"type":"text","text":""}}"#, &mut out)?;
//! let effects = stream.on_event(None, event, &mut out)?;
//! assert!(effects.content && !effects.end);
//! # Ok(())
//! # }
//! ```

pub(crate) mod caller;
mod capabilities;
pub(crate) mod context;
mod error;
mod finish;
mod headers;
mod ids;
mod judge;
mod limits;
pub(crate) mod native;
mod params;
mod provider;
pub(crate) mod request;
pub(crate) mod response;
mod stream;
mod usage;
mod vertex;

#[cfg(test)]
mod tests;

pub use self::capabilities::Capabilities;
pub use self::capabilities::Sampling;
pub use self::capabilities::Thinking;
pub use self::context::AnswerContext;
pub use self::error::STRICT_REJECTED;
pub use self::error::THINKING_REJECTED;
pub use self::error::classify;
pub use self::error::classify_event;
pub use self::headers::BETA_HEADER;
pub use self::headers::VERSION;
pub use self::headers::VERSION_HEADER;
pub use self::headers::merge_betas;
pub use self::judge::Judge;
pub use self::judge::read_whole;
pub(crate) use self::judge::weigh_whole;
pub(crate) use self::provider::Provider;
pub use self::request::RequestOptions;
pub use self::request::Written;
pub use self::request::write_request;
pub use self::response::read_answer;
pub use self::stream::Decoder;
pub(crate) use self::vertex::VertexProvider;
