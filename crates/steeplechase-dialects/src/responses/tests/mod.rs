mod events;
mod judging;
mod model;
mod seals;
mod strict;

use std::sync::Arc;

use bytes::BytesMut;
use serde_json::Value;
use steeplechase_core::Dialect;

use super::{Encoder, Terms};
use crate::chat::{ChatRequest, Encode, Event};
use crate::sse::EventCutter;

/// A call that wants its reasoning sealed, or not.
fn chat(sealed: bool) -> ChatRequest {
    let terms = Terms {
        sealed,
        ..Terms::default()
    };
    ChatRequest {
        model: "m".into(),
        responses: Some(Arc::new(terms)),
        ..ChatRequest::default()
    }
}

/// What events become.
fn written(sealed: bool, events: &[Event<'_>]) -> Vec<Value> {
    let mut encoder = Encoder::new(&chat(sealed), Dialect::Anthropic);
    let mut out = BytesMut::new();
    for event in events {
        encoder.write(*event, &mut out);
    }
    told(out)
}

/// The data of events, each of which has its type for a name.
fn told(out: BytesMut) -> Vec<Value> {
    let mut cutter = EventCutter::new();
    cutter.push(out.freeze()).unwrap();
    let events = cutter.events();
    let read = |event: crate::sse::Event<'_>| {
        let data: Value = serde_json::from_slice(&event.data().unwrap()).unwrap();
        assert_eq!(event.name(), data["type"].as_str().map(str::as_bytes));
        data
    };
    events.map(read).collect()
}

/// The types of events, without what all of them begin with.
fn types(events: &[Value]) -> Vec<&str> {
    let kinds = events.iter().map(|event| event["type"].as_str().unwrap());
    kinds
        .map(|kind| kind.strip_prefix("response.").unwrap())
        .collect()
}
