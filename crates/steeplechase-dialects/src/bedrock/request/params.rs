use std::borrow::Cow;

use serde_json::{Map, Value, json};
use steeplechase_core::Error;

use super::RequestOptions;
use super::native::{InferenceConfig, Own, Tier};
use super::reasoning::Thinking;
use crate::anthropic::request::format::Format;
use crate::anthropic::request::params::{sampling, stop};
use crate::bedrock::Family;
use crate::chat::notes::{Notes, invalid};
use crate::chat::{ChatRequest, ResponseFormat};
use crate::intake::is_own;
use crate::json::Fields;

/// How much to say, and how. `top_k` is in another place for each family.
pub(super) fn inference<'a>(
    chat: &'a ChatRequest,
    options: &RequestOptions<'_>,
    thinking: &Thinking,
    additional: &mut Fields,
    notes: &mut Notes,
) -> Result<InferenceConfig<'a>, Error> {
    let capabilities = options.capabilities;
    let is_claude = capabilities.family == Family::Claude;
    let thinks = thinking.is_asked && (is_claude || thinking.is_free);
    let sampling = sampling(chat, capabilities.common, thinks, notes)?;
    if let Some(top_k) = sampling.top_k {
        self::top_k(top_k, capabilities.family, additional, notes)?;
    }
    let mut stop_sequences = stop(chat, notes);
    if !capabilities.stop && !stop_sequences.is_empty() {
        notes.note("stop");
        stop_sequences.clear();
    }
    Ok(InferenceConfig {
        max_tokens: thinking.max_tokens,
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        stop_sequences,
    })
}

fn top_k(
    top_k: u64,
    family: Family,
    additional: &mut Fields,
    notes: &mut Notes,
) -> Result<(), Error> {
    let name = match family {
        Family::Nova | Family::Nova2 => {
            additional.insert("inferenceConfig".into(), json!({"topK": top_k}));
            return Ok(());
        }
        Family::Cohere => "k",
        Family::Claude | Family::Mistral | Family::Open | Family::Other => "top_k",
        _ => return notes.refuse("top_k", "the model does not take it"),
    };
    additional.insert(name.into(), top_k.into());
    Ok(())
}

/// What holds the answer to a schema, which is a text here.
pub(super) fn output_config(chat: &ChatRequest, format: &Format) -> Option<Value> {
    let (Format::Native(schema), Some(ResponseFormat::JsonSchema(asked))) =
        (format, &chat.response_format)
    else {
        return None;
    };
    let mut definition = Map::new();
    let schema = Value::Object(schema.clone()).to_string();
    definition.insert("schema".into(), schema.into());
    if !asked.name.is_empty() {
        definition.insert("name".into(), asked.name.as_str().into());
    }
    if let Some(description) = &asked.description {
        definition.insert("description".into(), description.as_str().into());
    }
    Some(json!({
        "textFormat": {"type": "json_schema", "structure": {"jsonSchema": definition}},
    }))
}

pub(super) fn service_tier(chat: &ChatRequest, notes: &mut Notes) -> Option<Tier> {
    let kind = match chat.service_tier.as_deref()? {
        "auto" | "default" => "default",
        "flex" => "flex",
        "priority" => "priority",
        "reserved" => "reserved",
        _ => {
            notes.note("service_tier");
            return None;
        }
    };
    Some(Tier { kind })
}

/// What callers say in the provider's own words, and in the model's. What is known of `OpenAI`'s and
/// means nothing here is noted.
pub(super) fn own<'a>(
    chat: &'a ChatRequest,
    streams: bool,
    additional: &mut Fields,
    notes: &mut Notes,
) -> Result<Own<'a>, Error> {
    let mut own = Own::default();
    for (name, value) in &chat.extra {
        match name.as_str() {
            "guardrail" | "guardrailConfig" | "guardrail_config" => {
                own.guardrail_config = Some(guardrail(name, value, streams)?);
            }
            "performanceConfig" | "performance_config" | "performance" => {
                own.performance_config = Some(value);
            }
            "requestMetadata" | "request_metadata" => {
                own.request_metadata = Some(metadata(name, value)?);
            }
            "promptVariables" | "prompt_variables" => own.prompt_variables = Some(value),
            "additionalModelResponseFieldPaths" | "additional_model_response_field_paths" => {
                own.additional_model_response_field_paths = Some(value);
            }
            "additionalModelRequestFields" | "additional_model_request_fields" => {
                let fields = value.as_object();
                let fields = fields.ok_or_else(|| invalid(name, "must be an object"))?;
                additional.extend(fields.clone());
            }
            // Their places are with the thinking, and with the betas.
            "output_config" | "anthropic_beta" => {}
            "cache_control"
            | "moderation"
            | "prompt_cache_key"
            | "prompt_cache_options"
            | "prompt_cache_retention" => notes.note(name),
            // What is for the gateway is not for the model.
            name if is_own(name) => {}
            name => {
                additional.insert(name.into(), value.clone());
            }
        }
    }
    let hints = [
        ("metadata", chat.metadata.is_some()),
        ("safety_identifier", chat.safety_identifier.is_some()),
        ("user", chat.user.is_some()),
    ];
    for (name, _) in hints.into_iter().filter(|(_, is_said)| *is_said) {
        notes.note(name);
    }
    Ok(own)
}

/// A guardrail. How it works on a stream makes no sense without one, and is refused.
fn guardrail<'a>(name: &str, value: &'a Value, streams: bool) -> Result<Cow<'a, Value>, Error> {
    let fields = value.as_object();
    let fields = fields.ok_or_else(|| invalid(name, "must be an object"))?;
    if streams || !fields.contains_key("streamProcessingMode") {
        return Ok(Cow::Borrowed(value));
    }
    let mut fields = fields.clone();
    fields.shift_remove("streamProcessingMode");
    Ok(Cow::Owned(Value::Object(fields)))
}

/// Notes for the provider's log.
fn metadata<'a>(name: &str, value: &'a Value) -> Result<&'a Value, Error> {
    const MAX_CHARS: usize = 256;
    let is_short = |text: &str| text.chars().count() <= MAX_CHARS;
    let is_fine = value.as_object().is_some_and(|fields| {
        (1..=16).contains(&fields.len())
            && fields
                .iter()
                .all(|(key, value)| is_short(key) && value.as_str().is_some_and(is_short))
    });
    if !is_fine {
        let why = "must have 1 to 16 texts of at most 256 characters";
        return Err(invalid(name, why));
    }
    Ok(value)
}

/// The betas of a request to one of Anthropic's models, which are in its body here.
pub(super) fn betas(
    chat: &ChatRequest,
    options: &RequestOptions<'_>,
    ours: impl IntoIterator<Item = String>,
    additional: &mut Fields,
) {
    if options.capabilities.family != Family::Claude {
        return;
    }
    let said = chat.extra.get("anthropic_beta");
    let said = match said {
        Some(Value::Array(said)) => said.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(said)) => said.split(',').map(str::trim).collect(),
        _ => Vec::new(),
    };
    let mut betas: Vec<String> = Vec::new();
    let all = options.betas.iter().cloned();
    let all = all.chain(said.into_iter().map(str::to_owned)).chain(ours);
    for beta in all.filter(|beta| !beta.is_empty()) {
        if !betas.contains(&beta) {
            betas.push(beta);
        }
    }
    if !betas.is_empty() {
        additional.insert("anthropic_beta".into(), betas.into());
    }
}
