use serde::Deserialize;
use serde_json::value::RawValue;

use crate::chat::logprobs;
use crate::json::{Text, text};

/// How probable a piece of text was. It may be of several tokens.
#[derive(Deserialize)]
pub(super) struct Logprob<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
    logprobs: Option<Vec<f64>>,
}

/// Writes pieces in `OpenAI`'s form: each is one token there, and its tokens' probabilities are
/// multiplied.
pub(super) fn openai(pieces: &[Logprob<'_>]) -> Option<Box<RawValue>> {
    logprobs::written(pieces.iter().map(|piece| {
        let token = text(piece.text.as_ref());
        let logprob = piece.logprobs.iter().flatten().sum();
        logprobs::Entry::new(token, logprob, Some(Vec::new()))
    }))
}
