//! Counts against what providers have documented, and estimates against what tokenizers say.

mod calls;
mod estimates;
#[cfg(feature = "tokens")]
mod exact;
mod images;
mod prompts;
mod samples;

use bytes::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::chat::ChatRequest;

/// A call with these messages.
fn chat(messages: &Value) -> ChatRequest {
    parse(&json!({"model": "m", "messages": messages}))
}

fn parse(call: &Value) -> ChatRequest {
    ChatRequest::parse(&Bytes::from(call.to_string())).unwrap()
}

/// How far an estimate is off, in percent.
#[allow(
    clippy::cast_precision_loss,
    reason = "numbers of tokens in a test are small"
)]
fn off(estimate: u64, truth: u64) -> f64 {
    (estimate as f64 / truth as f64 - 1.0) * 100.0
}
