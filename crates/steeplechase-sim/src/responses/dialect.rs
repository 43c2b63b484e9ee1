//! The address of responses, and how they fail.

use bytes::Bytes;
use http::request::Parts;
use serde_json::{Value, json};

use super::whole;
use crate::dialect::{Dialect, ErrorAnswer};
use crate::draw::Draw;
use crate::openai::OpenAi;
use crate::refusal::{Refusal, Why};
use crate::route::Endpoint;
use crate::sse;

/// The dialect of responses.
#[derive(Debug)]
pub(crate) struct Responses;

/// Its address.
static ENDPOINTS: [Endpoint; 1] = [Endpoint::model(&Responses, "responses", whole::responses)];

impl Dialect for Responses {
    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn claims(&self, parts: &Parts) -> bool {
        parts.uri.path().contains("/responses/")
    }

    fn refusal(&self, why: &Why) -> Refusal {
        match why {
            Why::ContextTooLong => OpenAi.refusal(why).param("input"),
            _ => OpenAi.refusal(why),
        }
    }

    fn error(&self, refusal: &Refusal, draw: &Draw) -> ErrorAnswer {
        OpenAi.error(refusal, draw)
    }

    fn error_event(&self, code: &str, sent: &[u8]) -> Bytes {
        let message = "The server had an error while processing the request.";
        let number = sent.windows(2).filter(|bytes| bytes == b"\n\n").count();
        let mut buffer = Vec::new();
        if let Some(mut response) = started(sent) {
            response["status"] = "failed".into();
            response["error"] = json!({"code": code, "message": message});
            let event = json!({
                "type": "response.failed",
                "sequence_number": number,
                "response": response,
            });
            sse::event(&mut buffer, "response.failed", &event);
        } else {
            let event = json!({
                "type": "error",
                "code": code,
                "message": message,
                "param": null,
                "sequence_number": number,
            });
            sse::event(&mut buffer, "error", &event);
        }
        buffer.into()
    }
}

/// The response with which the stream began.
fn started(sent: &[u8]) -> Option<Value> {
    let first = sent.split(|byte| *byte == b'\n').nth(1)?;
    let mut event: Value = serde_json::from_slice(first.strip_prefix(b"data: ")?).ok()?;
    Some(event["response"].take()).filter(Value::is_object)
}
