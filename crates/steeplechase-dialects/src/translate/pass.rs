//! What is passed on to a provider without being read: where it goes, and who it is for.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Uri};
use serde_json::{Map, Value};
use steeplechase_core::deployment::{Auth, Platform};
use steeplechase_core::{Deployment, Error};

use super::wire;
use crate::azure;
use crate::intake::{fields_of, is_own};

/// The URI of a request to a deployment that is passed on as it is, and the headers with which the
/// deployment is called: among them the key, and none of the caller's. The form of the body is not
/// among them.
///
/// # Errors
///
/// What is wrong with the deployment's settings, or that there are no credentials.
pub fn address(
    deployment: &Deployment,
    method: &Method,
    path: &str,
    query: &str,
) -> Result<(Uri, HeaderMap), Error> {
    let uri = match deployment.platform() {
        Platform::Azure { .. } => azure::resource(deployment, path, query)?,
        _ => wire::uri_with(deployment, path, query)?,
    };
    let mut headers = wire::headers(deployment)?;
    headers.remove(CONTENT_TYPE);
    if let Auth::Each(authorize) = deployment.auth() {
        authorize.authorize(method, &uri, &mut headers, b"")?;
    }
    Ok((uri, headers))
}

/// Takes from the first bytes of a body what is for the gateway, and says which provider it is for, if
/// that is told there by `custom_llm_provider`. `is_whole` says that there are no more bytes.
///
/// In a form it is a field, and in JSON, which has to be whole, it is one as well. Everything else stays
/// as it is.
pub fn take_provider(
    body: Bytes,
    content_type: Option<&HeaderValue>,
    is_whole: bool,
) -> (Option<String>, Bytes) {
    const NAME: &str = "custom_llm_provider";
    let kind = content_type.map_or(&b""[..], HeaderValue::as_bytes);
    if kind.len() >= 9 && kind[..9].eq_ignore_ascii_case(b"multipart") {
        let fields = content_type.map_or_else(Vec::new, |kind| fields_of(&body, kind));
        let mut found = None;
        let mut out = Vec::with_capacity(body.len());
        let mut at = 0;
        for (name, value, span) in fields {
            out.extend_from_slice(&body[at..span.start]);
            at = span.end;
            if name == NAME {
                found = Some(value.trim().to_owned());
            }
        }
        if at == 0 {
            return (None, body);
        }
        out.extend_from_slice(&body[at..]);
        return (found, out.into());
    }
    if !is_whole {
        return (None, body);
    }
    let Ok(mut fields) = serde_json::from_slice::<Map<String, Value>>(&body) else {
        return (None, body);
    };
    let found = fields.get(NAME).and_then(Value::as_str).map(str::to_owned);
    let before = fields.len();
    fields.retain(|name, _| !is_own(name));
    if fields.len() == before {
        return (None, body);
    }
    (found, Value::Object(fields).to_string().into())
}
