use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use steeplechase_core::attempts::{Attempt, Ending};
use steeplechase_core::{Attempts, Carries, Class, Deployment, Error, Pricing, Usage};
use tokio::time::Instant;

use super::Sink;
use super::metrics::Metrics;
use crate::body::Watch;

/// What all attempts at one deployment share.
pub(super) struct Shared {
    pub(super) deployment: Arc<Deployment>,
    pub(super) metrics: Metrics,
    pub(super) sink: Option<Arc<dyn Sink>>,
}

/// Records one attempt, once: with its outcome, or when it is dropped without one.
///
/// It watches the body of the answer.
pub struct Recorder {
    shared: Arc<Shared>,
    attempts: Attempts,
    started: Instant,
    first_content: Option<Duration>,
    usage: Option<Usage>,
    /// What is known about the price of this attempt, if it is not the deployment's.
    pricing: Option<Pricing>,
    /// What it is if nothing more happens to it.
    ending: Ending,
}

impl Recorder {
    pub(super) fn start(shared: Arc<Shared>, attempts: Attempts) -> Self {
        shared.metrics.started();
        Self {
            shared,
            attempts,
            started: Instant::now(),
            first_content: None,
            usage: None,
            pricing: None,
            ending: Ending::Dropped,
        }
    }

    /// The response future has resolved, with that head.
    pub(super) fn on_head<B>(&mut self, response: &Response<B>) {
        if matches!(self.shared.deployment.pricing(), Pricing::ByModel(_)) {
            self.pricing = response.extensions().get().cloned();
        }
        match Class::from_status(response.status()) {
            None => self.first_content = Some(self.started.elapsed()),
            Some(class) => self.ending = Ending::Failed(class),
        }
    }

    /// The attempt has failed. It is dropped next.
    pub(super) fn on_error(&mut self, error: &Error) {
        self.ending = Ending::Failed(error.class());
    }
}

impl<D: Carries> Watch<D, Error> for Recorder {
    fn on_data(&mut self, data: &D) {
        if let Some(usage) = data.usage() {
            self.usage = Some(usage.max(self.usage.unwrap_or_default()));
        }
        if data.is_end() && self.ending == Ending::Dropped {
            self.ending = Ending::Complete;
        }
    }

    fn on_end(&mut self, result: Result<(), &Error>) {
        match result {
            Err(error) => self.on_error(error),
            Ok(()) if self.ending != Ending::Dropped => {}
            Ok(()) if D::SAYS_END => self.ending = Ending::Failed(Class::Truncated),
            Ok(()) => self.ending = Ending::Complete,
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let id = Arc::clone(self.shared.deployment.id_handle());
        let mut attempt = Attempt::new(id, self.ending, self.started.elapsed());
        attempt.first_content = self.first_content;
        attempt.usage = self.usage;
        let pricing = self.pricing.as_ref();
        let pricing = pricing.unwrap_or_else(|| self.shared.deployment.pricing());
        attempt.cost = self.usage.and_then(|usage| pricing.cost(&usage));
        self.shared.metrics.ended(&attempt);
        self.attempts.record(attempt.clone());
        if let Some(sink) = &self.shared.sink {
            sink.attempt(&super::AttemptReport {
                deployment: &self.shared.deployment,
                attempt: &attempt,
                started: self.started,
                attempts: &self.attempts,
            });
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("deployment", &self.shared.deployment.id())
            .field("started", &self.started)
            .finish_non_exhaustive()
    }
}
