//! The breaker against a model of it, which keeps all that has happened in a list.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the times of a trace are small"
)]

use proptest::prelude::*;
use steeplechase_core::Signal;
use tokio::time::Instant;

use super::super::breaker::{Admission, Breaker, Ticket};
use super::super::history::Evidence;
use super::super::rules::Rules;
use super::*;

/// What waits for longer is stuck.
const PATIENCE: u64 = 8000;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Time passes.
    Wait(u64),
    /// An attempt comes; some fail open.
    Start(bool),
    /// One of those in flight has an outcome.
    End(usize, Evidence),
    /// One of those in flight is dropped.
    Drop(usize, Evidence),
    /// One of the others in the group opens.
    Eject,
    /// One of the others works again.
    Release,
}

/// What the breaker should do, in a form too simple to be wrong. Times are milliseconds.
struct Model {
    now: u64,
    mode: Mode,
    /// When, and what, since it has last begun to work.
    seen: Vec<(u64, Evidence)>,
    /// The attempts that may be stuck, and when they have begun; that was long ago for those that are lost.
    waiting: Vec<(u64, Option<u64>)>,
    working_since: u64,
    level: u32,
    openings: u64,
    started: u64,
    lost: u32,
    /// How many others of the four in the group are open.
    others_open: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Closed,
    Open(f64),
    Probing { probe: u64, expires: u64 },
    Ramp(u64),
}

/// An attempt: how often it had opened before, and its number.
type Attempt = (u64, u64);

impl Model {
    fn start(&mut self, fails_open: bool) -> Option<(Attempt, bool)> {
        self.settle();
        let now = self.now;
        self.watch(PATIENCE);
        self.started += 1;
        let due = match self.mode {
            Mode::Closed | Mode::Ramp(_) => {
                if self.waiting.len() < 5 {
                    self.waiting.push((self.started, Some(now)));
                }
                return Some(((self.openings, self.started), false));
            }
            Mode::Open(until) => until <= (now + 1) as f64,
            Mode::Probing { expires, .. } => expires <= now,
        };
        if due {
            self.mode = Mode::Probing {
                probe: self.started,
                expires: now + 15_000,
            };
        }
        (due || fails_open).then_some(((self.openings, self.started), due))
    }

    fn end(&mut self, (opening, number): Attempt, evidence: Evidence) {
        if evidence == Evidence::LATE {
            if let Some(place) = self.waiting.iter_mut().find(|(n, _)| *n == number) {
                place.1 = None;
            }
        } else {
            self.waiting
                .retain(|(other, begun)| *other != number || begun.is_none());
        }
        if opening != self.openings {
            return;
        }
        self.settle();
        let is_the_probe = match self.mode {
            Mode::Closed | Mode::Ramp(_) => {
                self.learn(evidence);
                return self.watch(u64::MAX);
            }
            Mode::Open(_) => false,
            Mode::Probing { probe, .. } => probe == number,
        };
        match evidence.signal {
            Signal::Success if !evidence.is_slow => {
                self.mode = Mode::Ramp(self.now);
                self.working_since = self.now;
                self.lost = 0;
                self.seen.clear();
                self.waiting.clear();
            }
            Signal::Neutral if is_the_probe => {
                self.lost += u32::from(evidence == Evidence::LATE);
                if self.lost == 2 {
                    self.open();
                } else {
                    self.mode = Mode::Open(self.now as f64);
                }
            }
            _ if is_the_probe => self.open(),
            _ => {}
        }
    }

    fn learn(&mut self, evidence: Evidence) {
        if evidence.signal == Signal::Neutral {
            return;
        }
        self.seen.push((self.now, evidence));
        let lately = self.lately();
        let count = |what: fn(&Evidence) -> bool| lately.iter().filter(|e| what(e)).count();
        let good = count(|evidence| evidence.signal == Signal::Success);
        let slow = count(|evidence| evidence.is_slow);
        let is_bad = if evidence.signal == Signal::Success {
            self.waiting.clear();
            evidence.is_slow && good >= 20 && 2 * slow >= good
        } else {
            let row = self.seen.iter().rev().map(|(_, evidence)| evidence.signal);
            let row = row.take_while(|signal| *signal != Signal::Success);
            let row = row.filter(|signal| *signal == Signal::Failure).count();
            // Only a failure adds to the row, so what was spared for it opens with the next one.
            (row >= 5 && evidence.signal == Signal::Failure)
                || (lately.len() >= 10 && 10 * good < 8 * lately.len())
        };
        if is_bad {
            self.trip();
        }
    }

    fn watch(&mut self, patience: u64) {
        let is_stuck = |begun: Option<u64>| begun.is_none_or(|at| self.now - at > patience);
        let are_stuck = self.waiting.iter().all(|(_, begun)| is_stuck(*begun));
        if self.is_closed() && self.waiting.len() == 5 && are_stuck {
            self.trip();
        }
    }

    fn lately(&self) -> Vec<Evidence> {
        let window = |at: u64| at / 3000 + 10 > self.now / 3000;
        let lately = self.seen.iter().filter(|(at, _)| window(*at));
        lately.map(|(_, evidence)| *evidence).collect()
    }

