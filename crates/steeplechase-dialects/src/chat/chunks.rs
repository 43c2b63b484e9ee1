use std::fmt;

use bytes::BufMut;
use bytes::BytesMut;
use serde_json::value::RawValue;
use steeplechase_core::Usage;

use super::Encode;
use super::Event;
use super::FinishReason;
use super::choice::ChoiceState;
use super::ids;
use super::wire::WireAnnotation;
use super::wire::WireExtra;
use super::wire::WireUsage;
use super::wire::put;
use crate::sse;

/// Writes the events of a streamed answer as `OpenAI`'s chunks, in frames of server-sent events.
///
/// The grammar is kept whatever comes: one chunk with the role first; tools counted from 0 in the
/// order of their start; one chunk with the reason for the end; the usage if it is wanted and known;
/// `[DONE]`.
/// Events that have no place in it, such as text after the end, are dropped. An end is never made up:
/// without [`Event::Finish`] there is no finish chunk.
///
/// See the [module](super) for an example.
pub struct ChunkWriter {
    include_usage: bool,
    legacy_functions: bool,
    created: u64,
    /// `data: {"id":…,"model":…,`: what all chunks begin with. Empty before the start.
    head: Vec<u8>,
    choices: Vec<ChoiceState>,
    /// `None` until it is known.
    usage: Option<Usage>,
    is_over: bool,
}

/// More answers than anybody may ask for.
const MAX_CHOICES: usize = 128;

// ===== impl ChunkWriter =====

impl ChunkWriter {
    /// A writer for one stream.
    pub fn new(include_usage: bool) -> Self {
        Self {
            include_usage,
            legacy_functions: false,
            created: ids::now(),
            head: Vec::new(),
            choices: Vec::new(),
            usage: None,
            is_over: false,
        }
    }

    /// Calls tools in the old way, by `function_call`.
    #[must_use]
    pub fn legacy_functions(mut self, legacy: bool) -> Self {
        self.legacy_functions = legacy;
        self
    }

    /// Sets the time that all chunks carry, in seconds since the epoch. It is now, unless set.
    #[must_use]
    pub fn created(mut self, created: u64) -> Self {
        self.created = created;
        self
    }

    fn event(&mut self, event: Event<'_>, out: &mut BytesMut) -> bool {
        match event {
            Event::Start { id, model } => {
                self.start(id, model);
                self.role(0, out);
                false
            }
            Event::Usage(usage) => {
                self.usage = Some(usage);
                false
            }
            Event::End => {
                self.end(out);
                false
            }
            Event::Text { choice, text } => self.words(choice, "content", text, out),
            Event::Reasoning { choice, text } => self.words(choice, "reasoning_content", text, out),
            Event::Refusal { choice, text } => self.words(choice, "refusal", text, out),
            Event::Logprobs { choice, logprobs } => {
                self.logprobs(choice, logprobs, out);
                false
            }
            Event::Annotation { choice, annotation } => self.delta(choice, out, |_, out| {
                out.put_slice(b"\"annotations\":[");
                put(out, &WireAnnotation::new(annotation));
                out.put_slice(b"]");
                true
            }),
            Event::Audio { .. } | Event::Image { .. } | Event::Signature { .. } => {
                self.made(event, out)
            }
            Event::Thinking {
                choice,
                block,
                patch,
            } => self.delta(choice, out, |state, out| state.thinking(block, patch, out)),
            Event::ToolStart {
                choice,
                tool,
                id,
                name,
                is_custom,
                signature,
            } => {
                let legacy = self.legacy_functions;
                let call = (id, name, is_custom, signature);
                self.delta(choice, out, |state, out| {
                    state.tool_start(tool, call, legacy, out)
                })
            }
            Event::ToolArgs {
                choice,
                tool,
                fragment,
            } => !fragment.is_empty() && self.tool_args(choice, tool, fragment, out),
            Event::ToolEnd { choice, tool } => self.tool_end(choice, tool, out),
            Event::Finish {
                choice,
                reason,
                native,
            } => {
                self.finish(choice, reason, native, out);
                false
            }
        }
    }

    /// What is said in other ways than by words.
    fn made(&mut self, event: Event<'_>, out: &mut BytesMut) -> bool {
        match event {
            Event::Audio { choice, id, data } => self.delta(choice, out, |_, out| {
                out.put_slice(b"\"audio\":{\"id\":");
                put(out, id);
                out.put_slice(b",\"data\":");
                put(out, data);
                out.put_slice(b"}");
                true
            }),
            Event::Image { choice, image } => {
                self.delta(choice, out, |state, out| state.image(image, out))
            }
            Event::Signature { choice, signature } => {
                self.delta(choice, out, |_, out| {
                    out.put_slice(b"\"extra_content\":");
                    put(out, &WireExtra::new(signature));
                    true
                });
                // It is about the answer, and no part of it.
                false
            }
            _ => false,
        }
    }

    fn start(&mut self, id: &str, model: &str) {
        // The name of an answer does not change.
        if !self.head.is_empty() {
            return;
        }
        let mut head = BytesMut::with_capacity(160);
        head.put_slice(b"data: {\"id\":");
        if id.is_empty() {
            put(&mut head, ids::mint("chatcmpl-").as_str());
        } else {
            put(&mut head, id);
        }
        head.put_slice(b",\"object\":\"chat.completion.chunk\",\"created\":");
        put(&mut head, &self.created);
        head.put_slice(b",\"model\":");
        put(&mut head, model);
        head.put_slice(b",");
        self.head = head.to_vec();
    }

