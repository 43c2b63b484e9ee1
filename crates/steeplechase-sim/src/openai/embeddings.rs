//! Embeddings: directions that depend on the text alone.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::check;
use crate::draw::{Draw, hash, mix};
use crate::plan::Frames;
use crate::refusal::Refusal;
use crate::reply::input_tokens;

const DIMENSIONS: usize = 8;
const MAX_DIMENSIONS: usize = 3072;
const MAX_INPUTS: usize = 2048;
const FIELDS: [&str; 5] = ["model", "input", "encoding_format", "dimensions", "user"];

/// Answers a request for embeddings.
pub(crate) fn embeddings(draw: &Draw, body: &Bytes) -> Result<Frames, Refusal> {
    let body = check::object(body)?;
    let model = check::model(&body)?;
    if let Some(field) = body.keys().find(|field| !FIELDS.contains(&field.as_str())) {
        let refusal = Refusal::bad(format!("Unrecognized request argument supplied: {field}"));
        return Err(refusal.param(field).code("unknown_parameter"));
    }
    let inputs = inputs(&body)?;
    let dimensions = check::count(&body, "dimensions")?.unwrap_or(DIMENSIONS);
    if dimensions > MAX_DIMENSIONS {
        let expected = format!("at most {MAX_DIMENSIONS}");
        return Err(check::invalid("dimensions", &expected));
    }
    let base64 = match body.get("encoding_format") {
        None | Some(Value::Null) => false,
        Some(format) if format == "float" => false,
        Some(format) if format == "base64" => true,
        Some(_) => return Err(check::invalid("encoding_format", "float or base64")),
    };

    let data: Vec<_> = inputs
        .iter()
        .enumerate()
        .map(|(index, input)| {
            let vector = direction(input, dimensions);
            let vector = if base64 {
                let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
                Value::from(to_base64(&bytes))
            } else {
                Value::from(vector)
            };
            json!({"object": "embedding", "index": index, "embedding": vector})
        })
        .collect();
    let tokens = input_tokens(&body["input"]);
    let usage = draw.behaviour.usage.map_or(tokens, |usage| usage.input);
    let body = json!({
        "object": "list",
        "data": data,
        "model": model,
        "usage": {"prompt_tokens": usage, "total_tokens": usage},
    });
    Ok(Frames::whole(body.to_string(), 1))
}

/// The inputs: texts, or lists of token numbers.
fn inputs(body: &Map<String, Value>) -> Result<Vec<&Value>, Refusal> {
    let input = match body.get("input") {
        None | Some(Value::Null) => return Err(check::missing("input")),
        Some(input) => input,
    };
    let inputs = match input {
        Value::Array(inputs) if inputs.iter().all(Value::is_u64) => vec![input],
        Value::Array(inputs) => inputs.iter().collect(),
        _ => vec![input],
    };
    let fits = |input: &&Value| match input {
        Value::String(text) => !text.is_empty(),
        Value::Array(tokens) => !tokens.is_empty() && tokens.iter().all(Value::is_u64),
        _ => false,
    };
    if inputs.is_empty() || inputs.len() > MAX_INPUTS || !inputs.iter().all(fits) {
        let expected = format!("a text that is not empty, or 1 to {MAX_INPUTS} of them");
        return Err(check::invalid("input", &expected));
    }
    Ok(inputs)
}

/// A vector of length one.
fn direction(input: &Value, dimensions: usize) -> Vec<f32> {
    let mut rng = fastrand::Rng::with_seed(mix(hash(input.to_string().as_bytes())));
    let mut vector: Vec<f32> = (0..dimensions).map(|_| rng.f32() * 2.0 - 1.0).collect();
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        for x in &mut vector {
            *x /= length;
        }
    }
    vector
}

/// Base64 with padding, as RFC 4648 section 4 has it.
fn to_base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |n: usize| u32::from(three.get(n).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place)) & 63;
            text.push(if place <= three.len() {
                char::from(ALPHABET[index as usize])
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_as_the_rfc_has_it() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ];
        for (plain, encoded) in vectors {
            assert_eq!(to_base64(plain.as_bytes()), encoded);
        }
    }
}
