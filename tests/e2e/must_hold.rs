//! What the whole stack promises on the failure path.

use std::sync::Arc;
use std::time::Duration;

use http::Response;
use http_body_util::BodyExt;
use steeplechase::dialects::intake::{Intake, IntakeConfig};
use steeplechase::layers::hedge::{Delay, HedgeConfig};
use steeplechase::layers::retry::RetryConfig;
use steeplechase::layers::route::WeightedShuffle;
use steeplechase::layers::timeout::{ByStream, Timeouts};
use steeplechase::{Deployment, Group, Preset, Stack};
use steeplechase_sim::{Behaviour, Latency, Sim};
use tokio::task::JoinSet;
use tokio::time::{self, Instant};
use tower::ServiceExt;

use crate::world::{Hosts, MODEL, STREAMED, Seen, call, post, ranked};

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A preset over sims, of which the first is asked first.
fn preset<const N: usize>(sims: &[Sim; N]) -> Preset {
    let ranks = sims.iter().zip(0..);
    let deployments: Vec<_> = ranks.map(|(sim, rank)| ranked(sim.name(), rank)).collect();
    Preset::new().group(Group::new(MODEL, deployments))
}

/// The same as a caller sees it.
fn app<const N: usize>(preset: Preset, sims: &[Sim; N]) -> Intake<Stack> {
    let stack = preset.build(Hosts::new(sims)).expect("there is one group");
    Intake::new(stack, IntakeConfig::new())
}

async fn ask(app: &Intake<Stack>) -> Seen {
    let Ok(answer) = app.clone().oneshot(post(STREAMED)).await;
    assert_eq!(answer.status(), 200);
    Seen::of(answer).await
}

