//! What providers send, in all the shapes there are.
//!
//! ```text
//! {"results": [{"index", "relevance_score", "document"}], "meta" or "usage"}    Cohere, Jina, …
//! {"data":    [{"index", "relevance_score", "document"}], "usage"}              Voyage
//! {"rankings": [{"index", "logit"}], "usage"}                                   NVIDIA
//! {"scores": [0.1, 0.9], "input_tokens", "inference_status": {"cost"}}          DeepInfra
//! [{"index", "score", "text"}]                                                  TEI
//! ```

use std::cmp::Ordering;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use steeplechase_core::{Class, Cost, Error, Usage};

use super::{Ranked, Ranking};
use crate::chat::{ids, truncated};
use crate::cohere::{Count, Counts};
use crate::json;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reply<'a> {
    #[serde(alias = "request_id")]
    id: Option<String>,
    #[serde(borrow, alias = "data", alias = "rankings")]
    results: Option<Vec<Item<'a>>>,
    scores: Option<Vec<f64>>,
    meta: Option<Counts>,
    usage: Option<Tokens>,
    input_tokens: Option<Count>,
    #[serde(borrow)]
    inference_status: Option<Status<'a>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    index: usize,
    #[serde(alias = "logit", alias = "score")]
    relevance_score: f64,
    #[serde(borrow, alias = "text")]
    document: Option<&'a RawValue>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct Tokens {
    prompt_tokens: Option<Count>,
    total_tokens: Option<Count>,
}

#[derive(Deserialize)]
struct Status<'a> {
    #[serde(borrow)]
    cost: Option<&'a RawValue>,
}

/// Reads an answer about `documents` documents.
///
/// # Errors
///
/// [`Class::Server`] if it is none; [`Class::Truncated`] if it ends before its end.
pub(super) fn read(body: &[u8], documents: usize) -> Result<Ranking, Error> {
    let is_list = body.trim_ascii_start().starts_with(b"[");
    let reply = if is_list {
        serde_json::from_slice(body).map(|items| Reply {
            results: Some(items),
            ..Reply::default()
        })
    } else {
        serde_json::from_slice::<Reply<'_>>(body)
    };
    let reply = reply.map_err(|cause| {
        let error = if json::is_cut(body, &cause) {
            truncated()
        } else {
            no_ranking()
        };
        error.with_source(cause)
    })?;
    let usage = reply.usage();
    let results: Vec<Ranked> = match (reply.results, reply.scores) {
        (Some(items), _) => items.iter().map(Item::ranked).collect(),
        (None, Some(scores)) => in_order(&scores),
        (None, None) => return Err(no_ranking()),
    };
    if let Some(result) = results.iter().find(|result| result.index >= documents) {
        let place = result.index;
        let detail = format!("there are {documents} documents, and the answer has number {place}");
        return Err(no_ranking().with_detail(detail));
    }
    Ok(Ranking {
        id: reply
            .id
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| ids::mint("rerank-")),
        results,
        usage,
    })
}

fn no_ranking() -> Error {
    let message = "the provider's answer is no ranking of the documents";
    Error::new(Class::Server, message)
}

/// Documents in the order of their scores.
fn in_order(scores: &[f64]) -> Vec<Ranked> {
    let scores = scores.iter().enumerate();
    let mut results: Vec<_> = scores
        .map(|(index, score)| Ranked {
            index,
            score: *score,
            document: None,
        })
        .collect();
    let order = |one: &Ranked, other: &Ranked| other.score.partial_cmp(&one.score);
    results.sort_by(|one, other| order(one, other).unwrap_or(Ordering::Equal));
    results
}

// ===== impl Reply =====

impl Reply<'_> {
    fn usage(&self) -> Usage {
        let mut usage = self.meta.unwrap_or_default().usage();
        let tokens = self.usage.unwrap_or_default();
        let counts = [tokens.total_tokens, tokens.prompt_tokens, self.input_tokens];
        if let Some(count) = counts.into_iter().flatten().find(|count| count.0 > 0) {
            usage.prompt = count.0;
        }
        let cost = self.inference_status.as_ref().and_then(|it| it.cost);
        usage.reported = cost.and_then(|cost| Cost::from_dollars(cost.get()).ok());
        usage
    }
}

// ===== impl Item =====

impl Item<'_> {
    fn ranked(&self) -> Ranked {
        let document = self.document.and_then(|raw| {
            let value = serde_json::from_str(raw.get()).ok()?;
            match value {
                Value::Object(fields) => Some(fields),
                Value::String(text) => {
                    Some(Map::from_iter([("text".to_owned(), Value::String(text))]))
                }
                _ => None,
            }
        });
        Ranked {
            index: self.index,
            score: self.relevance_score,
            document,
        }
    }
}
