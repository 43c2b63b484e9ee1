use bytes::Bytes;
use serde_json::Value;
use steeplechase_core::Error;

use crate::chat::notes::unsupported;
use crate::chat::{ChatRequest, Message, Role};
use crate::fields::{Object, Path, wrong};
use crate::intake::is_own;

/// Reads the bytes of a call to complete a prompt, for a provider that only chats.
///
/// # Errors
///
/// * [`Class::InvalidRequest`](steeplechase_core::Class) if the bytes are not JSON, or if a field is not
///   what it has to be.
/// * [`Class::Unsupported`](steeplechase_core::Class) if a chat has no place for what is asked.
pub(crate) fn parse(raw: &Bytes) -> Result<ChatRequest, Error> {
    let mut body = Object::parse(raw)?;
    let mut chat = ChatRequest {
        model: body.string("model")?.unwrap_or_default(),
        ..ChatRequest::default()
    };
    let prompt = prompt(body.required("prompt")?, &body.at("prompt"))?;
    chat.messages = vec![Message::text(Role::User, prompt.clone())];
    let logprobs = body.count("logprobs")?;
    chat.read_shape(&mut body)?;
    chat.read_sampling(&mut body)?;
    chat.read_hints(&mut body)?;
    chat.logprobs = logprobs.map(|_| true);
    chat.top_logprobs = logprobs.filter(|count| *count > 0);
    chat.echo = body.boolean("echo")?.unwrap_or(false).then_some(prompt);
    if chat.echo.is_some() && chat.logprobs == Some(true) {
        let why = "the probabilities of the prompt's own tokens are not known; leave `echo` or `logprobs`";
        return Err(unsupported("echo", why));
    }
    if body
        .string("suffix")?
        .is_some_and(|suffix| !suffix.is_empty())
    {
        return Err(unsupported("suffix", "this model only goes on at the end"));
    }
    let best_of = body.count("best_of")?;
    if best_of.is_some_and(|best_of| best_of > chat.n.unwrap_or(1)) {
        let why = "this model's answers are not compared; ask for them with `n`";
        return Err(unsupported("best_of", why));
    }
    chat.extra = body.rest();
    chat.extra.retain(|name, _| !is_own(name));
    Ok(chat)
}

/// The prompt, which may be in a list of one.
fn prompt(value: Value, path: &Path<'_>) -> Result<String, Error> {
    match value {
        Value::String(prompt) => Ok(prompt),
        Value::Array(prompts) => {
            let mut prompts = prompts.into_iter();
            match (prompts.next(), prompts.next()) {
                (Some(Value::String(prompt)), None) => Ok(prompt),
                (None, _) => Err(wrong(path, "must have a prompt")),
                (Some(Value::String(_)), _) => {
                    let why = "this model takes one prompt at a time";
                    Err(unsupported(path, why))
                }
                _ => Err(unsupported(
                    path,
                    "this model takes a prompt as text, not as tokens",
                )),
            }
        }
        _ => Err(wrong(path, "must be a string, or an array with one")),
    }
}
