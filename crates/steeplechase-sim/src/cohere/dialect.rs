//! What Cohere has: addresses and errors.

use bytes::Bytes;
use http::request::Parts;
use serde_json::json;

use super::{embed, rerank, whole};
use crate::admit;
use crate::dialect::{Asked, Dialect, ErrorAnswer};
use crate::draw::Draw;
use crate::refusal::{Refusal, Why};
use crate::reply::hex;
use crate::route::Endpoint;
use crate::sse;

/// Cohere's dialect.
#[derive(Debug)]
pub(crate) struct Cohere;

static ENDPOINTS: [Endpoint; 5] = [
    Endpoint::model(&Cohere, "v2/chat", whole::chat),
    Endpoint::model(&Cohere, "v2/embed", embed::embed),
    Endpoint::model(&Cohere, "v2/rerank", rerank::cohere),
    Endpoint::model(&Cohere, "v1/rerank", rerank::jina),
    Endpoint::model(&Cohere, "rerank", rerank::jina),
];

impl Dialect for Cohere {
    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn claims(&self, parts: &Parts) -> bool {
        parts.uri.path().contains("/v2/")
    }

    fn admit(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        let given = admit::bearer(&asked.parts.headers);
        admit::same(asked.sim.config.key.as_ref(), given, self)
    }

    fn refusal(&self, why: &Why) -> Refusal {
        let status = |status: u16, message: &str| Why::code(status).usual().message(message);
        match why {
            Why::NoKey => status(401, "no api key supplied"),
            Why::WrongKey => status(401, "invalid api token"),
            Why::ContextTooLong => Refusal::bad(
                "too many tokens: size limit exceeded by 4904 tokens. Try using shorter or fewer \
                 inputs, or setting prompt_truncation='AUTO'.",
            ),
            Why::Blocked => status(
                498,
                "blocked input: the content of the prompt is not allowed",
            ),
            Why::UnknownAddress(address) => status(404, &format!("404 page not found: {address}")),
            _ => why.usual(),
        }
    }

    fn error(&self, refusal: &Refusal, draw: &Draw) -> ErrorAnswer {
        let body = json!({"id": hex(draw.id(0)), "message": refusal.message});
        body.to_string().into()
    }

    fn error_event(&self, code: &str, _sent: &[u8]) -> Bytes {
        let error = self.refusal(&Why::event(code)).message;
        let event = json!({
            "type": "message-end",
            "delta": {"error": error, "finish_reason": "ERROR"},
        });
        let mut buffer = Vec::new();
        sse::event(&mut buffer, "message-end", &event);
        buffer.into()
    }
}
