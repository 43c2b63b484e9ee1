use std::time::Duration;

use tokio::time::Instant;

/// How many outcomes of each kind there were lately: exact counts, in a ring of buckets.
///
/// A share of exact counts does not depend on the rate of requests, as that of a moving average does.
#[derive(Clone, Debug)]
pub(super) struct Window {
    epoch: Instant,
    buckets: [Bucket; BUCKETS],
}

/// How many outcomes of each kind.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Counts {
    pub(super) succeeded: u32,
    pub(super) throttled: u32,
    pub(super) failed: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    /// Which of all buckets since the epoch it is. A place of the ring has a new one every 30 s.
    number: u64,
    counts: Counts,
}

const BUCKETS: usize = 10;
const WIDTH: Duration = Duration::from_secs(3);

impl Window {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            epoch: now,
            buckets: [Bucket::default(); BUCKETS],
        }
    }

    /// The counts of this moment, to be added to.
    pub(super) fn now(&mut self, now: Instant) -> &mut Counts {
        let number = self.number(now);
        let place = usize::try_from(number % BUCKETS as u64).expect("less than the buckets");
        let bucket = &mut self.buckets[place];
        if bucket.number != number {
            *bucket = Bucket {
                number,
                counts: Counts::default(),
            };
        }
        &mut bucket.counts
    }

    /// The sum of the counts of the last 30 s, or a little less: it moves by whole buckets.
    pub(super) fn sum(&self, now: Instant) -> Counts {
        let number = self.number(now);
        let recent = |bucket: &&Bucket| bucket.number + BUCKETS as u64 > number;
        let buckets = self.buckets.iter().filter(recent);
        buckets.fold(Counts::default(), |sum, bucket| sum.plus(bucket.counts))
    }

    pub(super) fn clear(&mut self) {
        self.buckets = [Bucket::default(); BUCKETS];
    }

    fn number(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.epoch).as_secs() / WIDTH.as_secs()
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
        }
    }
}
