//! Server-sent events: cuts a stream of frames into events, and writes events.
//!
//! This is the layer of bytes. What an event says is for others to read; nothing here knows JSON.
//!
//! # What happens to a frame
//!
//! ```text
//! frames    │data: {"a":1}⏎⏎data: {"b"│:2}⏎⏎: ping⏎⏎│data: [DO│
//!           ├────────────────┬─────────┴───┬─────────┼─────────┤
//! pieces    │ shared, not    │ gathered,   │ shared  │ held
//!           │ copied         │ copied      │         │
//!           ▼                ▼             ▼         ▼
//! events    data {"a":1}     data {"b":2}  comment   none yet; Incomplete if the stream ends here
//! ```
//!
//! 1. [`EventCutter::push`] takes a frame as it is, and finds the last blank line in it.
//! 2. [`EventCutter::events`] looks at the whole events, where they lie: is there an error among
//!    them, or the usage?
//! 3. [`EventCutter::take`] hands on as many of them as one slice as the caller likes, byte for
//!    byte as they came. [`EventCutter::next_event`] hands them on one by one.
//! 4. What is left waits for the next frame. Only an event that spans frames is copied, into a
//!    buffer that is used again.
//! 5. [`EventCutter::finish`] says whether the stream ended inside an event.
//!
//! The grammar is that of the [WHATWG standard][standard]: lines end with LF, CRLF or CR; a byte
//! order mark may come first; lines that begin with a colon are comments; the space after a field's
//! colon may be missing; several `data` lines are joined. A lone CR at the end of a frame ends its
//! line at once, as waiting for an LF might be waiting for ever.
//!
//! Whatever ends with a blank line counts as an event here, also if it says nothing: comments,
//! blank lines, the byte order mark. They have no [`data`](Event::data), and they are handed on
//! like the others, so all that is taken, put together, is all that was pushed.
//!
//! [standard]: https://html.spec.whatwg.org/multipage/server-sent-events.html
//!
//! # What it costs
//!
//! For the usual frame of one event of a few hundred bytes: two searches for line ends, no
//! allocation, no copy, not even a reference count. An event is held until it is whole, so it is
//! bounded: [`EventCutter::DEFAULT_MAX_EVENT_BYTES`], or what the caller chooses. Beyond that comes
//! [`TooLong`].
//!
//! # Example
//!
//! Hand on what is harmless, in as few pieces as possible, and stop before the first error:
//!
//! ```
//! use bytes::Bytes;
//! use steeplechase_dialects::sse::EventCutter;
//! use steeplechase_dialects::sse::TooLong;
//!
//! # fn main() -> Result<(), TooLong> {
//! let frames = [
//!     "data: one\n\ndata: two\n\nda",
//!     "ta: three\n\n: a comment\n\nevent: error\ndata: oh no\n\n",
//! ];
//!
//! let mut cutter = EventCutter::new();
//! let mut relayed = Vec::new();
//! 'stream: for frame in frames {
//!     cutter.push(Bytes::from_static(frame.as_bytes()))?;
//!     // More than one piece, if an event before was cut in two.
//!     while !cutter.whole().is_empty() {
//!         let bad = cutter.events().find(|event| event.name() == Some(b"error"));
//!         let Some(start) = bad.map(|event| event.start()) else {
//!             relayed.extend(cutter.take_whole());
//!             continue;
//!         };
//!         relayed.push(cutter.take(start));
//!         break 'stream;
//!     }
//! }
//!
//! assert_eq!(relayed, [
//!     "data: one\n\ndata: two\n\n",
//!     "data: three\n\n",
//!     ": a comment\n\n",
//! ]);
//! let error = cutter.next_event().expect("it was looked at above");
//! assert_eq!(error.data().as_deref(), Some(&b"oh no"[..]));
//! # Ok(())
//! # }
//! ```
//!
//! Write events:
//!
//! ```
//! use bytes::BytesMut;
//! use steeplechase_dialects::sse;
//!
//! let mut out = BytesMut::new();
//! sse::encode_event("ping", b"{}", &mut out);
//! sse::encode_data(b"two\nlines", &mut out);
//! out.extend_from_slice(sse::DONE);
//! assert_eq!(
//!     out,
//!     "event: ping\ndata: {}\n\n\
//!      data: two\ndata: lines\n\n\
//!      data: [DONE]\n\n",
//! );
//! ```

mod cutter;
mod encode;
mod error;
mod event;
mod lines;

#[cfg(test)]
mod tests;

pub use self::cutter::EventCutter;
pub use self::encode::DONE;
pub use self::encode::KEEPALIVE;
pub use self::encode::encode_comment;
pub use self::encode::encode_data;
pub use self::encode::encode_event;
pub use self::encode::encode_event_with;
pub use self::error::Incomplete;
pub use self::error::TooLong;
pub use self::event::Event;
pub use self::event::Events;
pub use self::event::RawEvent;
