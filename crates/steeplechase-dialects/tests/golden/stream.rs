//! A stream as a caller has got it, in short.

use serde_json::{Map, Value, json};

/// The events of a stream: names and data.
pub(crate) fn events(text: &str) -> Vec<Value> {
    let events = text.split("\n\n").filter(|event| !event.trim().is_empty());
    events
        .filter_map(|event| {
            let field = |name: &str| {
                let lines = event.lines().filter_map(|line| line.strip_prefix(name));
                lines.map(str::trim_start).next()
            };
            let data = field("data:")?;
            let data: Value = serde_json::from_str(data).unwrap_or_else(|_| data.into());
            Some(match field("event:") {
                Some(name) => json!({"event": name, "data": data}),
                None => json!({"data": data}),
            })
        })
        .collect()
}

/// Whether an event says that the answer has failed.
pub(crate) fn is_error(event: &Value) -> bool {
    let data = &event["data"];
    let kind = data["type"].as_str();
    data["error"].is_object() || matches!(kind, Some("error" | "response.failed"))
}

/// Whether an event says that the answer is complete.
pub(crate) fn is_end(event: &Value) -> bool {
    const ENDS: [&str; 3] = ["message_stop", "response.completed", "response.incomplete"];
    let data = &event["data"];
    let mut choices = data["choices"].as_array().into_iter().flatten();
    let is_finished = choices.any(|choice| !choice["finish_reason"].is_null());
    // The reason says so, whether or not the mark after it comes.
    let has_reason = data["type"] == "message_delta" && !data["delta"]["stop_reason"].is_null();
    is_finished || has_reason || ENDS.iter().any(|end| data["type"] == *end)
}

/// A stream of OpenAI's in the notation of the cases.
pub(crate) fn chunks(text: &str) -> Vec<Value> {
    let mut short: Vec<Value> = Vec::new();
    for event in events(text) {
        let data = &event["data"];
        if data == "[DONE]" {
            short.push(data.clone());
            continue;
        }
        if let Some(error) = data.get("error") {
            short.push(json!({"e": error}));
            continue;
        }
        let choices = data["choices"].as_array().cloned().unwrap_or_default();
        for choice in choices {
            one_choice(&choice, &mut short);
        }
        if data["usage"].is_object() {
            short.push(json!({"u": data["usage"]}));
        }
    }
    short
}

fn one_choice(choice: &Value, short: &mut Vec<Value>) {
    let index = choice["index"].as_u64().unwrap_or(0);
    let mut delta = choice["delta"].as_object().cloned().unwrap_or_default();
    let is_said = |name: &String, value: &Value| name != "content" || value != "";
    delta.retain(|name, value| !value.is_null() && is_said(name, value));
    if delta == *json!({"role": "assistant"}).as_object().unwrap() {
        delta.clear();
    }
    if choice["logprobs"].is_object() {
        short.push(json!({"i": index, "logprobs": choice["logprobs"]}));
    }
    if !delta.is_empty() && !merged(index, &delta, short) {
        short.push(json!({"i": index, "d": delta}));
    }
    if !choice["finish_reason"].is_null() {
        let mut end = json!({"i": index, "f": choice["finish_reason"]});
        if !choice["native_finish_reason"].is_null() {
            end["nf"] = choice["native_finish_reason"].clone();
        }
        short.push(end);
    }
}

/// Adds a delta to the one before it, if they are of the same kind.
fn merged(index: u64, delta: &Map<String, Value>, short: &mut [Value]) -> bool {
    let Some(last) = short.last_mut().filter(|last| last["i"] == index) else {
        return false;
    };
    let Some(known) = last.get_mut("d").and_then(Value::as_object_mut) else {
        return false;
    };
    if !known.keys().eq(delta.keys()) {
        return false;
    }
    let is_same = |name: &String| match (&known[name], &delta[name]) {
        (Value::String(_), Value::String(_)) => true,
        (Value::Array(one), Value::Array(other)) => {
            let index = |items: &[Value]| items.first().map(|item| item["index"].clone());
            one.len() == 1 && other.len() == 1 && index(one) == index(other)
        }
        _ => false,
    };
    if !delta.keys().all(is_same) {
        return false;
    }
    for (name, more) in delta {
        append(&mut known[name], more);
    }
    true
}

/// Adds what a delta adds: texts to texts, in items and in the fields of items.
fn append(known: &mut Value, more: &Value) {
    match (known, more) {
        (Value::String(known), Value::String(more)) => known.push_str(more),
        (Value::Array(known), Value::Array(more)) => append(&mut known[0], &more[0]),
        (Value::Object(known), Value::Object(more)) => {
            for (name, more) in more.iter().filter(|(_, more)| !more.is_null()) {
                match known.get_mut(name) {
                    Some(known) if !matches!(&**name, "index" | "type" | "id") => {
                        append(known, more);
                    }
                    Some(_) => {}
                    None => {
                        known.insert(name.clone(), more.clone());
                    }
                }
            }
        }
        _ => {}
    }
}
