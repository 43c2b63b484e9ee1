//! A response in one piece.

use serde_json::{Value, json};

use super::check::{self, Checked};
use super::item::items;
use super::{Responses, stream};
use crate::behaviour::Usage;
use crate::dialect::{Asked, Dialect};
use crate::openai::CREATED;
use crate::plan::Frames;
use crate::refusal::{Refusal, Why};
use crate::reply::{Finish, Reply, hex};

/// What a request has to say of itself in the response, and what goes without saying.
const ECHOED: [(&str, &str); 13] = [
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("max_tool_calls", "null"),
    ("metadata", "{}"),
    ("parallel_tool_calls", "true"),
    ("prompt_cache_key", "null"),
    ("safety_identifier", "null"),
    ("store", "true"),
    ("temperature", "1.0"),
    ("tool_choice", "\"auto\""),
    ("tools", "[]"),
    ("top_p", "1.0"),
    ("truncation", "\"disabled\""),
];

/// Answers a request for a response, whole or streamed.
pub(crate) fn responses(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let checked = check::response(asked.body)?;
    let reply = asked.reply(&checked.ask);
    if reply.finish == Finish::Blocked {
        return Err(Responses.refusal(&Why::Blocked));
    }
    if checked.ask.stream && asked.may_stream() {
        return Ok(stream::response(&checked, &reply));
    }
    let body = finished(&checked, &reply).to_string();
    Ok(Frames::whole(body, reply.tokens()))
}

/// A response in which nothing has been said yet.
pub(super) fn begun(checked: &Checked, reply: &Reply) -> Value {
    let mut response = json!({
        "id": format!("resp_{}", hex(reply.id)),
        "object": "response",
        "created_at": CREATED,
        "status": "in_progress",
        "background": false,
        "completed_at": null,
        "error": null,
        "incomplete_details": null,
        "model": checked.ask.model,
        "output": [],
        "previous_response_id": null,
        "service_tier": "default",
        "usage": null,
        "user": null,
    });
    for (field, usual) in ECHOED {
        let given = checked.body.get(field).filter(|value| !value.is_null());
        let usual = || serde_json::from_str(usual).unwrap_or_default();
        response[field] = given.cloned().unwrap_or_else(usual);
    }
    let reasoning = checked.body.get("reasoning").unwrap_or(&Value::Null);
    response["reasoning"] = json!({"effort": reasoning["effort"], "summary": reasoning["summary"]});
    let text = checked.body.get("text").cloned();
    response["text"] = text.unwrap_or_else(|| json!({"format": {"type": "text"}}));
    response
}

/// A response that has all that is said.
pub(super) fn finished(checked: &Checked, reply: &Reply) -> Value {
    let mut response = begun(checked, reply);
    let output = items(checked, reply).into_iter();
    response["output"] = output.map(|item| item.full(checked, reply)).collect();
    response["usage"] = usage(&reply.usage);
    let reason = match reply.finish {
        Finish::Length => Some("max_output_tokens"),
        Finish::Filtered => Some("content_filter"),
        Finish::Stop | Finish::Tools | Finish::Blocked => None,
    };
    if let Some(reason) = reason {
        response["status"] = "incomplete".into();
        response["incomplete_details"] = json!({"reason": reason});
    } else {
        response["status"] = "completed".into();
        response["completed_at"] = CREATED.into();
    }
    response
}

fn usage(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.input,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read,
            "cache_write_tokens": usage.cache_write,
        },
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.input.saturating_add(usage.output),
    })
}
