//! Google's dialect: Gemini, on AI Studio and on Vertex AI.
//!
//! ```text
//! ChatRequest ──write_request──► body ─────► POST …/models/MODEL:generateContent
//!                   │                              …/models/MODEL:streamGenerateContent?alt=sse
//!             AnswerContext   names, tools that take free text
//!                   │
//!          Answer ◄──┼─ read_answer ◄──────── whole answer
//!        Event … ◄──┴─ Decoder ◄──────────── events, each of the shape of a whole answer
//!
//!            Error ◄── classify, classify_event ◄── what goes wrong
//! ```
//!
//! # What is lost
//!
//! What the provider cannot do is an error that names the parameter, unless it changes nothing that a
//! caller can see (`user`, `store`, `parallel_tool_calls`, …) or the deployment drops parameters. What was
//! left out is listed in [`Written::dropped`]. Some things are done in another way:
//!
//! | Asked for                                    | Done by                                              |
//! |----------------------------------------------|------------------------------------------------------|
//! | an effort                                    | a budget (2.5) or the nearest level (3)               |
//! | a form of the answer beside tools, before 3  | a sentence at the end of the system text              |
//! | a tool that takes free text                  | a function with one field, unpacked again             |
//! | a search beside the caller's tools, before 3 | nothing: the tools are kept                           |
//! | some of the tools, if any                    | telling the model of no others                        |
//! | a system message in mid-conversation         | a note in the user's turn                             |
//! | a conversation that the assistant begins     | a turn of the user's before it, with a full stop      |
//! | the result of a call that is missing         | a result that says so                                 |
//!
//! From Gemini 3 on, a call of a tool is sealed, and has to be shown with its seal when it is shown again.
//! Callers get the seal as `extra_content.google.thought_signature` of the call. For calls that come back
//! without one, such as those of another model, the provider's own word for *do not check* is sent.
//!
//! What runs code at the provider's is not shown as a call. A whole answer carries it in
//! `provider_specific_fields`, with where the answer has what it says from; a stream does not.
//!
//! # Example
//!
//! ```
//! use bytes::{Bytes, BytesMut};
//! use steeplechase_dialects::chat::{ChatRequest, ChunkWriter, ReadAnswer, Translator};
//! use steeplechase_dialects::gemini::{self, Host, RequestOptions};
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
//! let options = RequestOptions::new("gemini-2.5-flash", Host::Studio);
//! let written = gemini::write_request(&call, &options)?;
//! assert_eq!(
//!     written.body,
//!     concat!(
//!         r#"{"systemInstruction":{"parts":[{"text":"Answer in one word."}]},"#,
//!         r#""contents":[{"role":"user","parts":[{"text":"Where is Bergen?"}]}]}"#,
//!     ),
//! );
//!
//! let chunks = ChunkWriter::new(call.include_usage);
//! let mut stream = Translator::new(written.context.decoder(), Box::new(chunks));
//! let mut out = BytesMut::new();
//! let event = br#"{"candidates":[{"content":{"parts":[{"text":"Norway"}]},"finishReason":"STOP"}]}"#;
//! let effects = stream.on_event(None, event, &mut out)?;
//! assert!(effects.content && !effects.end);
//! assert!(stream.on_eof(&mut out)?.end);
//! # Ok(())
//! # }
//! ```

mod capabilities;
mod context;
mod embed;
mod error;
mod finish;
mod host;
mod logprobs;
mod native;
mod paths;
mod provider;
mod request;
mod response;
mod sound;
mod sources;
mod stream;
mod usage;

#[cfg(test)]
mod tests;

pub use self::capabilities::Capabilities;
pub use self::capabilities::Resolution;
pub use self::capabilities::Thinking;
pub use self::context::AnswerContext;
pub(crate) use self::embed::most_texts;
pub use self::error::classify;
pub use self::error::classify_event;
pub(crate) use self::error::is_googles;
pub use self::host::Host;
pub(crate) use self::paths::encoded;
pub(crate) use self::provider::Provider;
pub use self::request::RequestOptions;
pub use self::request::Written;
pub use self::request::write_request;
pub use self::response::read_answer;
pub use self::stream::Decoder;
