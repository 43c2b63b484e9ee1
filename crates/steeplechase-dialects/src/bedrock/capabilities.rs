use super::{Family, Model};
use crate::anthropic;

/// What a model takes, as far as it differs from model to model.
///
/// It is looked up by [`for_model`](Self::for_model), and may be corrected field by field where
/// somebody knows better.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a feature of the model, not a state"
)]
pub struct Capabilities {
    /// Whose model it is.
    pub family: Family,
    /// What it has in common with all of Anthropic's; for others, what they have in common with those.
    pub common: anthropic::Capabilities,
    /// How far it can be made to call tools.
    pub tool_choice: ToolChoices,
    /// Whether it can be told to call one tool at a time.
    pub one_tool_at_a_time: bool,
    /// Whether it can be held to the schema of a tool.
    pub strict: bool,
    /// What of a prompt it can cache.
    pub cache: Caches,
    /// How it is asked to think.
    pub reasoning: Reasoning,
    /// Whether it ends at texts.
    pub stop: bool,
    /// Whether words and results, or words and calls, can be in one turn.
    pub mixes_turns: bool,
    /// Whether a result can say that it is a failure.
    pub result_status: bool,
    /// What a result can be.
    pub results: Results,
    /// When it streams.
    pub streams: Streams,
    /// The fewest tokens that an answer may be limited to.
    pub min_tokens: u64,
}

/// How far a model can be made to call tools.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ToolChoices {
    /// Any of them.
    Any,
    /// Any of them, or one by its name.
    Named,
    /// Not at all.
    None,
}

/// What of a prompt a model can cache.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Caches {
    /// All, for as long as is said.
    Long,
    /// Nothing.
    Nothing,
    /// All, for five minutes.
    Short,
    /// All but the tools, for five minutes.
    WithoutTools,
}

/// How a model is asked to think.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reasoning {
    /// It always thinks, and takes no word about it.
    Always,
    /// As all of Anthropic's are.
    Claude,
    /// By `reasoning_effort`.
    Effort,
    /// By `reasoning.effort`.
    Nested,
    /// It cannot.
    None,
    /// By `reasoningConfig`.
    Nova,
}

/// What the result of a tool can be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Results {
    /// Words, or an object.
    Objects,
    /// Words, pictures and documents.
    Rich,
    /// Words.
    Words,
}

/// When a model streams its answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Streams {
    /// Whenever it is asked to.
    Always,
    /// Never.
    Never,
    /// Unless there are tools.
    WithoutTools,
}

// ===== impl Capabilities =====

impl Capabilities {
    /// What a model takes, by its name.
    pub fn for_model(name: &str) -> Self {
        let model = Model::parse(name);
        let family = model.family();
        let plain = Self::plain(family, model.id());
        match family {
            Family::Claude => Self::claude(model.id()),
            Family::Nova | Family::Nova2 => Self {
                tool_choice: ToolChoices::Named,
                cache: Caches::WithoutTools,
                reasoning: if family == Family::Nova2 {
                    Reasoning::Nova
                } else {
                    Reasoning::None
                },
                result_status: true,
                results: Results::Rich,
                ..plain
            },
            Family::Mistral => Self {
                tool_choice: ToolChoices::Any,
                mixes_turns: false,
                results: Results::Objects,
                ..plain
            },
            Family::Llama => Self {
                mixes_turns: false,
                streams: Streams::WithoutTools,
                ..plain
            },
            Family::Ai21 => Self {
                mixes_turns: false,
                streams: Streams::Never,
                ..plain
            },
            Family::Cohere => Self {
                mixes_turns: false,
                ..plain
            },
            Family::DeepSeek | Family::GptOss => Self {
                reasoning: Reasoning::Effort,
                stop: family != Family::GptOss,
                ..plain
            },
            Family::DeepSeekR1 => Self {
                reasoning: Reasoning::Always,
                ..plain
            },
            Family::Gpt | Family::Grok => Self {
                reasoning: Reasoning::Nested,
                stop: false,
                min_tokens: 16,
                ..plain
            },
            Family::Open | Family::Other => plain,
        }
    }

    /// What nearly all of them take.
    fn plain(family: Family, id: &str) -> Self {
        let forced_tool = matches!(family, Family::Mistral | Family::Nova | Family::Nova2);
        Self {
            family,
            common: anthropic::Capabilities {
                thinking: anthropic::Thinking::Never,
                efforts: &[],
                effort_beta: false,
                sampling: anthropic::Sampling::Free,
                forced_tool,
                prefill: false,
                json_schema: has_json_schema(family, id),
                mid_system: false,
                max_output: None,
            },
            tool_choice: ToolChoices::None,
            one_tool_at_a_time: false,
            strict: false,
            cache: Caches::Nothing,
            reasoning: Reasoning::None,
            stop: true,
            mixes_turns: true,
            result_status: false,
            results: Results::Words,
            streams: Streams::Always,
            min_tokens: 1,
        }
    }

    fn claude(id: &str) -> Self {
        let version = anthropic::Capabilities::version(id);
        let within = |from, to| version.is_some_and(|version| (from..=to).contains(&version));
        let newest = (u8::MAX, u8::MAX);
        let cache = if version.is_none() || within((4, 5), newest) {
            Caches::Long
        } else if within((3, 7), newest) || id.contains("3-5-haiku") || id.contains("20241022-v2") {
            Caches::Short
        } else {
            Caches::Nothing
        };
        Self {
            common: anthropic::Capabilities {
                // Newer ones refuse it here, though not at home.
                json_schema: within((4, 5), (4, 6)),
                mid_system: false,
                ..anthropic::Capabilities::for_model(id)
            },
            tool_choice: ToolChoices::Named,
            one_tool_at_a_time: version.is_none() || within((3, 7), newest),
            strict: within((4, 5), (4, 6)),
            cache,
            reasoning: Reasoning::Claude,
            result_status: true,
            results: Results::Rich,
            ..Self::plain(Family::Claude, id)
        }
    }
}

/// Whether a model that is not Anthropic's can be held to a JSON schema.
fn has_json_schema(family: Family, id: &str) -> bool {
    const MISTRAL: [&str; 4] = ["magistral", "ministral-3", "mistral-large-3", "voxtral"];
    match family {
        Family::DeepSeek | Family::GptOss | Family::Open => true,
        Family::Mistral => MISTRAL.iter().any(|sign| id.contains(sign)),
        _ => false,
    }
}
