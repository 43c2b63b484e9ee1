use serde_json::Value;
use steeplechase_core::{Class, Error};

use super::AnswerContext;
use super::citation::Citation;
use super::error::classify_event;
use super::finish::finish;
use super::logprobs;
use super::native;
use crate::chat::{Answer, Choice, ToolCall, ToolInput, ids, truncated};
use crate::json;
use crate::json::text;

/// Reads a whole answer into the neutral form.
///
/// # Errors
///
/// [`Class::Server`] if it is no answer, or one that the provider has broken off; that of the error if it
/// is an error after all; [`Class::Truncated`] if it ends before its end.
pub fn read_answer(body: &[u8], context: &AnswerContext) -> Result<Answer, Error> {
    let mended = json::mend(body);
    let reply = match serde_json::from_slice::<native::Reply<'_>>(&mended) {
        Ok(reply) => reply,
        Err(cause) => return Err(no_reply(&mended, Some(cause))),
    };
    let Some(message) = &reply.message else {
        return Err(no_reply(&mended, None));
    };
    let mut choice = choice(message);
    let native = reply.finish_reason.as_deref();
    choice.finish = finish(native, !choice.tool_calls.is_empty())?;
    choice.native_finish = native.map(str::to_owned);
    let pieces = reply.logprobs.as_deref().filter(|all| !all.is_empty());
    choice.logprobs = pieces.and_then(logprobs::openai);
    Ok(Answer {
        id: match text(reply.id.as_ref()) {
            "" => ids::mint("chatcmpl-"),
            id => id.to_owned(),
        },
        model: context.model().to_owned(),
        created: ids::now(),
        choices: vec![choice],
        usage: reply.usage.unwrap_or_default().usage(),
        service_tier: None,
    })
}

/// What it means that there is no answer in a body.
fn no_reply(body: &[u8], cause: Option<serde_json::Error>) -> Error {
    let kind = serde_json::from_slice::<native::Kind<'_>>(body);
    if kind.is_ok_and(|kind| kind.is_error()) {
        return classify_event(body);
    }
    let no_answer = Error::new(Class::Server, "the provider's answer is no message");
    match cause {
        Some(cause) if json::is_cut(body, &cause) => truncated().with_source(cause),
        Some(cause) => no_answer.with_source(cause),
        None => no_answer,
    }
}

fn choice(message: &native::Message<'_>) -> Choice {
    let mut choice = Choice::default();
    let mut content = String::new();
    let mut reasoning = String::new();
    // Where each block begins in the text.
    let mut starts = Vec::new();
    let mut chars = 0;
    for block in message.content.iter().flatten() {
        let words = text(block.text.as_ref());
        starts.push(chars);
        chars += words.chars().count();
        content.push_str(words);
        reasoning.push_str(text(block.thinking.as_ref()));
    }
    reasoning.push_str(text(message.tool_plan.as_ref()));
    for raw in message.citations.iter().flatten() {
        let Ok(citation) = serde_json::from_str::<Citation<'_>>(raw.get()) else {
            continue;
        };
        let index = citation.content_index.unwrap_or(0);
        let start = usize::try_from(index).ok().and_then(|at| starts.get(at));
        if citation.is_of_text() {
            let start = start.copied().unwrap_or(0);
            choice.annotations.extend(citation.annotations(start));
        }
    }
    let citations = message.citations.iter().flatten();
    let citations: Vec<Value> = citations
        .filter_map(|raw| serde_json::from_str(raw.get()).ok())
        .collect();
    if !citations.is_empty() {
        let fields = &mut choice.provider_fields;
        fields.insert("citations".into(), citations.into());
    }
    choice.content = (!content.is_empty()).then_some(content);
    choice.reasoning = (!reasoning.is_empty()).then_some(reasoning);
    let calls = message.tool_calls.iter().flatten();
    choice.tool_calls = calls.map(tool_call).collect();
    choice
}

fn tool_call(call: &native::Call<'_>) -> ToolCall {
    let function = call.function.as_ref();
    let arguments = text(function.and_then(|function| function.arguments.as_ref()));
    // Callers parse it.
    let arguments = if arguments.trim().is_empty() {
        "{}"
    } else {
        arguments
    };
    ToolCall {
        id: text(call.id.as_ref()).to_owned(),
        name: text(function.and_then(|function| function.name.as_ref())).to_owned(),
        input: ToolInput::Function(arguments.to_owned()),
        signature: None,
    }
}
