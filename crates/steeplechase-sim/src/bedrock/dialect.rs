//! What Bedrock has: addresses, credentials and errors.

use bytes::Bytes;
use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use serde_json::json;

use super::{eventstream, invoke, sign, stream, whole};
use crate::admit;
use crate::dialect::{Asked, Dialect, ErrorAnswer};
use crate::draw::Draw;
use crate::refusal::{Refusal, Why, status_of};
use crate::reply::hex;
use crate::route::Endpoint;

/// Bedrock's dialect.
#[derive(Debug)]
pub(crate) struct Bedrock;

static ENDPOINTS: [Endpoint; 4] = [
    Endpoint::model(&Bedrock, "model/{}/converse", whole::converse),
    Endpoint::model(&Bedrock, "model/{}/converse-stream", stream::converse),
    Endpoint::model(&Bedrock, "model/{}/invoke", invoke::whole),
    Endpoint::model(
        &Bedrock,
        "model/{}/invoke-with-response-stream",
        invoke::stream,
    ),
];

impl Dialect for Bedrock {
    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn claims(&self, parts: &Parts) -> bool {
        parts.uri.path().contains("/model/")
    }

    fn admit(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        let config = &asked.sim.config;
        if config.aws.is_none() && config.key.is_none() {
            return Ok(());
        }
        let headers = &asked.parts.headers;
        if let Some(given) = admit::bearer(headers) {
            return match &config.key {
                Some(key) if key.0 == given => Ok(()),
                _ => Err(self.refusal(&Why::WrongKey)),
            };
        }
        match &config.aws {
            _ if !headers.contains_key(AUTHORIZATION) => Err(self.refusal(&Why::NoKey)),
            Some(aws) => sign::verify(asked.parts, asked.body, aws),
            None => Err(sign::unknown_client()),
        }
    }

    fn refusal(&self, why: &Why) -> Refusal {
        let status = |status: u16, message: &str| Why::code(status).usual().message(message);
        match why {
            Why::NoKey => sign::refused(
                "MissingAuthenticationTokenException",
                "Missing Authentication Token",
            ),
            Why::WrongKey => sign::refused(
                "AccessDeniedException",
                "Authentication failed: Please make sure your API Key is valid.",
            ),
            Why::ContextTooLong => Refusal::bad("Input is too long for requested model."),
            Why::Overloaded => status(503, "Bedrock is unable to process your request."),
            Why::UnknownAddress(_) | Why::WrongMethod(_) => {
                status(404, "").code("UnknownOperationException")
            }
            Why::Status(code) => match code.as_u16() {
                400 => Refusal::bad("The provided request is not valid."),
                403 => status(
                    403,
                    "You don't have access to the model with the specified model ID.",
                ),
                404 => status(404, "Could not find the model with the specified model ID."),
                429 => status(429, "Too many requests, please wait before trying again."),
                529 => self.refusal(&Why::Overloaded),
                _ => why.usual(),
            },
            _ => why.usual(),
        }
    }

    fn error(&self, refusal: &Refusal, _draw: &Draw) -> ErrorAnswer {
        let name = refusal.code.unwrap_or_else(|| name(refusal.status));
        let body = match name {
            // Where nobody answers there is nobody with words.
            "UnknownOperationException" => {
                let kind = "com.amazon.coral.service#UnknownOperationException";
                json!({"Output": {"__type": kind}, "Version": "1.0"})
            }
            _ => json!({"message": refusal.message}),
        };
        let kind = format!("{name}:http://internal.amazon.com/coral/com.amazon.bedrock/");
        let kind = HeaderValue::try_from(kind).expect("the names of errors are plain words");
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("x-amzn-errortype"), kind);
        ErrorAnswer {
            body: body.to_string().into(),
            headers,
        }
    }

    fn error_event(&self, code: &str, _sent: &[u8]) -> Bytes {
        let name = match status_of(code) {
            _ if code.ends_with("Exception") => code,
            400..=417 => "validationException",
            424 => "modelStreamErrorException",
            429 => "throttlingException",
            503 | 529 => "serviceUnavailableException",
            _ => "internalServerException",
        };
        let payload = match name {
            "throttlingException" => {
                json!({"message": "Too many requests, please wait before trying again."})
            }
            "modelStreamErrorException" => json!({
                "message": "The model returned an error.",
                "originalStatusCode": 500,
                "originalMessage": "Internal server error",
            }),
            _ => {
                json!({"message": "The system encountered an unexpected error during processing."})
            }
        };
        let mut buffer = Vec::new();
        eventstream::exception(&mut buffer, name, &payload);
        buffer.into()
    }

    /// There is nothing in a frame that could be a comment.
    fn keepalive(&self) -> Option<&'static [u8]> {
        None
    }

    fn stream_type(&self) -> HeaderValue {
        HeaderValue::from_static("application/vnd.amazon.eventstream")
    }

    fn request_id(&self, draw: &Draw) -> (HeaderName, String) {
        let id = format!("{}{}", hex(draw.id(0)), hex(draw.id(1)));
        let parts = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]];
        (HeaderName::from_static("x-amzn-requestid"), parts.join("-"))
    }
}

/// What Bedrock calls the error of a status.
fn name(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "UnrecognizedClientException",
        403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        408 => "ModelTimeoutException",
        424 => "ModelErrorException",
        429 => "ThrottlingException",
        503 => "ServiceUnavailableException",
        400..=499 => "ValidationException",
        _ => "InternalServerException",
    }
}
