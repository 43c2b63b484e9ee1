use std::error::Error;
use std::fmt;

use bytes::Bytes;

/// The bytes of a stream are no messages, or not all of one.
///
/// The cutter has given up then: where the next message would begin is not known.
///
/// `Debug` shows sizes, never what was said.
#[derive(Clone)]
pub struct Fault {
    kind: FaultKind,
    bytes: Bytes,
}

/// What is wrong with a stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The checksum of a message is not that of its bytes.
    Checksum,
    /// The headers of a message cannot be read.
    Headers,
    /// The stream ended inside a message.
    Incomplete,
    /// The lengths of a message contradict each other.
    Lengths,
    /// The checksum of a prelude is not that of its lengths. What is no event stream at all ends here.
    Prelude,
    /// A message is longer than is allowed.
    TooLong,
}

// ===== impl Fault =====

impl Fault {
    pub(super) const fn new(kind: FaultKind, bytes: Bytes) -> Self {
        Self { kind, bytes }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        self.kind
    }

    /// What there is of the message that is none, as far as it was there when that was found out.
    ///
    /// For a server that answers with a bare JSON error where a stream was due. Empty if the cutter
    /// had failed before.
    #[must_use]
    pub const fn raw(&self) -> &Bytes {
        &self.bytes
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("kind", &self.kind)
            .field("len", &self.bytes.len())
            .finish()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            FaultKind::Checksum => "the checksum of a message in an event stream is wrong",
            FaultKind::Headers => "the headers of a message in an event stream cannot be read",
            FaultKind::Incomplete => "an event stream ended inside a message",
            FaultKind::Lengths => "the lengths of a message in an event stream cannot be right",
            FaultKind::Prelude => "the checksum of a prelude in an event stream is wrong",
            FaultKind::TooLong => "a message in an event stream is longer than is allowed",
        })
    }
}

impl Error for Fault {}
