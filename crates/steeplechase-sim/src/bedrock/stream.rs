//! A conversation's next turn as a stream.
//!
//! ```text
//! messageStart · (contentBlockStart, of a tool · contentBlockDelta… · contentBlockStop)…
//!     · messageStop · metadata
//! ```

use serde_json::{Value, json};

use super::check;
use super::eventstream;
use super::whole::{GUARDED, answer, metrics, own_fields, signature, stop_reason, tool, usage};
use crate::dialect::Asked;
use crate::plan::{FrameWriter, Frames};
use crate::refusal::Refusal;
use crate::reply::{Finish, Reply};

/// Answers as a stream.
pub(super) fn converse(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let checked = check::converse(asked)?;
    let reply = asked.reply(&checked.ask);
    if !asked.may_stream() {
        return Ok(answer(&checked, &reply));
    }
    let mut blocks = Blocks {
        frames: FrameWriter::default(),
        index: 0,
    };
    let start = json!({"role": "assistant"});
    blocks
        .frames
        .preamble(|buffer| eventstream::event(buffer, "messageStart", start));
    blocks.thinking(&reply);
    blocks.text(&reply);
    blocks.calls(&reply);
    let mut frames = blocks.frames;
    let mut stop = json!({"stopReason": stop_reason(reply.finish)});
    if let Some(fields) = own_fields(&checked, &reply) {
        stop["additionalModelResponseFields"] = fields;
    }
    frames.tail(|buffer| eventstream::event(buffer, "messageStop", stop));
    let metadata = json!({"usage": usage(&reply.usage), "metrics": metrics(&reply)});
    frames.tail(|buffer| eventstream::event(buffer, "metadata", metadata));
    Ok(frames.finish())
}

/// The blocks of a message, one after the other.
struct Blocks {
    frames: FrameWriter,
    index: usize,
}

impl Blocks {
    fn thinking(&mut self, reply: &Reply) {
        if reply.thinking.is_empty() {
            return;
        }
        for thought in &reply.thinking {
            self.delta(json!({"reasoningContent": {"text": thought}}));
        }
        let signature = json!({"reasoningContent": {"signature": signature(reply)}});
        let signature = self.of_block("delta", signature);
        self.frames
            .with_next_token(|buffer| eventstream::event(buffer, "contentBlockDelta", signature));
        self.stop();
    }

    fn text(&mut self, reply: &Reply) {
        let guarded = [GUARDED.to_owned()];
        let pieces = match reply.finish {
            Finish::Blocked => &guarded[..],
            _ => &reply.text,
        };
        for piece in pieces {
            self.delta(json!({ "text": piece }));
        }
        if !pieces.is_empty() {
            self.stop();
        }
    }

    fn calls(&mut self, reply: &Reply) {
        for call in &reply.calls {
            let start = self.of_block("start", json!({"toolUse": tool(call)}));
            self.frames
                .token(|buffer| eventstream::event(buffer, "contentBlockStart", start));
            for fragment in call.fragments() {
                self.delta(json!({"toolUse": {"input": fragment}}));
            }
            self.stop();
        }
    }

    fn of_block(&self, field: &str, value: Value) -> Value {
        let mut event = json!({"contentBlockIndex": self.index});
        event[field] = value;
        event
    }

    fn delta(&mut self, delta: Value) {
        let delta = self.of_block("delta", delta);
        self.frames
            .token(|buffer| eventstream::event(buffer, "contentBlockDelta", delta));
    }

    fn stop(&mut self) {
        let stop = json!({"contentBlockIndex": self.index});
        self.frames
            .with_next_token(|buffer| eventstream::event(buffer, "contentBlockStop", stop));
        self.index += 1;
    }
}
