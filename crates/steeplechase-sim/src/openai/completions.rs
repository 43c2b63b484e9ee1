//! Completions, as there were before chats.

use serde_json::{Map, Value, json};

use super::check::{self, count, flag, invalid, missing, range};
use super::{CREATED, Form, whole};
use crate::dialect::Asked;
use crate::plan::{FrameWriter, Frames};
use crate::refusal::{Refusal, Why};
use crate::reply::{Ask, Finish, Reply, hex, input_tokens};
use crate::sse;

/// How long an answer is if the request does not say.
const MAX_TOKENS: usize = 16;

/// All that may be in a request.
const FIELDS: [&str; 19] = [
    "model",
    "prompt",
    "best_of",
    "echo",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "max_tokens",
    "n",
    "presence_penalty",
    "seed",
    "stop",
    "stream",
    "stream_options",
    "suffix",
    "temperature",
    "top_p",
    "user",
    "service_tier",
];

/// Answers a completion, whole or streamed.
pub(crate) fn completions(asked: &Asked<'_>, form: &Form<'_>) -> Result<Frames, Refusal> {
    let body = check::object(asked.body)?;
    let ask = read(&body, form)?;
    let mut reply = asked.reply(&ask);
    if reply.finish == Finish::Blocked {
        return Err(form.dialect.refusal(&Why::Blocked));
    }
    if flag(&body, "echo")? {
        let prompt = body["prompt"].as_str().unwrap_or_default();
        reply.text.insert(0, prompt.to_owned());
    }
    if ask.stream && asked.may_stream() {
        return Ok(stream(asked, &ask, &reply));
    }
    let text = reply.text();
    let choices = (0..ask.choices).map(|index| choice(index, &text, Some(reply.finish)));
    let mut body = head(asked, &ask, &reply);
    body["choices"] = choices.collect();
    body["usage"] = whole::usage(&reply.usage);
    Ok(Frames::whole(body.to_string(), reply.tokens()))
}

fn read(body: &Map<String, Value>, form: &Form<'_>) -> Result<Ask, Refusal> {
    if let Some(field) = body.keys().find(|field| !FIELDS.contains(&field.as_str())) {
        let refusal = Refusal::bad(format!("Unrecognized request argument supplied: {field}"));
        return Err(refusal.param(field).code("unknown_parameter"));
    }
    let model = check::model(body, form)?;
    let prompts = match body.get("prompt") {
        None | Some(Value::Null) => return Err(missing("prompt")),
        Some(Value::String(_)) => 1,
        Some(Value::Array(prompts)) if prompts.iter().all(Value::is_u64) => 1,
        Some(Value::Array(prompts)) if prompts.iter().all(Value::is_string) => prompts.len(),
        Some(_) => return Err(invalid("prompt", "a string, or an array of them")),
    };
    let stream = flag(body, "stream")?;
    range(body, "temperature", 2.0)?;
    range(body, "top_p", 1.0)?;
    Ok(Ask {
        model,
        stream,
        include_usage: check::include_usage(body, stream)?,
        choices: prompts * count(body, "n")?.unwrap_or(1),
        max_tokens: Some(count(body, "max_tokens")?.unwrap_or(MAX_TOKENS)),
        input_tokens: input_tokens(&body["prompt"]),
        user_turn: true,
        ..Ask::default()
    })
}

fn stream(asked: &Asked<'_>, ask: &Ask, reply: &Reply) -> Frames {
    let mut frames = FrameWriter::default();
    let chunk = |choices: Value, usage: Value| {
        let mut chunk = head(asked, ask, reply);
        chunk["choices"] = choices;
        if ask.include_usage {
            chunk["usage"] = usage;
        }
        chunk
    };
    for piece in &reply.text {
        frames.token_of_each(ask.choices, |buffer, index| {
            let chunk = chunk(json!([choice(index, piece, None)]), Value::Null);
            sse::data(buffer, &chunk);
        });
    }
    for index in 0..ask.choices {
        let last = chunk(json!([choice(index, "", Some(reply.finish))]), Value::Null);
        frames.tail(|buffer| sse::data(buffer, &last));
    }
    if ask.include_usage {
        let usage = chunk(json!([]), whole::usage(&reply.usage));
        frames.tail(|buffer| sse::data(buffer, &usage));
    }
    frames.tail(|buffer| buffer.extend_from_slice(sse::DONE));
    frames.finish()
}

fn head(asked: &Asked<'_>, ask: &Ask, reply: &Reply) -> Value {
    json!({
        "id": format!("cmpl-{}", hex(reply.id)),
        "object": "text_completion",
        "created": CREATED,
        "model": ask.model,
        "system_fingerprint": asked.sim.name(),
    })
}

fn choice(index: usize, text: &str, finish: Option<Finish>) -> Value {
    let finish = finish.map(whole::finish_reason);
    json!({"text": text, "index": index, "logprobs": null, "finish_reason": finish})
}
