//! What the frames of an answer carry that is in the caller's dialect already.

use bytes::Bytes;
use steeplechase_core::{Chunk, Error, Tally};

use crate::openai::{self, Verdict};
use crate::tokens::Weights;
use crate::{anthropic, responses, sse};

/// Says of each event of a stream what it carries, in the dialect of the stream.
#[derive(Debug)]
pub(crate) enum Judge {
    // Boxed: it is large, and there are more streams of the other kind.
    Anthropic(Box<anthropic::Judge>),
    OpenAi(openai::Judge),
    Responses(responses::Judge),
}

impl Judge {
    /// Whether a part of the answer was there.
    pub(super) fn has_content(&self) -> bool {
        match self {
            Self::Anthropic(judge) => judge.has_content(),
            Self::OpenAi(judge) => judge.has_content(),
            Self::Responses(judge) => judge.has_content(),
        }
    }

    /// Whether the answer is complete.
    pub(super) fn is_complete(&self) -> bool {
        match self {
            Self::Anthropic(judge) => judge.is_complete(),
            Self::OpenAi(judge) => judge.is_complete(),
            Self::Responses(judge) => judge.is_done(),
        }
    }

    /// Whether the last event was there, after which there is nothing.
    pub(super) fn is_done(&self) -> bool {
        match self {
            Self::Anthropic(judge) => judge.is_done(),
            Self::OpenAi(judge) => judge.is_done(),
            Self::Responses(judge) => judge.is_done(),
        }
    }

    /// Says what an event carries. `name` is that of the event, if it has one.
    pub(super) fn judge(&mut self, name: Option<&[u8]>, data: &[u8]) -> Result<Verdict, Error> {
        match self {
            Self::Anthropic(judge) => judge.judge(name, data),
            Self::OpenAi(judge) => judge.judge(data),
            Self::Responses(judge) => judge.judge(name, data),
        }
    }

    /// The last event, whole, if `data` is that of one whose blank line is missing and the answer is
    /// complete.
    pub(super) fn last_event(&self, data: &[u8]) -> Option<&'static [u8]> {
        match self {
            Self::Anthropic(judge) => judge.last_event(data),
            Self::OpenAi(judge) => {
                let is_mark = data.trim_ascii() == b"[DONE]";
                (is_mark && judge.is_complete()).then_some(sse::DONE)
            }
            // It has all of the answer in it, and is not known to come without its blank line.
            Self::Responses(_) => None,
        }
    }

    /// Weighs the words of the model by these weights.
    pub(super) fn weigh(&mut self, weights: &'static Weights) {
        match self {
            Self::Anthropic(judge) => judge.set_weights(weights),
            Self::OpenAi(judge) => judge.set_weights(weights),
            Self::Responses(judge) => judge.set_weights(weights),
        }
    }

    /// About how many tokens the words of the model have that were there so far.
    pub(super) const fn said(&self) -> Tally {
        match self {
            Self::Anthropic(judge) => judge.said(),
            Self::OpenAi(judge) => judge.said(),
            Self::Responses(judge) => judge.said(),
        }
    }

    /// Says what a whole answer carries. If it reports no usage, its words are weighed.
    pub(super) fn whole(&self, body: Bytes, weights: &'static Weights) -> Result<Chunk, Error> {
        match self {
            Self::Anthropic(_) => anthropic::weigh_whole(&body, weights),
            Self::OpenAi(_) => openai::weigh_answer(body, weights),
            Self::Responses(_) => responses::weigh_answer(body, weights),
        }
    }
}
