use steeplechase_core::Error;

use super::RequestOptions;
use super::native::effort;
use crate::anthropic::Capabilities;
use crate::anthropic::Thinking;
use crate::chat::ChatRequest;
use crate::chat::Effort;
use crate::chat::Role;
use crate::chat::ThinkingBlock;
use crate::chat::notes::Notes;
use crate::chat::notes::invalid;
use crate::json::Fields;

/// How much the model may think and say.
pub(crate) struct Plan {
    pub(crate) max_tokens: u64,
    pub(crate) thinking: Option<Fields>,
    pub(crate) output_config: Fields,
    /// Whether the request asks for thinking.
    pub(crate) is_asked: bool,
    /// Whether the model takes back what it thought before.
    pub(crate) keeps_blocks: bool,
}

/// What the caller wants, whichever field says it.
enum Wish {
    /// In so many words.
    Adaptive(Fields),
    Budget(u64),
    Effort(Effort),
    Nothing,
    Off,
}

/// The least budget that the provider takes.
const MIN_BUDGET: u64 = 1024;

// ===== impl Plan =====

impl Plan {
    pub(crate) fn new(
        chat: &ChatRequest,
        options: &RequestOptions<'_>,
        notes: &mut Notes,
        betas: &mut Vec<&'static str>,
    ) -> Result<Self, Error> {
        let capabilities = options.capabilities;
        let mut plan = Self {
            max_tokens: max_tokens(chat, options, notes),
            thinking: None,
            output_config: output_config(chat)?,
            is_asked: false,
            keeps_blocks: false,
        };
        let named = plan.take_effort(chat.reasoning_effort, capabilities)?;
        let (wish, field) = Wish::new(chat, named)?;
        if !options.without_thinking {
            plan.decide(wish, named, field, (chat, options), notes)?;
            let unasked = matches!(capabilities.thinking, Thinking::Always)
                || (capabilities.thinking == Thinking::ByDefault && plan.thinking.is_none());
            plan.keeps_blocks = plan.is_asked || unasked;
        }
        if plan.output_config.contains_key("effort") && capabilities.effort_beta {
            betas.push("effort-2025-11-24");
        }
        Ok(plan)
    }

    /// The effort that is asked for. One in `output_config` stays there if the model takes it so.
    fn take_effort(
        &mut self,
        asked: Option<Effort>,
        capabilities: Capabilities,
    ) -> Result<Option<Effort>, Error> {
        let Some(name) = self.output_config.shift_remove("effort") else {
            return Ok(asked);
        };
        let named = name.as_str().and_then(Effort::from_name);
        let Some(named) = named else {
            return Err(invalid(
                "output_config.effort",
                "must be low, medium, high, xhigh or max",
            ));
        };
        if capabilities.thinking == Thinking::Budget
            && let Some(known) = capabilities.effort(named)
        {
            self.output_config.insert("effort".into(), effort(known));
            return Ok(asked);
        }
        Ok(asked.or(Some(named)))
    }

