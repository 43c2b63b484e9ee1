use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use steeplechase_core::attempts::{Attempt, Ending, Kind};
use steeplechase_core::{
    Attempts, Carries, Class, Deployment, Error, Phase, Pricing, Tally, Usage,
};
use tokio::time::Instant;

use super::Sink;
use super::metrics::Metrics;
use super::spending::{Claims, Spending};
use crate::body::Watch;

/// What all attempts at one deployment share.
pub(super) struct Shared {
    pub(super) deployment: Arc<Deployment>,
    pub(super) metrics: Metrics,
    pub(super) sink: Option<Arc<dyn Sink>>,
    pub(super) spending: Option<Spending>,
}

/// Records one attempt, once: with its outcome, or when it is dropped without one.
///
/// It watches the body of the answer.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, not a state"
)]
pub struct Recorder {
    shared: Arc<Shared>,
    attempts: Attempts,
    kind: Kind,
    started: Instant,
    first_content: Option<Duration>,
    usage: Option<Usage>,
    /// About how many tokens the request has, if what was used is to be estimated.
    prompt: Option<u64>,
    /// What the model has said since it was last reported what was used.
    said: Tally,
    /// Whether the provider goes on though it is dropped.
    pub(super) goes_on: bool,
    /// Whether the provider has worked for it, as far as one can see.
    is_owed: bool,
    came: Came,
    /// What is known about the price of this attempt, if it is not the deployment's.
    pricing: Option<Pricing>,
    /// What is reserved for it.
    pub(super) claims: Claims,
    /// What it is if nothing more happens to it.
    ending: Ending,
}

/// How much of an answer has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Came {
    Nothing,
    /// A frame with which it is not complete.
    Part,
    /// All of it, with its first frame.
    Whole,
}

impl Recorder {
    pub(super) fn start(
        shared: Arc<Shared>,
        attempts: Attempts,
        kind: Kind,
        prompt: Option<u64>,
    ) -> Self {
        shared.metrics.started();
        Self {
            shared,
            attempts,
            kind,
            started: Instant::now(),
            first_content: None,
            usage: None,
            prompt,
            said: Tally::ZERO,
            goes_on: true,
            is_owed: false,
            came: Came::Nothing,
            pricing: None,
            claims: Claims::default(),
            ending: Ending::Dropped,
        }
    }

    /// The request is on its way.
    pub(super) const fn on_poll(&mut self) {
        self.is_owed = true;
    }

    /// The response future has resolved, with that head.
    pub(super) fn on_head<B>(&mut self, response: &Response<B>) {
        if matches!(self.shared.deployment.pricing(), Pricing::ByModel(_)) {
            self.pricing = response.extensions().get().cloned();
        }
        match Class::from_status(response.status()) {
            None => self.first_content = Some(self.started.elapsed()),
            Some(class) => {
                self.ending = Ending::Failed(class);
                self.is_owed = false;
            }
        }
    }

    /// The attempt has failed. It is dropped next.
    pub(super) fn on_error(&mut self, error: &Error) {
        self.ending = Ending::Failed(error.class());
        self.is_owed &= self.first_content.is_some() || is_given_up(error);
    }

    /// Tells the deployment how long its answers are, and how long those take that come whole.
    fn teach(&self, attempt: &Attempt) {
        let (Ending::Complete, Some(usage)) = (attempt.ending, attempt.usage) else {
            return;
        };
        let load = self.shared.deployment.load();
        load.observe_output(usage.completion);
        if let Some(taken) = self.first_content.filter(|_| self.came == Came::Whole) {
            load.observe_whole(taken, usage.completion, self.started + attempt.elapsed);
        }
    }

    /// What is used at most, as the provider may go on where nobody listens. `None` if nobody knows how much
    /// that is.
    fn used_at_most(&self, usage: Usage) -> Option<Usage> {
        let usual = self.shared.deployment.load().mean_output()?;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a mean of numbers of tokens"
        )]
        let rest = (usual as u64).saturating_sub(self.said.tokens());
        Some(usage + Usage::estimate(0, rest))
    }

    /// What was used: what the provider has said, and of the rest an estimate.
    fn used(&self) -> Option<Usage> {
        let Some(prompt) = self.prompt.filter(|_| self.is_owed) else {
            return self.usage;
        };
        let said = self.said.tokens();
        match self.usage {
            None => Some(Usage::estimate(prompt, said)),
            Some(usage) if said == 0 || self.ending == Ending::Complete => Some(usage),
            Some(usage) => Some(usage + Usage::estimate(0, said)),
        }
    }
}

/// Whether a failure is that nobody has waited any longer. Who has answered that it failed has done no
/// work, and neither has who could not be reached.
fn is_given_up(error: &Error) -> bool {
    let is_timeout = matches!(error.class(), Class::Timeout(phase) if phase != Phase::Connect);
    is_timeout && error.upstream().is_none()
}

impl<D: Carries> Watch<D, Error> for Recorder {
    fn on_data(&mut self, data: &D) {
        if let Some(usage) = data.usage() {
            self.usage = Some(usage.max(self.usage.unwrap_or_default()));
            self.said = Tally::ZERO;
        } else {
            self.said += data.said();
        }
        if data.is_end() && self.ending == Ending::Dropped {
            self.ending = Ending::Complete;
            if self.came == Came::Nothing {
                self.came = Came::Whole;
            }
        }
        if self.came == Came::Nothing {
            self.came = Came::Part;
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
        attempt.kind = self.kind;
        attempt.started = Some(self.started);
        // Whoever has won has said something before.
        let is_silent = self.ending == Ending::Dropped && self.first_content.is_none();
        attempt.has_lost = is_silent && self.attempts.has_winner();
        attempt.first_content = self.first_content;
        attempt.usage = self.used();
        let pricing = self.pricing.as_ref();
        let pricing = pricing.unwrap_or_else(|| self.shared.deployment.pricing());
        attempt.cost = attempt.usage.and_then(|usage| pricing.cost(&usage));
        let may_cost_more = self.ending == Ending::Dropped && self.is_owed && self.goes_on;
        attempt.cost_at_most = if may_cost_more {
            let usage = attempt.usage.and_then(|usage| self.used_at_most(usage));
            usage.and_then(|usage| pricing.cost(&usage))
        } else {
            attempt.cost
        };
        self.claims.settle(attempt.cost.unwrap_or_default());
        self.teach(&attempt);
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
