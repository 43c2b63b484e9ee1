//! What the frames of an answer carry that is in the caller's dialect already.

use bytes::Bytes;
use steeplechase_core::{Chunk, Error};

use crate::openai::{self, Verdict};
use crate::responses;

/// Says of each event of a stream what it carries, in the dialect of the stream.
#[derive(Debug)]
pub(crate) enum Judge {
    OpenAi(openai::Judge),
    Responses(responses::Judge),
}

impl Judge {
    /// Whether a part of the answer was there.
    pub(super) const fn has_content(&self) -> bool {
        match self {
            Self::OpenAi(judge) => judge.has_content(),
            Self::Responses(judge) => judge.has_content(),
        }
    }

    /// Whether the answer is complete.
    pub(super) const fn is_complete(&self) -> bool {
        match self {
            Self::OpenAi(judge) => judge.is_complete(),
            Self::Responses(judge) => judge.is_done(),
        }
    }

    /// Whether the last event was there, after which there is nothing.
    pub(super) const fn is_done(&self) -> bool {
        match self {
            Self::OpenAi(judge) => judge.is_done(),
            Self::Responses(judge) => judge.is_done(),
        }
    }

    /// Says what an event carries. `name` is that of the event, if it has one.
    pub(super) fn judge(&mut self, name: Option<&[u8]>, data: &[u8]) -> Result<Verdict, Error> {
        match self {
            Self::OpenAi(judge) => judge.judge(data),
            Self::Responses(judge) => judge.judge(name, data),
        }
    }

    /// Says what a whole answer carries.
    pub(super) fn whole(&self, body: Bytes) -> Result<Chunk, Error> {
        match self {
            Self::OpenAi(_) => openai::read_answer(body),
            Self::Responses(_) => responses::read_answer(body),
        }
    }
}
