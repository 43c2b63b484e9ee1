//! Answers as a stream.
//!
//! ```text
//! message_start · ping · (content_block_start · content_block_delta… · content_block_stop)…
//!     · message_delta · message_stop
//! ```

use serde_json::{Value, json};

use super::Host;
use super::whole::{signature, skeleton, stop_reason, tool_use, usage};
use crate::plan::{FrameWriter, Frames};
use crate::reply::{Ask, Reply};
use crate::sse::event;

/// Streams a message.
pub(super) fn message(host: &Host<'_>, ask: &Ask, reply: &Reply) -> Frames {
    let mut message = skeleton(host, ask, reply);
    message["usage"] = usage(&reply.usage);
    // What has been written when the stream starts.
    message["usage"]["output_tokens"] = 1.into();
    if let Some(usage) = message["usage"].as_object_mut() {
        usage.remove("output_tokens_details");
    }

    let mut frames = FrameWriter::default();
    let start = json!({"type": "message_start", "message": message});
    frames.preamble(|buffer| event(buffer, "message_start", &start));
    frames.preamble(|buffer| event(buffer, "ping", &json!({"type": "ping"})));
    if let Some(name) = host.event {
        frames.preamble(|buffer| event(buffer, name, &json!({"type": name})));
    }
    let mut blocks = Blocks {
        host,
        frames,
        index: 0,
        open: false,
    };
    blocks.thinking(reply);
    blocks.text(reply);
    blocks.calls(reply);
    let mut frames = blocks.finish();

    let delta = json!({
        "type": "message_delta",
        "delta": {"stop_reason": stop_reason(reply.finish), "stop_sequence": null},
        "usage": usage(&reply.usage),
    });
    frames.tail(|buffer| event(buffer, "message_delta", &delta));
    frames.tail(|buffer| event(buffer, "message_stop", &json!({"type": "message_stop"})));
    frames.finish()
}

/// The blocks of a message, one after the other.
struct Blocks<'a> {
    host: &'a Host<'a>,
    frames: FrameWriter,
    index: usize,
    // Whether the block `index` has been started.
    open: bool,
}

impl Blocks<'_> {
    fn thinking(&mut self, reply: &Reply) {
        if reply.thinking.is_empty() {
            return;
        }
        self.start(
            &json!({"type": "thinking", "thinking": "", "signature": ""}),
            false,
        );
        for thought in &reply.thinking {
            self.delta(&json!({"type": "thinking_delta", "thinking": thought}));
        }
        let signature = json!({"type": "signature_delta", "signature": signature(reply)});
        let data = delta_of(self.index, &signature);
        self.frames
            .with_next_token(|buffer| event(buffer, "content_block_delta", &data));
    }

    fn text(&mut self, reply: &Reply) {
        if reply.text.is_empty() {
            return;
        }
        self.start(&json!({"type": "text", "text": ""}), false);
        for piece in &reply.text {
            self.delta(&json!({"type": "text_delta", "text": piece}));
        }
    }

    fn calls(&mut self, reply: &Reply) {
        for call in &reply.calls {
            self.start(&tool_use(self.host, call, &json!({})), true);
            for fragment in call.fragments() {
                self.delta(&json!({"type": "input_json_delta", "partial_json": fragment}));
            }
        }
    }

    /// Starts a block, after the end of the one before.
    fn start(&mut self, block: &Value, is_token: bool) {
        if self.open {
            let stop = json!({"type": "content_block_stop", "index": self.index});
            self.frames
                .with_next_token(|buffer| event(buffer, "content_block_stop", &stop));
            self.index += 1;
        }
        self.open = true;
        let data =
            json!({"type": "content_block_start", "index": self.index, "content_block": block});
        let write = |buffer: &mut Vec<u8>| event(buffer, "content_block_start", &data);
        if is_token {
            self.frames.token(write);
        } else {
            self.frames.with_next_token(write);
        }
    }

    fn delta(&mut self, delta: &Value) {
        let data = delta_of(self.index, delta);
        self.frames
            .token(|buffer| event(buffer, "content_block_delta", &data));
    }

    fn finish(mut self) -> FrameWriter {
        if self.open {
            let stop = json!({"type": "content_block_stop", "index": self.index});
            self.frames
                .tail(|buffer| event(buffer, "content_block_stop", &stop));
        }
        self.frames
    }
}

fn delta_of(index: usize, delta: &Value) -> Value {
    json!({"type": "content_block_delta", "index": index, "delta": delta})
}
