use bytes::Bytes;
use bytes::BytesMut;
use serde_json::Value;
use serde_json::json;
use steeplechase_core::Class;
use steeplechase_core::Error;

use super::frames;
use crate::json;
use crate::json::Fields;

/// Makes of a whole answer the stream that it would have been: the message without its blocks, each block
/// in three events, then the reason for the end.
///
/// Blocks and fields that nobody here knows survive. A reason that is not there is not made up.
///
/// # Errors
///
/// [`Class::Server`] if it is no answer.
pub(crate) fn unroll(answer: &[u8]) -> Result<Bytes, Error> {
    let message: Result<Value, _> = json::from_slice(answer);
    let Ok(Value::Object(mut message)) = message else {
        return Err(no_answer());
    };
    let Some(Value::Array(blocks)) = message.insert("content".into(), json!([])) else {
        return Err(no_answer());
    };
    let mut end = Fields::new();
    for name in ["stop_reason", "stop_sequence", "stop_details"] {
        if let Some(value) = message.get_mut(name) {
            end.insert(name.into(), value.take());
        }
    }
    let usage = message.get("usage").cloned().unwrap_or_else(|| json!({}));
    let mut out = BytesMut::with_capacity(answer.len() * 2);
    let start = json!({"type": "message_start", "message": message});
    crate::sse::encode_event("message_start", start.to_string().as_bytes(), &mut out);
    for (block, index) in blocks.into_iter().zip(0..) {
        unroll_block(index, block, &mut out);
    }
    frames::message_delta(&end, &usage, &mut out);
    out.extend_from_slice(frames::MESSAGE_STOP);
    Ok(out.freeze())
}

fn unroll_block(index: u64, mut block: Value, out: &mut BytesMut) {
    let kind = block.get("type").and_then(Value::as_str).map(str::to_owned);
    let mut deltas = Vec::new();
    let mut take = |field: &str, empty: Value, name: &str, is_text: bool| {
        let Some(value) = block.get_mut(field).filter(|value| !value.is_null()) else {
            return;
        };
        let value = std::mem::replace(value, empty);
        let value = if is_text {
            value.to_string().into()
        } else {
            value
        };
        let (kind, field) = name.split_once(' ').unwrap_or((name, field));
        deltas.push(json!({"type": kind, field: value}));
    };
    match kind.as_deref() {
        Some("text") => take("text", "".into(), "text_delta", false),
        Some("thinking") => {
            take("thinking", "".into(), "thinking_delta", false);
            take("signature", "".into(), "signature_delta", false);
        }
        Some("tool_use" | "server_tool_use" | "mcp_tool_use") => {
            take("input", json!({}), "input_json_delta partial_json", true);
        }
        // All of it is in its start.
        _ => {}
    }
    let citations = match block.get_mut("citations") {
        Some(Value::Array(citations)) => std::mem::take(citations),
        _ => Vec::new(),
    };
    let citations = citations
        .into_iter()
        .map(|citation| json!({"type": "citations_delta", "citation": citation}));
    deltas.extend(citations);
    frames::block_start(index, &block, out);
    for delta in &deltas {
        frames::block_delta(index, delta, out);
    }
    frames::block_stop(index, out);
}

fn no_answer() -> Error {
    let message = "the provider's answer is not what was asked for";
    Error::new(Class::Server, message)
        .with_detail("instead of a stream of events there came JSON without `content`")
}
