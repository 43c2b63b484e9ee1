use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use http::{HeaderMap, Method, Uri};
use steeplechase_core::Error;
use steeplechase_core::deployment::Authorize;

use super::chain;
use super::config::AwsConfig;
use super::http::Connector;
use super::sign::{self, Scope};
use crate::HttpClient;
use crate::credentials::Renewed;

/// Signs requests to a service of AWS in one region.
///
/// See the [module documentation](super) for where the credentials are from, and for an example.
#[derive(Debug)]
pub struct AwsSigner {
    region: String,
    service: &'static str,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Renewed(Arc<Renewed<Credentials>>),
    Written(Credentials),
}

// ===== impl AwsSigner =====

impl AwsSigner {
    /// A signer for Bedrock.
    ///
    /// Whatever is to be fetched is fetched through `client`.
    pub fn bedrock(config: AwsConfig, client: HttpClient) -> Self {
        let region = config.region.clone();
        let has_role = config.role.is_some() || config.web_identity.is_some();
        let source = match &config.keys {
            Some(keys) if !has_role => Source::Written(chain::written(keys)),
            _ => {
                let connector = Connector::new(client);
                let fetch = move || chain::fetch(config.clone(), connector.clone());
                Source::Renewed(Arc::new(Renewed::new(fetch)))
            }
        };
        Self {
            region,
            service: "bedrock",
            source,
        }
    }

    /// Fetches credentials now, if there is anything to fetch.
    ///
    /// # Errors
    ///
    /// That there are none, with the reasons in its [detail](Error::detail), or that it took longer than
    /// 20 seconds.
    pub async fn renew(&self) -> Result<(), Error> {
        match &self.source {
            Source::Renewed(renewed) => renewed.renew().await,
            Source::Written(_) => Ok(()),
        }
    }

    /// Fetches new credentials before those that are there expire, for as long as it is polled: see
    /// [`Renewed::keep_fresh`]. Spawn it once. With keys that are written down it ends at once.
    pub async fn keep_fresh(self: Arc<Self>, failed: impl Fn(&Error) + Send) {
        if let Source::Renewed(renewed) = &self.source {
            Arc::clone(renewed).keep_fresh(failed).await;
        }
    }
}

impl Authorize for AwsSigner {
    fn authorize(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &mut HeaderMap,
        body: &[u8],
    ) -> Result<(), Error> {
        let scope = Scope {
            region: &self.region,
            service: self.service,
            time: SystemTime::now(),
        };
        match &self.source {
            Source::Renewed(renewed) => {
                let credentials = renewed.current()?;
                sign::add(scope, &credentials, (method, uri), headers, body)
            }
            Source::Written(credentials) => {
                sign::add(scope, credentials, (method, uri), headers, body)
            }
        }
    }
}
