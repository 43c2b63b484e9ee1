//! The ranking of documents.
//!
//! A document is worth what it has of the words of the query; a little chance, which depends on the two
//! texts alone, decides between equals.

use serde_json::{Map, Value, json};

use super::check::{invalid, object, text};
use super::fields::RERANK;
use crate::dialect::Asked;
use crate::draw::{hash, mix};
use crate::plan::Frames;
use crate::refusal::Refusal;
use crate::reply::{hex, input_tokens};

/// The most documents in one request.
const MAX_DOCUMENTS: usize = 1000;

/// Ranks documents, as Cohere does.
pub(super) fn cohere(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let body = object(asked.body, &RERANK)?;
    let ranked = ranked(&body)?;
    let results = ranked
        .iter()
        .map(|(index, score, _)| json!({"index": index, "relevance_score": score}));
    let body = json!({
        "id": hex(asked.draw.id(1)),
        "results": results.collect::<Vec<_>>(),
        "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}},
    });
    Ok(Frames::whole(body.to_string(), 1))
}

/// Ranks documents, as Jina does: documents may be objects, and come back with their rank.
pub(super) fn jina(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let Ok(Value::Object(body)) = serde_json::from_slice(asked.body) else {
        return Err(invalid("the body is not a valid JSON object"));
    };
    let model = text(&body, "model")?;
    let with_documents = body.get("return_documents") != Some(&false.into());
    let results = ranked(&body)?.into_iter().map(|(index, score, text)| {
        let mut result = json!({"index": index, "relevance_score": score});
        if with_documents {
            result["document"] = json!({ "text": text });
        }
        result
    });
    let results: Vec<_> = results.collect();
    let tokens = input_tokens(&body["query"]) + input_tokens(&body["documents"]);
    let body = json!({
        "id": hex(asked.draw.id(1)),
        "model": model,
        "object": "list",
        "usage": {"total_tokens": tokens, "prompt_tokens": tokens},
        "results": results,
    });
    Ok(Frames::whole(body.to_string(), 1))
}

/// The best documents, best first: their places, scores and texts.
fn ranked(body: &Map<String, Value>) -> Result<Vec<(usize, f64, &str)>, Refusal> {
    text(body, "model")?;
    let query = text(body, "query")?;
    let documents = body.get("documents").and_then(Value::as_array);
    let documents = documents.map_or(&[][..], Vec::as_slice);
    if documents.is_empty() || documents.len() > MAX_DOCUMENTS {
        return Err(invalid(&format!(
            "documents must have 1 to {MAX_DOCUMENTS} elements"
        )));
    }
    let top = match body.get("top_n").filter(|top| !top.is_null()) {
        None => documents.len(),
        Some(top) => {
            let top = top.as_u64().filter(|top| *top > 0);
            let top = top.and_then(|top| usize::try_from(top).ok());
            top.ok_or_else(|| invalid("top_n must be greater than 0"))?
        }
    };
    let mut ranked = Vec::with_capacity(documents.len());
    for (index, document) in documents.iter().enumerate() {
        let text = document.as_str().or(document["text"].as_str());
        let text = text.ok_or_else(|| invalid(&format!("documents[{index}] must be a text")))?;
        ranked.push((index, score(query, text), text));
    }
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked.truncate(top);
    Ok(ranked)
}

/// From 0 to 1.
fn score(query: &str, document: &str) -> f64 {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (wanted, there) = (words(query), words(document));
    let found = wanted.iter().filter(|word| there.contains(word)).count();
    let part = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let share = part(found) / part(wanted.len().max(1));
    let pair = format!("{query}\n{document}");
    let chance = mix(hash(pair.as_bytes())) % 1000;
    0.9 * share + 0.1 * part(usize::try_from(chance).unwrap_or_default()) / 1000.0
}
