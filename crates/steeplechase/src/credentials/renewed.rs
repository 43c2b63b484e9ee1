use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use steeplechase_core::{Class, Error, Scope};
use tokio::time::{self, Instant};

/// A value that is good for a while, and for how long.
pub struct Lease<T> {
    value: Arc<T>,
    /// When it was had, and for how long it is good. For ever, if there is none.
    term: Option<(Instant, Duration)>,
}

/// A value that expires, and that is fetched anew before it does.
///
/// To take the value is to load a pointer; fetching it is the work of whoever polls
/// [`keep_fresh`](Self::keep_fresh). Dropping it drops the value.
pub struct Renewed<T> {
    fetch: Fetch<T>,
    state: ArcSwap<State<T>>,
}

type Fetch<T> = Box<dyn Fn() -> Fetching<T> + Send + Sync>;
type Fetching<T> = Pin<Box<dyn Future<Output = Result<Lease<T>, Error>> + Send>>;

struct State<T> {
    lease: Option<Lease<T>>,
    /// Why the last attempt to renew it has failed, if it has.
    failure: Option<Error>,
}

/// How long a fetch may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(20);

/// The first wait after a failure, and the longest.
const BACKOFF_FIRST: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// The shortest time between two fetches: whoever hands out leases that are over already is not asked
/// without a pause.
const PAUSE: Duration = Duration::from_secs(1);

// ===== impl Lease =====

impl<T> Lease<T> {
    /// A value that is good for `time` from now on.
    pub fn new(value: T, time: Duration) -> Self {
        Self {
            value: Arc::new(value),
            term: Some((Instant::now(), time)),
        }
    }

    /// A value that does not expire.
    pub fn for_ever(value: T) -> Self {
        Self {
            value: Arc::new(value),
            term: None,
        }
    }

    fn is_over(&self) -> bool {
        self.term.is_some_and(|(from, time)| from.elapsed() >= time)
    }

    /// When it should be renewed: with a fifth of its time left.
    fn renewal(&self) -> Option<Instant> {
        self.term.map(|(from, time)| {
            // What is good for longer than a clock can say is asked for again in a while.
            let time = time.min(Duration::from_secs(24 * 3600));
            from + (time * 4 / 5).max(PAUSE)
        })
    }
}

impl<T> Clone for Lease<T> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            term: self.term,
        }
    }
}

impl<T> fmt::Debug for Lease<T> {
    // What it holds is a secret, as a rule.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("term", &self.term)
            .finish_non_exhaustive()
    }
}

// ===== impl Renewed =====

impl<T: Send + Sync> Renewed<T> {
    /// A value that `fetch` gets. There is none yet.
    ///
    /// An error of `fetch` is what callers are told while there is no value, so it has no secret in it.
    pub fn new<F>(fetch: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Lease<T>, Error>> + Send + 'static,
    {
        Self {
            fetch: Box::new(move || Box::pin(fetch())),
            state: ArcSwap::from_pointee(State {
                lease: None,
                failure: None,
            }),
        }
    }

    /// The value that is good now. It does not wait.
    ///
    /// # Errors
    ///
    /// There is none: why the last attempt to get one has failed, or that there was no attempt yet.
    pub fn current(&self) -> Result<Arc<T>, Error> {
        let state = self.state.load();
        match (&state.lease, &state.failure) {
            (Some(lease), _) if !lease.is_over() => Ok(Arc::clone(&lease.value)),
            (_, Some(failure)) => Err(failure.clone()),
            (Some(_), None) => Err(none("they have expired, and nobody has renewed them")),
            (None, None) => Err(none("they were not fetched yet")),
        }
    }

    /// Fetches a new value now. The one that was there stays until it is here.
    ///
    /// # Errors
    ///
    /// Those of the fetch, or that it took longer than 20 seconds. The old value is still good for as
    /// long as it was.
    pub async fn renew(&self) -> Result<(), Error> {
        let outcome = time::timeout(FETCH_TIMEOUT, (self.fetch)()).await;
        let outcome = outcome.unwrap_or_else(|_| {
            let seconds = FETCH_TIMEOUT.as_secs();
            Err(none(format!("to fetch them took more than {seconds} s")))
        });
        match outcome {
            Ok(lease) => {
                self.state.store(Arc::new(State {
                    lease: Some(lease),
                    failure: None,
                }));
                Ok(())
            }
            Err(error) => {
                let lease = self.state.load().lease.clone();
                let failure = Some(error.clone());
                self.state.store(Arc::new(State { lease, failure }));
                Err(error)
            }
        }
    }

    /// Renews the value whenever a fifth of its time is left, for as long as it is polled; at once, if
    /// there is none. After a failure it tries again in 1 s, then 2 s, up to a minute.
    ///
    /// Spawn it once. `failed` is told of each failure, for a log. It ends only if the value does not
    /// expire.
    pub async fn keep_fresh(self: Arc<Self>, failed: impl Fn(&Error) + Send) {
        while let Some(at) = self.renewal() {
            time::sleep_until(at).await;
            let mut backoff = BACKOFF_FIRST;
            while let Err(error) = self.renew().await {
                failed(&error);
                // Some of them at a time, if many have failed at once.
                time::sleep(backoff.mul_f64(0.8 + 0.4 * fastrand::f64())).await;
                backoff = (backoff * 2).min(BACKOFF_MAX);
            }
        }
    }

    /// When the value should be renewed: now, if there is none. `None` if it does not expire.
    fn renewal(&self) -> Option<Instant> {
        match &self.state.load().lease {
            Some(lease) => lease.renewal(),
            None => Some(Instant::now()),
        }
    }
}

impl<T> fmt::Debug for Renewed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.load();
        f.debug_struct("Renewed")
            .field("lease", &state.lease)
            .field("failure", &state.failure)
            .finish_non_exhaustive()
    }
}

/// That there are no credentials.
pub(super) fn none(why: impl fmt::Display) -> Error {
    // The caller can do nothing about it, and the names of files and hosts are none of its business.
    Error::new(
        Class::Auth,
        "the gateway has no valid credentials for the provider",
    )
    .with_detail(why.to_string())
    .with_scope(Scope::Deployment)
}
