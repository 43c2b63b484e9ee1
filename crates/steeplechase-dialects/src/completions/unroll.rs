use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};
use steeplechase_core::{Class, Error};

use crate::json;
use crate::sse;

/// Makes of a whole completion the stream that it would have been: each choice in one piece, the usage
/// if it is wanted, and `[DONE]`. A choice has the same form in both.
///
/// # Errors
///
/// [`Class::Server`] if it is no completion.
pub(crate) fn unroll(answer: &[u8], include_usage: bool) -> Result<Bytes, Error> {
    let no_answer = || {
        let message = "the provider's answer is not what was asked for";
        Error::new(Class::Server, message)
            .with_detail("instead of a stream of events there came JSON without `choices`")
    };
    let mut chunk: Value = json::from_slice(answer).map_err(|_| no_answer())?;
    let fields = chunk.as_object_mut().ok_or_else(no_answer)?;
    let usage = fields.shift_remove("usage").unwrap_or_default();
    let Some(Value::Array(choices)) = fields.shift_remove("choices") else {
        return Err(no_answer());
    };
    let mut out = BytesMut::with_capacity(answer.len() * 2);
    for choice in choices {
        chunk["choices"] = json!([choice]);
        sse::encode_data(chunk.to_string().as_bytes(), &mut out);
    }
    if include_usage && !usage.is_null() {
        chunk["choices"] = json!([]);
        chunk["usage"] = usage;
        sse::encode_data(chunk.to_string().as_bytes(), &mut out);
    }
    out.extend_from_slice(sse::DONE);
    Ok(out.freeze())
}
