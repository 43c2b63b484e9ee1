use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use steeplechase::Error;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Credentials that expire, and the deployments that need them.
pub struct Upkeep {
    deployments: Vec<String>,
    first: Work<Result<(), Error>>,
    keep: Work<()>,
}

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// How long calls are not served yet for want of the first credentials.
const PATIENCE: Duration = Duration::from_secs(10);

// ===== impl Upkeep =====

#[cfg_attr(
    not(any(feature = "aws", feature = "azure", feature = "google")),
    allow(dead_code, reason = "whatever has to be kept fresh is a feature")
)]
impl Upkeep {
    /// What it takes for `deployments`: `first` fetches the first of them, and `keep` renews them for as
    /// long as it is polled.
    pub(super) fn new(
        deployments: Vec<String>,
        first: impl Future<Output = Result<(), Error>> + Send + 'static,
        keep: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        Self {
            deployments,
            first: Box::pin(first),
            keep: Box::pin(keep),
        }
    }

    /// Says in the log that the credentials of deployments could not be renewed.
    pub(super) fn warn(deployments: &[String]) -> impl Fn(&Error) + Send + use<> {
        let names = names(deployments);
        move |error| {
            let why = error.detail().unwrap_or(error.message());
            tracing::warn!(
                "the credentials of {names} could not be renewed, which is tried again: {why}"
            );
        }
    }

    /// Fetches the first credentials of all, and keeps them fresh until what is returned is dropped.
    ///
    /// Those that cannot be had in time are a warning that names the deployments. Their calls fail until
    /// the credentials are there.
    pub(crate) async fn start(all: Vec<Self>) -> JoinSet<()> {
        let mut first = JoinSet::new();
        let mut kept = Vec::new();
        for Self {
            deployments,
            first: fetch,
            keep,
        } in all
        {
            kept.push(keep);
            first.spawn(async move {
                let why = match timeout(PATIENCE, fetch).await {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => error.detail().unwrap_or(error.message()).to_owned(),
                    Err(_) => format!("they took more than {} s", PATIENCE.as_secs()),
                };
                let names = names(&deployments);
                tracing::warn!(
                    "there are no credentials for {names} yet, so its calls fail: {why}"
                );
            });
        }
        first.join_all().await;
        let mut keepers = JoinSet::new();
        for keep in kept {
            keepers.spawn(keep);
        }
        keepers
    }
}

/// The names of deployments, each once.
fn names(deployments: &[String]) -> String {
    let mut names: Vec<_> = deployments.iter().map(|name| format!("`{name}`")).collect();
    names.dedup();
    names.join(", ")
}

impl fmt::Debug for Upkeep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upkeep")
            .field("deployments", &self.deployments)
            .finish_non_exhaustive()
    }
}
