//! What a pick costs, by strategy and by the size of the group.
//!
//! ```text
//! request ──► Route ──► one of 1 … 10 000 deployments, each of which answers at once
//! ```
//!
//! What is measured is the whole call of the router. The group of one needs no pick, so what the others take
//! longer is the pick. Up to 16 deployments are all looked at; of more a few are drawn, so that the time grows
//! no further, but for the memory that is no longer in a cache.
//!
//! `cargo bench -p steeplechase-tests --bench pick`. The target is 2 µs for a thousand deployments.

use std::future::{Ready, ready};
use std::hint::black_box;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use divan::Bencher;
use http::{Request, Response};
use http_body_util::Full;
use steeplechase::layers::route::{
    Affinity, CheapestFirst, Describe, HotCold, LeastBusy, LowestLatency, RouteLayer, SloCheapest,
    Strategy, SuccessRate, UsageBased, WeightedShuffle,
};
use steeplechase::price::{Price, Rate, Unit};
use steeplechase::{BoxError, Deployment, Dialect, Pricing};
use tower::layer::util::Identity;
use tower::{Layer, Service};

const SIZES: [usize; 7] = [1, 10, 16, 17, 100, 1_000, 10_000];

/// All requests are of one conversation.
#[derive(Clone)]
struct Known;

/// Deployments that differ in weight, price and latency, of three providers.
static DEPLOYMENTS: LazyLock<Vec<Arc<Deployment>>> = LazyLock::new(|| {
    let build = |index: u16| {
        let rate = Rate::from_picos(100_000 + u64::from(index % 100));
        let price = Price::builder()
            .rate(Unit::Input, rate)
            .rate(Unit::Output, rate);
        let deployment =
            Deployment::builder(format!("deployment-{index}"), "fast", Dialect::OpenAi)
                .pricing(Pricing::Known(price.build().into()))
                .provider(format!("provider-{}", index % 3))
                .weight(f64::from(index % 4 + 1))
                .build();
        let latency = Duration::from_millis(100 + u64::from(index % 50));
        deployment.load().observe(latency);
        deployment
    };
    (0..10_000).map(build).collect()
});

fn main() {
    divan::main();
}

#[divan::bench(args = SIZES)]
fn weighted_shuffle(bencher: Bencher<'_, '_>, size: usize) {
    pick(bencher, size, WeightedShuffle::new());
}

#[divan::bench(args = SIZES)]
fn least_busy(bencher: Bencher<'_, '_>, size: usize) {
    pick(bencher, size, LeastBusy::new());
}

#[divan::bench(args = SIZES)]
fn lowest_latency(bencher: Bencher<'_, '_>, size: usize) {
    pick(bencher, size, LowestLatency::new());
}

#[divan::bench(args = SIZES)]
fn hot_cold(bencher: Bencher<'_, '_>, size: usize) {
    pick(bencher, size, HotCold::new());
}

#[divan::bench(args = SIZES)]
fn success_rate(bencher: Bencher<'_, '_>, size: usize) {
    pick(bencher, size, SuccessRate::new());
}

#[divan::bench(args = SIZES)]
fn cheapest_first(bencher: Bencher<'_, '_>, size: usize) {
    pick(bencher, size, CheapestFirst::new());
}

#[divan::bench(args = SIZES)]
fn slo_cheapest(bencher: Bencher<'_, '_>, size: usize) {
    pick(bencher, size, SloCheapest::new(Duration::from_millis(120)));
}

#[divan::bench(args = SIZES)]
fn usage_based(bencher: Bencher<'_, '_>, size: usize) {
    pick(bencher, size, UsageBased::new());
}

#[divan::bench(args = SIZES)]
fn affinity(bencher: Bencher<'_, '_>, size: usize) {
    pick(bencher, size, Affinity::or(LowestLatency::new()));
}

fn pick(bencher: Bencher<'_, '_>, size: usize, strategy: impl Strategy + Clone) {
    let deployments = DEPLOYMENTS[..size].iter().cloned();
    let layer = RouteLayer::new(deployments, strategy, |_| Identity::new()).describe(Known);
    let mut route = layer.layer(tower::service_fn(answer));
    bencher.bench_local(|| black_box(route.call(Request::new(()))));
}

fn answer(_: Request<()>) -> Ready<Result<Response<Full<Bytes>>, BoxError>> {
    ready(Ok(Response::default()))
}

// ===== impl Known =====

impl Describe<()> for Known {
    fn is_stream(&self, _: &Request<()>) -> Option<bool> {
        Some(true)
    }

    fn prompt(&self, _: &Request<()>) -> Option<u64> {
        Some(1500)
    }

    fn affinity(&self, _: &Request<()>) -> Option<u64> {
        Some(0x9e37_79b9_7f4a_7c15)
    }
}
