//! How to generate.

use serde_json::{Map, Value};

use super::{family, schema};
use crate::refusal::Refusal;

/// The most answers to one request.
const MAX_CANDIDATES: u64 = 8;

/// The most stop sequences.
const MAX_STOPS: usize = 5;

/// What a request says about how to generate.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) candidates: usize,
    pub(super) max_tokens: Option<usize>,
    pub(super) thinks: bool,
    pub(super) shows_thoughts: bool,
}

/// Reads the configuration, if there is one.
pub(super) fn read(
    body: &Map<String, Value>,
    model: &str,
    has_functions: bool,
) -> Result<Config, Refusal> {
    let config = body.get("generationConfig").unwrap_or(&Value::Null);
    let candidates = whole(config, "candidateCount", 1, MAX_CANDIDATES)?;
    let max_tokens = whole(config, "maxOutputTokens", 1, u64::from(u32::MAX))?;
    range(config, "temperature", 0.0..=2.0)?;
    range(config, "topP", 0.0..=1.0)?;
    range(config, "presencePenalty", -2.0..=2.0)?;
    range(config, "frequencyPenalty", -2.0..=2.0)?;
    let penalties = ["presencePenalty", "frequencyPenalty"];
    let penalized = penalties.iter().any(|field| !config[*field].is_null());
    if penalized && family::generation(model) >= 3 {
        return Err(Refusal::bad("Penalty is not enabled for this model"));
    }
    if config["stopSequences"].as_array().map_or(0, Vec::len) > MAX_STOPS {
        return Err(wrong("stopSequences", "must have at most 5 entries"));
    }
    if !config["logprobs"].is_null() && config["responseLogprobs"] != true {
        return Err(wrong(
            "logprobs",
            "only allowed if response_logprobs is true",
        ));
    }
    format(config, model, has_functions)?;
    let (thinks, shows_thoughts) = thinking(&config["thinkingConfig"], model)?;
    Ok(Config {
        candidates: candidates.unwrap_or(1),
        max_tokens,
        thinks,
        shows_thoughts,
    })
}

fn format(config: &Value, model: &str, has_functions: bool) -> Result<(), Refusal> {
    let mime = config["responseMimeType"].as_str().unwrap_or("text/plain");
    let json = mime == "application/json";
    if !json && !["text/plain", "text/x.enum"].contains(&mime) {
        let message =
            format!("allowed mimetypes are `text/plain`, `application/json`, not {mime:?}");
        return Err(wrong("responseMimeType", &message));
    }
    if json && has_functions && family::generation(model) < 3 {
        return Err(Refusal::bad(format!(
            "Function calling with a response mime type: '{mime}' is unsupported"
        )));
    }
    let schemas = ["responseSchema", "responseJsonSchema"].map(|field| !config[field].is_null());
    if schemas == [true, true] {
        return Err(wrong(
            "responseSchema",
            "set together with response_json_schema",
        ));
    }
    if schemas != [false, false] && mime == "text/plain" {
        return Err(wrong(
            "responseMimeType",
            "must be application/json when a response schema is set",
        ));
    }
    if schemas[0] {
        let place = "* GenerateContentRequest.generation_config.response_schema";
        schema::check(&config["responseSchema"], place)?;
    }
    Ok(())
}

/// Whether to think, and whether to do so aloud.
fn thinking(config: &Value, model: &str) -> Result<(bool, bool), Refusal> {
    if config.is_null() {
        return Ok((false, false));
    }
    let (budget, level) = (&config["thinkingBudget"], &config["thinkingLevel"]);
    if !budget.is_null() && !level.is_null() {
        return Err(Refusal::bad(
            "You can only set only one of thinking budget and thinking level.",
        ));
    }
    if !family::thinks(model) {
        return Err(Refusal::bad(
            "Unable to submit request because thinking is not supported by this model.",
        ));
    }
    if !level.is_null() && family::generation(model) < 3 {
        return Err(Refusal::bad(
            "Thinking level is not supported for this model.",
        ));
    }
    let aloud = config["includeThoughts"] == true;
    let off = *budget == 0;
    if off && aloud {
        return Err(Refusal::bad(
            "include_thoughts is only enabled when thinking is enabled.",
        ));
    }
    if off && model.contains("pro") {
        return Err(Refusal::bad(
            "Budget 0 is invalid. This model only works in thinking mode.",
        ));
    }
    Ok((!off, aloud))
}

fn whole(config: &Value, field: &str, least: u64, most: u64) -> Result<Option<usize>, Refusal> {
    let value = &config[field];
    if value.is_null() {
        return Ok(None);
    }
    let text = value.as_str().and_then(|text| text.parse().ok());
    let count = value.as_u64().or(text);
    let count = count.filter(|count| (least..=most).contains(count));
    let count = count.and_then(|count| usize::try_from(count).ok());
    let expected = format!("must be from {least} to {most}");
    count.map(Some).ok_or_else(|| wrong(field, &expected))
}

fn range(config: &Value, field: &str, range: std::ops::RangeInclusive<f64>) -> Result<(), Refusal> {
    let value = &config[field];
    let text = value.as_str().and_then(|text| text.parse().ok());
    match value.as_f64().or(text) {
        Some(number) if !range.contains(&number) => {
            let expected = format!("must be from {} to {}", range.start(), range.end());
            Err(wrong(field, &expected))
        }
        _ => Ok(()),
    }
}

fn wrong(field: &str, what: &str) -> Refusal {
    let field = crate::shape::snake(field);
    Refusal::bad(format!(
        "* GenerateContentRequest.generation_config.{field}: {what}\n"
    ))
}
