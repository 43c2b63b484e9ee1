use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use steeplechase_core::quantile::Window;
use tokio::time::Instant;

use super::HedgeConfig;

/// Fewer latencies than this say nothing about their tail.
const MIN_SAMPLES: u64 = 50;

/// How long the delays are good before they are worked out again.
const FRESH: Duration = Duration::from_secs(1);

/// Learns from the latencies of attempts how long to wait before a hedge.
#[derive(Debug)]
pub(super) struct Recorder {
    quantile: f64,
    tier_quantile: f64,
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
    /// Usually.
    pub(super) first: Duration,
    /// While hedges are scarce.
    pub(super) tier: Duration,
}

impl Recorder {
    pub(super) fn new(config: &HedgeConfig) -> Self {
        Self {
            quantile: config.delay_quantile(),
            tier_quantile: config.tier_quantile(),
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

    /// Records that an attempt took `latency`.
    pub(super) fn record(&self, now: Instant, latency: Duration) {
        let at = now.saturating_duration_since(self.epoch);
        let mut state = self.state();
        state.recent.record(at, latency);
        state.history.record(at, latency);
    }

    /// How long to wait now, and whether that has been worked out anew.
    pub(super) fn delays(&self, now: Instant) -> (Delays, bool) {
        let mut state = self.state();
        if let Some((at, delays)) = state.worked_out
            && now.saturating_duration_since(at) < FRESH
        {
            return (delays, false);
        }
        let delays = self.work_out(&mut state, now);
        state.worked_out = Some((now, delays));
        (delays, true)
    }

    fn work_out(&self, state: &mut State, now: Instant) -> Delays {
        let at = now.saturating_duration_since(self.epoch);
        let mut known = state.recent.merged(at);
        if known.len() < MIN_SAMPLES {
            known = state.history.merged(at);
        }
        let delay = |quantile| match known.quantile(quantile) {
            Some(latency) if known.len() >= MIN_SAMPLES => latency.max(self.floor),
            _ => self.initial.max(self.floor),
        };
        Delays {
            first: delay(self.quantile),
            tier: delay(self.tier_quantile),
        }
    }
}
