//! What came out of one simulation.

use std::time::Duration;

use steeplechase::layers::route::WeightedShuffle;
use steeplechase::preset::{Group, Stack};

use super::drive::Outcome;
use super::settings::{Routing, Setting};
use super::upstream::{Books, Upstream, World, deployments};

/// What came out of one simulation.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub(crate) name: &'static str,
    /// How long first tokens took, of the calls that had one, in order.
    sorted: Vec<Duration>,
    pub(crate) calls: usize,
    started: u64,
    lost: u64,
}

/// What is too long for a caller, answered or not.
const TOO_LONG: Duration = Duration::from_secs(10);

/// The stack of a setting over a world with so many deployments.
pub(crate) fn stack<W: World>(
    setting: &Setting,
    upstream: &Upstream<W>,
    count: usize,
    max_in_flight: Option<u32>,
) -> Stack {
    let group = Group::new("fast", deployments(count, max_in_flight));
    let group = match setting.routing {
        Routing::Usual => group,
        Routing::Random => group.routing(WeightedShuffle::new()),
        Routing::Quickest => group.lowest_latency(),
        Routing::LeastBusy => group.least_busy(),
    };
    let preset = setting.preset.clone().group(group);
    preset.build(upstream.clone()).expect("the group is good")
}

#[allow(
    clippy::cast_precision_loss,
    reason = "there are fewer than 2^52 calls"
)]
impl Figures {
    pub(crate) fn new(name: &'static str, outcomes: &[Outcome], books: &Books) -> Self {
        let mut sorted: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.took).collect();
        sorted.sort_unstable();
        Self {
            name,
            sorted,
            calls: outcomes.len(),
            started: books.started(),
            lost: books.lost(),
        }
    }

    /// How long the first token took of all but a share of calls. `None` if some of those had none.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of what fits"
    )]
    pub(crate) fn quantile(&self, share: f64) -> Option<Duration> {
        let rank = (self.calls as f64 * share).ceil().max(1.0) as usize;
        self.sorted.get(rank - 1).copied()
    }

    /// The share of calls without a first token.
    pub(crate) fn failed(&self) -> f64 {
        1.0 - self.sorted.len() as f64 / self.calls as f64
    }

    /// The share of calls without a first token in ten seconds.
    pub(crate) fn bad(&self) -> f64 {
        let good = self.sorted.partition_point(|took| *took <= TOO_LONG);
        1.0 - good as f64 / self.calls as f64
    }

    /// How many more attempts than calls there were.
    pub(crate) fn extra(&self) -> f64 {
        self.started as f64 / self.calls as f64 - 1.0
    }

    /// What the losers cost, where input is half of the price of a call and they have said nothing.
    pub(crate) fn cost(&self) -> f64 {
        self.cost_at_most() / 2.0
    }

    /// What they cost where the provider goes on all the same.
    pub(crate) fn cost_at_most(&self) -> f64 {
        self.lost as f64 / self.calls as f64
    }
}
