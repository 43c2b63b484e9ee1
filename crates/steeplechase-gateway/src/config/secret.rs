use std::fmt;

/// A key or a password: it can be used, but not printed by accident.
///
/// There is no `Display`, and `Debug` prints `[redacted]`, so that a configuration can be logged
/// as a whole. Comparing two secrets takes a time that depends on their contents: whoever checks
/// a caller's key must compare in constant time.
///
/// # Example
///
/// ```
/// use steeplechase_gateway::config::Secret;
///
/// let key = Secret::new("sk-1234");
/// assert_eq!(format!("{key:?}"), "[redacted]");
/// assert_eq!(key.expose(), "sk-1234");
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(String);

impl Secret {
    /// Wraps `value`.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The secret itself, to be sent or compared, never to be logged.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
