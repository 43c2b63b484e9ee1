//! Reads the provider's events, one by one.
//!
//! ```text
//! message-start ─► tool-plan-delta* ─► (content-start ─► content-delta* ─► content-end)* ─►
//! (tool-call-start ─► tool-call-delta* ─► tool-call-end)* ─► message-end
//!                                         citation-start, citation-end in between
//! ```

use std::fmt;

use serde_json::value::RawValue;
use steeplechase_core::Error;

use super::AnswerContext;
use super::citation::Citation;
use super::error::{broken, classify_event};
use super::finish::finish;
use super::logprobs::{self, Logprob};
use super::native::{self, Block, Call, Delta, StreamEvent};
use crate::chat::blocks::{OpenBlocks, too_much};
use crate::chat::{Decode, Event, Progress, Sink, unreadable};
use crate::json;
use crate::json::text;

/// Reads one stream of the provider's. It holds next to nothing: what is said is passed on.
pub struct Decoder {
    context: AnswerContext,
    /// Where the blocks begin in the text, in characters, by the provider's numbers.
    blocks: Vec<(u64, usize)>,
    chars: usize,
    /// Our numbers of the calls that are open. Those of the provider may begin anew.
    open: OpenBlocks<u64>,
    calls: u64,
    progress: Progress,
}

/// The most blocks of an answer, and the most calls that are open at once.
const MAX_BLOCKS: usize = 16_384;

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

    fn eof(&mut self, _: &mut Sink<'_>) -> Result<(), Error> {
        // The event that says why it ends is the end.
        self.progress.close().map(drop)
    }
}

