//! Answers as a stream.
//!
//! ```text
//! role · content · content · … · finish · usage (if asked for) · [DONE]
//! ```

use serde_json::{Value, json};

use super::CREATED;
use super::whole::{call_id, finish_reason, usage};
use crate::plan::{FrameWriter, Frames};
use crate::reply::{Ask, Reply, hex};
use crate::sim::Sim;

/// Streams a chat completion.
pub(super) fn chat(sim: &Sim, ask: &Ask, reply: &Reply) -> Frames {
    let chunk = Chunk::new(sim, ask, reply);
    let mut frames = FrameWriter::default();
    let role = json!({"role": "assistant", "content": "", "refusal": null}).to_string();
    for choice in 0..ask.choices {
        frames.preamble(|buffer| chunk.write(buffer, choice, &role, None));
    }
    text(&mut frames, &chunk, ask, reply);
    calls(&mut frames, &chunk, ask, reply);
    let finish = finish_reason(reply.finish);
    for choice in 0..ask.choices {
        frames.tail(|buffer| chunk.write(buffer, choice, "{}", Some(finish)));
    }
    if ask.include_usage {
        frames.tail(|buffer| chunk.write_usage(buffer, &usage(&reply.usage)));
    }
    frames.tail(|buffer| buffer.extend_from_slice(b"data: [DONE]\n\n"));
    frames.finish()
}

fn text(frames: &mut FrameWriter, chunk: &Chunk, ask: &Ask, reply: &Reply) {
    for piece in &reply.text {
        let delta = format!("{{\"content\":{}}}", Value::from(piece.as_str()));
        each_choice(frames, ask, |buffer, choice| {
            chunk.write(buffer, choice, &delta, None);
        });
    }
}

fn calls(frames: &mut FrameWriter, chunk: &Chunk, ask: &Ask, reply: &Reply) {
    for (index, call) in reply.calls.iter().enumerate() {
        each_choice(frames, ask, |buffer, choice| {
            let function = json!({"name": call.name, "arguments": ""});
            let id = call_id(call.id, choice);
            let call = json!({"index": index, "id": id, "type": "function", "function": function});
            let delta = json!({"tool_calls": [call]}).to_string();
            chunk.write(buffer, choice, &delta, None);
        });
        for fragment in call.fragments() {
            let call = json!({"index": index, "function": {"arguments": fragment}});
            let delta = json!({"tool_calls": [call]}).to_string();
            each_choice(frames, ask, |buffer, choice| {
                chunk.write(buffer, choice, &delta, None);
            });
        }
    }
}

/// Adds one token to each choice: an event for each, all in the same time.
fn each_choice(frames: &mut FrameWriter, ask: &Ask, write: impl Fn(&mut Vec<u8>, usize)) {
    for choice in 1..ask.choices {
        frames.with_next_token(|buffer| write(buffer, choice));
    }
    frames.token(|buffer| write(buffer, 0));
}

/// The parts that all chunks of one answer share, written once.
struct Chunk {
    start: String,
    end: &'static str,
}

impl Chunk {
    fn new(sim: &Sim, ask: &Ask, reply: &Reply) -> Self {
        let head = json!({
            "id": format!("chatcmpl-{}", hex(reply.id)),
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": ask.model,
            "service_tier": "default",
            "system_fingerprint": sim.name(),
        });
        let head = head.to_string();
        Self {
            start: format!("data: {},\"choices\":[", head.trim_end_matches('}')),
            end: if ask.include_usage {
                "],\"usage\":null}\n\n"
            } else {
                "]}\n\n"
            },
        }
    }

    fn write(&self, buffer: &mut Vec<u8>, choice: usize, delta: &str, finish: Option<&str>) {
        let finish = finish.map_or("null".to_owned(), |finish| format!("\"{finish}\""));
        let choice = format!(
            "{{\"index\":{choice},\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{finish}}}"
        );
        for part in [&self.start, choice.as_str(), self.end] {
            buffer.extend_from_slice(part.as_bytes());
        }
    }

    fn write_usage(&self, buffer: &mut Vec<u8>, usage: &Value) {
        let usage = format!("],\"usage\":{usage}}}\n\n");
        buffer.extend_from_slice(self.start.as_bytes());
        buffer.extend_from_slice(usage.as_bytes());
    }
}
