use steeplechase_core::Deployment;
use steeplechase_core::deployment::{CallIds, StreamUsage};

use super::models::Family;

/// What is peculiar to a provider, as far as the messages, the tools and the thoughts of a chat go.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a habit of its own, not a state"
)]
pub(in crate::openai) struct Quirks {
    /// `OpenAI` itself, or somebody who serves the same: hints are taken, and names are.
    pub(super) is_openai: bool,
    /// Whether the limit of an answer is `max_completion_tokens`.
    pub(super) new_limit: bool,
    /// Whether a stream has to be asked for its usage.
    pub(super) asks_usage: bool,
    /// Whether there are texts only, and no pictures.
    pub(super) text_only: bool,
    /// Whether the user and the assistant have to take turns.
    pub(super) alternates: bool,
    /// Whether cache marks are taken, on parts and tools.
    pub(super) cache_marks: bool,
    /// Whether a last message of the assistant's can be continued, by `prefix`.
    pub(super) prefix: bool,
    /// Whether a tool can be made to conform to its schema.
    pub(super) strict: bool,
    /// Whether there is a `top_k`.
    pub(super) top_k: bool,
    /// Whether the web can be searched, by `web_search_options`.
    pub(super) web_search: bool,
    /// Whether names of calls are nine letters and digits.
    pub(super) short_ids: bool,
    /// Whether seals on calls are taken, by `extra_content`.
    pub(super) seals: bool,
    pub(super) thoughts: Thoughts,
    pub(super) effort: Knob,
    /// Fields for each call.
    pub(super) fixed: &'static [(&'static str, &'static str)],
}

/// What becomes of what the assistant thought before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Thoughts {
    /// It is left out.
    Forgotten,
    /// It is `reasoning_content`, of messages that call tools. One who has none there is refused.
    WithCalls,
    /// It is `reasoning`.
    Told,
    /// It is all of `thinking_blocks`, with their seals.
    Sealed,
}

/// How a provider is told how hard to think.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Knob {
    /// By `reasoning_effort`.
    Effort,
    /// By `reasoning_effort`, if the caller has said it by that name: who knows it knows the model.
    IfNamed,
    /// By `thinking`, which is enabled or disabled.
    Switch,
}

const OTHER: Quirks = Quirks {
    is_openai: false,
    new_limit: false,
    asks_usage: true,
    text_only: false,
    alternates: false,
    cache_marks: false,
    prefix: false,
    strict: true,
    top_k: true,
    web_search: false,
    short_ids: false,
    seals: false,
    thoughts: Thoughts::Forgotten,
    effort: Knob::IfNamed,
    fixed: &[],
};

const OPENAI: Quirks = Quirks {
    is_openai: true,
    new_limit: true,
    top_k: false,
    effort: Knob::Effort,
    ..OTHER
};

// ===== impl Quirks =====

impl Quirks {
    /// What is peculiar to a deployment's provider.
    pub(in crate::openai) fn of(deployment: &Deployment) -> Self {
        let host = deployment.base_url().host().unwrap_or_default();
        let family = Family::of_deployment(deployment, deployment.upstream_model());
        let mut quirks = Self::of_provider(deployment.provider(), host, family);
        let profile = deployment.profile();
        quirks.asks_usage = profile.stream_usage == StreamUsage::Asked;
        quirks.short_ids = profile.params.messages.call_ids == CallIds::Nine;
        // Whoever serves them, these models know no other name for it.
        quirks.new_limit |= family.is_thinker();
        if family.is_thinker() && quirks.effort == Knob::IfNamed {
            quirks.effort = Knob::Effort;
        }
        quirks
    }

    fn of_provider(provider: &str, host: &str, family: Family) -> Self {
        match provider {
            "azure" | "azure_text" => OPENAI,
            // Many servers are called by this name that only speak its dialect.
            "openai" | "" if host.ends_with(".openai.com") || family.is_openai() => OPENAI,
            "mistral" | "codestral" => Self {
                top_k: false,
                prefix: true,
                strict: false,
                ..OTHER
            },
            "groq" => Self {
                top_k: false,
                new_limit: true,
                effort: Knob::of(family.is_open_thinker()),
                ..OTHER
            },
            "deepseek" => Self {
                top_k: false,
                text_only: true,
                prefix: true,
                strict: false,
                thoughts: Thoughts::WithCalls,
                effort: Knob::Switch,
                ..OTHER
            },
            "moonshot" => Self {
                top_k: false,
                thoughts: Thoughts::WithCalls,
                ..OTHER
            },
            "xai" => Self {
                top_k: false,
                strict: false,
                ..OTHER
            },
            "openrouter" => Self {
                cache_marks: true,
                web_search: true,
                thoughts: Thoughts::Told,
                effort: Knob::Effort,
                ..OTHER
            },
            "fireworks_ai" => Self {
                strict: false,
                effort: Knob::of(family.is_open_thinker()),
                // It would cut a prompt that is too long without a word.
                fixed: &[("context_length_exceeded_behavior", "error")],
                ..OTHER
            },
            "perplexity" => Self {
                alternates: true,
                web_search: true,
                ..OTHER
            },
            "sambanova" => Self {
                text_only: true,
                ..OTHER
            },
            "litellm_proxy" => Self {
                cache_marks: true,
                seals: true,
                thoughts: Thoughts::Sealed,
                effort: Knob::Effort,
                ..OTHER
            },
            _ => Self {
                seals: host.ends_with(".googleapis.com"),
                effort: Knob::of(family.is_open_thinker()),
                ..OTHER
            },
        }
    }
}

// ===== impl Knob =====

impl Knob {
    const fn of(takes_effort: bool) -> Self {
        if takes_effort {
            Self::Effort
        } else {
            Self::IfNamed
        }
    }
}
