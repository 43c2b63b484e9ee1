//! Vectors: `POST /v2/embed`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use steeplechase_core::{Class, Error};

use super::usage::Counts;
use crate::chat::data_url::DataUrl;
use crate::chat::notes::{Notes, unsupported};
use crate::chat::truncated;
use crate::embed::{EmbedRequest, Embeddings};
use crate::json;
use crate::json::Text;

/// The most inputs that the provider takes at a time.
pub(crate) const MOST_TEXTS: usize = 96;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    texts: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<&'a str>,
    input_type: &'a str,
    embedding_types: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimension: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<&'a Value>,
    truncate: &'a str,
}

#[derive(Deserialize)]
struct Reply<'a> {
    embeddings: Option<Vectors>,
    meta: Option<Counts>,
    #[serde(borrow)]
    message: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Vectors {
    float: Option<Vec<Vec<f32>>>,
}

/// Writes a call for vectors, and names what was left out of it.
///
/// # Errors
///
/// A `400` that names what the provider cannot do.
pub(super) fn write(
    request: &EmbedRequest,
    model: &str,
    drop_params: bool,
) -> Result<(Bytes, Vec<Box<str>>), Error> {
    let mut notes = Notes::new(drop_params);
    let inputs = request.texts()?;
    if inputs.len() > MOST_TEXTS {
        let why = format_args!("the provider takes at most {MOST_TEXTS} inputs at a time");
        return Err(unsupported("input", why));
    }
    let is_image = |input: &&str| {
        let url = DataUrl::parse(input);
        url.is_some_and(|url| url.media_type.starts_with("image/"))
    };
    let (images, texts): (Vec<&str>, Vec<&str>) = inputs.into_iter().partition(is_image);
    if !images.is_empty() && !texts.is_empty() {
        let why = "the provider takes texts or images, and not both at a time";
        return Err(unsupported("input", why));
    }
    let kind = if images.is_empty() {
        "search_document"
    } else {
        "image"
    };
    if request.user.is_some() {
        notes.note("user");
    }
    for (name, value) in &request.extra {
        match name.as_str() {
            "max_tokens" | "truncate" => {}
            "embedding_types" if *value == Value::from(vec!["float"]) => {}
            "embedding_types" => notes.refuse(name, "answers have floats")?,
            name => notes.note(name),
        }
    }
    let body = Body {
        model,
        texts,
        images,
        input_type: request.input_type.as_deref().unwrap_or(kind),
        embedding_types: ["float"],
        output_dimension: request.dimensions,
        max_tokens: request.extra.get("max_tokens"),
        truncate: request
            .extra
            .get("truncate")
            .and_then(Value::as_str)
            .unwrap_or("END"),
    };
    Ok((json::body(&body)?, notes.into_dropped()))
}

/// Reads the vectors of an answer.
///
/// # Errors
///
/// [`Class::Server`] if there are none, or not as many as there were inputs; [`Class::Truncated`] if the
/// answer ends before its end.
pub(super) fn read(body: &[u8], model: &str, inputs: usize) -> Result<Embeddings, Error> {
    let reply = serde_json::from_slice::<Reply<'_>>(body).map_err(|cause| {
        let error = if json::is_cut(body, &cause) {
            truncated()
        } else {
            no_vectors()
        };
        error.with_source(cause)
    })?;
    let vectors = reply.embeddings.and_then(|all| all.float);
    let Some(vectors) = vectors else {
        return Err(match reply.message {
            Some(_) => super::classify_event(body),
            None => no_vectors(),
        });
    };
    if vectors.len() != inputs {
        let detail = format!("there are {} vectors for {inputs} inputs", vectors.len());
        return Err(no_vectors().with_detail(detail));
    }
    Ok(Embeddings {
        model: model.to_owned(),
        vectors,
        usage: reply.meta.unwrap_or_default().usage(),
    })
}

fn no_vectors() -> Error {
    Error::new(
        Class::Server,
        "the provider's answer does not have the vectors",
    )
}
