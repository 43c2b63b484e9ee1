use http::Uri;
use http::uri::PathAndQuery;
use steeplechase_core::{Deployment, Error};

use super::Host;
use crate::translate::wire;

/// Where a deployment's models are.
#[derive(Debug)]
pub(super) struct Paths {
    base: Uri,
    host: Host,
    /// Those of the one model that there is, if there is only one.
    fixed: Option<Fixed>,
}

#[derive(Debug)]
struct Fixed {
    model: Box<str>,
    whole: Uri,
    stream: Uri,
}

/// What is done with a model.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Method {
    Embed,
    Stream,
    Whole,
}

// ===== impl Paths =====

impl Paths {
    /// # Errors
    ///
    /// What is wrong with the deployment's URL.
    pub(super) fn new(deployment: &Deployment, host: Host) -> Result<Self, Error> {
        let mut paths = Self {
            base: deployment.base_url().clone(),
            host,
            fixed: None,
        };
        let model = deployment.upstream_model();
        let whole = paths.of(model, Method::Whole)?;
        if !model.contains('*') {
            paths.fixed = Some(Fixed {
                model: model.into(),
                whole,
                stream: paths.of(model, Method::Stream)?,
            });
        }
        Ok(paths)
    }

    /// Where something is done with a model.
    pub(super) fn of(&self, model: &str, method: Method) -> Result<Uri, Error> {
        match (&self.fixed, method) {
            (Some(fixed), Method::Whole) if *fixed.model == *model => Ok(fixed.whole.clone()),
            (Some(fixed), Method::Stream) if *fixed.model == *model => Ok(fixed.stream.clone()),
            _ => {
                let place = place(model, self.host);
                let uri = wire::join(&self.base, &format!("/{place}:{}", self.verb(method)))?;
                if method == Method::Stream {
                    with_sse(&uri)
                } else {
                    Ok(uri)
                }
            }
        }
    }

    fn verb(&self, method: Method) -> &'static str {
        match (method, self.host) {
            (Method::Whole, _) => "generateContent",
            (Method::Stream, _) => "streamGenerateContent",
            (Method::Embed, Host::Studio) => "batchEmbedContents",
            (Method::Embed, Host::Vertex) => "predict",
        }
    }
}

/// A model's name without what callers are known to put before it.
pub(super) fn bare(model: &str) -> &str {
    const BEFORE: [&str; 4] = ["publishers/google/models/", "models/", "google/", "gemini/"];
    let mut bare = model;
    for prefix in BEFORE {
        bare = bare.strip_prefix(prefix).unwrap_or(bare);
    }
    bare
}

/// The path of a model.
fn place(model: &str, host: Host) -> String {
    let name = bare(model);
    let is_number = !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
    match (host, name.strip_prefix("tunedModels/")) {
        (Host::Studio, Some(tuned)) => format!("tunedModels/{}", encoded(tuned)),
        (Host::Studio, None) => format!("models/{}", encoded(name)),
        // Models that somebody has tuned have a number, and a server of their own.
        (Host::Vertex, _) if is_number => format!("endpoints/{name}"),
        (Host::Vertex, _) => format!("publishers/google/models/{}", encoded(name)),
    }
}

/// A name as a segment of a path. A caller may have written it.
pub(crate) fn encoded(name: &str) -> String {
    use std::fmt::Write;

    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'@') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Asks for a stream of events. Without that it would be a JSON list in pieces.
fn with_sse(uri: &Uri) -> Result<Uri, Error> {
    let mut parts = uri.clone().into_parts();
    let query = uri
        .query()
        .map_or(String::new(), |query| format!("{query}&"));
    let path = format!("{}?{query}alt=sse", uri.path());
    let wrong = || wire::misconfigured("base_url makes no valid URL");
    parts.path_and_query = Some(PathAndQuery::try_from(path).map_err(|_| wrong())?);
    Uri::from_parts(parts).map_err(|_| wrong())
}
