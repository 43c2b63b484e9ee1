use std::fmt;
use std::path::PathBuf;

use steeplechase_core::ApiKey;

/// Where credentials for AWS come from, and for which region.
///
/// # Defaults
///
/// The chain of AWS's own tools: the environment, the shared files with the profile that the
/// environment names, a web identity, the container, the instance.
#[derive(Clone, Eq, PartialEq)]
#[must_use]
pub struct AwsConfig {
    pub(super) region: String,
    pub(super) keys: Option<Keys>,
    pub(super) profile: Option<String>,
    pub(super) role: Option<String>,
    pub(super) session_name: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) web_identity: Option<PathBuf>,
    pub(super) sts_endpoint: Option<String>,
}

/// Credentials that are written down.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct Keys {
    pub(super) id: String,
    pub(super) secret: ApiKey,
    pub(super) session_token: Option<ApiKey>,
}

// ===== impl AwsConfig =====

impl AwsConfig {
    /// The chain of AWS's own tools, for a region such as `us-east-1`.
    pub fn new(region: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            keys: None,
            profile: None,
            role: None,
            session_name: None,
            external_id: None,
            web_identity: None,
            sts_endpoint: None,
        }
    }

    /// Uses an access key. With a session token it is one that expires, and nobody renews it.
    pub fn keys(
        mut self,
        id: impl Into<String>,
        secret: impl Into<String>,
        session_token: Option<String>,
    ) -> Self {
        self.keys = Some(Keys {
            id: id.into(),
            secret: ApiKey::new(secret.into()),
            session_token: session_token.map(ApiKey::new),
        });
        self
    }

    /// Uses a profile of the shared files. Keys go before it.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Assumes a role, by its ARN, with the credentials that there are otherwise.
    pub fn role(mut self, arn: impl Into<String>) -> Self {
        self.role = Some(arn.into());
        self
    }

    /// Names the session of a role.
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// Sets what the owner of a role asks for to tell who assumes it.
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// Assumes the role with a token of a web identity, which is read from a file each time.
    pub fn web_identity(mut self, file: impl Into<PathBuf>) -> Self {
        self.web_identity = Some(file.into());
        self
    }

    /// Sets where roles are assumed, if it is not the region's own STS. A web identity is shown to that
    /// all the same.
    pub fn sts_endpoint(mut self, url: impl Into<String>) -> Self {
        self.sts_endpoint = Some(url.into());
        self
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }
}

impl fmt::Debug for AwsConfig {
    // An external id is as good as a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsConfig")
            .field("region", &self.region)
            .field("has_keys", &self.keys.is_some())
            .field("profile", &self.profile)
            .field("role", &self.role)
            .field("web_identity", &self.web_identity)
            .finish_non_exhaustive()
    }
}
