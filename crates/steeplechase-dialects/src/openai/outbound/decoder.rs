use std::fmt;

use http::HeaderMap;
use http::StatusCode;
use serde_json::value::RawValue;
use steeplechase_core::{Class, Error, Usage};

use super::choice::Choice;
use super::chunk::{self, Message, Top};
use super::context::AnswerContext;
use super::finish::finish;
use crate::chat::{Decode, Event, Sink, truncated};
use crate::json;
use crate::openai::error::{classify, classify_event};
use crate::openai::look::look;

/// Reads one stream of a provider's, or one whole answer.
///
/// It holds next to nothing: what is said is passed on. Only what a tool is given is held where its text has
/// to be taken out of an object, and at most 8 MiB of it.
pub(in crate::openai) struct Decoder {
    context: AnswerContext,
    choices: Vec<Choice>,
    usage: Option<Usage>,
    is_started: bool,
    is_over: bool,
}

/// More answers than anybody may ask for.
const MAX_CHOICES: usize = 128;

// ===== impl Decoder =====

impl Decode for Decoder {
    fn event(&mut self, _: Option<&str>, data: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.is_over {
            return Ok(());
        }
        let outcome = match data.trim_ascii() {
            b"" => Ok(()),
            b"[DONE]" => self.done(sink),
            data => self.read(data, sink).map(drop),
        };
        self.is_over |= outcome.is_err();
        outcome
    }

    /// An answer is complete whose choices have all said why they end: some leave out the mark.
    fn eof(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        if std::mem::replace(&mut self.is_over, true) {
            return Ok(());
        }
        let finished = self.choices.iter().filter(|choice| choice.is_finished);
        if finished.count() < self.context.choices() {
            return Err(truncated());
        }
        sink.send(Event::End);
        Ok(())
    }
}

impl Decoder {
    pub(super) fn new(context: AnswerContext) -> Self {
        Self {
            context,
            choices: Vec::new(),
            usage: None,
            is_started: false,
            is_over: false,
        }
    }

    /// Reads a whole answer, all of whose choices are complete.
    pub(super) fn whole(&mut self, body: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
        if !self.read(body, sink)? {
            return Err(classify(StatusCode::OK, &HeaderMap::new(), body));
        }
        for (index, choice) in self.choices.iter_mut().enumerate() {
            choice.calls.end(index, sink);
            if !choice.is_finished {
                let reason = finish("", choice.calls.any(), choice.is_said)?;
                sink.send(Event::Finish {
                    choice: index,
                    reason,
                    native: None,
                });
            }
        }
        Ok(())
    }

    /// Reads an answer, or an event of one. Says whether there were choices in it.
    fn read(&mut self, data: &[u8], sink: &mut Sink<'_>) -> Result<bool, Error> {
        match serde_json::from_slice::<Top<'_>>(data) {
            Ok(top) => self.top(&top, data, sink),
            Err(error) => {
                // Half a character is no reason to refuse an answer.
                let text = String::from_utf8_lossy(data);
                let mended = json::mend(text.as_bytes());
                match serde_json::from_slice::<Top<'_>>(&mended) {
                    Ok(top) => self.top(&top, &mended, sink),
                    Err(_) if error.is_eof() => Err(truncated().with_source(error)),
                    Err(_) => {
                        let message = "the provider sent what cannot be read";
                        Err(Error::new(Class::Server, message).with_source(error))
                    }
                }
            }
        }
    }

    fn top(&mut self, top: &Top<'_>, data: &[u8], sink: &mut Sink<'_>) -> Result<bool, Error> {
        if chunk::is_filled(top.error) || top.object.get() == "error" {
            return Err(classify_event(data));
        }
        // What is an error there is for others to know.
        if top.base_resp.is_some() && look(data, None).is_ok_and(|seen| seen.has_error) {
            return Err(classify_event(data));
        }
        let choices = top.choices.map(RawValue::get);
        let choices = choices.filter(|choices| choices.starts_with('['));
        if choices.is_none() && top.usage.is_none() && top.x_groq.is_none() {
            return Ok(false);
        }
        if !std::mem::replace(&mut self.is_started, true) {
            sink.send(Event::Start {
                id: top.id.get(),
                model: top.model.get(),
            });
        }
        let mut has_usage = top.usage.is_some() || top.x_groq.is_some();
        let mut place = 0;
        let outcome = json::each_item(choices.unwrap_or("[]"), |raw| {
            let Ok(choice) = serde_json::from_str::<chunk::Choice<'_>>(raw) else {
                return Ok(());
            };
            has_usage |= choice.usage.is_some();
            if chunk::is_filled(choice.error) {
                return Err(classify_event(data));
            }
            let index = chunk::number(choice.index).and_then(|it| usize::try_from(it).ok());
            let index = index.unwrap_or(place);
            place += 1;
            self.choice(index, &choice, sink)
        });
        if let Err(Some(error)) = outcome {
            return Err(error);
        }
        if has_usage {
            self.usage(data, sink)?;
        }
        Ok(choices.is_some())
    }

    /// What it has cost, wherever the provider says so.
    fn usage(&mut self, data: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
        let Ok(seen) = look(data, None) else {
            return Ok(());
        };
        if seen.has_error {
            return Err(classify_event(data));
        }
        if let Some(usage) = seen.usage {
            let usage = self.usage.unwrap_or_default().max(usage);
            self.usage = Some(usage);
            sink.send(Event::Usage(usage));
        }
        Ok(())
    }

    fn choice(
        &mut self,
        index: usize,
        choice: &chunk::Choice<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        if index >= MAX_CHOICES {
            return Ok(());
        }
        while self.choices.len() <= index {
            self.choices.push(Choice::default());
        }
        let state = &mut self.choices[index];
        if state.is_finished {
            return Ok(());
        }
        // Some repeat all of the message beside what is new.
        let is_whole = choice.delta.is_none();
        let said = choice.delta.or(choice.message).map(RawValue::get);
        let said = said.and_then(|said| serde_json::from_str::<Message<'_>>(said).ok());
        match &said {
            Some(said) => state.say((index, is_whole), said, &self.context, sink)?,
            None => state.text(index, choice.text.get(), sink),
        }
        if let Some(logprobs) = choice
            .logprobs
            .filter(|raw| raw.get().contains("\"content\""))
        {
            sink.send(Event::Logprobs {
                choice: index,
                logprobs,
            });
        }
        let native = choice.finish_reason.and_then(|raw| chunk::text(raw.get()));
        state.has_empty_reason = native.as_deref() == Some("");
        match native.filter(|native| !native.is_empty()) {
            Some(native) => state.finish(index, &native, sink),
            None => Ok(()),
        }
    }

    /// The provider says that all is said.
    fn done(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.is_over = true;
        for (index, choice) in self.choices.iter_mut().enumerate() {
            if choice.has_empty_reason && !choice.is_finished {
                choice.finish(index, "", sink)?;
            }
            choice.calls.end(index, sink);
        }
        sink.send(Event::End);
        Ok(())
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("choices", &self.choices.len())
            .field("usage", &self.usage)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}
