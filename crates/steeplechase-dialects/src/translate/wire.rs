//! What is the same in every request to a deployment.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Uri};
use steeplechase_core::deployment::{Auth, Endpoint};
use steeplechase_core::{Class, Deployment, Dialect, Error};

use crate::anthropic;

/// Where a deployment is and what it is shown.
pub(super) struct Wire {
    pub(super) chat: Uri,
    /// `None` if there are none in the dialect, or at the provider.
    pub(super) embeddings: Option<Uri>,
    pub(super) headers: HeaderMap,
}

/// Where OpenAI's dialect has chat.
const CHAT: &str = "/chat/completions";

impl Wire {
    pub(super) fn new(deployment: &Deployment) -> Result<Self, Error> {
        let profile = deployment.profile();
        let (chat, embeddings) = match deployment.dialect() {
            Dialect::Anthropic => ("/v1/messages", None),
            _ => (CHAT, Some("/embeddings")),
        };
        let chat = match &profile.chat {
            Endpoint::Path(path) => path,
            Endpoint::Usual | Endpoint::None => chat,
        };
        let embeddings = match &profile.embeddings {
            Endpoint::Path(path) => Some(&**path),
            Endpoint::Usual => embeddings,
            Endpoint::None => None,
        };
        let embeddings = embeddings.map(|path| join(deployment, path));
        Ok(Self {
            chat: join(deployment, chat)?,
            embeddings: embeddings.transpose()?,
            headers: headers(deployment)?,
        })
    }
}

/// The base URL of a deployment with a path after its own. Its query stays.
fn join(deployment: &Deployment, path: &str) -> Result<Uri, Error> {
    let base = deployment.base_url();
    let wrong = || {
        let detail = format!("base_url must be like https://api.example.com/v1, and is {base}");
        misconfigured(detail)
    };
    let mut joined = append(base.path(), path);
    let mut separator = '?';
    if let Some(query) = base.query() {
        joined.push('?');
        joined.push_str(query);
        separator = '&';
    }
    if let Auth::Query(name, key) = deployment.auth() {
        joined.push(separator);
        joined.push_str(name);
        joined.push('=');
        escape(key.expose(), &mut joined);
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

/// Writes a value into a query.
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

fn headers(deployment: &Deployment) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Compressed, a stream comes in lumps.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let agent = concat!("steeplechase/", env!("CARGO_PKG_VERSION"));
    headers.insert(USER_AGENT, HeaderValue::from_static(agent));
    if deployment.dialect() == Dialect::Anthropic {
        headers.insert(anthropic::VERSION_HEADER, anthropic::VERSION);
    }
    match deployment.auth() {
        // The last is a part of the URL.
        Auth::None | Auth::Query(..) => {}
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

fn misconfigured(detail: impl Into<Box<str>>) -> Error {
    Error::new(Class::Internal, "the deployment's settings are wrong").with_detail(detail)
}
