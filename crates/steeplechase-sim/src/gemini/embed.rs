//! Embeddings.

use serde_json::{Map, Value, json};

use super::check::object;
use super::fields::{EMBED, EMBED_BATCH};
use crate::dialect::Asked;
use crate::embed::{DIMENSIONS, MAX_DIMENSIONS, direction};
use crate::plan::Frames;
use crate::refusal::Refusal;
use crate::reply::input_tokens;

/// The most texts in one request.
const MAX_BATCH: usize = 100;
const MAX_INSTANCES: usize = 250;

/// One vector.
pub(super) fn one(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let body = object(asked, &EMBED)?;
    let body = json!({"embedding": embedding(&body, "EmbedContentRequest")?});
    Ok(Frames::whole(body.to_string(), 1))
}

/// A vector for each of several requests, all for the same model.
pub(super) fn batch(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let body = object(asked, &EMBED_BATCH)?;
    let requests = body["requests"].as_array();
    let requests = requests.map_or(&[][..], Vec::as_slice);
    if requests.is_empty() || requests.len() > MAX_BATCH {
        return Err(Refusal::bad(format!(
            "* BatchEmbedContentsRequest.requests: at least one and at most {MAX_BATCH} requests can \
             be in one batch\n"
        )));
    }
    let mut embeddings = Vec::new();
    for (number, request) in requests.iter().enumerate() {
        let place = format!("BatchEmbedContentsRequest.requests[{number}]");
        let request = request.as_object().cloned().unwrap_or_default();
        let model = request.get("model").and_then(Value::as_str);
        if model != Some(&format!("models/{}", asked.name)) {
            let message = format!(
                "* {place}.model: the model must be that of the batch, models/{}\n",
                asked.name
            );
            return Err(Refusal::bad(message));
        }
        embeddings.push(embedding(&request, &place)?);
    }
    let body = json!({ "embeddings": embeddings });
    Ok(Frames::whole(body.to_string(), 1))
}

/// Vertex AI's own way.
pub(super) fn predict(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let body: Value = serde_json::from_slice(asked.body)
        .map_err(|error| Refusal::bad(format!("Invalid JSON payload received. {error}")))?;
    let instances = body["instances"].as_array();
    let instances = instances.map_or(&[][..], Vec::as_slice);
    if instances.is_empty() || instances.len() > MAX_INSTANCES {
        let message = format!("1 to {MAX_INSTANCES} instances are allowed per prediction.");
        return Err(Refusal::bad(message));
    }
    let dimensions = dimensions(&body["parameters"]["outputDimensionality"])?;
    let mut predictions = Vec::new();
    for instance in instances {
        if instance["content"].as_str().is_none_or(str::is_empty) {
            return Err(Refusal::bad("The text content is empty."));
        }
        let tokens = input_tokens(&instance["content"]);
        predictions.push(json!({"embeddings": {
            "statistics": {"truncated": false, "token_count": tokens},
            "values": direction(&instance["content"], dimensions),
        }}));
    }
    let characters: usize = instances
        .iter()
        .filter_map(|instance| instance["content"].as_str())
        .map(|text| text.chars().count())
        .sum();
    let metadata = json!({"billableCharacterCount": characters});
    let body = json!({"predictions": predictions, "metadata": metadata});
    Ok(Frames::whole(body.to_string(), 1))
}

fn embedding(request: &Map<String, Value>, place: &str) -> Result<Value, Refusal> {
    let parts = request.get("content").map_or(&Value::Null, |c| &c["parts"]);
    let parts = parts.as_array().map_or(&[][..], Vec::as_slice);
    let texts = parts.iter().filter_map(|part| part["text"].as_str());
    let text: String = texts.collect();
    if text.is_empty() && parts.iter().all(|part| part["inlineData"].is_null()) {
        let message = format!("* {place}.content: contents is not specified\n");
        return Err(Refusal::bad(message));
    }
    let wanted = request.get("outputDimensionality").unwrap_or(&Value::Null);
    let values = direction(&text.into(), dimensions(wanted)?);
    Ok(json!({ "values": values }))
}

fn dimensions(wanted: &Value) -> Result<usize, Refusal> {
    if wanted.is_null() {
        return Ok(DIMENSIONS);
    }
    let wanted = wanted
        .as_u64()
        .and_then(|wanted| usize::try_from(wanted).ok());
    let wanted = wanted.filter(|wanted| (1..=MAX_DIMENSIONS).contains(wanted));
    let message = format!("output_dimensionality must be from 1 to {MAX_DIMENSIONS}.");
    wanted.ok_or_else(|| Refusal::bad(message))
}
