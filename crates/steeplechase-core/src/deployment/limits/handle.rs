use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::time::Instant;

use super::output::Usual;
use super::provider::Said;
use super::rates::{Rates, Taken};
use super::{Days, Headroom, Measure, Need, Permit};

/// How much a deployment takes at a time, in a minute, and in a day.
///
/// See the [module documentation](super) for how it counts.
#[derive(Debug, Default)]
pub struct Limits {
    max_in_flight: Option<u32>,
    in_flight: AtomicU32,
    /// None for nearly all: then nobody looks at a clock.
    rates: Option<Box<Rates>>,
    /// Nothing until the provider has said something.
    said: OnceLock<Box<Said>>,
    /// How long answers are, if anybody counts tokens.
    usual: Usual,
}

/// Why there is no room for a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Full {
    /// As many are in flight as may be.
    InFlight,
    /// Too much was used of late: there is room at this time, if nobody else takes it.
    Until(Instant),
    /// It is expected to need more than there ever is.
    Never {
        /// What it is expected to need.
        needs: u64,
        /// What there is when nothing has been used.
        limit: u64,
        /// What that is.
        of: Measure,
    },
}

// ===== impl Limits =====

impl Limits {
    /// At most so many in flight, or as many as there are. Nothing is counted by the minute.
    pub const fn new(max_in_flight: Option<u32>) -> Self {
        Self {
            max_in_flight,
            in_flight: AtomicU32::new(0),
            rates: None,
            said: OnceLock::new(),
            usual: Usual::new(),
        }
    }

    /// Whether it lets through as much as `other` does, whatever is used.
    pub(in crate::deployment) fn has_settings_of(&self, other: &Self) -> bool {
        let has_rates = match (&self.rates, &other.rates) {
            (Some(rates), Some(others)) => rates.has_settings_of(others),
            (rates, others) => rates.is_none() && others.is_none(),
        };
        has_rates && self.max_in_flight == other.max_in_flight
    }

    /// At most so many in flight.
    #[must_use]
    pub fn with_max_in_flight(mut self, max: u32) -> Self {
        self.max_in_flight = Some(max);
        self
    }

    /// At most so much of a kind. With zero there is never room.
    #[must_use]
    pub fn with(mut self, of: Measure, limit: u64) -> Self {
        self.rates_mut().set(of, limit);
        self
    }

    /// At most so many requests a minute. With zero there is never room.
    #[must_use]
    pub fn with_requests_per_minute(self, requests: u64) -> Self {
        self.with(Measure::RequestsPerMinute, requests)
    }

    /// At most so many tokens a minute, of prompts and answers together. With zero there is never room.
    #[must_use]
    pub fn with_tokens_per_minute(self, tokens: u64) -> Self {
        self.with(Measure::TokensPerMinute, tokens)
    }

    /// Sets when the days begin for which there are limits. If nobody says so, it is at midnight UTC.
    #[must_use]
    pub fn with_days(mut self, days: Days) -> Self {
        self.rates_mut().set_days(days);
        self
    }

    fn rates_mut(&mut self) -> &mut Rates {
        let rates = || Box::new(Rates::new(Instant::now()));
        self.rates.get_or_insert_with(rates)
    }

    pub(super) fn rates(&self) -> Option<&Rates> {
        self.rates.as_deref()
    }

    /// How many may be in flight.
    pub const fn max_in_flight(&self) -> Option<u32> {
        self.max_in_flight
    }

    /// How much there may be of a kind.
    pub fn limit(&self, of: Measure) -> Option<u64> {
        self.rates()?.limit(of)
    }

    /// How many requests there may be in a minute.
    pub fn requests_per_minute(&self) -> Option<u64> {
        self.limit(Measure::RequestsPerMinute)
    }

    /// How many tokens there may be in a minute.
    pub fn tokens_per_minute(&self) -> Option<u64> {
        self.limit(Measure::TokensPerMinute)
    }

    /// When the days begin for which there are limits.
    pub fn days(&self) -> Option<&Days> {
        self.rates()?.days()
    }

    /// How many are in flight.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Whether anything is counted by the minute or the day, as of now: if not, nothing else is looked at than how many
    /// are in flight.
    pub fn has_rates(&self) -> bool {
        self.rates.is_some() || self.said.get().is_some()
    }

