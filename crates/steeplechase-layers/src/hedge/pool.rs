use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use steeplechase_core::Deployment;
use steeplechase_core::deployment::Availability;
use tokio::time::Instant;

use super::recorder::MIN_SAMPLES;

/// The deployments among which a router inside picks. None, if nobody has said.
#[derive(Clone, Default)]
pub(super) struct Pool(Arc<[Arc<Deployment>]>);

impl Pool {
    pub(super) fn new(deployments: impl IntoIterator<Item = Arc<Deployment>>) -> Self {
        Self(deployments.into_iter().collect())
    }

    /// For each of `quantiles` the shortest that any deployment has which may be used and is known well
    /// enough. `None` if none is.
    ///
    /// The shortest, as it stays where it is when one deployment after the other gets slow: it is what a
    /// copy elsewhere has to expect, and so when a primary is worth one.
    pub(super) fn shortest<const N: usize>(
        &self,
        now: Instant,
        quantiles: [f64; N],
    ) -> Option<[Duration; N]> {
        let usable = self.0.iter().filter(|deployment| is_ready(deployment, now));
        let known = usable.filter_map(|deployment| {
            let recent = deployment.load().recent(now)?;
            (recent.known() >= MIN_SAMPLES)
                .then(|| quantiles.map(|q| recent.quantile(q).expect("there are values")))
        });
        known.reduce(|shortest, other| std::array::from_fn(|i| shortest[i].min(other[i])))
    }

    /// Whether none of them may be used but to see whether it works again. Where all are down, a second
    /// copy is a second load on what is down.
    pub(super) fn is_down(&self, now: Instant) -> bool {
        !self.0.is_empty() && !self.0.iter().any(|deployment| is_ready(deployment, now))
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|d| d.id()))
            .finish()
    }
}

fn is_ready(deployment: &Deployment, now: Instant) -> bool {
    matches!(
        deployment.health().availability(now),
        Availability::Ready(_)
    )
}
