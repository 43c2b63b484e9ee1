use std::sync::atomic::{AtomicU64, Ordering};

/// What fills up evenly, and is taken from: requests, or tokens.
///
/// All of it is one number, the time at which it is full. To take something moves that on by the time in
/// which as much comes in; there is enough as long as it stays within the time in which an empty one fills
/// up. Times are in nanoseconds since whatever the owner counts from.
#[derive(Debug)]
pub(super) struct Bucket {
    /// What is in a full one.
    limit: AtomicU64,
    /// How long an empty one takes to fill up. Zero if nothing is known, and then there is always enough.
    period: AtomicU64,
    full_at: AtomicU64,
}

/// Why there is not enough in a bucket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Short {
    /// There is at this time, if nobody else takes of it.
    Until(u64),
    /// Not even a full one has as much. Its limit.
    Never(u64),
}

impl Bucket {
    /// A full one.
    pub(super) const fn new(limit: u64, period: u64) -> Self {
        Self {
            limit: AtomicU64::new(limit),
            period: AtomicU64::new(period),
            full_at: AtomicU64::new(0),
        }
    }

    /// One of which nothing is known.
    pub(super) const fn unknown() -> Self {
        Self::new(0, 0)
    }

    /// Says anew all that is to be known of it. Who looks in between sees a part of it, which is as good as
    /// what was said before.
    pub(super) fn set(&self, limit: u64, period: u64, full_at: u64) {
        self.limit.store(limit, Ordering::Relaxed);
        self.period.store(period, Ordering::Relaxed);
        self.full_at.store(full_at, Ordering::Relaxed);
    }

    pub(super) fn limit(&self) -> u64 {
        self.limit.load(Ordering::Relaxed)
    }

    fn period(&self) -> u64 {
        self.period.load(Ordering::Relaxed)
    }

    fn full_at(&self) -> u64 {
        self.full_at.load(Ordering::Relaxed)
    }

    /// The time in which so much comes in, rounded up.
    fn cost(&self, amount: u64) -> u64 {
        let time = u128::from(amount) * u128::from(self.period());
        match self.limit() {
            0 if time > 0 => u64::MAX,
            0 => 0,
            limit => u64::try_from(time.div_ceil(limit.into())).unwrap_or(u64::MAX),
        }
    }

    /// Whether there is so much in it.
    pub(super) fn has(&self, amount: u64, now: u64) -> Result<(), Short> {
        let (period, cost) = (self.period(), self.cost(amount));
        self.after(self.full_at(), period, cost, now).map(drop)
    }

    /// Takes so much, if it is there.
    pub(super) fn try_take(&self, amount: u64, now: u64) -> Result<(), Short> {
        let (period, cost) = (self.period(), self.cost(amount));
        let mut full_at = self.full_at();
        loop {
            let next = self.after(full_at, period, cost, now)?;
            let set = self.full_at.compare_exchange_weak(
                full_at,
                next,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            match set {
                Ok(_) => return Ok(()),
                Err(other) => full_at = other,
            }
        }
    }

    /// When it is full after something was taken.
    fn after(&self, full_at: u64, period: u64, cost: u64, now: u64) -> Result<u64, Short> {
        if cost > period {
            return Err(Short::Never(self.limit()));
        }
        let next = full_at.max(now).saturating_add(cost);
        if next > now.saturating_add(period) {
            return Err(Short::Until(next - period));
        }
        Ok(next)
    }

    /// Takes so much, whether or not it is there. It owes no more than is in a full one.
    pub(super) fn take(&self, amount: u64, now: u64) {
        self.shift(self.cost(amount), 0, now);
    }

    /// What was taken is found to be another amount.
    pub(super) fn correct(&self, taken: u64, used: u64, now: u64) {
        self.shift(self.cost(used), self.cost(taken), now);
    }

    fn shift(&self, more: u64, less: u64, now: u64) {
        let most = now.saturating_add(self.period().saturating_mul(2));
        let shift = |full_at: u64| {
            if more < less {
                return Some(full_at.saturating_sub(less - more));
            }
            let old = full_at.max(now);
            let new = old.saturating_add(more - less);
            (new > old).then(|| new.min(most.max(old)))
        };
        // Where nothing changes, nothing is written.
        _ = self
            .full_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, shift);
    }

    /// The share that is left in it, from 0 to 1.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "it is a share, and not an amount"
    )]
    pub(super) fn left(&self, now: u64) -> f32 {
        let (period, limit) = (self.period(), self.limit());
        if period == 0 {
            return 1.0;
        }
        if limit == 0 {
            return 0.0;
        }
        let missing = self.full_at().saturating_sub(now).min(period);
        ((period - missing) as f64 / period as f64) as f32
    }
}
