use serde_json::Value;

use super::ChatRequest;
use super::Effort;

// ===== impl ChatRequest =====

impl ChatRequest {
    /// How hard to think, whichever field says so: [`reasoning_effort`](Self::reasoning_effort), or in
    /// Anthropic's words `thinking` and `output_config.effort`.
    ///
    /// A number of tokens is the effort that would be given as many.
    pub fn effort(&self) -> Option<Effort> {
        self.reasoning_effort.or_else(|| self.effort_of_thinking())
    }

    /// The effort that is asked for in Anthropic's words.
    pub(crate) fn effort_of_thinking(&self) -> Option<Effort> {
        let named = self.extra.get("output_config");
        let named = named.and_then(|config| config.get("effort")?.as_str());
        let named = named.and_then(Effort::from_name);
        let Some(thinking) = &self.thinking else {
            return named;
        };
        match thinking.get("type")?.as_str()? {
            "adaptive" => named.or(Some(Effort::Medium)),
            "enabled" => {
                let budget = thinking.get("budget_tokens").and_then(Value::as_u64);
                budget
                    .map(Effort::of_budget)
                    .or(named)
                    .or(Some(Effort::Medium))
            }
            // `disabled`, and `between_tools`: it notes its progress, and does not think.
            _ => Some(Effort::None),
        }
    }
}

// ===== impl Effort =====

impl Effort {
    /// The effort of a number of tokens to think with.
    pub(crate) const fn of_budget(budget: u64) -> Self {
        match budget {
            8192.. => Self::Xhigh,
            4096.. => Self::High,
            2048.. => Self::Medium,
            _ => Self::Low,
        }
    }

    /// The number of tokens to think with that stands for the effort.
    pub(crate) const fn budget(self) -> u64 {
        match self {
            Self::None | Self::Minimal | Self::Low => 1024,
            Self::Medium => 2048,
            Self::High => 4096,
            Self::Xhigh => 8192,
            Self::Max => 16_384,
        }
    }
}
