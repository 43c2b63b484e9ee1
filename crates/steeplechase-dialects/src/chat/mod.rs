//! The neutral form of a chat call and of its answer, through which one dialect becomes another.
//!
//! ```text
//!  caller's bytes ──ChatRequest::parse──► ChatRequest ──a dialect's writer──► provider's bytes
//!
//!  caller's bytes ◄────Answer::write────  Answer      ◄─a dialect's reader──┐
//!                                                                           ├─ provider's bytes
//!  caller's chunks ◄─ChunkWriter::write─  Event …     ◄─a dialect's decoder─┘
//! ```
//!
//! A call whose provider speaks the caller's dialect never comes here: its bytes are forwarded. For
//! the others this is a superset of `OpenAI`'s dialect in which nothing gets lost that the other side
//! could express: cache marks, sealed reasoning, citations, and an `extra` map for the rest.
//!
//! # Example
//!
//! ```
//! use bytes::{Bytes, BytesMut};
//! use steeplechase_dialects::chat::{ChatRequest, ChunkWriter, Encode, Event, FinishReason};
//!
//! # fn main() -> Result<(), steeplechase_core::Error> {
//! let call = Bytes::from_static(br#"{
//!     "model": "fast",
//!     "messages": [{"role": "user", "content": "Where is Bergen?"}],
//!     "max_tokens": 64
//! }"#);
//! let call = ChatRequest::parse(&call)?;
//! assert_eq!(call.max_tokens, Some(64));
//!
//! // What is wrong is named.
//! let bad = Bytes::from_static(br#"{"messages":[{"role":"user","content":[{"type":"text"}]}]}"#);
//! let error = ChatRequest::parse(&bad).unwrap_err();
//! assert_eq!(error.param(), Some("messages[0].content[0].text"));
//!
//! // A stream of events becomes a stream of chunks.
//! let mut chunks = ChunkWriter::new(false).created(1_767_000_000);
//! let mut out = BytesMut::new();
//! chunks.write(Event::Start { id: "a-1", model: "fast" }, &mut out);
//! let is_content = chunks.write(Event::Text { choice: 0, text: "Norway" }, &mut out);
//! chunks.write(
//!     Event::Finish { choice: 0, reason: FinishReason::Stop, native: None },
//!     &mut out,
//! );
//! chunks.write(Event::End, &mut out);
//! assert!(is_content);
//! assert!(out.ends_with(b"data: [DONE]\n\n"));
//! # Ok(())
//! # }
//! ```
//!
//! # What it costs
//!
//! [`ChatRequest::parse`] builds a JSON tree and takes it apart, moving the strings. [`Answer::write`]
//! and [`ChunkWriter`] write bytes and build nothing.

mod answer;
pub(crate) mod blocks;
mod choice;
mod chunks;
pub(crate) mod data_url;
mod effort;
mod event;
mod gather;
pub(crate) mod ids;
pub(crate) mod logprobs;
pub(crate) mod merge;
mod message;
pub(crate) mod names;
pub(crate) mod notes;
pub(crate) mod pairing;
pub(crate) mod parse;
mod progress;
pub(crate) mod redact;
mod request;
mod seals;
pub(crate) mod stand_in;
mod stream;
pub(crate) mod verdict;
mod wire;
pub(crate) mod wish;

#[cfg(test)]
pub(crate) mod tests;

pub use self::answer::Annotation;
pub use self::answer::Answer;
pub use self::answer::Audio;
pub use self::answer::Choice;
pub use self::answer::FinishReason;
pub use self::answer::Image;
pub use self::chunks::ChunkWriter;
pub use self::event::Event;
pub use self::event::ThinkingPatch;
pub(crate) use self::gather::Gather;
pub use self::message::CacheMark;
pub use self::message::FilePart;
pub use self::message::Message;
pub use self::message::Part;
pub use self::message::PartKind;
pub use self::message::Role;
pub use self::message::ThinkingBlock;
pub use self::message::ToolCall;
pub use self::message::ToolInput;
pub(crate) use self::progress::Progress;
pub use self::request::ChatRequest;
pub use self::request::Effort;
pub use self::request::JsonSchema;
pub use self::request::ResponseFormat;
pub use self::request::Tool;
pub use self::request::ToolChoice;
pub use self::request::ToolKind;
pub use self::request::WebSearch;
pub use self::stream::Decode;
pub use self::stream::Effects;
pub use self::stream::Encode;
pub use self::stream::ReadAnswer;
pub use self::stream::Sink;
pub use self::stream::Translator;
pub(crate) use self::stream::truncated;
pub(crate) use self::stream::unreadable;
pub(crate) use self::wire::put;
