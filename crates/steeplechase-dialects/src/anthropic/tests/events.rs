//! The provider's events, and what has become of a stream of them.

use bytes::BytesMut;
use serde_json::Value;
use serde_json::json;
use steeplechase_core::Error;

use super::SONNET_45;
use super::answers::Known;
use super::answers::context_of;
use crate::chat::Effects;
use crate::chat::tests::chunks::assert_grammar;
use crate::chat::tests::chunks::frames;

pub(super) fn start() -> Value {
    json!({"type": "message_start", "message": {
        "id": "msg_5", "type": "message", "role": "assistant", "model": "claude-z", "content": [],
        "stop_reason": null, "usage": {"input_tokens": 30, "output_tokens": 2}}})
}

pub(super) fn open(index: u64, block: Value) -> Value {
    json!({"type": "content_block_start", "index": index, "content_block": block})
}

pub(super) fn delta(index: u64, delta: Value) -> Value {
    json!({"type": "content_block_delta", "index": index, "delta": delta})
}

pub(super) fn text(index: u64, text: &str) -> Value {
    delta(index, json!({"type": "text_delta", "text": text}))
}

pub(super) fn args(index: u64, fragment: &str) -> Value {
    delta(
        index,
        json!({"type": "input_json_delta", "partial_json": fragment}),
    )
}

pub(super) fn close(index: u64) -> Value {
    json!({"type": "content_block_stop", "index": index})
}

pub(super) fn said(reason: &str) -> Value {
    json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null},
           "usage": {"output_tokens": 8}})
}

pub(super) fn stop() -> Value {
    json!({"type": "message_stop"})
}

pub(super) fn tool(id: &str, name: &str) -> Value {
    json!({"type": "tool_use", "id": id, "name": name, "input": {}})
}

/// What has become of a stream.
pub(super) struct Outcome {
    pub(super) effects: Vec<Effects>,
    pub(super) frames: Vec<Value>,
    pub(super) error: Option<Error>,
}

impl Outcome {
    /// The deltas, then the reason, in short.
    pub(super) fn deltas(&self) -> Vec<Value> {
        let choices = self
            .frames
            .iter()
            .filter_map(|frame| frame["choices"].get(0));
        choices
            .map(|choice| match &choice["finish_reason"] {
                Value::Null => choice["delta"].clone(),
                reason => json!([reason, choice["native_finish_reason"]]),
            })
            .skip(1)
            .collect()
    }

    /// All of the content.
    pub(super) fn text(&self) -> String {
        let deltas = self.deltas();
        deltas
            .iter()
            .filter_map(|delta| delta.get("content")?.as_str())
            .collect()
    }
}

/// Sends events, and the end of the stream.
pub(super) fn run(known: Known, events: &[Value]) -> Outcome {
    let include_usage = known.include_usage;
    let mut stream = known.translator();
    let mut out = BytesMut::new();
    let mut outcome = Outcome {
        effects: Vec::new(),
        frames: Vec::new(),
        error: None,
    };
    for event in events {
        match stream.on_event(
            event["type"].as_str(),
            event.to_string().as_bytes(),
            &mut out,
        ) {
            Ok(effects) => outcome.effects.push(effects),
            Err(error) => {
                outcome.error = Some(error);
                break;
            }
        }
    }
    match stream.on_eof(&mut out) {
        Ok(effects) => outcome.effects.push(effects),
        Err(error) => outcome.error = Some(error),
    }
    outcome.frames = frames(&out);
    assert_grammar(&outcome.frames, include_usage);
    outcome
}

pub(super) fn plain() -> Known {
    context_of(SONNET_45, &json!({"stream": true}))
}
