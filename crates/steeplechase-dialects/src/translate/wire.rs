//! What is the same in every request to a deployment.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Uri};
use steeplechase_core::deployment::Auth;
use steeplechase_core::{Class, Deployment, Error};

/// Where OpenAI's dialect has chat.
pub(crate) const CHAT: &str = "/chat/completions";

/// The base URL of a deployment with a path after its own, and the key, if that is shown in the query.
pub(crate) fn uri(deployment: &Deployment, path: &str) -> Result<Uri, Error> {
    uri_with(deployment, path, "")
}

/// The same with a query of its own.
pub(crate) fn uri_with(deployment: &Deployment, path: &str, query: &str) -> Result<Uri, Error> {
    let mut query = query.to_owned();
    if let Auth::Query(name, key) = deployment.auth() {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        escape(key.expose(), &mut query);
    }
    with_query(deployment.base_url(), path, &query)
}

/// `base` with a path after its own. Its query stays.
pub(crate) fn join(base: &Uri, path: &str) -> Result<Uri, Error> {
    with_query(base, path, "")
}

/// The same with a query after its own.
///
/// # Errors
///
/// If there is no such URL, or if a caller has named a model that would lead out of the path.
pub(crate) fn with_query(base: &Uri, path: &str, query: &str) -> Result<Uri, Error> {
    if climbs(path) {
        let message = "`model` must be the name of a model, and cannot be `.` or `..`";
        return Err(Error::new(Class::InvalidRequest, message).with_param("model"));
    }
    let wrong = || {
        let detail = format!("base_url must be like https://api.example.com/v1, and is {base}");
        misconfigured(detail)
    };
    let mut joined = append(base.path(), path);
    let queries = [base.query().unwrap_or_default(), query];
    let mut separator = '?';
    for query in queries.into_iter().filter(|query| !query.is_empty()) {
        joined.push(separator);
        joined.push_str(query);
        separator = '&';
    }
    let mut parts = base.clone().into_parts();
    if parts.scheme.is_none() || parts.authority.is_none() {
        return Err(wrong());
    }
    parts.path_and_query = Some(PathAndQuery::try_from(joined).map_err(|_| wrong())?);
    Uri::from_parts(parts).map_err(|_| wrong())
}

/// `base` and after it `path`, of which that is not repeated in which `base` ends.
///
/// Some write the URL of chat where the base URL is asked for.
fn append(base: &str, path: &str) -> String {
    let mut base = base.trim_end_matches('/');
    if let Some(above) = base.strip_suffix(CHAT) {
        if path.trim_end_matches('/').ends_with(CHAT) {
            return base.to_owned();
        }
        base = above;
    }
    let starts = path.match_indices('/').map(|(at, _)| at);
    let ends = starts.chain([path.len()]).filter(|end| *end > 0);
    let known = ends.filter(|end| base.ends_with(&path[..*end])).max();
    format!("{base}{}", &path[known.unwrap_or(0)..])
}

/// Whether a path leads out of the one that it is put after, for whoever resolves it.
fn climbs(path: &str) -> bool {
    path.contains("/.") && path.split('/').any(|part| matches!(part, "." | ".."))
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
    escape(name, &mut out);
    out
}

/// Writes a value as a part of a URL.
fn escape(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            _ = write!(out, "%{byte:02X}");
        }
    }
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
        // The first of these is a part of the URL, and the other made when a request is written.
        Auth::None | Auth::Query(..) | Auth::Each(_) => {}
        Auth::Bearer(key) => {
            headers.insert(AUTHORIZATION, secret(&format!("Bearer {}", key.expose()))?);
        }
        Auth::Header(name, key) => {
            headers.insert(name.clone(), secret(key.expose())?);
        }
        Auth::Scheme(scheme, key) => {
            let value = format!("{scheme} {}", key.expose());
            headers.insert(AUTHORIZATION, secret(&value)?);
        }
        Auth::Basic(key) => {
            let value = format!("Basic {}", STANDARD.encode(key.expose()));
            headers.insert(AUTHORIZATION, secret(&value)?);
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
