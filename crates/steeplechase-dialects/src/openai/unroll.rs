use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};
use steeplechase_core::{Class, Error};

use crate::chat::ids;
use crate::json;
use crate::json::Fields;
use crate::sse;

/// Makes of a whole answer the stream that it would have been: for each choice its role, all that it
/// says, and the reason for its end; then the usage, if it is wanted; then `[DONE]`.
///
/// ```text
/// {"choices":[{"index":0,"message":{…},"finish_reason":"stop"}],"usage":{…}}
///
/// data: {"choices":[{"index":0,"delta":{"role":"assistant",…},"finish_reason":null}]}
/// data: {"choices":[{"index":0,"delta":{…},"finish_reason":null}]}
/// data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
/// data: {"choices":[],"usage":{…}}
/// data: [DONE]
/// ```
///
/// Fields that nobody here knows survive. A reason that is not there is not made up.
///
/// # Errors
///
/// [`Class::Server`] if it is no answer.
pub(crate) fn unroll(answer: &[u8], include_usage: bool) -> Result<Bytes, Error> {
    let head: Result<Value, _> = json::from_slice(answer);
    let Ok(Value::Object(mut head)) = head else {
        return Err(no_answer());
    };
    let Some(Value::Array(choices)) = head.shift_remove("choices") else {
        return Err(no_answer());
    };
    let usage = head.shift_remove("usage").unwrap_or_default();
    let id = head.get("id").and_then(Value::as_str);
    if id.is_none_or(str::is_empty) {
        head.insert("id".into(), ids::mint("chatcmpl-").into());
    }
    if !head.get("created").is_some_and(Value::is_number) {
        head.insert("created".into(), ids::now().into());
    }
    head.insert("object".into(), "chat.completion.chunk".into());
    if include_usage {
        head.insert("usage".into(), Value::Null);
    }
    let mut chunk = Value::Object(head);
    let mut out = BytesMut::with_capacity(answer.len() * 2);
    for (index, choice) in choices.into_iter().enumerate() {
        let Value::Object(choice) = choice else {
            continue;
        };
        for part in parts(index, choice) {
            chunk["choices"] = json!([part]);
            sse::encode_data(chunk.to_string().as_bytes(), &mut out);
        }
    }
    if include_usage && !usage.is_null() {
        chunk["choices"] = json!([]);
        chunk["usage"] = usage;
        sse::encode_data(chunk.to_string().as_bytes(), &mut out);
    }
    out.extend_from_slice(sse::DONE);
    Ok(out.freeze())
}

fn no_answer() -> Error {
    let message = "the provider's answer is not what was asked for";
    Error::new(Class::Server, message)
        .with_detail("instead of a stream of events there came JSON without `choices`")
}

/// What the chunks of a choice have: its role, what it says, and why it ended.
fn parts(index: usize, mut choice: Fields) -> Vec<Value> {
    let index = choice.shift_remove("index").unwrap_or(index.into());
    let logprobs = choice.shift_remove("logprobs").unwrap_or_default();
    let said = delta(choice.shift_remove("message").unwrap_or_default());
    let role = json!({"role": "assistant", "content": "", "refusal": null});
    let part = |delta: Value, logprobs: Value, reason: Value| json!({"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": reason});
    let mut parts = vec![part(role, Value::Null, Value::Null)];
    if !said.is_empty() || !logprobs.is_null() {
        parts.push(part(said.into(), logprobs, Value::Null));
    }
    let reason = choice.shift_remove("finish_reason").unwrap_or_default();
    if !reason.is_null() {
        let mut end = part(json!({}), Value::Null, reason);
        for (name, value) in choice {
            end[name] = value;
        }
        parts.push(end);
    }
    parts
}

/// A message as what is added to nothing: without its role, and with its calls and its thoughts counted.
fn delta(message: Value) -> Fields {
    let Value::Object(mut delta) = message else {
        return Fields::new();
    };
    delta.shift_remove("role");
    delta.retain(|_, value| !value.is_null());
    for counted in ["tool_calls", "thinking_blocks"] {
        let items = delta.get_mut(counted).and_then(Value::as_array_mut);
        let items = items.into_iter().flatten();
        for (index, item) in items.filter_map(Value::as_object_mut).enumerate() {
            item.insert("index".into(), index.into());
        }
    }
    delta
}
