//! What a hedge does for the slowest calls, and what it costs, in virtual time.
//!
//! ```text
//! 20 calls a second ──► preset, hedge off or auto ──► two deployments of a provider with a heavy tail
//! ```
//!
//! The whole preset runs, on a clock that is moved on by hand: a quarter of an hour takes a few seconds,
//! and the figures do not depend on the machine. Each latency of the provider is drawn from its seed, so
//! a run repeats.

#![allow(
    clippy::print_stdout,
    reason = "this is where a benchmark says what it has found"
)]

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use steeplechase::call::{Call, Dialect, Operation};
use steeplechase::dialects::intake::scan;
use steeplechase::layers::hedge::{Delay, HedgeConfig};
use steeplechase::preset::{Group, Preset};
use steeplechase::{Deployment, Stack};
use steeplechase_sim::{Latency, Sim};
use tokio::task::JoinSet;
use tokio::time::{self, Instant};
use tower::ServiceExt;

/// Calls, at so many a second.
const CALLS: usize = 20_000;
const INTERVAL: Duration = Duration::from_millis(50);

/// What is wanted: so much less of the p99, for so many more calls.
const LESS: f64 = 0.25;
const EXTRA: f64 = 0.06;

/// The first token of a provider.
struct Weather {
    name: &'static str,
    first_token: Latency,
}

/// How long the first tokens took, and how many calls the provider got.
struct Figures {
    sorted: Vec<Duration>,
    extra: f64,
    failed: usize,
}

fn main() {
    let weathers = [
        Weather {
            name: "lognormal: median 0.6 s, p99 6 s",
            first_token: Latency::lognormal(Duration::from_millis(600), 0.99),
        },
        Weather {
            name: "median 0.6 s, one in fifty about 8 s",
            first_token: Latency::lognormal(Duration::from_millis(600), 0.35)
                .tail(0.02, Latency::lognormal(Duration::from_secs(8), 0.4)),
        },
        Weather {
            name: "median 0.4 s, one in twenty-five about 3 s",
            first_token: Latency::lognormal(Duration::from_millis(400), 0.3)
                .tail(0.04, Latency::lognormal(Duration::from_secs(3), 0.5)),
        },
    ];
    println!("{CALLS} streamed calls, first token in seconds; target: p99 -25 % at 6 % more calls");
    for (seed, weather) in (1..).zip(&weathers) {
        let off = simulate(weather, Delay::Off, seed);
        let auto = simulate(weather, Delay::Auto, seed);
        println!();
        println!("{}", weather.name);
        println!(
            "{:<8}{:>8}{:>8}{:>8}{:>8}{:>9}{:>8}",
            "hedge", "p50", "p95", "p99", "p99.9", "extra", "failed"
        );
        for (name, figures) in [("off", &off), ("auto", &auto)] {
            println!("{name:<8}{figures}");
        }
        let less = 1.0 - auto.quantile(990).div_duration_f64(off.quantile(990));
        let is_met = less >= LESS && auto.extra <= EXTRA;
        println!(
            "p99 {:+.0} %, p99.9 {:+.0} %, {:.1} % more calls: {}",
            -100.0 * less,
            100.0 * (auto.quantile(999).div_duration_f64(off.quantile(999)) - 1.0),
            100.0 * auto.extra,
            if is_met { "met" } else { "missed" },
        );
    }
}

fn simulate(weather: &Weather, delay: Delay, seed: u64) -> Figures {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime can be built");
    runtime.block_on(async {
        let sim = Sim::new("provider")
            .seed(seed)
            .record(0)
            .first_token(weather.first_token.clone());
        let deployments =
            ["one", "two"].map(|id| Deployment::builder(id, "fast", Dialect::OpenAi).build());
        let stack = Preset::new()
            .group(Group::new("fast", deployments))
            .hedge(HedgeConfig::new(delay))
            .build(sim.clone())
            .expect("the group is good");
        let (sorted, failed) = send(&stack).await;
        #[allow(clippy::cast_precision_loss, reason = "there are few of them")]
        let extra = sim.counts().started as f64 / CALLS as f64 - 1.0;
        Figures {
            sorted,
            extra,
            failed,
        }
    })
}

/// Sends the calls, each at its time, whatever has become of those before. Returns how long the first
/// tokens took, sorted, and how many calls had none.
async fn send(stack: &Stack) -> (Vec<Duration>, usize) {
    let raw = Bytes::from(
        r#"{"model":"fast","stream":true,"messages":[{"role":"user","content":"hi"}]}"#,
    );
    let head = scan(&raw).expect("it is a good request");
    let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, head);
    let mut running = JoinSet::new();
    let mut outcomes = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let (stack, call) = (stack.clone(), call.clone());
        running.spawn(async move {
            let started = Instant::now();
            let answer = stack.oneshot(Request::new(call)).await.ok()?;
            let latency = started.elapsed();
            answer.into_body().collect().await.ok()?;
            Some(latency)
        });
        time::sleep(INTERVAL).await;
        while let Some(outcome) = running.try_join_next() {
            outcomes.push(outcome.expect("no call panics"));
        }
    }
    outcomes.extend(running.join_all().await);
    let failed = outcomes.iter().filter(|outcome| outcome.is_none()).count();
    let mut latencies: Vec<_> = outcomes.into_iter().flatten().collect();
    latencies.sort_unstable();
    (latencies, failed)
}

impl Figures {
    fn quantile(&self, per_mille: usize) -> Duration {
        self.sorted[self.sorted.len() * per_mille / 1000]
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for per_mille in [500, 950, 990, 999] {
            write!(f, "{:>8.2}", self.quantile(per_mille).as_secs_f64())?;
        }
        write!(f, "{:>8.1}%{:>8}", 100.0 * self.extra, self.failed)
    }
}
