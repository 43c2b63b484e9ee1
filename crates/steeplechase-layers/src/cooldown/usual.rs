use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use steeplechase_core::Load;
use tokio::time::Instant;

use super::peers::{FRESH, Peers, Tail};

/// What is usual for a deployment, as far as it is known. Looked at for each attempt, and worked out
/// once a second.
#[derive(Debug)]
pub(super) struct Usual {
    peers: Arc<Peers>,
    /// Its place among the peers.
    index: Option<usize>,
    epoch: Instant,
    /// When it is to be worked out again. All times are microseconds, since the epoch or long.
    due: AtomicU64,
    /// The usual p95 of the deployment itself; zero if it is not known.
    own: AtomicU64,
    typical: AtomicU64,
    late: AtomicU64,
    patience: AtomicU64,
}

/// What takes so many times as long as usual is slow.
const FACTOR: u32 = 4;

/// What is faster than this is never slow.
const SLOW_MIN: Duration = Duration::from_secs(1);

/// What waits for less than this is never stuck.
const PATIENCE_MIN: Duration = Duration::from_secs(2);

/// The time in which what was usual is forgotten.
const MEMORY: Duration = Duration::from_secs(600);

/// What is not known.
const UNKNOWN: u64 = 0;

impl Usual {
    pub(super) fn new(peers: Arc<Peers>, load: &Arc<Load>, now: Instant) -> Self {
        Self {
            index: peers.index_of(load),
            peers,
            epoch: now,
            due: AtomicU64::new(0),
            own: AtomicU64::new(UNKNOWN),
            typical: AtomicU64::new(UNKNOWN),
            late: AtomicU64::new(UNKNOWN),
            patience: AtomicU64::new(UNKNOWN),
        }
    }

    pub(super) fn peers(&self) -> &Arc<Peers> {
        &self.peers
    }

    /// Half of the first contents of the others do not take longer.
    pub(super) fn typical(&self, now: Instant) -> Option<Duration> {
        self.look(now);
        known(&self.typical)
    }

    /// Nearly all first contents do not take longer, neither those of the others nor those of the
    /// deployment itself: one that was never any faster has its place in the group.
    pub(super) fn late(&self, now: Instant) -> Option<Duration> {
        self.look(now);
        known(&self.late)
    }

    /// A first content that takes longer is slow.
    pub(super) fn slow(&self, now: Instant) -> Option<Duration> {
        let late = self.late(now)?;
        Some(late.saturating_mul(FACTOR).max(SLOW_MIN))
    }

    /// Whoever waits longer for a first content is stuck.
    pub(super) fn patience(&self, now: Instant) -> Option<Duration> {
        self.look(now);
        known(&self.patience)
    }

    fn look(&self, now: Instant) {
        let elapsed = micros(now.saturating_duration_since(self.epoch));
        let due = self.due.load(Ordering::Relaxed);
        if elapsed < due {
            return;
        }
        // One of those that see that it is due works it out; the others go by what there is.
        let next = elapsed.saturating_add(micros(FRESH));
        let order = Ordering::Relaxed;
        if self.due.compare_exchange(due, next, order, order).is_ok() {
            // How long it is since the last time: it was due a second after it.
            let since = Duration::from_micros(elapsed - due) + FRESH;
            self.work_out(since, now);
        }
    }

    fn work_out(&self, since: Duration, now: Instant) {
        let (own, others) = self.peers.tails(self.index, now);
        if let Some(own) = own {
            self.learn(own.p95, since);
        }
        // One that has never answered has no place yet.
        let own_p95 = known(&self.own).unwrap_or_default();
        let late = others.map_or(UNKNOWN, |others| micros(others.p95.max(own_p95)));
        self.late.store(late, Ordering::Relaxed);

        let typical = others.map_or(UNKNOWN, |others| micros(others.p50));
        self.typical.store(typical, Ordering::Relaxed);

        let p99 = |tail: Option<Tail>| tail.map(|tail| tail.p99);
        let patience = p99(own).max(p99(others));
        let patience = patience.map_or(UNKNOWN, |p99| {
            micros(p99.saturating_mul(FACTOR).max(PATIENCE_MIN))
        });
        self.patience.store(patience, Ordering::Relaxed);
    }

    /// What is usual follows what is, in minutes: a deployment that gets slow is compared with what it
    /// was.
    fn learn(&self, p95: Duration, since: Duration) {
        let usual = match known(&self.own) {
            None => p95,
            Some(usual) => {
                let keep = (-since.as_secs_f64() / MEMORY.as_secs_f64()).exp();
                usual.mul_f64(keep) + p95.mul_f64(1.0 - keep)
            }
        };
        self.own.store(micros(usual), Ordering::Relaxed);
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn known(time: &AtomicU64) -> Option<Duration> {
    let micros = time.load(Ordering::Relaxed);
    (micros != UNKNOWN).then(|| Duration::from_micros(micros))
}
