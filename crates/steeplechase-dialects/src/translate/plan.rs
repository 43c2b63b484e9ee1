//! How the answer to a call is read, and what the caller gets of it.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use steeplechase_core::{Chunk, Class, Dialect, Error, Pricing};

use super::caller::Caller;
use super::framing::Framing;
use super::judge::Judge;
use super::provider::{ReadHeaded, ReadWhole};
use super::reader::flagged;
use crate::chat::ReadAnswer;
use crate::openai::Verdict;
use crate::tokens::Gap;
use crate::{anthropic, completions, openai, responses};

/// How an answer is to be read, and for whom.
pub(super) struct Plan {
    pub(super) is_stream: bool,
    /// Whether a stream is to end with its usage.
    pub(super) include_usage: bool,
    pub(super) dialect: Dialect,
    pub(super) answer: Reading,
    pub(super) classify_event: fn(&[u8]) -> Error,
    pub(super) classify_exception: fn(&str, &[u8]) -> Error,
    /// What is booked if the provider does not say what was used.
    pub(super) gap: Gap,
    /// The parameters of the call that the provider was not told.
    pub(super) dropped: Vec<Box<str>>,
    /// What is known about the price of this call, where the deployment's depends on the model.
    pub(super) pricing: Option<Pricing>,
}

/// What is done with an answer.
pub(super) enum Reading {
    Chat(Box<dyn ReadAnswer>, Caller),
    /// With the headers, once they are there.
    Headed(ReadHeaded, HeaderMap),
    Relay(Judge),
    Raw,
    Whole(ReadWhole),
}

// ===== impl Plan =====

impl Plan {
    /// Takes note of the head of the answer.
    pub(super) fn head(&mut self, headers: &HeaderMap) {
        match &mut self.answer {
            Reading::Chat(reader, _) => reader.head(headers),
            Reading::Headed(_, kept) => kept.clone_from(headers),
            Reading::Raw | Reading::Relay(_) | Reading::Whole(_) => {}
        }
    }

    /// Whether a stream can be read that comes this way. What is handed on as it is has to be in the
    /// caller's framing.
    pub(super) fn takes(&self, framing: Framing) -> bool {
        framing == Framing::ServerSent || matches!(self.answer, Reading::Chat(..))
    }

    /// Reads a whole answer. One to a call for a stream becomes a stream: some providers do not know
    /// how to, and the answer is there.
    ///
    /// What the provider does not say of the usage is estimated. A caller is told of it if the answer is
    /// written anew.
    pub(super) fn read(&self, body: Bytes) -> Result<Chunk, Error> {
        match &self.answer {
            Reading::Chat(reader, caller) => {
                let mut answer = reader.read(&body)?;
                if answer.usage.is_blank() {
                    let missing = self.gap.fill(Some(&answer.usage), self.gap.weigh(&answer));
                    answer.usage = missing.unwrap_or(answer.usage);
                }
                Ok(if self.is_stream {
                    caller.streamed(&answer)
                } else {
                    caller.whole(answer)
                })
            }
            Reading::Relay(judge) => {
                let whole = self.fill(judge.whole(body, self.gap.weights())?);
                if self.is_stream {
                    return self.unroll(&whole);
                }
                Ok(whole)
            }
            Reading::Headed(read, headers) => Ok(self.fill(read(headers, &body)?)),
            Reading::Raw => Ok(Chunk::whole(body)),
            Reading::Whole(read) => Ok(self.fill(read(&body)?)),
        }
    }

    /// Adds to a whole answer the usage that the provider has not told.
    fn fill(&self, whole: Chunk) -> Chunk {
        match self.gap.fill(whole.usage(), whole.said()) {
            Some(usage) => whole.and_usage(usage),
            None => whole,
        }
    }

    /// Makes a stream of a whole answer that is in the caller's dialect.
    fn unroll(&self, whole: &Chunk) -> Result<Chunk, Error> {
        let verdict = Verdict {
            content: whole.is_content(),
            end: whole.is_end(),
            usage: whole.usage().copied(),
        };
        let stream = match self.dialect {
            Dialect::Anthropic => anthropic::caller::unroll(whole.data())?,
            Dialect::Completions => completions::unroll(whole.data(), self.include_usage)?,
            Dialect::OpenAi => openai::unroll(whole.data(), self.include_usage)?,
            Dialect::Responses => responses::unroll(whole.data())?,
            _ => {
                let message = "the provider's answer is not what was asked for";
                return Err(Error::new(Class::Server, message)
                    .with_detail("instead of a stream of events there came a whole answer"));
            }
        };
        Ok(flagged(stream, verdict))
    }

    /// The caller's dialect.
    pub(super) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The parameters that were dropped, as a header.
    pub(super) fn dropped(&self) -> Option<HeaderValue> {
        if self.dropped.is_empty() {
            return None;
        }
        HeaderValue::from_str(&self.dropped.join(", ")).ok()
    }
}
