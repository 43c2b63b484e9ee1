//! What the breakers of a group know of each other.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use metrics::{Gauge, gauge};
use steeplechase_core::deployment::{Availability, Turns};
use steeplechase_core::{Deployment, Health, Load};
use tokio::time::Instant;

use super::metrics::EJECTED;

/// The deployments of a group, as their breakers know each other.
///
/// * How many of them are left alone: at most half are, unless the rest have had no success either.
/// * How long the others take to their first content, so that each can be compared with them.
///
/// Made once for a group, and given to each [`CooldownLayer`](super::CooldownLayer) of it.
pub struct Peers {
    loads: Box<[Arc<Load>]>,
    /// The places of the loads, and whose turn it is to be looked at.
    places: Box<[usize]>,
    turns: Turns,
    healths: Box<[Arc<Health>]>,
    most: u32,
    ejected: AtomicU32,
    share: Gauge,
    spread: Mutex<Spread>,
}

/// How the latest times to the first content are spread, of each deployment.
#[derive(Debug)]
struct Spread {
    /// When it was looked at.
    at: Option<Instant>,
    of: Box<[Option<Tail>]>,
    /// The middle of all.
    middle: Option<Tail>,
}

/// Quantiles of the latest times to the first content.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Tail {
    pub(super) p50: Duration,
    pub(super) p95: Duration,
    pub(super) p99: Duration,
}

/// The place of an open circuit among those that may be. Dropping it gives it back.
pub(super) struct Ejected(Arc<Peers>);

/// How long what was worked out is good for.
pub(super) const FRESH: Duration = Duration::from_secs(1);

/// Of more than these, one makes no difference to the middle of all.
const MANY: usize = 16;

/// Fewer than these have no tail.
const MIN_SAMPLES: u64 = 20;

// ===== impl Peers =====

impl Peers {
    /// Those of a group, which is named in the metrics.
    pub fn of<'a>(
        group: &Arc<str>,
        deployments: impl IntoIterator<Item = &'a Arc<Deployment>>,
    ) -> Arc<Self> {
        let of = |one: &Arc<Deployment>| (Arc::clone(one.load()), Arc::clone(one.health()));
        let (loads, healths): (Vec<_>, Vec<_>) = deployments.into_iter().map(of).unzip();
        Arc::new(Self {
            most: u32::try_from(loads.len() / 2).unwrap_or(u32::MAX).max(1),
            ejected: AtomicU32::new(0),
            share: gauge!(EJECTED, "group" => Arc::clone(group)),
            spread: Mutex::new(Spread {
                at: None,
                of: vec![None; loads.len()].into(),
                middle: None,
            }),
            places: (0..loads.len()).collect(),
            turns: Turns::new(),
            loads: loads.into(),
            healths: healths.into(),
        })
    }

    /// How many circuits are open, those half open included.
    pub fn ejected(&self) -> u32 {
        self.ejected.load(Ordering::Relaxed)
    }

    /// Whether there is only one.
    pub(super) fn is_lone(&self) -> bool {
        self.loads.len() < 2
    }

    /// Takes a place for an open circuit, if half of the group or less will be open then. By `force` in
    /// any case.
    pub(super) fn eject(self: &Arc<Self>, force: bool) -> Option<Ejected> {
        let more = |n: u32| (force || n < self.most).then(|| n.saturating_add(1));
        let order = Ordering::Relaxed;
        let before = self.ejected.fetch_update(order, order, more).ok()?;
        self.publish(before + 1);
        Some(Ejected(Arc::clone(self)))
    }

    /// Whether one of them can be done without: with it, at most half of the group cannot be used.
    pub(super) fn can_spare(&self, health: &Arc<Health>, now: Instant) -> bool {
        let is_out = |other: &&Arc<Health>| {
            let availability = other.availability(now);
            !Arc::ptr_eq(other, health) && matches!(availability, Availability::Closed { .. })
        };
        let mut out = self.healths.iter().filter(is_out);
        let most = self.most.saturating_sub(1) as usize;
        !self.is_lone() && out.nth(most).is_none()
    }

    /// The place of a deployment among them.
    pub(super) fn index_of(&self, load: &Arc<Load>) -> Option<usize> {
        self.loads.iter().position(|other| Arc::ptr_eq(other, load))
    }

    /// The tail of one deployment, and the middle of those of the others.
    pub(super) fn tails(&self, of: Option<usize>, now: Instant) -> (Option<Tail>, Option<Tail>) {
        let mut spread = self.spread();
        if spread.at.is_none_or(|at| at + FRESH <= now) {
            // Those who ask meanwhile get the old ones, and do not wait.
            spread.at = Some(now);
            let mut of = spread.of.clone();
            drop(spread);
            // Of a large group some in turn: all of them would take a request milliseconds.
            for &place in self.turns.of(&self.places) {
                of[place] = Tail::of(&self.loads[place], now);
            }
            let middle = Tail::middle(of.iter().flatten().copied());
            spread = self.spread();
            spread.middle = middle;
            spread.of = of;
        }
        let own = of.and_then(|index| spread.of[index]);
        if self.loads.len() > MANY {
            return (own, spread.middle);
        }
        let others = spread.of.iter().enumerate();
        let others = others.filter(|(index, _)| Some(*index) != of);
        (own, Tail::middle(others.filter_map(|(_, tail)| *tail)))
    }

    fn spread(&self) -> MutexGuard<'_, Spread> {
        // No code that can panic runs under the lock.
        self.spread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[allow(clippy::cast_precision_loss, reason = "a group is small")]
    fn publish(&self, ejected: u32) {
        let all = self.loads.len().max(1) as f64;
        self.share.set(f64::from(ejected) / all);
    }
}

impl fmt::Debug for Peers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peers")
            .field("ejected", &self.ejected())
            .field("of", &self.loads.len())
            .finish_non_exhaustive()
    }
}

// ===== impl Tail =====

impl Tail {
    fn of(load: &Load, now: Instant) -> Option<Self> {
        let recent = load.recent(now).filter(|all| all.known() >= MIN_SAMPLES)?;
        Some(Self {
            p50: recent.quantile(0.5)?,
            p95: recent.quantile(0.95)?,
            p99: recent.quantile(0.99)?,
        })
    }

    /// The middle, so that one that is slow too does not make it usual. Of two in the middle it is
    /// the slower.
    fn middle(all: impl Iterator<Item = Self>) -> Option<Self> {
        let all: Vec<_> = all.collect();
        let middle = |time: fn(&Self) -> Duration| {
            let mut times: Vec<_> = all.iter().map(time).collect();
            times.sort_unstable();
            times.get(times.len() / 2).copied()
        };
        Some(Self {
            p50: middle(|tail| tail.p50)?,
            p95: middle(|tail| tail.p95)?,
            p99: middle(|tail| tail.p99)?,
        })
    }
}

// ===== impl Ejected =====

impl Drop for Ejected {
    fn drop(&mut self) {
        let before = self.0.ejected.fetch_sub(1, Ordering::Relaxed);
        self.0.publish(before - 1);
    }
}

impl fmt::Debug for Ejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ejected").finish()
    }
}
