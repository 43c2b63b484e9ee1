//! What has to hold of a case.

use serde_json::{Value, json};

use crate::case::{Case, Failure, Sent};
use crate::compare::{equal, within};
use crate::stream;
use crate::world::{Asked, Outcome, run, upstream_bytes};

/// Says what of a case does not hold.
pub(crate) async fn check(case: &Case) -> Result<(), String> {
    let bytes = upstream_bytes(case);
    let outcome = run(case, vec![bytes]).await;
    if let Some(sent) = &case.sent {
        check_sent(sent, outcome.sent.as_ref())?;
    }
    if let Some(wanted) = &case.error {
        check_error(wanted, &outcome)?;
    } else {
        let is_answer = case.answer.is_some() || case.chunks.is_some();
        if (is_answer || case.events.is_some()) && outcome.status != 200 {
            let said = outcome.error.as_ref();
            return Err(format!("failed: {} {said:?}", outcome.body));
        }
    }
    if let Some(wanted) = &case.answer {
        let answer = serde_json::from_str(&outcome.body).map_err(|e| e.to_string())?;
        within(wanted, &answer).map_err(|e| format!("answer{e}\n{}", outcome.body))?;
    }
    if let Some(wanted) = &case.chunks {
        let found = stream::chunks(&outcome.body);
        let wanted: Vec<Value> = wanted.iter().map(with_choice).collect();
        within(&json!(wanted), &json!(found))
            .map_err(|e| format!("chunks{e}\n{}", json!(found)))?;
    }
    if let Some(wanted) = &case.events {
        let found = stream::events(&outcome.body);
        within(&json!(wanted), &json!(found))
            .map_err(|e| format!("events{e}\n{}", json!(found)))?;
    }
    check_rest(case, &outcome)
}

fn check_rest(case: &Case, outcome: &Outcome) -> Result<(), String> {
    if let Some(wanted) = &case.dropped {
        let found = outcome.headers.get("x-steeplechase-dropped");
        let found = found.map_or("", |value| value.to_str().unwrap());
        let mut found: Vec<_> = found.split(", ").filter(|name| !name.is_empty()).collect();
        found.sort_unstable();
        let mut wanted = wanted.clone();
        wanted.sort_unstable();
        if found != wanted {
            return Err(format!("dropped {found:?} and not {wanted:?}"));
        }
    }
    if let Some(wanted) = &case.usage {
        let usage = outcome.usage.ok_or("no usage was reported")?;
        let found = json!({
            "prompt": usage.prompt, "completion": usage.completion,
            "cache_read": usage.cache_read, "cache_write": usage.cache_write,
            "reasoning": usage.reasoning, "cache_write_1h": usage.cache_write_1h,
            "audio_in": usage.audio_in, "audio_out": usage.audio_out,
            "searches": usage.searches, "free_in": usage.free_in, "free_out": usage.free_out,
        });
        within(&json!(wanted), &found).map_err(|e| format!("usage{e}"))?;
    }
    Ok(())
}

/// Checks that it does not matter where a stream is cut in two.
pub(crate) async fn check_pieces(case: &Case) {
    let bytes = upstream_bytes(case);
    let whole = run(case, vec![bytes.clone()]).await;
    for at in 1..bytes.len() {
        let pieces = vec![bytes.slice(..at), bytes.slice(at..)];
        let outcome = run(case, pieces).await;
        let same = comparable(&whole.body) == comparable(&outcome.body);
        assert!(same, "{} at {at}:\n{}", case.id, outcome.body);
        assert_eq!(whole.usage, outcome.usage, "{} at {at}", case.id);
    }
}

