use crate::json::{Text, text};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// How probable a piece of text was. It may be of several tokens.
#[derive(Deserialize)]
pub(super) struct Logprob<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
    logprobs: Option<Vec<f64>>,
}

/// The same in `OpenAI`'s form.
#[derive(Serialize)]
struct Wire<'a> {
    content: Vec<WireToken<'a>>,
    refusal: Option<()>,
}

#[derive(Serialize)]
struct WireToken<'a> {
    token: &'a str,
    logprob: f64,
    bytes: &'a [u8],
    top_logprobs: [(); 0],
}

/// Writes pieces in `OpenAI`'s form: each is one token there, and its tokens' probabilities are
/// multiplied.
pub(super) fn openai(pieces: &[Logprob<'_>]) -> Option<Box<RawValue>> {
    let content = pieces.iter().map(|piece| {
        let token = text(piece.text.as_ref());
        WireToken {
            token,
            logprob: piece.logprobs.iter().flatten().sum(),
            bytes: token.as_bytes(),
            top_logprobs: [],
        }
    });
    let wire = Wire {
        content: content.collect(),
        refusal: None,
    };
    serde_json::value::to_raw_value(&wire).ok()
}
