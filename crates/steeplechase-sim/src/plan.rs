//! An answer before it is sent: its bytes, when each of them comes, and how they end.
//!
//! ```text
//! bytes      │ preamble │ token 0 │ token 1 │ token 2 │ tail │      what: shared, may be prebuilt
//! timeline     head       first     + gap     + gap     at once     when: drawn for each request
//! limit                                     ╳                       how far: the behaviour's break
//! ```

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::PathAndQuery;

use crate::behaviour::{After, How};

/// How many answers a [`Prebuilt`] remembers.
const PREBUILT: usize = 8;

/// The bytes of an answer, cut into frames.
#[derive(Debug)]
pub(crate) struct Frames {
    pub(crate) bytes: Bytes,
    pub(crate) marks: Vec<Mark>,
    pub(crate) tokens: usize,
    /// Whether it is a stream of events. If not, it is one frame, the whole answer.
    pub(crate) stream: bool,
    /// What the head has to say besides.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// The end of a frame, and when the frame comes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Mark {
    pub(crate) end: usize,
    pub(crate) when: When,
}

/// When a frame comes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum When {
    /// With the head.
    Preamble,
    /// With the token of this number. Several frames may come with one token.
    Token(usize),
    /// With the last token.
    Tail,
}

impl Frames {
    /// An answer in one piece that takes as long as `tokens` tokens.
    pub(crate) fn whole(bytes: impl Into<Bytes>, tokens: usize) -> Self {
        let bytes = bytes.into();
        Self {
            marks: vec![Mark {
                end: bytes.len(),
                when: When::Preamble,
            }],
            bytes,
            tokens,
            stream: false,
            headers: Vec::new(),
        }
    }

    /// The same frames in another form, each in the time of the old one. One that comes out empty is
    /// left out.
    pub(crate) fn rewritten(&self, rewrite: impl Fn(&[u8], &mut Vec<u8>)) -> Self {
        let (mut bytes, mut marks) = (Vec::new(), Vec::new());
        let (mut start, mut end) = (0, 0);
        for mark in &self.marks {
            rewrite(&self.bytes[start..mark.end], &mut bytes);
            start = mark.end;
            if bytes.len() > end {
                end = bytes.len();
                marks.push(Mark { end, ..*mark });
            }
        }
        Self {
            bytes: bytes.into(),
            marks,
            tokens: self.tokens,
            stream: self.stream,
            headers: self.headers.clone(),
        }
    }

    /// How many bytes are sent if the answer breaks off there.
    pub(crate) fn limit(&self, after: After) -> usize {
        match after {
            After::Bytes(bytes) => bytes.min(self.bytes.len()),
            After::Tokens(tokens) if self.stream => {
                let kept = self.marks.iter().take_while(|mark| match mark.when {
                    When::Preamble => true,
                    When::Token(token) => token < tokens,
                    When::Tail => false,
                });
                kept.last().map_or(0, |mark| mark.end)
            }
            // The same share of the bytes, and never all of them.
            After::Tokens(tokens) => self.bytes.len() * tokens.min(self.tokens) / (self.tokens + 1),
        }
    }
}

/// Writes the frames of a stream one after the other into one piece of memory.
#[derive(Debug, Default)]
pub(crate) struct FrameWriter {
    buffer: Vec<u8>,
    marks: Vec<Mark>,
    tokens: usize,
}

impl FrameWriter {
    /// Adds a frame that comes with the head.
    pub(crate) fn preamble(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.frame(When::Preamble, write);
    }

    /// Adds a frame that comes with the next token, without being one. If there is none, it comes
    /// after all tokens.
    pub(crate) fn with_next_token(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.frame(When::Token(self.tokens), write);
    }

    /// Adds a frame that is a token.
    pub(crate) fn token(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.frame(When::Token(self.tokens), write);
        self.tokens += 1;
    }

