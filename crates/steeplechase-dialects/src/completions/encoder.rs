use std::fmt;

use bytes::{BufMut, BytesMut};
use serde_json::Value;
use serde_json::value::RawValue;
use steeplechase_core::Usage;

use super::answer::{WireUsage, reason};
use super::logprobs;
use crate::chat::{ChatRequest, Encode, Event, FinishReason, ids, put};
use crate::sse;

/// Writes the events of an answer as the chunks of a completion.
///
/// The grammar is kept whatever comes: texts; one chunk with the reason for the end of each choice; the
/// usage if it is wanted; `[DONE]`. Events that have no place in it, such as thoughts, are dropped. An end
/// is never made up.
pub(crate) struct Encoder {
    include_usage: bool,
    /// What each choice begins with.
    echo: String,
    /// `data: {"id":…,"model":…,`: what all chunks begin with. Empty before the start.
    head: Vec<u8>,
    choices: Vec<ChoiceState>,
    usage: Usage,
    is_over: bool,
}

#[derive(Default)]
struct ChoiceState {
    has_begun: bool,
    is_finished: bool,
    /// The characters of which the probabilities have been told.
    offset: usize,
}

/// More answers than anybody may ask for.
const MAX_CHOICES: usize = 128;

// ===== impl Encoder =====

impl Encoder {
    pub(crate) fn new(chat: &ChatRequest) -> Self {
        Self {
            include_usage: chat.include_usage,
            echo: chat.echo.clone().unwrap_or_default(),
            head: Vec::new(),
            choices: Vec::new(),
            usage: Usage::default(),
            is_over: false,
        }
    }

    fn event(&mut self, event: Event<'_>, out: &mut BytesMut) -> bool {
        match event {
            Event::Start { id, model } => self.start(id, model),
            Event::Usage(usage) => self.usage = usage,
            Event::End => self.end(out),
            Event::Text { choice, text } | Event::Refusal { choice, text } => {
                return !text.is_empty() && self.text(choice, text, out);
            }
            Event::Logprobs { choice, logprobs } => self.logprobs(choice, logprobs, out),
            Event::Finish { choice, reason, .. } => self.finish(choice, reason, out),
            _ => {}
        }
        false
    }

    fn start(&mut self, id: &str, model: &str) {
        // The name of an answer does not change.
        if !self.head.is_empty() {
            return;
        }
        let mut head = BytesMut::with_capacity(160);
        head.put_slice(b"data: {\"id\":");
        if id.is_empty() {
            put(&mut head, ids::mint("cmpl-").as_str());
        } else {
            put(&mut head, id);
        }
        head.put_slice(b",\"object\":\"text_completion\",\"created\":");
        put(&mut head, &ids::now());
        head.put_slice(b",\"model\":");
        put(&mut head, model);
        head.put_slice(b",");
        self.head = head.to_vec();
    }

    /// Makes a choice ready for more. `None` if it can have no more.
    fn open(&mut self, choice: usize, out: &mut BytesMut) -> Option<()> {
        self.start("", "");
        if choice >= MAX_CHOICES {
            return None;
        }
        while self.choices.len() <= choice {
            self.choices.push(ChoiceState::default());
        }
        let state = &mut self.choices[choice];
        if !std::mem::replace(&mut state.has_begun, true) && !self.echo.is_empty() {
            self.chunk(choice, &self.echo, None, None, out);
        }
        (!self.choices[choice].is_finished).then_some(())
    }

    fn text(&mut self, choice: usize, text: &str, out: &mut BytesMut) -> bool {
        let is_open = self.open(choice, out).is_some();
        if is_open {
            self.chunk(choice, text, None, None, out);
        }
        is_open
    }

    fn logprobs(&mut self, choice: usize, logprobs: &RawValue, out: &mut BytesMut) {
        if self.open(choice, out).is_some()
            && let Some(logprobs) = logprobs::of_chat(logprobs, &mut self.choices[choice].offset)
        {
            self.chunk(choice, "", Some(&logprobs), None, out);
        }
    }

    fn finish(&mut self, choice: usize, why: FinishReason, out: &mut BytesMut) {
        if self.open(choice, out).is_some() {
            self.choices[choice].is_finished = true;
            self.chunk(choice, "", None, Some(reason(why)), out);
        }
    }

    fn chunk(
        &self,
        choice: usize,
        text: &str,
        logprobs: Option<&Value>,
        reason: Option<&str>,
        out: &mut BytesMut,
    ) {
        out.reserve(self.head.len() + text.len() + 128);
        out.put_slice(&self.head);
        if self.include_usage {
            out.put_slice(b"\"usage\":null,");
        }
        out.put_slice(b"\"choices\":[{\"text\":");
        put(out, text);
        out.put_slice(b",\"index\":");
        put(out, &choice);
        out.put_slice(b",\"logprobs\":");
        put(out, &logprobs);
        out.put_slice(b",\"finish_reason\":");
        put(out, &reason);
        out.put_slice(b"}]}\n\n");
    }

    fn end(&mut self, out: &mut BytesMut) {
        self.is_over = true;
        if self.include_usage {
            self.start("", "");
            out.put_slice(&self.head);
            out.put_slice(b"\"choices\":[],\"usage\":");
            put(out, &WireUsage::from(&self.usage));
            out.put_slice(b"}\n\n");
        }
        out.put_slice(sse::DONE);
    }
}

impl Encode for Encoder {
    fn write(&mut self, event: Event<'_>, out: &mut BytesMut) -> bool {
        !self.is_over && self.event(event, out)
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder")
            .field("choices", &self.choices.len())
            .field("usage", &self.usage)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}
