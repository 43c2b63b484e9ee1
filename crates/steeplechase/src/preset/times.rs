use std::sync::Arc;
use std::time::Duration;

use http::Request;
use serde::Deserialize;
use steeplechase_core::call::Head;
use steeplechase_core::deployment::TierTimeouts;
use steeplechase_core::{Attempts, Call, Deployment};
use steeplechase_layers::timeout::{self, ByStream, Timeouts};

/// The limits of a deployment, or those that a call has for itself.
#[derive(Clone, Debug)]
pub(super) struct OfCall {
    all: ByStream,
    /// `None` if all classes of service are alike, so that nobody looks.
    tiers: Option<Arc<Tiers>>,
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

// ===== impl OfCall =====

impl OfCall {
    /// What a deployment says for itself goes before what is said of all.
    pub(super) fn new(deployment: &Deployment, timeouts: ByStream) -> Self {
        let whole = deployment.timeout();
        let all = limited(timeouts, whole, deployment.stream_timeout().or(whole));
        let tiers = deployment.tier_timeouts();
        let tiers = (!tiers.is_empty()).then(|| Arc::new(Tiers::new(deployment, all, tiers)));
        Self { all, tiers }
    }

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
        let asked = controls.and_then(|controls| {
            controls.shorter(controls.stream_timeout, timeouts.first_token_limit())
        });
        match asked {
            Some(limit) => timeouts.first_token(limit).content_idle(limit).of_caller(),
            None => timeouts,
        }
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
