use serde_json::value::RawValue;
use steeplechase_core::Error;

use super::calls::Calls;
use super::chunk::{self, Citation, Loose, Message, Part, Thought};
use super::context::AnswerContext;
use super::finish::finish;
use crate::chat::{Annotation, Event, Sink, ThinkingPatch};
use crate::json;

/// One of the answers, as far as it has come.
#[derive(Default)]
pub(super) struct Choice {
    pub(super) calls: Calls,
    /// How many thoughts there were that have no number.
    thoughts: u64,
    /// Whether anything was said.
    pub(super) is_said: bool,
    pub(super) is_finished: bool,
    /// Whether the last reason was an empty text. It is one if all is said.
    pub(super) has_empty_reason: bool,
}

// ===== impl Choice =====

impl Choice {
    pub(super) fn say(
        &mut self,
        (choice, is_whole): (usize, bool),
        said: &Message<'_>,
        context: &AnswerContext,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        self.think(choice, said, sink);
        match said.content.map(RawValue::get) {
            Some(list) if list.starts_with('[') => self.parts(choice, list, sink),
            Some(json) => {
                let text = chunk::text(json).unwrap_or_default();
                self.text(choice, &text, sink);
            }
            None => {}
        }
        if let Some(text) = said.refusal.said() {
            self.is_said = true;
            sink.send(Event::Refusal { choice, text });
        }
        if let Some(annotations) = said.annotations.map(RawValue::get) {
            let _ = json::each_item::<()>(annotations, |raw| {
                cite(choice, raw, sink);
                Ok(())
            });
        }
        if let Some(call) = &said.function_call {
            self.calls.read_old(choice, call, context, sink)?;
        }
        let Some(calls) = said.tool_calls.map(RawValue::get) else {
            return Ok(());
        };
        let outcome = json::each_item(calls, |raw| match serde_json::from_str(raw) {
            Ok(call) => self.calls.read(choice, &call, is_whole, context, sink),
            Err(_) => Ok(()),
        });
        match outcome {
            Err(Some(error)) => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) fn text(&mut self, choice: usize, text: &str, sink: &mut Sink<'_>) {
        if !text.is_empty() {
            self.is_said = true;
            sink.send(Event::Text { choice, text });
        }
    }

    /// What it thinks. Where it comes sealed, the same text is there without the seal too.
    fn think(&mut self, choice: usize, said: &Message<'_>, sink: &mut Sink<'_>) {
        let mut is_sealed = false;
        if let Some(blocks) = said.thinking_blocks.map(RawValue::get) {
            let mut place = 0;
            let _ = json::each_item::<()>(blocks, |raw| {
                let Ok(thought) = serde_json::from_str::<Thought<'_>>(raw) else {
                    return Ok(());
                };
                let block = thought.index.unwrap_or(place);
                place += 1;
                let patches = [
                    thought.data.said().map(ThinkingPatch::Redacted),
                    thought.thinking.said().map(ThinkingPatch::Text),
                    thought.signature.said().map(ThinkingPatch::Signature),
                ];
                for patch in patches.into_iter().flatten() {
                    is_sealed = true;
                    sink.send(Event::Thinking {
                        choice,
                        block,
                        patch,
                    });
                }
                Ok(())
            });
        }
        self.is_said |= is_sealed;
        // Some have it under several names.
        let names = [
            &said.reasoning_content,
            &said.reasoning,
            &said.reasoning_text,
        ];
        let text = names.into_iter().find_map(Loose::said);
        if let Some(text) = text.filter(|_| !is_sealed) {
            self.is_said = true;
            sink.send(Event::Reasoning { choice, text });
        }
    }

    /// What it says in parts, of which some are thoughts.
    fn parts(&mut self, choice: usize, list: &str, sink: &mut Sink<'_>) {
        let _ = json::each_item::<()>(list, |raw| {
            let Ok(part) = serde_json::from_str::<Part<'_>>(raw) else {
                return Ok(());
            };
            match part.kind.get() {
                "thinking" | "reasoning" => self.thoughts(choice, &part, sink),
                "refusal" => {
                    if let Some(text) = part.refusal.said() {
                        sink.send(Event::Refusal { choice, text });
                    }
                }
                _ => self.text(choice, part.text.get(), sink),
            }
            Ok(())
        });
    }

    fn thoughts(&mut self, choice: usize, part: &Part<'_>, sink: &mut Sink<'_>) {
        let inner = part.thinking.or(part.summary).map(RawValue::get);
        let inner = inner.unwrap_or("[]");
        if let Some(text) = chunk::text(inner).filter(|text| !text.is_empty()) {
            self.is_said = true;
            sink.send(Event::Reasoning {
                choice,
                text: &text,
            });
        }
        let _ = json::each_item::<()>(inner, |raw| {
            let Ok(part) = serde_json::from_str::<Part<'_>>(raw) else {
                return Ok(());
            };
            self.is_said = true;
            let Some(seal) = part.signature.said() else {
                let text = part.text.get();
                sink.send(Event::Reasoning { choice, text });
                return Ok(());
            };
            // Beyond the numbers that providers give.
            let block = (1 << 32) + self.thoughts;
            self.thoughts += 1;
            let text = part.text.said().map(ThinkingPatch::Text);
            let patches = [text, Some(ThinkingPatch::Signature(seal))];
            for patch in patches.into_iter().flatten() {
                sink.send(Event::Thinking {
                    choice,
                    block,
                    patch,
                });
            }
            Ok(())
        });
    }

    pub(super) fn finish(
        &mut self,
        choice: usize,
        native: &str,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let calls = self.calls.any();
        let reason = finish(native, calls, self.is_said || calls)?;
        self.is_finished = true;
        self.calls.end(choice, sink);
        sink.send(Event::Finish {
            choice,
            reason,
            native: Some(native).filter(|native| !native.is_empty() && *native != reason.as_str()),
        });
        Ok(())
    }
}

fn cite(choice: usize, raw: &str, sink: &mut Sink<'_>) {
    let citation = serde_json::from_str::<Citation<'_>>(raw).ok();
    let Some(citation) = citation.and_then(|citation| citation.url_citation) else {
        return;
    };
    let Some(url) = citation.url.said() else {
        return;
    };
    let annotation = &Annotation {
        start: citation.start_index,
        end: citation.end_index,
        url: url.to_owned(),
        title: citation.title.said().map(str::to_owned),
    };
    sink.send(Event::Annotation { choice, annotation });
}
