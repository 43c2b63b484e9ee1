use std::sync::Arc;
use std::time::Duration;

use steeplechase_core::Deployment;
use steeplechase_layers::retry::RetryConfig;
use steeplechase_layers::route::{
    Affinity, CheapestFirst, HotCold, LeastBusy, LowestLatency, SloCheapest, Strategy, SuccessRate,
};

/// The deployments that serve a model, and how one of them is picked.
#[derive(Clone, Debug)]
pub struct Group {
    pub(crate) model: Arc<str>,
    pub(crate) deployments: Vec<Arc<Deployment>>,
    pub(crate) routing: Arc<dyn Strategy>,
    pub(crate) retry: Option<RetryConfig>,
    pub(crate) hidden: bool,
    /// Whether its tags count, if it knows better than the preset.
    pub(crate) tags: Option<bool>,
    /// After how long a silence its callers get a sign of life, zero for never, if it knows better than the preset.
    pub(crate) keepalive: Option<Duration>,
    /// Whether a call may say so itself.
    pub(crate) callers_keepalive: bool,
}

impl Group {
    /// A group of whose deployments the quickest that is not the busiest is picked, or the one that has had the same
    /// conversation before: [`HotCold`] with [`Affinity`].
    pub fn new(
        model: impl Into<Arc<str>>,
        deployments: impl IntoIterator<Item = Arc<Deployment>>,
    ) -> Self {
        Self {
            model: model.into(),
            deployments: deployments.into_iter().collect(),
            routing: Arc::new(Affinity::or(HotCold::new())),
            retry: None,
            hidden: false,
            tags: None,
            keepalive: None,
            callers_keepalive: false,
        }
    }

    /// Picks with another strategy.
    #[must_use]
    pub fn routing(mut self, strategy: impl Strategy + 'static) -> Self {
        self.routing = Arc::new(strategy);
        self
    }

    /// Picks the deployment with the lowest latency to the first content.
    #[must_use]
    pub fn lowest_latency(self) -> Self {
        self.routing(LowestLatency::new())
    }

    /// Picks the deployment with the fewest calls in flight.
    #[must_use]
    pub fn least_busy(self) -> Self {
        self.routing(LeastBusy::new())
    }

    /// Picks the quickest of the deployments that are not the busiest.
    #[must_use]
    pub fn hot_cold(self) -> Self {
        self.routing(HotCold::new())
    }

    /// Picks the deployment at which the call is the cheapest.
    #[must_use]
    pub fn cheapest_first(self) -> Self {
        self.routing(CheapestFirst::new())
    }

    /// Picks the cheapest deployment whose first content comes within `bound`; if none does, the quickest.
    #[must_use]
    pub fn cheapest_within(self, bound: Duration) -> Self {
        self.routing(SloCheapest::new(bound))
    }

    /// Picks at random, by weight and by how many calls have succeeded lately.
    #[must_use]
    pub fn success_rate(self) -> Self {
        self.routing(SuccessRate::new())
    }

    /// Keeps the calls of a conversation at the same deployment, for its cache of prompts, and otherwise picks
    /// as before.
    #[must_use]
    pub fn keep_conversations(mut self) -> Self {
        self.routing = Arc::new(Affinity::or(self.routing));
        self
    }

    /// Tries again otherwise than the other groups.
    #[must_use]
    pub fn retry(mut self, retry: RetryConfig) -> Self {
        self.retry = Some(retry);
        self
    }

    /// When a failed attempt is tried again, if that is as in other groups where the group says nothing.
    pub(crate) fn retry_or(&self, others: RetryConfig) -> RetryConfig {
        let own = self.deployments.iter().filter_map(|one| one.num_retries());
        let retry = self.retry.unwrap_or(others);
        retry.own_retries(own.max().unwrap_or(0))
    }

    /// Sets whether the tags of its deployments count, whatever the preset says. See [`Tags`](crate::eligible::Tags).
    #[must_use]
    pub fn filters_tags(mut self, filters: bool) -> Self {
        self.tags = Some(filters);
        self
    }

    /// Sets after how long a silence of a stream its callers get a sign of life, whatever the preset says. Zero for
    /// never.
    #[must_use]
    pub fn keepalive(mut self, after: Duration) -> Self {
        self.keepalive = Some(after);
        self
    }

    /// Sets whether a call may say that for itself. It may not bring back what was turned off for the group.
    #[must_use]
    pub fn callers_keepalive(mut self, may: bool) -> Self {
        self.callers_keepalive = may;
        self
    }

    /// Leaves the group out of lists of models. It can be used all the same.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }
}
