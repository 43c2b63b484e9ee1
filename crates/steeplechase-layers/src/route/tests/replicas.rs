//! Several gateways share replicas that are not equal, for some minutes of virtual time.
//!
//! ```text
//! 10 gateways, 35 calls a second together ──► Route ──► 4 replicas of 8 places, a second for each call
//!                                                       1 that takes twice as long
//!                                                       1 of which others use a third
//! ```

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use fastrand::Rng;
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::Sleep;

use super::*;

const GATEWAYS: usize = 10;
const PLACES: usize = 8;
const CALLS: usize = 1_500;

/// An answer that takes its time, and a place while it does.
struct Answering {
    rest: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl http_body::Body for Answering {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Error>>> {
        ready!(self.rest.as_mut().poll(cx));
        Poll::Ready(None)
    }
}

/// Exponential, so that one call in e takes longer.
fn random(rng: &mut Rng, mean: Duration) -> Duration {
    mean.mul_f64(-(1.0 - rng.f64()).ln())
}

async fn serve(place: Arc<Semaphore>, takes: Duration) -> Answering {
    let place = place.acquire_owned().await.expect("it is never closed");
    time::sleep(SECOND / 5).await;
    Answering {
        rest: Box::pin(time::sleep(takes)),
        _place: place,
    }
}

/// The seconds to the first content that one call in a hundred exceeds.
async fn simulate<St>(seed: u64, strategy: impl Fn() -> St) -> f64
where
    St: Strategy + Clone + 'static,
{
    fastrand::seed(seed);
    let replicas = [(); 6].map(|()| Arc::new(Semaphore::new(PLACES)));
    let gateways: Vec<_> = (0..GATEWAYS)
        .map(|_| {
            let group = deployments(6);
            let replicas = replicas.clone();
            let client = tower::service_fn(move |request: Request<()>| {
                let index = place(tagged(&request));
                let mean = if index == 0 { SECOND * 2 } else { SECOND };
                let takes = random(&mut Rng::new(), mean.mul_f64(0.8));
                let place = Arc::clone(&replicas[index]);
                async move { Ok::<_, Error>(Response::new(serve(place, takes).await)) }
            });
            RouteLayer::new(group, strategy(), tag).layer(client)
        })
        .collect();

    let mut rng = Rng::with_seed(seed);
    let (mut calls, mut others) = (JoinSet::new(), JoinSet::new());
    let mut latencies = Vec::new();
    for _ in 0..CALLS {
        let gateway = gateways[rng.usize(..GATEWAYS)].clone();
        calls.spawn(async move {
            let started = Instant::now();
            let response = gateway.oneshot(Request::new(())).await.unwrap();
            let latency = started.elapsed();
            response.into_body().collect().await.unwrap();
            latency
        });
        if rng.f64() < 0.075 {
            let (place, takes) = (Arc::clone(&replicas[1]), random(&mut rng, SECOND));
            others.spawn(async move { serve(place, takes).await.collect().await.map(drop) });
        }
        time::sleep(random(&mut rng, SECOND / 35)).await;
        while let Some(latency) = calls.try_join_next() {
            latencies.push(latency.unwrap());
        }
    }
    latencies.extend(calls.join_all().await);
    latencies.sort_unstable();
    latencies[latencies.len() * 99 / 100].as_secs_f64()
}

#[tokio::test(start_paused = true)]
async fn where_the_busiest_are_left_out_the_slowest_calls_are_quicker() {
    let (mut by_queue, mut by_latency, mut hot_cold) = (0.0, 0.0, 0.0);
    for seed in 1..3 {
        by_queue += simulate(seed, LeastBusy::new).await;
        by_latency += simulate(seed, LowestLatency::new).await;
        hot_cold += simulate(seed, HotCold::new).await;
    }
    let all = format!("{by_queue:.2} {by_latency:.2} {hot_cold:.2}");
    assert!(hot_cold < by_queue * 0.8, "{all}");
    assert!(hot_cold < by_latency * 1.1, "{all}");
}
