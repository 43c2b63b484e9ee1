//! The breaker against a model of it, which keeps all that has happened in a list.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the times of a trace are small"
)]

use fastrand::Rng;
use proptest::prelude::*;
use steeplechase_core::Signal;
use tokio::time::Instant;

use super::super::breaker::{Admission, Breaker, Ticket};
use super::*;

const SEED: u64 = 7;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Time passes.
    Wait(u64),
    /// An attempt comes; some fail open.
    Start(bool),
    /// One of those in flight has an outcome.
    End(usize, Signal),
    /// One of those in flight is dropped.
    Drop(usize),
}

/// What the breaker should do, in a form too simple to be wrong. Times are milliseconds.
struct Model {
    now: u64,
    mode: Mode,
    /// When, and what, since it has last begun to work.
    seen: Vec<(u64, Signal)>,
    working_since: u64,
    level: u32,
    openings: u64,
    probes: u64,
    rng: Rng,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Closed,
    Open(f64),
    Probing { probe: u64, expires: u64 },
    Ramp(u64),
}

impl Model {
    fn start(&mut self, fails_open: bool) -> Option<(u64, Option<u64>)> {
        self.settle();
        let now = self.now;
        let due = match self.mode {
            Mode::Closed | Mode::Ramp(_) => return Some((self.openings, None)),
            Mode::Open(until) => until <= (now + 1) as f64,
            Mode::Probing { expires, .. } => expires <= now,
        };
        if !due {
            return fails_open.then_some((self.openings, None));
        }
        self.probes += 1;
        self.mode = Mode::Probing {
            probe: self.probes,
            expires: now + 15_000,
        };
        Some((self.openings, Some(self.probes)))
    }

    fn end(&mut self, (opening, probe): (u64, Option<u64>), signal: Signal) {
        if opening != self.openings {
            return;
        }
        self.settle();
        let is_the_probe = match self.mode {
            Mode::Closed | Mode::Ramp(_) => return self.learn(signal),
            Mode::Open(_) => false,
            Mode::Probing { probe: current, .. } => probe == Some(current),
        };
        match signal {
            Signal::Success => {
                self.mode = Mode::Ramp(self.now);
                self.working_since = self.now;
                self.seen.clear();
            }
            Signal::Neutral if is_the_probe => self.mode = Mode::Open(self.now as f64),
            Signal::Failure | Signal::Throttle if is_the_probe => self.open(),
            _ => {}
        }
    }

    fn learn(&mut self, signal: Signal) {
        if signal == Signal::Neutral {
            return;
        }
        self.seen.push((self.now, signal));
        if signal == Signal::Success {
            return;
        }
        let row = self.seen.iter().rev().map(|(_, signal)| *signal);
        let row = row.take_while(|signal| *signal != Signal::Success);
        let row = row.filter(|signal| *signal == Signal::Failure).count();
        let window = |at: u64| at / 3000 + 10 > self.now / 3000;
        let lately: Vec<_> = self.seen.iter().filter(|(at, _)| window(*at)).collect();
        let good = lately.iter().filter(|(_, s)| *s == Signal::Success).count();
        if row >= 5 || (lately.len() >= 10 && 10 * good < 8 * lately.len()) {
            let clean = (self.now - self.working_since) / 60_000;
            self.level = self.level.saturating_sub(clean as u32);
            self.open();
        }
    }

    fn open(&mut self) {
        let time = (5000 * 2_u64.pow(self.level)).min(60_000);
        self.level = (self.level + 1).min(4);
        self.openings += 1;
        let jitter = 0.8 + 0.4 * self.rng.f64();
        self.mode = Mode::Open(self.now as f64 + time as f64 * jitter);
    }

    fn settle(&mut self) {
        if let Mode::Ramp(since) = self.mode
            && self.now - since >= 30_000
        {
            self.mode = Mode::Closed;
        }
    }
}

/// Whether the breaker is where the model is, give or take what an f64 rounds.
fn agree(breaker: &Breaker, model: &Model, start: Instant) -> bool {
    let millis = |at: Instant| (at - start).as_secs_f64() * 1000.0;
    match (breaker.circuit(), model.mode) {
        (Circuit::Closed, Mode::Closed) | (Circuit::HalfOpen, Mode::Probing { .. }) => true,
        (Circuit::Open { until }, Mode::Open(at)) => (millis(until) - at).abs() < 0.01,
        (Circuit::Ramp { since }, Mode::Ramp(at)) => (millis(since) - at as f64).abs() < 0.01,
        _ => false,
    }
}

proptest! {
    #[test]
    fn it_does_what_the_model_does(steps in proptest::collection::vec(any_step(), 1..300)) {
        let start = Instant::now();
        let mut breaker =
            Breaker::new(&CooldownConfig::new(), Circuit::Closed, start, Rng::with_seed(SEED));
        let mut model = Model {
            now: 0,
            mode: Mode::Closed,
            seen: Vec::new(),
            working_since: 0,
            level: 0,
            openings: 0,
            probes: 0,
            rng: Rng::with_seed(SEED),
        };
        let mut in_flight: Vec<(Ticket, _)> = Vec::new();
        for step in steps {
            let now = start + Duration::from_millis(model.now);
            match step {
                Step::Wait(millis) => model.now += millis,
                Step::Start(fails_open) => {
                    let expected = model.start(fails_open);
                    match (breaker.admit(now, fails_open), expected) {
                        (Admission::Pass(ticket), Some(theirs)) => {
                            prop_assert_eq!(ticket.is_probe(), theirs.1.is_some());
                            in_flight.push((ticket, theirs));
                        }
                        (Admission::Refuse { .. }, None) => {}
                        (ours, theirs) => prop_assert!(false, "{ours:?} is not {theirs:?}"),
                    }
                }
                Step::End(_, _) | Step::Drop(_) if in_flight.is_empty() => {}
                Step::End(which, signal) => {
                    // A head and a body may both speak for one attempt, so it stays in flight.
                    let (ticket, theirs) = in_flight[which % in_flight.len()];
                    breaker.record(ticket, signal, now);
                    model.end(theirs, signal);
                }
                Step::Drop(which) => {
                    let (ticket, theirs) = in_flight.swap_remove(which % in_flight.len());
                    breaker.record(ticket, Signal::Neutral, now);
                    model.end(theirs, Signal::Neutral);
                }
            }
            prop_assert!(agree(&breaker, &model, start), "{breaker:?} is not {:?}", model.mode);
        }

        // Whatever has happened, it is never stuck: soon an attempt is let through.
        let later = start + Duration::from_millis(model.now + 73_000);
        prop_assert!(matches!(breaker.admit(later, false), Admission::Pass(_)));
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    let signal = prop_oneof![
        2 => Just(Signal::Success),
        4 => Just(Signal::Failure),
        1 => Just(Signal::Throttle),
        1 => Just(Signal::Neutral),
    ];
    prop_oneof![
        2 => prop_oneof![0..500_u64, 0..20_000_u64].prop_map(Step::Wait),
        4 => proptest::bool::weighted(0.1).prop_map(Step::Start),
        6 => (any::<usize>(), signal).prop_map(|(which, signal)| Step::End(which, signal)),
        1 => any::<usize>().prop_map(Step::Drop),
    ]
}
