//! What a request takes of the rates of its deployment, and what it gives back.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::Frame;
use proptest::prelude::*;
use steeplechase_core::deployment::{Measure, Need};
use steeplechase_core::{Chunk, Class, Phase, Retry, Tally, Usage};
use tokio::time::{Instant, advance};

use super::*;

/// A body that plays frames.
struct Frames(std::vec::IntoIter<Chunk>);

impl http_body::Body for Frames {
    type Data = Chunk;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, Infallible>>> {
        Poll::Ready(self.0.next().map(|chunk| Ok(Frame::data(chunk))))
    }
}

const MINUTE: Duration = Duration::from_secs(60);

/// The request says what it needs.
#[derive(Clone)]
struct AsSaid;

impl Policy<Need> for AsSaid {
    fn need(&self, request: &Need) -> Need {
        *request
    }
}

/// It is never asked.
#[derive(Clone)]
struct Unasked;

impl<R> Policy<R> for Unasked {
    fn need(&self, _: &R) -> Need {
        panic!("nobody counts tokens")
    }
}

fn tokens(limit: u64) -> Arc<Limits> {
    Arc::new(Limits::new(None).with_tokens_per_minute(limit))
}

fn need(tokens: u64) -> Need {
    Need::new(tokens, Some(0))
}

/// How much is taken of `limit`.
fn taken(limits: &Limits, limit: u64) -> u64 {
    let left = (0..=limit).rev().find(|left| {
        let now = Instant::now();
        limits.fits(need(*left), now).is_ok()
    });
    limit - left.unwrap_or(0)
}

fn frames(chunks: Vec<Chunk>) -> Response<Frames> {
    Response::new(Frames(chunks.into_iter()))
}

fn said(tokens: u64) -> Chunk {
    Chunk::content(Bytes::from("x")).and_said(Tally::from_tokens(tokens))
}

