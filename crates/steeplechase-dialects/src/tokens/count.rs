use std::iter::Sum;
use std::ops::{Add, AddAssign};

use bytes::Bytes;
use steeplechase_core::Tally;

use super::Tokenizer;
use crate::chat::ChatRequest;
use crate::embed::EmbedRequest;

/// How many tokens something has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Count {
    /// The number of tokens.
    pub tokens: u64,
    /// Whether it was counted by the model's own rules, and not estimated.
    pub is_exact: bool,
}

/// How many tokens the prompt of a chat has for a model: its messages and its tools, and what the model's form
/// of a conversation adds.
///
/// The model is the provider's own name for it, or a [`Family`](super::Family).
pub fn count(model: impl Into<Tokenizer>, chat: &ChatRequest) -> Count {
    model.into().chat(chat)
}

/// How many tokens a text has for a model.
pub fn count_text(model: impl Into<Tokenizer>, text: &str) -> Count {
    model.into().text(text)
}

/// How many tokens the input of a call for vectors has for a model.
pub fn count_embed(model: impl Into<Tokenizer>, request: &EmbedRequest) -> Count {
    model.into().embed(request)
}

/// The answer to a call in Anthropic's dialect that asks how many tokens it has, for a provider that has no such
/// call: `{"input_tokens":14}`.
pub fn count_answer(count: Count) -> Bytes {
    format!(r#"{{"input_tokens":{}}}"#, count.tokens).into()
}

// ===== impl Count =====

impl Count {
    /// Nothing, for certain.
    pub const NONE: Self = Self::exact(0);

    /// A count by the model's own rules.
    pub const fn exact(tokens: u64) -> Self {
        Self {
            tokens,
            is_exact: true,
        }
    }

    /// An estimate.
    pub const fn estimated(tally: Tally) -> Self {
        Self {
            tokens: tally.tokens(),
            is_exact: false,
        }
    }

    /// The same, as an estimate.
    #[must_use]
    pub const fn as_estimate(mut self) -> Self {
        self.is_exact = false;
        self
    }
}

impl Add for Count {
    type Output = Self;

    /// Both together, which are exact if both are. Saturates.
    fn add(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(other.tokens),
            is_exact: self.is_exact && other.is_exact,
        }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Count {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::NONE, Self::add)
    }
}
