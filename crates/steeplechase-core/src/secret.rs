use std::fmt;
use std::sync::Arc;

/// A provider's key. Cloning it clones a handle.
///
/// It has no `Display`, and its `Debug` shows nothing of the key, so that it cannot reach a log by
/// accident.
#[derive(Clone, Eq, PartialEq)]
pub struct ApiKey(Arc<str>);

impl ApiKey {
    /// Wraps a key.
    pub fn new(key: impl Into<Arc<str>>) -> Self {
        Self(key.into())
    }

    /// The key itself, to be written into a request and nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey([redacted])")
    }
}
