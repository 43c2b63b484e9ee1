//! Frames of `application/vnd.amazon.eventstream`.
//!
//! ```text
//! ┌──────────┬────────────┬─────┬─────────┬─────────┬─────┐
//! │ length   │ headers of │ crc │ headers │ payload │ crc │      lengths and sums: 4 bytes each,
//! │ of all   │ so many    │ ▲   │         │         │ ▲   │      the highest first
//! └──────────┴────────────┴─┼───┴─────────┴─────────┴─┼───┘
//!   └── of these two ───────┘                         └── of all before it
//! ```

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The bytes of a frame besides its headers and its payload.
const OVERHEAD: usize = 16;

/// The kind of a header whose value is a text.
const TEXT: u8 = 7;

/// Writes an event. Its payload gets a padding, as that of the provider has.
pub(super) fn event(buffer: &mut Vec<u8>, name: &str, mut payload: Value) {
    const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    // As long as it takes that the length says little, and the same each time.
    let length = 1 + payload.to_string().len() * 7 % PADDING.len();
    payload["p"] = PADDING[..length].into();
    let headers = [
        (":event-type", name),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    frame(buffer, &headers, payload.to_string().as_bytes());
}

/// Writes an event of a model's own language.
pub(super) fn chunk(buffer: &mut Vec<u8>, data: &Value) {
    let bytes = STANDARD.encode(data.to_string());
    event(buffer, "chunk", json!({ "bytes": bytes }));
}

/// Writes what ends a stream that fails.
pub(super) fn exception(buffer: &mut Vec<u8>, name: &str, payload: &Value) {
    let headers = [
        (":exception-type", name),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    frame(buffer, &headers, payload.to_string().as_bytes());
}

/// Writes a frame.
pub(crate) fn frame(buffer: &mut Vec<u8>, headers: &[(&str, &str)], payload: &[u8]) {
    let start = buffer.len();
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(u8::try_from(name.len()).expect("the names of headers are short"));
        head.extend_from_slice(name.as_bytes());
        head.push(TEXT);
        let length = u16::try_from(value.len()).expect("the values of headers are short");
        head.extend_from_slice(&length.to_be_bytes());
        head.extend_from_slice(value.as_bytes());
    }
    let word = |length: usize| {
        let length = u32::try_from(length).expect("a frame is far smaller than 4 GiB");
        length.to_be_bytes()
    };
    buffer.extend_from_slice(&word(OVERHEAD + head.len() + payload.len()));
    buffer.extend_from_slice(&word(head.len()));
    let sum = crc32fast::hash(&buffer[start..]);
    buffer.extend_from_slice(&sum.to_be_bytes());
    buffer.extend_from_slice(&head);
    buffer.extend_from_slice(payload);
    let sum = crc32fast::hash(&buffer[start..]);
    buffer.extend_from_slice(&sum.to_be_bytes());
}