    /// Adds one token to each of several answers: a frame for each, all in the same time.
    pub(crate) fn token_of_each(&mut self, answers: usize, write: impl Fn(&mut Vec<u8>, usize)) {
        for answer in 1..answers {
            self.with_next_token(|buffer| write(buffer, answer));
        }
        self.token(|buffer| write(buffer, 0));
    }

    /// Adds a frame that comes after all tokens.
    pub(crate) fn tail(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.frame(When::Tail, write);
    }

    fn frame(&mut self, when: When, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.buffer);
        self.marks.push(Mark {
            end: self.buffer.len(),
            when,
        });
    }

    pub(crate) fn finish(mut self) -> Frames {
        for mark in &mut self.marks {
            // There is no next token to come with.
            if mark.when == When::Token(self.tokens) {
                mark.when = When::Tail;
            }
        }
        Frames {
            bytes: self.buffer.into(),
            marks: self.marks,
            tokens: self.tokens,
            stream: true,
            headers: Vec::new(),
        }
    }
}

/// When each part of an answer comes, after the arrival of the request.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    pub(crate) head: Duration,
    /// The first token. Not before the head.
    pub(crate) first: Duration,
    pub(crate) gaps: Gaps,
    pub(crate) tokens: usize,
}

/// The times between tokens.
#[derive(Clone, Debug)]
pub(crate) enum Gaps {
    Even(Duration),
    /// The time from the first token to each token.
    Drawn(Vec<Duration>),
}

impl Timeline {
    /// All at once.
    pub(crate) const NOW: Self = Self {
        head: Duration::ZERO,
        first: Duration::ZERO,
        gaps: Gaps::Even(Duration::ZERO),
        tokens: 0,
    };

    pub(crate) fn at(&self, when: When) -> Duration {
        match when {
            When::Preamble => self.head,
            When::Token(token) => self.first.saturating_add(self.since_first(token)),
            When::Tail => self.end(),
        }
    }

    /// Nothing after the head comes before this time.
    pub(crate) fn not_before(&mut self, offset: Duration) {
        self.first = self.first.max(offset);
    }

    /// When the last token comes.
    pub(crate) fn end(&self) -> Duration {
        self.at(When::Token(self.tokens.saturating_sub(1)))
    }

    fn since_first(&self, token: usize) -> Duration {
        match &self.gaps {
            Gaps::Even(gap) => gap.saturating_mul(u32::try_from(token).unwrap_or(u32::MAX)),
            Gaps::Drawn(offsets) => {
                let offset = offsets.get(token).or(offsets.last());
                offset.copied().unwrap_or_default()
            }
        }
    }
}

/// What comes after the last byte of a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ending {
    /// The end, as it should be.
    Complete,
    /// The end of the body, but not of the answer.
    Short,
    /// The connection is cut.
    Cut,
    /// Nothing, ever.
    Stall,
}

impl From<&How> for Ending {
    fn from(how: &How) -> Self {
        match how {
            How::Cut => Self::Cut,
            How::Stall => Self::Stall,
            How::Truncate | How::Error(_) => Self::Short,
        }
    }
}

/// Answers that have been built before, by the request that they are for.
#[derive(Default)]
pub(crate) struct Prebuilt(Mutex<VecDeque<Known>>);

/// The address and the body of a request, and its answer.
type Known = (Option<PathAndQuery>, Bytes, Arc<Frames>);

impl Prebuilt {
    pub(crate) fn find(&self, parts: &Parts, request: &Bytes) -> Option<Arc<Frames>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (.., frames) = known
            .iter()
            .find(|(of, body, _)| of.as_ref() == parts.uri.path_and_query() && body == request)?;
        Some(Arc::clone(frames))
    }

    pub(crate) fn insert(&self, parts: &Parts, request: &Bytes, frames: &Arc<Frames>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= PREBUILT {
            known.pop_front();
        }
        let of = parts.uri.path_and_query().cloned();
        known.push_back((of, request.clone(), Arc::clone(frames)));
    }
}

impl fmt::Debug for Prebuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prebuilt").finish_non_exhaustive()
    }
}
