//! Credentials of AWS.

use crate::config::Secret;

/// Credentials with which requests to Bedrock have to be signed.
///
/// ```
/// use steeplechase_sim::{Aws, Sim};
///
/// let aws = Aws::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1");
/// let sim = Sim::new("bedrock").require_aws(aws);
/// # let _ = sim;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Aws {
    pub(crate) access_key: String,
    pub(crate) secret_key: Secret,
    pub(crate) session_token: Option<Secret>,
    pub(crate) region: String,
}

impl Aws {
    /// Credentials for one region.
    pub fn new(
        access_key: impl Into<String>,
        secret_key: impl Into<String>,
        region: impl Into<String>,
    ) -> Self {
        Self {
            access_key: access_key.into(),
            secret_key: Secret(secret_key.into()),
            session_token: None,
            region: region.into(),
        }
    }

    /// Makes them temporary: requests have to have this token as well.
    pub fn session_token(mut self, token: impl Into<String>) -> Self {
        self.session_token = Some(Secret(token.into()));
        self
    }
}
