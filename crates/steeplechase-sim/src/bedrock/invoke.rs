//! Invocations: the model's own language in Bedrock's envelope.
//!
//! ```text
//! anthropic_version  ─► Claude's messages     without `model` and `stream`
//! inputText          ─► Titan's embeddings
//! texts              ─► Cohere's embeddings
//! ```

use http::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::{Bedrock, check, embed, eventstream};
use crate::anthropic::{self, Host};
use crate::dialect::Asked;
use crate::plan::Frames;
use crate::refusal::Refusal;

/// What Anthropic has and Bedrock has not.
const LACKS: [&str; 7] = [
    "container",
    "inference_geo",
    "mcp_servers",
    "metadata",
    "model",
    "service_tier",
    "speed",
];

/// Answers, whole.
pub(super) fn whole(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let model = check::model(asked)?;
    let body = check::json(asked.body)?;
    if body.contains_key("inputText") {
        embed::titan(&body, &model)
    } else if body.contains_key("texts") || body.contains_key("images") {
        embed::cohere(asked, &body)
    } else {
        anthropic::messages(asked, &host(&model, false))
    }
}

/// Answers as a stream.
pub(super) fn stream(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let model = check::model(asked)?;
    let frames = anthropic::messages(asked, &host(&model, true))?;
    if !frames.stream {
        return Ok(frames);
    }
    let mut wrapped = wrap(&frames);
    wrapped.headers.push((
        HeaderName::from_static("x-amzn-bedrock-content-type"),
        HeaderValue::from_static("application/json"),
    ));
    Ok(wrapped)
}

fn host(model: &str, streams: bool) -> Host<'_> {
    Host {
        dialect: &Bedrock,
        model: Some(model),
        version: Some("bedrock-2023-05-31"),
        lacks: &LACKS,
        ids: "bdrk_",
        streams: Some(streams),
        event: None,
    }
}

/// Puts each event of a stream in a frame, but for those that only keep it alive.
fn wrap(frames: &Frames) -> Frames {
    frames.rewritten(|event, buffer| {
        let Some(mut data) = data(event).filter(|data| data["type"] != "ping") else {
            return;
        };
        if data["type"] == "message_stop" {
            data["amazon-bedrock-invocationMetrics"] = json!({
                "outputTokenCount": frames.tokens,
                "invocationLatency": 100,
                "firstByteLatency": 50,
            });
        }
        eventstream::chunk(buffer, &data);
    })
}

fn data(event: &[u8]) -> Option<Value> {
    let event = std::str::from_utf8(event).ok()?;
    let data = event.lines().find_map(|line| line.strip_prefix("data: "))?;
    serde_json::from_str(data).ok()
}
