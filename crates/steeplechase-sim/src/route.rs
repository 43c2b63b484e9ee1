//! Who a request is for, by its path.
//!
//! ```text
//! /base/v1/chat/completions
//!          └─────────────── the last segments are looked up; what comes before does not matter
//! ```

use http::Method;
use http::request::Parts;

use crate::anthropic::Anthropic;
use crate::azure::Azure;
use crate::bedrock::Bedrock;
use crate::cohere::Cohere;
use crate::dialect::{Asked, Dialect};
use crate::gemini;
use crate::openai::OpenAi;
use crate::plan::Frames;
use crate::refusal::Refusal;
use crate::responses::Responses;
use crate::vertex::VertexClaude;

/// An address of a dialect.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) method: Method,
    /// The last segments of the path. `{}` stands for a name, and may have something after it.
    pub(crate) path: &'static str,
    /// What comes after the last name in it. Most paths are told apart by this alone.
    tail: &'static str,
    pub(crate) dialect: &'static dyn Dialect,
    /// Checks the request as the provider would, and answers it.
    pub(crate) answer: fn(&Asked<'_>) -> Result<Frames, Refusal>,
    /// Whether it asks for an answer of a model, so that scripts, faults and latencies apply.
    pub(crate) scripted: bool,
}

/// All dialects. The first that has an address counts, and the last one has those that nobody knows.
static DIALECTS: [&dyn Dialect; 9] = [
    &Azure,
    &Bedrock,
    &VertexClaude,
    &gemini::VERTEX,
    &gemini::STUDIO,
    &Cohere,
    &Anthropic,
    &Responses,
    &OpenAi,
];

/// Where a request goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) found: Found,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    Endpoint(&'static Endpoint),
    /// There is no such address.
    Nothing,
    /// There is such an address, but not with this method.
    OtherMethod,
}

// ===== impl Endpoint =====

impl Endpoint {
    /// An endpoint that asks a model.
    pub(crate) const fn model(
        dialect: &'static dyn Dialect,
        path: &'static str,
        answer: fn(&Asked<'_>) -> Result<Frames, Refusal>,
    ) -> Self {
        Self {
            method: Method::POST,
            path,
            tail: tail(path),
            dialect,
            answer,
            scripted: true,
        }
    }

    /// An endpoint that tells something without asking a model: no script is for it.
    const fn plain(
        method: Method,
        dialect: &'static dyn Dialect,
        path: &'static str,
        answer: fn(&Asked<'_>) -> Result<Frames, Refusal>,
    ) -> Self {
        Self {
            method,
            path,
            tail: tail(path),
            dialect,
            answer,
            scripted: false,
        }
    }

    /// The same, that is told by `POST`.
    pub(crate) const fn post(
        dialect: &'static dyn Dialect,
        path: &'static str,
        answer: fn(&Asked<'_>) -> Result<Frames, Refusal>,
    ) -> Self {
        Self::plain(Method::POST, dialect, path, answer)
    }

    /// The same, that is told by `GET`.
    pub(crate) const fn get(
        dialect: &'static dyn Dialect,
        path: &'static str,
        answer: fn(&Asked<'_>) -> Result<Frames, Refusal>,
    ) -> Self {
        Self::plain(Method::GET, dialect, path, answer)
    }

    /// What `path` has for the last `{}`, if this is its endpoint; an empty name if there is no `{}`.
    pub(crate) fn name<'p>(&self, path: &'p str) -> Option<&'p str> {
        if !path.ends_with(self.tail) {
            return None;
        }
        let mut name = None;
        let mut given = path.rsplit('/');
        for expected in self.path.rsplit('/') {
            let given = given.next()?;
            if let Some(suffix) = expected.strip_prefix("{}") {
                let given = given.strip_suffix(suffix).filter(|name| !name.is_empty())?;
                name.get_or_insert(given);
            } else if given != expected {
                return None;
            }
        }
        Some(name.unwrap_or_default())
    }
}

// ===== impl Route =====

impl Route {
    pub(crate) fn of(parts: &Parts) -> Self {
        let path = path(parts);
        let mut other = None;
        for endpoint in DIALECTS.iter().flat_map(|dialect| dialect.endpoints()) {
            if endpoint.name(path).is_none() {
                continue;
            }
            if endpoint.method == parts.method {
                return Self {
                    dialect: endpoint.dialect,
                    found: Found::Endpoint(endpoint),
                };
            }
            other.get_or_insert(endpoint.dialect);
        }
        if let Some(dialect) = other {
            let found = Found::OtherMethod;
            return Self { dialect, found };
        }
        let claims = DIALECTS.iter().find(|dialect| dialect.claims(parts));
        Self {
            dialect: claims.copied().unwrap_or(&OpenAi),
            found: Found::Nothing,
        }
    }

    /// Whether it asks for an answer, so that scripts, faults and latencies apply.
    pub(crate) fn takes_script(self) -> bool {
        matches!(self.found, Found::Endpoint(endpoint) if endpoint.scripted)
    }
}

/// What comes after the last `}` of a path.
const fn tail(path: &str) -> &str {
    let bytes = path.as_bytes();
    let mut start = bytes.len();
    while start > 0 && bytes[start - 1] != b'}' {
        start -= 1;
    }
    path.split_at(start).1
}

/// The path of a request, without slashes at its end.
pub(crate) fn path(parts: &Parts) -> &str {
    parts.uri.path().trim_end_matches('/')
}
