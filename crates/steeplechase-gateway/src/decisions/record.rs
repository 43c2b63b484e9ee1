//! A record as JSON.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use steeplechase::attempts::{Asked, Told, Trace};
use steeplechase::{Class, Cost};

use super::{attempt, id};

/// All of it.
pub(super) fn whole(trace: &Trace) -> Value {
    let mut record = summary(trace);
    record["attempts"] = attempt::all(trace);
    record
}

/// What a list shows of it.
pub(super) fn summary(trace: &Trace) -> Value {
    let costs = trace.ended();
    let costs = costs.iter().filter_map(|attempt| attempt.cost);
    let cost = costs.reduce(|sum, cost| Cost::from_nanos(sum.nanos().saturating_add(cost.nanos())));
    json!({
        "id": id::text(trace.id()),
        "object": "decision",
        "at": since_epoch(trace.at()),
        "is_over": trace.took().is_some(),
        "took_seconds": trace.took().map(seconds),
        "call": trace.asked().map(asked),
        "answer": trace.told().map(told),
        "attempts": trace.picks().len(),
        "cost": cost.map(|cost| cost.to_string()),
    })
}

fn asked(asked: &Asked) -> Value {
    json!({
        "operation": asked.operation.as_str(),
        "dialect": asked.dialect.as_str(),
        "model": &*asked.model,
        "stream": asked.stream,
        "prompt_tokens_estimate": asked.prompt.tokens(),
    })
}

fn told(told: &Told) -> Value {
    json!({
        "status": told.status,
        "class": told.class.map(Class::as_str),
        "model_group": told.group.as_deref(),
    })
}

/// To the microsecond, which is as much as there is to know.
pub(super) fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e6
}

fn since_epoch(at: SystemTime) -> f64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH);
    (since.unwrap_or_default().as_secs_f64() * 1e3).round() / 1e3
}