impl Decoder {
    /// A decoder for one stream.
    pub fn new(context: AnswerContext) -> Self {
        Self {
            context,
            blocks: Vec::new(),
            chars: 0,
            open: OpenBlocks::new(),
            calls: 0,
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
        let message = event
            .delta
            .as_ref()
            .and_then(|delta| delta.message.as_ref());
        let index = event.index.unwrap_or(0);
        match kind {
            "content-delta" | "content-start" => {
                if kind == "content-start" {
                    self.start_block(index)?;
                }
                if let Some(block) = message.and_then(|it| it.content.0.as_ref()) {
                    self.content(block, event.logprobs.as_ref(), sink);
                }
            }
            "tool-plan-delta" => {
                let plan = message.and_then(|message| message.tool_plan.as_ref());
                sink.send(reasoning(text(plan)));
            }
            "tool-call-start" => {
                let call = message.and_then(|message| message.tool_calls.0.as_ref());
                self.start_call(index, call, sink)?;
            }
            "tool-call-delta" => {
                let call = message.and_then(|message| message.tool_calls.0.as_ref());
                self.arguments(index, call, sink);
            }
            "tool-call-end" => self.end_call(index, sink),
            "citation-start" => {
                if let Some(citation) = message.and_then(|it| it.citations.0.as_ref()) {
                    self.cite(citation, sink);
                }
            }
            "message-start" => sink.send(Event::Start {
                id: text(event.id.as_ref()),
                model: self.context.model(),
            }),
            "message-end" => return self.end(event.delta.as_ref(), sink),
            "error" | "stream-error" => return Err(classify_event(data)),
            "" => return untyped(data),
            // `content-end`, `citation-end`, `debug`, and what is not known yet.
            _ => {}
        }
        self.progress = Progress::Started;
        Ok(())
    }

    fn start_block(&mut self, index: u64) -> Result<(), Error> {
        if self.blocks.len() >= MAX_BLOCKS {
            return Err(too_much());
        }
        self.blocks.push((index, self.chars));
        Ok(())
    }

    fn content(&mut self, block: &Block<'_>, piece: Option<&Logprob<'_>>, sink: &mut Sink<'_>) {
        let thoughts = text(block.thinking.as_ref());
        if !thoughts.is_empty() {
            sink.send(reasoning(thoughts));
        }
        let words = text(block.text.as_ref());
        if !words.is_empty() {
            self.chars += words.chars().count();
            sink.send(Event::Text {
                choice: 0,
                text: words,
            });
        }
        let logprobs = piece.and_then(|piece| logprobs::openai(std::slice::from_ref(piece)));
        if let Some(logprobs) = &logprobs {
            sink.send(Event::Logprobs {
                choice: 0,
                logprobs,
            });
        }
    }

    fn start_call(
        &mut self,
        index: u64,
        call: Option<&Call<'_>>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        // One that was not ended is over when another has its number.
        self.end_call(index, sink);
        if self.open.len() >= MAX_BLOCKS {
            return Err(too_much());
        }
        self.calls += 1;
        let tool = self.calls;
        self.open.push(index, tool);
        let function = call.and_then(|call| call.function.as_ref());
        sink.send(Event::ToolStart {
            choice: 0,
            tool,
            id: text(call.and_then(|call| call.id.as_ref())),
            name: text(function.and_then(|function| function.name.as_ref())),
            is_custom: false,
            signature: None,
        });
        self.arguments(index, call, sink);
        Ok(())
    }

    fn arguments(&self, index: u64, call: Option<&Call<'_>>, sink: &mut Sink<'_>) {
        let Some(tool) = self.open.get(index).or(self.open.last()) else {
            return;
        };
        let function = call.and_then(|call| call.function.as_ref());
        sink.send(Event::ToolArgs {
            choice: 0,
            tool: *tool,
            fragment: text(function.and_then(|function| function.arguments.as_ref())),
        });
    }

    fn end_call(&mut self, index: u64, sink: &mut Sink<'_>) {
        if let Some(tool) = self.open.remove(index) {
            sink.send(Event::ToolEnd { choice: 0, tool });
        }
    }

    fn cite(&self, citation: &Citation<'_>, sink: &mut Sink<'_>) {
        if !citation.is_of_text() {
            return;
        }
        let wanted = citation.content_index;
        let known = self
            .blocks
            .iter()
            .rfind(|(index, _)| Some(*index) == wanted);
        let start = known.map_or(0, |(_, start)| *start);
        for annotation in &citation.annotations(start).collect::<Vec<_>>() {
            sink.send(Event::Annotation {
                choice: 0,
                annotation,
            });
        }
    }

    fn end(&mut self, delta: Option<&Delta<'_>>, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.progress = Progress::Over;
        let error = delta.and_then(|delta| delta.error).map(RawValue::get);
        if let Some(error) = error {
            return Err(broken(error));
        }
        let native = delta.and_then(|delta| delta.finish_reason.as_deref());
        let reason = finish(native, self.calls > 0)?;
        // A stream without a start has a name too.
        let model = self.context.model();
        sink.send(Event::Start { id: "", model });
        while let Some(tool) = self.open.remove_first() {
            sink.send(Event::ToolEnd { choice: 0, tool });
        }
        let counts = delta.and_then(|delta| delta.usage).unwrap_or_default();
        sink.send(Event::Usage(counts.usage()));
        sink.send(Event::Finish {
            choice: 0,
            reason,
            native,
        });
        sink.send(Event::End);
        Ok(())
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("context", &self.context)
            .field("calls", &self.calls)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

fn reasoning(text: &str) -> Event<'_> {
    Event::Reasoning { choice: 0, text }
}

/// An object that says nothing of what it is: an error, or nothing that is known.
fn untyped(data: &[u8]) -> Result<(), Error> {
    match serde_json::from_slice::<native::Kind<'_>>(data) {
        Ok(kind) if kind.is_error() => Err(classify_event(data)),
        _ => Ok(()),
    }
}

/// An event that is not as expected. If nobody has said how to expect it, that is fine.
fn unknown(name: Option<&str>, data: &[u8], error: serde_json::Error) -> Result<(), Error> {
    const KNOWN: [&str; 9] = [
        "message-start",
        "content-start",
        "content-delta",
        "tool-plan-delta",
        "tool-call-start",
        "tool-call-delta",
        "tool-call-end",
        "citation-start",
        "message-end",
    ];
    let mut mended = Vec::new();
    let parsed = json::in_place::<native::Kind<'_>>(data, &mut mended).ok();
    if parsed.as_ref().is_some_and(native::Kind::is_error) {
        return Err(classify_event(data));
    }
    let kind = parsed.as_ref().and_then(|kind| kind.kind.as_deref());
    match kind.or(name) {
        Some(kind) if !KNOWN.contains(&kind) => Ok(()),
        _ => Err(unreadable(error)),
    }
}
