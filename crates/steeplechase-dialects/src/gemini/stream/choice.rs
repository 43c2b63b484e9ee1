use serde_json::value::RawValue;

use crate::chat::{Event, Image, Sink, ToolInput};
use crate::gemini::context::call_id;
use crate::gemini::finish::{Ending, ending};
use crate::gemini::native::{Candidate, FunctionCall, Part};
use crate::gemini::sources::{self, Said, Source};
use crate::gemini::{AnswerContext, logprobs, sound};
use crate::json::text;

/// How far one of the answers of a stream has come.
#[derive(Debug, Default)]
pub(super) struct ChoiceState {
    calls: u64,
    said: Said,
    sources: Vec<Source>,
    /// Whether there was anything that a caller can use.
    has_said: bool,
    /// The last seal on what was said.
    seal: Option<Box<str>>,
    /// Why it ends, in the provider's words.
    native: Option<Box<str>>,
}

/// A reason that is none.
const UNSPECIFIED: &str = "FINISH_REASON_UNSPECIFIED";

// ===== impl ChoiceState =====

impl ChoiceState {
    /// Whether it has said why it ends.
    pub(super) fn is_done(&self) -> bool {
        self.native.is_some()
    }

    pub(super) fn has_said(&self) -> bool {
        self.has_said
    }

    /// Why it ends, in our words and in the provider's.
    pub(super) fn ending(&self) -> (Ending, &str) {
        let native = self.native.as_deref().unwrap_or("");
        (ending(native, self.calls > 0), native)
    }

    /// Takes what an event adds.
    pub(super) fn read(
        &mut self,
        choice: usize,
        candidate: &Candidate<'_>,
        (context, id): (&AnswerContext, &str),
        sink: &mut Sink<'_>,
    ) {
        for part in candidate.parts() {
            self.part(choice, part, (context, id), sink);
        }
        let logprobs = candidate.logprobs_result.and_then(logprobs::openai);
        if let Some(logprobs) = &logprobs {
            sink.send(Event::Logprobs { choice, logprobs });
        }
        if let Some(raw) = candidate.grounding_metadata {
            sources::grounding(raw, &mut self.sources);
        }
        if let Some(raw) = candidate.citation_metadata {
            sources::citations(raw, &mut self.sources);
        }
        // The first reason counts, if it is one.
        let is_open = self
            .native
            .as_deref()
            .is_none_or(|native| native == UNSPECIFIED);
        if let Some(reason) = candidate.finish_reason.as_ref().filter(|_| is_open) {
            self.native = Some((**reason).into());
        }
    }

    fn part(
        &mut self,
        choice: usize,
        part: &Part<'_>,
        (context, id): (&AnswerContext, &str),
        sink: &mut Sink<'_>,
    ) {
        if let Some(call) = &part.function_call {
            self.call(choice, call, part.seal(), context, sink);
            return;
        }
        let words = text(part.text.as_ref());
        if part.is_thought() {
            if !words.is_empty() {
                self.has_said = true;
                sink.send(Event::Reasoning {
                    choice,
                    text: words,
                });
            }
            return;
        }
        if !words.is_empty() {
            self.has_said = true;
            self.said.push(words);
            sink.send(Event::Text {
                choice,
                text: words,
            });
        }
        if let Some(seal) = part.seal() {
            self.seal = Some(seal.into());
        }
        let Some(blob) = &part.inline_data else {
            return;
        };
        self.has_said = true;
        let (kind, data) = (text(blob.mime_type.as_ref()), text(blob.data.as_ref()));
        if kind.starts_with("audio/") {
            let id = &sound::id(id);
            sink.send(Event::Audio { choice, id, data });
            return;
        }
        let image = &Image {
            media_type: kind.to_owned(),
            data: data.to_owned(),
        };
        sink.send(Event::Image { choice, image });
    }

    /// A call, which comes whole.
    fn call(
        &mut self,
        choice: usize,
        call: &FunctionCall<'_>,
        signature: Option<&str>,
        context: &AnswerContext,
        sink: &mut Sink<'_>,
    ) {
        let tool = self.calls;
        self.calls += 1;
        self.has_said = true;
        let name = text(call.name.as_ref());
        let input = context.input(name, call.args.map(RawValue::get));
        let (ToolInput::Custom(fragment) | ToolInput::Function(fragment)) = &input;
        sink.send(Event::ToolStart {
            choice,
            tool,
            id: &call_id(text(call.id.as_ref())),
            name: context.caller_name(name),
            is_custom: context.is_custom(name),
            signature,
        });
        sink.send(Event::ToolArgs {
            choice,
            tool,
            fragment,
        });
        sink.send(Event::ToolEnd { choice, tool });
    }

    /// Says what is said at the end: where it is from, its seal, and why it ends.
    pub(super) fn finish(&mut self, choice: usize, sink: &mut Sink<'_>) {
        for source in std::mem::take(&mut self.sources) {
            let annotation = &self.said.annotation(source);
            sink.send(Event::Annotation { choice, annotation });
        }
        if let Some(signature) = self.seal.as_deref() {
            sink.send(Event::Signature { choice, signature });
        }
        let (ending, native) = self.ending();
        sink.send(Event::Finish {
            choice,
            reason: ending.reason(),
            native: Some(native),
        });
    }
}
