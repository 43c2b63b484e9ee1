//! How long each phase of an attempt may take.

use std::sync::Arc;

use http::Request;
use steeplechase_core::{Attempts, Call, Class, Controls, Deployment, Phase};
use steeplechase_layers::retry::RetryConfig;
use steeplechase_layers::timeout::{self, ByStream, Pace, Patience, Timeouts};
use tokio::time::Instant;

use super::{Group, Preset};

/// Of what the limits of the deployments of a group are made.
pub(super) struct Times {
    said: Option<ByStream>,
    /// `None` if nobody is to lose patience.
    pace: Option<Arc<Pace>>,
    retry: RetryConfig,
}

/// The limits of a deployment, or those that a call has for itself.
#[derive(Clone, Debug)]
pub(super) struct OfCall {
    limits: ByStream,
    learnt: Option<Learnt>,
}

/// How long to wait for a streamed answer while another attempt could be made, where nobody has said.
#[derive(Clone, Debug)]
struct Learnt {
    pace: Arc<Pace>,
    retries: u8,
}

// ===== impl Times =====

impl Times {
    pub(super) fn new(group: &Group, preset: &Preset) -> Self {
        let is_learnt = preset.patience && preset.timeouts.is_none();
        Self {
            said: preset.timeouts,
            pace: is_learnt.then(|| Arc::new(Pace::of(group.deployments.iter().cloned()))),
            retry: group.retry_or(preset.retry),
        }
    }

    /// The limits of a deployment. What it says for itself goes first.
    pub(super) fn of(&self, deployment: &Deployment) -> OfCall {
        let ByStream { whole, stream } = self.said.unwrap_or_else(Preset::default_timeouts);
        let of_stream = deployment.stream_timeout().or(deployment.timeout());
        let pace = self.pace.as_ref().filter(|_| of_stream.is_none());
        let timed_out = Class::Timeout(Phase::FirstToken);
        let stream = match of_stream {
            Some(limit) => stream.first_token(limit).content_idle(limit),
            // Who cannot have another attempt has all the time there is.
            None if pace.is_some() => stream.first_token(None),
            None => stream,
        };
        let whole = match deployment.timeout() {
            Some(limit) => whole.first_token(limit),
            None => whole,
        };
        OfCall {
            limits: ByStream { whole, stream },
            learnt: pace.map(|pace| Learnt {
                pace: Arc::clone(pace),
                retries: (self.retry).retries(timed_out, None, deployment.num_retries()),
            }),
        }
    }
}

// ===== impl OfCall =====

impl timeout::Policy<Call> for OfCall {
    fn timeouts(&self, request: &Request<Call>) -> Timeouts {
        let timeouts = self.limits.timeouts(request);
        if !request.body().head().stream {
            return timeouts;
        }
        let controls = Attempts::get(request.extensions()).and_then(Attempts::controls);
        let controls = controls.as_deref();
        match controls.and_then(|controls| controls.stream_timeout) {
            Some(limit) => timeouts.first_token(limit).content_idle(limit).of_caller(),
            None => timeouts.patience(self.learnt.as_ref().map(|it| it.patience(controls))),
        }
    }
}

// ===== impl Learnt =====

impl Learnt {
    fn patience(&self, controls: Option<&Controls>) -> Patience {
        let asked = controls.and_then(|controls| controls.num_retries);
        Patience::new(self.pace.limit(Instant::now()))
            .alone(Pace::MOST)
            .retries(asked.unwrap_or(self.retries))
    }
}
