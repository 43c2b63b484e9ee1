use crate::json::Text;
use serde::Deserialize;
use steeplechase_core::Usage;
use steeplechase_core::price::Service;

/// Tokens as the provider counts them: cached input apart from the rest.
#[derive(Default, Deserialize)]
pub(super) struct Counts<'a> {
    #[serde(rename = "inputTokens")]
    input: Option<u64>,
    #[serde(rename = "outputTokens")]
    output: Option<u64>,
    #[serde(rename = "cacheReadInputTokens")]
    cache_read: Option<u64>,
    #[serde(rename = "cacheWriteInputTokens")]
    cache_write: Option<u64>,
    #[serde(borrow, rename = "cacheDetails")]
    writes: Option<Vec<Write<'a>>>,
}

/// Input that was written to the cache, and for how long.
#[derive(Deserialize)]
struct Write<'a> {
    #[serde(borrow)]
    ttl: Option<Text<'a>>,
    #[serde(rename = "inputTokens")]
    input: Option<u64>,
}

/// The class of service.
#[derive(Deserialize)]
pub(super) struct Tier<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
}

/// What the model says of itself beside the answer, as far as it is known.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Additional {
    usage: Option<AdditionalUsage>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct AdditionalUsage {
    output_tokens_details: Option<Details>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Details {
    thinking_tokens: Option<u64>,
}

// ===== impl Counts =====

impl Counts<'_> {
    /// The same, as everybody else counts.
    pub(super) fn usage(&self, additional: &Additional, tier: Option<&Tier<'_>>) -> Usage {
        let read = self.cache_read.unwrap_or(0);
        let written = self.cache_write.unwrap_or(0);
        let fresh = self.input.unwrap_or(0);
        let completion = self.output.unwrap_or(0);
        Usage {
            prompt: fresh.saturating_add(read).saturating_add(written),
            completion,
            cache_read: read,
            cache_write: written,
            cache_write_1h: self.for_an_hour().min(written),
            reasoning: additional.thinking().unwrap_or(0).min(completion),
            service: tier.map(Tier::service).unwrap_or_default(),
            ..Usage::default()
        }
    }

    fn for_an_hour(&self) -> u64 {
        let writes = self.writes.iter().flatten();
        let writes = writes.filter(|it| it.ttl.as_deref() == Some("1h"));
        let counts = writes.filter_map(|it| it.input);
        counts.fold(0, u64::saturating_add)
    }
}

// ===== impl Tier =====

impl Tier<'_> {
    fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or_default()
    }

    fn service(&self) -> Service {
        Service::from_name(self.kind())
    }

    /// Its name in `OpenAI`'s words.
    pub(super) fn name(&self) -> Option<&'static str> {
        match self.kind() {
            "default" | "reserved" => Some("default"),
            "flex" => Some("flex"),
            "priority" => Some("priority"),
            _ => None,
        }
    }
}

// ===== impl Additional =====

impl Additional {
    fn thinking(&self) -> Option<u64> {
        self.usage?.output_tokens_details?.thinking_tokens
    }
}
