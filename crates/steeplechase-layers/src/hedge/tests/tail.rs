//! What hedging is for, in figures, on a simulated day.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::task::JoinSet;

use super::*;

/// Requests, at so many a second.
const REQUESTS: u32 = 20_000;
const INTERVAL: Duration = Duration::from_millis(50);

/// The answers of a provider as one is in good weather: lognormal, with a median of 0.6 s and a p99 of
/// 6 s, each attempt's its own.
const MEDIAN: f64 = 0.6;
const SIGMA: f64 = 0.99;

struct Figures {
    p99: Duration,
    p999: Duration,
    extra: f64,
}

#[test]
fn hedging_the_slowest_lowers_the_tail_for_a_few_more_requests() {
    let without = simulate(&HedgeLayer::off());
    let hedged = simulate(&HedgeLayer::auto());

    assert!(without.extra == 0.0);
    assert!(hedged.extra <= 0.06, "{} extra", hedged.extra);
    let left = |hedged: Duration, without: Duration| hedged.div_duration_f64(without);
    let p99 = left(hedged.p99, without.p99);
    assert!(p99 <= 0.75, "{:?} of {:?}", hedged.p99, without.p99);
    let p999 = left(hedged.p999, without.p999);
    assert!(p999 <= 0.60, "{:?} of {:?}", hedged.p999, without.p999);
}

fn simulate(layer: &HedgeLayer) -> Figures {
    let copies = Arc::new(AtomicU32::new(0));
    let upstream = {
        let copies = Arc::clone(&copies);
        tower::service_fn(move |request: Request<(u32, Arc<AtomicU32>)>| {
            copies.fetch_add(1, Ordering::Relaxed);
            let (id, nth) = request.into_body();
            let nth = nth.fetch_add(1, Ordering::Relaxed);
            // The primary takes as long whether it is hedged or not.
            let mut random = fastrand::Rng::with_seed(u64::from(id) << 8 | u64::from(nth));
            let seconds = MEDIAN * (SIGMA * normal(&mut random)).exp();
            async move {
                time::sleep(Duration::from_secs_f64(seconds)).await;
                Ok::<_, Infallible>(Response::new(()))
            }
        })
    };

    let mut latencies: Vec<Duration> = block_on(async {
        let service = layer.layer(upstream);
        let mut running = JoinSet::new();
        let mut latencies = Vec::new();
        for id in 0..REQUESTS {
            let service = service.clone();
            running.spawn(async move {
                let started = Instant::now();
                let request = Request::new((id, Arc::new(AtomicU32::new(0))));
                let _ = service.oneshot(request).await;
                started.elapsed()
            });
            time::sleep(INTERVAL).await;
            while let Some(latency) = running.try_join_next() {
                latencies.push(latency.unwrap());
            }
        }
        latencies.extend(running.join_all().await);
        latencies
    });

    latencies.sort();
    let quantile = |per_mille: usize| latencies[latencies.len() * per_mille / 1000];
    Figures {
        p99: quantile(990),
        p999: quantile(999),
        extra: f64::from(copies.load(Ordering::Relaxed)) / f64::from(REQUESTS) - 1.0,
    }
}

/// A number from the standard normal distribution, by Box and Muller.
pub(super) fn normal(random: &mut fastrand::Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.f64()).cos()
}
