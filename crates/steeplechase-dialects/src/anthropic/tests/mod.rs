//! What is said to the provider, and what is made of what it says.

#![allow(
    clippy::needless_pass_by_value,
    reason = "values are written where they are used"
)]

mod answers;
mod capabilities;
mod emulated;
mod errors;
mod events;
mod failures;
mod formats;
mod judging;
mod model;
mod params;
mod parts;
mod streams;
mod thinking;
mod tools;
mod turns;

use bytes::Bytes;
use serde_json::Value;
use steeplechase_core::Error;

use super::RequestOptions;
use super::Written;
use super::write_request;
use crate::chat::ChatRequest;

const SONNET_35: &str = "claude-3-5-sonnet-20241022";
const SONNET_45: &str = "claude-sonnet-4-5-20250929";
const SONNET_46: &str = "claude-sonnet-4-6";
const OPUS_47: &str = "claude-opus-4-7";
const OPUS_48: &str = "claude-opus-4-8";
const OPUS_55: &str = "claude-opus-5-5";

fn parse(call: &Value) -> ChatRequest {
    ChatRequest::parse(&Bytes::from(call.to_string())).unwrap()
}

/// Writes a call, with some options changed.
fn write_with(
    model: &str,
    call: &Value,
    change: impl FnOnce(&mut RequestOptions<'_>),
) -> Result<Written, Error> {
    let mut options = RequestOptions::new(model);
    options.default_max_tokens = 6000;
    change(&mut options);
    write_request(&parse(call), &options)
}

fn write(model: &str, call: &Value) -> Result<Written, Error> {
    write_with(model, call, |_| {})
}

/// The body of a call that can be written.
fn body(model: &str, call: &Value) -> Value {
    let written = write(model, call).unwrap();
    serde_json::from_slice(&written.body).unwrap()
}

/// A call of one message, with more fields.
fn call_with(fields: &Value) -> Value {
    let mut call = serde_json::json!({"messages": [{"role": "user", "content": "hello"}]});
    let target = call.as_object_mut().unwrap();
    target.extend(fields.as_object().unwrap().clone());
    call
}

fn dropped(written: &Written) -> Vec<&str> {
    written.dropped.iter().map(|field| &**field).collect()
}
