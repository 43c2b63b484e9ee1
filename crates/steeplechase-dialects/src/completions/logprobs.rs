use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// Probabilities as a chat has them.
#[derive(Deserialize)]
struct Logprobs {
    content: Option<Vec<Token>>,
}

#[derive(Deserialize)]
struct Token {
    #[serde(rename = "token")]
    text: String,
    logprob: f64,
    #[serde(default)]
    top_logprobs: Vec<Top>,
}

#[derive(Deserialize)]
struct Top {
    token: String,
    logprob: f64,
}

/// The probabilities of a chat's tokens as a completion has them, of which the first token is at the
/// character `offset`. Moves it on. `None` if there are none that can be read.
pub(super) fn of_chat(logprobs: &RawValue, offset: &mut usize) -> Option<Value> {
    let read = serde_json::from_str::<Logprobs>(logprobs.get()).ok()?;
    let tokens = read.content.filter(|tokens| !tokens.is_empty())?;
    let mut offsets = Vec::with_capacity(tokens.len());
    for token in &tokens {
        offsets.push(*offset);
        *offset += token.text.chars().count();
    }
    let tops = tokens.iter().map(|token| {
        let tops = token.top_logprobs.iter();
        tops.map(|top| (top.token.clone(), top.logprob.into()))
            .collect::<Map<String, Value>>()
    });
    Some(json!({
        "tokens": tokens.iter().map(|token| &token.text).collect::<Vec<_>>(),
        "token_logprobs": tokens.iter().map(|token| token.logprob).collect::<Vec<_>>(),
        "top_logprobs": tops.collect::<Vec<_>>(),
        "text_offset": offsets,
    }))
}
