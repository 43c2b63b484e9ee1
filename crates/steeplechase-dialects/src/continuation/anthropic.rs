use bytes::BytesMut;
use serde_json::{Value, json};

use super::seam::{Said, add_to, is_nothing};
use crate::sse::encode_event;

/// The blocks of a stream of Anthropic's.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// The block that has begun and has not ended.
    open: Option<u64>,
    /// The number of the next block.
    next: u64,
    /// Which block of the answer the one of the rest is that is under way, by its number there.
    joined: Option<(u64, u64)>,
    /// How many tokens the first part says its prompt had.
    first_input: u64,
    /// The same of the rest.
    rest_input: u64,
}

// ===== impl Form =====

impl Form {
    /// Whether an event of the first part is plain text, and not the end of it.
    pub(super) fn hear(&mut self, event: &Value, said: &mut Said) -> bool {
        let index = event["index"].as_u64();
        match event["type"].as_str() {
            Some("message_start") => {
                self.first_input = input_of(&event["message"]["usage"]);
                true
            }
            Some("content_block_start") => {
                let block = &event["content_block"];
                self.open = index;
                self.next = index.map_or(self.next, |index| index + 1);
                said.add(block["text"].as_str().unwrap_or(""));
                is_text(block, "text")
            }
            Some("content_block_delta") => {
                let delta = &event["delta"];
                said.add(delta["text"].as_str().unwrap_or(""));
                self.open = index;
                is_text(delta, "text_delta")
            }
            Some("content_block_stop") => {
                self.open = None;
                true
            }
            Some("message_delta") => event["delta"]["stop_reason"].is_null(),
            Some("message_stop") => false,
            // `ping`, and what is not known yet.
            _ => true,
        }
    }

    /// Appends what becomes of an event of the rest.
    pub(super) fn join(&mut self, mut event: Value, said: &mut Said, out: &mut BytesMut) {
        let index = event["index"].as_u64().unwrap_or(0);
        match event["type"].as_str() {
            // There is one start.
            Some("message_start") => self.rest_input = input_of(&event["message"]["usage"]),
            Some("content_block_start") => self.start(index, event, said, out),
            Some("content_block_delta") => {
                if let Some(text) = event["delta"]["text"].as_str() {
                    let text = said.overlap.take(text);
                    if text.is_empty() {
                        return;
                    }
                    event["delta"]["text"] = text.into();
                }
                event["index"] = self.place(index).into();
                put(&event, out);
            }
            Some("content_block_stop") => {
                let place = self.place(index);
                self.stop(place, said, out);
            }
            Some("message_delta") => {
                if let Some(open) = self.open {
                    self.stop(open, said, out);
                }
                self.add_usage(event.get_mut("usage"), said);
                put(&event, out);
            }
            _ => put(&event, out),
        }
    }

    /// A block of the rest begins: text goes on in the block that is open.
    fn start(&mut self, index: u64, mut event: Value, said: &mut Said, out: &mut BytesMut) {
        match self.open {
            Some(open) if self.joined.is_none() && is_text(&event["content_block"], "text") => {
                self.joined = Some((index, open));
                let text = event["content_block"]["text"].as_str().unwrap_or("");
                let text = said.overlap.take(text);
                if !text.is_empty() {
                    words(open, &text, out);
                }
                return;
            }
            Some(open) => self.stop(open, said, out),
            None => {}
        }
        self.joined = Some((index, self.next));
        self.open = Some(self.next);
        event["index"] = self.next.into();
        self.next += 1;
        put(&event, out);
    }

    /// A block ends, after what was held back of it.
    fn stop(&mut self, place: u64, said: &mut Said, out: &mut BytesMut) {
        let text = said.overlap.settle();
        if !text.is_empty() {
            words(place, &text, out);
        }
        self.open = None;
        put(&json!({"type": "content_block_stop", "index": place}), out);
    }

    /// The number in the answer of a block of the rest.
    fn place(&self, index: u64) -> u64 {
        let joined = self.joined.filter(|(number, _)| *number == index);
        joined.map_or(index, |(_, place)| place)
    }

    fn add_usage(&self, usage: Option<&mut Value>, said: &Said) {
        let Some(usage) = usage.filter(|usage| usage.is_object()) else {
            return;
        };
        add_to(usage.get_mut("output_tokens"), said.usage.completion);
        let rest = usage["input_tokens"].as_u64().unwrap_or(self.rest_input);
        usage["input_tokens"] = self.first_input.saturating_add(rest).into();
    }
}

fn input_of(usage: &Value) -> u64 {
    usage["input_tokens"].as_u64().unwrap_or(0)
}

/// Whether a block, or a part of one, is text and nothing else.
fn is_text(block: &Value, kind: &str) -> bool {
    block["type"] == *kind && is_nothing(&block["citations"])
}

fn words(index: u64, text: &str, out: &mut BytesMut) {
    let delta = json!({"type": "text_delta", "text": text});
    put(
        &json!({"type": "content_block_delta", "index": index, "delta": delta}),
        out,
    );
}

fn put(event: &Value, out: &mut BytesMut) {
    let name = event["type"].as_str().unwrap_or("");
    encode_event(name, event.to_string().as_bytes(), out);
}