    /// Opens a chunk of a choice that has its role. `None` if the choice can have no more.
    fn open(&mut self, choice: usize, out: &mut BytesMut) -> Option<&mut ChoiceState> {
        let include_usage = self.include_usage;
        let state = self.choices.get_mut(choice)?;
        if state.is_finished {
            return None;
        }
        open_chunk(&self.head, choice, include_usage, out);
        Some(state)
    }

    /// Writes the chunk with the role, if the choice has had none.
    fn role(&mut self, choice: usize, out: &mut BytesMut) {
        self.start("", "");
        while self.choices.len() <= choice {
            self.choices.push(ChoiceState::default());
        }
        let state = &mut self.choices[choice];
        if !std::mem::replace(&mut state.has_role, true) {
            open_chunk(&self.head, choice, self.include_usage, out);
            out.put_slice(b"\"role\":\"assistant\",\"content\":\"\",\"refusal\":null");
            out.put_slice(CLOSE);
        }
    }

    /// Writes a chunk whose delta is what `write` appends. Without any, there is no chunk.
    fn delta(
        &mut self,
        choice: usize,
        out: &mut BytesMut,
        write: impl FnOnce(&mut ChoiceState, &mut BytesMut) -> bool,
    ) -> bool {
        if choice >= MAX_CHOICES {
            return false;
        }
        self.role(choice, out);
        let before = out.len();
        let Some(state) = self.open(choice, out) else {
            return false;
        };
        let written = write(state, out);
        if written {
            out.put_slice(CLOSE);
        } else {
            out.truncate(before);
        }
        written
    }

    fn words(&mut self, choice: usize, field: &str, text: &str, out: &mut BytesMut) -> bool {
        !text.is_empty()
            && self.delta(choice, out, |_, out| {
                out.put_slice(b"\"");
                out.put_slice(field.as_bytes());
                out.put_slice(b"\":");
                put(out, text);
                true
            })
    }

    fn logprobs(&mut self, choice: usize, logprobs: &RawValue, out: &mut BytesMut) {
        if choice >= MAX_CHOICES {
            return;
        }
        self.role(choice, out);
        if self.open(choice, out).is_some() {
            out.put_slice(b"},\"logprobs\":");
            put(out, logprobs);
            out.put_slice(b",\"finish_reason\":null}]}\n\n");
        }
    }

    fn tool_args(&mut self, choice: usize, number: u64, args: &str, out: &mut BytesMut) -> bool {
        let legacy = self.legacy_functions;
        self.delta(choice, out, |state, out| {
            state.tool_args(number, args, legacy, out)
        })
    }

    /// A function that was given nothing is given an empty object, as callers parse what it is given.
    fn tool_end(&mut self, choice: usize, number: u64, out: &mut BytesMut) -> bool {
        let state = self.choices.get(choice);
        state.is_some_and(|state| state.is_bare(number))
            && self.tool_args(choice, number, "{}", out)
    }

    fn finish(
        &mut self,
        choice: usize,
        reason: FinishReason,
        native: Option<&str>,
        out: &mut BytesMut,
    ) {
        let reason = match reason {
            FinishReason::ToolCalls if self.legacy_functions => FinishReason::FunctionCall,
            reason => reason,
        };
        if choice >= MAX_CHOICES {
            return;
        }
        self.role(choice, out);
        while let Some(number) = self.choices[choice].first_bare() {
            self.tool_end(choice, number, out);
        }
        let Some(state) = self.open(choice, out) else {
            return;
        };
        state.is_finished = true;
        out.put_slice(b"},\"logprobs\":null,\"finish_reason\":");
        put(out, reason.as_str());
        if let Some(native) = native {
            out.put_slice(b",\"native_finish_reason\":");
            put(out, native);
        }
        out.put_slice(b"}]}\n\n");
    }

    fn end(&mut self, out: &mut BytesMut) {
        self.is_over = true;
        // Nobody is told that nothing was used because nobody knows.
        if let Some(usage) = self.usage.filter(|_| self.include_usage) {
            self.start("", "");
            out.put_slice(&self.head);
            out.put_slice(b"\"choices\":[],\"usage\":");
            put(out, &WireUsage::new(&usage));
            out.put_slice(b"}\n\n");
        }
        out.put_slice(sse::DONE);
    }
}

impl Encode for ChunkWriter {
    fn write(&mut self, event: Event<'_>, out: &mut BytesMut) -> bool {
        !self.is_over && self.event(event, out)
    }
}

impl fmt::Debug for ChunkWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkWriter")
            .field("choices", &self.choices.len())
            .field("usage", &self.usage)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}

/// The end of a chunk that is not the last of its choice.
const CLOSE: &[u8] = b"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";

fn open_chunk(head: &[u8], choice: usize, include_usage: bool, out: &mut BytesMut) {
    out.reserve(head.len() + 256);
    out.put_slice(head);
    if include_usage {
        out.put_slice(b"\"usage\":null,");
    }
    out.put_slice(b"\"choices\":[{\"index\":");
    put(out, &choice);
    out.put_slice(b",\"delta\":{");
}
