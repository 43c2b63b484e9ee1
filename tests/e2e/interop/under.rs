//! tower-http's layers inside the stack of a deployment, under the translation: there it is plain HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ::http::{HeaderName, HeaderValue, Response};
use http_body_util::BodyExt;
use steeplechase::dialects::translate::TranslateLayer;
use steeplechase::layers::commit::CommitLayer;
use steeplechase::layers::retry::RetryLayer;
use steeplechase::layers::route::{RouteLayer, WeightedShuffle};
use steeplechase::{Class, Deployment};
use steeplechase_sim::{Behaviour, Sim};
use tokio::time::Instant;
use tower::util::MapResponseLayer;
use tower::{ServiceBuilder, ServiceExt};
use tower_http::set_header::SetRequestHeaderLayer;
use tower_http::timeout::ResponseBodyTimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::world::{Hosts, STREAMED, WHOLE, call, ranked};

fn group() -> [Arc<Deployment>; 2] {
    [ranked("one", 0), ranked("two", 1)]
}

#[tokio::test(start_paused = true)]
async fn a_stock_header_goes_to_the_provider_with_every_attempt() {
    let sims = [
        Sim::new("one").always(Behaviour::error(500)),
        Sim::new("two"),
    ];
    let stack = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .layer(RouteLayer::new(
            group(),
            WeightedShuffle::new(),
            |to: &Arc<Deployment>| {
                let name = HeaderName::from_static("x-tenant");
                let value = HeaderValue::from_str(to.id()).expect("an id here is a word");
                (
                    CommitLayer::first_content(),
                    TranslateLayer::to(to),
                    SetRequestHeaderLayer::overriding(name, value),
                )
            },
        ))
        .service(Hosts::new(&sims));
    stack.oneshot(call(WHOLE)).await.unwrap();
    for sim in &sims {
        let requests = sim.requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].header("x-tenant"), Some(sim.name()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stock_trace_sees_the_heads_of_all_attempts_as_the_providers_sent_them() {
    let sims = [
        Sim::new("one").always(Behaviour::error(500)),
        Sim::new("two"),
    ];
    let seen: [Arc<AtomicU32>; 2] = Default::default();
    let (well, ill) = (Arc::clone(&seen[0]), Arc::clone(&seen[1]));
    let stack = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .layer(RouteLayer::new(
            group(),
            WeightedShuffle::new(),
            move |to: &Arc<Deployment>| {
                let counts = [Arc::clone(&well), Arc::clone(&ill)];
                let trace = TraceLayer::new_for_http().on_response(count(counts));
                (CommitLayer::first_content(), TranslateLayer::to(to), trace)
            },
        ))
        .service(Hosts::new(&sims));
    stack.oneshot(call(WHOLE)).await.unwrap();
    let seen = seen.map(|seen| seen.load(Ordering::Relaxed));
    assert_eq!(seen, [1, 1], "a success and a failure");
}

/// Counts the successes and the others. `S` is the type of a span.
fn count<B, S>(
    [well, ill]: [Arc<AtomicU32>; 2],
) -> impl Fn(&Response<B>, Duration, &S) + Clone + Send + Sync + 'static {
    move |response, _, _| {
        let counter = if response.status().is_success() {
            &well
        } else {
            &ill
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stock_timeout_of_the_body_fails_over_before_the_content_and_fails_the_answer_after_it() {
    // The head is there, and then nothing.
    let sims = [
        Sim::new("one").always(Behaviour::answer().stall_after_tokens(0)),
        Sim::new("two").always(Behaviour::answer().stall_after_tokens(2)),
    ];
    let idle = Duration::from_secs(1);
    let stack = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .layer(RouteLayer::new(
            group(),
            WeightedShuffle::new(),
            move |to: &Arc<Deployment>| {
                (
                    CommitLayer::first_content(),
                    TranslateLayer::to(to),
                    // Its body has a timer in it that may not be moved, and ours want one that may.
                    MapResponseLayer::new(|response: Response<_>| response.map(Box::pin)),
                    ResponseBodyTimeoutLayer::new(idle),
                )
            },
        ))
        .service(Hosts::new(&sims));

    let started = Instant::now();
    let answer = stack.oneshot(call(STREAMED)).await.unwrap();
    assert_eq!(started.elapsed(), idle);
    let error = answer.into_body().collect().await.unwrap_err();
    // With content before it, what has failed is the answer.
    assert_eq!(error.class(), Class::Truncated, "{error:?}");
    assert_eq!(started.elapsed(), 2 * idle);
    assert!(sims.iter().all(|sim| sim.counts().cancelled == 1));
}
