use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use serde::Serialize;
use steeplechase::Dialect;

/// The models that callers may ask for, as their SDKs list them.
#[derive(Clone, Debug)]
pub(super) struct ModelList {
    models: Arc<[Arc<str>]>,
    openai: Bytes,
    anthropic: Bytes,
}

/// A model, as OpenAI lists it.
#[derive(Serialize)]
struct OpenAiModel<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    owned_by: &'static str,
}

#[derive(Serialize)]
struct OpenAiList<'a> {
    object: &'static str,
    data: Vec<OpenAiModel<'a>>,
}

/// A model, as Anthropic lists it.
#[derive(Serialize)]
struct AnthropicModel<'a> {
    r#type: &'static str,
    id: &'a str,
    display_name: &'a str,
    created_at: &'static str,
    lifecycle: &'static str,
}

#[derive(Serialize)]
struct AnthropicList<'a> {
    data: Vec<AnthropicModel<'a>>,
    has_more: bool,
    first_id: Option<&'a str>,
    last_id: Option<&'a str>,
}

// ===== impl ModelList =====

impl ModelList {
    pub(super) fn new(models: Arc<[Arc<str>]>) -> Self {
        let openai = OpenAiList {
            object: "list",
            data: models.iter().map(|id| openai(id)).collect(),
        };
        let anthropic = AnthropicList {
            data: models.iter().map(|id| anthropic(id)).collect(),
            has_more: false,
            first_id: models.first().map(|id| &**id),
            last_id: models.last().map(|id| &**id),
        };
        Self {
            openai: json(&openai),
            anthropic: json(&anthropic),
            models,
        }
    }

    /// The dialect of who asks: Anthropic's SDKs say which version of it they speak.
    pub(super) fn dialect(headers: &HeaderMap) -> Dialect {
        if headers.contains_key("anthropic-version") {
            Dialect::Anthropic
        } else {
            Dialect::OpenAi
        }
    }

    /// All of them.
    pub(super) fn all(&self, headers: &HeaderMap) -> Bytes {
        match Self::dialect(headers) {
            Dialect::Anthropic => self.anthropic.clone(),
            _ => self.openai.clone(),
        }
    }

    /// One of them, if there is one of that name.
    pub(super) fn one(&self, id: &str, headers: &HeaderMap) -> Option<Bytes> {
        let known = self.models.iter().find(|known| &***known == id)?;
        Some(match Self::dialect(headers) {
            Dialect::Anthropic => json(&anthropic(known)),
            _ => json(&openai(known)),
        })
    }
}

fn openai(id: &str) -> OpenAiModel<'_> {
    OpenAiModel {
        id,
        object: "model",
        // Nobody knows when; LiteLLM says so too.
        created: 1_677_610_602,
        owned_by: "openai",
    }
}

fn anthropic(id: &str) -> AnthropicModel<'_> {
    AnthropicModel {
        r#type: "model",
        id,
        display_name: id,
        // The same moment.
        created_at: "2023-02-28T18:56:42Z",
        lifecycle: "active",
    }
}

fn json(value: &impl Serialize) -> Bytes {
    let json = serde_json::to_vec(value).expect("texts and numbers can be written as JSON");
    json.into()
}
