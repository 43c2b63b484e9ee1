use std::cell::OnceCell;
use std::fmt;
use std::sync::Arc;

use http::Request;
use steeplechase_core::{Deployment, Error};

use super::{Describe, Eligible};

/// What is known of a request, for a strategy that goes by it. Nothing is found out before it is asked for.
///
/// See [`Describe`] for what the answers mean.
#[derive(Clone, Copy)]
pub struct Asked<'a>(&'a dyn Ask);

/// A request, and who knows what about it.
pub(super) struct Asking<'a, P, D, B> {
    pub(super) eligible: &'a P,
    pub(super) describe: &'a D,
    pub(super) request: &'a Request<B>,
    /// Whether there can be a deployment that cannot take it.
    may_exclude: bool,
    affinity: OnceCell<Option<u64>>,
}

/// A request of which nothing is known, and that everybody can take.
#[derive(Debug)]
pub(super) struct Anything;

/// What there is to know about a request, whatever its type.
pub(super) trait Ask {
    fn is_eligible(&self, deployment: &Deployment) -> bool;
    fn excluded_by(&self, deployment: &Deployment) -> &'static str;
    fn refusal(&self, deployments: &[Arc<Deployment>]) -> Error;
    fn is_stream(&self) -> Option<bool>;
    fn prompt(&self) -> Option<u64>;
    fn max_tokens(&self) -> Option<u64>;
    fn affinity(&self) -> Option<u64>;
}

// ===== impl Asked =====

impl<'a> Asked<'a> {
    pub(super) fn new(ask: &'a dyn Ask) -> Self {
        Self(ask)
    }

    /// Whether the answer is to be streamed.
    pub fn is_stream(self) -> Option<bool> {
        self.0.is_stream()
    }

    /// About how many tokens the prompt has.
    pub fn prompt(self) -> Option<u64> {
        self.0.prompt()
    }

    /// The most tokens that the answer may have.
    pub fn max_tokens(self) -> Option<u64> {
        self.0.max_tokens()
    }

    /// The same number for requests that had best go to the same deployment.
    pub fn affinity(self) -> Option<u64> {
        self.0.affinity()
    }
}

impl fmt::Debug for Asked<'_> {
    // Nothing is found out for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").finish_non_exhaustive()
    }
}

// ===== impl Asking =====

impl<'a, P: Eligible<B>, D, B> Asking<'a, P, D, B> {
    pub(super) fn new(eligible: &'a P, describe: &'a D, request: &'a Request<B>) -> Self {
        Self {
            may_exclude: eligible.may_exclude(request),
            eligible,
            describe,
            request,
            affinity: OnceCell::new(),
        }
    }
}

impl<P: Eligible<B>, D: Describe<B>, B> Ask for Asking<'_, P, D, B> {
    fn is_eligible(&self, deployment: &Deployment) -> bool {
        !self.may_exclude || self.eligible.is_eligible(self.request, deployment)
    }

    fn excluded_by(&self, deployment: &Deployment) -> &'static str {
        self.eligible.excluded_by(self.request, deployment)
    }

    fn refusal(&self, deployments: &[Arc<Deployment>]) -> Error {
        self.eligible.refusal(self.request, deployments)
    }

    fn is_stream(&self) -> Option<bool> {
        self.describe.is_stream(self.request)
    }

    fn prompt(&self) -> Option<u64> {
        self.describe.prompt(self.request)
    }

    fn max_tokens(&self) -> Option<u64> {
        self.describe.max_tokens(self.request)
    }

    fn affinity(&self) -> Option<u64> {
        let find = || self.describe.affinity(self.request);
        *self.affinity.get_or_init(find)
    }
}

// ===== impl Anything =====

impl Ask for Anything {
    fn is_eligible(&self, _deployment: &Deployment) -> bool {
        true
    }

    fn excluded_by(&self, _deployment: &Deployment) -> &'static str {
        "rule"
    }

    fn refusal(&self, _deployments: &[Arc<Deployment>]) -> Error {
        Error::new(
            steeplechase_core::Class::Unavailable,
            "no deployment can take the request",
        )
    }

    fn is_stream(&self) -> Option<bool> {
        None
    }

    fn prompt(&self) -> Option<u64> {
        None
    }

    fn max_tokens(&self) -> Option<u64> {
        None
    }

    fn affinity(&self) -> Option<u64> {
        None
    }
}
