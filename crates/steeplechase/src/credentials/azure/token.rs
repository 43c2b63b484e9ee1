use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use azure_core::cloud::CloudConfiguration;
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::{ClientOptions, RetryOptions, Transport};
use azure_core::time::OffsetDateTime;
use azure_identity::{
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use http_body::Body;
use http_body_util::Full;
use steeplechase_core::deployment::Authorize;
use steeplechase_core::{ApiKey, BoxError, Error};
use tower::Service;

use super::transport::Client;
use crate::credentials::renewed::none;
use crate::credentials::{Lease, Renewed};

/// Who asks for tokens.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Identity {
    /// A machine, or an app, of Azure's.
    Managed {
        /// The identity that was assigned to it, if it is not its own.
        client_id: Option<String>,
    },
    /// An application with a secret.
    Secret {
        /// The directory.
        tenant_id: String,
        /// The application.
        client_id: String,
        /// Its secret.
        secret: ApiKey,
    },
    /// A pod of Kubernetes, to which the application trusts.
    Workload {
        /// The directory.
        tenant_id: String,
        /// The application.
        client_id: String,
        /// Where the pod's own token is. It is read each time.
        token_file: PathBuf,
    },
}

/// A token that is shown with each request, and renewed before it expires.
pub struct AzureToken {
    renewed: Arc<Renewed<HeaderValue>>,
}

/// The most of an error of the login server that is told.
const MAX_CHARS: usize = 500;

// ===== impl AzureToken =====

impl AzureToken {
    /// A token for `scope`, which is asked for over an HTTP client. There is none yet.
    pub fn new<S, B>(identity: Identity, scope: impl Into<String>, client: S) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let scope: Arc<str> = scope.into().into();
        let client: Arc<dyn azure_core::http::HttpClient> = Arc::new(Client(client));
        let renewed = Renewed::new(move || {
            // A new one each time: it keeps a token for itself, until just before its end.
            let credential = identity.credential(options(&client, &scope));
            let scope = Arc::clone(&scope);
            async move { fetch(credential, &scope).await.map_err(failed) }
        });
        Self {
            renewed: Arc::new(renewed),
        }
    }

    /// What renews it.
    pub fn renewed(&self) -> &Arc<Renewed<HeaderValue>> {
        &self.renewed
    }
}

impl Authorize for AzureToken {
    fn authorize(
        &self,
        _: &Method,
        _: &Uri,
        headers: &mut HeaderMap,
        _: &[u8],
    ) -> Result<(), Error> {
        let token = self.renewed.current()?;
        headers.insert(AUTHORIZATION, HeaderValue::clone(&token));
        Ok(())
    }
}

impl fmt::Debug for AzureToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureToken")
            .field("renewed", &self.renewed)
            .finish()
    }
}

fn options(client: &Arc<dyn azure_core::http::HttpClient>, scope: &str) -> ClientOptions {
    let cloud = if scope.contains(".azure.us/") {
        Some(CloudConfiguration::AzureGovernment)
    } else if scope.contains(".azure.cn/") {
        Some(CloudConfiguration::AzureChina)
    } else {
        None
    };
    ClientOptions {
        transport: Some(Transport::new(Arc::clone(client))),
        // Who renews it tries again.
        retry: RetryOptions::none(),
        cloud: cloud.map(Arc::new),
        ..ClientOptions::default()
    }
}

async fn fetch(
    credential: azure_core::Result<Arc<dyn TokenCredential>>,
    scope: &str,
) -> azure_core::Result<Lease<HeaderValue>> {
    let token = credential?.get_token(&[scope], None).await?;
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.token.secret()))
        .map_err(|_| invalid("the token cannot be sent as a header"))?;
    value.set_sensitive(true);
    let left = token.expires_on - OffsetDateTime::now_utc();
    let left = Duration::try_from(left).unwrap_or_default();
    Ok(Lease::new(value, left))
}

fn invalid(message: &'static str) -> azure_core::Error {
    azure_core::Error::with_message(azure_core::error::ErrorKind::Credential, message)
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "it is the end of what is mapped"
)]
fn failed(error: azure_core::Error) -> Error {
    let why = error.to_string();
    // In one line of a log.
    let words: Vec<_> = why.split_whitespace().collect();
    let why = words.join(" ");
    none(why.chars().take(MAX_CHARS).collect::<String>())
}

// ===== impl Identity =====

impl Identity {
    fn credential(&self, options: ClientOptions) -> azure_core::Result<Arc<dyn TokenCredential>> {
        Ok(match self {
            Self::Managed { client_id } => {
                let assigned = client_id.clone().map(UserAssignedId::ClientId);
                let options = ManagedIdentityCredentialOptions {
                    user_assigned_id: assigned,
                    client_options: options,
                };
                ManagedIdentityCredential::new(Some(options))?
            }
            Self::Secret {
                tenant_id,
                client_id,
                secret,
            } => {
                let secret = Secret::new(secret.expose().to_owned());
                let options = ClientSecretCredentialOptions {
                    client_options: options,
                };
                ClientSecretCredential::new(tenant_id, client_id.clone(), secret, Some(options))?
            }
            Self::Workload {
                tenant_id,
                client_id,
                token_file,
            } => WorkloadIdentityCredential::new(Some(WorkloadIdentityCredentialOptions {
                credential_options: ClientAssertionCredentialOptions {
                    client_options: options,
                },
                client_id: Some(client_id.clone()),
                tenant_id: Some(tenant_id.clone()),
                token_file_path: Some(token_file.clone()),
            }))?,
        })
    }
}
