use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Deserialize;
use serde_json::value::RawValue;
use steeplechase_core::Call;

use crate::intake::scan;

/// The most texts that are cut, as at `OpenAI`.
const MAX_TEXTS: usize = 2048;

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    input: &'a RawValue,
}

/// The calls for the parts of a call, of at most so many texts each. `None` if one is enough, or if it cannot be
/// cut, which is told elsewhere.
pub(super) fn cut(call: &Call, most: usize) -> Option<Vec<Call>> {
    let raw = call.raw();
    let asked: Asked<'_> = serde_json::from_slice(raw).ok()?;
    let texts: Vec<&RawValue> = serde_json::from_str(asked.input.get()).ok()?;
    let is_token = |text: &&RawValue| text.get().starts_with(|c: char| c.is_ascii_digit());
    if texts.len() <= most || texts.len() > MAX_TEXTS || texts.iter().any(is_token) {
        return None;
    }
    let start = asked.input.get().as_ptr() as usize - raw.as_ptr() as usize;
    let end = start + asked.input.get().len();
    let parts = texts.chunks(most.max(1)).map(|texts| {
        let mut part = BytesMut::with_capacity(raw.len() / texts.len().max(1) + 64);
        part.put_slice(&raw[..start]);
        for (number, text) in texts.iter().enumerate() {
            part.put_u8(if number == 0 { b'[' } else { b',' });
            part.put_slice(text.get().as_bytes());
        }
        part.put_u8(b']');
        part.put_slice(&raw[end..]);
        again(call, part.freeze())
    });
    parts.collect()
}

/// The same call with other bytes.
fn again(call: &Call, raw: Bytes) -> Option<Call> {
    let head = scan(&raw).ok()?;
    let part = Call::new(call.operation(), call.dialect(), raw, head);
    Some(part.with_model(Arc::clone(call.model_handle())))
}
