use super::images::Images;
use super::{Count, Family};
use crate::chat::ChatRequest;
use crate::embed::{EmbedRequest, Input};

/// How the tokens of a model are counted.
///
/// It is made from the provider's own name for the model, or of a [`Family`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tokenizer {
    family: Family,
    pub(super) images: Images,
}

// ===== impl Tokenizer =====

impl Tokenizer {
    /// The tokenizer of a model.
    pub fn of(model: &str) -> Self {
        let family = Family::of(model);
        Self {
            family,
            images: Images::of(family, model),
        }
    }

    /// Whose tokens they are.
    pub const fn family(self) -> Family {
        self.family
    }

    /// Whether texts can be counted, and not only estimated.
    pub const fn is_exact(self) -> bool {
        cfg!(feature = "tokens") && self.family.is_openai()
    }

    /// How many tokens a text has.
    pub fn text(self, text: &str) -> Count {
        #[cfg(feature = "tokens")]
        if let Some(count) = super::encoding::count(self.family, text) {
            return count;
        }
        Count::estimated(self.family.weights().tally(text.as_bytes()))
    }

    /// About how many tokens a text has. It is never counted, so it is quick.
    pub fn estimate(self, text: &str) -> Count {
        Count::estimated(self.family.weights().tally(text.as_bytes()))
    }

    /// How many tokens the prompt of a chat has, tools included.
    pub fn chat(self, chat: &ChatRequest) -> Count {
        super::chat::count(self, chat, Self::text)
    }

    /// About how many tokens the prompt of a chat has. It is never counted, so it is quick.
    pub fn estimate_chat(self, chat: &ChatRequest) -> Count {
        super::chat::count(self, chat, Self::estimate)
    }

    /// How many tokens the input of a call for vectors has.
    pub fn embed(self, request: &EmbedRequest) -> Count {
        let inputs = request.input.iter().map(|input| match input {
            Input::Text(text) => self.text(text),
            Input::Tokens(tokens) => Count::exact(tokens.len() as u64),
        });
        inputs.sum()
    }
}

impl From<&str> for Tokenizer {
    fn from(model: &str) -> Self {
        Self::of(model)
    }
}

impl From<Family> for Tokenizer {
    fn from(family: Family) -> Self {
        Self {
            family,
            images: Images::of(family, ""),
        }
    }
}
