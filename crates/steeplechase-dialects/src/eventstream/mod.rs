//! AWS event streams: cuts a stream of frames into messages, and writes messages.
//!
//! This is the layer of bytes. What a message says is for others to read; nothing here knows JSON.
//!
//! ```text
//! ┌───────────── prelude ─────────────┐
//! │ total   │ headers │ CRC32 of      │ headers                         │ payload │ CRC32 of all  │
//! │ length  │ length  │ these 8 bytes │ name length, name, type, value… │         │ before it     │
//! └─ u32 ───┴─ u32 ───┴─ u32 ─────────┴─────────────────────────────────┴─────────┴─ u32 ─────────┘
//! ```
//!
//! All numbers are big-endian. The lengths are believed only if the checksum of the prelude is right,
//! and a message is handed out only if that of the whole message is, and its headers can be read: a
//! flipped bit is a [`Fault`], and never another message.
//!
//! # What happens to a frame
//!
//! As with [server-sent events](crate::sse): a message that lies inside one frame is read where it
//! lies and never copied; one that spans frames is gathered in a buffer that is used again. A message
//! is bounded before it is there, by what its prelude says.
//!
//! 1. [`MessageCutter::push`] takes a frame as it is, and checks the messages that became whole.
//! 2. [`MessageCutter::messages`] looks at them; [`Message::kind`] says whether one is an event, or an
//!    exception in the place of one.
//! 3. [`MessageCutter::take`] lets go of them.
//! 4. [`MessageCutter::finish`] says whether the stream ended inside a message.
//!
//! # Example
//!
//! ```
//! use bytes::{Bytes, BytesMut};
//! use steeplechase_dialects::eventstream::{self, Fault, Kind, MessageCutter};
//!
//! # fn main() -> Result<(), Fault> {
//! let mut stream = BytesMut::new();
//! eventstream::encode_event("contentBlockDelta", br#"{"delta":{"text":"Bergen"}}"#, &mut stream);
//! eventstream::encode_exception("throttlingException", b"{}", &mut stream);
//! let stream = stream.freeze();
//!
//! let mut cutter = MessageCutter::new();
//! cutter.push(stream.slice(..20))?;
//! assert!(cutter.whole().is_empty());
//! cutter.push(stream.slice(20..))?;
//!
//! let mut kinds = Vec::new();
//! // More than one piece, as a message was cut in two.
//! while !cutter.whole().is_empty() {
//!     kinds.extend(cutter.messages().map(|message| format!("{:?}", message.kind())));
//!     cutter.take_whole();
//! }
//! assert_eq!(kinds, [
//!     r#"Event("contentBlockDelta")"#,
//!     r#"Exception("throttlingException")"#,
//! ]);
//! # Ok(())
//! # }
//! ```

mod cutter;
mod encode;
mod error;
mod header;
mod message;

#[cfg(test)]
mod tests;

pub use self::cutter::MessageCutter;
pub use self::encode::{encode, encode_event, encode_exception};
pub use self::error::{Fault, FaultKind};
pub use self::header::{Headers, Value};
pub use self::message::{Kind, Message, Messages};
