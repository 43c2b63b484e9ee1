//! What providers send: shapes that borrow, and that take whatever comes where it does not matter.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::json;

/// An answer, or an event of one.
#[derive(Deserialize)]
pub(super) struct Top<'a> {
    #[serde(borrow, default)]
    pub(super) id: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) model: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) object: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) service_tier: Loose<'a>,
    #[serde(borrow)]
    pub(super) created: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) choices: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) usage: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) x_groq: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) base_resp: Option<&'a RawValue>,
}

/// One of its choices.
#[derive(Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(borrow)]
    pub(super) index: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) delta: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) message: Option<&'a RawValue>,
    /// What it says, where it has no message.
    #[serde(borrow, default)]
    pub(super) text: Loose<'a>,
    /// A text. Some have an empty one where there is no reason yet, and some where there is.
    #[serde(borrow)]
    pub(super) finish_reason: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) logprobs: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) usage: Option<&'a RawValue>,
}

/// What a choice says, or adds to what it says.
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    /// A text, or a list of parts.
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) refusal: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) reasoning_content: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) reasoning: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) reasoning_text: Loose<'a>,
    #[serde(borrow)]
    pub(super) thinking_blocks: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) function_call: Option<Function<'a>>,
    #[serde(borrow)]
    pub(super) annotations: Option<&'a RawValue>,
}

/// One part of a list of them.
#[derive(Deserialize)]
pub(super) struct Part<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) text: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) refusal: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) signature: Loose<'a>,
    /// A text, or a list of parts.
    #[serde(borrow)]
    pub(super) thinking: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) summary: Option<&'a RawValue>,
}

/// A sealed thought, or a part of one.
#[derive(Deserialize)]
pub(super) struct Thought<'a> {
    pub(super) index: Option<u64>,
    #[serde(borrow, default)]
    pub(super) thinking: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) signature: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) data: Loose<'a>,
}

/// A call of a tool, or a part of one.
#[derive(Deserialize)]
pub(super) struct Call<'a> {
    #[serde(borrow)]
    pub(super) index: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) id: Loose<'a>,
    #[serde(borrow)]
    pub(super) function: Option<Function<'a>>,
    #[serde(borrow)]
    pub(super) custom: Option<Custom<'a>>,
    #[serde(borrow)]
    pub(super) extra_content: Option<Extra<'a>>,
    #[serde(borrow)]
    pub(super) provider_specific_fields: Option<Seal<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Function<'a> {
    #[serde(borrow, default)]
    pub(super) name: Loose<'a>,
    /// A text of JSON, or the JSON itself.
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Custom<'a> {
    #[serde(borrow, default)]
    pub(super) name: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) input: Loose<'a>,
}

#[derive(Deserialize)]
pub(super) struct Extra<'a> {
    #[serde(borrow)]
    pub(super) google: Option<Seal<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Seal<'a> {
    #[serde(borrow, default)]
    pub(super) thought_signature: Loose<'a>,
}

/// Where a text is from.
#[derive(Deserialize)]
pub(super) struct Citation<'a> {
    #[serde(borrow)]
    pub(super) url_citation: Option<UrlCitation<'a>>,
}

#[derive(Deserialize)]
pub(super) struct UrlCitation<'a> {
    #[serde(default)]
    pub(super) start_index: usize,
    #[serde(default)]
    pub(super) end_index: usize,
    #[serde(borrow, default)]
    pub(super) url: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) title: Loose<'a>,
}

/// A text, borrowed if nothing in it is escaped. What is no text is an empty one.
#[derive(Default)]
pub(super) struct Loose<'a>(Cow<'a, str>);

// ===== impl Loose =====

impl Loose<'_> {
    pub(super) fn get(&self) -> &str {
        &self.0
    }

    /// The text, if it is not empty.
    pub(super) fn said(&self) -> Option<&str> {
        Some(&*self.0).filter(|text| !text.is_empty())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: &'de RawValue = Deserialize::deserialize(deserializer)?;
        Ok(Self(text(raw.get()).unwrap_or_default()))
    }
}

/// The text that is written in JSON, if it is one.
pub(super) fn text(raw: &str) -> Option<Cow<'_, str>> {
    let plain = raw.strip_prefix('"')?.strip_suffix('"')?;
    if !plain.contains('\\') {
        return Some(Cow::Borrowed(plain));
    }
    json::from_slice(raw.as_bytes()).ok().map(Cow::Owned)
}

/// The whole number that is written in JSON, if it is one.
pub(super) fn number(raw: Option<&RawValue>) -> Option<u64> {
    raw?.get().parse().ok()
}

/// Whether a value has anything in it.
pub(super) fn is_filled(raw: Option<&RawValue>) -> bool {
    raw.is_some_and(|raw| json::is_filled(raw.get()))
}
