//! Server-sent events, as the sim writes them.

use serde_json::Value;

/// The last event of many a stream.
pub(crate) const DONE: &[u8] = b"data: [DONE]\n\n";

/// An event that has data only.
pub(crate) fn data(buffer: &mut Vec<u8>, data: &Value) {
    buffer.extend_from_slice(format!("data: {data}\n\n").as_bytes());
}

/// An event with a name.
pub(crate) fn event(buffer: &mut Vec<u8>, name: &str, data: &Value) {
    buffer.extend_from_slice(format!("event: {name}\ndata: {data}\n\n").as_bytes());
}
