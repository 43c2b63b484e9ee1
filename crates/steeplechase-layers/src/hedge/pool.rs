use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use steeplechase_core::Deployment;
use steeplechase_core::deployment::Turns;
use tokio::time::Instant;

use super::recorder::MIN_SAMPLES;
use super::{CostBound, Size};

/// What the prices of a pool say of a hedge.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Afford {
    /// It may go to any.
    Any,
    /// It may go to some.
    Some(CostBound),
    /// It would cost too much at all that were not tried, or there is none.
    Nobody,
}

/// The deployments among which a router inside picks. None, if nobody has said.
#[derive(Clone, Default)]
pub(super) struct Pool {
    all: Arc<[Arc<Deployment>]>,
    turns: Arc<Turns>,
}

impl Pool {
    pub(super) fn new(deployments: impl IntoIterator<Item = Arc<Deployment>>) -> Self {
        Self {
            all: deployments.into_iter().collect(),
            turns: Arc::default(),
        }
    }

    /// For each of `quantiles` the shortest that any deployment has which may be used and is known well
    /// enough. `None` if none is.
    ///
    /// The shortest, as it stays where it is when one deployment after the other gets slow: it is what a
    /// copy elsewhere has to expect, and so when a primary is worth one. Of a large pool it is that of some, in turn.
    pub(super) fn shortest<const N: usize>(
        &self,
        now: Instant,
        quantiles: [f64; N],
    ) -> Option<[Duration; N]> {
        let some = self.turns.of(&self.all);
        let usable = some.filter(|deployment| deployment.health().is_ready(now));
        let known = usable.filter_map(|deployment| {
            let recent = deployment.load().recent(now)?;
            (recent.known() >= MIN_SAMPLES)
                .then(|| quantiles.map(|q| recent.quantile(q).expect("there are values")))
        });
        known.reduce(|shortest, other| std::array::from_fn(|i| shortest[i].min(other[i])))
    }

    /// At whom a copy of a request costs no more than so many times as much as at the one that was tried last.
    pub(super) fn afford(&self, tried: &[u32], size: Size, ratio: f64) -> Afford {
        let primary = tried.last();
        let primary = primary.and_then(|key| self.all.iter().find(|one| one.key() == *key));
        let Some(bound) = primary.and_then(|primary| CostBound::of(primary, size, ratio)) else {
            return Afford::Any;
        };
        let others = self.all.iter().filter(|one| !tried.contains(&one.key()));
        let (mut is_any, mut is_all) = (false, true);
        for other in others {
            let allows = bound.allows(other);
            (is_any, is_all) = (is_any || allows, is_all && allows);
        }
        match (is_all, is_any) {
            (true, _) => Afford::Any,
            (_, true) => Afford::Some(bound),
            _ => Afford::Nobody,
        }
    }

    /// Whether none of them may be used but to see whether it works again. Where all are down, a second
    /// copy is a second load on what is down.
    pub(super) fn is_down(&self, now: Instant) -> bool {
        !self.all.is_empty()
            && !self
                .all
                .iter()
                .any(|deployment| deployment.health().is_ready(now))
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.all.iter().map(|d| d.id()))
            .finish()
    }
}
