use serde_json::{Value, json};
use steeplechase_core::Error;

use super::RequestOptions;
use super::native::Config;
use crate::chat::ChatRequest;
use crate::chat::notes::{Notes, unsupported};

/// The most stop sequences, and the most answers.
const MAX_STOPS: usize = 5;
const MAX_ANSWERS: u64 = 8;

/// The first penalty that is too much.
const PENALTY_END: f64 = 2.0;

/// Writes what is said of the answer in general.
pub(super) fn write<'a>(
    chat: &'a ChatRequest,
    options: &RequestOptions<'_>,
    config: &mut Config<'a>,
    notes: &mut Notes,
) -> Result<(), Error> {
    config.max_output_tokens = chat.max_tokens;
    config.temperature = chat.temperature;
    config.top_p = chat.top_p;
    config.top_k = chat.top_k;
    config.seed = chat.seed.map(|seed| small(seed, notes));
    config.candidate_count = answers(chat, notes)?;
    config.stop_sequences = stop(chat, notes)?;
    let penalties = [
        ("presence_penalty", chat.presence_penalty),
        ("frequency_penalty", chat.frequency_penalty),
    ];
    let [presence, frequency] = penalties.map(|(name, value)| penalty(name, value, options, notes));
    config.presence_penalty = presence;
    config.frequency_penalty = frequency;
    if chat.logprobs == Some(true) {
        config.response_logprobs = Some(true);
        config.logprobs = chat.top_logprobs.filter(|count| *count > 0);
    } else if chat.top_logprobs.is_some_and(|count| count > 0) {
        return Err(unsupported("top_logprobs", "it takes logprobs: true"));
    }
    modalities(chat, config, notes)?;
    check(chat, options, notes);
    Ok(())
}

/// A seed in the 32 bits that there are.
fn small(seed: i64, notes: &mut Notes) -> i64 {
    if i32::try_from(seed).is_ok() {
        return seed;
    }
    notes.note("seed");
    // Two seeds that differ still do, as a rule.
    seed.rem_euclid(1 << 31)
}

fn answers(chat: &ChatRequest, notes: &mut Notes) -> Result<Option<u64>, Error> {
    match chat.n {
        None | Some(1) => Ok(None),
        Some(n) if n <= MAX_ANSWERS => Ok(Some(n)),
        Some(_) => {
            notes.refuse("n", "the provider gives eight answers at most")?;
            Ok(None)
        }
    }
}

/// Stop sequences that the provider takes.
fn stop<'a>(chat: &'a ChatRequest, notes: &mut Notes) -> Result<Vec<&'a str>, Error> {
    let stops = chat.stop.iter().map(String::as_str);
    let mut kept: Vec<_> = stops.filter(|stop| !stop.is_empty()).collect();
    if kept.len() < chat.stop.len() {
        notes.note("stop");
    }
    if kept.len() > MAX_STOPS {
        notes.refuse("stop", "the provider takes five at most")?;
        kept.truncate(MAX_STOPS);
    }
    Ok(kept)
}

fn penalty(
    name: &str,
    value: Option<f64>,
    options: &RequestOptions<'_>,
    notes: &mut Notes,
) -> Option<f64> {
    // Zero is what there is without it.
    let value = value.filter(|value| *value != 0.0)?;
    if !options.capabilities.penalties {
        notes.note(name);
        return None;
    }
    Some(value.min(PENALTY_END - 0.01))
}

/// The kinds of output, and the voice.
fn modalities(chat: &ChatRequest, config: &mut Config<'_>, notes: &mut Notes) -> Result<(), Error> {
    let wants = |kind: &str| chat.modalities.iter().any(|wanted| wanted == kind);
    let known = ["text", "image", "audio"];
    if let Some(other) = chat
        .modalities
        .iter()
        .find(|kind| !known.contains(&kind.as_str()))
    {
        notes.refuse("modalities", format_args!("the provider has no {other}"))?;
    }
    if wants("audio") {
        // A model that speaks does nothing else.
        config.response_modalities = vec!["AUDIO"];
        config.speech = voice(chat, notes)?;
        return Ok(());
    }
    if chat.audio.is_some() {
        notes.note("audio");
    }
    if wants("image") {
        let text = wants("text").then_some("TEXT");
        config.response_modalities = text.into_iter().chain(["IMAGE"]).collect();
    }
    Ok(())
}

fn voice(chat: &ChatRequest, notes: &mut Notes) -> Result<Option<Value>, Error> {
    let Some(audio) = &chat.audio else {
        return Ok(None);
    };
    let format = audio.get("format").and_then(Value::as_str);
    if !matches!(format, None | Some("pcm16" | "pcm")) {
        notes.refuse("audio.format", "the provider speaks pcm16")?;
    }
    let voice = audio.get("voice");
    let name = voice.map(|voice| voice.get("id").unwrap_or(voice));
    let name = name.and_then(Value::as_str);
    Ok(name.map(|name| json!({"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": name}}})))
}

/// The class of service, in the provider's words.
pub(super) fn service_tier(chat: &ChatRequest, notes: &mut Notes) -> Option<&'static str> {
    match chat.service_tier.as_deref()? {
        "flex" => Some("flex"),
        "priority" => Some("priority"),
        "default" | "standard" => Some("standard"),
        // It is what there is without it.
        "auto" => None,
        _ => {
            notes.note("service_tier");
            None
        }
    }
}

/// Notes what the provider does not have, and nobody can see missing.
fn check(chat: &ChatRequest, options: &RequestOptions<'_>, notes: &mut Notes) {
    let biased = chat.logit_bias.as_ref().is_some_and(|it| !it.is_empty());
    let messages = || chat.messages.iter();
    let marked = messages()
        .any(|said| said.cache.is_some() || said.content.iter().any(|part| part.cache.is_some()));
    let hints = [
        ("logit_bias", biased),
        ("store", chat.store == Some(true)),
        ("verbosity", chat.verbosity.is_some()),
        ("prediction", chat.prediction.is_some()),
        ("user", chat.user.is_some()),
        ("safety_identifier", chat.safety_identifier.is_some()),
        // On the other servers they become labels.
        (
            "metadata",
            chat.metadata.is_some() && !options.host.has_labels(),
        ),
        (
            "cache_control",
            marked || chat.tools.iter().any(|tool| tool.cache.is_some()),
        ),
        (
            "parallel_tool_calls",
            chat.parallel_tool_calls == Some(false) && !chat.tools.is_empty(),
        ),
    ];
    for (name, _) in hints.into_iter().filter(|(_, is_said)| *is_said) {
        notes.note(name);
    }
}
