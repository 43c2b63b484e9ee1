use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use steeplechase_core::quantile::Window;
use tokio::time::Instant;

use super::HedgeConfig;
use super::pool::Pool;

/// Fewer latencies than this say nothing about their tail.
pub(super) const MIN_SAMPLES: u64 = 50;

/// How long the delays are good before they are worked out again.
const FRESH: Duration = Duration::from_secs(1);

/// Learns from the latencies of attempts how long to wait before a hedge.
#[derive(Debug)]
pub(super) struct Recorder {
    quantiles: [f64; 3],
    floor: Duration,
    initial: Duration,
    epoch: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The last minute.
    recent: Window,
    /// The last ten minutes, for when there is little traffic.
    history: Window,
    worked_out: Option<(Instant, Delays)>,
}

/// How long to wait before a hedge.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Delays {
    /// If the primary is a probe: half of all take no longer.
    pub(super) probe: Duration,
    /// Usually.
    pub(super) first: Duration,
    /// While hedges are scarce.
    pub(super) tier: Duration,
}

/// How long an attempt took.
#[derive(Clone, Copy, Debug)]
pub(super) enum Took {
    /// So long.
    Exactly(Duration),
    /// It was given up after so long.
    AtLeast(Duration),
}

impl Recorder {
    pub(super) fn new(config: &HedgeConfig) -> Self {
        Self {
            quantiles: [0.5, config.delay_quantile(), config.tier_quantile()],
            floor: config.floor,
            initial: config.initial,
            epoch: Instant::now(),
            state: Mutex::new(State {
                recent: Window::new(6, Duration::from_secs(10)),
                history: Window::new(6, Duration::from_secs(100)),
                worked_out: None,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records how long an attempt took.
    pub(super) fn record(&self, now: Instant, took: Took) {
        let at = now.saturating_duration_since(self.epoch);
        let mut state = self.state();
        let State {
            recent, history, ..
        } = &mut *state;
        for window in [recent, history] {
            match took {
                Took::Exactly(latency) => window.record(at, latency),
                Took::AtLeast(bound) => window.record_bound(at, bound),
            }
        }
    }

    /// How long to wait now, and whether that has been worked out anew.
    pub(super) fn delays(&self, pool: &Pool, now: Instant) -> (Delays, bool) {
        let mut state = self.state();
        if let Some((at, delays)) = &mut state.worked_out {
            if now.saturating_duration_since(*at) < FRESH {
                return (*delays, false);
            }
            // Those who ask meanwhile get the old ones, and do not wait.
            *at = now;
        }
        drop(state);

        let of_pool = pool.shortest(now, self.quantiles);
        let mut state = self.state();
        let known = of_pool.or_else(|| self.of_group(&mut state, now));
        let [probe, first, tier] = known
            .unwrap_or([self.initial; 3])
            .map(|delay| delay.max(self.floor));
        let delays = Delays { probe, first, tier };
        state.worked_out = Some((now, delays));
        (delays, true)
    }

    /// The quantiles of all attempts together, if there were enough of them.
    fn of_group(&self, state: &mut State, now: Instant) -> Option<[Duration; 3]> {
        let at = now.saturating_duration_since(self.epoch);
        let mut merged = state.recent.merged(at);
        if merged.known() < MIN_SAMPLES {
            merged = state.history.merged(at);
        }
        let is_enough = merged.known() >= MIN_SAMPLES;
        is_enough.then(|| {
            self.quantiles
                .map(|q| merged.quantile(q).expect("there are values"))
        })
    }
}
