//! What the layer makes of the deployments among which a router inside picks.

use std::sync::Arc;

use steeplechase_core::deployment::Circuit;
use steeplechase_core::{Deployment, Dialect};

use super::*;
use crate::hedge::pool::Pool;
use crate::hedge::shared::Shared;

const SECOND: Duration = Duration::from_secs(1);

fn deployments() -> [Arc<Deployment>; 3] {
    ["a", "b", "c"].map(|id| Deployment::builder(id, "m", Dialect::OpenAi).build())
}

fn shared(deployments: &[Arc<Deployment>]) -> Arc<Shared> {
    let pool = Pool::new(deployments.iter().cloned());
    Arc::new(Shared::new(HedgeConfig::default(), None, pool))
}

fn observe(deployment: &Deployment, n: u32, latency: Duration) {
    for _ in 0..n {
        deployment.load().observe(latency);
    }
}

/// The delay of a request that starts now, worked out anew.
async fn delay(shared: &Arc<Shared>) -> Duration {
    time::advance(SECOND).await;
    let (due, stopwatch) = shared.start(Delay::Auto);
    stopwatch
        .unwrap()
        .stop(&steeplechase_core::Outcome::failure(Class::Server));
    due.at - Instant::now()
}

#[track_caller]
fn assert_about(actual: Duration, expected: Duration) {
    let error = actual.as_secs_f64() / expected.as_secs_f64() - 1.0;
    assert!(error.abs() <= 0.021, "{actual:?} is not {expected:?}");
}

#[tokio::test(start_paused = true)]
async fn the_delay_is_that_of_the_quickest_deployment_that_is_known_well_enough() {
    let deployments = deployments();
    let [a, b, c] = &deployments;
    let shared = shared(&deployments);
    assert_eq!(delay(&shared).await, SECOND * 4, "nothing is known");

    observe(a, 50, SECOND * 3);
    observe(b, 50, SECOND * 2);
    observe(c, 49, SECOND);
    assert_about(delay(&shared).await, SECOND * 2);
    observe(c, 1, SECOND);
    assert_about(delay(&shared).await, SECOND);
}

#[tokio::test(start_paused = true)]
async fn one_that_may_not_be_used_does_not_count() {
    let deployments = deployments();
    let [a, b, _] = &deployments;
    let shared = shared(&deployments);
    observe(a, 50, SECOND * 2);
    observe(b, 50, SECOND);
    let until = Instant::now() + SECOND * 30;
    b.health().set_circuit(Circuit::Open { until });
    assert_about(delay(&shared).await, SECOND * 2);

    b.health().set_circuit(Circuit::Ramp {
        since: Instant::now(),
    });
    assert_about(delay(&shared).await, SECOND);
    b.health().cool_until(until);
    assert_about(delay(&shared).await, SECOND * 2);
}

#[tokio::test(start_paused = true)]
async fn one_that_never_answers_makes_nobody_wait_longer() {
    let deployments = deployments();
    let [a, b, _] = &deployments;
    let shared = shared(&deployments);
    observe(a, 50, SECOND);
    observe(b, 50, SECOND);
    for _ in 0..500 {
        b.load().at_least(SECOND * 5);
    }
    assert_about(delay(&shared).await, SECOND);
}

#[tokio::test(start_paused = true)]
async fn the_group_as_a_whole_counts_while_no_deployment_is_known() {
    let shared = shared(&deployments());
    let stopwatches: Vec<_> = (0..50)
        .map(|_| shared.start(Delay::Auto).1.unwrap())
        .collect();
    time::advance(SECOND * 2).await;
    for stopwatch in stopwatches {
        stopwatch.stop(&steeplechase_core::Outcome::SUCCESS);
    }
    assert_about(delay(&shared).await, SECOND * 2);
}

#[tokio::test(start_paused = true)]
async fn while_all_are_down_a_slow_request_is_not_sent_twice() {
    let deployments = deployments();
    let layer = HedgeLayer::after(DELAY).pool(deployments.iter().cloned());
    let (mut service, mut upstream) = hedged(layer);
    let open = Circuit::Open {
        until: Instant::now() + SECOND * 30,
    };
    for deployment in &deployments {
        deployment.health().set_circuit(open);
    }
    let mut call = send(&mut service);
    let _primary = next(&mut upstream);
    assert_pending!(call.poll());
    time::advance(DELAY).await;
    assert_pending!(call.poll());
    assert_pending!(upstream.poll_request());

    // One that is well is enough.
    deployments[1].health().set_circuit(Circuit::Closed);
    let _both = both_in_flight(&mut service, &mut upstream).await;
}

#[tokio::test(start_paused = true)]
async fn a_probe_gets_company_as_soon_as_most_would_have_been_answered_and_it_costs_no_share() {
    let deployments = deployments();
    observe(&deployments[0], 90, SECOND);
    observe(&deployments[0], 10, SECOND * 8);
    for is_probe in [false, true] {
        let config = HedgeConfig::default().max_extra(0.05).burst(1);
        let layer = HedgeLayer::with(config).pool(deployments.iter().cloned());
        let (mut service, mut upstream) = hedged(layer);
        for nth in 0..2 {
            let (request, attempts) = request_with_attempts();
            // As a router does, while the primary is called.
            attempts.set_probe(is_probe);
            let mut call = send_this(&mut service, request);
            let _primary = next(&mut upstream);
            assert_pending!(call.poll());
            time::advance(SECOND.mul_f64(1.03)).await;
            assert_pending!(call.poll());
            assert_eq!(upstream.poll_request().is_ready(), is_probe);
            time::advance(SECOND * 8).await;
            assert_pending!(call.poll());
            // Of the share there is one, and probes have left it there.
            let has_share = nth == 0 && !is_probe;
            assert_eq!(upstream.poll_request().is_ready(), has_share);
        }
    }
}
