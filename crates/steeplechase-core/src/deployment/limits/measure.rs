/// What a limit counts, and in which time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Measure {
    /// Requests a minute.
    RequestsPerMinute,
    /// Tokens a minute, of prompts and answers together.
    TokensPerMinute,
    /// Tokens of prompts a minute.
    InputPerMinute,
    /// Tokens of answers a minute.
    OutputPerMinute,
    /// Requests a day.
    RequestsPerDay,
    /// Tokens a day, of prompts and answers together.
    TokensPerDay,
}

// ===== impl Measure =====

impl Measure {
    /// Every one there is.
    pub(super) const ALL: [Self; 6] = [
        Self::RequestsPerMinute,
        Self::TokensPerMinute,
        Self::InputPerMinute,
        Self::OutputPerMinute,
        Self::RequestsPerDay,
        Self::TokensPerDay,
    ];

    /// Whether it counts tokens.
    pub(super) const fn is_of_tokens(self) -> bool {
        !matches!(self, Self::RequestsPerMinute | Self::RequestsPerDay)
    }

    /// What it counts of one call: `tokens in its prompt`.
    pub const fn of_call(self) -> &'static str {
        match self {
            Self::RequestsPerMinute | Self::RequestsPerDay => "requests",
            Self::TokensPerMinute | Self::TokensPerDay => "tokens with its answer",
            Self::InputPerMinute => "tokens in its prompt",
            Self::OutputPerMinute => "tokens in its answer",
        }
    }

    /// The time that it is for: `minute`, `day`.
    pub const fn span(self) -> &'static str {
        match self {
            Self::RequestsPerDay | Self::TokensPerDay => "day",
            _ => "minute",
        }
    }
}
