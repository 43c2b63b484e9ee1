//! What the sim does, one sentence for each test.

mod azure;
mod bedrock;
mod bedrock_checks;
mod checks;
mod cohere;
mod cohere_checks;
mod compatible;
mod counts;
mod every;
mod faults;
mod gemini;
mod gemini_checks;
mod gemini_tools;
mod held;
mod languages;
mod model;
mod odd;
mod responses;
#[cfg(feature = "server")]
mod server;
mod shapes;
mod signatures;
mod timing;
mod tools;
mod vertex;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::*;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// A request in OpenAI's dialect.
fn openai(body: &Value) -> Request<Full<Bytes>> {
    Request::post("/v1/chat/completions")
        .body(Full::from(body.to_string()))
        .unwrap()
}

/// A request in Anthropic's dialect.
fn anthropic(body: &Value) -> Request<Full<Bytes>> {
    Request::post("/v1/messages")
        .header("anthropic-version", "2023-06-01")
        .body(Full::from(body.to_string()))
        .unwrap()
}

fn chat(stream: bool) -> Value {
    json!({
        "model": "gpt-x",
        "stream": stream,
        "messages": [{"role": "user", "content": "Where to?"}],
    })
}

fn message(stream: bool) -> Value {
    json!({
        "model": "claude-x",
        "stream": stream,
        "max_tokens": 2048,
        "messages": [{"role": "user", "content": "Where to?"}],
    })
}

/// `body` with the fields of `more`.
fn with(mut body: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn send(sim: &Sim, request: Request<Full<Bytes>>) -> Result<Response<SimBody>, SimError> {
    sim.clone().oneshot(request).await
}

/// All bytes of the answer, which must have come to its end.
async fn bytes(sim: &Sim, request: Request<Full<Bytes>>) -> Bytes {
    let answer = send(sim, request).await.unwrap();
    answer.into_body().collect().await.unwrap().to_bytes()
}

async fn whole(sim: &Sim, request: Request<Full<Bytes>>) -> Value {
    serde_json::from_slice(&bytes(sim, request).await).unwrap()
}

/// The frames of a body, and the error with which it ended.
async fn frames(mut body: SimBody) -> (Vec<Bytes>, Option<SimError>) {
    let mut frames = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => frames.push(frame.into_data().unwrap()),
            Err(error) => return (frames, Some(error)),
        }
    }
    (frames, None)
}

/// The events of a stream: the name, and the data if it is JSON.
fn events(stream: &[u8]) -> Vec<(String, Value)> {
    let stream = std::str::from_utf8(stream).unwrap();
    let mut blocks: Vec<_> = stream.split("\n\n").collect();
    assert_eq!(blocks.pop(), Some(""), "the last event is whole");
    let event = |block: &str| {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
        let data = field("data: ").unwrap_or_default();
        let name = field("event: ").unwrap_or_default();
        let data = serde_json::from_str(data).unwrap_or_else(|_| data.into());
        (name.to_owned(), data)
    };
    blocks.into_iter().map(event).collect()
}

async fn stream(sim: &Sim, request: Request<Full<Bytes>>) -> Vec<(String, Value)> {
    events(&bytes(sim, request).await)
}

/// The text of a stream in OpenAI's dialect.
fn text(events: &[(String, Value)]) -> String {
    let content = |(_, data): &(String, Value)| {
        let content = data["choices"][0]["delta"]["content"].as_str();
        content.unwrap_or_default().to_owned()
    };
    events.iter().map(content).collect()
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

/// A request to any address.
fn post(path: &str, body: &Value) -> Request<Full<Bytes>> {
    Request::post(path)
        .body(Full::from(body.to_string()))
        .unwrap()
}

/// The status and the JSON of an answer.
async fn answered(sim: &Sim, request: Request<Full<Bytes>>) -> (u16, Value) {
    let answer = send(sim, request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

/// A value without what it says: which fields it has, and of what kind each is.
fn skeleton(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => "boolean".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "string".into(),
        Value::Array(values) => values.iter().map(skeleton).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, value)| (name.clone(), skeleton(value)));
            Value::Object(fields.collect())
        }
    }
}

#[track_caller]
fn assert_looks_like(given: &Value, golden: &Value) {
    assert_eq!(skeleton(given), skeleton(golden), "{given}");
}
