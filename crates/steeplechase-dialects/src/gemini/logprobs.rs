//! How probable the tokens were: the provider's form, and OpenAI's.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::chat::logprobs::{Entry, written};
use crate::json::{Text, text};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Result<'a> {
    #[serde(borrow)]
    chosen_candidates: Option<Vec<Token<'a>>>,
    #[serde(borrow)]
    top_candidates: Option<Vec<Top<'a>>>,
}

#[derive(Deserialize)]
struct Top<'a> {
    #[serde(borrow)]
    candidates: Option<Vec<Token<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token<'a> {
    #[serde(borrow)]
    token: Option<Text<'a>>,
    log_probability: Option<f64>,
}

/// What is off the list.
const NEVER: f64 = -9999.0;

/// The probabilities in OpenAI's form. `None` if there are none that can be read.
pub(super) fn openai(raw: &RawValue) -> Option<Box<RawValue>> {
    let found: Result<'_> = serde_json::from_str(raw.get()).ok()?;
    let chosen = found.chosen_candidates.filter(|it| !it.is_empty())?;
    let tops = found.top_candidates.unwrap_or_default();
    written(chosen.iter().enumerate().map(|(place, token)| {
        let tops = tops.get(place).and_then(|top| top.candidates.as_ref());
        let tops = tops.into_iter().flatten().map(|it| it.wire(None));
        token.wire(Some(tops.collect()))
    }))
}

impl Token<'_> {
    fn wire<'t>(&'t self, top: Option<Vec<Entry<'t>>>) -> Entry<'t> {
        let logprob = self.log_probability.unwrap_or(NEVER);
        Entry::new(text(self.token.as_ref()), logprob, top)
    }
}
