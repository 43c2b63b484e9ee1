use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::usual::Usual;
use crate::Deployment;

/// What all requests of a group may spend on extra attempts. Cloning it clones a handle.
///
/// There are two parts, and an extra attempt must pass both:
///
/// * *rate*: a bucket of tokens. Each request puts in a share of a token, each extra attempt takes out
///   a whole one. So extra attempts are at most that share of requests, whatever fails.
/// * *in flight*: extra attempts are at most that share of the requests in flight. Answers take long,
///   so extra attempts that are few a second can still be many at a time.
///
/// The first is as in Finagle's `RetryBudget`, the second as in Envoy's `retry_budget`.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Shared>);

/// The settings of a [`Budget`].
///
/// # Defaults
///
/// * [`ratio`](Self::ratio): 0.2.
/// * [`burst`](Self::burst): 10, full at the start.
/// * [`reserve`](Self::reserve): at least one token a second while there is less than one, so that a group
///   with little traffic can retry at all.
/// * [`min_in_flight`](Self::min_in_flight): 3.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct BudgetConfig {
    ratio: f64,
    burst: u16,
    reserve: f64,
    min_in_flight: u16,
}

#[derive(Debug)]
struct Shared {
    config: Fixed,
    state: Mutex<State>,
    usual: Usual,
}

/// The settings in thousandths of a token: a sum of floats drifts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Fixed {
    deposit: u64,
    cap: u64,
    reserve: u64,
    min_in_flight: u64,
}

#[derive(Debug)]
struct State {
    tokens: u64,
    refilled: Instant,
    /// By how much requests have put in more than would have come by itself: a bucket of it at the most.
    ahead: u64,
    requests_in_flight: u64,
    extra_in_flight: u64,
}

/// A place among the extra attempts in flight. Dropping it gives the place back.
#[derive(Debug)]
#[must_use = "an extra attempt holds its permit while it runs"]
pub struct Permit(Budget);

/// A place among the requests in flight. Dropping it gives the place back.
#[derive(Debug)]
#[must_use = "a request is in flight while it holds this"]
pub struct Entered(Budget);

const TOKEN: u64 = 1000;

/// In nanoseconds.
const A_SECOND: u64 = 1_000_000_000;

// ===== impl Budget =====

impl Budget {
    /// A budget with its own bucket.
    pub fn new(config: BudgetConfig) -> Self {
        let config = config.fixed();
        Self(Arc::new(Shared {
            state: Mutex::new(State {
                tokens: config.cap,
                refilled: Instant::now(),
                ahead: 0,
                extra_in_flight: 0,
                requests_in_flight: 0,
            }),
            config,
            usual: Usual::default(),
        }))
    }

    /// Says which deployments serve the group: an attempt for which there is less time than half of the answers of
    /// the quickest of them take to begin is not worth it. Known is that of those with 50 answers in the last
    /// minute. It is found out once a second at the most, and only when somebody asks for leave.
    pub fn go_by(&self, deployments: impl IntoIterator<Item = Arc<Deployment>>) {
        self.0.usual.go_by(deployments.into_iter().collect());
    }

