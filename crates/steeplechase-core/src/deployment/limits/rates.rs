use tokio::time::Instant;

use super::bucket::{Bucket, Short};
use super::daily::{Daily, Days};
use super::provider::{later, nanos};
use super::{Full, Measure};

/// What may be used in a minute, and in a day.
#[derive(Debug)]
pub(super) struct Rates {
    epoch: Instant,
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    input: Option<Bucket>,
    output: Option<Bucket>,
    daily: Option<Daily>,
}

/// What was taken for a request, apart from being one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Taken {
    /// Tokens of its prompt.
    pub(super) input: u64,
    /// Tokens of its answer.
    pub(super) output: u64,
    /// The day of which it was taken.
    day: u16,
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
            input: None,
            output: None,
            daily: None,
        }
    }

    pub(super) fn set(&mut self, of: Measure, limit: u64) {
        let bucket = Some(Bucket::new(limit, MINUTE));
        match of {
            Measure::RequestsPerMinute => self.requests = bucket,
            Measure::TokensPerMinute => self.tokens = bucket,
            Measure::InputPerMinute => self.input = bucket,
            Measure::OutputPerMinute => self.output = bucket,
            Measure::RequestsPerDay => self.daily_mut().limit_requests(limit),
            Measure::TokensPerDay => self.daily_mut().limit_tokens(limit),
        }
    }

    pub(super) fn set_days(&mut self, days: Days) {
        self.daily_mut().set_days(days);
    }

    fn daily_mut(&mut self) -> &mut Daily {
        let daily = || Daily::new(Days::default());
        self.daily.get_or_insert_with(daily)
    }

    pub(super) fn limit(&self, of: Measure) -> Option<u64> {
        let bucket = |bucket: &Option<Bucket>| bucket.as_ref().map(Bucket::limit);
        let daily = self.daily.as_ref();
        match of {
            Measure::RequestsPerMinute => bucket(&self.requests),
            Measure::TokensPerMinute => bucket(&self.tokens),
            Measure::InputPerMinute => bucket(&self.input),
            Measure::OutputPerMinute => bucket(&self.output),
            Measure::RequestsPerDay => daily.and_then(Daily::requests),
            Measure::TokensPerDay => daily.and_then(Daily::tokens),
        }
    }

    pub(super) fn counts_tokens(&self) -> bool {
        let is_counted = |of: &Measure| of.is_of_tokens() && self.limit(*of).is_some();
        Measure::ALL.iter().any(is_counted)
    }

    pub(super) fn days(&self) -> Option<&Days> {
        self.daily.as_ref().map(Daily::days)
    }

    /// Whether it lets through as much as `other` does, whatever is used.
    pub(super) fn has_settings_of(&self, other: &Self) -> bool {
        let begin = |rates: &Self| rates.days().map(Days::begin);
        Measure::ALL
            .iter()
            .all(|of| self.limit(*of) == other.limit(*of))
            && begin(self) == begin(other)
    }

    fn at(&self, now: Instant) -> u64 {
        nanos(now.saturating_duration_since(self.epoch))
    }

    fn full(&self, needs: u64, short: Short, of: Measure) -> Full {
        match short {
            Short::Until(at) => Full::Until(later(self.epoch, at)),
            Short::Never(limit) => Full::Never { needs, limit, of },
        }
    }

    /// What a request takes of each bucket.
    fn each(&self, input: u64, output: u64) -> [(Option<&Bucket>, u64, Measure); 4] {
        let tokens = input.saturating_add(output);
        [
            (self.requests.as_ref(), 1, Measure::RequestsPerMinute),
            (self.tokens.as_ref(), tokens, Measure::TokensPerMinute),
            (self.input.as_ref(), input, Measure::InputPerMinute),
            (self.output.as_ref(), output, Measure::OutputPerMinute),
        ]
    }

    /// Whether there is one request, and that many tokens. If several are missing, the latest counts.
    pub(super) fn has(&self, input: u64, output: u64, now: Instant) -> Result<(), Full> {
        let at = self.at(now);
        let mut all = Ok(());
        for (bucket, amount, of) in self.each(input, output) {
            let Some(bucket) = bucket else { continue };
            // One that needs no token still has no room where there are none.
            let amount = amount.max(1);
            let has = bucket.has(amount, at);
            all = worse(all, has.map_err(|short| self.full(amount, short, of)));
        }
        if let Some(daily) = &self.daily {
            let tokens = input.saturating_add(output);
            all = daily.has(tokens, now).into_iter().fold(all, worse);
        }
        all
    }

    pub(super) fn reserve(&self, input: u64, output: u64, now: Instant) -> Result<Taken, Full> {
        self.has(input, output, now)?;
        let at = self.at(now);
        let each = self.each(input, output);
        // Somebody else may be quicker all the same.
        for (index, (bucket, amount, of)) in each.iter().enumerate() {
            let Some(bucket) = bucket else { continue };
            if let Err(short) = bucket.try_take(*amount, at) {
                give_back(&each[..index], at);
                return Err(self.full(*amount, short, *of));
            }
        }
        let day = match &self.daily {
            Some(daily) => {
                let taken = daily.try_take(input.saturating_add(output), now);
                taken.inspect_err(|_| give_back(&each, at))?
            }
            None => 0,
        };
        Ok(Taken { input, output, day })
    }

    /// What was taken is found to be other tokens.
    pub(super) fn settle(&self, taken: &mut Taken, input: u64, output: u64, now: Instant) {
        let at = self.at(now);
        let old = self.each(taken.input, taken.output);
        for ((bucket, used, _), (_, taken, _)) in self.each(input, output).into_iter().zip(old) {
            if let Some(bucket) = bucket {
                bucket.correct(taken, used, at);
            }
        }
        if let Some(daily) = &self.daily {
            let old = taken.input.saturating_add(taken.output);
            daily.settle(old, input.saturating_add(output), taken.day);
        }
        (taken.input, taken.output) = (input, output);
    }

    /// Gives a request back.
    pub(super) fn unsent(&self, taken: Taken, now: Instant) {
        if let Some(bucket) = &self.requests {
            bucket.correct(1, 0, self.at(now));
        }
        if let Some(daily) = &self.daily {
            daily.unsent(taken.day);
        }
    }

    pub(super) fn left(&self, now: Instant) -> f32 {
        let at = self.at(now);
        let each = [&self.requests, &self.tokens, &self.input, &self.output];
        let each = each.into_iter().flatten().map(|bucket| bucket.left(at));
        let daily = self.daily.as_ref().map(|daily| daily.left(now));
        each.chain(daily).fold(1.0, f32::min)
    }
}

/// What keeps a request longer: for good, or until the later time.
fn worse(one: Result<(), Full>, other: Result<(), Full>) -> Result<(), Full> {
    match (one, other) {
        (Err(Full::Until(one)), Err(Full::Until(other))) => Err(Full::Until(one.max(other))),
        (Err(Full::Until(_)), Err(never)) => Err(never),
        (one, other) => one.and(other),
    }
}

fn give_back(taken: &[(Option<&Bucket>, u64, Measure)], at: u64) {
    for (bucket, amount, _) in taken {
        if let Some(bucket) = bucket {
            bucket.correct(*amount, 0, at);
        }
    }
}
