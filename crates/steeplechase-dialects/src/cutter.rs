//! Cuts a stream of frames into whole pieces: the bookkeeping that the streams of bytes have in common.
//!
//! ```text
//! frames  │ one │ two │ th│ree │ four │ fi│
//!         ├───────────┼───┴────┼──────┼───┤
//!         │ rest,     │ front, │ rest │ held until there is more
//!         │ shared    │ copied │      │
//! ```
//!
//! Where a piece ends is for its [`Grammar`] to say. A piece that lies inside one frame is never copied, and
//! one that spans frames is gathered in a buffer that is used again.

use std::fmt;
use std::mem;

use bytes::{Buf, Bytes, BytesMut};

/// The largest buffer that is kept for the next piece that spans frames.
///
/// The rest of a buffer keeps all of it alive, so one huge piece would cost its size until the end of the
/// stream.
const MAX_KEPT_BUFFER: usize = 64 * 1024;

/// Says where the pieces of a stream end.
pub(crate) trait Grammar {
    /// Why what comes next is no piece. Nothing can be cut behind it.
    type Fault: Copy + fmt::Debug;

    /// Where the piece ends that begins with `before` and goes on with `bytes`, counted in `bytes`. `None` if
    /// it takes more of them. `before` alone is not whole.
    fn end(&self, before: &[u8], bytes: &[u8]) -> Result<Option<usize>, Self::Fault>;

    /// Checks a piece that is whole by its [`end`](Self::end).
    fn check(&self, piece: &[u8]) -> Result<(), Self::Fault>;

    /// Moves `ready` to the end of the last whole piece in `bytes`. What is before it has been looked at
    /// already. With a fault, it is at the end of the last piece before that.
    fn find_whole(&self, bytes: &[u8], ready: &mut usize) -> Result<(), Self::Fault> {
        one_by_one(self, bytes, ready)
    }
}

/// Takes frames, and hands out whole pieces, as few slices as may be.
pub(crate) struct Cutter<G: Grammar> {
    grammar: G,
    /// A piece that spans frames, as far as it is known. Empty unless `front` and `rest` are.
    gathered: BytesMut,
    /// A piece that did span frames.
    front: Bytes,
    /// What came after `front` and lies in one slice.
    rest: Bytes,
    /// How much of `rest` is whole pieces, all of them checked.
    ready: usize,
    failed: Option<G::Fault>,
}

/// Looks at every piece of `bytes`, in their order. See [`Grammar::find_whole`].
pub(crate) fn one_by_one<G: Grammar + ?Sized>(
    grammar: &G,
    bytes: &[u8],
    ready: &mut usize,
) -> Result<(), G::Fault> {
    loop {
        let next = &bytes[*ready..];
        let Some(end) = grammar.end(&[], next)? else {
            return Ok(());
        };
        grammar.check(&next[..end])?;
        *ready += end;
    }
}

/// `first` and `second` in one slice. Copies if there is something of both.
pub(crate) fn join(first: Bytes, second: Bytes) -> Bytes {
    if first.is_empty() {
        return second;
    }
    let mut joined = BytesMut::from(first);
    joined.extend_from_slice(&second);
    joined.freeze()
}

// ===== impl Cutter =====

impl<G: Grammar> Cutter<G> {
    /// Allocates nothing.
    pub(crate) fn new(grammar: G) -> Self {
        Self {
            grammar,
            gathered: BytesMut::new(),
            front: Bytes::new(),
            rest: Bytes::new(),
            ready: 0,
            failed: None,
        }
    }

    pub(crate) fn grammar(&self) -> &G {
        &self.grammar
    }

    /// The fault that was met, if one was.
    pub(crate) fn failed(&self) -> Option<G::Fault> {
        self.failed
    }

    /// Takes the next frame of the stream, cut wherever the network liked.
    ///
    /// # Errors
    ///
    /// As soon as it is certain that what comes next is no piece, and from then on at every push. Whole pieces
    /// that came before it can still be taken; what is in the place of one is the [`tail`](Self::tail).
    pub(crate) fn push(&mut self, frame: Bytes) -> Result<(), G::Fault> {
        if let Some(fault) = self.failed {
            return Err(fault);
        }
        let outcome = self.add(frame);
        self.failed = outcome.err();
        outcome
    }

    /// The bytes of all whole pieces that lie next to each other in memory. Empty if another frame is needed.
    pub(crate) fn whole(&self) -> &[u8] {
        if self.front.is_empty() {
            &self.rest[..self.ready]
        } else {
            &self.front
        }
    }

    /// Takes the first `len` bytes of [`whole`](Self::whole). Nothing is copied.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    pub(crate) fn take(&mut self, len: usize) -> Bytes {
        if self.front.is_empty() {
            self.ready -= len;
            self.rest.split_to(len)
        } else {
            self.front.split_to(len)
        }
    }

    /// Takes all of [`whole`](Self::whole), or `None` if another frame is needed.
    pub(crate) fn take_whole(&mut self) -> Option<Bytes> {
        let len = self.whole().len();
        (len > 0).then(|| self.take(len))
    }

    /// Takes what comes after the last whole piece.
    pub(crate) fn tail(&mut self) -> Bytes {
        let rest = self.rest.split_off(self.ready);
        if self.gathered.is_empty() {
            return rest;
        }
        let mut tail = mem::take(&mut self.gathered);
        tail.extend_from_slice(&rest);
        tail.freeze()
    }

    /// Lets go of what comes after the last whole piece.
    pub(crate) fn drop_tail(&mut self) {
        self.gathered = BytesMut::new();
        self.rest.truncate(self.ready);
    }

    /// Puts aside what is no piece yet, of a cutter that holds nothing. The next frame goes on with it.
    pub(crate) fn put_aside(&mut self, bytes: Bytes) {
        self.rest = bytes;
    }

    /// Makes a piece of its own of what comes first in the stream, whatever the grammar says of it.
    pub(crate) fn put_first(&mut self, piece: Bytes) {
        self.front = piece;
    }

    /// How many bytes were pushed and not taken yet, whole pieces or not.
    pub(crate) fn held_bytes(&self) -> usize {
        self.gathered.len() + self.front.len() + self.rest.len()
    }

    fn add(&mut self, frame: Bytes) -> Result<(), G::Fault> {
        if !self.whole().is_empty() {
            // Whoever pushes before all is taken pays for it.
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

    /// Goes on with the piece in `gathered`, and copies no more of `frame` than belongs to it.
    fn complete(&mut self, frame: Bytes) -> Result<(), G::Fault> {
        // With a fault, this is where `tail` looks for the rest of it.
        self.rest = frame;
        let Some(end) = self.grammar.end(&self.gathered, &self.rest)? else {
            self.gathered.extend_from_slice(&mem::take(&mut self.rest));
            return Ok(());
        };
        self.gathered.extend_from_slice(&self.rest[..end]);
        self.rest.advance(end);
        self.grammar.check(&self.gathered)?;
        self.front = if self.gathered.capacity() > MAX_KEPT_BUFFER {
            mem::take(&mut self.gathered).freeze()
        } else {
            self.gathered.split().freeze()
        };
        Ok(())
    }

    fn find_whole(&mut self) -> Result<(), G::Fault> {
        self.grammar.find_whole(&self.rest, &mut self.ready)
    }
}