    fn trip(&mut self) {
        let works = |evidence: &Evidence| evidence.signal == Signal::Success;
        if self.others_open >= 2 && self.lately().iter().any(works) {
            return;
        }
        let clean = (self.now - self.working_since) / 60_000;
        self.level = self.level.saturating_sub(clean as u32);
        self.open();
    }

    fn open(&mut self) {
        let time = (10_000 * 2_u64.pow(self.level)).min(30_000);
        self.level = (self.level + 1).min(2);
        self.openings += 1;
        self.lost = 0;
        self.waiting.clear();
        self.mode = Mode::Open((self.now + time) as f64);
    }

    fn settle(&mut self) {
        if let Mode::Ramp(since) = self.mode
            && self.now - since >= 30_000
        {
            self.mode = Mode::Closed;
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.mode, Mode::Closed | Mode::Ramp(_))
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
    fn it_does_what_the_model_does(steps in (1..80_u32).prop_flat_map(any_steps)) {
        let start = Instant::now();
        // A group of four, one of which the breaker is of.
        let (rules, (_, peers)) = (Rules::of(&CooldownConfig::new()), group(4));
        let mut breaker =
            Breaker::new(rules, Some(Arc::clone(&peers)), Circuit::Closed, start);
        let mut model = Model {
            now: 0,
            mode: Mode::Closed,
            seen: Vec::new(),
            waiting: Vec::new(),
            working_since: 0,
            level: 0,
            openings: 0,
            started: 0,
            lost: 0,
            others_open: 0,
        };
        let (mut in_flight, mut ejected): (Vec<(Ticket, Attempt)>, _) = (Vec::new(), Vec::new());
        let patience = Some(Duration::from_millis(PATIENCE));
        for step in steps {
            let now = start + Duration::from_millis(model.now);
            match step {
                Step::Wait(millis) => model.now += millis,
                Step::Start(fails_open) => {
                    let expected = model.start(fails_open);
                    match (breaker.admit(now, fails_open, patience), expected) {
                        (Admission::Pass(ticket), Some((theirs, is_probe))) => {
                            prop_assert_eq!(ticket.is_probe(), is_probe);
                            in_flight.push((ticket, theirs));
                        }
                        (Admission::Refuse { .. }, None) => {}
                        (ours, theirs) => prop_assert!(false, "{ours:?} is not {theirs:?}"),
                    }
                }
                Step::End(_, _) | Step::Drop(_, _) if in_flight.is_empty() => {}
                Step::End(which, evidence) => {
                    // A head and a body may both speak for one attempt, so it stays in flight.
                    let (ticket, theirs) = in_flight[which % in_flight.len()];
                    breaker.record(ticket, evidence, now);
                    model.end(theirs, evidence);
                }
                Step::Drop(which, evidence) => {
                    let (ticket, theirs) = in_flight.swap_remove(which % in_flight.len());
                    breaker.record(ticket, evidence, now);
                    model.end(theirs, evidence);
                }
                Step::Eject if ejected.len() < 3 => ejected.extend(peers.eject(true)),
                Step::Release | Step::Eject => drop(ejected.pop()),
            }
            model.others_open = ejected.len();
            prop_assert!(agree(&breaker, &model, start), "{breaker:?} is not {:?}", model.mode);
            let own = u32::from(matches!(model.mode, Mode::Open(_) | Mode::Probing { .. }));
            prop_assert_eq!(peers.ejected() as usize, ejected.len() + own as usize);
        }

        // Whatever has happened, it is never stuck: soon an attempt is let through.
        let later = start + Duration::from_millis(model.now + 73_000);
        prop_assert!(matches!(breaker.admit(later, false, None), Admission::Pass(_)));
        drop((breaker, ejected));
        prop_assert_eq!(peers.ejected(), 0);
    }
}

/// A trace in which so many outcomes are a success for each four that are a failure.
fn any_steps(successes: u32) -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(any_step(successes), 1..300)
}

fn any_step(successes: u32) -> impl Strategy<Value = Step> {
    let evidence = (any_signal(successes), any::<bool>()).prop_map(|(signal, is_slow)| Evidence {
        signal,
        is_slow: is_slow && signal == Signal::Success,
        ..Evidence::NONE
    });
    let waited = prop_oneof![
        Just(Evidence::NONE),
        Just(Evidence::LATE),
        Just(Evidence::FAILURE)
    ];
    prop_oneof![
        2 => prop_oneof![0..500_u64, 0..20_000_u64].prop_map(Step::Wait),
        4 => proptest::bool::weighted(0.1).prop_map(Step::Start),
        6 => (any::<usize>(), evidence).prop_map(|(which, evidence)| Step::End(which, evidence)),
        1 => (any::<usize>(), waited).prop_map(|(which, evidence)| Step::Drop(which, evidence)),
        1 => prop_oneof![Just(Step::Eject), Just(Step::Release)],
    ]
}

fn any_signal(successes: u32) -> impl Strategy<Value = Signal> {
    prop_oneof![
        successes => Just(Signal::Success),
        4 => Just(Signal::Failure),
        1 => Just(Signal::Throttle),
        1 => Just(Signal::Neutral),
    ]
}
