use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::Instant;

/// Whether a deployment may be used now.
///
/// It holds two things that must not be mixed up:
///
/// * a *promise* about time: not before then. A provider has said so, or its key is spent.
/// * the *circuit*: what a breaker has inferred from failures.
///
/// It can depend on that of its provider: then it may be used if both may.
///
/// Reading it takes no lock, so that a router can ask it of many deployments for every request.
#[derive(Debug)]
pub struct Health {
    epoch: Instant,
    /// Milliseconds since the epoch; zero for no promise.
    not_before: AtomicU64,
    /// The kind of circuit in the upper bits, and in the others its milliseconds since the epoch.
    circuit: AtomicU64,
    /// That of the provider.
    provider: OnceLock<Arc<Self>>,
}

/// What a breaker has inferred.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Circuit {
    /// It works.
    Closed,
    /// It does not work. From `until` on, one request may try it.
    Open {
        /// When it may be tried.
        until: Instant,
    },
    /// One request is trying it.
    HalfOpen,
    /// It works again, since then, and is given its traffic back by and by.
    Ramp {
        /// When it began to work.
        since: Instant,
    },
}

/// In the extensions of a request: the circuit is open, and the request is to be let through all the
/// same.
///
/// A router says so when every deployment of a group is broken: one of them may work by now, and none
/// of them works if nobody tries.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FailOpen;

/// Whether, and how, a deployment may be used now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Availability {
    /// It may be used, with this part of its weight (above 0, at most 1).
    Ready(f64),
    /// One request may try it.
    Probe,
    /// It may not be used. `until` is when to ask again, as far as that is known.
    Closed {
        /// When to ask again. `None` while a probe is under way.
        until: Option<Instant>,
    },
}

const KIND_SHIFT: u32 = 60;
const TIME: u64 = (1 << KIND_SHIFT) - 1;

// ===== impl Health =====

impl Health {
    /// How long the traffic of a deployment takes to come back after its circuit has closed.
    pub const RAMP: Duration = Duration::from_secs(30);

    /// The part of its weight with which a ramp begins.
    pub const RAMP_START: f64 = 0.1;

    fn new() -> Self {
        Self {
            epoch: Instant::now(),
            not_before: AtomicU64::new(0),
            circuit: AtomicU64::new(0),
            provider: OnceLock::new(),
        }
    }

    /// Depends on the health of the provider from now on. It cannot depend on two: only the first counts.
    ///
    /// A provider is not worth depending on where there is no other: to leave it alone would leave nobody.
    pub fn depend_on(&self, provider: &Arc<Self>) {
        // One that depends on itself would never come to an end.
        if !std::ptr::eq(self, Arc::as_ptr(provider)) {
            let _ = self.provider.set(Arc::clone(provider));
        }
    }

    /// The health of the provider, if it depends on it.
    pub fn provider(&self) -> Option<&Arc<Self>> {
        self.provider.get()
    }

    /// Promises not to use it before `at`. An earlier promise for later stands.
    pub fn cool_until(&self, at: Instant) {
        // Rounded up, or the last part of a millisecond would break the promise.
        let nanos = at.saturating_duration_since(self.epoch).as_nanos();
        let millis = u64::try_from(nanos.div_ceil(1_000_000)).unwrap_or(TIME);
        self.not_before
            .fetch_max(millis.min(TIME), Ordering::Relaxed);
    }

    /// Forgets the promise.
    pub fn forget_promise(&self) {
        self.not_before.store(0, Ordering::Relaxed);
    }

    /// Until when it is promised not to be used.
    pub fn cooling(&self, now: Instant) -> Option<Instant> {
        let millis = self.not_before.load(Ordering::Relaxed);
        let until = self.epoch + Duration::from_millis(millis);
        (millis > 0 && until > now).then_some(until)
    }

    /// What the breaker has inferred.
    pub fn circuit(&self) -> Circuit {
        let word = self.circuit.load(Ordering::Relaxed);
        let time = self.epoch + Duration::from_millis(word & TIME);
        match word >> KIND_SHIFT {
            0 => Circuit::Closed,
            1 => Circuit::Open { until: time },
            2 => Circuit::HalfOpen,
            _ => Circuit::Ramp { since: time },
        }
    }

    /// Publishes what the breaker has inferred. Only the breaker does.
    pub fn set_circuit(&self, circuit: Circuit) {
        let word = match circuit {
            Circuit::Closed => 0,
            Circuit::Open { until } => (1 << KIND_SHIFT) | self.millis(until),
            Circuit::HalfOpen => 2 << KIND_SHIFT,
            Circuit::Ramp { since } => (3 << KIND_SHIFT) | self.millis(since),
        };
        self.circuit.store(word, Ordering::Relaxed);
    }

    /// Whether, and how, it may be used now.
    pub fn availability(&self, now: Instant) -> Availability {
        let own = self.own_availability(now);
        match self.provider.get() {
            Some(provider) => own.and(provider.own_availability(now)),
            None => own,
        }
    }

    /// Whether it may be used now, and not only to see whether it works again.
    pub fn is_ready(&self, now: Instant) -> bool {
        matches!(self.availability(now), Availability::Ready(_))
    }

    /// The same as [`availability`](Self::availability), whatever the provider's is.
    pub fn own_availability(&self, now: Instant) -> Availability {
        let promise = self.cooling(now);
        match self.circuit() {
            Circuit::Open { until } if until > now => Availability::Closed {
                until: Some(promise.map_or(until, |promise| promise.max(until))),
            },
            Circuit::HalfOpen => Availability::Closed { until: promise },
            _ if promise.is_some() => Availability::Closed { until: promise },
            Circuit::Closed => Availability::Ready(1.0),
            Circuit::Open { .. } => Availability::Probe,
            Circuit::Ramp { since } => Availability::Ready(ramp(now, since)),
        }
    }

    fn millis(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.epoch).as_millis();
        u64::try_from(since).unwrap_or(TIME).min(TIME)
    }
}

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}

// ===== impl Availability =====

impl Availability {
    /// How something may be used that depends on two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Closed { until }, Self::Closed { until: other }) => Self::Closed {
                until: until.max(other),
            },
            (closed @ Self::Closed { .. }, _) | (_, closed @ Self::Closed { .. }) => closed,
            (Self::Ready(share), Self::Ready(other)) => Self::Ready(share.min(other)),
            (Self::Probe, _) | (_, Self::Probe) => Self::Probe,
        }
    }
}

fn ramp(now: Instant, since: Instant) -> f64 {
    let part = now.saturating_duration_since(since).as_secs_f64() / Health::RAMP.as_secs_f64();
    (Health::RAMP_START + (1.0 - Health::RAMP_START) * part).min(1.0)
}
