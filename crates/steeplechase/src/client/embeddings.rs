use serde::{Deserialize, Serialize};
use steeplechase_core::{Class, Error, Operation, Usage};

use super::answer::unreadable;
use super::{Client, collect};

/// The vectors of texts, in the order of the texts.
#[derive(Clone, Debug)]
pub struct Embeddings {
    vectors: Vec<Vec<f32>>,
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct Body {
    model: String,
    input: Vec<String>,
    encoding_format: &'static str,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    embedding: Vec<f32>,
}

impl Embeddings {
    /// The vectors, in the order of the texts.
    pub fn vectors(&self) -> &[Vec<f32>] {
        &self.vectors
    }

    /// The vectors, in the order of the texts.
    pub fn into_vectors(self) -> Vec<Vec<f32>> {
        self.vectors
    }

    /// What they have cost, in tokens.
    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }
}

pub(super) async fn embed(
    client: &Client,
    model: String,
    input: Vec<String>,
) -> Result<Embeddings, Error> {
    let asked = input.len();
    let body = Body {
        model,
        input,
        encoding_format: "float",
    };
    let raw = serde_json::to_vec(&body).expect("texts can be written as JSON");
    let response = client.call(Operation::Embeddings, raw.into()).await?;
    let (bytes, usage) = collect(response.into_body()).await?;
    let mut answer: Answer = serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))?;
    // Providers may answer in another order; the index says which text it was.
    answer.data.sort_by_key(|item| item.index);
    if answer.data.len() != asked {
        let message = format!("{} vectors came for {asked} texts", answer.data.len());
        return Err(Error::new(Class::Server, message));
    }
    Ok(Embeddings {
        vectors: answer.data.into_iter().map(|item| item.embedding).collect(),
        usage,
    })
}
