//! How long each phase of an attempt may take.

use std::sync::Arc;
use std::time::Duration;

use http::Request;
use serde::Deserialize;
use steeplechase_core::call::Head;
use steeplechase_core::deployment::TierTimeouts;
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
    all: ByStream,
    /// `None` if all classes of service are alike, so that nobody looks.
    tiers: Option<Arc<Tiers>>,
    learnt: Option<Learnt>,
}

/// How long to wait for a streamed answer while another attempt could be made, where nobody has said.
#[derive(Clone, Debug)]
struct Learnt {
    pace: Arc<Pace>,
    retries: u8,
}

/// What is otherwise with some classes of service.
#[derive(Debug)]
struct Tiers {
    limits: Box<[(Arc<str>, ByStream)]>,
    /// The class of calls that name none, if the deployment has a parameter for it.
    usual: Option<Box<str>>,
}

/// Of the parameters of a deployment, what is asked for.
#[derive(Default, Deserialize)]
struct Params<'p> {
    #[serde(borrow)]
    service_tier: Option<&'p str>,
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

    /// The limits of a deployment. What it says for itself goes before what is said of all.
    pub(super) fn of(&self, deployment: &Deployment) -> OfCall {
        let mut said = self.said.unwrap_or_else(Preset::default_timeouts);
        if self.pace.is_some() {
            // Who cannot have another attempt has all the time there is.
            said.stream = said.stream.first_token(None);
        }
        let whole = deployment.timeout();
        let all = limited(said, whole, deployment.stream_timeout().or(whole));
        let tiers = deployment.tier_timeouts();
        let timed_out = Class::Timeout(Phase::FirstToken);
        OfCall {
            tiers: (!tiers.is_empty()).then(|| Arc::new(Tiers::new(deployment, all, tiers))),
            all,
            learnt: self.pace.as_ref().map(|pace| Learnt {
                pace: Arc::clone(pace),
                retries: (self.retry).retries(timed_out, None, deployment.num_retries()),
            }),
        }
    }
}

// ===== impl OfCall =====

impl OfCall {
    fn of(&self, head: &Head) -> &ByStream {
        let tiers = self.tiers.as_deref();
        tiers.and_then(|tiers| tiers.of(head)).unwrap_or(&self.all)
    }
}

impl timeout::Policy<Call> for OfCall {
    fn timeouts(&self, request: &Request<Call>) -> Timeouts {
        let head = request.body().head();
        let timeouts = self.of(head).timeouts(request);
        if !head.stream {
            return timeouts;
        }
        let controls = Attempts::get(request.extensions()).and_then(Attempts::controls);
        let controls = controls.as_deref();
        let said = timeouts.first_token_limit();
        let asked = controls.and_then(|asked| asked.shorter(asked.stream_timeout, said));
        match (asked, &self.learnt) {
            (Some(limit), _) => timeouts.first_token(limit).content_idle(limit).of_caller(),
            (None, Some(learnt)) if said.is_none() => timeouts.patience(learnt.patience(controls)),
            (None, _) => timeouts,
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

// ===== impl Tiers =====

impl Tiers {
    fn new(deployment: &Deployment, all: ByStream, tiers: &[TierTimeouts]) -> Self {
        let limits = tiers.iter().map(|it| {
            let limits = limited(all, it.whole, it.stream);
            (Arc::clone(&it.tier), limits)
        });
        let params = deployment.default_params();
        let params = params.map(|object| serde_json::from_slice::<Params<'_>>(object));
        let params = params.and_then(Result::ok).unwrap_or_default();
        Self {
            limits: limits.collect(),
            usual: params.service_tier.map(Box::from),
        }
    }

    fn of(&self, head: &Head) -> Option<&ByStream> {
        let tier = head.service_tier.as_deref().or(self.usual.as_deref())?;
        let mut limits = self.limits.iter();
        limits
            .find(|(known, _)| **known == *tier)
            .map(|(_, limits)| limits)
    }
}

/// Limits under others that are set.
fn limited(
    ByStream { whole, stream }: ByStream,
    of_whole: Option<Duration>,
    of_stream: Option<Duration>,
) -> ByStream {
    ByStream {
        whole: match of_whole {
            Some(limit) => whole.first_token(limit),
            None => whole,
        },
        stream: match of_stream {
            Some(limit) => stream.first_token(limit).content_idle(limit),
            None => stream,
        },
    }
}
