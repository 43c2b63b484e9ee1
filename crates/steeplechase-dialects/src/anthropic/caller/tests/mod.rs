//! What callers who speak Anthropic's dialect say, and what they are told.

mod encoding;
mod grammar;
mod reading;
mod unrolling;

use bytes::Bytes;
use serde_json::Value;
use steeplechase_core::Error;
use steeplechase_core::Operation;

use super::parse;
use crate::chat::ChatRequest;

fn read(call: &Value) -> Result<ChatRequest, Error> {
    parse(&Bytes::from(call.to_string()), Operation::Chat)
}

/// A call of one message, with more fields.
fn call_with(fields: &Value) -> Value {
    let mut call = serde_json::json!({
        "model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}],
    });
    let target = call.as_object_mut().unwrap();
    target.extend(fields.as_object().unwrap().clone());
    call
}
