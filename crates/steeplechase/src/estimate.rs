use http::Request;
use steeplechase_core::deployment::Need;
use steeplechase_core::{Call, Deployment, Operation};
use steeplechase_dialects::tokens::Family;
use steeplechase_layers::{limit, observe};

/// Estimates the prompts of a deployment's calls, by the family of its model.
#[derive(Clone, Copy, Debug)]
pub struct ByFamily {
    /// `None` if it depends on the model that a caller names.
    family: Option<Family>,
    /// Whether the provider stops when a stream is given up.
    stops_at_cancel: bool,
}

impl ByFamily {
    /// For the calls of `deployment`.
    pub fn of(deployment: &Deployment) -> Self {
        let model = Some(deployment.upstream_model()).filter(|model| !model.contains('*'));
        Self {
            family: model.map(Family::of),
            stops_at_cancel: deployment.profile().stops_at_cancel,
        }
    }

    /// What a call of the deployment is expected to need of its rates.
    pub(crate) fn need(self, call: &Call) -> Need {
        let Some(prompt) = self.prompt(call) else {
            return Need::NONE;
        };
        Need::new(prompt, most_output(call))
    }

    fn prompt(self, call: &Call) -> Option<u64> {
        let has_usage = matches!(call.operation(), Operation::Chat | Operation::Embeddings);
        let family = || self.family.unwrap_or_else(|| Family::of(call.model()));
        has_usage.then(|| family().prompt(call))
    }
}

/// The most tokens that the answers to a call may have together, if it is known.
fn most_output(call: &Call) -> Option<u64> {
    let head = call.head();
    match call.operation() {
        Operation::Chat => {
            let each = head.max_tokens;
            each.map(|most| most.saturating_mul(head.n.into()))
        }
        // Vectors are no tokens.
        _ => Some(0),
    }
}

impl limit::Policy<Request<Call>> for ByFamily {
    fn need(&self, request: &Request<Call>) -> Need {
        (*self).need(request.body())
    }
}

impl observe::Policy<Call> for ByFamily {
    fn prompt(&self, request: &Request<Call>) -> Option<u64> {
        (*self).prompt(request.body())
    }

    fn max_output(&self, request: &Request<Call>) -> Option<u64> {
        most_output(request.body())
    }

    fn goes_on(&self, request: &Request<Call>) -> bool {
        // Whoever writes a whole answer sees too late that nobody waits for it.
        !self.stops_at_cancel || !request.body().head().stream
    }
}
