//! Reads the provider's events, one by one.
//!
//! ```text
//! { candidates: [ more parts, … ], usageMetadata: all so far } … ─► the last ones say why it ends ─► EOF
//! ```
//!
//! There is no event that says that it was the last: the end of the stream is the end, if each answer
//! has said why it ends.

mod choice;

use std::fmt;

use steeplechase_core::{Error, Usage};

use self::choice::ChoiceState;
use super::AnswerContext;
use super::error::classify_event;
use super::finish::Ending;
use super::native::Response;
use super::response::nothing_said;
use crate::chat::{Decode, Event, FinishReason, Sink, truncated, unreadable};
use crate::json;
use crate::json::text;

/// Reads one stream of the provider's.
///
/// It keeps what was said, up to 8 MiB of it, as sources come at the end and refer to it by bytes. All
/// else is passed on.
pub struct Decoder {
    context: AnswerContext,
    choices: Vec<ChoiceState>,
    /// What the last event said.
    usage: Usage,
    has_told_usage: bool,
    /// Why there is no answer.
    blocked: Option<Box<str>>,
    id: Box<str>,
    has_started: bool,
    is_over: bool,
}

/// More answers than anybody may ask for.
const MAX_CHOICES: usize = 16;

// ===== impl Decoder =====

impl Decode for Decoder {
    fn event(&mut self, _: Option<&str>, data: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.is_over {
            return Ok(());
        }
        let outcome = self.read(data, sink);
        self.is_over |= outcome.is_err();
        outcome
    }

    /// An answer of which each choice has got as far as to say why it ends is complete.
    fn eof(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        if std::mem::replace(&mut self.is_over, true) {
            return Ok(());
        }
        let is_blocked = self.choices.is_empty() && self.blocked.is_some();
        if !is_blocked
            && (self.choices.is_empty() || !self.choices.iter().all(ChoiceState::is_done))
        {
            return Err(truncated());
        }
        let endings = self.choices.iter().map(ChoiceState::ending);
        let broken = endings
            .clone()
            .all(|(ending, _)| !matches!(ending, Ending::Answer(_)));
        if !is_blocked && broken && !self.choices.iter().any(ChoiceState::has_said) {
            let (ending, native) = self.choices[0].ending();
            return Err(nothing_said(ending, native));
        }
        self.start("", sink);
        if is_blocked {
            sink.send(Event::Finish {
                choice: 0,
                reason: FinishReason::ContentFilter,
                native: self.blocked.as_deref(),
            });
        }
        for (index, choice) in self.choices.iter_mut().enumerate() {
            choice.finish(index, sink);
        }
        sink.send(Event::Usage(self.usage));
        sink.send(Event::End);
        Ok(())
    }
}

impl Decoder {
    /// A decoder for one stream.
    pub fn new(context: AnswerContext) -> Self {
        Self {
            context,
            choices: Vec::new(),
            usage: Usage::default(),
            has_told_usage: false,
            blocked: None,
            id: "".into(),
            has_started: false,
            is_over: false,
        }
    }

    fn read(&mut self, data: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
        match json::in_place::<Response<'_>>(data, &mut Vec::new()) {
            Ok(response) => self.on_response(&response, data, sink),
            // A proxy's own word.
            Err(_) if data.trim_ascii() == b"[DONE]" => Ok(()),
            Err(_) if data.trim_ascii_start().starts_with(b"[") => Err(classify_event(data)),
            Err(error) => Err(unreadable(error)),
        }
    }

    fn on_response(
        &mut self,
        response: &Response<'_>,
        data: &[u8],
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        if response.error.is_some() {
            return Err(classify_event(data));
        }
        if self.id.is_empty() {
            self.id = text(response.id.as_ref()).into();
        }
        if let Some(counts) = &response.usage_metadata {
            self.usage = counts.usage();
        }
        let feedback = response.prompt_feedback.as_ref();
        if let Some(reason) = feedback.and_then(|it| it.block_reason.as_ref()) {
            self.blocked = Some((**reason).into());
        }
        for (place, candidate) in response.candidates.iter().flatten().enumerate() {
            let index = candidate.index.unwrap_or(place);
            let is_empty = candidate.parts().is_empty() && candidate.finish_reason.is_none();
            if index >= MAX_CHOICES || is_empty && index >= self.choices.len() {
                continue;
            }
            self.start(text(response.model_version.as_ref()), sink);
            if self.choices.len() <= index {
                self.choices.resize_with(index + 1, ChoiceState::default);
            }
            let choice = &mut self.choices[index];
            choice.read(index, candidate, (&self.context, &self.id), sink);
        }
        let is_counted = self.has_started && self.usage != Usage::default();
        if is_counted && !std::mem::replace(&mut self.has_told_usage, true) {
            // The prompt is paid for even if nobody stays for the answer.
            sink.send(Event::Usage(self.usage));
        }
        Ok(())
    }

    /// Says that the answer has begun, if nobody has.
    fn start(&mut self, model: &str, sink: &mut Sink<'_>) {
        if !std::mem::replace(&mut self.has_started, true) {
            let (id, model) = (&*self.id, self.context.model(model));
            sink.send(Event::Start { id, model });
        }
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("choices", &self.choices.len())
            .field("usage", &self.usage)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}
