//! Whether a deployment may be used: a promise about time, and what a breaker has inferred.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{self, Instant};

use super::{ALMOST_A_SECOND, ONE_MILLI, SECOND, paused};
use crate::Health;
use crate::deployment::{Availability, Circuit};

const READY: Availability = Availability::Ready(1.0);

#[tokio::test(start_paused = true)]
async fn a_new_deployment_may_be_used() {
    let health = Health::default();
    assert_eq!(health.availability(Instant::now()), READY);
    assert_eq!(health.circuit(), Circuit::Closed);
    assert_eq!(health.cooling(Instant::now()), None);
}

#[tokio::test(start_paused = true)]
async fn a_promise_is_kept_until_its_time_and_no_longer() {
    let health = Health::default();
    let until = Instant::now() + SECOND;
    health.cool_until(until);

    time::advance(ALMOST_A_SECOND).await;
    let closed = Availability::Closed { until: Some(until) };
    assert_eq!(health.availability(Instant::now()), closed);
    time::advance(ONE_MILLI).await;
    assert_eq!(health.availability(Instant::now()), READY);
    assert_eq!(health.cooling(Instant::now()), None);
}

#[tokio::test(start_paused = true)]
async fn a_promise_is_kept_to_its_last_nanosecond() {
    let health = Health::default();
    let nano = Duration::from_nanos(1);
    let until = Instant::now() + SECOND + nano;
    health.cool_until(until);
    assert!(health.cooling(until - nano).is_some());
    assert!(health.cooling(until + ONE_MILLI).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_shorter_promise_does_not_shorten_a_longer_one() {
    let health = Health::default();
    let now = Instant::now();
    health.cool_until(now + SECOND * 9);
    health.cool_until(now + SECOND);
    health.cool_until(now);
    assert_eq!(health.cooling(now), Some(now + SECOND * 9));
    health.cool_until(now + SECOND * 10);
    assert_eq!(health.cooling(now), Some(now + SECOND * 10));

    health.forget_promise();
    assert_eq!(health.cooling(now), None);
}

#[tokio::test(start_paused = true)]
async fn a_promise_for_a_time_that_is_over_is_none() {
    let before = Instant::now();
    time::advance(SECOND).await;
    let health = Health::default();
    health.cool_until(before);
    health.cool_until(Instant::now());
    assert_eq!(health.availability(Instant::now()), READY);
}

#[tokio::test(start_paused = true)]
async fn a_promise_for_the_end_of_time_is_kept() {
    let health = Health::default();
    let year = SECOND * 3600 * 24 * 365;
    health.cool_until(Instant::now() + year * 100);
    time::advance(year * 99).await;
    assert!(health.cooling(Instant::now()).is_some());
}

#[tokio::test(start_paused = true)]
async fn the_stricter_of_promise_and_circuit_decides() {
    let now = Instant::now();
    let (sooner, later) = (now + SECOND, now + SECOND * 2);
    let open = |until| Circuit::Open { until };
    let closed = |until| Availability::Closed { until };
    let ramp = Circuit::Ramp { since: now };
    let cases = [
        (Circuit::Closed, None, READY),
        (Circuit::Closed, Some(later), closed(Some(later))),
        (open(sooner), None, closed(Some(sooner))),
        (open(sooner), Some(later), closed(Some(later))),
        (open(later), Some(sooner), closed(Some(later))),
        (open(now), None, Availability::Probe),
        (open(now), Some(later), closed(Some(later))),
        (Circuit::HalfOpen, None, closed(None)),
        (Circuit::HalfOpen, Some(later), closed(Some(later))),
        (ramp, None, Availability::Ready(Health::RAMP_START)),
        (ramp, Some(later), closed(Some(later))),
    ];
    for (circuit, promise, expected) in cases {
        let health = Health::default();
        health.set_circuit(circuit);
        if let Some(until) = promise {
            health.cool_until(until);
        }
        let availability = health.availability(now);
        assert_eq!(availability, expected, "{circuit:?}, {promise:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_circuit_that_is_open_may_be_probed_from_its_time_on() {
    let health = Health::default();
    let until = Instant::now() + SECOND;
    health.set_circuit(Circuit::Open { until });
    time::advance(ALMOST_A_SECOND).await;
    let closed = Availability::Closed { until: Some(until) };
    assert_eq!(health.availability(Instant::now()), closed);
    time::advance(ONE_MILLI).await;
    assert_eq!(health.availability(Instant::now()), Availability::Probe);
}

#[tokio::test(start_paused = true)]
async fn traffic_comes_back_from_a_tenth_to_all_of_it() {
    let health = Health::default();
    let since = Instant::now();
    health.set_circuit(Circuit::Ramp { since });
    let share = |after| share(&health, since + after);
    assert!((share(Duration::ZERO) - 0.1).abs() < 1e-9);
    assert!((share(Health::RAMP / 2) - 0.55).abs() < 1e-9);
    assert!((share(Health::RAMP) - 1.0).abs() < 1e-9);
    assert!((share(Health::RAMP * 100) - 1.0).abs() < 1e-9);
}

proptest! {
    #[test]
    fn a_circuit_is_read_as_it_was_written(kind in 0..4, millis in 0..10_000_000_000_u64) {
        paused(async {
            let health = Health::default();
            let at = Instant::now() + Duration::from_millis(millis);
            let circuit = match kind {
                0 => Circuit::Closed,
                1 => Circuit::Open { until: at },
                2 => Circuit::HalfOpen,
                _ => Circuit::Ramp { since: at },
            };
            health.set_circuit(circuit);
            prop_assert_eq!(health.circuit(), circuit);
            Ok(())
        })?;
    }

    #[test]
    fn of_all_promises_the_last_to_end_is_kept(
        promises in proptest::collection::vec(0..10_000_000_u64, 1..10),
    ) {
        paused(async {
            let health = Health::default();
            let now = Instant::now();
            let ends = promises.iter().map(|micros| now + Duration::from_micros(*micros));
            ends.clone().for_each(|end| health.cool_until(end));

            let last = ends.max().unwrap();
            let kept = health.cooling(now).unwrap_or(now);
            prop_assert!(kept >= last && kept - last < ONE_MILLI);
            Ok(())
        })?;
    }

    #[test]
    fn a_ramp_never_falls(sooner in 0..40_000_u64, more in 0..40_000_u64) {
        paused(async {
            let health = Health::default();
            let since = Instant::now();
            health.set_circuit(Circuit::Ramp { since });
            let sooner = since + Duration::from_millis(sooner);
            let (low, high) = (share(&health, sooner), share(&health, sooner + ONE_MILLI * u32::try_from(more).unwrap()));
            prop_assert!(low >= Health::RAMP_START && low <= high && high <= 1.0);
            Ok(())
        })?;
    }
}

fn share(health: &Health, now: Instant) -> f64 {
    match health.availability(now) {
        Availability::Ready(share) => share,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_depends_on_its_provider_may_be_used_if_both_may() {
    let now = Instant::now();
    let (soon, later) = (now + SECOND, now + SECOND * 9);
    let (open, ramp) = (
        |until| Circuit::Open { until },
        Circuit::Ramp { since: now },
    );
    let closed = |until| Availability::Closed { until };
    let start = Availability::Ready(Health::RAMP_START);
    for (own, provider, expected) in [
        (Circuit::Closed, Circuit::Closed, READY),
        (Circuit::Closed, open(soon), closed(Some(soon))),
        (open(soon), open(later), closed(Some(later))),
        (open(later), open(soon), closed(Some(later))),
        (open(soon), Circuit::Closed, closed(Some(soon))),
        (open(soon), Circuit::HalfOpen, closed(Some(soon))),
        (Circuit::Closed, Circuit::HalfOpen, closed(None)),
        (Circuit::HalfOpen, Circuit::Closed, closed(None)),
        (Circuit::Closed, open(now), Availability::Probe),
        (open(now), open(now), Availability::Probe),
        (open(now), ramp, Availability::Probe),
        (ramp, Circuit::Closed, start),
        (Circuit::Closed, ramp, start),
    ] {
        let (deployment, group) = (Health::default(), Arc::new(Health::default()));
        deployment.depend_on(&group);
        deployment.set_circuit(own);
        group.set_circuit(provider);
        let both = deployment.availability(now);
        assert_eq!(both, expected, "{own:?} at {provider:?}");
        // What it knows of itself is what it knows of itself.
        assert_eq!(deployment.circuit(), own);
    }
}

#[test]
fn it_depends_on_one_provider_and_never_on_itself() {
    let [own, first, second] = [(); 3].map(|()| Arc::new(Health::default()));
    own.depend_on(&own);
    assert!(own.provider().is_none());
    own.depend_on(&first);
    own.depend_on(&second);
    assert!(Arc::ptr_eq(own.provider().unwrap(), &first));
}
