//! Embeddings.

use serde_json::{Map, Value, json};

use super::check::{invalid, object, text};
use super::fields::EMBED;
use crate::dialect::Asked;
use crate::embed::{DIMENSIONS, MAX_DIMENSIONS, base64, direction};
use crate::plan::Frames;
use crate::refusal::Refusal;
use crate::reply::{hex, input_tokens};

/// The most texts in one request.
const MAX_TEXTS: usize = 96;

/// Answers a request for vectors.
pub(super) fn embed(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let body = object(asked.body, &EMBED)?;
    text(&body, "model")?;
    text(&body, "input_type")?;
    let texts = body.get("texts").and_then(Value::as_array);
    let texts = texts.or_else(|| body.get("images").and_then(Value::as_array));
    let texts = texts.filter(|texts| !texts.is_empty());
    let texts = texts.ok_or_else(|| invalid("texts or images must have at least one element"))?;
    if texts.len() > MAX_TEXTS {
        return Err(invalid(&format!(
            "total number of texts must be at most {MAX_TEXTS} - received {}",
            texts.len()
        )));
    }
    let dimensions = dimensions(&body)?;
    let vectors = texts.iter().map(|text| direction(text, dimensions));
    let vectors: Vec<_> = vectors.collect();
    let mut embeddings = json!({});
    for kind in kinds(&body) {
        embeddings[kind] = match kind {
            "float" => json!(vectors),
            "base64" => vectors.iter().map(|vector| base64(vector)).collect(),
            _ => {
                return Err(invalid(&format!(
                    "embedding_types must not have {kind:?} here"
                )));
            }
        };
    }
    let tokens = input_tokens(&json!(texts));
    let usage = asked.draw.behaviour.usage;
    let tokens = usage.map_or(tokens, |usage| usage.input);
    let body = json!({
        "id": hex(asked.draw.id(1)),
        "embeddings": embeddings,
        "texts": texts,
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": tokens}},
        "response_type": "embeddings_by_type",
    });
    Ok(Frames::whole(body.to_string(), 1))
}

fn kinds(body: &Map<String, Value>) -> Vec<&str> {
    let kinds = body.get("embedding_types").and_then(Value::as_array);
    let kinds: Vec<_> = kinds
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if kinds.is_empty() {
        vec!["float"]
    } else {
        kinds
    }
}

fn dimensions(body: &Map<String, Value>) -> Result<usize, Refusal> {
    let Some(wanted) = body
        .get("output_dimension")
        .filter(|wanted| !wanted.is_null())
    else {
        return Ok(DIMENSIONS);
    };
    let wanted = wanted
        .as_u64()
        .and_then(|wanted| usize::try_from(wanted).ok());
    let wanted = wanted.filter(|wanted| (1..=MAX_DIMENSIONS).contains(wanted));
    wanted.ok_or_else(|| {
        invalid(&format!(
            "output_dimension must be from 1 to {MAX_DIMENSIONS}"
        ))
    })
}
