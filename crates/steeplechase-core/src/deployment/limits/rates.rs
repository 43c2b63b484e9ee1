use tokio::time::Instant;

use super::Full;
use super::bucket::{Bucket, Short};
use super::provider::{later, nanos};

/// What may be used in a minute.
#[derive(Debug)]
pub(super) struct Rates {
    epoch: Instant,
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
}

/// In nanoseconds.
const MINUTE: u64 = 60_000_000_000;

// ===== impl Rates =====

impl Rates {
    /// None yet, counted from `epoch`.
    pub(super) const fn new(epoch: Instant) -> Self {
        Self {
            epoch,
            requests: None,
            tokens: None,
        }
    }

    pub(super) const fn limit_requests(&mut self, requests: u64) {
        self.requests = Some(Bucket::new(requests, MINUTE));
    }

    pub(super) const fn limit_tokens(&mut self, tokens: u64) {
        self.tokens = Some(Bucket::new(tokens, MINUTE));
    }

    pub(super) fn requests(&self) -> Option<u64> {
        self.requests.as_ref().map(Bucket::limit)
    }

    pub(super) fn tokens(&self) -> Option<u64> {
        self.tokens.as_ref().map(Bucket::limit)
    }

    fn at(&self, now: Instant) -> u64 {
        nanos(now.saturating_duration_since(self.epoch))
    }

    fn full(&self, needs: u64, short: Short) -> Full {
        match short {
            Short::Until(at) => Full::Until(later(self.epoch, at)),
            Short::Never(limit) => Full::Never { needs, limit },
        }
    }

    /// Whether there is one request, and that many tokens. If both are missing, the later of the two counts.
    pub(super) fn has(&self, tokens: u64, now: Instant) -> Result<(), Full> {
        let at = self.at(now);
        let look = |bucket: &Option<Bucket>, amount| match bucket {
            Some(bucket) => bucket
                .has(amount, at)
                .map_err(|short| self.full(amount, short)),
            None => Ok(()),
        };
        // One that needs no token still has no room where there are none.
        match (look(&self.requests, 1), look(&self.tokens, tokens.max(1))) {
            (Err(Full::Until(one)), Err(Full::Until(other))) => Err(Full::Until(one.max(other))),
            (_, Err(never @ Full::Never { .. })) => Err(never),
            (requests, tokens) => requests.and(tokens),
        }
    }

    pub(super) fn reserve(&self, tokens: u64, now: Instant) -> Result<(), Full> {
        self.has(tokens, now)?;
        let at = self.at(now);
        let take = |bucket: &Option<Bucket>, amount| match bucket {
            Some(bucket) => bucket
                .try_take(amount, at)
                .map_err(|short| self.full(amount, short)),
            None => Ok(()),
        };
        take(&self.requests, 1)?;
        // Somebody else was quicker.
        take(&self.tokens, tokens).inspect_err(|_| self.unsent(now))
    }

    pub(super) fn settle(&self, reserved: u64, used: u64, now: Instant) {
        if let Some(bucket) = &self.tokens {
            bucket.correct(reserved, used, self.at(now));
        }
    }

    /// Gives a request back.
    pub(super) fn unsent(&self, now: Instant) {
        if let Some(bucket) = &self.requests {
            bucket.correct(1, 0, self.at(now));
        }
    }

    pub(super) fn left(&self, now: Instant) -> f32 {
        let at = self.at(now);
        let each = [&self.requests, &self.tokens].into_iter().flatten();
        each.map(|bucket| bucket.left(at)).fold(1.0, f32::min)
    }
}
