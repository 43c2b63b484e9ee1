//! What came in.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Uri};
use serde_json::Value;
use tokio::time::Instant;

/// The headers whose values are not to be printed.
const SECRET: [&str; 6] = [
    "authorization",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "x-amz-security-token",
    "cookie",
];

/// A request as it came in, its body included.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recorded {
    /// The number of the request, from 0, in order of arrival.
    pub number: u64,
    /// When it arrived.
    pub at: Instant,
    /// The method.
    pub method: Method,
    /// The address, as the service got it: with scheme and host, if it had them.
    pub uri: Uri,
    /// The headers. Those that hold keys are marked as sensitive, which keeps them out of `Debug`.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
}

impl Recorded {
    pub(crate) fn new(number: u64, at: Instant, parts: &Parts, body: &Bytes) -> Self {
        let mut headers = parts.headers.clone();
        for name in SECRET {
            if let http::header::Entry::Occupied(mut entry) = headers.entry(name) {
                entry.iter_mut().for_each(|value| value.set_sensitive(true));
            }
        }
        Self {
            number,
            at,
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers,
            body: body.clone(),
        }
    }

    /// The path of the address.
    #[must_use]
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The value of a header, if there is one and it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON; `null` if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}
