use std::fmt;
use std::iter::FusedIterator;

use super::error::FaultKind;
use super::header::{Headers, Value, are_headers};

/// The bytes before the headers: two lengths and their checksum.
pub(super) const PRELUDE: usize = 12;

/// The bytes of a message around its headers and its payload.
const AROUND: usize = PRELUDE + CHECKSUM;

const CHECKSUM: usize = 4;

/// The most bytes of headers that a message may have.
const MAX_HEADERS: usize = 128 * 1024;

/// A borrowed look at one message, in the place where it lies. Its checksums are right.
///
/// `Debug` shows sizes, never what was said.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    bytes: &'a [u8],
    headers: usize,
    start: usize,
}

/// What a message is, by its headers `:message-type`, `:event-type`, `:exception-type` and
/// `:error-code`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Kind<'a> {
    /// Something that cannot be told from the service's own words: a code and a message.
    Error {
        /// Its code.
        code: &'a str,
        /// What it says about it.
        message: &'a str,
    },
    /// An event, by its type.
    Event(&'a str),
    /// An exception that the service knows, by its type. The stream is over.
    Exception(&'a str),
}

/// The messages of a piece, one after the other, borrowed from the cutter.
///
/// Made by [`MessageCutter::messages`](super::MessageCutter::messages).
#[derive(Clone)]
pub struct Messages<'a> {
    whole: &'a [u8],
    at: usize,
}

/// What a prelude says, once its checksum is right.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Prelude {
    pub(super) total: usize,
    headers: usize,
}

// ===== impl Message =====

impl<'a> Message<'a> {
    /// The message's bytes as they came.
    #[must_use]
    pub const fn raw(&self) -> &'a [u8] {
        self.bytes
    }

    /// Where the message starts, in bytes from the start of
    /// [`MessageCutter::whole`](super::MessageCutter::whole).
    #[must_use]
    pub const fn start(&self) -> usize {
        self.start
    }

    /// Where it ends. This is what [`MessageCutter::take`](super::MessageCutter::take) wants, to take
    /// everything up to and with this message.
    #[must_use]
    pub const fn end(&self) -> usize {
        self.start + self.bytes.len()
    }

    /// Its headers, in their order.
    #[must_use]
    pub fn headers(&self) -> Headers<'a> {
        Headers::new(&self.bytes[PRELUDE..PRELUDE + self.headers])
    }

    /// The header of a name that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.headers().find_map(|(known, value)| match value {
            Value::Text(text) if known == name => Some(text),
            _ => None,
        })
    }

    /// What it says.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        &self.bytes[PRELUDE + self.headers..self.bytes.len() - CHECKSUM]
    }

    /// What it is. One that does not say is an event, whose type may be empty.
    #[must_use]
    pub fn kind(&self) -> Kind<'a> {
        let text = |name| self.text(name).unwrap_or("");
        match text(":message-type") {
            "exception" => Kind::Exception(text(":exception-type")),
            "error" => Kind::Error {
                code: text(":error-code"),
                message: text(":error-message"),
            },
            _ => Kind::Event(text(":event-type")),
        }
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("start", &self.start)
            .field("kind", &self.kind())
            .field("payload", &self.payload().len())
            .finish()
    }
}

// ===== impl Messages =====

impl<'a> Messages<'a> {
    /// `whole` must be whole messages that were checked.
    pub(super) const fn new(whole: &'a [u8]) -> Self {
        Self { whole, at: 0 }
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Message<'a>;

    fn next(&mut self) -> Option<Message<'a>> {
        let rest = self.whole.get(self.at..)?;
        let Prelude { total, headers } = Prelude::lengths(rest)?;
        let start = self.at;
        let bytes = rest.get(..total)?;
        // A total of zero would never end, and is none.
        bytes.get(AROUND + headers - 1)?;
        self.at += total;
        Some(Message {
            bytes,
            headers,
            start,
        })
    }
}

impl FusedIterator for Messages<'_> {}

impl fmt::Debug for Messages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages")
            .field("len", &self.whole.len())
            .field("at", &self.at)
            .finish()
    }
}

// ===== impl Prelude =====

impl Prelude {
    /// Reads a prelude and checks it. `None` if there are not enough bytes yet.
    pub(super) fn read(bytes: &[u8], max_total: usize) -> Option<Result<Self, FaultKind>> {
        let prelude = Self::lengths(bytes)?;
        let crc = u32_at(bytes, 8)?;
        Some(if crc != crc32fast::hash(&bytes[..8]) {
            Err(FaultKind::Prelude)
        } else if prelude.total > max_total {
            Err(FaultKind::TooLong)
        } else if prelude.headers > MAX_HEADERS || AROUND + prelude.headers > prelude.total {
            Err(FaultKind::Lengths)
        } else {
            Ok(prelude)
        })
    }

    fn lengths(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            total: usize::try_from(u32_at(bytes, 0)?).ok()?,
            headers: usize::try_from(u32_at(bytes, 4)?).ok()?,
        })
    }

    /// Checks a message that is as long as its prelude says, which was read before.
    pub(super) fn check(message: &[u8]) -> Result<(), FaultKind> {
        let prelude = Self::lengths(message).ok_or(FaultKind::Lengths)?;
        let (said, crc) = message.split_at(prelude.total - CHECKSUM);
        if u32_at(crc, 0) != Some(crc32fast::hash(said)) {
            return Err(FaultKind::Checksum);
        }
        if !are_headers(&said[PRELUDE..PRELUDE + prelude.headers]) {
            return Err(FaultKind::Headers);
        }
        Ok(())
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_be_bytes(*bytes))
}