    /// How long half of the answers take to begin, if that is known.
    pub(super) fn usual(&self, now: Instant) -> Option<Duration> {
        self.0.usual.half(now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it has these settings.
    pub fn has(&self, config: BudgetConfig) -> bool {
        self.0.config == config.fixed()
    }

    /// Whether two handles are of the same budget.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Counts a request, and takes it for in flight until what is returned is dropped.
    pub fn enter(&self) -> Entered {
        let config = &self.0.config;
        let mut state = self.state();
        state.tokens = (state.tokens + config.deposit).min(config.cap);
        state.ahead = (state.ahead + config.deposit).min(config.cap);
        state.requests_in_flight += 1;
        Entered(self.clone())
    }

    /// Takes out what one extra attempt costs, if it is there.
    pub fn try_withdraw(&self) -> Option<Permit> {
        let config = &self.0.config;
        let mut state = self.state();
        if !state.has_one(config, Instant::now()) {
            return None;
        }
        state.tokens -= TOKEN;
        state.extra_in_flight += 1;
        Some(Permit(self.clone()))
    }

    /// Whether one extra attempt could have what it costs now.
    pub fn has_one(&self) -> bool {
        self.state().has_one(&self.0.config, Instant::now())
    }

    /// Whether more than half of the bucket is there.
    pub fn is_ample(&self) -> bool {
        let config = &self.0.config;
        let mut state = self.state();
        state.refill(config, Instant::now());
        state.tokens * 2 > config.cap
    }

    /// How many extra attempts are in flight.
    pub fn extra_in_flight(&self) -> u64 {
        self.state().extra_in_flight
    }

    /// How many requests are in flight.
    pub fn requests_in_flight(&self) -> u64 {
        self.state().requests_in_flight
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(BudgetConfig::new())
    }
}

// ===== impl BudgetConfig =====

impl BudgetConfig {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            ratio: 0.2,
            burst: 10,
            reserve: 1.0,
            min_in_flight: 3,
        }
    }

    /// Sets the share of requests that may have an extra attempt. Clamped to between 0 and 10.
    pub const fn ratio(mut self, ratio: f64) -> Self {
        self.ratio = ratio;
        self
    }

    /// Sets how many tokens the bucket holds. It is full at the start.
    pub const fn burst(mut self, burst: u16) -> Self {
        self.burst = burst;
        self
    }

    /// Sets how many tokens a second come at the least while there is less than one: what requests do not put
    /// in comes by itself. Clamped to between 0 and 1000.
    pub const fn reserve(mut self, reserve: f64) -> Self {
        self.reserve = reserve;
        self
    }

    /// Sets how many extra attempts may be in flight however few requests are.
    pub const fn min_in_flight(mut self, min_in_flight: u16) -> Self {
        self.min_in_flight = min_in_flight;
        self
    }

    fn fixed(self) -> Fixed {
        Fixed {
            deposit: thousandths(self.ratio, 10.0),
            cap: u64::from(self.burst) * TOKEN,
            reserve: thousandths(self.reserve, 1000.0),
            min_in_flight: self.min_in_flight.into(),
        }
    }
}

impl Default for BudgetConfig {
    fn default() -> Self {
        Self::new()
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a small positive range; NaN becomes zero"
)]
fn thousandths(value: f64, max: f64) -> u64 {
    (value.clamp(0.0, max) * 1000.0).round() as u64
}

// ===== impl State =====

impl State {
    fn has_one(&mut self, config: &Fixed, now: Instant) -> bool {
        self.refill(config, now);
        let share = self.requests_in_flight.saturating_mul(config.deposit) / TOKEN;
        self.tokens >= TOKEN && self.extra_in_flight < share.max(config.min_in_flight)
    }

    fn refill(&mut self, config: &Fixed, now: Instant) {
        let full = TOKEN.min(config.cap);
        if config.reserve == 0 {
            return;
        }
        let a_drop = A_SECOND / config.reserve;
        let elapsed = now.saturating_duration_since(self.refilled).as_nanos();
        let drops = u64::try_from(elapsed / u128::from(a_drop)).unwrap_or(u64::MAX);
        // What has come from requests need not come by itself as well.
        let missing = drops.saturating_sub(self.ahead);
        self.ahead = self.ahead.saturating_sub(drops);
        if self.tokens >= full || missing >= full - self.tokens {
            self.tokens = self.tokens.max(full);
            self.refilled = now;
        } else {
            self.tokens += missing;
            // Not to `now`: many that ask within one drop's time would keep it from ever falling.
            self.refilled += Duration::from_nanos(drops * a_drop);
        }
    }
}

// ===== impl Permit, Entered =====

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.state().extra_in_flight -= 1;
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.state().requests_in_flight -= 1;
    }
}
