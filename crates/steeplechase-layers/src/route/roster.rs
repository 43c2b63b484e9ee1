use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use steeplechase_core::Deployment;

use super::alias::Alias;
use super::{Sampling, Strategy, hash};

/// The deployments of a group, with all that can be found out about them when the group is built.
#[derive(Debug)]
pub(super) struct Roster {
    deployments: Arc<[Arc<Deployment>]>,
    /// A number for the provider of each.
    providers: Box<[u16]>,
    /// How many providers there are.
    provider_count: usize,
    /// A hash of the id of each.
    marks: Box<[u64]>,
    /// The place of each by its key, sorted.
    places: Box<[(u32, u32)]>,
    sampling: Sampling,
    /// From the lowest order on. Empty if the group is looked at whole.
    ranks: Box<[Rank]>,
}

/// The deployments of one order.
#[derive(Debug)]
pub(super) struct Rank {
    /// Their places in the group, sorted as the sampling needs it.
    pub(super) members: Box<[u32]>,
    pub(super) alias: Option<Alias>,
}

/// Which deployments a request has been to.
#[derive(Debug, Default)]
pub(super) struct Tried {
    keys: Few<u32>,
    /// The providers of those of this group. None if there are no others.
    providers: Few<u16>,
    /// Whether any of them is of this group.
    any: bool,
}

/// The last few of several.
#[derive(Debug, Default)]
struct Few<T> {
    items: [T; FEW],
    len: usize,
}

/// More attempts than a request can have.
const FEW: usize = 8;

// ===== impl Roster =====

impl Roster {
    pub(super) fn new<St>(deployments: Arc<[Arc<Deployment>]>, strategy: &St) -> Self
    where
        St: Strategy + ?Sized,
    {
        let mut numbers = HashMap::new();
        let providers = deployments.iter().map(|deployment| {
            let next = u16::try_from(numbers.len()).unwrap_or(u16::MAX);
            *numbers.entry(deployment.provider()).or_insert(next)
        });
        let providers = providers.collect();
        let provider_count = numbers.len();
        let keys = deployments.iter().map(|deployment| deployment.key());
        let mut places: Box<[_]> = keys.zip(0..).collect();
        places.sort_unstable();
        let marks = deployments.iter().map(|it| hash::of(it.id().as_bytes()));
        let mut roster = Self {
            providers,
            provider_count,
            marks: marks.collect(),
            places,
            sampling: strategy.sampling(),
            ranks: Box::default(),
            deployments,
        };
        if roster.deployments.len() > Sampling::SMALL && roster.sampling != Sampling::Whole {
            roster.ranks = roster.by_order(strategy);
        }
        roster
    }

    fn by_order<St: Strategy + ?Sized>(&self, strategy: &St) -> Box<[Rank]> {
        let mut orders: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        for (place, deployment) in (0..).zip(self.deployments.iter()) {
            orders.entry(deployment.order()).or_default().push(place);
        }
        let ranks = orders.into_values().map(|mut members| {
            let mut alias = None;
            match self.sampling {
                Sampling::Weighted => {
                    let weights = members.iter().map(|at| self.at(*at).weight());
                    alias = Alias::new(&weights.collect::<Box<[_]>>());
                }
                Sampling::Ranked(_) => {
                    let rank = |at: &u32| strategy.rank(self.at(*at));
                    members.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
                }
                Sampling::Keyed(_) => members.sort_by_key(|at| self.marks[*at as usize]),
                Sampling::Whole | Sampling::Uniform(_) => {}
            }
            Rank {
                members: members.into(),
                alias,
            }
        });
        ranks.collect()
    }

    fn at(&self, place: u32) -> &Deployment {
        &self.deployments[place as usize]
    }

    pub(super) fn deployments(&self) -> &Arc<[Arc<Deployment>]> {
        &self.deployments
    }

    pub(super) fn sampling(&self) -> Sampling {
        self.sampling
    }

    pub(super) fn ranks(&self) -> &[Rank] {
        &self.ranks
    }

    /// A hash of the id of the deployment at `index`.
    pub(super) fn mark(&self, index: usize) -> u64 {
        self.marks[index]
    }

    /// Which of the deployments with these keys are of the group, and whose they are.
    pub(super) fn tried(&self, keys: &[u32]) -> Tried {
        let mut tried = Tried::default();
        for key in keys {
            tried.keys.push(*key);
            let place = self.places.binary_search_by_key(key, |(key, _)| *key);
            if let Ok(place) = place {
                tried.any = true;
                let provider = self.providers[self.places[place].1 as usize];
                if !tried.providers.contains(provider) {
                    tried.providers.push(provider);
                }
            }
        }
        if tried.providers.len >= self.provider_count {
            tried.providers.len = 0;
        }
        tried
    }

    /// Whether the deployment at `index` is of a provider that has not been tried. One without weight is for
    /// when there is no other, and so is no better for being somebody else's.
    pub(super) fn is_elsewhere(&self, index: usize, tried: &Tried) -> bool {
        tried.providers.len == 0
            || (self.deployments[index].weight() > 0.0
                && !tried.providers.contains(self.providers[index]))
    }
}

// ===== impl Rank =====

impl Rank {
    pub(super) fn is_small(&self) -> bool {
        self.members.len() <= Sampling::SMALL
    }
}

// ===== impl Tried =====

impl Tried {
    pub(super) fn contains(&self, deployment: &Deployment) -> bool {
        self.keys.contains(deployment.key())
    }

    /// Whether any of them is of this group.
    pub(super) fn any(&self) -> bool {
        self.any
    }
}

// ===== impl Few =====

impl<T: Copy + PartialEq> Few<T> {
    fn push(&mut self, item: T) {
        if self.len == FEW {
            self.items.rotate_left(1);
            self.len -= 1;
        }
        self.items[self.len] = item;
        self.len += 1;
    }

    fn contains(&self, item: T) -> bool {
        self.items[..self.len].contains(&item)
    }
}
