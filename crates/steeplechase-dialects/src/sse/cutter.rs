use std::fmt;

use bytes::Bytes;

use super::error::Incomplete;
use super::error::TooLong;
use super::event::Events;
use super::event::RawEvent;
use super::lines::first_block_end;
use super::lines::last_block_end;
use crate::cutter::Cutter;
use crate::cutter::Grammar;
use crate::cutter::join;
use crate::cutter::one_by_one;

/// The byte order mark, which a stream may begin with.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Cuts a stream of frames into whole events. See the [module](super) for how, and for an example.
///
/// # What it holds
///
/// What was pushed and not taken yet, and nothing else. Take everything before the next push: then
/// this is at most one event, and no event that lies inside one frame is ever copied. A push that
/// comes earlier is right all the same, but it copies, and what is held is up to the caller.
///
/// # Cancellation
///
/// It does nothing between calls. Dropping it lets go of what it holds.
pub struct EventCutter {
    cutter: Cutter<BlankLines>,
    /// Whether the first bytes were seen, with or without a byte order mark.
    started: bool,
}

/// Where events end: behind a blank line.
struct BlankLines {
    max_event_bytes: usize,
}

// ===== impl EventCutter =====

impl EventCutter {
    /// The cap on one event if none is chosen: 16 MiB.
    ///
    /// A base64 image in one line takes some megabytes. More than this is no model that talks.
    pub const DEFAULT_MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

    /// Makes a cutter with the default cap, [`Self::DEFAULT_MAX_EVENT_BYTES`]. Allocates nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::with_max_event_bytes(Self::DEFAULT_MAX_EVENT_BYTES)
    }

    /// Makes a cutter that takes events of at most `max_event_bytes`, line ends and all.
    ///
    /// The LF of a CRLF that ends the event is not counted.
    #[must_use]
    pub fn with_max_event_bytes(max_event_bytes: usize) -> Self {
        Self {
            cutter: Cutter::new(BlankLines { max_event_bytes }),
            started: false,
        }
    }

    /// Takes the next frame of the stream, cut wherever the network liked.
    ///
    /// Afterwards [`events`](Self::events) or [`next_event`](Self::next_event) have what became
    /// whole by it.
    ///
    /// # Errors
    ///
    /// [`TooLong`] if an event exceeds the cap, and from then on at every push. Whole events that
    /// came before it can still be taken.
    pub fn push(&mut self, frame: Bytes) -> Result<(), TooLong> {
        let frame = if self.started {
            frame
        } else {
            let Some(frame) = self.start(frame) else {
                return Ok(());
            };
            frame
        };
        self.cutter
            .push(frame)
            .inspect_err(|_| self.cutter.drop_tail())
    }

    /// The bytes of all whole events that lie next to each other in memory.
    ///
    /// Empty if another frame is needed. An event that spanned frames is a piece of its own, so
    /// after one piece is taken there may be another: look until there is none.
    #[must_use]
    pub fn whole(&self) -> &[u8] {
        self.cutter.whole()
    }

    /// Looks at the events in [`whole`](Self::whole), without taking them.
    #[must_use]
    pub fn events(&self) -> Events<'_> {
        Events::new(self.whole())
    }

    /// Takes the first `len` bytes of [`whole`](Self::whole), as they came. Nothing is copied.
    ///
    /// `len` should be the [`end`](super::Event::end) of one of the [`events`](Self::events).
    /// Whatever else it is, what remains is read as if an event began there.
    ///
    /// # Panics
    ///
    /// If `len` is more than there is in [`whole`](Self::whole).
    #[must_use = "the bytes are gone from the cutter"]
    pub fn take(&mut self, len: usize) -> Bytes {
        assert!(
            len <= self.whole().len(),
            "take({len}) of {} bytes of whole events",
            self.whole().len(),
        );
        self.cutter.take(len)
    }

    /// Takes all of [`whole`](Self::whole), or `None` if another frame is needed.
    pub fn take_whole(&mut self) -> Option<Bytes> {
        self.cutter.take_whole()
    }

    /// Takes the next whole event, or `None` if another frame is needed.
    pub fn next_event(&mut self) -> Option<RawEvent> {
        let event = self.events().next()?;
        let (len, shape) = (event.end(), event.shape());
        Some(RawEvent::new(self.take(len), shape))
    }

    /// To be called when the stream has ended: is there an event that was begun and not ended?
    ///
    /// Whole events that were not taken yet stay where they are.
    ///
    /// # Errors
    ///
    /// [`Incomplete`] with the bytes of that event, which are gone from the cutter then. Also after
    /// [`TooLong`], without any bytes.
    pub fn finish(&mut self) -> Result<(), Incomplete> {
        let tail = self.cutter.tail();
        if tail.is_empty() && self.cutter.failed().is_none() {
            Ok(())
        } else {
            Err(Incomplete::new(tail))
        }
    }

    /// How many bytes were pushed and not taken yet, whole events or not.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.cutter.held_bytes()
    }

    /// Looks for the byte order mark, and makes a piece of it if it is there. `None` if it takes
    /// more bytes to know.
    fn start(&mut self, frame: Bytes) -> Option<Bytes> {
        let mut frame = join(self.cutter.tail(), frame);
        if frame.len() < BOM.len() && BOM.starts_with(&frame) {
            self.cutter.put_aside(frame);
            return None;
        }
        self.started = true;
        if frame.starts_with(BOM) {
            self.cutter.put_first(frame.split_to(BOM.len()));
        }
        Some(frame)
    }
}

impl Default for EventCutter {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for EventCutter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Sizes only: what is held is what people said.
        f.debug_struct("EventCutter")
            .field("max_event_bytes", &self.cutter.grammar().max_event_bytes)
            .field("whole_bytes", &self.whole().len())
            .field("held_bytes", &self.held_bytes())
            .field("failed", &self.cutter.failed().is_some())
            .finish_non_exhaustive()
    }
}

// ===== impl BlankLines =====

impl Grammar for BlankLines {
    type Fault = TooLong;

    fn end(&self, before: &[u8], bytes: &[u8]) -> Result<Option<usize>, TooLong> {
        let end = first_block_end(before.last().copied(), bytes);
        let part = &bytes[..end.unwrap_or(bytes.len())];
        // Had the frame been cut inside the last CRLF, the event would have ended with the CR.
        let uncounted = usize::from(end.is_some() && part.ends_with(b"\r\n"));
        if before.len() + part.len() - uncounted > self.max_event_bytes {
            return Err(TooLong::new(self.max_event_bytes));
        }
        Ok(end)
    }

    fn check(&self, _: &[u8]) -> Result<(), TooLong> {
        Ok(())
    }

    fn find_whole(&self, bytes: &[u8], ready: &mut usize) -> Result<(), TooLong> {
        if bytes.len() > self.max_event_bytes {
            // Every event has to be measured.
            return one_by_one(self, bytes, ready);
        }
        *ready = last_block_end(bytes).unwrap_or(0);
        Ok(())
    }
}
