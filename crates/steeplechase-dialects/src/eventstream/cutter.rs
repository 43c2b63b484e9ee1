use std::fmt;

use bytes::Bytes;

use super::error::{Fault, FaultKind};
use super::message::{Messages, PRELUDE, Prelude};
use crate::cutter::{Cutter, Grammar};

/// Cuts a stream of frames into whole messages. See the [module](super) for how, and for an example.
///
/// # What it holds
///
/// What was pushed and not taken yet, and nothing else. Take everything before the next push: then
/// this is at most one message, and no message that lies inside one frame is ever copied. A push that
/// comes earlier is right all the same, but it copies, and what is held is up to the caller.
///
/// # Cancellation
///
/// It does nothing between calls. Dropping it lets go of what it holds.
pub struct MessageCutter {
    cutter: Cutter<Preludes>,
}

/// Where messages end: where their preludes say.
struct Preludes {
    max_message_bytes: usize,
}

// ===== impl MessageCutter =====

impl MessageCutter {
    /// The cap on one message if none is chosen: 25 MiB, for a payload of 24 MiB as AWS has it.
    pub const DEFAULT_MAX_MESSAGE_BYTES: usize = 25 * 1024 * 1024;

    /// Makes a cutter with the default cap, [`Self::DEFAULT_MAX_MESSAGE_BYTES`]. Allocates nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::with_max_message_bytes(Self::DEFAULT_MAX_MESSAGE_BYTES)
    }

    /// Makes a cutter that takes messages of at most `max_message_bytes`, prelude and checksums and
    /// all.
    #[must_use]
    pub fn with_max_message_bytes(max_message_bytes: usize) -> Self {
        Self {
            cutter: Cutter::new(Preludes { max_message_bytes }),
        }
    }

    /// Takes the next frame of the stream, cut wherever the network liked.
    ///
    /// Afterwards [`messages`](Self::messages) has what became whole by it.
    ///
    /// # Errors
    ///
    /// A [`Fault`] as soon as it is certain that what comes next is no message, and from then on at
    /// every push. Whole messages that came before it can still be taken.
    pub fn push(&mut self, frame: Bytes) -> Result<(), Fault> {
        self.cutter
            .push(frame)
            .map_err(|kind| Fault::new(kind, self.cutter.tail()))
    }

    /// The bytes of all whole messages that lie next to each other in memory.
    ///
    /// Empty if another frame is needed. A message that spanned frames is a piece of its own, so
    /// after one piece is taken there may be another: look until there is none.
    #[must_use]
    pub fn whole(&self) -> &[u8] {
        self.cutter.whole()
    }

    /// Looks at the messages in [`whole`](Self::whole), without taking them.
    #[must_use]
    pub fn messages(&self) -> Messages<'_> {
        Messages::new(self.whole())
    }

    /// Takes the first `len` bytes of [`whole`](Self::whole), as they came. Nothing is copied.
    ///
    /// # Panics
    ///
    /// If `len` is not the [`end`](super::Message::end) of one of the [`messages`](Self::messages), or
    /// zero: what remained could not be read.
    #[must_use = "the bytes are gone from the cutter"]
    pub fn take(&mut self, len: usize) -> Bytes {
        assert!(
            len == 0 || self.messages().any(|message| message.end() == len),
            "take({len}) does not end with a message",
        );
        self.cutter.take(len)
    }

    /// Takes all of [`whole`](Self::whole), or `None` if another frame is needed.
    pub fn take_whole(&mut self) -> Option<Bytes> {
        self.cutter.take_whole()
    }

    /// To be called when the stream has ended: is there a message that was begun and not ended?
    ///
    /// Whole messages that were not taken yet stay where they are.
    ///
    /// # Errors
    ///
    /// [`FaultKind::Incomplete`] with the bytes of that message, which are gone from the cutter then;
    /// or the fault that there was before, without any bytes.
    pub fn finish(&mut self) -> Result<(), Fault> {
        let tail = self.cutter.tail();
        match self.cutter.failed() {
            None if tail.is_empty() => Ok(()),
            None => Err(Fault::new(FaultKind::Incomplete, tail)),
            Some(kind) => Err(Fault::new(kind, tail)),
        }
    }

    /// How many bytes were pushed and not taken yet, whole messages or not.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.cutter.held_bytes()
    }
}

impl Default for MessageCutter {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MessageCutter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Sizes only: what is held is what people said.
        f.debug_struct("MessageCutter")
            .field(
                "max_message_bytes",
                &self.cutter.grammar().max_message_bytes,
            )
            .field("whole_bytes", &self.whole().len())
            .field("held_bytes", &self.held_bytes())
            .field("failed", &self.cutter.failed())
            .finish_non_exhaustive()
    }
}

// ===== impl Preludes =====

impl Preludes {
    /// What the prelude says of a message that begins with `before` and goes on with `bytes`.
    fn prelude(&self, before: &[u8], bytes: &[u8]) -> Option<Result<Prelude, FaultKind>> {
        if before.is_empty() {
            return Prelude::read(bytes, self.max_message_bytes);
        }
        let mut prelude = [0; PRELUDE];
        let (known, missing) = prelude.split_at_mut(before.len().min(PRELUDE));
        known.copy_from_slice(&before[..known.len()]);
        missing.copy_from_slice(bytes.get(..missing.len())?);
        Prelude::read(&prelude, self.max_message_bytes)
    }
}

impl Grammar for Preludes {
    type Fault = FaultKind;

    fn end(&self, before: &[u8], bytes: &[u8]) -> Result<Option<usize>, FaultKind> {
        let Some(prelude) = self.prelude(before, bytes) else {
            return Ok(None);
        };
        let end = prelude?.total - before.len();
        Ok((end <= bytes.len()).then_some(end))
    }

    fn check(&self, piece: &[u8]) -> Result<(), FaultKind> {
        Prelude::check(piece)
    }
}
