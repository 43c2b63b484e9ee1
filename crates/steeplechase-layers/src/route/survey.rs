use http::StatusCode;
use steeplechase_core::deployment::{Availability, Circuit};
use steeplechase_core::{Class, Deployment, Error};
use tokio::time::Instant;

use super::asked::Ask;
use super::choose::{Choice, Look};
use super::metrics::{self, Reason};
use super::unfit::Unfit;

/// What one look at all deployments of a group has told.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Those that cannot take the request, however well they are.
    pub(super) unfit: Unfit,
    /// Those that can take the request, by [`tier`].
    tiers: [Option<Tier>; 4],
    /// How many of them were not tried.
    pub(super) untried: u32,
    /// How many can take the request, if they are well.
    fit: usize,
    /// How many have made a promise not to be used.
    cooling: usize,
    /// How many have no room.
    full: usize,
    /// The one with an open circuit that is used if there is no other.
    least_bad: Option<LeastBad>,
    /// The first time at which one that cannot be used now can be.
    back: Option<Instant>,
}

/// Those of a kind that have the lowest order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tier {
    pub(super) order: i64,
    pub(super) all: Members,
    /// Those of them whose provider was not tried.
    pub(super) elsewhere: Option<Members>,
}

/// Some of a tier: at least one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Members {
    pub(super) first: usize,
    pub(super) count: u32,
}

/// Smaller is better, from the first field to the last.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct LeastBad {
    tried: bool,
    reopens: Instant,
    in_flight: u32,
    index: usize,
}

/// The tiers of a [`Survey`], the best first: bits, so that an index says what is in it.
pub(super) mod tier {
    pub(in super::super) const PROBE: usize = 1;
    pub(in super::super) const TRIED: usize = 2;
}

// ===== impl Survey =====

impl Survey {
    /// Looks at all deployments.
    ///
    /// # Errors
    ///
    /// None of them can take the request, however well it is.
    pub(super) fn of<A: Ask>(look: &Look<'_, A>) -> Result<Self, Error> {
        let mut survey = Self::default();
        let deployments = look.roster.deployments();
        for (index, deployment) in deployments.iter().enumerate() {
            if look.ask.is_eligible(deployment) {
                survey.fit += 1;
                survey.add(index, deployment, look);
            } else {
                survey.unfit.insert(index);
            }
        }
        if survey.fit == 0 && !deployments.is_empty() {
            metrics::refused("ineligible");
            return Err(look.ask.refusal(deployments));
        }
        Ok(survey)
    }

    fn add<A: Ask>(&mut self, index: usize, deployment: &Deployment, look: &Look<'_, A>) {
        let tried = look.tried.contains(deployment);
        let health = deployment.health();
        let has_room = deployment.limits().has_room_at(look.now);
        let probe = match health.availability(look.now) {
            Availability::Ready(_) if has_room => 0,
            Availability::Probe if has_room => tier::PROBE,
            Availability::Closed { until } if health.cooling(look.now).is_some() => {
                self.cooling += 1;
                return self.comes_back(until);
            }
            Availability::Closed { until } if has_room => {
                let least_bad = LeastBad {
                    tried,
                    // While a probe is under way, its time has come already.
                    reopens: match health.circuit() {
                        Circuit::Open { until } => until,
                        _ => look.now,
                    },
                    in_flight: deployment.load().in_flight(),
                    index,
                };
                let old = self.least_bad.unwrap_or(least_bad);
                self.least_bad = Some(old.min(least_bad));
                return self.comes_back(until);
            }
            _ => {
                self.full += 1;
                return self.comes_back(deployment.limits().opens_at(look.now));
            }
        };
        self.untried += u32::from(!tried);
        let tried = if tried { tier::TRIED } else { 0 };
        let is_elsewhere = look.roster.is_elsewhere(index, look.tried);
        self.enter(tried | probe, index, deployment.order(), is_elsewhere);
    }

    fn enter(&mut self, which: usize, index: usize, order: i64, is_elsewhere: bool) {
        let one = Members {
            first: index,
            count: 1,
        };
        match &mut self.tiers[which] {
            Some(tier) if tier.order == order => {
                tier.all.count += 1;
                if is_elsewhere {
                    let elsewhere = tier.elsewhere.get_or_insert(Members { count: 0, ..one });
                    elsewhere.count += 1;
                }
            }
            Some(tier) if tier.order < order => {}
            slot => {
                *slot = Some(Tier {
                    order,
                    all: one,
                    elsewhere: is_elsewhere.then_some(one),
                });
            }
        }
    }

    fn comes_back(&mut self, until: Option<Instant>) {
        self.back = match (self.back, until) {
            (Some(back), Some(until)) => Some(back.min(until)),
            (back, until) => back.or(until),
        };
    }

    /// The deployment that is due for a probe, if a request that can afford it should be the one.
    pub(super) fn due(&self) -> Option<usize> {
        let (ready, probe) = (self.tiers[0]?, self.tiers[tier::PROBE]?);
        (probe.order <= ready.order).then_some(probe.all.first)
    }

    /// The best of the tiers that has anybody in it.
    pub(super) fn tier(&self) -> Option<(usize, Tier)> {
        let mut tiers = self.tiers.iter().enumerate();
        tiers.find_map(|(which, tier)| Some((which, (*tier)?)))
    }

    /// What to do if nobody can take the request. Where another model can take it, that is
    /// better than a deployment that is broken.
    pub(super) fn panic(&self, may_go_elsewhere: bool, now: Instant) -> Result<Choice, Error> {
        // One that is only busy is well, and one that is cooling has asked to be left alone.
        let has_others = self.full > 0 || may_go_elsewhere;
        match self.least_bad {
            Some(LeastBad { index, .. }) if !has_others => Ok(Choice {
                index,
                reason: Reason::Panic,
                // Nowhere is it better, so there is no hurry to go elsewhere.
                alternatives: 0,
            }),
            _ => Err(self.refusal(now)),
        }
    }

    fn refusal(&self, now: Instant) -> Error {
        let error = |message: &'static str| Error::new(Class::Unavailable, message);
        if self.fit == 0 {
            metrics::refused("empty");
            return error("the model has no deployments");
        }
        let back = self.back.map(|at| at.saturating_duration_since(now));
        if self.cooling == self.fit {
            metrics::refused("cooling");
            return error("all deployments of the model are cooling down")
                .with_status(StatusCode::TOO_MANY_REQUESTS)
                .with_retry_after(back);
        }
        if self.full == self.fit && back.is_some() {
            metrics::refused("full");
            return error("all deployments of the model have had as much as they take for now")
                .with_status(StatusCode::TOO_MANY_REQUESTS)
                .with_room_after(back);
        }
        if self.full == self.fit {
            metrics::refused("full");
            return error("all deployments of the model have too many requests in progress");
        }
        metrics::refused("mixed");
        error("no deployment of the model can take the request now").with_retry_after(back)
    }
}
