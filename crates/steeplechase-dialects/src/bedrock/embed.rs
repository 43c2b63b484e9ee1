//! Vectors, which every family of models has in a form of its own.

use bytes::Bytes;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use steeplechase_core::{Class, Error, Usage};

use super::error::classify_event;
use crate::chat::notes::{Notes, unsupported};
use crate::embed::{EmbedRequest, Embeddings};
use crate::json;

/// A request for vectors, and how its answer is to be read.
pub(super) struct Written {
    pub(super) body: Bytes,
    pub(super) dropped: Vec<Box<str>>,
    pub(super) answer: Reading,
}

/// How an answer is to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    family: Family,
    /// How many vectors there have to be.
    count: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Family {
    Cohere,
    /// The first of Amazon's, which have no choice of a size.
    Titan1,
    Titan2,
}

#[derive(Deserialize)]
struct Titan {
    embedding: Vec<f32>,
    #[serde(rename = "inputTextTokenCount")]
    tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Cohere {
    embeddings: CohereVectors,
}

/// By type, or without one.
#[derive(Deserialize)]
#[serde(untagged)]
enum CohereVectors {
    ByType { float: Vec<Vec<f32>> },
    Plain(Vec<Vec<f32>>),
}

/// The most texts of one call to one of Cohere's.
const MAX_TEXTS: usize = 96;

/// The most texts of one call to a model. `None` if it makes no vectors.
pub(crate) fn most_texts(model: &str) -> Option<usize> {
    match Family::of(model).ok()? {
        Family::Cohere => Some(MAX_TEXTS),
        Family::Titan1 | Family::Titan2 => Some(1),
    }
}

/// Writes a request for `POST /model/{model}/invoke`.
pub(super) fn write(
    request: &EmbedRequest,
    model: &str,
    drop_params: bool,
) -> Result<Written, Error> {
    let mut notes = Notes::new(drop_params);
    let family = Family::of(model)?;
    let texts = request.texts()?;
    if request.user.is_some() {
        notes.note("user");
    }
    for name in request.extra.keys() {
        notes.note(name);
    }
    let body = match family {
        Family::Cohere => cohere(request, &texts, model)?,
        Family::Titan1 | Family::Titan2 => {
            let [text] = texts[..] else {
                let why = "the model takes one text in a call";
                return Err(unsupported("input", why));
            };
            titan(request, text, family, &mut notes)?
        }
    };
    Ok(Written {
        body: body.to_string().into(),
        dropped: notes.into_dropped(),
        answer: Reading {
            family,
            count: texts.len(),
        },
    })
}

fn titan(
    request: &EmbedRequest,
    text: &str,
    family: Family,
    notes: &mut Notes,
) -> Result<Value, Error> {
    if request.input_type.is_some() {
        notes.note("input_type");
    }
    let mut body = json!({"inputText": text});
    if family == Family::Titan1 {
        if request.dimensions.is_some() {
            notes.refuse("dimensions", "the model has one size")?;
        }
        return Ok(body);
    }
    if let Some(dimensions) = request.dimensions {
        body["dimensions"] = dimensions.into();
    }
    body["normalize"] = true.into();
    Ok(body)
}

fn cohere(request: &EmbedRequest, texts: &[&str], model: &str) -> Result<Value, Error> {
    if texts.len() > MAX_TEXTS {
        let why = format_args!("the model takes {MAX_TEXTS} texts in a call");
        return Err(unsupported("input", why));
    }
    let input_type = request.input_type.as_deref().unwrap_or("search_document");
    let mut body = json!({
        "texts": texts,
        "input_type": input_type,
        "embedding_types": ["float"],
    });
    if let Some(dimensions) = request.dimensions {
        // The third version has one size, and says so itself.
        let name = if model.contains("embed-v4") {
            "output_dimension"
        } else {
            return Err(unsupported("dimensions", "the model has one size"));
        };
        body[name] = dimensions.into();
    }
    Ok(body)
}

// ===== impl Reading =====

impl Reading {
    pub(super) fn read(
        self,
        headers: &HeaderMap,
        body: &[u8],
        model: &str,
    ) -> Result<Embeddings, Error> {
        let counted = headers.get("x-amzn-bedrock-input-token-count");
        let counted = counted.and_then(|count| count.to_str().ok()?.trim().parse().ok());
        let (vectors, tokens) = match self.family {
            Family::Cohere => {
                let cohere: Cohere = json::from_slice(body).map_err(|_| not_vectors(body))?;
                let (CohereVectors::ByType { float: vectors } | CohereVectors::Plain(vectors)) =
                    cohere.embeddings;
                (vectors, counted)
            }
            Family::Titan1 | Family::Titan2 => {
                let titan: Titan = json::from_slice(body).map_err(|_| not_vectors(body))?;
                (vec![titan.embedding], titan.tokens.or(counted))
            }
        };
        if vectors.len() != self.count {
            let detail = format!("{} vectors for {} texts", vectors.len(), self.count);
            let message = "the provider's answer is not what was asked for";
            return Err(Error::new(Class::Server, message).with_detail(detail));
        }
        Ok(Embeddings {
            model: model.to_owned(),
            vectors,
            usage: Usage {
                prompt: tokens.unwrap_or(0),
                ..Usage::default()
            },
        })
    }
}

fn not_vectors(body: &[u8]) -> Error {
    let is_error = json::from_slice::<Value>(body).is_ok_and(|body| body.get("message").is_some());
    if is_error {
        return classify_event(body);
    }
    Error::new(Class::Server, "the provider's answer has no vectors")
}

// ===== impl Family =====

impl Family {
    fn of(model: &str) -> Result<Self, Error> {
        if model.contains("titan-embed-text-v1") || model.contains("titan-embed-g1-text") {
            Ok(Self::Titan1)
        } else if model.contains("titan-embed-text") {
            Ok(Self::Titan2)
        } else if model.contains("cohere.embed") {
            Ok(Self::Cohere)
        } else {
            let why = "vectors can be had of Amazon's Titan text models and of Cohere's";
            Err(unsupported("model", why))
        }
    }
}
