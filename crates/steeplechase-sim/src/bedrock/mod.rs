//! Bedrock's dialect: conversations, whole and as a stream of binary frames, and invocations.
//!
//! ```text
//! …/model/{model}/converse · /converse-stream                          any model, one language
//! …/model/{model}/invoke · /invoke-with-response-stream                the model's own language
//!
//! signature or key ─► fields ─► check ─► turns ─► Ask ─► Reply ─┬─► whole
//!                          │                                    └─► stream    eventstream frames
//!                          └─► error, with its name in a header
//! ```

mod check;
mod dialect;
mod embed;
mod eventstream;
mod fields;
mod invoke;
mod sign;
mod stream;
mod tools;
mod turns;
mod whole;

pub(crate) use self::dialect::Bedrock;
#[cfg(test)]
pub(crate) use self::eventstream::frame;
