use serde_json::{Map, Value, json};
use steeplechase_core::Error;

use super::native::{Format, Own, Sampling};
use crate::chat::notes::Notes;
use crate::chat::{ChatRequest, Effort, ResponseFormat};

/// The most texts at which an answer ends.
const MAX_STOPS: usize = 5;

/// The most tokens to choose from.
const MAX_K: u64 = 500;

/// The form of the answer. The provider holds an answer to one only if there are neither tools nor
/// documents.
pub(super) fn format<'a>(
    chat: &'a ChatRequest,
    is_grounded: bool,
    notes: &mut Notes,
) -> Result<Option<Format<'a>>, Error> {
    let json_schema = match &chat.response_format {
        None | Some(ResponseFormat::Text) => return Ok(None),
        Some(ResponseFormat::JsonObject) => None,
        Some(ResponseFormat::JsonSchema(format)) => Some(&format.schema),
    };
    if is_grounded {
        let why = "the provider does not take it together with tools or documents";
        notes.refuse("response_format", why)?;
        return Ok(None);
    }
    Ok(Some(Format {
        r#type: "json_object",
        json_schema,
    }))
}

pub(super) fn sampling<'a>(
    chat: &'a ChatRequest,
    notes: &mut Notes,
) -> Result<Sampling<'a>, Error> {
    let frequency = penalty("frequency_penalty", chat.frequency_penalty, notes)?;
    let mut presence = penalty("presence_penalty", chat.presence_penalty, notes)?;
    if frequency.is_some() && presence.take().is_some() {
        // Many models refuse both.
        notes.note("presence_penalty");
    }
    let seed = chat.seed.map(u64::try_from);
    if let Some(Err(_)) = seed {
        notes.note("seed");
    }
    if chat.top_k.is_some_and(|k| k > MAX_K) {
        notes.note("top_k");
    }
    Ok(Sampling {
        max_tokens: chat.max_tokens,
        stop_sequences: stop(chat, notes)?,
        temperature: chat.temperature,
        // All there is to choose from is what there is without it, and cannot be said.
        p: chat.top_p.filter(|p| *p < 1.0).map(|p| p.clamp(0.01, 0.99)),
        k: chat.top_k.map(|k| k.min(MAX_K)),
        seed: seed.and_then(Result::ok),
        frequency_penalty: frequency,
        presence_penalty: presence,
        logprobs: chat.logprobs == Some(true),
    })
}

/// A penalty from 0 to 1. Zero is what there is without it.
fn penalty(name: &str, penalty: Option<f64>, notes: &mut Notes) -> Result<Option<f64>, Error> {
    let Some(penalty) = penalty.filter(|penalty| *penalty != 0.0) else {
        return Ok(None);
    };
    if penalty < 0.0 {
        notes.refuse(name, "the provider takes 0 to 1")?;
        return Ok(None);
    }
    if penalty > 1.0 {
        notes.note(name);
    }
    Ok(Some(penalty.min(1.0)))
}

fn stop<'a>(chat: &'a ChatRequest, notes: &mut Notes) -> Result<Vec<&'a str>, Error> {
    let stops = chat.stop.iter().map(String::as_str);
    let mut stops: Vec<_> = stops.filter(|stop| !stop.is_empty()).collect();
    if stops.len() > MAX_STOPS {
        let why = format_args!("the provider takes at most {MAX_STOPS} texts");
        notes.refuse("stop", why)?;
        stops.truncate(MAX_STOPS);
    }
    Ok(stops)
}

/// Whether to think, and how much.
///
/// What a caller says of it in the words of Anthropic, or of the provider, goes before an effort.
pub(super) fn thinking(
    chat: &ChatRequest,
    thinks: bool,
    notes: &mut Notes,
) -> Option<Map<String, Value>> {
    if let Some(asked) = &chat.thinking {
        let mut thinking = Map::new();
        let is_off = asked.get("type").and_then(Value::as_str) == Some("disabled");
        let kind = if is_off { "disabled" } else { "enabled" };
        thinking.insert("type".into(), kind.into());
        let budget = asked
            .get("token_budget")
            .or_else(|| asked.get("budget_tokens"));
        if let Some(budget) = budget.filter(|_| !is_off) {
            thinking.insert("token_budget".into(), budget.clone());
        }
        return Some(thinking);
    }
    let effort = chat.reasoning_effort?;
    if !thinks {
        if effort != Effort::None {
            notes.note("reasoning_effort");
        }
        return None;
    }
    let thinking = match effort {
        Effort::None => json!({"type": "disabled"}),
        Effort::Minimal | Effort::Low => json!({"type": "enabled", "token_budget": 1024}),
        Effort::Medium => json!({"type": "enabled", "token_budget": 4096}),
        // As much as it likes.
        Effort::High | Effort::Xhigh | Effort::Max => json!({"type": "enabled"}),
    };
    match thinking {
        Value::Object(thinking) => Some(thinking),
        _ => None,
    }
}

/// What callers say in the provider's own words. The rest is noted.
pub(super) fn own<'a>(chat: &'a ChatRequest, notes: &mut Notes) -> Own<'a> {
    let mut own = Own::default();
    for (name, value) in &chat.extra {
        match name.as_str() {
            "documents" if value.as_array().is_some_and(Vec::is_empty) => {}
            "documents" => own.documents = Some(value),
            "citation_options" => own.citation_options = Some(value),
            "safety_mode" => own.safety_mode = Some(value),
            // Its place is with the tools.
            "strict_tools" => {}
            name => notes.note(name),
        }
    }
    own
}

/// Parameters that the provider does not have at all. What is as if it had not been said is fine.
pub(super) fn check(chat: &ChatRequest, notes: &mut Notes) -> Result<(), Error> {
    const WHY: &str = "the provider does not have it";
    if chat.n.is_some_and(|n| n > 1) {
        notes.refuse("n", "the provider gives one answer at a time")?;
    }
    if chat.top_logprobs.is_some_and(|count| count > 0) {
        notes.refuse("top_logprobs", WHY)?;
    }
    if chat.web_search.is_some() {
        notes.refuse("web_search_options", WHY)?;
    }
    if chat.modalities.iter().any(|kind| kind != "text") {
        notes.refuse("modalities", "the model answers with text only")?;
    } else if chat.audio.is_some() {
        notes.note("audio");
    }
    let bias = chat.logit_bias.as_ref();
    let hints = [
        ("logit_bias", bias.is_some_and(|bias| !bias.is_empty())),
        ("store", chat.store == Some(true)),
        ("verbosity", chat.verbosity.is_some()),
        ("prediction", chat.prediction.is_some()),
        ("service_tier", chat.service_tier.is_some()),
        ("user", chat.user.is_some()),
        ("safety_identifier", chat.safety_identifier.is_some()),
        ("metadata", chat.metadata.is_some()),
    ];
    for (name, _) in hints.into_iter().filter(|(_, is_said)| *is_said) {
        notes.note(name);
    }
    Ok(())
}
