//! A chat as a stream.

use serde_json::{Value, json};

use super::whole::{PLAN, call, finish_reason, usage};
use crate::plan::{FrameWriter, Frames};
use crate::reply::{Reply, hex};
use crate::sse;

/// Streams a chat.
pub(super) fn chat(reply: &Reply) -> Frames {
    let mut writer = Writer {
        frames: FrameWriter::default(),
        index: 0,
    };
    let start = json!({
        "id": hex(reply.id),
        "type": "message-start",
        "delta": {"message": {
            "role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": [],
        }},
    });
    writer
        .frames
        .preamble(|buffer| sse::event(buffer, "message-start", &start));
    writer.content("thinking", &reply.thinking);
    writer.content("text", &reply.text);
    writer.calls(reply);
    let mut frames = writer.frames;
    let end = json!({
        "type": "message-end",
        "delta": {"finish_reason": finish_reason(reply.finish), "usage": usage(&reply.usage)},
    });
    frames.tail(|buffer| sse::event(buffer, "message-end", &end));
    frames.tail(|buffer| buffer.extend_from_slice(sse::DONE));
    frames.finish()
}

struct Writer {
    frames: FrameWriter,
    index: usize,
}

impl Writer {
    /// A piece of content: thoughts, or a text.
    fn content(&mut self, kind: &str, pieces: &[String]) {
        if pieces.is_empty() {
            return;
        }
        let content = |text: &str| json!({ "content": { kind: text } });
        let mut empty = content("");
        empty["content"]["type"] = kind.into();
        self.beside("content-start", &empty);
        for piece in pieces {
            self.token("content-delta", &content(piece));
        }
        self.beside("content-end", &Value::Null);
        self.index += 1;
    }

    fn calls(&mut self, reply: &Reply) {
        if reply.calls.is_empty() {
            return;
        }
        for piece in PLAN {
            let delta = json!({"message": {"tool_plan": piece}});
            let event = json!({"type": "tool-plan-delta", "delta": delta});
            self.frames
                .with_next_token(|buffer| sse::event(buffer, "tool-plan-delta", &event));
        }
        self.index = 0;
        for called in &reply.calls {
            self.token("tool-call-start", &json!({"tool_calls": call(called, "")}));
            for fragment in called.fragments() {
                let function = json!({"arguments": fragment});
                let calls = json!({"tool_calls": {"function": function}});
                self.token("tool-call-delta", &calls);
            }
            self.beside("tool-call-end", &Value::Null);
            self.index += 1;
        }
    }

    fn token(&mut self, kind: &str, message: &Value) {
        let event = self.event(kind, message);
        self.frames.token(|buffer| sse::event(buffer, kind, &event));
    }

    /// An event that comes with the next token.
    fn beside(&mut self, kind: &str, message: &Value) {
        let event = self.event(kind, message);
        self.frames
            .with_next_token(|buffer| sse::event(buffer, kind, &event));
    }

    fn event(&self, kind: &str, message: &Value) -> Value {
        let mut event = json!({"type": kind, "index": self.index});
        if !message.is_null() {
            event["delta"] = json!({ "message": message });
        }
        event
    }
}
