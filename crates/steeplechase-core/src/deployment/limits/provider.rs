use std::time::Duration;

use tokio::time::Instant;

use super::bucket::{Bucket, Short};

/// What a provider has said in an answer of its own limits, as of that answer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Headroom {
    /// Requests.
    pub requests: Quota,
    /// Tokens, both ways together.
    pub tokens: Quota,
    /// Tokens of prompts.
    pub input_tokens: Quota,
    /// Tokens of answers.
    pub output_tokens: Quota,
}

/// What a provider has said of one of its limits. Nothing of it has to be known, or to make sense.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Quota {
    /// How much there is when nothing has been used.
    pub limit: Option<u64>,
    /// How much is left.
    pub remaining: Option<u64>,
    /// How long it takes until all of it is there again.
    pub reset: Option<Duration>,
}

/// What was said last, and what was sent since.
#[derive(Debug)]
pub(super) struct Said {
    epoch: Instant,
    requests: Bucket,
    tokens: Bucket,
    input_tokens: Bucket,
    output_tokens: Bucket,
}

/// What limits are for if it is not said.
const MINUTE: Duration = Duration::from_secs(60);

/// The longest time in which a limit is believed to be there again.
const LONGEST: Duration = Duration::from_secs(300);

/// The longest time that a limit is believed to be for.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

// ===== impl Headroom =====

impl Headroom {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

// ===== impl Quota =====

impl Quota {
    /// As a bucket: its limit, how long it takes to fill up, and how long it is until it is full. `None` if
    /// nobody can tell.
    fn bucket(&self) -> Option<(u64, Duration, Duration)> {
        let remaining = self.remaining?;
        let reset = self.reset.map(|reset| reset.min(LONGEST));
        let Some(limit) = self.limit.filter(|limit| *limit > 0) else {
            let reset = reset.filter(|reset| !reset.is_zero())?;
            // What is left has to do until the reset.
            return Some(match remaining {
                0 => (1, reset, reset),
                _ => (remaining, reset, Duration::ZERO),
            });
        };
        let used = limit.saturating_sub(remaining);
        if used == 0 || reset == Some(Duration::ZERO) {
            return Some((limit, MINUTE, Duration::ZERO));
        }
        let Some(reset) = reset else {
            return Some((limit, MINUTE, scaled(MINUTE, used, limit)));
        };
        // What was used comes in until the reset.
        let period = scaled(reset, limit, used).clamp(reset, DAY);
        Some((limit, period, reset))
    }
}

fn scaled(time: Duration, by: u64, of: u64) -> Duration {
    let nanos = time.as_nanos() * u128::from(by) / u128::from(of.max(1));
    u64::try_from(nanos).map_or(Duration::MAX, Duration::from_nanos)
}

pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

// ===== impl Said =====

impl Said {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            epoch: now,
            requests: Bucket::unknown(),
            tokens: Bucket::unknown(),
            input_tokens: Bucket::unknown(),
            output_tokens: Bucket::unknown(),
        }
    }

    fn at(&self, now: Instant) -> u64 {
        nanos(now.saturating_duration_since(self.epoch))
    }

    pub(super) fn update(&self, headroom: &Headroom, now: Instant) {
        let now = self.at(now);
        for (bucket, quota) in [
            (&self.requests, &headroom.requests),
            (&self.tokens, &headroom.tokens),
            (&self.input_tokens, &headroom.input_tokens),
            (&self.output_tokens, &headroom.output_tokens),
        ] {
            if let Some((limit, period, reset)) = quota.bucket() {
                bucket.set(limit, nanos(period), now.saturating_add(nanos(reset)));
            }
        }
    }

    fn each(&self, input: u64, output: u64) -> [(&Bucket, u64); 4] {
        [
            (&self.requests, 1),
            (&self.tokens, input.saturating_add(output)),
            (&self.input_tokens, input),
            (&self.output_tokens, output),
        ]
    }

    /// Whether the provider is likely to take that much. When it will be, if it is not.
    ///
    /// What is more than all it ever has is for the provider to refuse: it counts better.
    pub(super) fn has(&self, input: u64, output: u64, now: Instant) -> Result<(), Instant> {
        let at = self.at(now);
        let short =
            self.each(input, output)
                .into_iter()
                .filter_map(
                    |(bucket, amount)| match bucket.has(amount.min(bucket.limit()), at) {
                        Err(Short::Until(until)) => Some(until),
                        Ok(()) | Err(Short::Never(_)) => None,
                    },
                );
        match short.max() {
            None => Ok(()),
            Some(until) => Err(later(self.epoch, until)),
        }
    }

    /// Takes off what is sent.
    pub(super) fn take(&self, input: u64, output: u64, now: Instant) {
        let at = self.at(now);
        for (bucket, amount) in self.each(input, output) {
            bucket.take(amount, at);
        }
    }

    pub(super) fn left(&self, now: Instant) -> f32 {
        let at = self.at(now);
        let each = self.each(0, 0).into_iter();
        each.map(|(bucket, _)| bucket.left(at)).fold(1.0, f32::min)
    }
}

/// So many nanoseconds after a time.
pub(super) fn later(epoch: Instant, nanos: u64) -> Instant {
    let after = Duration::from_nanos(nanos);
    epoch.checked_add(after).unwrap_or(epoch)
}
