//! What is said to the provider, and what is made of what it says, whatever comes.

mod answers;
mod conversations;
mod events;

use bytes::Bytes;
use serde_json::Value;
use steeplechase_core::Error;

use super::{RequestOptions, Written, write_request};
use crate::chat::ChatRequest;

fn write(call: &Value) -> Result<Written, Error> {
    let chat = ChatRequest::parse(&Bytes::from(call.to_string())).unwrap();
    write_request(&chat, &RequestOptions::new("command-a-03-2025"))
}

/// The body of a call that can be written.
fn body(call: &Value) -> Value {
    serde_json::from_slice(&write(call).unwrap().body).unwrap()
}
