//! What the frames of an answer carry that is in the caller's dialect already.

use bytes::Bytes;
use steeplechase_core::{Chunk, Error, Tally};

use crate::openai::{self, Verdict};
use crate::tokens::Weights;

/// Says of each event of a stream what it carries, in the dialect of the stream.
#[derive(Debug)]
pub(crate) enum Judge {
    OpenAi(openai::Judge),
}

impl Judge {
    /// Whether a part of the answer was there.
    pub(super) const fn has_content(&self) -> bool {
        match self {
            Self::OpenAi(judge) => judge.has_content(),
        }
    }

    /// Whether the answer is complete.
    pub(super) const fn is_complete(&self) -> bool {
        match self {
            Self::OpenAi(judge) => judge.is_complete(),
        }
    }

    /// Whether the last event was there, after which there is nothing.
    pub(super) const fn is_done(&self) -> bool {
        match self {
            Self::OpenAi(judge) => judge.is_done(),
        }
    }

    /// Says what an event carries. `name` is that of the event, if it has one.
    pub(super) fn judge(&mut self, name: Option<&[u8]>, data: &[u8]) -> Result<Verdict, Error> {
        _ = name;
        match self {
            Self::OpenAi(judge) => judge.judge(data),
        }
    }

    /// Weighs the words of the model by these weights.
    pub(super) fn weigh(&mut self, weights: &'static Weights) {
        match self {
            Self::OpenAi(judge) => judge.set_weights(weights),
        }
    }

    /// About how many tokens the words of the model have that were there so far.
    pub(super) const fn said(&self) -> Tally {
        match self {
            Self::OpenAi(judge) => judge.said(),
        }
    }

    /// Says what a whole answer carries. If it reports no usage, its words are weighed.
    pub(super) fn whole(&self, body: Bytes, weights: &'static Weights) -> Result<Chunk, Error> {
        match self {
            Self::OpenAi(_) => openai::weigh_answer(body, weights),
        }
    }
}
