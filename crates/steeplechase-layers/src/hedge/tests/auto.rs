//! What the layer learns.

use std::convert::Infallible;
use std::sync::Arc;

use steeplechase_core::{Outcome, Phase};
use tower::Service;

use super::*;
use crate::hedge::pool::Pool;
use crate::hedge::shared::Shared;

const INITIAL: Duration = Duration::from_secs(4);
const ALMOST_INITIAL: Duration = Duration::from_millis(3999);

fn shared(config: HedgeConfig) -> Arc<Shared> {
    Arc::new(Shared::new(config, None, Pool::default()))
}

/// The delay of a request that starts now, of which nothing else is to be learnt.
fn delay(shared: &Arc<Shared>) -> Duration {
    let (due, stopwatch) = shared.start(Delay::Auto);
    if let Some(stopwatch) = stopwatch {
        stopwatch.stop(&Outcome::failure(Class::Server));
    }
    due.at - Instant::now()
}

/// One attempt after the other, each over after `latency` with `outcome`.
async fn learn(shared: &Arc<Shared>, attempts: u32, latency: Duration, outcome: Option<Outcome>) {
    let stopwatches: Vec<_> = (0..attempts)
        .map(|_| shared.start(Delay::Auto).1.unwrap())
        .collect();
    time::advance(latency).await;
    for stopwatch in stopwatches {
        match outcome {
            Some(outcome) => stopwatch.stop(&outcome),
            None => drop(stopwatch),
        }
    }
    // For longer than the delays are kept.
    time::advance(Duration::from_secs(1)).await;
}

#[track_caller]
fn assert_about(actual: Duration, expected: Duration) {
    let error = actual.as_secs_f64() / expected.as_secs_f64() - 1.0;
    assert!(error.abs() <= 0.021, "{actual:?} is not {expected:?}");
}

