//! One frame of an answer, and what it carries.

use std::fmt;

use bytes::Buf;
use bytes::Bytes;

use crate::{Tally, Usage};

/// One frame of an answer, in the caller's dialect.
///
/// It is a [`Buf`], so that a body of chunks can be served as it is, and it says what it carries, so
/// that nobody above the translation has to parse it again. A frame may carry several things: a frame
/// off the wire can hold the last words of an answer and its end.
///
/// A chunk is never an error. An error event in a stream is the body's `Err`.
#[derive(Clone)]
pub struct Chunk {
    data: Bytes,
    flags: u8,
    // In thousandths of a token. Four million tokens are more than an answer has.
    said: u32,
    // Boxed: it comes once in an answer, and every frame of the answer is moved several times.
    usage: Option<Box<Usage>>,
}

const CONTENT: u8 = 1;
const END: u8 = 2;
const OPAQUE: u8 = 4;

impl Chunk {
    /// A frame that comes before the content and promises nothing: a role, `message_start`.
    pub const fn preamble(data: Bytes) -> Self {
        Self::with_flags(data, 0)
    }

    /// A frame that carries a part of the answer.
    pub const fn content(data: Bytes) -> Self {
        Self::with_flags(data, CONTENT)
    }

    /// The frame with which a complete answer ends: a finish reason, `[DONE]`, `message_stop`.
    pub const fn end(data: Bytes) -> Self {
        Self::with_flags(data, END)
    }

    /// A frame that is no part of the answer: a comment, a ping.
    pub const fn opaque(data: Bytes) -> Self {
        Self::with_flags(data, OPAQUE)
    }

    /// A whole answer in one frame.
    pub const fn whole(data: Bytes) -> Self {
        Self::with_flags(data, CONTENT | END)
    }

    const fn with_flags(data: Bytes, flags: u8) -> Self {
        Self {
            data,
            flags,
            said: 0,
            usage: None,
        }
    }

    /// Adds that the frame carries content.
    #[must_use]
    pub const fn and_content(mut self) -> Self {
        self.flags = (self.flags | CONTENT) & !OPAQUE;
        self
    }

    /// Adds that the frame ends the answer.
    #[must_use]
    pub const fn and_end(mut self) -> Self {
        self.flags = (self.flags | END) & !OPAQUE;
        self
    }

    /// Adds the usage that the frame reports.
    #[must_use]
    pub fn and_usage(mut self, usage: Usage) -> Self {
        self.usage = Some(Box::new(usage));
        self.flags &= !OPAQUE;
        self
    }

    /// Adds about how many tokens the model's words in the frame have.
    #[must_use]
    pub fn and_said(mut self, said: Tally) -> Self {
        self.said = u32::try_from(said.thousandths()).unwrap_or(u32::MAX);
        self
    }

    /// The same frame with other bytes.
    #[must_use]
    pub fn with_data(mut self, data: Bytes) -> Self {
        self.data = data;
        self
    }

    /// Whether the frame carries a part of the answer.
    pub const fn is_content(&self) -> bool {
        self.flags & CONTENT != 0
    }

    /// Whether the answer is complete with this frame.
    pub const fn is_end(&self) -> bool {
        self.flags & END != 0
    }

    /// Whether the frame is no part of the answer.
    pub const fn is_opaque(&self) -> bool {
        self.flags & OPAQUE != 0
    }

    /// The usage that the frame reports.
    pub fn usage(&self) -> Option<&Usage> {
        self.usage.as_deref()
    }

    /// About how many tokens the model's words in the frame have, whether or not it reports usage. Zero
    /// if nobody has counted.
    pub const fn said(&self) -> Tally {
        Tally::from_thousandths(self.said as u64)
    }

    /// The bytes of the frame.
    pub const fn data(&self) -> &Bytes {
        &self.data
    }

    /// The bytes of the frame.
    pub fn into_data(self) -> Bytes {
        self.data
    }
}

impl Buf for Chunk {
    fn remaining(&self) -> usize {
        self.data.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.data.chunk()
    }

    fn advance(&mut self, cnt: usize) {
        self.data.advance(cnt);
    }

    fn copy_to_bytes(&mut self, len: usize) -> Bytes {
        self.data.copy_to_bytes(len)
    }
}

impl fmt::Debug for Chunk {
    // A chunk is somebody's text: its size may reach a log, its words may not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk")
            .field("bytes", &self.data.len())
            .field("content", &self.is_content())
            .field("end", &self.is_end())
            .field("opaque", &self.is_opaque())
            .field("usage", &self.usage)
            .finish_non_exhaustive()
    }
}

/// What a generic layer asks of a frame.
///
/// It is implemented for [`Chunk`], which knows, and for [`Bytes`], where any byte counts as content:
/// a layer that speaks of content works over a bare HTTP client too, on bytes.
pub trait Carries {
    /// Whether a complete answer of such frames always has one that says that it is the end.
    const SAYS_END: bool;

    /// Whether the frame carries a part of the answer.
    fn is_content(&self) -> bool;

    /// Whether the answer is complete with this frame.
    fn is_end(&self) -> bool;

    /// The usage that the frame reports.
    fn usage(&self) -> Option<&Usage>;

    /// About how many tokens the model's words in the frame have. Zero if nobody has counted.
    fn said(&self) -> Tally {
        Tally::ZERO
    }

    /// How many bytes it takes to hold the frame.
    fn size(&self) -> usize;
}

impl Carries for Chunk {
    const SAYS_END: bool = true;

    fn is_content(&self) -> bool {
        self.is_content()
    }

    fn is_end(&self) -> bool {
        self.is_end()
    }

    fn usage(&self) -> Option<&Usage> {
        self.usage()
    }

    fn said(&self) -> Tally {
        self.said()
    }

    fn size(&self) -> usize {
        self.data.len()
    }
}

impl Carries for Bytes {
    const SAYS_END: bool = false;

    fn is_content(&self) -> bool {
        !self.is_empty()
    }

    fn is_end(&self) -> bool {
        false
    }

    fn usage(&self) -> Option<&Usage> {
        None
    }

    fn size(&self) -> usize {
        self.len()
    }
}
