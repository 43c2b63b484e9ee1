use std::fmt;

/// What a server answers in the words of its dialect, besides a chat: a set of endpoints.
///
/// A call whose own endpoint is in the set is passed on as it is; the others go by way of a chat, if
/// that can be.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub struct Endpoints(u8);

/// The endpoints by name, in the order of their bits.
const NAMES: [(Endpoints, &str); 5] = [
    (Endpoints::CHAT, "chat"),
    (Endpoints::COMPLETIONS, "completions"),
    (Endpoints::EMBEDDINGS, "embeddings"),
    (Endpoints::RERANK, "rerank"),
    (Endpoints::RESPONSES, "responses"),
];

/// Providers that have the Responses API of their own.
const RESPONSES: [&str; 5] = ["azure", "groq", "openai", "openrouter", "xai"];

/// Providers that complete a prompt with the models with which they chat.
const COMPLETIONS: [&str; 12] = [
    "deepinfra",
    "deepseek",
    "featherless_ai",
    "fireworks_ai",
    "hosted_vllm",
    "hyperbolic",
    "llamafile",
    "lm_studio",
    "nebius",
    "novita",
    "openrouter",
    "together_ai",
];

/// Providers that put documents in order.
const RERANK: [&str; 11] = [
    "azure_ai",
    "cohere",
    "cohere_chat",
    "deepinfra",
    "hosted_vllm",
    "huggingface",
    "infinity",
    "jina_ai",
    "nvidia_nim",
    "together_ai",
    "voyage",
];

/// OpenAI's models that complete a prompt. The others only chat, and refuse.
const INSTRUCT: [&str; 3] = ["babbage-002", "davinci-002", "gpt-3.5-turbo-instruct"];

// ===== impl Endpoints =====

impl Endpoints {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Chat completions.
    pub const CHAT: Self = Self(1);
    /// OpenAI's old completions, of a prompt.
    pub const COMPLETIONS: Self = Self(2);
    /// Embeddings.
    pub const EMBEDDINGS: Self = Self(4);
    /// Rerank.
    pub const RERANK: Self = Self(8);
    /// OpenAI's Responses.
    pub const RESPONSES: Self = Self(16);

    /// What a provider is known to answer for a model.
    ///
    /// Chat and embeddings are taken for granted: what is not there is refused by the provider itself.
    pub fn of(provider: &str, model: &str) -> Self {
        let mut endpoints = Self::CHAT.with(Self::EMBEDDINGS);
        if RESPONSES.contains(&provider) {
            endpoints = endpoints.with(Self::RESPONSES);
        }
        if RERANK.contains(&provider) {
            endpoints = endpoints.with(Self::RERANK);
        }
        let completes = match provider {
            "azure" | "openai" => INSTRUCT.iter().any(|name| model.contains(name)),
            // Its models under this name do nothing else.
            "text-completion-openai" => true,
            other => COMPLETIONS.contains(&other),
        };
        if completes {
            endpoints = endpoints.with(Self::COMPLETIONS);
        }
        endpoints
    }

    /// The endpoints of both.
    #[must_use]
    pub const fn with(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// The endpoints of this set that are not in the other.
    #[must_use]
    pub const fn without(self, less: Self) -> Self {
        Self(self.0 & !less.0)
    }

    /// Whether all endpoints of the other set are in this one.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMES.iter().filter(|(endpoint, _)| self.has(*endpoint));
        f.debug_set().entries(names.map(|(_, name)| name)).finish()
    }
}
