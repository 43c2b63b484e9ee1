//! Chat completions as a stream.
//!
//! ```text
//! role · reasoning… · content… · finish · usage (if asked for) · [DONE]
//! ```

use serde_json::{Value, json};

use super::whole::{call_id, finish_reason, usage};
use super::{CREATED, Form};
use crate::plan::{FrameWriter, Frames};
use crate::quirks::UsagePlace;
use crate::reply::{Ask, Finish, Reply, hex};
use crate::sim::Sim;
use crate::sse;

/// Streams a chat completion.
pub(super) fn chat(sim: &Sim, form: &Form<'_>, ask: &Ask, reply: &Reply) -> Frames {
    let mut frames = FrameWriter::default();
    if let Some(filters) = &form.filters {
        let first = json!({
            "choices": [], "created": 0, "id": "", "model": "", "object": "",
            "prompt_filter_results": filters.prompt,
        });
        frames.preamble(|buffer| sse::data(buffer, &first));
    }
    let chunk = Chunk::new(sim, form, ask, reply);
    let role = json!({"role": "assistant", "content": "", "refusal": null}).to_string();
    for choice in 0..ask.choices {
        frames.preamble(|buffer| chunk.write(buffer, choice, &role, None));
    }
    if let Some(field) = &form.quirks.reasoning {
        pieces(&mut frames, &chunk, ask, field, &reply.thinking);
    }
    pieces(&mut frames, &chunk, ask, "content", &reply.text);
    calls(&mut frames, &chunk, ask, reply);
    for choice in 0..ask.choices {
        frames.tail(|buffer| chunk.write(buffer, choice, "{}", Some(reply.finish)));
    }
    if chunk.usage_at_end {
        frames.tail(|buffer| chunk.write_usage(buffer, &usage(&reply.usage)));
    }
    if !form.quirks.no_done {
        frames.tail(|buffer| buffer.extend_from_slice(sse::DONE));
    }
    frames.finish()
}

fn pieces(frames: &mut FrameWriter, chunk: &Chunk, ask: &Ask, field: &str, pieces: &[String]) {
    for piece in pieces {
        let delta = format!("{{{}:{}}}", Value::from(field), Value::from(piece.as_str()));
        frames.token_of_each(ask.choices, |buffer, choice| {
            chunk.write(buffer, choice, &delta, None);
        });
    }
}

fn calls(frames: &mut FrameWriter, chunk: &Chunk, ask: &Ask, reply: &Reply) {
    for (index, call) in reply.calls.iter().enumerate() {
        frames.token_of_each(ask.choices, |buffer, choice| {
            let function = json!({"name": call.name, "arguments": ""});
            let id = call_id(call.id, choice);
            let call = json!({"index": index, "id": id, "type": "function", "function": function});
            let delta = json!({"tool_calls": [call]}).to_string();
            chunk.write(buffer, choice, &delta, None);
        });
        for fragment in call.fragments() {
            let call = json!({"index": index, "function": {"arguments": fragment}});
            let delta = json!({"tool_calls": [call]}).to_string();
            frames.token_of_each(ask.choices, |buffer, choice| {
                chunk.write(buffer, choice, &delta, None);
            });
        }
    }
}

/// The parts that all chunks of one answer share, written once.
struct Chunk {
    start: String,
    /// What a filter says about a piece, and about one that it has stopped.
    verdicts: [String; 2],
    end: &'static str,
    last_end: String,
    usage_at_end: bool,
}

impl Chunk {
    fn new(sim: &Sim, form: &Form<'_>, ask: &Ask, reply: &Reply) -> Self {
        let head = json!({
            "id": format!("chatcmpl-{}", hex(reply.id)),
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": ask.model,
            "service_tier": "default",
            "system_fingerprint": sim.name(),
        });
        let head = head.to_string();
        let usage_at_end = ask.include_usage && form.quirks.usage == UsagePlace::Usual;
        let end = if usage_at_end {
            "],\"usage\":null}\n\n"
        } else {
            "]}\n\n"
        };
        let last_end = if form.quirks.usage == UsagePlace::Groq {
            let id = format!("req_{}", hex(reply.id));
            let groq = json!({"id": id, "usage": usage(&reply.usage)});
            format!("],\"x_groq\":{groq}}}\n\n")
        } else {
            end.to_owned()
        };
        let verdicts = match &form.filters {
            Some(filters) => [&filters.answer, &filters.stopped]
                .map(|verdict| format!(",\"content_filter_results\":{verdict}")),
            None => [String::new(), String::new()],
        };
        Self {
            start: format!("data: {},\"choices\":[", head.trim_end_matches('}')),
            verdicts,
            end,
            last_end,
            usage_at_end,
        }
    }

    fn write(&self, buffer: &mut Vec<u8>, choice: usize, delta: &str, finish: Option<Finish>) {
        let [passed, stopped] = &self.verdicts;
        let verdict = match finish {
            Some(Finish::Filtered) => stopped,
            _ => passed,
        };
        let end = if finish.is_some() {
            self.last_end.as_str()
        } else {
            self.end
        };
        let finish = finish.map(finish_reason);
        let finish = finish.map_or("null".to_owned(), |finish| format!("\"{finish}\""));
        let choice = format!(
            "{{\"index\":{choice},\"delta\":{delta},\"logprobs\":null,\
             \"finish_reason\":{finish}{verdict}}}"
        );
        for part in [&self.start, choice.as_str(), end] {
            buffer.extend_from_slice(part.as_bytes());
        }
    }

    fn write_usage(&self, buffer: &mut Vec<u8>, usage: &Value) {
        let usage = format!("],\"usage\":{usage}}}\n\n");
        buffer.extend_from_slice(self.start.as_bytes());
        buffer.extend_from_slice(usage.as_bytes());
    }
}
