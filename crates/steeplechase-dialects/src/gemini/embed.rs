//! Vectors: AI Studio's `:batchEmbedContents` and Vertex AI's `:predict`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use steeplechase_core::deployment::Platform;
use steeplechase_core::{Class, Error, Usage};

use super::Host;
use super::error::classify_event;
use super::request::task_type;
use crate::chat::notes::{Notes, invalid};
use crate::chat::truncated;
use crate::embed::{EmbedRequest, Embeddings};
use crate::json;

/// A request for vectors as it is sent.
pub(super) struct WrittenEmbed {
    pub(super) body: Bytes,
    pub(super) dropped: Vec<Box<str>>,
    /// What the texts cost, if the provider does not say.
    pub(super) estimate: u64,
}

#[derive(Serialize)]
struct Batch<'a> {
    requests: Vec<One<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct One<'a> {
    model: &'a str,
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimensionality: Option<u64>,
}

#[derive(Serialize)]
struct Content<'a> {
    parts: [Text<'a>; 1],
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Predict<'a> {
    instances: Vec<Instance<'a>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    parameters: Map<String, Value>,
}

#[derive(Serialize)]
struct Instance<'a> {
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_type: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    embeddings: Option<Vec<Vector>>,
    predictions: Option<Vec<Prediction>>,
    usage_metadata: Option<Counts>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Vector {
    values: Vec<f32>,
    statistics: Option<Statistics>,
}

#[derive(Deserialize)]
struct Prediction {
    embeddings: Vector,
}

#[derive(Deserialize)]
struct Statistics {
    token_count: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    prompt_token_count: Option<u64>,
}

/// The most texts of one request.
const MAX_BATCH: usize = 100;
const MAX_INSTANCES: usize = 250;

/// The most texts of one request for a model. On Vertex AI the later models take one.
pub(crate) fn most_texts(platform: &Platform, model: &str) -> usize {
    let name = model.rsplit('/').next().unwrap_or(model);
    match platform {
        Platform::Vertex if name.starts_with("gemini-embedding") => 1,
        Platform::Vertex => MAX_INSTANCES,
        _ => MAX_BATCH,
    }
}

/// Writes a call for vectors.
///
/// # Errors
///
/// Tokens in the place of texts, and more texts than fit in a request.
pub(super) fn write(
    request: &EmbedRequest,
    model: &str,
    host: Host,
    drop_params: bool,
) -> Result<WrittenEmbed, Error> {
    let texts = request.texts()?;
    let most = match host {
        Host::Studio => MAX_BATCH,
        Host::Vertex => MAX_INSTANCES,
    };
    if texts.len() > most {
        let message = format!("must have at most {most} texts for this provider");
        return Err(invalid("input", message));
    }
    let mut notes = Notes::new(drop_params);
    let mut parameters = Map::new();
    if let Some(dimensions) = request.dimensions {
        parameters.insert("outputDimensionality".into(), dimensions.into());
    }
    for (name, value) in &request.extra {
        match (host, name.as_str()) {
            (Host::Vertex, "auto_truncate" | "autoTruncate") => {
                parameters.insert("autoTruncate".into(), value.clone());
            }
            _ => notes.note(name),
        }
    }
    if request.user.is_some() {
        notes.note("user");
    }
    let task = request.input_type.as_deref().map(task_type);
    let task = task.as_deref();
    let body = match host {
        Host::Studio => batch(&texts, model, task, request.dimensions),
        Host::Vertex => predict(&texts, task, parameters),
    }?;
    // A model counts about four bytes as a token.
    let estimate = texts
        .iter()
        .map(|text| text.len().div_ceil(4))
        .sum::<usize>();
    Ok(WrittenEmbed {
        body,
        dropped: notes.into_dropped(),
        estimate: u64::try_from(estimate).unwrap_or(u64::MAX),
    })
}

fn batch(
    texts: &[&str],
    model: &str,
    task_type: Option<&str>,
    output_dimensionality: Option<u64>,
) -> Result<Bytes, Error> {
    let model = &*format!("models/{model}");
    let requests = texts.iter().map(|text| One {
        model,
        content: Content {
            parts: [Text { text }],
        },
        task_type,
        output_dimensionality,
    });
    json::body(&Batch {
        requests: requests.collect(),
    })
}

fn predict(
    texts: &[&str],
    task_type: Option<&str>,
    parameters: Map<String, Value>,
) -> Result<Bytes, Error> {
    let instances = texts.iter().map(|content| Instance { content, task_type });
    json::body(&Predict {
        instances: instances.collect(),
        parameters,
    })
}

/// Reads the vectors.
///
/// # Errors
///
/// [`Class::Server`] if there are none; that of the error if it is one.
pub(super) fn read(body: &[u8], model: &str, estimate: u64) -> Result<Embeddings, Error> {
    let answer = match serde_json::from_slice::<Answer>(body) {
        Ok(answer) if answer.error.is_none() => answer,
        Ok(_) => return Err(classify_event(body)),
        Err(cause) if cause.is_eof() => return Err(truncated().with_source(cause)),
        Err(cause) => return Err(no_vectors().with_source(cause)),
    };
    let predictions = answer.predictions.into_iter().flatten();
    let vectors: Vec<_> = match answer.embeddings {
        Some(vectors) => vectors,
        None => predictions.map(|it| it.embeddings).collect(),
    };
    if vectors.is_empty() {
        return Err(no_vectors());
    }
    let counted = vectors
        .iter()
        .filter_map(|it| it.statistics.as_ref()?.token_count);
    let counted = counted.map(whole).fold(None, |sum: Option<u64>, count| {
        Some(sum.unwrap_or(0).saturating_add(count))
    });
    let said = answer.usage_metadata.and_then(|it| it.prompt_token_count);
    Ok(Embeddings {
        model: model.to_owned(),
        vectors: vectors.into_iter().map(|it| it.values).collect(),
        usage: Usage {
            prompt: said.or(counted).unwrap_or(estimate),
            ..Usage::default()
        },
    })
}

fn no_vectors() -> Error {
    Error::new(Class::Server, "the provider's answer has no vectors")
}

/// A count, which comes as a number with a fraction.
fn whole(count: f64) -> u64 {
    const MAX: f64 = 1e15;
    // Its digits are the number's, within what is a count.
    format!("{:.0}", count.clamp(0.0, MAX)).parse().unwrap_or(0)
}
