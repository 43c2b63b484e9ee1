use std::fmt;
use std::mem;

use bytes::{Buf, Bytes, BytesMut};

use super::error::{Fault, FaultKind};
use super::message::{Messages, PRELUDE, Prelude};

/// The largest buffer that is kept for the next message that spans frames.
const MAX_KEPT_BUFFER: usize = 64 * 1024;

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
    max_message_bytes: usize,
    /// A message that spans frames, as far as it is known. Empty unless `front` and `rest` are.
    gathered: BytesMut,
    /// A message that did span frames.
    front: Bytes,
    /// What came after `front` and lies in one piece.
    rest: Bytes,
    /// How much of `rest` is whole messages, all of them checked.
    ready: usize,
    failed: Option<FaultKind>,
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
            max_message_bytes,
            gathered: BytesMut::new(),
            front: Bytes::new(),
            rest: Bytes::new(),
            ready: 0,
            failed: None,
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
        if let Some(kind) = self.failed {
            return Err(Fault::new(kind, Bytes::new()));
        }
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

    /// The bytes of all whole messages that lie next to each other in memory.
    ///
    /// Empty if another frame is needed. A message that spanned frames is a piece of its own, so
    /// after one piece is taken there may be another: look until there is none.
    #[must_use]
    pub fn whole(&self) -> &[u8] {
        if self.front.is_empty() {
            &self.rest[..self.ready]
        } else {
            &self.front
        }
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
        self.split(len)
    }

    /// Takes all of [`whole`](Self::whole), or `None` if another frame is needed.
    pub fn take_whole(&mut self) -> Option<Bytes> {
        let len = self.whole().len();
        (len > 0).then(|| self.split(len))
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
        if let Some(kind) = self.failed {
            return Err(Fault::new(kind, Bytes::new()));
        }
        let tail = if self.gathered.is_empty() {
            self.rest.split_off(self.ready)
        } else {
            mem::take(&mut self.gathered).freeze()
        };
        if tail.is_empty() {
            return Ok(());
        }
        Err(Fault::new(FaultKind::Incomplete, tail))
    }

    /// How many bytes were pushed and not taken yet, whole messages or not.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.gathered.len() + self.front.len() + self.rest.len()
    }

    fn split(&mut self, len: usize) -> Bytes {
        if self.front.is_empty() {
            self.ready -= len;
            self.rest.split_to(len)
        } else {
            self.front.split_to(len)
        }
    }

    /// Goes on with the message in `gathered`, and copies no more of `frame` than belongs to it.
    fn complete(&mut self, mut frame: Bytes) -> Result<(), Fault> {
        self.gather(&mut frame, PRELUDE);
        let Some(prelude) = Prelude::read(&self.gathered, self.max_message_bytes) else {
            return Ok(());
        };
        let checked = prelude.and_then(|prelude| {
            self.gather(&mut frame, prelude.total);
            if self.gathered.len() < prelude.total {
                return Ok(false);
            }
            prelude.check(&self.gathered).map(|()| true)
        });
        match checked {
            Ok(false) => {}
            Ok(true) => {
                self.front = if self.gathered.capacity() > MAX_KEPT_BUFFER {
                    mem::take(&mut self.gathered).freeze()
                } else {
                    self.gathered.split().freeze()
                };
                self.rest = frame;
            }
            Err(kind) => {
                self.gathered.extend_from_slice(&frame);
                let bytes = mem::take(&mut self.gathered).freeze();
                return self.fail(kind, bytes);
            }
        }
        Ok(())
    }

    /// Moves bytes of `frame` over until there are `len`, or none are left.
    fn gather(&mut self, frame: &mut Bytes, len: usize) {
        let missing = len.saturating_sub(self.gathered.len()).min(frame.len());
        self.gathered.extend_from_slice(&frame[..missing]);
        frame.advance(missing);
    }

    /// Finds out how much of `rest` is whole messages.
    fn find_whole(&mut self) -> Result<(), Fault> {
        // What is ready already was checked before.
        loop {
            let next = &self.rest[self.ready..];
            let checked = match Prelude::read(next, self.max_message_bytes) {
                None => return Ok(()),
                Some(Ok(prelude)) => match next.get(..prelude.total) {
                    None => return Ok(()),
                    Some(message) => prelude.check(message).map(|()| prelude.total),
                },
                Some(Err(kind)) => Err(kind),
            };
            match checked {
                Ok(len) => self.ready += len,
                Err(kind) => {
                    let bytes = self.rest.split_off(self.ready);
                    return self.fail(kind, bytes);
                }
            }
        }
    }

    fn fail(&mut self, kind: FaultKind, bytes: Bytes) -> Result<(), Fault> {
        self.failed = Some(kind);
        Err(Fault::new(kind, bytes))
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
            .field("max_message_bytes", &self.max_message_bytes)
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
