use std::fmt;
use std::sync::Arc;

use super::{Candidate, Candidates};

/// Says which of the deployments that can take a request gets it.
///
/// A strategy is asked once for each attempt, on the request's path, and must not wait. It may keep
/// state; what [`Load`](steeplechase_core::Load) knows of a deployment, it need not keep itself. It is
/// object safe: an `Arc<dyn Strategy>` is a strategy, for a choice that a configuration makes.
///
/// # Example
///
/// The one with the least in flight, the first of several:
///
/// ```
/// use steeplechase_layers::route::{Candidate, Candidates, Strategy};
///
/// #[derive(Debug)]
/// struct FirstFree;
///
/// impl Strategy for FirstFree {
///     fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
///         candidates.min_by_key(|candidate| candidate.deployment().load().in_flight())
///     }
/// }
/// ```
pub trait Strategy: fmt::Debug + Send + Sync {
    /// Picks one of `candidates`, which are at least two.
    ///
    /// `None` is for a strategy that does not mind: the first of them gets the request.
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>>;
}

impl<T: Strategy + ?Sized> Strategy for Arc<T> {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        (**self).pick(candidates)
    }
}

impl<T: Strategy + ?Sized> Strategy for Box<T> {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        (**self).pick(candidates)
    }
}