    fn decide(
        &mut self,
        wish: Wish,
        named: Option<Effort>,
        field: &'static str,
        (chat, options): (&ChatRequest, &RequestOptions<'_>),
        notes: &mut Notes,
    ) -> Result<(), Error> {
        let kind = options.capabilities.thinking;
        match (kind, wish) {
            (_, Wish::Nothing) | (Thinking::Never, Wish::Off) => {}
            (Thinking::Never, Wish::Effort(Effort::Minimal)) | (Thinking::Always, Wish::Off) => {
                notes.note(field);
            }
            (Thinking::Never, _) => notes.refuse(field, "the model does not think")?,
            (Thinking::ByDefault, Wish::Off) => self.thinking = Some(fields("disabled")),
            (_, Wish::Off) => {}
            (Thinking::Budget, wish) => {
                let budget = match wish {
                    Wish::Budget(budget) => budget,
                    Wish::Effort(effort) => effort.budget(),
                    _ => named.unwrap_or(Effort::Medium).budget(),
                };
                self.spend(budget, field, (chat, options), notes);
            }
            (Thinking::Either, Wish::Budget(budget)) => {
                self.spend(budget, field, (chat, options), notes);
            }
            (_, Wish::Adaptive(thinking)) => {
                self.adapt(thinking, named, options.capabilities);
            }
            (_, Wish::Budget(budget)) => {
                let named = named.unwrap_or(Effort::of_budget(budget));
                self.adapt(adaptive(), Some(named), options.capabilities);
            }
            (_, Wish::Effort(named)) => self.adapt(adaptive(), Some(named), options.capabilities),
        }
        Ok(())
    }

    fn adapt(&mut self, thinking: Fields, named: Option<Effort>, capabilities: Capabilities) {
        self.thinking = Some(thinking);
        self.is_asked = true;
        if let Some(known) = named.and_then(|named| capabilities.effort(named)) {
            self.output_config.insert("effort".into(), effort(known));
        }
    }

    /// Thinks by a number of tokens, if there is room for it.
    fn spend(
        &mut self,
        budget: u64,
        field: &'static str,
        (chat, options): (&ChatRequest, &RequestOptions<'_>),
        notes: &mut Notes,
    ) {
        let mut budget = budget.max(MIN_BUDGET);
        if budget >= self.max_tokens {
            if chat.max_tokens.is_none() && options.capabilities.max_output.is_none() {
                // Nobody has said how many, so there may be some for the answer too.
                self.max_tokens = budget.saturating_add(4096);
            } else {
                budget = self.max_tokens.saturating_sub(1);
            }
        }
        if budget < MIN_BUDGET || forgot_to_think(chat) {
            notes.note(field);
            return;
        }
        let mut thinking = fields("enabled");
        thinking.insert("budget_tokens".into(), budget.into());
        self.thinking = Some(thinking);
        self.is_asked = true;
    }
}

// ===== impl Wish =====

impl Wish {
    /// What is wanted, and the field that says so.
    fn new(chat: &ChatRequest, named: Option<Effort>) -> Result<(Self, &'static str), Error> {
        let by_effort = |effort| match effort {
            Effort::None => Self::Off,
            effort => Self::Effort(effort),
        };
        let Some(thinking) = &chat.thinking else {
            return Ok((named.map_or(Self::Nothing, by_effort), "reasoning_effort"));
        };
        let kind = thinking.get("type").and_then(|kind| kind.as_str());
        let wish =
            match kind {
                Some("disabled") => Self::Off,
                Some("enabled") => match thinking.get("budget_tokens") {
                    None => by_effort(named.unwrap_or(Effort::Medium)),
                    Some(budget) => Self::Budget(budget.as_u64().ok_or_else(|| {
                        invalid("thinking.budget_tokens", "must be a whole number")
                    })?),
                },
                Some("adaptive" | "between_tools") => Self::Adaptive(thinking.clone()),
                _ => {
                    return Err(invalid(
                        "thinking.type",
                        "must be adaptive, enabled or disabled",
                    ));
                }
            };
        Ok((wish, "thinking"))
    }
}

fn max_tokens(chat: &ChatRequest, options: &RequestOptions<'_>, notes: &mut Notes) -> u64 {
    let most = options.capabilities.max_output.map_or(u64::MAX, u64::from);
    match chat.max_tokens {
        Some(asked) if asked > most => {
            notes.note("max_tokens");
            most
        }
        Some(asked) => asked,
        None => most.min(options.default_max_tokens.into()),
    }
}

/// `output_config` as the caller has it, in Anthropic's own words.
fn output_config(chat: &ChatRequest) -> Result<Fields, Error> {
    match chat.extra.get("output_config") {
        None => Ok(Fields::new()),
        Some(config) => config
            .as_object()
            .cloned()
            .ok_or_else(|| invalid("output_config", "must be an object")),
    }
}

/// Whether the model has called tools without thinking, and would be asked to think now.
///
/// Models that think by budget refuse that: their last turn has to begin with a thought.
fn forgot_to_think(chat: &ChatRequest) -> bool {
    let mut said = chat
        .messages
        .iter()
        .filter(|said| said.role == Role::Assistant);
    let has_thought =
        |thinking: &[ThinkingBlock]| thinking.iter().any(|block| sealed(block).is_some());
    let any = said.clone().any(|said| has_thought(&said.thinking));
    let last = said.next_back();
    !any && last.is_some_and(|last| !last.tool_calls.is_empty())
}

/// A thought that its provider takes back. The others are those of another provider.
pub(super) fn sealed(block: &ThinkingBlock) -> Option<super::native::Block<'_>> {
    match block {
        ThinkingBlock::Redacted { data } => Some(super::native::Block::RedactedThinking { data }),
        ThinkingBlock::Thinking { text, signature } => {
            let signature = signature.as_deref()?;
            Some(super::native::Block::Thinking {
                thinking: text,
                signature,
            })
        }
    }
}

fn fields(kind: &str) -> Fields {
    let mut fields = Fields::new();
    fields.insert("type".into(), kind.into());
    fields
}

fn adaptive() -> Fields {
    let mut thinking = fields("adaptive");
    // Some models show nothing of it unless asked.
    thinking.insert("display".into(), "summarized".into());
    thinking
}
