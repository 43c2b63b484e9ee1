use std::time::Duration;

use tokio::time::Instant;

/// Exact counts of what there was lately, in a ring of `N` buckets of 3 s each.
///
/// A share of exact counts does not depend on the rate of requests, as that of a moving average does.
#[derive(Clone, Debug)]
pub(super) struct Window<T, const N: usize> {
    epoch: Instant,
    buckets: [Bucket<T>; N],
}

/// How many outcomes of each kind.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Counts {
    pub(super) succeeded: u32,
    pub(super) throttled: u32,
    pub(super) failed: u32,
    /// How many of the successes came late.
    pub(super) slow: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bucket<T> {
    /// Which of all buckets since the epoch it is. A place of the ring has a new one with each round.
    number: u64,
    counts: T,
}

const WIDTH: Duration = Duration::from_secs(3);

impl<T: Copy + Default, const N: usize> Window<T, N> {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            epoch: now,
            buckets: [Bucket::default(); N],
        }
    }

    /// The counts of this moment, to be added to.
    pub(super) fn now(&mut self, now: Instant) -> &mut T {
        let number = self.number(now);
        let place = usize::try_from(number % N as u64).expect("less than the buckets");
        let bucket = &mut self.buckets[place];
        if bucket.number != number {
            *bucket = Bucket {
                number,
                counts: T::default(),
            };
        }
        &mut bucket.counts
    }

    /// The counts of the whole window, or a little less: it moves by whole buckets.
    pub(super) fn lately(&self, now: Instant) -> impl Iterator<Item = T> + '_ {
        let number = self.number(now);
        let recent = move |bucket: &&Bucket<T>| bucket.number + N as u64 > number;
        self.buckets
            .iter()
            .filter(recent)
            .map(|bucket| bucket.counts)
    }

    pub(super) fn clear(&mut self) {
        self.buckets = [Bucket::default(); N];
    }

    fn number(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.epoch).as_secs() / WIDTH.as_secs()
    }
}

impl<const N: usize> Window<Counts, N> {
    pub(super) fn sum(&self, now: Instant) -> Counts {
        self.lately(now).fold(Counts::default(), Counts::plus)
    }
}

impl Counts {
    pub(super) fn all(self) -> u32 {
        self.succeeded
            .saturating_add(self.throttled)
            .saturating_add(self.failed)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            succeeded: self.succeeded.saturating_add(other.succeeded),
            throttled: self.throttled.saturating_add(other.throttled),
            failed: self.failed.saturating_add(other.failed),
            slow: self.slow.saturating_add(other.slow),
        }
    }
}
