use std::error::Error;
use std::fmt;

use bytes::Bytes;

use super::event::Event;

/// An event grew beyond the cap of its [`EventCutter`](super::EventCutter).
///
/// The cutter has given up: it lets go of the event, takes no more frames, and still hands out the
/// whole events from before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    max_event_bytes: usize,
}

/// The stream ended inside an event.
///
/// The standard says to throw such an event away. A gateway has to know of it all the same: an
/// answer that was cut off must not look like one that is complete.
///
/// `Debug` shows sizes, never what was said.
#[derive(Clone)]
pub struct Incomplete {
    bytes: Bytes,
}

// ===== impl TooLong =====

impl TooLong {
    pub(super) const fn new(max_event_bytes: usize) -> Self {
        Self { max_event_bytes }
    }

    /// The cap that was exceeded, in bytes.
    #[must_use]
    pub const fn max_event_bytes(&self) -> usize {
        self.max_event_bytes
    }
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a server-sent event is longer than the {} bytes that are allowed",
            self.max_event_bytes,
        )
    }
}

impl Error for TooLong {}

// ===== impl Incomplete =====

impl Incomplete {
    pub(super) const fn new(bytes: Bytes) -> Self {
        Self { bytes }
    }

    /// What there is of the event. Empty if it was let go of because it was [`TooLong`].
    #[must_use]
    pub const fn raw(&self) -> &Bytes {
        &self.bytes
    }

    /// What the event would say if it ended here. Its last line may be cut off.
    ///
    /// For the cases where the standard is stricter than the world: some servers leave out the
    /// blank line after their last event, and some answer with a bare JSON error and no field at
    /// all.
    #[must_use]
    pub fn event(&self) -> Event<'_> {
        Event::read(&self.bytes)
    }
}

impl fmt::Debug for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incomplete")
            .field("len", &self.bytes.len())
            .finish()
    }
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the stream ended {} bytes into a server-sent event",
            self.bytes.len(),
        )
    }
}

impl Error for Incomplete {}
