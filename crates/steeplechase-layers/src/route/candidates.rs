use std::iter::{Enumerate, FusedIterator};
use std::slice;
use std::sync::Arc;

use steeplechase_core::deployment::Availability;
use steeplechase_core::{Deployment, Health};
use tokio::time::Instant;

use super::eligible::{Unfit, is_unfit};

/// The deployments that can take a request.
///
/// It is an iterator that is cheap to clone, for a strategy that looks more than once. Nothing is
/// collected: who can take the request is looked up as it goes. So two looks may differ, if the health
/// of a deployment changes in between.
#[derive(Clone, Debug)]
pub struct Candidates<'a> {
    rest: Enumerate<slice::Iter<'a, Arc<Deployment>>>,
    filter: Filter<'a>,
}

/// A deployment that can take a request.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    index: usize,
    deployment: &'a Deployment,
    weight: f64,
}

/// Which of the deployments of a group are candidates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter<'a> {
    pub(super) now: Instant,
    /// Those that cannot take the request.
    pub(super) unfit: Unfit<'a>,
    /// The keys of those that were tried.
    pub(super) tried: &'a [u32],
    /// Those that were tried, or those that were not.
    pub(super) again: bool,
    /// Those that are due for a probe, or those that are well. `None` for both.
    pub(super) probe: Option<bool>,
    /// Those of one order. `None` for all.
    pub(super) order: Option<i64>,
}

// ===== impl Candidates =====

impl<'a> Candidates<'a> {
    /// All of `deployments` that may be used at `now`, to try a strategy of one's own.
    pub fn among(deployments: &'a [Arc<Deployment>], now: Instant) -> Self {
        let filter = Filter {
            now,
            unfit: None,
            tried: &[],
            again: false,
            probe: None,
            order: None,
        };
        Self::new(deployments, filter)
    }

    pub(super) fn new(deployments: &'a [Arc<Deployment>], filter: Filter<'a>) -> Self {
        Self {
            rest: deployments.iter().enumerate(),
            filter,
        }
    }

    /// When the request is routed.
    pub fn now(&self) -> Instant {
        self.filter.now
    }
}

impl<'a> Iterator for Candidates<'a> {
    type Item = Candidate<'a>;

    fn next(&mut self) -> Option<Candidate<'a>> {
        let Self { rest, filter } = self;
        rest.find_map(|(index, deployment)| {
            let share = filter.share(index, deployment)?;
            Some(Candidate {
                index,
                deployment,
                weight: deployment.weight() * share,
            })
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.rest.size_hint().1)
    }
}

impl FusedIterator for Candidates<'_> {}

// ===== impl Candidate =====

impl<'a> Candidate<'a> {
    /// The deployment.
    pub fn deployment(&self) -> &'a Deployment {
        self.deployment
    }

    /// Its place in the group, counted from zero. It is the same for every request.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Its weight, or the part of it that it gets while it comes back after an outage.
    pub fn weight(&self) -> f64 {
        self.weight
    }
}

// ===== impl Filter =====

impl Filter<'_> {
    /// The part of its weight that a deployment gets, or `None` if it is no candidate.
    fn share(&self, index: usize, deployment: &Deployment) -> Option<f64> {
        let fits = !is_unfit(self.unfit, index)
            && self.order.is_none_or(|order| order == deployment.order())
            && self.tried.contains(&deployment.key()) == self.again
            && deployment.limits().has_room_at(self.now);
        if !fits {
            return None;
        }
        match deployment.health().availability(self.now) {
            Availability::Ready(share) if self.probe != Some(true) => Some(share),
            Availability::Probe if self.probe != Some(false) => Some(Health::RAMP_START),
            _ => None,
        }
    }
}
