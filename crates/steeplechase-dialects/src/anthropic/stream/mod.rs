//! Turns the provider's events into `OpenAI`'s chunks, one by one.
//!
//! ```text
//! message_start ─► (content_block_start ─► content_block_delta* ─► content_block_stop)* ─►
//! message_delta ─► message_stop
//! ```

mod blocks;

use std::fmt;

use bytes::BytesMut;
use steeplechase_core::Class;
use steeplechase_core::Error;
use steeplechase_core::Usage;

use self::blocks::Blocks;
use super::AnswerContext;
use super::error::classify_event;
use super::finish::finish;
use super::native;
use super::native::StreamEvent;
use super::native::text;
use super::usage::Tally;
use crate::chat::ChunkWriter;
use crate::chat::Event;
use crate::chat::FinishReason;
use crate::json;

/// What an event has done to the caller's stream.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Effects {
    /// Whether a part of the answer was written.
    pub content: bool,
    /// Whether the answer is complete, and its end was written.
    pub end: bool,
    /// What the answer has cost so far, if the event says so. It is of all the answer, and not to be
    /// added up.
    pub usage: Option<Usage>,
}

/// Turns one stream of the provider's into one of `OpenAI`'s.
///
/// It takes events as somebody else has cut them, so it does not matter how the bytes came. It holds
/// next to nothing: what is sent is written. Only what has to be taken apart is held until it is
/// whole, and at most 8 MiB of it: the input of a tool that takes free text, an answer that is wrapped,
/// and text on the way to an answer in JSON.
pub struct StreamTranslator {
    context: AnswerContext,
    /// The name that the caller is shown.
    model: Option<Box<str>>,
    chunks: ChunkWriter,
    blocks: Blocks,
    tally: Tally,
    stop_reason: Option<Box<str>>,
    explanation: Option<Box<str>>,
    progress: Progress,
}

/// How far the stream has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Progress {
    /// `message_start` is to come.
    New,
    /// Blocks are coming.
    Started,
    /// `message_delta` has come: all is said, and there is a reason.
    Said,
    /// The end was written, or an error came. Nothing counts any more.
    Over,
}

// ===== impl StreamTranslator =====

impl StreamTranslator {
    /// A translator for one stream.
    ///
    /// `model` is the name that the caller is shown. Without one it is the provider's.
    pub fn new(context: AnswerContext, model: Option<&str>) -> Self {
        let chunks = ChunkWriter::new(context.inner().include_usage);
        Self {
            chunks: chunks.legacy_functions(context.inner().legacy_functions),
            blocks: Blocks::new(context.clone()),
            context,
            model: model.map(Into::into),
            tally: Tally::default(),
            stop_reason: None,
            explanation: None,
            progress: Progress::New,
        }
    }

    /// Sets the time that all chunks carry, in seconds since the epoch. It is now, unless set.
    #[must_use]
    pub fn created(mut self, created: u64) -> Self {
        self.chunks = self.chunks.created(created);
        self
    }

    /// Appends to `out` what an event means to the caller: whole events of `OpenAI`'s dialect, or
    /// nothing.
    ///
    /// `event` is the name of the event, which counts only if `data` does not say its type. Events
    /// that are not known are ignored, and so is all that comes after the end.
    ///
    /// # Errors
    ///
    /// That of an `error` event, classified. [`Class::Server`] if an event cannot be read.
    /// [`Class::Truncated`] if the stream ends before it begins. Then nothing was appended, and the
    /// stream is over.
    pub fn on_event(
        &mut self,
        event: Option<&str>,
        data: &[u8],
        out: &mut BytesMut,
    ) -> Result<Effects, Error> {
        if self.progress == Progress::Over {
            return Ok(Effects::default());
        }
        let before = out.len();
        let effects = self.read(event, data, out);
        if effects.is_err() {
            out.truncate(before);
            self.progress = Progress::Over;
        }
        effects
    }

    /// Appends to `out` what is missing when the provider has closed the stream.
    ///
    /// # Errors
    ///
    /// [`Class::Truncated`] if the answer is not complete. One that has got as far as to say why it
    /// ends is.
    pub fn on_eof(&mut self, out: &mut BytesMut) -> Result<Effects, Error> {
        match self.progress {
            Progress::Over => Ok(Effects::default()),
            Progress::Said => Ok(self.end(out)),
            Progress::New | Progress::Started => {
                self.progress = Progress::Over;
                Err(truncated())
            }
        }
    }

