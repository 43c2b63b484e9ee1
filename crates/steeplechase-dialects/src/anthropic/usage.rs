use crate::json::Text;
use serde::Deserialize;
use steeplechase_core::Usage;
use steeplechase_core::price::Service;

/// Tokens as the provider counts them: cached input apart from the rest.
#[derive(Deserialize)]
pub(super) struct Counts<'a> {
    #[serde(flatten)]
    tokens: Tokens,
    output_tokens_details: Option<Details>,
    server_tool_use: Option<Searches>,
    #[serde(borrow)]
    iterations: Option<Vec<Iteration<'a>>>,
    #[serde(borrow)]
    service_tier: Option<Text<'a>>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Tokens {
    #[serde(rename = "input_tokens")]
    input: Option<u64>,
    #[serde(rename = "output_tokens")]
    output: Option<u64>,
    #[serde(rename = "cache_creation_input_tokens")]
    cache_write: Option<u64>,
    #[serde(rename = "cache_read_input_tokens")]
    cache_read: Option<u64>,
    #[serde(rename = "cache_creation")]
    writes: Option<Writes>,
}

/// For how long input was written to the cache.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Writes {
    ephemeral_1h_input_tokens: Option<u64>,
}

#[derive(Clone, Copy, Deserialize)]
struct Details {
    thinking_tokens: Option<u64>,
}

#[derive(Clone, Copy, Deserialize)]
struct Searches {
    web_search_requests: Option<u64>,
}

/// One of the calls that an answer took, where it took several.
#[derive(Deserialize)]
struct Iteration<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(flatten)]
    tokens: Tokens,
}

/// What an answer has cost so far.
///
/// Each report replaces what it has, and leaves what it has not. Nothing is added up: the figures are
/// those of the whole answer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    tokens: Tokens,
    thinking: Option<u64>,
    searches: Option<u64>,
    service: Service,
    /// What it took to make the conversation shorter, which is not in the totals.
    compaction: Usage,
}

// ===== impl Counts =====

impl Counts<'_> {
    /// The class of service, in `OpenAI`'s words.
    pub(super) fn service_tier(&self) -> Option<&'static str> {
        match &**self.service_tier.as_ref()? {
            "standard" | "batch" => Some("default"),
            "priority" => Some("priority"),
            _ => None,
        }
    }

    /// The model that has answered in the place of the one that was asked.
    pub(super) fn stand_in(&self) -> Option<&str> {
        let mut iterations = self.iterations.iter().flatten();
        let found = iterations.find(|it| it.kind.as_deref() == Some("fallback_message"))?;
        found.model.as_deref()
    }
}

// ===== impl Totals =====

impl Totals {
    /// Takes over what a report has.
    pub(super) fn overlay(&mut self, counts: &Counts<'_>) {
        let newer = counts.tokens;
        let tokens = &mut self.tokens;
        tokens.input = newer.input.or(tokens.input);
        tokens.output = newer.output.or(tokens.output);
        tokens.cache_write = newer.cache_write.or(tokens.cache_write);
        tokens.cache_read = newer.cache_read.or(tokens.cache_read);
        tokens.writes = newer.writes.or(tokens.writes);
        let thinking = counts
            .output_tokens_details
            .and_then(|it| it.thinking_tokens);
        self.thinking = thinking.or(self.thinking);
        let searches = counts.server_tool_use.and_then(|it| it.web_search_requests);
        self.searches = searches.or(self.searches);
        if let Some(tier) = &counts.service_tier {
            self.service = Service::from_name(tier);
        }
        if let Some(iterations) = &counts.iterations {
            let compactions = iterations
                .iter()
                .filter(|it| it.kind.as_deref() == Some("compaction"));
            self.compaction = compactions
                .map(|it| it.tokens.usage())
                .fold(Usage::default(), |sum, usage| sum + usage);
        }
    }

    /// The same, as everybody else counts.
    pub(super) fn usage(&self) -> Usage {
        let mut usage = self.tokens.usage() + self.compaction;
        usage.reasoning = self.thinking.unwrap_or(0).min(usage.completion);
        usage.searches = self.searches.unwrap_or(0);
        usage.service = self.service;
        usage
    }
}

// ===== impl Tokens =====

impl Tokens {
    fn usage(self) -> Usage {
        let read = self.cache_read.unwrap_or(0);
        let written = self.cache_write.unwrap_or(0);
        let fresh = self.input.unwrap_or(0);
        Usage {
            prompt: fresh.saturating_add(read).saturating_add(written),
            completion: self.output.unwrap_or(0),
            cache_read: read,
            cache_write: written,
            cache_write_1h: self
                .writes
                .and_then(|writes| writes.ephemeral_1h_input_tokens)
                .unwrap_or(0),
            ..Usage::default()
        }
    }
}
