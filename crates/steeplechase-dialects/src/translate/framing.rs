//! How the events of a stream are told apart. The head of the answer says which way it is.

use bytes::Bytes;
use steeplechase_core::{BoxError, Class, Error};

use crate::eventstream::{FaultKind, MessageCutter};
use crate::sse::EventCutter;

/// A way to put events into a stream of bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Framing {
    /// Messages of an AWS event stream.
    Messages,
    /// Server-sent events.
    ServerSent,
}

/// Cuts a stream into events, whichever framing it has.
pub(super) enum Cutter {
    Messages(MessageCutter),
    ServerSent(EventCutter),
}

/// That no more events can be told apart.
pub(super) struct Unframed {
    pub(super) error: Error,
    /// What there is in the place of an event.
    pub(super) raw: Bytes,
}

// ===== impl Cutter =====

impl Cutter {
    pub(super) fn new(framing: Framing) -> Self {
        match framing {
            Framing::Messages => Self::Messages(MessageCutter::new()),
            Framing::ServerSent => Self::ServerSent(EventCutter::new()),
        }
    }

    pub(super) fn push(&mut self, frame: Bytes) -> Result<(), Unframed> {
        match self {
            Self::Messages(cutter) => cutter.push(frame).map_err(|fault| Unframed {
                raw: fault.raw().clone(),
                error: match fault.kind() {
                    FaultKind::TooLong => too_long(fault.into()),
                    _ => unreadable(fault.into()),
                },
            }),
            Self::ServerSent(cutter) => cutter.push(frame).map_err(|error| Unframed {
                raw: Bytes::new(),
                error: too_long(error.into()),
            }),
        }
    }

    /// Whether another frame is needed.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Messages(cutter) => cutter.whole().is_empty(),
            Self::ServerSent(cutter) => cutter.whole().is_empty(),
        }
    }

    /// Lets go of all that it holds.
    pub(super) fn clear(&mut self) {
        *self = Self::new(match self {
            Self::Messages(_) => Framing::Messages,
            Self::ServerSent(_) => Framing::ServerSent,
        });
    }
}

fn too_long(source: BoxError) -> Error {
    let message = "the provider sent an event that is too large";
    Error::new(Class::Server, message).with_source(source)
}

fn unreadable(source: BoxError) -> Error {
    let message = "the provider's stream of events cannot be read";
    Error::new(Class::Server, message).with_source(source)
}
