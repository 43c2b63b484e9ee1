//! What holds of any call, and of any answer. Single cases are golden.

mod capabilities;
mod conversation;
mod stream;

use bytes::Bytes;
use serde_json::Value;

use super::{Host, RequestOptions, Written, write_request};
use crate::chat::ChatRequest;

const FLASH_25: &str = "gemini-2.5-flash";
const PRO_3: &str = "gemini-3-pro-preview";

/// Writes a call for a model on AI Studio.
fn write(model: &str, call: &Value) -> Written {
    let chat = ChatRequest::parse(&Bytes::from(call.to_string())).unwrap();
    let mut options = RequestOptions::new(model, Host::Studio);
    options.drop_params = true;
    write_request(&chat, &options).unwrap()
}

/// The body of a call.
fn body(model: &str, call: &Value) -> Value {
    serde_json::from_slice(&write(model, call).body).unwrap()
}
