//! Embeddings.

use serde_json::{Map, Value, json};

use super::{Form, check};
use crate::dialect::Asked;
use crate::embed::{DIMENSIONS, MAX_DIMENSIONS, base64, direction};
use crate::plan::Frames;
use crate::refusal::Refusal;
use crate::reply::input_tokens;

const MAX_INPUTS: usize = 2048;
const FIELDS: [&str; 5] = ["model", "input", "encoding_format", "dimensions", "user"];

/// Answers a request for embeddings.
pub(crate) fn embeddings(asked: &Asked<'_>, form: &Form<'_>) -> Result<Frames, Refusal> {
    let body = check::object(asked.body)?;
    let model = check::model(&body, form)?;
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
    let encoded = match body.get("encoding_format") {
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
            let vector = if encoded {
                Value::from(base64(&vector))
            } else {
                Value::from(vector)
            };
            json!({"object": "embedding", "index": index, "embedding": vector})
        })
        .collect();
    let tokens = input_tokens(&body["input"]);
    let usage = asked.draw.behaviour.usage;
    let usage = usage.map_or(tokens, |usage| usage.input);
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
