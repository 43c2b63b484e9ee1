use serde::Deserialize;
use steeplechase_core::Usage;

/// Tokens as the provider counts them: cached input apart from the rest.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Counts {
    #[serde(rename = "inputTokens")]
    input: Option<u64>,
    #[serde(rename = "outputTokens")]
    output: Option<u64>,
    #[serde(rename = "cacheReadInputTokens")]
    cache_read: Option<u64>,
    #[serde(rename = "cacheWriteInputTokens")]
    cache_write: Option<u64>,
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

impl Counts {
    /// The same, as everybody else counts.
    pub(super) fn usage(&self, additional: &Additional) -> Usage {
        let read = self.cache_read.unwrap_or(0);
        let written = self.cache_write.unwrap_or(0);
        let fresh = self.input.unwrap_or(0);
        let completion = self.output.unwrap_or(0);
        Usage {
            prompt: fresh.saturating_add(read).saturating_add(written),
            completion,
            cache_read: read,
            cache_write: written,
            reasoning: additional.thinking().unwrap_or(0).min(completion),
            ..Usage::default()
        }
    }
}

// ===== impl Additional =====

impl Additional {
    fn thinking(&self) -> Option<u64> {
        self.usage?.output_tokens_details?.thinking_tokens
    }
}
