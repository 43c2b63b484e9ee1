//! The breaker, as a state machine that is told the time: no futures, no locks, no clock.

use std::time::Duration;

use fastrand::Rng;
use steeplechase_core::deployment::Circuit;
use steeplechase_core::{Health, Signal};
use tokio::time::Instant;

use super::CooldownConfig;
use super::window::Window;

/// Infers from outcomes whether a deployment works.
#[derive(Debug)]
pub(super) struct Breaker {
    rules: Rules,
    state: State,
    window: Window,
    /// Hard failures in a row.
    consecutive: u32,
    /// How long it opens next: one more for each opening, one less for each clean minute.
    level: u32,
    /// Since when it has been working.
    working_since: Instant,
    /// How often it has opened. What began before the last time says nothing about now.
    period: u64,
    /// The number of the last probe.
    last_probe: u64,
    rng: Rng,
}

#[derive(Clone, Copy, Debug)]
struct Rules {
    trip: Trip,
    open_first: Duration,
    open_max: Duration,
    probe_ttl: Duration,
}

/// When it opens.
#[derive(Clone, Copy, Debug)]
enum Trip {
    /// At so many hard failures in a row, or below a share of successes.
    Default {
        consecutive: u32,
        success_share: f64,
        min_samples: u32,
    },
    /// Above so many hard failures in the window.
    Above(u32),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Closed,
    Open { until: Instant },
    HalfOpen { probe: u64, expires: Instant },
    Ramp { since: Instant },
}

/// What an attempt was let through with, to be shown with its outcome.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Ticket {
    period: u64,
    probe: Option<u64>,
}

/// How many attempts are to be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Admission {
    Pass(Ticket),
    /// `until` is `None` while a probe is under way.
    Refuse {
        until: Option<Instant>,
    },
}

/// The time in which one level is forgotten.
const CLEAN: Duration = Duration::from_secs(60);

/// Health counts in milliseconds, rounded down. What is due by its clock is due.
const TICK: Duration = Duration::from_millis(1);

// ===== impl Breaker =====

impl Breaker {
    /// Goes on where the last one for the same deployment has left off, as it published.
    pub(super) fn new(config: &CooldownConfig, circuit: Circuit, now: Instant, rng: Rng) -> Self {
        let state = match circuit {
            Circuit::Closed => State::Closed,
            Circuit::Open { until } => State::Open { until },
            // The probe belongs to the last one.
            Circuit::HalfOpen => State::Open { until: now },
            Circuit::Ramp { since } => State::Ramp { since },
        };
        Self {
            rules: Rules::of(config),
            level: u32::from(state != State::Closed),
            state,
            window: Window::new(now),
            consecutive: 0,
            working_since: now,
            period: 0,
            last_probe: 0,
            rng,
        }
    }

    /// What there is to publish.
    pub(super) fn circuit(&self) -> Circuit {
        match self.state {
            State::Closed => Circuit::Closed,
            State::Open { until } => Circuit::Open { until },
            State::HalfOpen { .. } => Circuit::HalfOpen,
            State::Ramp { since } => Circuit::Ramp { since },
        }
    }

    /// Whether an attempt may be sent. One that `fails_open` always may.
    pub(super) fn admit(&mut self, now: Instant, fails_open: bool) -> Admission {
        self.end_ramp(now);
        let probe = match self.state {
            State::Closed | State::Ramp { .. } => None,
            State::Open { until } if until <= now + TICK => Some(self.start_probe(now)),
            State::HalfOpen { expires, .. } if expires <= now => Some(self.start_probe(now)),
            State::Open { .. } | State::HalfOpen { .. } if fails_open => None,
            State::Open { until } => return Admission::Refuse { until: Some(until) },
            State::HalfOpen { .. } => return Admission::Refuse { until: None },
        };
        Admission::Pass(Ticket {
            period: self.period,
            probe,
        })
    }

