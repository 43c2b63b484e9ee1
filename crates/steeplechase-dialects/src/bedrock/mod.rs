//! Amazon Bedrock's dialect: Converse, for the models of all who are there.
//!
//! ```text
//! ChatRequest ──write_request──► body ──► POST /model/{model}/converse, or converse-stream
//!                   │
//!             AnswerContext   names, made-up tools, what the caller expects
//!                   │
//!          Answer ◄──┼─ read_answer ◄──────── whole answer
//!        Event … ◄──┴─ Decoder ◄──────────── messages of an AWS event stream
//!
//!            Error ◄── classify, classify_event, classify_exception ◄── what goes wrong
//! ```
//!
//! The form is the same for all models; what they take is not, and differs by [`Family`]: see
//! [`Capabilities`]. What is said of Anthropic's models at their home holds here too, and is
//! [decided there](crate::anthropic).
//!
//! # What is lost
//!
//! As with [Anthropic](crate::anthropic#what-is-lost). Besides, some things are done in another way:
//!
//! | Asked for                                  | Done by                                          |
//! |--------------------------------------------|--------------------------------------------------|
//! | a JSON schema, of a model that has none    | a tool that has to be called, unpacked again     |
//! | a tool to be called, of a model that cannot be told | a sentence at the end of the system text |
//! | no tool to be called                       | no tools; or a sentence, if some were called before |
//! | a stream, of a model that has none         | a whole answer, said as a stream                 |
//! | words and tools in one turn, where that is refused | two turns, with a word between them      |
//!
//! What is not one of the parameters that are known goes to the model itself, in
//! `additionalModelRequestFields`. `guardrailConfig`, `performanceConfig`, `requestMetadata`,
//! `promptVariables` and `additionalModelResponseFieldPaths` are sent as they come.
//!
//! Nothing is fetched: pictures and documents have to be there in base64, or in a bucket (`s3://…`).
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use steeplechase_dialects::bedrock::{self, RequestOptions};
//! use steeplechase_dialects::chat::ChatRequest;
//!
//! # fn main() -> Result<(), steeplechase_core::Error> {
//! let call = Bytes::from_static(br#"{
//!     "model": "fast",
//!     "max_tokens": 64,
//!     "messages": [
//!         {"role": "system", "content": "Answer in one word."},
//!         {"role": "user", "content": "Where is Bergen?"}
//!     ]
//! }"#);
//! let call = ChatRequest::parse(&call)?;
//! let options = RequestOptions::new("eu.amazon.nova-lite-v1:0");
//! let written = bedrock::write_request(&call, &options)?;
//! assert_eq!(
//!     written.body,
//!     concat!(
//!         r#"{"messages":[{"role":"user","content":[{"text":"Where is Bergen?"}]}],"#,
//!         r#""system":[{"text":"Answer in one word."}],"inferenceConfig":{"maxTokens":64}}"#,
//!     ),
//! );
//! # Ok(())
//! # }
//! ```

mod capabilities;
mod context;
mod embed;
mod error;
mod finish;
mod model;
mod native;
mod provider;
mod request;
mod response;
mod stream;
mod usage;

#[cfg(test)]
mod tests;

pub use self::capabilities::{Caches, Capabilities, Reasoning, Results, Streams, ToolChoices};
pub use self::context::AnswerContext;
pub(crate) use self::embed::most_texts;
pub use self::error::{classify, classify_event, classify_exception};
pub use self::model::{Family, Model};
pub(crate) use self::provider::Provider;
pub use self::request::{RequestOptions, Written, write_request};
pub use self::response::read_answer;
pub use self::stream::Decoder;