    /// Whether it is of any use to know how many tokens a request has.
    pub fn counts_tokens(&self) -> bool {
        self.said.get().is_some() || self.rates().is_some_and(Rates::counts_tokens)
    }

    /// Whether there is room for one more, however small, as it looks now.
    pub fn has_room(&self) -> bool {
        self.is_free() && (!self.has_rates() || self.takes(1, 0, Instant::now()).is_ok())
    }

    /// Whether there is room for one more, however small, as it looks at `now`.
    pub fn has_room_at(&self, now: Instant) -> bool {
        self.is_free() && (!self.has_rates() || self.takes(1, 0, now).is_ok())
    }

    /// When there is room for one more, however small, if it is by the minute or the day that there is none. `None` if
    /// nobody can tell.
    pub fn opens_at(&self, now: Instant) -> Option<Instant> {
        match self.takes(1, 0, now) {
            Err(Full::Until(at)) if self.is_free() => Some(at),
            _ => None,
        }
    }

    /// Whether there is room for a request that needs that much, as it looks at `now`.
    ///
    /// # Errors
    ///
    /// There is none, or there never will be.
    pub fn fits(&self, need: Need, now: Instant) -> Result<(), Full> {
        if !self.is_free() {
            return Err(Full::InFlight);
        }
        if !self.has_rates() {
            return Ok(());
        }
        let (input, output) = self.expected(need);
        self.takes(input, output, now)
    }

    /// The share that is left of what is scarcest, from 0 to 1: of what there may be in a minute and a day, and of
    /// what the provider says of its own. 1 if nothing is known.
    pub fn headroom(&self, now: Instant) -> f32 {
        let rates = self.rates().map_or(1.0, |rates| rates.left(now));
        let said = self.said.get().map_or(1.0, |said| said.left(now));
        rates.min(said)
    }

    /// Takes note of what the provider has said of its own limits in an answer that has come at `now`.
    pub fn provider_says(&self, headroom: &Headroom, now: Instant) {
        if headroom.is_empty() {
            return;
        }
        let said = self.said.get_or_init(|| Box::new(Said::new(now)));
        said.update(headroom, now);
    }

    /// Takes note of how many tokens a complete answer has had: the next ones are expected to be like it.
    pub fn answered(&self, tokens: u64) {
        if self.counts_tokens() {
            self.usual.learn(tokens);
        }
    }

    /// Takes a place, if there is one, for a request whose tokens nobody counts.
    pub fn try_acquire(self: &Arc<Self>) -> Option<Permit> {
        self.try_reserve(Need::NONE).ok()
    }

    /// Takes a place, a request, and as many tokens as are to be expected.
    ///
    /// # Errors
    ///
    /// There is no room, or there never will be. Nothing is taken then.
    pub fn try_reserve(self: &Arc<Self>, need: Need) -> Result<Permit, Full> {
        let max = self.max_in_flight.unwrap_or(u32::MAX);
        let enter = |n| (n < max).then(|| n + 1);
        self.in_flight
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, enter)
            .map_err(|_| Full::InFlight)?;
        // From here on a refusal gives the place back by dropping it.
        let permit = Permit::new(Arc::clone(self));
        if !self.has_rates() {
            return Ok(permit);
        }
        let (now, (input, output)) = (Instant::now(), self.expected(need));
        if let Some(said) = self.said.get() {
            said.has(input, output, now).map_err(Full::Until)?;
        }
        let taken = match self.rates() {
            Some(rates) => rates.reserve(input, output, now)?,
            None => Taken::default(),
        };
        if let Some(said) = self.said.get() {
            said.take(input, output, now);
        }
        Ok(permit.holding(taken))
    }

    fn is_free(&self) -> bool {
        self.max_in_flight.is_none_or(|max| self.in_flight() < max)
    }

    /// How many tokens a request is expected to have, in and out.
    fn expected(&self, need: Need) -> (u64, u64) {
        let Need { prompt, max_output } = need;
        if max_output == Some(0) {
            return (prompt, 0);
        }
        let usual = self.usual.tokens();
        (prompt, max_output.map_or(usual, |most| most.min(usual)))
    }

    fn takes(&self, input: u64, output: u64, now: Instant) -> Result<(), Full> {
        if let Some(rates) = self.rates() {
            rates.has(input, output, now)?;
        }
        match self.said.get() {
            Some(said) => said.has(input, output, now).map_err(Full::Until),
            None => Ok(()),
        }
    }

    pub(super) fn leave(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