    fn read(
        &mut self,
        name: Option<&str>,
        data: &[u8],
        out: &mut BytesMut,
    ) -> Result<Effects, Error> {
        match serde_json::from_slice::<StreamEvent<'_>>(data) {
            Ok(event) => self.event(&event, name, data, out),
            Err(error) => {
                let mended = json::mend(data);
                if let Ok(event) = serde_json::from_slice::<StreamEvent<'_>>(&mended) {
                    return self.event(&event, name, data, out);
                }
                unreadable(name, &mended, error)
            }
        }
    }

    fn event(
        &mut self,
        event: &StreamEvent<'_>,
        name: Option<&str>,
        data: &[u8],
        out: &mut BytesMut,
    ) -> Result<Effects, Error> {
        let kind = event.kind.as_deref().or(name).unwrap_or("");
        let index = event.index.unwrap_or(0);
        let mut effects = Effects::default();
        match kind {
            "content_block_delta" => {
                if let Some(delta) = &event.delta {
                    effects.content = self.blocks.delta(index, delta, &mut self.chunks, out)?;
                }
            }
            "content_block_start" => {
                if let Some(block) = &event.content_block {
                    effects.content = self.blocks.start(index, block, &mut self.chunks, out)?;
                }
            }
            "content_block_stop" => {
                effects.content = self.blocks.stop(index, &mut self.chunks, out);
            }
            "message_start" => effects.usage = self.start(event, out),
            "message_delta" => self.delta(event),
            "message_stop" if self.progress == Progress::New => return Err(truncated()),
            "message_stop" => return Ok(self.end(out)),
            "error" => return Err(classify_event(data)),
            // `ping`, and what is not known yet.
            _ => return Ok(effects),
        }
        if self.progress == Progress::New {
            self.progress = Progress::Started;
        }
        Ok(effects)
    }

    fn start(&mut self, event: &StreamEvent<'_>, out: &mut BytesMut) -> Option<Usage> {
        let message = event.message.as_ref();
        let id = text(message.and_then(|message| message.id.as_ref()));
        let theirs = text(message.and_then(|message| message.model.as_ref()));
        let model = self.model.as_deref().unwrap_or(theirs);
        self.chunks.write(Event::Start { id, model }, out);
        let counts = message.and_then(|message| message.usage.as_ref())?;
        self.tally.overlay(counts);
        Some(self.tally.usage())
    }

    fn delta(&mut self, event: &StreamEvent<'_>) {
        self.progress = Progress::Said;
        if let Some(counts) = &event.usage {
            self.tally.overlay(counts);
        }
        let Some(delta) = &event.delta else { return };
        if let Some(reason) = &delta.stop_reason {
            self.stop_reason = Some((**reason).into());
        }
        let details = delta.stop_details.as_ref();
        if let Some(explanation) = details.and_then(|details| details.explanation.as_ref()) {
            self.explanation = Some((**explanation).into());
        }
    }

    fn end(&mut self, out: &mut BytesMut) -> Effects {
        self.progress = Progress::Over;
        let chunks = &mut self.chunks;
        // A stream without a start has a name too.
        let model = self.model.as_deref().unwrap_or("");
        chunks.write(Event::Start { id: "", model }, out);
        let mut content = self.blocks.finish(chunks, out);
        let native = self.stop_reason.as_deref();
        if native == Some("refusal")
            && let Some(text) = self.explanation.as_deref()
        {
            content |= chunks.write(Event::Refusal { choice: 0, text }, out);
        }
        let reason = finish(native, self.blocks.has_calls(), self.blocks.has_answered());
        let finished = Event::Finish {
            choice: 0,
            reason,
            native,
        };
        chunks.write(finished, out);
        let usage = self.tally.usage();
        chunks.write(Event::Usage(usage), out);
        chunks.write(Event::End, out);
        Effects {
            // A refusal is an answer, and so is one for which there was no room.
            content: content
                || matches!(reason, FinishReason::ContentFilter | FinishReason::Length),
            end: true,
            usage: Some(usage),
        }
    }
}

impl fmt::Debug for StreamTranslator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamTranslator")
            .field("progress", &self.progress)
            .field("usage", &self.tally.usage())
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

/// An event that is not as expected. If nobody has said how to expect it, that is fine.
fn unreadable(name: Option<&str>, data: &[u8], error: serde_json::Error) -> Result<Effects, Error> {
    const KNOWN: [&str; 6] = [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ];
    let parsed = serde_json::from_slice::<native::Kind<'_>>(data).ok();
    let kind = parsed
        .as_ref()
        .and_then(|kind| kind.kind.as_deref())
        .or(name);
    match kind {
        Some("error") => Err(classify_event(data)),
        Some(kind) if !KNOWN.contains(&kind) => Ok(Effects::default()),
        _ => Err(Error::new(
            Class::Server,
            "the provider sent an event that cannot be read",
        )
        .with_source(error)),
    }
}

fn truncated() -> Error {
    Error::new(
        Class::Truncated,
        "the provider closed the stream before the end of the answer",
    )
}