    /// Takes the outcome of an attempt, or [`Signal::Neutral`] if there is none to come.
    pub(super) fn record(&mut self, ticket: Ticket, signal: Signal, now: Instant) {
        if ticket.period != self.period {
            return;
        }
        self.end_ramp(now);
        match self.state {
            State::Closed | State::Ramp { .. } => self.count(signal, now),
            // All that has this ticket began after the circuit has opened: it was a probe, or was let
            // through to fail open. Whichever succeeds has shown that it works.
            State::Open { .. } | State::HalfOpen { .. } if signal == Signal::Success => {
                self.start_ramp(now);
            }
            State::HalfOpen { probe, .. } if ticket.probe == Some(probe) => match signal {
                Signal::Neutral => self.state = State::Open { until: now },
                _ => self.open(now),
            },
            State::Open { .. } | State::HalfOpen { .. } => {}
        }
    }

    fn count(&mut self, signal: Signal, now: Instant) {
        let counts = self.window.now(now);
        match signal {
            Signal::Neutral => return,
            Signal::Success => {
                counts.succeeded = counts.succeeded.saturating_add(1);
                self.consecutive = 0;
                // Whatever the share is: it has just worked.
                return;
            }
            Signal::Throttle => counts.throttled = counts.throttled.saturating_add(1),
            Signal::Failure => {
                counts.failed = counts.failed.saturating_add(1);
                self.consecutive = self.consecutive.saturating_add(1);
            }
        }
        if self.trips(now) {
            let minutes =
                now.saturating_duration_since(self.working_since).as_secs() / CLEAN.as_secs();
            let clean = u32::try_from(minutes).unwrap_or(u32::MAX);
            self.level = self.level.saturating_sub(clean);
            self.open(now);
        }
    }

    fn trips(&self, now: Instant) -> bool {
        let counts = self.window.sum(now);
        match self.rules.trip {
            Trip::Above(allowed) => counts.failed > allowed,
            Trip::Default {
                consecutive,
                success_share,
                min_samples,
            } => {
                let all = counts.all();
                let few = f64::from(counts.succeeded) < success_share * f64::from(all);
                self.consecutive >= consecutive || (all >= min_samples && few)
            }
        }
    }

    fn open(&mut self, now: Instant) {
        let Rules {
            open_first,
            open_max,
            ..
        } = self.rules;
        let doubled = open_first.saturating_mul(1_u32.checked_shl(self.level).unwrap_or(u32::MAX));
        // A level that makes nothing longer would only take longer to be forgotten.
        if doubled < open_max {
            self.level = self.level.saturating_add(1);
        }
        let jitter = 0.8 + 0.4 * self.rng.f64();
        self.period += 1;
        self.state = State::Open {
            until: now + doubled.min(open_max).mul_f64(jitter),
        };
    }

    fn start_probe(&mut self, now: Instant) -> u64 {
        self.last_probe += 1;
        self.state = State::HalfOpen {
            probe: self.last_probe,
            expires: now + self.rules.probe_ttl,
        };
        self.last_probe
    }

    fn start_ramp(&mut self, now: Instant) {
        self.state = State::Ramp { since: now };
        self.working_since = now;
        self.consecutive = 0;
        self.window.clear();
    }

    fn end_ramp(&mut self, now: Instant) {
        if let State::Ramp { since } = self.state
            && now.saturating_duration_since(since) >= Health::RAMP
        {
            self.state = State::Closed;
        }
    }
}

// ===== impl Rules =====

impl Rules {
    fn of(config: &CooldownConfig) -> Self {
        let trip = match config.allowed_fails {
            Some(allowed) => Trip::Above(allowed),
            None => Trip::Default {
                consecutive: config.consecutive,
                success_share: config.success_share,
                min_samples: config.min_samples,
            },
        };
        let open_first = config.cooldown_time.unwrap_or(config.open_first);
        Self {
            trip,
            open_first,
            open_max: config.open_max.max(open_first),
            probe_ttl: config.probe_ttl,
        }
    }
}

// ===== impl Ticket =====

impl Ticket {
    pub(super) fn is_probe(self) -> bool {
        self.probe.is_some()
    }
}