/// One stream, as one provider would have sent it, of the sim of that name.
fn assert_clean(seen: &Seen, sim: &str) {
    assert_eq!(seen.sims(), [sim], "{seen:?}");
    let roles = seen
        .chunks()
        .filter(|chunk| !chunk["choices"][0]["delta"]["role"].is_null());
    assert_eq!(roles.count(), 1, "{seen:?}");
    let mut ids: Vec<_> = seen.chunks().map(|chunk| chunk["id"].to_string()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{seen:?}");
    assert!(
        seen.is_done() && seen.error().is_none() && !seen.broke_off,
        "{seen:?}"
    );
    assert_eq!(seen.finish_reason().as_deref(), Some("stop"));
}

#[tokio::test(start_paused = true)]
async fn of_an_upstream_that_fails_after_200_and_a_role_the_caller_sees_nothing() {
    let failures = [
        Behaviour::answer().error_event_after_tokens(0, "server_error"),
        Behaviour::answer().cut_after_tokens(0),
        Behaviour::answer().truncate_after_tokens(0),
        Behaviour::answer()
            .comments(millis(50))
            .first_token_after(millis(400))
            .cut_after_tokens(0),
    ];
    for failure in failures {
        let sims = [Sim::new("one").always(failure), Sim::new("two")];
        let app = app(preset(&sims), &sims);
        let Ok(answer) = app.oneshot(post(STREAMED)).await;
        assert_eq!(answer.status(), 200);
        assert!(
            !format!("{:?}", answer.headers()).contains("one"),
            "a trace in the headers: {:?}",
            answer.headers(),
        );
        let seen = Seen::of(answer).await;
        assert_clean(&seen, "two");
        assert!(
            !seen.events.concat().contains("\"one\""),
            "a trace of the first: {seen:?}"
        );
        assert_eq!(
            (sims[0].counts().started, sims[1].counts().completed),
            (1, 1)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_lane_with_an_early_head_loses_to_one_with_an_early_token_and_is_cancelled() {
    let early_head = Behaviour::answer()
        .first_token_after(millis(800))
        .token_gap(millis(10));
    let early_token = Behaviour::answer()
        .head_after(millis(300))
        .first_token_after(millis(400))
        .token_gap(millis(50));
    let sims = [
        Sim::new("one").always(early_head),
        Sim::new("two").always(early_token),
    ];
    let app = app(preset(&sims).race(2), &sims);

    let started = Instant::now();
    let Ok(answer) = app.oneshot(post(STREAMED)).await;
    let first_content = Instant::now();
    assert_eq!(first_content - started, millis(400));
    let cancelled = sims[0].cancelled_at().expect("before the winner is read");
    assert!(cancelled - first_content <= millis(100));
    assert_clean(&Seen::of(answer).await, "two");
    assert_eq!(sims[0].counts().cancelled, 1);
}

#[tokio::test(start_paused = true)]
async fn a_lane_that_fails_never_wins_while_another_lives() {
    let failures = [
        Behaviour::error(500),
        Behaviour::error(429),
        Behaviour::error(401),
        Behaviour::html(502),
        Behaviour::reset(),
        Behaviour::overloaded(),
        Behaviour::answer().cut_after_tokens(0),
        Behaviour::answer().error_event_after_tokens(0, "server_error"),
    ];
    for failure in failures {
        let name = format!("{failure:?}");
        let late = Behaviour::answer().first_token_after(millis(2000));
        let sims = [
            Sim::new("one").always(failure),
            Sim::new("two").always(late),
        ];
        // Without retries it is the race alone that has to hold.
        let preset = preset(&sims)
            .race(2)
            .retry(RetryConfig::new().max_retries(0));
        let seen = ask(&app(preset, &sims)).await;
        assert_clean(&seen, "two");
        assert_eq!(sims[0].counts().started, 1, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_after_content_ends_in_an_error_event_and_never_as_if_complete() {
    let breaks = [
        Behaviour::answer().cut_after_tokens(3),
        Behaviour::answer().truncate_after_tokens(3),
        Behaviour::answer().error_event_after_tokens(3, "server_error"),
        Behaviour::answer().stall_after_tokens(3),
    ];
    for broken in breaks {
        let name = format!("{broken:?}");
        let broken = broken.token_gap(millis(20));
        let sims = [Sim::new("one").always(broken), Sim::new("two")];
        let timeouts = Timeouts::new().content_idle(Duration::from_secs(30));
        let timeouts = ByStream {
            whole: timeouts,
            stream: timeouts,
        };
        let seen = ask(&app(preset(&sims).timeouts(timeouts), &sims)).await;

        let (last, content) = seen.events.split_last().expect("there was content");
        assert!(last.starts_with(r#"{"error":"#), "{name}: {seen:?}");
        assert_eq!(
            content
                .iter()
                .filter(|event| event.contains("\"content\":\""))
                .count(),
            4
        );
        assert!(
            seen.finish_reason().is_none() && !seen.is_done(),
            "{name}: {seen:?}"
        );
        assert!(!seen.broke_off, "{name}: the stream itself ends well");
        // After the commit there is no second start.
        assert_eq!(
            (sims[0].counts().started, sims[1].counts().started),
            (1, 0),
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_goes_away_cancels_the_upstream_at_once() {
    let slow = Behaviour::answer().tokens(50).token_gap(millis(100));
    let sims = [Sim::new("one").always(slow), Sim::new("two")];
    let app = app(preset(&sims).hedge(HedgeConfig::new(Delay::Auto)), &sims);
    let Ok(answer) = app.oneshot(post(STREAMED)).await;
    let mut body = answer.into_body();
    for _ in 0..5 {
        body.frame().await.unwrap().unwrap();
    }
    let gone = Instant::now();
    drop(body);
    assert_eq!(sims[0].cancelled_at(), Some(gone));
    assert_eq!(sims[0].in_flight(), 0);
}

/// What a run of many calls has come to.
#[derive(Debug)]
struct Figures {
    p99: Duration,
    extra: f64,
}

const CALLS: u32 = 3000;

/// Calls at 20 a second over two deployments with a heavy tail: one answer in fifty is slow.
async fn run(hedge: HedgeConfig) -> Figures {
    let first_token = Latency::lognormal(millis(600), 0.4)
        .tail(0.02, Latency::lognormal(Duration::from_secs(6), 0.5));
    let sim = |name, seed| {
        Sim::new(name)
            .seed(seed)
            .tokens(1)
            .first_token(first_token.clone())
    };
    let sims = [sim("one", 11), sim("two", 12)];
    let deployments = sims.iter().map(|sim| ranked(sim.name(), 0));
    let deployments: Vec<Arc<Deployment>> = deployments.collect();
    let group = Group::new(MODEL, deployments).routing(WeightedShuffle::seeded(13));
    // Nor is anybody given up for being slow: the figures are of hedges alone.
    let preset = Preset::new().group(group).hedge(hedge).patience(false);
    let stack = preset.build(Hosts::new(&sims)).expect("there is one group");

    let mut calls = JoinSet::new();
    for number in 0..CALLS {
        let stack = stack.clone();
        calls.spawn(async move {
            time::sleep(millis(50) * number).await;
            let started = Instant::now();
            let answer: Response<_> = stack.oneshot(call(STREAMED)).await.expect("nobody fails");
            let first_token = started.elapsed();
            answer.into_body().collect().await.expect("nobody fails");
            first_token
        });
    }
    let mut first_tokens = calls.join_all().await;
    first_tokens.sort_unstable();
    let started: u64 = sims.iter().map(|sim| sim.counts().started).sum();
    Figures {
        p99: first_tokens[first_tokens.len() * 99 / 100],
        extra: extra(started),
    }
}

#[allow(clippy::cast_precision_loss, reason = "there are thousands of them")]
fn extra(started: u64) -> f64 {
    started as f64 / f64::from(CALLS) - 1.0
}

#[tokio::test(start_paused = true)]
#[allow(
    clippy::print_stdout,
    reason = "the figures are what one wants to know"
)]
async fn hedging_cuts_a_heavy_tail_by_a_quarter_at_least_for_six_in_a_hundred_more_calls_at_most() {
    let off = run(HedgeConfig::new(Delay::Off)).await;
    let auto = run(HedgeConfig::new(Delay::Auto)).await;
    let cut = 1.0 - auto.p99.as_secs_f64() / off.p99.as_secs_f64();
    println!(
        "p99 to the first token: {:?} without hedges, {:?} with",
        off.p99, auto.p99
    );
    println!(
        "cut by {:.1} %, for {:.1} % more calls",
        cut * 100.0,
        auto.extra * 100.0
    );
    assert!(off.extra.abs() < f64::EPSILON, "{off:?}");
    assert!(cut >= 0.25, "{off:?} {auto:?}");
    assert!(auto.extra > 0.0 && auto.extra <= 0.06, "{auto:?}");
}
