use std::sync::atomic::{AtomicU64, Ordering};

/// One hedge, in the bucket's unit. A sum of floats would drift.
const TOKEN: u64 = 1_000_000;

/// How many hedges may be sent: each request puts in a share of one, each hedge takes out a whole one.
#[derive(Debug)]
pub(super) struct Bucket {
    level: AtomicU64,
    deposit: u64,
    cap: u64,
}

impl Bucket {
    /// A bucket that is full.
    pub(super) fn new(share: f64, burst: u16) -> Self {
        let deposit = millionths(share);
        // A share of nothing is a bucket of nothing.
        let cap = if deposit == 0 {
            0
        } else {
            u64::from(burst) * TOKEN
        };
        Self {
            level: AtomicU64::new(cap),
            deposit,
            cap,
        }
    }

    /// Counts a request.
    pub(super) fn deposit(&self) {
        self.add(self.deposit);
    }

    /// Takes out one hedge, if it is there.
    pub(super) fn try_withdraw(&self) -> bool {
        let take = |level: u64| level.checked_sub(TOKEN);
        self.level
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok()
    }

    /// Puts back a hedge that was not sent.
    pub(super) fn refund(&self) {
        self.add(TOKEN);
    }

    /// Whether less than half of the bucket is there.
    pub(super) fn is_scarce(&self) -> bool {
        self.level.load(Ordering::Relaxed) * 2 < self.cap
    }

    fn add(&self, amount: u64) {
        let fill = |level: u64| (level < self.cap).then(|| (level + amount).min(self.cap));
        // An error says that it was full.
        let _ = self
            .level
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fill);
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a small positive range; NaN becomes zero"
)]
fn millionths(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * 1e6).round() as u64
}
