use std::fmt;
use std::mem;

use bytes::Buf;
use bytes::Bytes;
use bytes::BytesMut;

use super::error::Incomplete;
use super::error::TooLong;
use super::event::Events;
use super::event::RawEvent;
use super::lines::first_block_end;
use super::lines::last_block_end;

/// The byte order mark, which a stream may begin with.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The largest buffer that is kept for the next event that spans frames.
///
/// The rest of a buffer keeps all of it alive, so one huge event would cost its size until the end
/// of the stream.
const MAX_KEPT_BUFFER: usize = 64 * 1024;

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
    max_event_bytes: usize,
    /// An event that spans frames, as far as it is known. Empty unless `front` and `rest` are.
    gathered: BytesMut,
    /// An event that did span frames, or the byte order mark.
    front: Bytes,
    /// What came after `front` and lies in one piece.
    rest: Bytes,
    /// How much of `rest` is whole events.
    ready: usize,
    /// Whether the first bytes were seen, with or without a byte order mark.
    started: bool,
    failed: bool,
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
            max_event_bytes,
            gathered: BytesMut::new(),
            front: Bytes::new(),
            rest: Bytes::new(),
            ready: 0,
            started: false,
            failed: false,
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
        if self.failed {
            return Err(TooLong::new(self.max_event_bytes));
        }
        let frame = if self.started {
            frame
        } else {
            let Some(frame) = self.start(frame) else {
                return Ok(());
            };
            frame
        };
        if !self.whole().is_empty() {
            self.rest = join(mem::take(&mut self.rest), frame);
            return self.find_whole();
        }
        if !self.rest.is_empty() {
            self.gathered.extend_from_slice(&mem::take(&mut self.rest));
        }
        if self.gathered.is_empty() {
            self.rest = frame;
        } else {
            self.complete(frame)?;
        }
        self.find_whole()
    }

    /// The bytes of all whole events that lie next to each other in memory.
    ///
    /// Empty if another frame is needed. An event that spanned frames is a piece of its own, so
    /// after one piece is taken there may be another: look until there is none.
    #[must_use]
    pub fn whole(&self) -> &[u8] {
        if self.front.is_empty() {
            &self.rest[..self.ready]
        } else {
            &self.front
        }
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
        if self.front.is_empty() {
            self.ready -= len;
            self.rest.split_to(len)
        } else {
            self.front.split_to(len)
        }
    }

    /// Takes all of [`whole`](Self::whole), or `None` if another frame is needed.
    pub fn take_whole(&mut self) -> Option<Bytes> {
        let len = self.whole().len();
        (len > 0).then(|| self.take(len))
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
        let tail = if self.gathered.is_empty() {
            self.rest.split_off(self.ready)
        } else {
            mem::take(&mut self.gathered).freeze()
        };
        if tail.is_empty() && !self.failed {
            Ok(())
        } else {
            Err(Incomplete::new(tail))
        }
    }

    /// How many bytes were pushed and not taken yet, whole events or not.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.gathered.len() + self.front.len() + self.rest.len()
    }

    /// Looks for the byte order mark, and makes a piece of it if it is there. `None` if it takes
    /// more bytes to know.
    fn start(&mut self, mut frame: Bytes) -> Option<Bytes> {
        if !self.gathered.is_empty() {
            self.gathered.extend_from_slice(&frame);
            frame = self.gathered.split().freeze();
        }
        if frame.len() < BOM.len() && BOM.starts_with(&frame) {
            self.gathered.extend_from_slice(&frame);
            return None;
        }
        self.started = true;
        if frame.starts_with(BOM) {
            self.front = frame.split_to(BOM.len());
        }
        Some(frame)
    }

    /// Goes on with the event in `gathered`, and copies no more of `frame` than belongs to it.
    fn complete(&mut self, mut frame: Bytes) -> Result<(), TooLong> {
        let end = first_block_end(self.gathered.last().copied(), &frame);
        let part = &frame[..end.unwrap_or(frame.len())];
        if self.exceeds_cap(self.gathered.len() + part.len(), part, end.is_some()) {
            self.gathered = BytesMut::new();
            return self.fail();
        }
        self.gathered.extend_from_slice(part);
        if let Some(end) = end {
            self.front = if self.gathered.capacity() > MAX_KEPT_BUFFER {
                mem::take(&mut self.gathered).freeze()
            } else {
                self.gathered.split().freeze()
            };
            frame.advance(end);
            self.rest = frame;
        }
        Ok(())
    }

    /// Finds out how much of `rest` is whole events.
    fn find_whole(&mut self) -> Result<(), TooLong> {
        if self.rest.len() > self.max_event_bytes {
            return self.find_whole_within_cap();
        }
        self.ready = last_block_end(&self.rest).unwrap_or(0);
        Ok(())
    }

    /// The same for a piece that is longer than an event may be: measures every event in it.
    fn find_whole_within_cap(&mut self) -> Result<(), TooLong> {
        // What is ready already was measured before.
        loop {
            let rest = &self.rest[self.ready..];
            let end = first_block_end(None, rest);
            let event = &rest[..end.unwrap_or(rest.len())];
            if self.exceeds_cap(event.len(), event, end.is_some()) {
                self.rest.truncate(self.ready);
                return self.fail();
            }
            match end {
                Some(end) => self.ready += end,
                None => return Ok(()),
            }
        }
    }

    /// Whether `len` bytes of an event, which end with `part`, are too many.
    fn exceeds_cap(&self, len: usize, part: &[u8], is_whole: bool) -> bool {
        // Had the frame been cut inside the last CRLF, the event would have ended with the CR.
        let uncounted = usize::from(is_whole && part.ends_with(b"\r\n"));
        len - uncounted > self.max_event_bytes
    }

    fn fail(&mut self) -> Result<(), TooLong> {
        self.failed = true;
        Err(TooLong::new(self.max_event_bytes))
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
            .field("max_event_bytes", &self.max_event_bytes)
            .field("whole_bytes", &self.whole().len())
            .field("held_bytes", &self.held_bytes())
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

/// For a caller that pushes before it has taken: `first` and `second` in one piece.
fn join(first: Bytes, second: Bytes) -> Bytes {
    if first.is_empty() {
        return second;
    }
    let mut joined = BytesMut::from(first);
    joined.extend_from_slice(&second);
    joined.freeze()
}
