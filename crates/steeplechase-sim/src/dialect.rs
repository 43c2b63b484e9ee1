//! What the sim has to know of a language that providers speak.
//!
//! ```text
//! request ─► Route ─► Endpoint ─► answer: check ─► Ask ─► Reply ─► whole or stream
//!               │
//!               └───► Dialect     admit · refusal · error · error_event · keep-alive · headers
//! ```
//!
//! Each dialect has a folder, with a unit type that implements [`Dialect`] and a table of its
//! [`Endpoint`]s. What most of them have in common is the default here.

use std::fmt;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;

use crate::admit;
use crate::draw::Draw;
use crate::refusal::{Refusal, Why};
use crate::reply::{Ask, Reply};
use crate::route::Endpoint;
use crate::sim::Sim;

/// A language that providers speak.
pub(crate) trait Dialect: fmt::Debug + Sync {
    /// Its addresses.
    fn endpoints(&self) -> &'static [Endpoint];

    /// Whether a request to an address that nobody knows is for this dialect.
    fn claims(&self, parts: &Parts) -> bool;

    /// Refuses callers without the right credentials.
    fn admit(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        let given = admit::key(&asked.parts.headers, &["x-api-key", "api-key"]);
        admit::same(asked.sim.config.key.as_ref(), given, self)
    }

    /// Refuses what lacks the headers or parameters that all requests need.
    fn check_head(&self, _asked: &Asked<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    /// How the provider puts what may go wrong with every request.
    fn refusal(&self, why: &Why) -> Refusal {
        why.usual()
    }

    /// Writes an error answer.
    fn error(&self, refusal: &Refusal, draw: &Draw) -> ErrorAnswer;

    /// What a stream reports an error with, after the bytes in `sent`. Nothing follows it.
    fn error_event(&self, code: &str, sent: &[u8]) -> Bytes;

    /// What keeps a silent stream alive, if there is such a thing.
    fn keepalive(&self) -> Option<&'static [u8]> {
        Some(b": keep-alive\n\n")
    }

    /// The type of a stream.
    fn stream_type(&self) -> HeaderValue {
        HeaderValue::from_static("text/event-stream; charset=utf-8")
    }

    /// The header in which an answer says what to call the request, and its value.
    fn request_id(&self, draw: &Draw) -> (HeaderName, String) {
        (HeaderName::from_static("x-request-id"), draw.request_id())
    }
}

/// An error answer, written in a dialect.
#[derive(Clone, Debug)]
pub(crate) struct ErrorAnswer {
    pub(crate) body: Bytes,
    pub(crate) headers: HeaderMap,
}

/// A request, as an endpoint sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) sim: &'a Sim,
    pub(crate) draw: &'a Draw,
    pub(crate) parts: &'a Parts,
    /// What stands in the path for `{}`, still percent-encoded.
    pub(crate) name: &'a str,
    pub(crate) body: &'a Bytes,
}

impl Asked<'_> {
    /// What the model says.
    pub(crate) fn reply(&self, ask: &Ask) -> Reply {
        Reply::to(ask, self.sim, self.draw)
    }

    /// Whether to answer with a stream, if one was asked for.
    pub(crate) fn may_stream(&self) -> bool {
        !self.draw.behaviour.json_to_stream
    }

    /// The value of a parameter of the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let query = self.parts.uri.query()?;
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .into_iter()
            .find_map(|(n, value)| (n == name).then_some(value))
    }
}

impl From<String> for ErrorAnswer {
    fn from(body: String) -> Self {
        Self {
            body: body.into(),
            headers: HeaderMap::new(),
        }
    }
}
