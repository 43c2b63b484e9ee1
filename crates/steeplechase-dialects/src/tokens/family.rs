use steeplechase_core::{Call, Tally};

use super::Weights;
use super::weights;

/// Models that cut texts into tokens in the same way, or nearly so.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Family {
    /// OpenAI's older models, with the encoding `cl100k_base`: GPT-4, GPT-3.5, embeddings.
    Cl100k,
    /// Anthropic's Claude.
    Claude,
    /// Google's Gemini and Gemma.
    Gemini,
    /// Meta's Llama, and what is made of it.
    Llama,
    /// Mistral's models.
    Mistral,
    /// OpenAI's models with the encoding `o200k_base`: GPT-4o and all since, the o series, gpt-oss.
    O200k,
    /// Any other.
    Other,
}

/// Parts of the names of models, in lower case. The first that is found decides.
const NAMES: [(&str, Family); 26] = [
    // Before what they are distilled into, or named after.
    ("gpt-oss", Family::O200k),
    ("claude", Family::Claude),
    ("gemini", Family::Gemini),
    ("gemma", Family::Gemini),
    ("llama", Family::Llama),
    ("mixtral", Family::Mistral),
    ("codestral", Family::Mistral),
    ("ministral", Family::Mistral),
    ("magistral", Family::Mistral),
    ("devstral", Family::Mistral),
    ("pixtral", Family::Mistral),
    ("voxtral", Family::Mistral),
    ("mistral", Family::Mistral),
    ("gpt-4o", Family::O200k),
    ("gpt4o", Family::O200k),
    ("gpt-4.1", Family::O200k),
    ("gpt-4.5", Family::O200k),
    ("gpt-5", Family::O200k),
    ("gpt5", Family::O200k),
    ("codex-mini", Family::O200k),
    ("computer-use", Family::O200k),
    ("gpt-4", Family::Cl100k),
    ("gpt-3.5", Family::Cl100k),
    // Azure's name for it.
    ("gpt-35", Family::Cl100k),
    ("text-embedding-3", Family::Cl100k),
    ("text-embedding-ada", Family::Cl100k),
];

// ===== impl Family =====

impl Family {
    /// All families.
    pub const ALL: [Self; 7] = [
        Self::Cl100k,
        Self::Claude,
        Self::Gemini,
        Self::Llama,
        Self::Mistral,
        Self::O200k,
        Self::Other,
    ];

    /// The family of a model, by a provider's name for it. Prefixes as of providers and regions do not matter.
    pub fn of(model: &str) -> Self {
        let model = model.to_ascii_lowercase();
        let named = NAMES.iter().find(|(name, _)| model.contains(name));
        match named {
            Some((_, family)) => *family,
            None if is_o_series(&model) => Self::O200k,
            None => Self::Other,
        }
    }

    /// The name of the family.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cl100k => "cl100k_base",
            Self::Claude => "claude",
            Self::Gemini => "gemini",
            Self::Llama => "llama",
            Self::Mistral => "mistral",
            Self::O200k => "o200k_base",
            Self::Other => "other",
        }
    }

    /// Whether it is OpenAI's.
    pub const fn is_openai(self) -> bool {
        matches!(self, Self::Cl100k | Self::O200k)
    }

    /// About how many tokens the prompt of a call has, tools included, from what its scan has told.
    ///
    /// It takes no time. A call that was not scanned has a token for four of its bytes.
    pub fn prompt(self, call: &Call) -> u64 {
        let rough = call.head().prompt.thousandths();
        let rough = if rough == 0 {
            call.raw().len() as u64 * 250
        } else {
            rough
        };
        Tally::from_thousandths(rough.saturating_mul(self.percent()) / 100).tokens()
    }

    /// About how many tokens a text has. It may be a part of one, cut anywhere.
    pub fn tally(self, text: &str) -> Tally {
        self.weights().tally(text.as_bytes())
    }

    /// What its characters weigh.
    pub(crate) const fn weights(self) -> &'static Weights {
        match self {
            Self::Cl100k => &weights::CL100K,
            Self::Claude => &weights::CLAUDE,
            Self::Gemini => &weights::GEMINI,
            Self::Llama => &weights::LLAMA,
            Self::Mistral => &weights::MISTRAL,
            Self::O200k => &weights::O200K,
            Self::Other => &weights::OTHER,
        }
    }

    /// How many tokens the family has for a hundred of `o200k_base`, in English and code.
    const fn percent(self) -> u64 {
        match self {
            Self::O200k => 100,
            Self::Gemini => 104,
            Self::Cl100k | Self::Llama => 106,
            Self::Mistral => 108,
            Self::Other => 110,
            Self::Claude => 122,
        }
    }
}

/// Whether a model is one of OpenAI's `o1`, `o3-mini`, `o4-mini`, …
fn is_o_series(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    // The names of models that were tuned: `ft:o4-mini:…`.
    let name = name.strip_prefix("ft:").unwrap_or(name);
    let Some(rest) = name.strip_prefix('o') else {
        return false;
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    (1..=2).contains(&digits) && matches!(rest.as_bytes().get(digits), None | Some(b'-' | b':'))
}
