//! The breaker by itself: what takes many steps.

use steeplechase_core::Signal;
use tokio::time::Instant;

use super::super::breaker::{Admission, Breaker, Ticket};
use super::super::history::Evidence;
use super::super::rules::Rules;
use super::super::window::{Counts, Window};
use super::*;

fn breaker(config: CooldownConfig, now: Instant) -> Breaker {
    let rules = Rules::of(&config);
    Breaker::new(rules, None, Circuit::Closed, now)
}

fn evidence(signal: Signal) -> Evidence {
    Evidence {
        signal,
        ..Evidence::NONE
    }
}

fn pass(breaker: &mut Breaker, now: Instant) -> Option<Ticket> {
    match breaker.admit(now, false, None) {
        Admission::Pass(ticket) => Some(ticket),
        Admission::Refuse { .. } => None,
    }
}

fn attempt(breaker: &mut Breaker, signal: Signal, now: Instant) -> bool {
    let ticket = pass(breaker, now);
    if let Some(ticket) = ticket {
        breaker.record(ticket, evidence(signal), now);
    }
    ticket.is_some()
}

fn is_open(breaker: &Breaker) -> bool {
    matches!(breaker.circuit(), Circuit::Open { .. })
}

/// Opens it from closed or from a ramp, and says for how long.
fn trip(breaker: &mut Breaker, now: Instant) -> Duration {
    while !is_open(breaker) {
        assert!(attempt(breaker, Signal::Failure, now));
    }
    match breaker.circuit() {
        Circuit::Open { until } => until - now,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_second_failing_opens_within_ten_outcomes() {
    let now = Instant::now();
    let mut breaker = breaker(CooldownConfig::new(), now);
    for _ in 0..5 {
        assert!(attempt(&mut breaker, Signal::Success, now));
        assert!(attempt(&mut breaker, Signal::Failure, now));
    }
    assert!(is_open(&breaker));
}

#[test]
fn one_in_four_failing_opens_and_one_in_six_does_not() {
    for (every, opens) in [(4, true), (6, false)] {
        let mut now = Instant::now();
        let mut breaker = breaker(CooldownConfig::new(), now);
        for i in 1..=600 {
            now += Duration::from_millis(50);
            let fails = i % every == 0;
            attempt(
                &mut breaker,
                if fails {
                    Signal::Failure
                } else {
                    Signal::Success
                },
                now,
            );
        }
        assert_eq!(is_open(&breaker), opens, "one in {every}");
    }
}

#[test]
fn what_is_allowed_to_fail_may_fail_and_the_next_may_not() {
    let now = Instant::now();
    let mut breaker = breaker(CooldownConfig::new().allowed_fails(100), now);
    for _ in 0..100 {
        assert!(attempt(&mut breaker, Signal::Failure, now));
        assert!(attempt(&mut breaker, Signal::Throttle, now));
    }
    assert_eq!(breaker.circuit(), Circuit::Closed);
    attempt(&mut breaker, Signal::Failure, now);
    assert!(is_open(&breaker));
}

#[test]
fn what_failed_long_ago_does_not_count() {
    let now = Instant::now();
    let mut breaker = breaker(CooldownConfig::new().allowed_fails(1), now);
    for i in 0..50 {
        attempt(&mut breaker, Signal::Failure, now + secs(60 * i));
    }
    assert_eq!(breaker.circuit(), Circuit::Closed);
}

#[test]
fn it_opens_for_twice_as_long_each_time_and_no_longer_than_half_a_minute() {
    let mut now = Instant::now();
    let mut breaker = breaker(CooldownConfig::new(), now);
    let mut time = trip(&mut breaker, now);
    for expected in [10, 20, 30, 30, 30] {
        assert_eq!(time, secs(expected));
        now += time;
        assert!(attempt(&mut breaker, Signal::Failure, now));
        let Circuit::Open { until } = breaker.circuit() else {
            panic!("the probe has failed");
        };
        time = until - now;
    }
}

#[test]
fn one_step_is_forgotten_for_each_clean_minute() {
    for (minutes, expected) in [(0, 30), (1, 20), (2, 10), (3, 10), (100, 10)] {
        let mut now = Instant::now();
        let mut breaker = breaker(CooldownConfig::new(), now);
        now += trip(&mut breaker, now);
        for _ in 0..2 {
            attempt(&mut breaker, Signal::Failure, now);
            now += secs(60);
        }
        attempt(&mut breaker, Signal::Success, now);
        now += secs(60 * minutes);
        let time = trip(&mut breaker, now);
        assert_eq!(time, secs(expected), "after {minutes} min");
    }
}

#[test]
fn what_flaps_is_left_alone_most_of_the_time() {
    let start = Instant::now();
    let mut breaker = breaker(CooldownConfig::new(), start);
    let (mut refused, mut all) = (0_u32, 0_u32);
    for tenth in 0..6000_u64 {
        let now = start + Duration::from_millis(100 * tenth);
        // It works for five seconds, and then it does not for five.
        let signal = if tenth / 50 % 2 == 0 {
            Signal::Success
        } else {
            Signal::Failure
        };
        let passed = attempt(&mut breaker, signal, now);
        if now - start >= secs(120) {
            all += 1;
            refused += u32::from(!passed);
        }
    }
    assert!(
        f64::from(refused) >= 0.6 * f64::from(all),
        "{refused} of {all}"
    );
}

#[test]
fn a_window_counts_right_after_a_very_long_sleep() {
    let start = Instant::now();
    let mut window = Window::<Counts, 10>::new(start);
    window.now(start).failed += 1;
    let later = start + Duration::from_secs(3 * (u64::from(u32::MAX) + 1));
    assert_eq!(window.sum(later).all(), 0);
    window.now(later).failed += 1;
    assert_eq!(window.sum(later).failed, 1);
}
