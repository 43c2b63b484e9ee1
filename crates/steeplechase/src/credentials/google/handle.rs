use std::fmt;
use std::path::Path;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, Method, Uri};
use steeplechase_core::Error;
use steeplechase_core::deployment::Authorize;

use super::CredentialsError;
use super::connect::Connector;
use super::fetch::{self, Token};
use super::origin::Origin;
use super::source::Source;
use crate::credentials::Renewed;
use crate::credentials::renewed::none;

/// The credentials of an account of Google's, and the token that is good now.
///
/// Cloning it clones a handle. Deployments of the same account share one, and so a token.
///
/// See the [module](super) for an example.
#[derive(Clone)]
pub struct GoogleCredentials {
    origin: Arc<Origin>,
    token: Arc<Renewed<Token>>,
}

/// Names the project whose quota is used.
const QUOTA_PROJECT: HeaderName = HeaderName::from_static("x-goog-user-project");

// ===== impl GoogleCredentials =====

impl GoogleCredentials {
    /// Reads credentials: the JSON in a file of a service account's key, or the like.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn from_json(json: &str) -> Result<Self, CredentialsError> {
        Source::from_json(json).map(|source| Self::new(Origin::Fixed(source)))
    }

    /// Reads credentials from a file. It is read again for each token, so that a key can be replaced.
    ///
    /// # Errors
    ///
    /// It cannot be read, or what is wrong with it.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, CredentialsError> {
        let path = path.as_ref().to_owned();
        Origin::file(path).map(Self::new)
    }

    /// Finds the credentials of where the program runs, as Google's own libraries do: the file that
    /// `GOOGLE_APPLICATION_CREDENTIALS` names, that of `gcloud auth application-default login`, or the
    /// machine's metadata server. `env` looks up variables of the environment.
    ///
    /// Whether there is a metadata server is only seen when the first token is fetched.
    ///
    /// # Errors
    ///
    /// There is a file, and it cannot be used.
    pub fn find(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, CredentialsError> {
        Origin::find(env).map(Self::new)
    }

    fn new(origin: Origin) -> Self {
        Self::with(origin, Connector::new())
    }

    pub(super) fn with(origin: Origin, connector: Connector) -> Self {
        let origin = Arc::new(origin);
        let asked = Arc::clone(&origin);
        let fetch = move || {
            let (origin, connector) = (Arc::clone(&asked), connector.clone());
            async move {
                let source = origin.now().map_err(none)?;
                fetch::token(&source, connector).await
            }
        };
        Self {
            origin,
            token: Arc::new(Renewed::new(fetch)),
        }
    }

    /// The project that the credentials are of, if they say so.
    pub fn project(&self) -> Option<&str> {
        self.origin.first().project()
    }

    /// Fetches a token now. Do it once before the first call.
    ///
    /// # Errors
    ///
    /// There is none; the error's detail says why. Until there is one, calls fail in the same way.
    pub async fn renew(&self) -> Result<(), Error> {
        self.token.renew().await
    }

    /// Renews the token before it expires, for as long as the future is polled. Spawn it once for all
    /// clones. `failed` is told of each failure, for a log.
    pub fn keep_fresh(
        &self,
        failed: impl Fn(&Error) + Send + 'static,
    ) -> impl Future<Output = ()> + Send + 'static {
        Arc::clone(&self.token).keep_fresh(failed)
    }
}

impl Authorize for GoogleCredentials {
    fn authorize(
        &self,
        _: &Method,
        _: &Uri,
        headers: &mut HeaderMap,
        _: &[u8],
    ) -> Result<(), Error> {
        let token = self.token.current()?;
        headers.insert(AUTHORIZATION, token.bearer.clone());
        if let Some(project) = &token.quota_project {
            headers
                .entry(QUOTA_PROJECT)
                .or_insert_with(|| project.clone());
        }
        Ok(())
    }
}

impl fmt::Debug for GoogleCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleCredentials")
            .field("source", &self.origin.first().to_string())
            .field("token", &self.token)
            .finish()
    }
}
