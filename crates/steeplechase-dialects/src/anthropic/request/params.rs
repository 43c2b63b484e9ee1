use serde_json::Value;
use steeplechase_core::Error;

use super::native::Metadata;
use super::native::Own;
use super::native::Sampling;
use crate::anthropic::Capabilities;
use crate::anthropic::Sampling as Takes;
use crate::chat::ChatRequest;
use crate::chat::notes::Notes;

/// `temperature`, `top_p` and `top_k`, as far as the model takes them.
#[allow(
    clippy::float_cmp,
    reason = "the defaults are compared as they were written"
)]
pub(crate) fn sampling(
    chat: &ChatRequest,
    capabilities: Capabilities,
    thinks: bool,
    notes: &mut Notes,
) -> Result<Sampling, Error> {
    let mut sampling = Sampling::default();
    let why = if thinks {
        "the model does not take it while it thinks"
    } else {
        "the model does not take it"
    };
    let takes_any = capabilities.sampling != Takes::None;
    if let Some(temperature) = chat.temperature {
        if takes_any && !thinks {
            sampling.temperature = Some(temperature.min(1.0));
            if temperature > 1.0 {
                notes.note("temperature");
            }
        } else if temperature != 1.0 {
            notes.refuse("temperature", why)?;
        }
    }
    if let Some(top_p) = chat.top_p {
        let alone = capabilities.sampling == Takes::Free || sampling.temperature.is_none();
        if takes_any && alone && (!thinks || top_p >= 0.95) {
            sampling.top_p = Some(top_p);
        } else if top_p == 1.0 {
            // It is what there is without it.
        } else if takes_any && !alone {
            notes.note("top_p");
        } else {
            notes.refuse("top_p", why)?;
        }
    }
    if let Some(top_k) = chat.top_k {
        if takes_any && !thinks {
            sampling.top_k = Some(top_k);
        } else {
            notes.refuse("top_k", why)?;
        }
    }
    Ok(sampling)
}

/// The stop texts. The provider refuses those that are only white space.
pub(crate) fn stop<'a>(chat: &'a ChatRequest, notes: &mut Notes) -> Vec<&'a str> {
    let stops = chat.stop.iter().map(String::as_str);
    let kept: Vec<_> = stops.filter(|stop| !stop.trim().is_empty()).collect();
    if kept.len() < chat.stop.len() {
        notes.note("stop");
    }
    kept
}

/// The caller's user, unless the provider would refuse the name.
pub(super) fn metadata<'a>(chat: &'a ChatRequest, notes: &mut Notes) -> Option<Metadata<'a>> {
    let in_metadata = chat.metadata.as_ref().and_then(|metadata| {
        if metadata.keys().any(|key| key != "user_id") {
            notes.note("metadata");
        }
        metadata.get("user_id")?.as_str()
    });
    let candidates = [
        ("safety_identifier", chat.safety_identifier.as_deref()),
        ("user", chat.user.as_deref()),
        ("metadata", in_metadata),
    ];
    let (field, user_id) = candidates
        .into_iter()
        .find_map(|(field, user)| Some((field, user?)))?;
    if !is_opaque(user_id) {
        notes.note(field);
        return None;
    }
    Some(Metadata { user_id })
}

/// Whether a name of a user says nothing about who it is, which the provider insists on.
fn is_opaque(user: &str) -> bool {
    const MAX_CHARS: usize = 512;
    let looks_like_email = user.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.contains(char::is_whitespace)
    });
    let digits = user.bytes().filter(u8::is_ascii_digit).count();
    let is_phone_char = |c: char| c.is_ascii_digit() || " +-().".contains(c);
    let looks_like_phone = (7..=15).contains(&digits)
        && user.chars().all(is_phone_char)
        // Plain digits are more often the number of a row.
        && !user.bytes().all(|b| b.is_ascii_digit());
    !user.is_empty()
        && user.chars().count() <= MAX_CHARS
        && !user.chars().any(char::is_control)
        && !looks_like_email
        && !looks_like_phone
}

pub(super) fn service_tier(chat: &ChatRequest, notes: &mut Notes) -> Option<&'static str> {
    match chat.service_tier.as_deref()? {
        "auto" => Some("auto"),
        "default" | "standard_only" => Some("standard_only"),
        _ => {
            notes.note("service_tier");
            None
        }
    }
}

/// What callers say in Anthropic's own words, and the betas that it takes. The rest is noted.
pub(super) fn own<'a>(
    chat: &'a ChatRequest,
    notes: &mut Notes,
    betas: &mut Vec<&'static str>,
) -> Own<'a> {
    let mut own = Own::default();
    for (name, value) in &chat.extra {
        match name.as_str() {
            "cache_control" => own.cache_control = Some(value),
            "context_management" => {
                betas.push("context-management-2025-06-27");
                own.context_management = Some(value);
            }
            "container" => own.container = Some(value),
            "mcp_servers" => {
                betas.push("mcp-client-2025-04-04");
                own.mcp_servers = Some(value);
            }
            "speed" => {
                if value.as_str() == Some("fast") {
                    betas.push("fast-mode-2026-02-01");
                }
                own.speed = Some(value);
            }
            "inference_geo" => own.inference_geo = Some(value),
            // Its place is with the thinking.
            "output_config" => {}
            name => notes.note(name),
        }
    }
    own
}

/// Parameters that the provider does not have at all. What is as if it had not been said is fine.
pub(crate) fn check(chat: &ChatRequest, notes: &mut Notes) -> Result<(), Error> {
    const WHY: &str = "the provider does not have it";
    if chat.n.is_some_and(|n| n > 1) {
        notes.refuse("n", "the provider gives one answer at a time")?;
    }
    if chat.logprobs == Some(true) {
        notes.refuse("logprobs", WHY)?;
    }
    if chat.top_logprobs.is_some_and(|count| count > 0) {
        notes.refuse("top_logprobs", WHY)?;
    }
    let penalties = [
        ("presence_penalty", chat.presence_penalty),
        ("frequency_penalty", chat.frequency_penalty),
    ];
    for (name, penalty) in penalties {
        if penalty.is_some_and(|penalty| penalty != 0.0) {
            notes.refuse(name, WHY)?;
        }
    }
    if chat.modalities.iter().any(|kind| kind != "text") {
        notes.refuse("modalities", "the model answers with text only")?;
    } else if chat.audio.is_some() {
        notes.note("audio");
    }
    let hints = [
        (
            "logit_bias",
            chat.logit_bias
                .as_ref()
                .is_some_and(|bias| !bias.is_empty()),
        ),
        ("seed", chat.seed.is_some()),
        ("store", chat.store == Some(true)),
        ("verbosity", chat.verbosity.is_some()),
        (
            "prediction",
            chat.prediction
                .as_ref()
                .is_some_and(|value| *value != Value::Null),
        ),
    ];
    for (name, _) in hints.into_iter().filter(|(_, is_said)| *is_said) {
        notes.note(name);
    }
    Ok(())
}
