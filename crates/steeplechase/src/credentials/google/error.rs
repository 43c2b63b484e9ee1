use std::fmt;

/// Why credentials cannot be used, for people. There is no secret in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CredentialsError(String);

impl CredentialsError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CredentialsError {}
