//! The neutral form of a call for vectors, and of what comes back.
//!
//! ```text
//!  OpenAI's bytes ──EmbedRequest::parse──► EmbedRequest ──a dialect──► provider's bytes
//!  OpenAI's bytes ◄───Embeddings::write─── Embeddings   ◄─a dialect─── provider's bytes
//! ```
//!
//! A call whose provider speaks the caller's dialect never comes here: its bytes are forwarded. One that has more
//! texts than its provider takes at once is cut by [`split`].
//!
//! # Example
//!
//! ```
//! use bytes::BytesMut;
//! use steeplechase_core::Usage;
//! use steeplechase_dialects::embed::{EmbedRequest, Embeddings, Encoding};
//!
//! # fn main() -> Result<(), steeplechase_core::Error> {
//! let call = EmbedRequest::parse(br#"{"model":"fast","input":["over","the hedge"]}"#)?;
//! assert_eq!(call.texts()?, ["over", "the hedge"]);
//!
//! let answer = Embeddings {
//!     model: "m".into(),
//!     vectors: vec![vec![0.5, -1.0]],
//!     usage: Usage::default(),
//! };
//! let mut out = BytesMut::new();
//! answer.write(Encoding::Float, &mut out);
//! assert!(out.starts_with(br#"{"object":"list","data":[{"object":"embedding","index":0,"#));
//! # Ok(())
//! # }
//! ```

mod answer;
mod request;
pub mod split;

#[cfg(test)]
mod tests;

pub use self::answer::Embeddings;
pub use self::request::{EmbedRequest, Encoding, Input};
