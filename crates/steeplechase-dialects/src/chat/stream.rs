//! From a provider's events to a caller's: between them are those of the neutral form.

use std::fmt;

use bytes::BytesMut;
use http::HeaderMap;
use steeplechase_core::Class;
use steeplechase_core::Error;
use steeplechase_core::Tally;
use steeplechase_core::Usage;

use super::Answer;
use super::Event;
use crate::sse;
use crate::tokens::Gap;

/// Writes the events of an answer in a caller's dialect.
///
/// Whatever comes, it keeps to the grammar of its dialect: what has no place is left out, and an end is
/// never made up.
pub trait Encode: fmt::Debug + Send + Sync {
    /// Appends what an event means to the caller, if anything: whole events of the dialect. Says
    /// whether a part of the answer was written.
    fn write(&mut self, event: Event<'_>, out: &mut BytesMut) -> bool;

    /// What shows a caller who waits that the provider is there: something whole that means nothing.
    fn keepalive(&self) -> &'static [u8] {
        sse::KEEPALIVE
    }
}

/// Reads the events of a provider's stream.
///
/// It takes events as somebody else has cut them, so it does not matter how the bytes came.
pub trait Decode: fmt::Debug + Send + Sync {
    /// Says what an event means.
    ///
    /// `name` is that of the event, where the framing has one. Events that are not known are ignored,
    /// and so is all that comes after the end.
    ///
    /// # Errors
    ///
    /// That of an event that is an error, classified. [`Class::Server`](steeplechase_core::Class) if an
    /// event cannot be read. What was said of it before does not count then, and the stream is over.
    fn event(&mut self, name: Option<&str>, data: &[u8], sink: &mut Sink<'_>) -> Result<(), Error>;

    /// Says what is missing when the provider has closed the stream.
    ///
    /// # Errors
    ///
    /// [`Class::Truncated`](steeplechase_core::Class) if the answer is not complete.
    fn eof(&mut self, sink: &mut Sink<'_>) -> Result<(), Error>;
}

/// Reads the answer to a request that was written from the neutral form.
///
/// It comes with the request, and knows what had to be changed in it.
pub trait ReadAnswer: fmt::Debug + Send + Sync {
    /// Takes note of the headers of the answer, before any of it is read. Some have its name there.
    fn head(&mut self, headers: &HeaderMap) {
        _ = headers;
    }

    /// Reads a whole answer.
    ///
    /// # Errors
    ///
    /// [`Class::Server`](steeplechase_core::Class) if it is none; that of the error if it is one after
    /// all; [`Class::Truncated`](steeplechase_core::Class) if it ends before its end.
    fn read(&self, body: &[u8]) -> Result<Answer, Error>;

    /// A decoder for a streamed answer.
    fn decoder(&self) -> Box<dyn Decode>;
}

/// Where a decoder's events go: into the caller's stream.
#[derive(Debug)]
pub struct Sink<'s> {
    encoder: &'s mut dyn Encode,
    out: &'s mut BytesMut,
    gap: Option<&'s mut Gap>,
    effects: Effects,
}

/// What events have done to a caller's stream.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Effects {
    /// Whether a part of the answer was written.
    pub content: bool,
    /// Whether the answer is complete, and its end was written.
    pub end: bool,
    /// What the answer has cost so far, if the events say so. It is of all the answer, and not to be
    /// added up.
    pub usage: Option<Usage>,
}

/// Turns a provider's stream into a caller's.
///
/// # Example
///
/// See [`anthropic`](crate::anthropic).
#[derive(Debug)]
pub struct Translator {
    decoder: Box<dyn Decode>,
    encoder: Box<dyn Encode>,
    gap: Option<Gap>,
    is_over: bool,
}

// ===== impl Sink =====

impl<'s> Sink<'s> {
    /// A place for the events of one step.
    pub fn new(encoder: &'s mut dyn Encode, out: &'s mut BytesMut) -> Self {
        Self {
            encoder,
            out,
            gap: None,
            effects: Effects::default(),
        }
    }

    /// Passes an event on.
    pub fn send(&mut self, event: Event<'_>) {
        // What the provider does not say of the usage is estimated, and told in its place.
        let missing = self.gap.as_mut().and_then(|gap| gap.before(&event));
        if let Some(usage) = missing {
            self.pass(Event::Usage(usage));
        }
        self.pass(event);
    }

    fn pass(&mut self, event: Event<'_>) {
        match &event {
            Event::Usage(usage) => self.effects.usage = Some(*usage),
            Event::End => self.effects.end = true,
            Event::Finish { reason, .. } => self.effects.content |= reason.is_answer(),
            _ => {}
        }
        self.effects.content |= self.encoder.write(event, self.out);
    }

    /// What the events have done so far.
    pub const fn effects(&self) -> Effects {
        self.effects
    }
}

// ===== impl Translator =====

impl Translator {
    /// A translator for one stream.
    pub fn new(decoder: Box<dyn Decode>, encoder: Box<dyn Encode>) -> Self {
        Self {
            decoder,
            encoder,
            gap: None,
            is_over: false,
        }
    }

    /// Estimates the usage of an answer whose provider does not say it.
    #[must_use]
    pub(crate) fn gap(mut self, gap: Gap) -> Self {
        self.gap = Some(gap);
        self
    }

    /// About how many tokens the model's words have so far. Zero if nobody has counted.
    pub(crate) fn said(&self) -> Tally {
        self.gap.as_ref().map_or(Tally::ZERO, Gap::said)
    }

    /// Appends to `out` what an event means to the caller: whole events of its dialect, or nothing.
    ///
    /// # Errors
    ///
    /// Those of [`Decode::event`]. Then nothing was appended.
    pub fn on_event(
        &mut self,
        name: Option<&str>,
        data: &[u8],
        out: &mut BytesMut,
    ) -> Result<Effects, Error> {
        self.step(out, |decoder, sink| decoder.event(name, data, sink))
    }

    /// Appends to `out` what is missing when the provider has closed the stream.
    ///
    /// # Errors
    ///
    /// Those of [`Decode::eof`].
    pub fn on_eof(&mut self, out: &mut BytesMut) -> Result<Effects, Error> {
        let effects = self.step(out, |decoder, sink| decoder.eof(sink));
        self.is_over = true;
        effects
    }

    /// What shows the caller that the provider is there.
    pub fn keepalive(&self) -> &'static [u8] {
        self.encoder.keepalive()
    }

    fn step(
        &mut self,
        out: &mut BytesMut,
        step: impl FnOnce(&mut dyn Decode, &mut Sink<'_>) -> Result<(), Error>,
    ) -> Result<Effects, Error> {
        if self.is_over {
            return Ok(Effects::default());
        }
        let before = out.len();
        let mut sink = Sink::new(&mut *self.encoder, out);
        sink.gap = self.gap.as_mut();
        let outcome = step(&mut *self.decoder, &mut sink);
        let effects = sink.effects();
        self.is_over = effects.end || outcome.is_err();
        match outcome {
            Ok(()) => Ok(effects),
            Err(error) => {
                out.truncate(before);
                Err(error)
            }
        }
    }
}

/// An answer that has ended before its end.
pub(crate) fn truncated() -> Error {
    let message = "the provider's answer ended before its end";
    Error::new(Class::Truncated, message)
}

/// An event that is not as expected.
pub(crate) fn unreadable(source: serde_json::Error) -> Error {
    let message = "the provider sent an event that cannot be read";
    Error::new(Class::Server, message).with_source(source)
}
