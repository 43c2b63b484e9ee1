//! What Gemini has: addresses, credentials and errors.

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use serde_json::json;

use super::{embed, whole};
use crate::admit;
use crate::dialect::{Asked, Dialect, ErrorAnswer};
use crate::draw::Draw;
use crate::google;
use crate::refusal::{Refusal, Why};
use crate::route::Endpoint;

/// Gemini's dialect, as one of two services speaks it.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Gemini {
    vertex: bool,
}

/// Google's AI Studio.
pub(crate) static STUDIO: Gemini = Gemini { vertex: false };

/// Google's Vertex AI.
pub(crate) static VERTEX: Gemini = Gemini { vertex: true };

static STUDIO_ENDPOINTS: [Endpoint; 8] = [
    Endpoint::model(&STUDIO, "models/{}:generateContent", whole::generate),
    Endpoint::model(&STUDIO, "models/{}:streamGenerateContent", whole::stream),
    Endpoint::model(&STUDIO, "tunedModels/{}:generateContent", whole::generate),
    Endpoint::model(
        &STUDIO,
        "tunedModels/{}:streamGenerateContent",
        whole::stream,
    ),
    Endpoint::model(&STUDIO, "models/{}:embedContent", embed::one),
    Endpoint::model(&STUDIO, "models/{}:batchEmbedContents", embed::batch),
    Endpoint::post(&STUDIO, "models/{}:countTokens", whole::count),
    Endpoint::get(&STUDIO, "v1beta/models", whole::models),
];

static VERTEX_ENDPOINTS: [Endpoint; 7] = [
    Endpoint::model(
        &VERTEX,
        "publishers/google/models/{}:generateContent",
        whole::generate,
    ),
    Endpoint::model(
        &VERTEX,
        "publishers/google/models/{}:streamGenerateContent",
        whole::stream,
    ),
    Endpoint::model(&VERTEX, "endpoints/{}:generateContent", whole::generate),
    Endpoint::model(&VERTEX, "endpoints/{}:streamGenerateContent", whole::stream),
    Endpoint::model(
        &VERTEX,
        "publishers/google/models/{}:embedContent",
        embed::one,
    ),
    Endpoint::model(
        &VERTEX,
        "publishers/google/models/{}:predict",
        embed::predict,
    ),
    Endpoint::post(
        &VERTEX,
        "publishers/google/models/{}:countTokens",
        whole::count,
    ),
];

impl Gemini {
    /// Which service a request is for.
    pub(super) fn of(asked: &Asked<'_>) -> &'static Self {
        let path = asked.parts.uri.path();
        if path.contains("/publishers/") || path.contains("/endpoints/") {
            &VERTEX
        } else {
            &STUDIO
        }
    }

    pub(super) fn is_vertex(&self) -> bool {
        self.vertex
    }
}

impl Dialect for Gemini {
    fn endpoints(&self) -> &'static [Endpoint] {
        if self.vertex {
            &VERTEX_ENDPOINTS
        } else {
            &STUDIO_ENDPOINTS
        }
    }

    fn claims(&self, parts: &Parts) -> bool {
        let path = parts.uri.path();
        if self.vertex {
            path.contains("/publishers/google/")
        } else {
            path.contains("/v1beta/") || parts.headers.contains_key("x-goog-api-key")
        }
    }

    fn admit(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        if self.vertex && asked.parts.uri.path().contains("/projects/") {
            return google::admit(asked, self);
        }
        // Vertex AI without a project, in express mode, takes keys as well.
        let given = admit::header(&asked.parts.headers, &["x-goog-api-key"]);
        let given = given.or_else(|| asked.query("key"));
        admit::same(asked.sim.config.key.as_ref(), given, &STUDIO)
    }

    fn refusal(&self, why: &Why) -> Refusal {
        match why {
            Why::NoKey if !self.vertex => Refusal::bad(
                "Method doesn't allow unregistered callers (callers without established identity). \
                 Please use API Key or other form of API consumer identity to call this API.",
            )
            .status(StatusCode::FORBIDDEN),
            Why::WrongKey if !self.vertex => {
                let info = google::error_info("API_KEY_INVALID", "googleapis.com");
                Refusal::bad("API key not valid. Please pass a valid API key.")
                    .details(json!([info]))
            }
            _ => google::refusal(why),
        }
    }

    fn error(&self, refusal: &Refusal, _draw: &Draw) -> ErrorAnswer {
        google::error_body(refusal).to_string().into()
    }

    fn error_event(&self, code: &str, _sent: &[u8]) -> Bytes {
        let refusal = self.refusal(&Why::event(code));
        format!("data: {}\r\n\r\n", google::error_body(&refusal)).into()
    }
}
