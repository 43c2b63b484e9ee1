use serde::Serialize;
use steeplechase_core::Usage;

/// What an answer has cost, as this dialect counts: what was read from a cache or written to one is apart
/// from the rest of the input.
#[derive(Serialize)]
pub(super) struct WireUsage {
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    output_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens_details: Option<Details>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'static str>,
}

#[derive(Serialize)]
struct Details {
    thinking_tokens: u64,
}

// ===== impl WireUsage =====

impl WireUsage {
    pub(super) fn new(usage: &Usage) -> Self {
        let cached = usage.cache_read.saturating_add(usage.cache_write);
        let thought = (usage.reasoning > 0).then_some(usage.reasoning);
        Self {
            input_tokens: usage.prompt.saturating_sub(cached),
            cache_creation_input_tokens: usage.cache_write,
            cache_read_input_tokens: usage.cache_read,
            output_tokens: usage.completion,
            output_tokens_details: thought.map(|thinking_tokens| Details { thinking_tokens }),
            service_tier: None,
        }
    }

    /// Says in which class of service the answer was made, as a message does and a part of one does not.
    pub(super) fn of_message(usage: &Usage, tier: Option<&str>) -> Self {
        let tier = match tier {
            Some("priority") => "priority",
            _ => "standard",
        };
        Self {
            service_tier: Some(tier),
            ..Self::new(usage)
        }
    }
}
