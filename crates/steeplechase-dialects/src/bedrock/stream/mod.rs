//! Reads the provider's events, one by one.
//!
//! ```text
//! messageStart ─► (contentBlockStart? ─► contentBlockDelta* ─► contentBlockStop)* ─►
//! messageStop ─► metadata
//! ```
//!
//! What kind of event it is is said by its name. Only tools have a start. The usage comes after the end
//! of the message, and with it all is said.

mod blocks;

use std::fmt;

use steeplechase_core::Error;

use self::blocks::Blocks;
use super::AnswerContext;
use super::finish::{finish, is_malformed};
use super::native::{self, StreamEvent};
use super::response::malformed;
use super::usage::Additional;
use crate::chat::{Decode, Event, Progress, Sink, unreadable};
use crate::json;

/// Reads one stream of the provider's.
///
/// It holds next to nothing: what is said is passed on. Only what has to be taken apart is held until
/// it is whole, and at most 8 MiB of it: the input of a tool that takes free text, an answer that is
/// wrapped, and text on the way to an answer in JSON.
pub struct Decoder {
    context: AnswerContext,
    blocks: Blocks,
    additional: Additional,
    progress: Progress,
}

// ===== impl Decoder =====

impl Decode for Decoder {
    fn event(&mut self, name: Option<&str>, data: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.progress == Progress::Over {
            return Ok(());
        }
        let outcome = self.read(name.unwrap_or(""), data, sink);
        self.progress.after(outcome)
    }

    /// What is missing is only what the answer has cost.
    fn eof(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.progress.close()? {
            sink.send(Event::End);
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
            additional: Additional::default(),
            progress: Progress::New,
        }
    }

    fn read(&mut self, name: &str, data: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
        // What is not known may look in any way.
        if !matches!(
            name,
            "messageStart"
                | "contentBlockStart"
                | "contentBlockDelta"
                | "contentBlockStop"
                | "messageStop"
                | "metadata"
        ) {
            return Ok(());
        }
        let mut mended = Vec::new();
        let event = json::in_place(data, &mut mended).map_err(unreadable)?;
        self.on_event(name, &event, sink)
    }

    fn on_event(
        &mut self,
        name: &str,
        event: &StreamEvent<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        if name == "metadata" {
            self.metadata(event, sink);
            return Ok(());
        }
        // What comes after the end of the message is none of it.
        if self.progress == Progress::Said {
            return Ok(());
        }
        if self.progress == Progress::New {
            self.progress = Progress::Started;
            sink.send(Event::Start {
                id: self.context.id(),
                model: self.context.model(),
            });
        }
        let index = event.content_block_index.unwrap_or(0);
        match name {
            "contentBlockDelta" => {
                if let Some(delta) = &event.delta {
                    self.blocks.delta(index, delta, sink)?;
                }
            }
            "contentBlockStart" => {
                if let Some(start) = &event.start {
                    self.blocks.start(index, start, sink)?;
                }
            }
            "contentBlockStop" => self.blocks.stop(index, sink),
            "messageStop" => return self.stop(event, sink),
            _ => {}
        }
        Ok(())
    }

    fn stop(&mut self, event: &StreamEvent<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.blocks.finish(sink);
        let native = event.stop_reason.as_deref();
        if is_malformed(native) && !self.blocks.has_content() {
            return Err(malformed(native));
        }
        self.additional = native::additional(event.additional_model_response_fields);
        self.progress = Progress::Said;
        sink.send(Event::Finish {
            choice: 0,
            reason: finish(native, self.blocks.has_calls(), self.blocks.has_answered()),
            native,
        });
        Ok(())
    }

    fn metadata(&mut self, event: &StreamEvent<'_>, sink: &mut Sink<'_>) {
        if let Some(counts) = &event.usage {
            let usage = counts.usage(&self.additional, event.service_tier.as_ref());
            sink.send(Event::Usage(usage));
        }
        if self.progress == Progress::Said {
            self.progress = Progress::Over;
            sink.send(Event::End);
        }
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("progress", &self.progress)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}
