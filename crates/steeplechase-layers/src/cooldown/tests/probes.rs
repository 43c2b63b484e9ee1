//! What the layer does with probes and while the circuit is open, one sentence for each test.

use steeplechase_core::deployment::Availability;
use tokio::time::{self, Instant};
use tokio_test::{assert_pending, assert_ready_ok};

use super::*;

#[tokio::test(start_paused = true)]
async fn of_a_hundred_when_it_is_due_one_is_the_probe() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.open_and_wait().await;
    assert_eq!(
        bench.health.availability(Instant::now()),
        Availability::Probe
    );

    let probe = bench.start().await;
    assert_eq!(bench.health.circuit(), Circuit::HalfOpen);
    for _ in 0..99 {
        assert_eq!(bench.refused().await.retry_after(), None);
    }
    drop(probe);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_succeeds_brings_the_traffic_back_by_and_by() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.open_and_wait().await;
    bench.succeed().await;
    assert!(matches!(bench.health.circuit(), Circuit::Ramp { .. }));

    let share = |health: &Health| match health.availability(Instant::now()) {
        Availability::Ready(share) => share,
        other => panic!("{other:?}"),
    };
    assert!(share(&bench.health) <= 0.15);
    time::advance(secs(15)).await;
    assert!((0.5..0.6).contains(&share(&bench.health)));
    time::advance(secs(15)).await;
    assert!((share(&bench.health) - 1.0).abs() < 1e-9);

    // It is closed with the next attempt.
    assert!(matches!(bench.health.circuit(), Circuit::Ramp { .. }));
    let _attempt = bench.start().await;
    assert_eq!(bench.health.circuit(), Circuit::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_fails_or_is_throttled_opens_for_longer() {
    for class in [Class::Server, Class::RateLimited] {
        let config = CooldownConfig::new().enforce_promise(false);
        let mut bench = Bench::new(config);
        bench.open_and_wait().await;
        bench.fail_times(class, 1).await;
        let wait = bench.refused().await.retry_after().unwrap();
        assert_eq!(wait, secs(20));
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_says_nothing_makes_room_for_the_next() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.open_and_wait().await;
    bench.fail_times(Class::InvalidRequest, 3).await;
    bench.succeed().await;
    assert!(matches!(bench.health.circuit(), Circuit::Ramp { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_dropped_at_any_time_makes_room_for_the_next() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.open_and_wait().await;

    let unpolled = bench.send();
    drop(unpolled);
    let (_, _reply) = bench.upstream.next_request().await.unwrap();
    assert_eq!(
        bench.health.availability(Instant::now()),
        Availability::Probe
    );

    let (mut polled, _reply) = bench.start().await;
    assert_pending!(polled.poll());
    drop(polled);
    assert_eq!(
        bench.health.availability(Instant::now()),
        Availability::Probe
    );
    bench.succeed().await;
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_hangs_makes_room_for_the_next_after_a_time() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.open_and_wait().await;
    let (mut probe, reply) = bench.start().await;
    assert_pending!(probe.poll());

    time::advance(secs(15)).await;
    assert!(probe.is_woken());
    assert_pending!(probe.poll());
    assert_eq!(
        bench.health.availability(Instant::now()),
        Availability::Probe
    );

    let (_next, _) = bench.start().await;
    bench.refused().await;

    // When it answers after all, that is as good as any proof.
    reply.send_response(Response::new(Script::hello()));
    assert!(probe.is_woken());
    assert_ready_ok!(probe.poll());
    assert!(matches!(bench.health.circuit(), Circuit::Ramp { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_nobody_polls_blocks_no_other_after_a_time() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.open_and_wait().await;
    let _stuck = bench.start().await;
    bench.refused().await;
    time::advance(secs(15)).await;
    let _next = bench.start().await;
}

#[tokio::test(start_paused = true)]
async fn a_hundred_stragglers_change_nothing() {
    let mut bench = Bench::new(CooldownConfig::new());
    let mut stragglers = Vec::new();
    for _ in 0..100 {
        stragglers.push(bench.start().await);
    }
    bench.open().await;
    let circuit = bench.health.circuit();
    for (index, (call, reply)) in stragglers.into_iter().enumerate() {
        if index % 2 == 0 {
            reply.send_response(Response::new(Script::hello()));
        } else {
            reply.send_error(Error::new(Class::Server, "failed"));
        }
        let _ = call.await;
        assert_eq!(bench.health.circuit(), circuit);
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_fails_open_passes_and_can_only_do_good() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.open().await;
    let circuit = bench.health.circuit();
    let forced = || {
        let mut request = Request::new(());
        request.extensions_mut().insert(FailOpen);
        request
    };

    for _ in 0..20 {
        let call = bench.send_request(forced());
        let (_, reply) = bench.upstream.next_request().await.unwrap();
        reply.send_error(Error::new(Class::Server, "failed"));
        call.await.unwrap_err();
        assert_eq!(bench.health.circuit(), circuit);
    }

    let call = bench.send_request(forced());
    let (_, reply) = bench.upstream.next_request().await.unwrap();
    reply.send_response(Response::new(Script::hello()));
    call.await.unwrap();
    assert!(matches!(bench.health.circuit(), Circuit::Ramp { .. }));
}

#[tokio::test(start_paused = true)]
async fn what_its_health_says_is_due_is_let_through() {
    for _ in 0..20 {
        // The time that it opens for has fractions of milliseconds, which are not published.
        let mut bench = Bench::new(CooldownConfig::new());
        bench.open().await;
        let Circuit::Open { until } = bench.health.circuit() else {
            panic!("it has just opened");
        };
        time::advance(until - Instant::now()).await;
        assert_eq!(
            bench.health.availability(Instant::now()),
            Availability::Probe
        );
        bench.succeed().await;
    }
}