#[tokio::test(start_paused = true)]
async fn the_delay_is_the_initial_one_until_fifty_latencies_are_known() {
    let shared = shared(HedgeConfig::default());
    assert_eq!(delay(&shared), INITIAL);
    learn(&shared, 49, Duration::from_secs(1), Some(Outcome::SUCCESS)).await;
    assert_eq!(delay(&shared), INITIAL);
    learn(&shared, 1, Duration::from_secs(1), Some(Outcome::SUCCESS)).await;
    assert_about(delay(&shared), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn the_delay_is_the_quantile_and_never_below_the_floor() {
    let fast = Duration::from_millis(20);
    let slow = Duration::from_secs(3);
    // A tenth is slow: the p95 is one of the slow, the p85 is one of the fast.
    for (max_extra, expected) in [(0.05, slow), (0.15, Duration::from_millis(250))] {
        let shared = shared(HedgeConfig::default().max_extra(max_extra));
        learn(&shared, 90, fast, Some(Outcome::SUCCESS)).await;
        learn(&shared, 10, slow, Some(Outcome::SUCCESS)).await;
        assert_about(delay(&shared), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_given_up_counts_as_at_least_as_slow() {
    let given_up = None;
    let timed_out = Some(Outcome::failure(Class::Timeout(Phase::FirstToken)));
    let failed = Some(Outcome::failure(Class::Server));
    let (quick, late) = (Duration::from_secs(1), Duration::from_secs(6));
    let soon = Duration::from_millis(10);
    // Of 200, the p95 is one of the slowest ten. Those given up soon may have been slow as well: of those that
    // were not, one in ten was.
    for (outcome, after, slow) in [
        (given_up, late, true),
        (given_up, soon, true),
        (timed_out, late, true),
        (failed, late, false),
    ] {
        let shared = shared(HedgeConfig::default());
        learn(&shared, 90, quick, Some(Outcome::SUCCESS)).await;
        if after == soon {
            learn(&shared, 10, late, Some(Outcome::SUCCESS)).await;
        }
        learn(&shared, 100, after, outcome).await;
        assert_about(delay(&shared), if slow { late } else { quick });
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_given_up_alone_is_not_enough_to_go_by() {
    let shared = shared(HedgeConfig::default());
    learn(&shared, 100, Duration::from_secs(1), None).await;
    assert_eq!(delay(&shared), INITIAL);
}

#[tokio::test(start_paused = true)]
async fn what_was_learnt_is_kept_for_ten_minutes_and_then_forgotten() {
    let shared = shared(HedgeConfig::default());
    let latency = Duration::from_secs(1);
    learn(&shared, 50, latency, Some(Outcome::SUCCESS)).await;
    time::advance(Duration::from_secs(400)).await;
    assert_about(delay(&shared), latency);

    // A minute with enough in it goes before the ten.
    learn(&shared, 50, latency * 2, Some(Outcome::SUCCESS)).await;
    assert_about(delay(&shared), latency * 2);

    time::advance(Duration::from_secs(600)).await;
    assert_eq!(delay(&shared), INITIAL);
}

#[tokio::test(start_paused = true)]
async fn the_delay_is_worked_out_once_a_second_and_told() {
    let (recorder, snapshotter) = recorder();
    let shared = ::metrics::with_local_recorder(&recorder, || shared(HedgeConfig::default()));
    assert_eq!(delay(&shared), INITIAL);
    assert_eq!(
        counted(&snapshotter),
        ["Key(steeplechase_hedge_delay_seconds) = Gauge(4.0)"]
    );

    for _ in 0..50 {
        shared.start(Delay::Auto).1.unwrap().stop(&Outcome::SUCCESS);
    }
    time::advance(Duration::from_millis(999)).await;
    assert_eq!(delay(&shared), INITIAL);
    time::advance(ONE_MILLI).await;
    assert_eq!(delay(&shared), Duration::from_millis(250));
    assert_eq!(
        counted(&snapshotter),
        ["Key(steeplechase_hedge_delay_seconds) = Gauge(0.25)"]
    );
}

#[tokio::test(start_paused = true)]
async fn losers_and_calls_that_are_given_up_are_learnt_from() {
    let more = Duration::from_secs(2);
    let late = INITIAL + more;
    let upstream = tower::service_fn(|request: Request<bool>| async move {
        let attempts = Attempts::get(request.extensions()).unwrap();
        let is_quick = *request.body();
        if is_quick || attempts.count(Kind::Hedge) == 1 {
            time::sleep(if is_quick { ONE_MILLI } else { more }).await;
            return Ok::<_, Infallible>(Response::new(()));
        }
        std::future::pending().await
    });

    for hedges in [true, false] {
        let config = HedgeConfig::default().burst(if hedges { 200 } else { 0 });
        let mut service = HedgeLayer::with(config).layer(upstream);
        let mut send = |is_quick| task::spawn(service.call(Request::new(is_quick)));
        let mut calls: Vec<_> = (0..50).map(|_| send(false)).collect();
        let mut quick: Vec<_> = (0..50).map(|_| send(true)).collect();
        let mut poll_all = |ready| {
            for call in &mut calls {
                assert_eq!(call.poll().is_ready(), ready);
            }
        };
        for call in &mut quick {
            assert_pending!(call.poll());
        }
        poll_all(false);
        time::advance(ONE_MILLI).await;
        for call in &mut quick {
            assert_ready_ok!(call.poll());
        }
        time::advance(ALMOST_INITIAL).await;
        poll_all(false);
        time::advance(more).await;
        poll_all(hedges);
        drop(calls);

        // Of the slow ones: with hedges, losers at 6 s and winners at 2 s; without, given up at 6 s.
        let mut call = send(false);
        assert_pending!(call.poll());
        time::advance(late.mul_f64(0.97)).await;
        assert!(!call.is_woken());
        time::advance(late.mul_f64(0.06)).await;
        assert!(call.is_woken());
    }
}

#[tokio::test(start_paused = true)]
async fn while_hedges_are_scarce_only_the_slowest_are_hedged() {
    let upstream = tower::service_fn(|request: Request<Duration>| async move {
        time::sleep(request.into_body()).await;
        Ok::<_, Infallible>(Response::new(()))
    });
    let config = HedgeConfig::default().burst(3);
    let mut service = HedgeLayer::with(config).layer(upstream);

    // 100 answers: 94 take 1 s, 3 take 2 s, 3 take 3 s. The p95 is 2 s and the p98 is 3 s.
    let mut calls: Vec<_> = [(94, 1), (3, 2), (3, 3)]
        .into_iter()
        .flat_map(|(n, secs)| std::iter::repeat_n(Duration::from_secs(secs), n))
        .map(|latency| task::spawn(service.call(Request::new(latency))))
        .collect();
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    for _ in 0..3 {
        time::advance(Duration::from_secs(1)).await;
        for call in &mut calls {
            if call.is_woken() {
                assert_ready_ok!(call.poll());
            }
        }
    }

    // Three are saved up. Of three, one is less than half.
    for expected in [2, 2, 3] {
        let mut request = Request::new(Duration::from_secs(1000));
        let attempts = Attempts::of(request.extensions_mut());
        let started = Instant::now();
        let mut call = task::spawn(service.call(request));
        while attempts.count(Kind::Hedge) == 0 {
            assert_pending!(call.poll());
            assert!(started.elapsed() < INITIAL);
            time::advance(Duration::from_millis(10)).await;
        }
        assert_about(started.elapsed(), Duration::from_secs(expected));
    }
}
