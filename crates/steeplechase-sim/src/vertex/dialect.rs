//! What Claude on Vertex AI has: addresses, credentials and errors.

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;

use crate::anthropic::{self, Anthropic, Host};
use crate::dialect::{Asked, Dialect, ErrorAnswer};
use crate::draw::Draw;
use crate::google;
use crate::percent;
use crate::plan::Frames;
use crate::refusal::{Refusal, Why};
use crate::route::Endpoint;

/// The dialect of Claude on Vertex AI.
#[derive(Debug)]
pub(crate) struct VertexClaude;

static ENDPOINTS: [Endpoint; 3] = [
    Endpoint::post(
        &VertexClaude,
        "publishers/anthropic/models/count-tokens:rawPredict",
        count,
    ),
    Endpoint::model(
        &VertexClaude,
        "publishers/anthropic/models/{}:rawPredict",
        messages,
    ),
    Endpoint::model(
        &VertexClaude,
        "publishers/anthropic/models/{}:streamRawPredict",
        messages,
    ),
];

/// What Anthropic has and Vertex AI has not.
const LACKS: [&str; 5] = [
    "container",
    "inference_geo",
    "mcp_servers",
    "service_tier",
    "speed",
];

fn host() -> Host<'static> {
    Host {
        dialect: &VertexClaude,
        version: Some("vertex-2023-10-16"),
        lacks: &LACKS,
        ids: "vrtx_",
        event: Some("vertex_event"),
        ..Host::own()
    }
}

fn messages(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let model = percent::decode(asked.name);
    // The answer leaves the date out.
    let model = model
        .split_once('@')
        .map_or(model.as_str(), |(model, _)| model);
    let host = Host {
        model: Some(model),
        ..host()
    };
    anthropic::messages(asked, &host)
}

fn count(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    anthropic::count_tokens(asked, &host())
}

impl Dialect for VertexClaude {
    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn claims(&self, parts: &Parts) -> bool {
        parts.uri.path().contains("/publishers/anthropic/")
    }

    fn admit(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        google::admit(asked, self)
    }

    fn refusal(&self, why: &Why) -> Refusal {
        match why {
            Why::Status(StatusCode::NOT_FOUND) => why.usual().message(
                "Publisher Model was not found or your project does not have access to it. Please \
                 ensure you are using a valid model version.",
            ),
            Why::Status(StatusCode::TOO_MANY_REQUESTS) => why.usual().message(
                "Quota exceeded for aiplatform.googleapis.com/\
                 online_prediction_input_tokens_per_minute_per_base_model.",
            ),
            Why::NoKey | Why::WrongKey | Why::UnknownAddress(_) | Why::WrongMethod(_) => {
                google::refusal(why)
            }
            _ => Anthropic.refusal(why),
        }
    }

    fn error(&self, refusal: &Refusal, draw: &Draw) -> ErrorAnswer {
        if matches!(refusal.status.as_u16(), 401 | 403 | 404 | 429) {
            google::error_body(refusal).to_string().into()
        } else {
            Anthropic.error(refusal, draw)
        }
    }

    fn error_event(&self, code: &str, sent: &[u8]) -> Bytes {
        Anthropic.error_event(code, sent)
    }

    fn keepalive(&self) -> Option<&'static [u8]> {
        Anthropic.keepalive()
    }
}
