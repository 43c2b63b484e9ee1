//! Embeddings, of those who make them.

use http::header::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use super::check::extraneous;
use crate::dialect::Asked;
use crate::embed::direction;
use crate::plan::Frames;
use crate::refusal::Refusal;
use crate::reply::{hex, input_tokens};

/// How long the vectors of Titan's first version are, and those of its second may be.
const TITAN_1: usize = 1536;
const TITAN_2: [usize; 3] = [1024, 512, 256];

/// How long those of Cohere are.
const COHERE: usize = 1024;

/// The most texts in one request to Cohere.
const MAX_TEXTS: usize = 96;

const INPUT_TOKENS: HeaderName = HeaderName::from_static("x-amzn-bedrock-input-token-count");

/// A vector of Titan.
pub(super) fn titan(body: &Map<String, Value>, model: &str) -> Result<Frames, Refusal> {
    let first = model.contains("embed-text-v1");
    let fields: &[&str] = if first {
        &["inputText"]
    } else {
        &["inputText", "dimensions", "normalize", "embeddingTypes"]
    };
    if let Some(key) = body.keys().find(|key| !fields.contains(&key.as_str())) {
        return Err(extraneous("", key));
    }
    let text = &body["inputText"];
    if text.as_str().is_none_or(str::is_empty) {
        return Err(malformed("#/inputText: expected minLength: 1, actual: 0"));
    }
    let dimensions = match body.get("dimensions") {
        None if first => TITAN_1,
        None => TITAN_2[0],
        Some(wanted) => {
            let known = TITAN_2.iter().find(|known| *wanted == **known);
            let wrong = || malformed(&format!("#/dimensions: {wanted} is not a valid enum value"));
            *known.ok_or_else(wrong)?
        }
    };
    let vector = direction(text, dimensions);
    let tokens = input_tokens(text);
    let mut answer = json!({"embedding": vector, "inputTextTokenCount": tokens});
    if !first {
        answer["embeddingsByType"] = json!({ "float": vector });
    }
    Ok(with_count(&answer, tokens))
}

/// Vectors of Cohere.
pub(super) fn cohere(asked: &Asked<'_>, body: &Map<String, Value>) -> Result<Frames, Refusal> {
    const FIELDS: [&str; 7] = [
        "texts",
        "images",
        "input_type",
        "truncate",
        "embedding_types",
        "output_dimension",
        "max_tokens",
    ];
    if let Some(key) = body.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        return Err(extraneous("", key));
    }
    if !body.get("input_type").is_some_and(Value::is_string) {
        return Err(malformed("#: required key [input_type] not found"));
    }
    let texts = body.get("texts").and_then(Value::as_array);
    let texts = texts.map_or(&[][..], Vec::as_slice);
    if texts.len() > MAX_TEXTS {
        let message = format!(
            "#/texts: expected maximum item count: {MAX_TEXTS}, found: {}",
            texts.len()
        );
        return Err(malformed(&message));
    }
    let dimensions = body.get("output_dimension").and_then(Value::as_u64);
    let dimensions = dimensions.and_then(|wanted| usize::try_from(wanted).ok());
    let dimensions = dimensions.unwrap_or(COHERE).clamp(1, COHERE);
    let vectors = texts.iter().map(|text| direction(text, dimensions));
    let vectors: Vec<_> = vectors.collect();
    let by_type = body.contains_key("embedding_types");
    let answer = json!({
        "id": hex(asked.draw.id(1)),
        "texts": texts,
        "embeddings": if by_type { json!({"float": vectors}) } else { json!(vectors) },
        "response_type": if by_type { "embeddings_by_type" } else { "embeddings_floats" },
    });
    Ok(with_count(&answer, input_tokens(&json!(texts))))
}

fn with_count(answer: &Value, tokens: u64) -> Frames {
    let mut frames = Frames::whole(answer.to_string(), 1);
    frames
        .headers
        .push((INPUT_TOKENS, HeaderValue::from(tokens)));
    frames
}

fn malformed(what: &str) -> Refusal {
    Refusal::bad(format!(
        "Malformed input request: {what}, please reformat your input and try again."
    ))
}
