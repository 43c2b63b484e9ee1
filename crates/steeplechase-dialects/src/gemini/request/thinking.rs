use steeplechase_core::Error;

use super::native::ThinkingConfig;
use crate::chat::notes::{Notes, invalid};
use crate::chat::{ChatRequest, Effort};
use crate::gemini::{Capabilities, Thinking};

/// What the caller wants, whichever field says it.
enum Wish {
    /// As much as the model likes.
    AsItLikes,
    Budget(u64),
    Effort(Effort),
}

/// How the model is to think. `None` if nobody has said anything about it.
pub(super) fn plan(
    chat: &ChatRequest,
    capabilities: Capabilities,
    notes: &mut Notes,
) -> Result<Option<ThinkingConfig>, Error> {
    let Some((wish, field)) = wish(chat)? else {
        return Ok(None);
    };
    let is_off = matches!(wish, Wish::Effort(Effort::None) | Wish::Budget(0));
    let mut config = ThinkingConfig {
        thinking_budget: None,
        thinking_level: None,
        include_thoughts: !is_off,
    };
    match capabilities.thinking {
        Thinking::Never => {
            if !is_off {
                notes.note(field);
            }
            return Ok(None);
        }
        Thinking::Budget { minimal, least } => {
            config.thinking_budget = Some(match wish {
                Wish::AsItLikes => -1,
                Wish::Effort(effort) => budget_of(effort, minimal, least).into(),
                Wish::Budget(budget) => {
                    let budget = budget.max(least.into());
                    i64::try_from(budget).unwrap_or(i64::MAX)
                }
            });
        }
        Thinking::Level(levels) => {
            config.thinking_level = match wish {
                Wish::AsItLikes => None,
                Wish::Effort(effort) => level(levels, effort),
                Wish::Budget(budget) => level(levels, effort_of(budget)),
            };
        }
    }
    Ok(Some(config))
}

/// What is wanted, and the field that says so.
fn wish(chat: &ChatRequest) -> Result<Option<(Wish, &'static str)>, Error> {
    let named = chat.reasoning_effort;
    let Some(thinking) = &chat.thinking else {
        return Ok(named.map(|effort| (Wish::Effort(effort), "reasoning_effort")));
    };
    let wish = match thinking.get("type").and_then(|kind| kind.as_str()) {
        Some("disabled") => Wish::Effort(Effort::None),
        Some("adaptive") => named.map_or(Wish::AsItLikes, Wish::Effort),
        Some("enabled") => match thinking.get("budget_tokens") {
            None => named.map_or(Wish::AsItLikes, Wish::Effort),
            Some(budget) => {
                let budget = budget.as_u64();
                let wrong = || invalid("thinking.budget_tokens", "must be a whole number");
                Wish::Budget(budget.ok_or_else(wrong)?)
            }
        },
        _ => {
            let wanted = "must be adaptive, enabled or disabled";
            return Err(invalid("thinking.type", wanted));
        }
    };
    Ok(Some((wish, "thinking")))
}

/// The level nearest to an effort, of those that the model knows.
fn level(levels: &[Effort], effort: Effort) -> Option<&'static str> {
    let at_least = levels.iter().find(|level| **level >= effort);
    at_least.or(levels.last()).map(|level| level.as_str())
}

const fn budget_of(effort: Effort, minimal: u32, least: u32) -> u32 {
    match effort {
        Effort::None => least,
        Effort::Minimal => minimal,
        Effort::Low => 1024,
        Effort::Medium => 2048,
        Effort::High => 4096,
        Effort::Xhigh | Effort::Max => 24_576,
    }
}

const fn effort_of(budget: u64) -> Effort {
    match budget {
        0 => Effort::None,
        1..=512 => Effort::Minimal,
        513..=1024 => Effort::Low,
        1025..=2048 => Effort::Medium,
        _ => Effort::High,
    }
}