/// Checks that a stream that breaks off is the start of the whole one, and then an error, unless all
/// that matters was there.
pub(crate) async fn check_cuts(case: &Case) {
    let bytes = upstream_bytes(case);
    let whole = run(case, vec![bytes.clone()]).await;
    let whole = without_usage(comparable(&whole.body));
    for at in 0..bytes.len() {
        let outcome = run(case, vec![bytes.slice(..at)]).await;
        if outcome.status != 200 {
            continue;
        }
        let mut said = without_usage(comparable(&outcome.body));
        let has_failed = said.last().is_some_and(stream::is_error);
        if has_failed {
            said.pop();
        }
        let place = format!("{} at {at}:\n{}", case.id, outcome.body);
        // A provider that breaks off after the end has not said what it has cost: there is no more.
        said.pop_if(|last| last["data"] == "[DONE]");
        said.pop_if(|last| {
            last["data"]["choices"]
                .as_array()
                .is_some_and(Vec::is_empty)
        });
        assert!(whole.starts_with(&said), "{place}");
        assert!(has_failed || said.iter().any(stream::is_end), "{place}");
    }
}

/// A stream without what differs from run to run.
fn comparable(body: &str) -> Vec<Value> {
    let mut events = stream::events(body);
    // It says only that somebody is there.
    events.retain(|event| event["event"] != "ping");
    events.iter_mut().for_each(strip);
    events
}

/// What it has cost may come after the end, and be cut off; then it is estimated.
fn without_usage(mut events: Vec<Value>) -> Vec<Value> {
    for event in &mut events {
        if event["data"]["usage"].is_object() && event["data"]["choices"].is_array() {
            event["data"]["usage"].take();
        }
        if event["data"]["response"]["usage"].is_object() {
            event["data"]["response"]["usage"].take();
        }
        if event["data"]["type"] == "message_delta" {
            event["data"]["usage"].take();
        }
    }
    events
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ["id", "created", "created_at", "completed_at", "item_id"] {
                fields.remove(name);
            }
            fields.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

fn with_choice(chunk: &Value) -> Value {
    let mut chunk = chunk.clone();
    let is_of_choice = ["d", "f", "logprobs"]
        .iter()
        .any(|key| chunk.get(key).is_some());
    if is_of_choice && chunk.get("i").is_none() {
        chunk["i"] = 0.into();
    }
    chunk
}

fn check_sent(wanted: &Sent, sent: Option<&Asked>) -> Result<(), String> {
    let sent = sent.ok_or("nothing was sent")?;
    if let Some(url) = &wanted.url
        && *url != sent.url
    {
        return Err(format!("sent to {} and not to {url}", sent.url));
    }
    for (name, value) in &wanted.headers {
        let found = sent.headers.get(name).map(|value| value.to_str().unwrap());
        if found != Some(value) {
            return Err(format!("{name} is {found:?} and not {value:?}"));
        }
    }
    for name in &wanted.absent {
        if sent.headers.contains_key(name) {
            return Err(format!("{name} is there"));
        }
    }
    if let Some(body) = &wanted.body {
        let found = serde_json::from_slice(&sent.body).map_err(|e| e.to_string())?;
        equal(body, &found).map_err(|e| format!("sent{e}\n{found}"))?;
    }
    Ok(())
}

fn check_error(wanted: &Failure, outcome: &Outcome) -> Result<(), String> {
    let error = outcome.error.as_ref();
    let error = error.ok_or_else(|| format!("there is no error: {}", outcome.body))?;
    let after = error.retry_after().map(|after| after.as_millis());
    let found = json!({
        "class": error.class().as_str(), "scope": format!("{:?}", error.scope()).to_lowercase(),
        "status": outcome.status, "code": error.code(), "param": error.param(),
        "retry_after_ms": after.map(|after| u64::try_from(after).unwrap()),
    });
    let fields = json!({
        "class": wanted.class, "scope": wanted.scope, "status": wanted.status,
        "code": wanted.code, "param": wanted.param, "retry_after_ms": wanted.retry_after_ms,
    });
    for (name, value) in fields.as_object().unwrap() {
        if !value.is_null() && found[name] != *value {
            return Err(format!(
                "error.{name} is {} and not {value}: {error:?}",
                found[name]
            ));
        }
    }
    match &wanted.says {
        Some(part) if !error.message().contains(&**part) => {
            Err(format!("the error says {:?}", error.message()))
        }
        _ => Ok(()),
    }
}
