//! What Azure has: addresses, credentials and errors.

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use serde_json::json;

use super::{check, filter};
use crate::admit;
use crate::dialect::{Asked, Dialect, ErrorAnswer};
use crate::draw::Draw;
use crate::openai::{self, CREATED, Form, OpenAi};
use crate::plan::Frames;
use crate::refusal::{Refusal, Why};
use crate::responses::{self, Responses};
use crate::route::Endpoint;

/// Azure's dialect.
#[derive(Debug)]
pub(crate) struct Azure;

/// Responses, which Azure has by the resource and not by the deployment.
#[derive(Debug)]
struct AzureResponses;

/// Its addresses.
static ENDPOINTS: [Endpoint; 12] = [
    Endpoint::model(&Azure, "openai/deployments/{}/chat/completions", chat),
    Endpoint::model(&Azure, "openai/deployments/{}/completions", completions),
    Endpoint::model(&Azure, "openai/deployments/{}/embeddings", embeddings),
    Endpoint::model(&Azure, "openai/v1/chat/completions", chat),
    Endpoint::model(&Azure, "openai/v1/completions", completions),
    Endpoint::model(&Azure, "openai/v1/embeddings", embeddings),
    Endpoint::model(&Azure, "models/chat/completions", chat),
    Endpoint::model(&Azure, "models/embeddings", embeddings),
    Endpoint::model(&AzureResponses, "openai/responses", classic_responses),
    Endpoint::model(&AzureResponses, "openai/v1/responses", responses::responses),
    Endpoint::post(&Azure, "openai/deployments/{}/images/generations", images),
    Endpoint::get(&Azure, "openai/files", files),
];

/// The first version that has responses.
const RESPONSES: &str = "2025-03-01";

fn chat(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    check::chat(asked)?;
    openai::chat(asked, &form(asked))
}

fn completions(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    openai::completions(asked, &form(asked))
}

fn embeddings(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    openai::embeddings(asked, &form(asked))
}

fn classic_responses(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let version = asked
        .query("api-version")
        .filter(|it| check::is_version(it));
    if version.is_some_and(|version| &version[..RESPONSES.len()] >= RESPONSES) {
        return responses::responses(asked);
    }
    Err(not_found())
}

/// An image, which says of which deployment it is.
fn images(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let body = openai::object(asked.body)?;
    if !body.contains_key("prompt") {
        return Err(openai::missing("prompt"));
    }
    let url = format!("https://sim.example.com/{}.png", asked.name);
    let body = json!({"created": CREATED, "data": [{"url": url}]});
    Ok(Frames::whole(body.to_string(), 0))
}

/// The files of the resource.
fn files(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let version = asked.query("api-version");
    if version.is_some_and(check::is_version) {
        let body = json!({"object": "list", "data": []});
        return Ok(Frames::whole(body.to_string(), 0));
    }
    Err(not_found())
}

fn form<'a>(asked: &Asked<'a>) -> Form<'a> {
    Form {
        dialect: &Azure,
        model: Some(asked.name).filter(|deployment| !deployment.is_empty()),
        filters: Some(filter::filters()),
        ..Form::openai(asked.sim)
    }
}

impl Dialect for Azure {
    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn claims(&self, parts: &Parts) -> bool {
        parts.uri.path().contains("/openai/") || parts.headers.contains_key("api-key")
    }

    fn admit(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        let given = admit::key(&asked.parts.headers, &["api-key"]);
        admit::same(asked.sim.config.key.as_ref(), given, self)
    }

    fn check_head(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        // Only the classic addresses, which name a deployment, need a version.
        let version = asked.query("api-version");
        if asked.name.is_empty() || version.is_some_and(check::is_version) {
            Ok(())
        } else {
            Err(not_found())
        }
    }

    fn refusal(&self, why: &Why) -> Refusal {
        match why {
            Why::NoKey | Why::WrongKey => why.usual().code("401").message(
                "Access denied due to invalid subscription key or wrong API endpoint. Make sure \
                 that the key is valid and the endpoint is the one of your resource.",
            ),
            Why::Status(StatusCode::NOT_FOUND) => why.usual().code("DeploymentNotFound").message(
                "The API deployment for this resource does not exist. If it was created within \
                 the last 5 minutes, please try again in a moment.",
            ),
            Why::UnknownAddress(_) | Why::WrongMethod(_) => not_found(),
            Why::Blocked => Refusal::bad(
                "The response was filtered due to the prompt triggering the content management \
                 policy. Please modify your prompt and retry.",
            )
            .param("prompt")
            .code("content_filter"),
            _ => OpenAi.refusal(why),
        }
    }

    fn error(&self, refusal: &Refusal, _draw: &Draw) -> ErrorAnswer {
        let message = &refusal.message;
        let code = refusal.code.or(match refusal.status.as_u16() {
            401 => Some("401"),
            404 => Some("DeploymentNotFound"),
            429 => Some("429"),
            500 => Some("InternalServerError"),
            503 => Some("ServiceUnavailable"),
            _ => None,
        });
        let short = matches!(refusal.status.as_u16(), 401 | 404 | 429 | 500 | 503);
        let body = match code {
            Some("content_filter") => json!({"error": {
                "message": message,
                "type": null,
                "param": refusal.param,
                "code": code,
                "status": refusal.status.as_u16(),
                "innererror": {
                    "code": "ResponsibleAIPolicyViolation",
                    "content_filter_result": filter::verdict(true),
                },
            }}),
            Some(code) if short => json!({"error": {"code": code, "message": message}}),
            _ => openai::error_body(refusal),
        };
        body.to_string().into()
    }

    fn error_event(&self, code: &str, sent: &[u8]) -> Bytes {
        OpenAi.error_event(code, sent)
    }
}

impl Dialect for AzureResponses {
    fn endpoints(&self) -> &'static [Endpoint] {
        &[]
    }

    fn claims(&self, _parts: &Parts) -> bool {
        false
    }

    fn admit(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        Azure.admit(asked)
    }

    fn refusal(&self, why: &Why) -> Refusal {
        Azure.refusal(why)
    }

    fn error(&self, refusal: &Refusal, draw: &Draw) -> ErrorAnswer {
        Azure.error(refusal, draw)
    }

    fn error_event(&self, code: &str, sent: &[u8]) -> Bytes {
        Responses.error_event(code, sent)
    }
}

fn not_found() -> Refusal {
    Refusal::bad("Resource not found")
        .status(StatusCode::NOT_FOUND)
        .code("404")
}
