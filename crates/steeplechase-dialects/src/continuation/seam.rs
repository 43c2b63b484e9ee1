use std::fmt;
use std::str;

use bytes::{Bytes, BytesMut};
use serde_json::Value;
use steeplechase_core::{Call, Chunk, Class, Dialect, Error, Usage};

use super::overlap::Overlap;
use super::{anthropic, call, openai};
use crate::sse::EventCutter;
use crate::tokens::Tokenizer;

/// What is known of an answer that may have to be continued, and how it is joined with its rest.
///
/// See the [module documentation](super) for which answers that is, and for an example.
pub struct Seam {
    cutter: EventCutter,
    form: Form,
    said: Said,
}

/// How the dialect has it.
enum Form {
    Anthropic(anthropic::Form),
    OpenAi(openai::Form),
}

/// What both dialects know of the first part.
#[derive(Default)]
pub(super) struct Said {
    text: String,
    /// What the first part has taken.
    pub(super) usage: Usage,
    /// Of the rest.
    pub(super) overlap: Overlap,
}

/// One event, whatever it is.
pub(super) enum Event {
    /// Nothing that is of interest here: a comment, a ping.
    Other,
    /// `[DONE]`.
    Done,
    Json(Value),
}

// ===== impl Seam =====

impl Seam {
    /// The most text of a first part, in bytes, that is continued: 1 MiB.
    pub const MAX_TEXT: usize = 1 << 20;

    /// Begins to watch the answer of a call. `None` if its answer may be anything else than a stream of one
    /// plain text.
    pub fn watch(call: &Call) -> Option<Self> {
        if !call::is_plain(call) {
            return None;
        }
        let form = match call.dialect() {
            Dialect::Anthropic => Form::Anthropic(anthropic::Form::default()),
            _ => Form::OpenAi(openai::Form::default()),
        };
        Some(Self {
            cutter: EventCutter::new(),
            form,
            said: Said::default(),
        })
    }

    /// Looks at a frame of the first part. Returns whether the answer can still be continued.
    pub fn hear(&mut self, chunk: &Chunk) -> bool {
        if let Some(usage) = chunk.usage() {
            self.said.usage = self.said.usage.max(*usage);
        }
        if chunk.is_end() || self.cutter.push(chunk.data().clone()).is_err() {
            return false;
        }
        while let Some(event) = self.cutter.next_event() {
            let Some(event) = Event::read(event.data().as_deref()) else {
                return false;
            };
            let is_plain = match (&mut self.form, event) {
                (_, Event::Other) => true,
                (_, Event::Done) => false,
                (Form::Anthropic(form), Event::Json(event)) => form.hear(&event, &mut self.said),
                (Form::OpenAi(form), Event::Json(event)) => form.hear(&event, &mut self.said),
            };
            if !is_plain {
                return false;
            }
        }
        self.said.text.len() <= Self::MAX_TEXT
    }

    /// The call for the rest of the answer of `call`. `None` if there is nothing to go on from.
    pub fn call(&mut self, call: &Call) -> Option<Call> {
        let said = &mut self.said;
        let tokens = Tokenizer::of(call.model()).estimate(&said.text).tokens;
        let estimate = Usage {
            prompt: call.head().prompt.tokens(),
            completion: tokens,
            is_estimated: true,
            ..Usage::ZERO
        };
        let prompt = said.usage.prompt;
        said.usage = said.usage.max(estimate);
        if prompt > 0 {
            // It is known, and an estimate may be more.
            said.usage.prompt = prompt;
        }
        said.overlap = Overlap::after(&said.text);
        self.cutter = EventCutter::new();
        call::for_the_rest(call, &said.text, tokens)
    }

    /// A comment that says where the rest begins.
    pub fn mark(&self, model: &str) -> Chunk {
        let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
        let model: String = model.chars().map(clean).collect();
        let comment = format!(": steeplechase-continued model={model}\n\n");
        Chunk::opaque(comment.into())
    }

    /// A frame of the rest as one of the answer that was begun. `None` if nothing is left of it.
    ///
    /// # Errors
    ///
    /// [`Class::Server`] if it cannot be read.
    pub fn join(&mut self, chunk: Chunk) -> Result<Option<Chunk>, Error> {
        let unreadable = || Error::new(Class::Server, "the rest of the answer cannot be read");
        let mut out = BytesMut::with_capacity(chunk.data().len());
        let pushed = self.cutter.push(chunk.data().clone());
        pushed.map_err(|_| unreadable())?;
        while let Some(raw) = self.cutter.next_event() {
            let event = Event::read(raw.data().as_deref()).ok_or_else(unreadable)?;
            match (&mut self.form, event) {
                (Form::OpenAi(form), Event::Done) => {
                    form.settle(&mut self.said, &mut out);
                    out.extend_from_slice(raw.raw());
                }
                (_, Event::Other | Event::Done) => out.extend_from_slice(raw.raw()),
                (Form::Anthropic(form), Event::Json(event)) => {
                    form.join(event, &mut self.said, &mut out);
                }
                (Form::OpenAi(form), Event::Json(event)) => {
                    form.join(event, &mut self.said, &mut out);
                }
            }
        }
        let usage = chunk.usage().map(|usage| *usage + self.said.usage);
        let is_left = !out.is_empty() || chunk.is_end() || usage.is_some();
        let mut chunk = chunk.with_data(Bytes::from(out));
        if let Some(usage) = usage {
            chunk = chunk.and_usage(usage);
        }
        Ok(is_left.then_some(chunk))
    }
}

impl fmt::Debug for Seam {
    // The text is somebody's answer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seam")
            .field("bytes", &self.said.text.len())
            .finish_non_exhaustive()
    }
}

// ===== impl Said =====

impl Said {
    pub(super) fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }
}

// ===== impl Event =====

impl Event {
    /// `None` if it is no JSON.
    fn read(data: Option<&[u8]>) -> Option<Self> {
        let Some(data) = data.map(<[u8]>::trim_ascii).filter(|data| !data.is_empty()) else {
            return Some(Self::Other);
        };
        if data == b"[DONE]" {
            return Some(Self::Done);
        }
        serde_json::from_slice(data).ok().map(Self::Json)
    }
}

/// Whether a field says nothing.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Adds to a count, if there is one.
pub(super) fn add_to(count: Option<&mut Value>, more: u64) {
    if let Some(count) = count
        && let Some(known) = count.as_u64()
    {
        *count = known.saturating_add(more).into();
    }
}
