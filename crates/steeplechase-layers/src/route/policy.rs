use std::fmt;
use std::sync::Arc;

use steeplechase_core::Deployment;

use super::{Candidate, Candidates, Scores};

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
/// use steeplechase_layers::route::{Candidate, Candidates, Sampling, Strategy};
///
/// #[derive(Debug)]
/// struct FirstFree;
///
/// impl Strategy for FirstFree {
///     fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
///         candidates.min_by_key(|candidate| candidate.deployment().load().in_flight())
///     }
///
///     // Of a thousand, the freest of eight is free enough.
///     fn sampling(&self) -> Sampling {
///         Sampling::Uniform(8)
///     }
/// }
/// ```
pub trait Strategy: fmt::Debug + Send + Sync {
    /// Picks one of `candidates`, which are at least two.
    ///
    /// `None` is for a strategy that does not mind: the first of them gets the request.
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>>;

    /// Says what it makes of each of `candidates`, for who wants to know why it has picked one of them.
    ///
    /// Asked after the pick, with the same candidates, and only of requests of which a
    /// [trace](steeplechase_core::attempts::Trace) is kept. Nothing, unless it says otherwise.
    fn score(&self, candidates: Candidates<'_>, scores: &mut Scores) {
        let _ = (candidates, scores);
    }

    /// How many of a group with more than [`Sampling::SMALL`] deployments it has to see. Asked when the
    /// group is built. All, unless it says otherwise.
    fn sampling(&self) -> Sampling {
        Sampling::Whole
    }

    /// Where a deployment stands in [`Sampling::Ranked`]: the lowest is first. Asked when the group is built.
    fn rank(&self, deployment: &Deployment) -> f64 {
        let _ = deployment;
        0.0
    }
}

/// Which deployments of a large group are candidates, so that a pick among a thousand costs what one among
/// ten does.
///
/// They are drawn from those with the lowest [order](Deployment::order). Who is drawn and cannot take the
/// request is drawn again. After some draws in vain all deployments are looked at, so it is a matter of
/// chance how long a pick takes, and never whether there is one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Sampling {
    /// All of them.
    #[default]
    Whole,
    /// One, by chance and weight. That is exact for a strategy that goes by weight alone: it is not even
    /// asked.
    Weighted,
    /// So many by chance, each with the same.
    Uniform(u8),
    /// The first so many by their [rank](Strategy::rank).
    Ranked(u8),
    /// The few that are near to the request's [affinity](super::Describe::affinity), the same for as long as
    /// the group stays the same, and so many by chance.
    Keyed(u8),
}

// ===== impl Sampling =====

impl Sampling {
    /// Groups of up to so many deployments are looked at whole.
    pub const SMALL: usize = 16;
}

// ===== impl Strategy =====

impl<T: Strategy + ?Sized> Strategy for Arc<T> {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        (**self).pick(candidates)
    }

    fn score(&self, candidates: Candidates<'_>, scores: &mut Scores) {
        (**self).score(candidates, scores);
    }

    fn sampling(&self) -> Sampling {
        (**self).sampling()
    }

    fn rank(&self, deployment: &Deployment) -> f64 {
        (**self).rank(deployment)
    }
}

impl<T: Strategy + ?Sized> Strategy for Box<T> {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        (**self).pick(candidates)
    }

    fn score(&self, candidates: Candidates<'_>, scores: &mut Scores) {
        (**self).score(candidates, scores);
    }

    fn sampling(&self) -> Sampling {
        (**self).sampling()
    }

    fn rank(&self, deployment: &Deployment) -> f64 {
        (**self).rank(deployment)
    }
}
