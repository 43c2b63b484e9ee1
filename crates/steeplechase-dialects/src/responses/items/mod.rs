//! The items of an answer: each is put together from events, and told as it grows.
//!
//! ```text
//! output_item.added ──► what is in it, part by part ──► output_item.done
//!
//! Message    content_part.added, output_text.delta …, output_text.done, content_part.done
//! Reasoning  reasoning_summary_part.added, reasoning_summary_text.delta …, ….done, ….done
//! Call       function_call_arguments.delta …, function_call_arguments.done
//! ```
//!
//! An item that is done is JSON, which is told once more when the answer is complete.

mod call;
mod frames;
mod message;
mod reasoning;
mod wire;

pub(super) use self::call::Call;
pub(super) use self::call::Start;
pub(super) use self::frames::Frames;
pub(super) use self::frames::Page;
pub(super) use self::frames::Place;
pub(super) use self::frames::field;
pub(super) use self::message::Message;
pub(super) use self::message::Speech;
pub(super) use self::reasoning::Of;
pub(super) use self::reasoning::Reasoning;
pub(super) use self::wire::WireUsage;
