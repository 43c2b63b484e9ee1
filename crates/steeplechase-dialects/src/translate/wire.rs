//! What is the same in every request to a deployment.

use std::fmt::Write;

use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Uri};
use steeplechase_core::deployment::Auth;
use steeplechase_core::{Class, Deployment, Error};

/// `base` with a path after its own. Its query stays.
pub(crate) fn join(base: &Uri, path: &str) -> Result<Uri, Error> {
    let wrong = || {
        let detail = format!("base_url must be like https://api.example.com/v1, and is {base}");
        misconfigured(detail)
    };
    let mut joined = format!("{}{path}", base.path().trim_end_matches('/'));
    if let Some(query) = base.query() {
        joined.push('?');
        joined.push_str(query);
    }
    let mut parts = base.clone().into_parts();
    if parts.scheme.is_none() || parts.authority.is_none() {
        return Err(wrong());
    }
    parts.path_and_query = Some(PathAndQuery::try_from(joined).map_err(|_| wrong())?);
    Uri::from_parts(parts).map_err(|_| wrong())
}

/// `base` with another path. Its query stays.
pub(crate) fn with_path(base: &Uri, path: &str) -> Result<Uri, Error> {
    let mut parts = base.clone().into_parts();
    let query = base.query().map_or(String::new(), |it| format!("?{it}"));
    let path = if path.is_empty() { "/" } else { path };
    let whole = PathAndQuery::try_from(format!("{path}{query}"));
    parts.path_and_query = whole.ok();
    Uri::from_parts(parts)
        .map_err(|_| misconfigured(format!("there is no URL with the path {path}")))
}

/// A name as one segment of a path.
pub(crate) fn segment(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The headers of every request to a deployment.
pub(crate) fn headers(deployment: &Deployment) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Compressed, a stream comes in lumps.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let agent = concat!("steeplechase/", env!("CARGO_PKG_VERSION"));
    headers.insert(USER_AGENT, HeaderValue::from_static(agent));
    match deployment.auth() {
        // Of each request: when it is written.
        Auth::None | Auth::Each(_) => {}
        Auth::Bearer(key) => {
            headers.insert(AUTHORIZATION, secret(&format!("Bearer {}", key.expose()))?);
        }
        Auth::Header(name, key) => {
            headers.insert(name.clone(), secret(key.expose())?);
        }
    }
    // What an operator has written for this deployment is what is meant.
    headers.extend(deployment.headers().clone());
    Ok(headers)
}

fn secret(value: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        misconfigured("the key has a character in it that cannot be in a header, such as a newline")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// That an operator has to mend a deployment's settings.
pub(crate) fn misconfigured(detail: impl Into<Box<str>>) -> Error {
    Error::new(Class::Internal, "the deployment's settings are wrong").with_detail(detail)
}
