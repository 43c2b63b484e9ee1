//! The neutral form of a call that puts documents in order, and of what comes back.
//!
//! ```text
//!  caller's bytes ──RerankRequest::parse──► RerankRequest ──a provider's shape──► provider's bytes
//!  caller's bytes ◄────Ranking::write────── Ranking       ◄─────────────────────── provider's bytes
//! ```
//!
//! Callers speak Cohere's dialect, as those of `LiteLLM` do, whichever provider answers: the first
//! version, in which documents may be objects and may be returned, or the second. A call in the second
//! version that goes to Cohere never comes here: its bytes are forwarded.
//!
//! | Provider                           | How it differs                                             |
//! |------------------------------------|------------------------------------------------------------|
//! | Cohere                             | texts only; no documents in the answer                     |
//! | `azure_ai`                         | Cohere's first version                                     |
//! | `jina_ai`, `together_ai`           | documents may be objects                                   |
//! | `hosted_vllm`, `infinity`          | texts only                                                 |
//! | `voyage`                           | `top_k`; the results are `data`                            |
//! | `nvidia_nim`                       | `passages`, `top_k`, `rankings` with a `logit`             |
//! | `huggingface` (TEI)                | `texts`, `return_text`; the answer is a list               |
//! | `deepinfra`                        | as many `queries` as documents; the answer is `scores`     |
//!
//! Whatever a provider lacks is done here: `rank_fields` choose what of an object becomes its text,
//! `top_n` cuts the answer, and `return_documents` puts the caller's documents into it. Without
//! `return_documents` the answer has documents if the provider sends some.
//!
//! # Example
//!
//! ```
//! use bytes::BytesMut;
//! use steeplechase_core::Usage;
//! use steeplechase_dialects::rerank::{Ranked, Ranking, RerankRequest};
//!
//! # fn main() -> Result<(), steeplechase_core::Error> {
//! let call = RerankRequest::parse(br#"{
//!     "model": "fast",
//!     "query": "Where is Bergen?",
//!     "documents": ["A hedge is a fence.", {"title": "Bergen", "text": "A town in Norway."}]
//! }"#)?;
//! assert_eq!(call.documents[1].text(&[]), "A town in Norway.");
//!
//! let answer = Ranking {
//!     id: "r-1".into(),
//!     results: vec![Ranked { index: 1, score: 0.98, document: None }],
//!     usage: Usage { searches: 1, ..Usage::default() },
//! };
//! let mut out = BytesMut::new();
//! answer.write(&mut out);
//! assert_eq!(
//!     out,
//!     concat!(
//!         r#"{"id":"r-1","results":[{"index":1,"relevance_score":0.98}],"#,
//!         r#""meta":{"billed_units":{"search_units":1}}}"#,
//!     ),
//! );
//! # Ok(())
//! # }
//! ```

mod answer;
mod native;
mod relay;
mod request;
mod shape;
mod upstream;

#[cfg(test)]
mod tests;

pub use self::answer::{Ranked, Ranking};
pub(crate) use self::relay::{is_second_version, relay_answer};
pub use self::request::{Document, RerankRequest};
pub(crate) use self::shape::{COHERE, Shape};
