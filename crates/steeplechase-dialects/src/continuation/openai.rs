use bytes::BytesMut;
use serde_json::{Map, Value, json};

use super::seam::{Said, add_to, is_nothing};
use crate::sse::encode_data;

/// The first part of a stream of `OpenAI`'s.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// What all chunks have in common: of the first one that was there.
    head: Option<[(&'static str, Value); 3]>,
}

/// What does not change from chunk to chunk.
const COMMON: [&str; 3] = ["id", "created", "model"];

// ===== impl Form =====

impl Form {
    /// Whether a chunk of the first part is plain text, and not the end of it.
    pub(super) fn hear(&mut self, chunk: &Value, said: &mut Said) -> bool {
        let Some(choices) = chunk["choices"].as_array() else {
            return false;
        };
        if self.head.is_none() && !choices.is_empty() {
            self.head = Some(COMMON.map(|name| (name, chunk[name].clone())));
        }
        choices.iter().all(|choice| {
            let is_open = choice["finish_reason"].is_null() && choice["logprobs"].is_null();
            let index = &choice["index"];
            (index.is_null() || *index == 0) && is_open && hear_delta(&choice["delta"], said)
        })
    }

    /// Appends a chunk of the rest, as one of the answer that was begun.
    pub(super) fn join(&mut self, mut chunk: Value, said: &mut Said, out: &mut BytesMut) {
        let Some(fields) = chunk.as_object_mut() else {
            return;
        };
        self.rename(fields);
        let mut is_worth_it = join_usage(fields.get_mut("usage"), said);
        let choices = fields.get_mut("choices").and_then(Value::as_array_mut);
        for choice in choices.into_iter().flatten() {
            is_worth_it |= join_choice(choice, said);
        }
        if is_worth_it {
            encode_data(chunk.to_string().as_bytes(), out);
        }
    }

    /// Appends what was held back of the rest.
    pub(super) fn settle(&mut self, said: &mut Said, out: &mut BytesMut) {
        let text = said.overlap.settle();
        if text.is_empty() {
            return;
        }
        let mut fields = Map::new();
        fields.insert("object".to_owned(), json!("chat.completion.chunk"));
        self.rename(&mut fields);
        let choice = json!({"index": 0, "delta": {"content": text}, "finish_reason": null});
        fields.insert("choices".to_owned(), json!([choice]));
        encode_data(Value::from(fields).to_string().as_bytes(), out);
    }

    fn rename(&self, fields: &mut Map<String, Value>) {
        for (name, value) in self.head.iter().flatten() {
            if !value.is_null() {
                fields.insert((*name).to_owned(), value.clone());
            }
        }
    }
}

fn hear_delta(delta: &Value, said: &mut Said) -> bool {
    let fields = delta.as_object();
    fields.is_none_or(|fields| {
        fields.iter().all(|(name, value)| match (&**name, value) {
            ("content", Value::String(text)) => {
                said.add(text);
                true
            }
            ("role", _) => true,
            _ => is_nothing(value),
        })
    })
}

/// Makes a choice of the rest one of the answer. Returns whether anything is left of it.
fn join_choice(choice: &mut Value, said: &mut Said) -> bool {
    let is_end = !choice["finish_reason"].is_null();
    let Some(delta) = choice.get_mut("delta").and_then(Value::as_object_mut) else {
        return is_end;
    };
    // It was there, at the start.
    delta.remove("role");
    let piece = delta.get("content").and_then(Value::as_str).unwrap_or("");
    let mut text = said.overlap.take(piece);
    if is_end {
        text.push_str(&said.overlap.settle());
    }
    if text.is_empty() {
        delta.remove("content");
    } else {
        delta.insert("content".to_owned(), text.into());
    }
    is_end || !delta.values().all(is_nothing)
}

/// Adds what the first part has taken. Returns whether there was anything to add it to.
fn join_usage(usage: Option<&mut Value>, said: &Said) -> bool {
    let Some(usage) = usage.filter(|usage| usage.is_object()) else {
        return false;
    };
    let first = &said.usage;
    add_to(usage.get_mut("prompt_tokens"), first.prompt);
    add_to(usage.get_mut("completion_tokens"), first.completion);
    add_to(usage.get_mut("total_tokens"), first.total());
    true
}
