use serde_json::{Value, json};
use steeplechase_core::Error;

use super::RequestOptions;
use crate::anthropic;
use crate::anthropic::request::thinking::Plan;
use crate::bedrock::Reasoning;
use crate::chat::notes::{Notes, invalid};
use crate::chat::{ChatRequest, Effort};
use crate::json::Fields;

/// How much the model may think and say.
pub(super) struct Thinking {
    /// `None` if nobody has said how much it may say.
    pub(super) max_tokens: Option<u64>,
    pub(super) additional: Fields,
    pub(super) betas: Vec<&'static str>,
    /// Whether the request asks for thinking.
    pub(super) is_asked: bool,
    /// Whether the model takes back what it thought before.
    pub(super) keeps_blocks: bool,
    /// Whether it decides itself how much it says, and how.
    pub(super) is_free: bool,
}

// ===== impl Thinking =====

impl Thinking {
    pub(super) fn new(
        chat: &ChatRequest,
        options: &RequestOptions<'_>,
        notes: &mut Notes,
    ) -> Result<Self, Error> {
        let mut thinking = Self {
            max_tokens: chat.max_tokens.or(options.max_tokens.map(u64::from)),
            additional: Fields::new(),
            betas: Vec::new(),
            is_asked: false,
            keeps_blocks: false,
            is_free: false,
        };
        if options.capabilities.reasoning == Reasoning::Claude {
            thinking.claude(chat, options, notes)?;
        } else {
            thinking.other(chat, options.capabilities.reasoning, notes)?;
        }
        let least = options.capabilities.min_tokens;
        if let Some(max_tokens) = &mut thinking.max_tokens
            && *max_tokens < least
        {
            *max_tokens = least;
            notes.note("max_tokens");
        }
        Ok(thinking)
    }

    /// As at the model's home, but for where it is said.
    fn claude(
        &mut self,
        chat: &ChatRequest,
        options: &RequestOptions<'_>,
        notes: &mut Notes,
    ) -> Result<(), Error> {
        let mut own = anthropic::RequestOptions::new(options.model);
        own.capabilities = options.capabilities.common;
        // Without a word the model may say as much as it can, so there is room to think.
        own.default_max_tokens = options.max_tokens.unwrap_or(u32::MAX);
        let plan = Plan::new(chat, &own, notes, &mut self.betas)?;
        if self.max_tokens.is_some() {
            self.max_tokens = Some(plan.max_tokens);
        }
        if let Some(thinking) = plan.thinking {
            self.additional.insert("thinking".into(), thinking.into());
        }
        if !plan.output_config.is_empty() {
            let config = plan.output_config.into();
            self.additional.insert("output_config".into(), config);
        }
        self.is_asked = plan.is_asked;
        self.keeps_blocks = plan.keeps_blocks;
        Ok(())
    }

    fn other(
        &mut self,
        chat: &ChatRequest,
        reasoning: Reasoning,
        notes: &mut Notes,
    ) -> Result<(), Error> {
        let (effort, field) = wanted(chat)?;
        let Some(effort) = effort else { return Ok(()) };
        let (name, value) = match (reasoning, effort) {
            (Reasoning::None | Reasoning::Nova, Effort::None) => return Ok(()),
            // It does what it does.
            (Reasoning::Always, _)
            | (Reasoning::Effort, Effort::None)
            | (Reasoning::None, Effort::Minimal) => {
                notes.note(field);
                return Ok(());
            }
            (Reasoning::None | Reasoning::Claude, _) => {
                return notes.refuse(field, "the model does not think");
            }
            (Reasoning::Nova, effort) => {
                let effort = three(effort);
                // It refuses to be told how much to say, and how, then.
                self.is_free = effort == Effort::High;
                self.is_asked = true;
                let config = json!({"type": "enabled", "maxReasoningEffort": effort.as_str()});
                ("reasoningConfig", config)
            }
            (Reasoning::Effort, effort) => ("reasoning_effort", three(effort).as_str().into()),
            (Reasoning::Nested, effort) => ("reasoning", json!({"effort": effort.as_str()})),
        };
        self.additional.insert(name.into(), value);
        if self.is_free && self.max_tokens.take().is_some() && chat.max_tokens.is_some() {
            notes.note("max_tokens");
        }
        Ok(())
    }
}

/// How hard the caller wants it to think, and the field that says so.
fn wanted(chat: &ChatRequest) -> Result<(Option<Effort>, &'static str), Error> {
    let Some(thinking) = &chat.thinking else {
        let field = match chat.reasoning_effort {
            Some(_) => "reasoning_effort",
            None => "output_config.effort",
        };
        return Ok((chat.effort(), field));
    };
    let effort = match thinking.get("type").and_then(Value::as_str) {
        Some("disabled") => Some(Effort::None),
        Some("enabled" | "adaptive" | "between_tools") => chat.effort(),
        _ => {
            let why = "must be adaptive, enabled or disabled";
            return Err(invalid("thinking.type", why));
        }
    };
    Ok((effort, "thinking"))
}

/// The nearest of the three efforts that most models know.
const fn three(effort: Effort) -> Effort {
    match effort {
        Effort::None | Effort::Minimal | Effort::Low => Effort::Low,
        Effort::Medium => Effort::Medium,
        Effort::High | Effort::Xhigh | Effort::Max => Effort::High,
    }
}
