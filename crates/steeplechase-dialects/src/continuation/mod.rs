//! An answer in two parts: what asks for the rest of one that has broken off, and makes one stream of both.
//!
//! ```text
//!  call              messages: [user]                        the model's first part: "The capital of Fra"
//!  call for the rest messages: [user, assistant: "The capital of Fra"]
//!
//!  first part        {"id":"1",…"Fra"} ╳
//!  rest, as it came                      {"id":"2",…"role"} {"id":"2",…"nce"} {"id":"2",… usage 9}
//!  rest, as joined                                          {"id":"1",…"nce"} {"id":"1",… usage 21}
//! ```
//!
//! Callers of OpenAI's chat completions and of Anthropic's Messages can have that. Whose providers serve the
//! parts does not matter: both are in the caller's dialect when they get here.
//!
//! # Which answers
//!
//! Streams of one choice, of plain text. A call that may have another answer is not watched: with tools, with
//! a schema, with thinking, with log probabilities, with sound, with a search. Nor is one whose last message
//! is the assistant's already. And if anything else than text comes all the same, or if it is more than
//! [`Seam::MAX_TEXT`], the answer is not continued.
//!
//! # How they are joined
//!
//! * The white space at the end of the first part is left out of the call for the rest: providers refuse it.
//! * The rest may repeat the last words, or the white space that was left out. The longest end of the first
//!   part, up to 256 characters, with which the rest begins is dropped; one of words has to have three
//!   characters at the least, as fewer are more often what comes next than an echo.
//! * The name, the time and the model are those of the first part. Blocks of Anthropic's go on counting.
//! * The usage is that of both parts. What the first one has taken is estimated, as far as it has not said so.
//! * The most tokens that the caller wants are for both parts.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use steeplechase_core::{Call, Chunk, Dialect, Operation};
//! use steeplechase_dialects::continuation::Seam;
//! use steeplechase_dialects::intake::scan;
//!
//! # fn main() -> Result<(), steeplechase_core::Error> {
//! let raw = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"Where to?"}]}"#;
//! let raw = Bytes::from(raw);
//! let head = scan(&raw)?;
//! let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, head);
//!
//! let mut seam = Seam::watch(&call).expect("its answer is plain text");
//! let frame = "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Over \"}}]}\n\n";
//! assert!(seam.hear(&Chunk::content(frame.into())));
//!
//! let rest = seam.call(&call).expect("there is a text to go on from");
//! assert!(rest.raw().ends_with(br#",{"role":"assistant","content":"Over"}]}"#));
//! # Ok(())
//! # }
//! ```

mod anthropic;
mod call;
mod openai;
mod overlap;
mod seam;

#[cfg(test)]
mod tests;

pub use self::seam::Seam;