fn usage(prompt: u64, completion: u64) -> Usage {
    Usage {
        is_estimated: false,
        ..Usage::estimate(prompt, completion)
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_not_used_of_the_reservation_comes_back_when_the_body_has_ended() {
    let limits = tokens(1_000);
    let answer = || {
        frames(vec![
            said(3),
            Chunk::end(Bytes::new()).and_usage(usage(20, 30)),
        ])
    };
    let client = tower::service_fn(move |_: Need| async move { Ok::<_, Error>(answer()) });
    let service = LimitLayer::tracking(&limits).policy(AsSaid).layer(client);

    let answer = service.oneshot(Need::new(10, Some(500))).await.unwrap();
    assert_eq!(taken(&limits, 1_000), 510, "it has only begun");
    answer.into_body().collect().await.unwrap();
    assert_eq!(taken(&limits, 1_000), 50);
}

#[tokio::test(start_paused = true)]
async fn the_prompt_and_the_answer_are_settled_each_by_what_it_has_had() {
    for (frames_of, used) in [
        (vec![said(3), said(4)], (10, 7)),
        (
            vec![Chunk::end(Bytes::new()).and_usage(usage(20, 30))],
            (20, 30),
        ),
    ] {
        let limits = Limits::new(None).with(Measure::InputPerMinute, 1_000);
        let limits = limits.with(Measure::OutputPerMinute, 1_000);
        let limits = Arc::new(limits.with(Measure::TokensPerDay, 1_000));
        let client = tower::service_fn(move |_: Need| {
            let answer = frames(frames_of.clone());
            async { Ok::<_, Error>(answer) }
        });
        let service = LimitLayer::tracking(&limits).policy(AsSaid).layer(client);
        let answer = service.oneshot(Need::new(10, Some(500))).await.unwrap();
        answer.into_body().collect().await.unwrap();

        let (prompt, said) = used;
        let fits = |prompt| limits.fits(need(prompt), Instant::now()).is_ok();
        let most = 1_000 - prompt - said;
        assert!(fits(most) && !fits(most + 1), "of a day both are used");
        drop(limits.try_reserve(need(most)));
        advance(MINUTE).await;
        assert!(!fits(1), "it is used up");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_dropped_has_used_its_prompt_and_what_was_said_so_far() {
    let limits = tokens(1_000);
    let answer = || frames(vec![said(3), said(4), said(100)]);
    let client = tower::service_fn(move |_: Need| async move { Ok::<_, Error>(answer()) });
    let service = LimitLayer::tracking(&limits).policy(AsSaid).layer(client);

    let answer = service.oneshot(Need::new(10, Some(500))).await.unwrap();
    let mut body = answer.into_body();
    body.frame().await.unwrap().unwrap();
    body.frame().await.unwrap().unwrap();
    drop(body);
    assert_eq!(taken(&limits, 1_000), 17);
}

#[tokio::test(start_paused = true)]
async fn one_that_fails_has_used_no_tokens_unless_it_was_given_up() {
    for (error, used) in [
        (Error::new(Class::Overloaded, "busy"), 0),
        (
            Error::new(Class::Timeout(Phase::Connect), "nobody there"),
            0,
        ),
        (
            Error::new(Class::Timeout(Phase::FirstToken), "too slow"),
            10,
        ),
    ] {
        let limits = tokens(1_000);
        let failure = error.clone();
        let client = tower::service_fn(move |_: Need| {
            let failure = failure.clone();
            async { Err::<Response<Body>, _>(failure) }
        });
        let service = LimitLayer::tracking(&limits).policy(AsSaid).layer(client);
        service.oneshot(Need::new(10, Some(500))).await.unwrap_err();
        assert_eq!(taken(&limits, 1_000), used, "{error:?}");
        assert_eq!(limits.in_flight(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_is_given_up_without_an_answer_has_used_its_prompt_and_one_that_was_never_sent_nothing()
 {
    let limits = Limits::new(None).with_requests_per_minute(4);
    let limits = Arc::new(limits.with_tokens_per_minute(1_000));
    let client =
        tower::service_fn(|_: Need| std::future::pending::<Result<Response<Body>, Error>>());
    let mut service = LimitLayer::tracking(&limits).policy(AsSaid).layer(client);

    drop(service.call(Need::new(10, Some(500))));
    assert_eq!(taken(&limits, 1_000), 0);
    for _ in 0..3 {
        let mut call = task::spawn(service.call(Need::new(10, Some(100))));
        assert_pending!(call.poll());
    }
    assert_eq!(taken(&limits, 1_000), 30);
    assert!(
        limits.has_room(),
        "three requests were sent, and one was not"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_when_there_is_room_and_then_there_is() {
    let limits = Arc::new(Limits::new(None).with_requests_per_minute(2));
    let client = tower::service_fn(|(): ()| async { Ok::<_, Error>(response()) });
    let service = LimitLayer::tracking(&limits).policy(Unasked).layer(client);
    for _ in 0..2 {
        service.clone().oneshot(()).await.unwrap();
    }
    let error = service.clone().oneshot(()).await.unwrap_err();
    assert_eq!(
        (error.class(), error.status().as_u16()),
        (Class::Unavailable, 429)
    );
    assert_eq!(error.retry(), Retry::OtherDeployment);
    assert_eq!(error.retry_after(), Some(MINUTE / 2));
    advance(MINUTE / 2).await;
    service.oneshot(()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_can_never_fit_is_refused_without_a_time() {
    let limits = tokens(100);
    let client = tower::service_fn(|_: Need| async { Ok::<_, Error>(response()) });
    let service = LimitLayer::tracking(&limits).policy(AsSaid).layer(client);
    let error = service.oneshot(need(101)).await.unwrap_err();
    assert_eq!((error.status().as_u16(), error.retry_after()), (429, None));
    assert_eq!(
        error.retry(),
        Retry::OtherDeployment,
        "another may have more"
    );
}

/// What a frame of an answer does.
#[derive(Clone, Copy, Debug)]
enum Step {
    Says(u64),
    Reports(u64, u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..50_u64).prop_map(Step::Says),
        (0..200_u64, 0..200_u64).prop_map(|(prompt, completion)| Step::Reports(prompt, completion)),
    ]
}

proptest! {
    #[test]
    fn what_is_taken_is_what_was_reported_and_the_rest_by_estimate(
        prompt in 0..100_u64,
        reserved in 0..500_u64,
        steps in prop::collection::vec(step(), 0..8),
        read in 0..10_usize,
        ends: bool,
    ) {
        const LIMIT: u64 = 10_000;

        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let limits = runtime.block_on(async {
            let mut chunks: Vec<_> = steps.iter().map(|step| match *step {
                Step::Says(tokens) => said(tokens),
                Step::Reports(prompt, completion) => {
                    Chunk::content(Bytes::new()).and_usage(usage(prompt, completion))
                }
            }).collect();
            if ends {
                chunks.push(Chunk::end(Bytes::new()));
            }
            let limits = tokens(LIMIT);
            let client = tower::service_fn(move |_: Need| {
                let answer = frames(chunks.clone());
                async { Ok::<_, Error>(answer) }
            });
            let service = LimitLayer::tracking(&limits).policy(AsSaid).layer(client);
            let answer = service.oneshot(Need::new(prompt, Some(reserved))).await.unwrap();
            let mut body = answer.into_body();
            for _ in 0..read {
                if body.frame().await.is_none() {
                    break;
                }
            }
            drop(body);
            (taken(&limits, LIMIT), limits)
        });

        let is_complete = ends && read > steps.len();
        let (mut reported, mut rest) = (None, 0);
        for step in steps.iter().take(read) {
            match *step {
                Step::Says(tokens) => rest += tokens,
                Step::Reports(prompt, completion) => {
                    let (old_prompt, old_completion) = reported.unwrap_or_default();
                    reported = Some((prompt.max(old_prompt), completion.max(old_completion)));
                    rest = 0;
                }
            }
        }
        let expected = match reported {
            Some((prompt, completion)) => prompt + completion + if is_complete { 0 } else { rest },
            None => prompt + rest,
        };
        let (taken, limits) = limits;
        prop_assert_eq!(taken, expected);
        prop_assert_eq!(limits.in_flight(), 0);
    }
}
