//! Reads the provider's events, one by one.
//!
//! ```text
//! message_start ─► (content_block_start ─► content_block_delta* ─► content_block_stop)* ─►
//! message_delta ─► message_stop
//! ```

mod blocks;

use std::fmt;

use steeplechase_core::Error;

use self::blocks::Blocks;
use super::AnswerContext;
use super::error::classify_event;
use super::finish::finish;
use super::native;
use super::native::StreamEvent;
use super::usage::Totals;
use crate::chat::Decode;
use crate::chat::Event;
use crate::chat::Progress;
use crate::chat::Sink;
use crate::chat::truncated;
use crate::chat::unreadable;
use crate::json;
use crate::json::text;

/// Reads one stream of the provider's.
///
/// It holds next to nothing: what is said is passed on. Only what has to be taken apart is held until
/// it is whole, and at most 8 MiB of it: the input of a tool that takes free text, an answer that is
/// wrapped, and text on the way to an answer in JSON.
pub struct Decoder {
    context: AnswerContext,
    blocks: Blocks,
    totals: Totals,
    stop_reason: Option<Box<str>>,
    explanation: Option<Box<str>>,
    progress: Progress,
}

// ===== impl Decoder =====

impl Decode for Decoder {
    /// The name of an event counts only if its data does not say its type.
    fn event(&mut self, name: Option<&str>, data: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.progress == Progress::Over {
            return Ok(());
        }
        let outcome = self.read(name, data, sink);
        self.progress.after(outcome)
    }

    fn eof(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.progress.close()? {
            self.end(sink);
        }
        Ok(())
    }
}

impl Decoder {
    /// A decoder for one stream.
    pub fn new(context: AnswerContext) -> Self {
        Self {
            blocks: Blocks::new(context.clone()),
            context,
            totals: Totals::default(),
            stop_reason: None,
            explanation: None,
            progress: Progress::New,
        }
    }

    fn read(&mut self, name: Option<&str>, data: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
        match json::in_place::<StreamEvent<'_>>(data, &mut Vec::new()) {
            Ok(event) => self.on_event(&event, name, data, sink),
            Err(error) => unknown(name, data, error),
        }
    }

    fn on_event(
        &mut self,
        event: &StreamEvent<'_>,
        name: Option<&str>,
        data: &[u8],
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let kind = event.kind.as_deref().or(name).unwrap_or("");
        let index = event.index.unwrap_or(0);
        match kind {
            "content_block_delta" => {
                if let Some(delta) = &event.delta {
                    self.blocks.delta(index, delta, sink)?;
                }
            }
            "content_block_start" => {
                if let Some(block) = &event.content_block {
                    self.blocks.start(index, block, sink)?;
                }
            }
            "content_block_stop" => self.blocks.stop(index, sink),
            "message_start" => self.start(event, sink),
            "message_delta" => self.delta(event),
            "message_stop" if self.progress == Progress::New => return Err(truncated()),
            "message_stop" => {
                self.end(sink);
                return Ok(());
            }
            "error" => return Err(classify_event(data)),
            // `ping`, and what is not known yet.
            _ => return Ok(()),
        }
        if self.progress == Progress::New {
            self.progress = Progress::Started;
        }
        Ok(())
    }

    fn start(&mut self, event: &StreamEvent<'_>, sink: &mut Sink<'_>) {
        let message = event.message.as_ref();
        if let Some(counts) = message.and_then(|message| message.usage.as_ref()) {
            self.totals.overlay(counts);
            sink.send(Event::Usage(self.totals.usage()));
        }
        sink.send(Event::Start {
            id: text(message.and_then(|message| message.id.as_ref())),
            model: text(message.and_then(|message| message.model.as_ref())),
        });
    }

    fn delta(&mut self, event: &StreamEvent<'_>) {
        self.progress = Progress::Said;
        if let Some(counts) = &event.usage {
            self.totals.overlay(counts);
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

    fn end(&mut self, sink: &mut Sink<'_>) {
        self.progress = Progress::Over;
        // A stream without a start has a name too.
        sink.send(Event::Start { id: "", model: "" });
        self.blocks.finish(sink);
        let native = self.stop_reason.as_deref();
        if native == Some("refusal")
            && let Some(text) = self.explanation.as_deref()
        {
            sink.send(Event::Refusal { choice: 0, text });
        }
        sink.send(Event::Usage(self.totals.usage()));
        sink.send(Event::Finish {
            choice: 0,
            reason: finish(native, self.blocks.has_calls(), self.blocks.has_answered()),
            native,
        });
        sink.send(Event::End);
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("progress", &self.progress)
            .field("usage", &self.totals.usage())
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

/// An event that is not as expected. If nobody has said how to expect it, that is fine.
fn unknown(name: Option<&str>, data: &[u8], error: serde_json::Error) -> Result<(), Error> {
    const KNOWN: [&str; 6] = [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ];
    let mut mended = Vec::new();
    let parsed = json::in_place::<native::Kind<'_>>(data, &mut mended).ok();
    let kind = parsed
        .as_ref()
        .and_then(|kind| kind.kind.as_deref())
        .or(name);
    match kind {
        Some("error") => Err(classify_event(data)),
        Some(kind) if !KNOWN.contains(&kind) => Ok(()),
        _ => Err(unreadable(error)),
    }
}
