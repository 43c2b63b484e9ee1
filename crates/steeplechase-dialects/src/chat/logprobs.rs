//! How probable the tokens of an answer were, in `OpenAI`'s form: that of the neutral form, too.

use serde::Serialize;
use serde_json::value::RawValue;

/// What is known of a token, or of what stands for one.
#[derive(Serialize)]
pub(crate) struct Entry<'a> {
    token: &'a str,
    logprob: f64,
    bytes: &'a [u8],
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<Vec<Self>>,
}

#[derive(Serialize)]
struct Logprobs<'a> {
    content: Vec<Entry<'a>>,
    refusal: Option<()>,
}

/// Writes what is known of tokens, in their order.
pub(crate) fn written<'a>(tokens: impl Iterator<Item = Entry<'a>>) -> Option<Box<RawValue>> {
    let logprobs = Logprobs {
        content: tokens.collect(),
        refusal: None,
    };
    serde_json::value::to_raw_value(&logprobs).ok()
}

// ===== impl Entry =====

impl<'a> Entry<'a> {
    /// `top` are the tokens that might have been in its place. Those have none themselves.
    pub(crate) fn new(token: &'a str, logprob: f64, top: Option<Vec<Self>>) -> Self {
        Self {
            token,
            logprob,
            bytes: token.as_bytes(),
            top_logprobs: top,
        }
    }
}
