//! What is booked where a provider has not said what was used.

use http_body_util::BodyExt;
use steeplechase_core::{Phase, Tally};
use tokio_test::{assert_pending, task};
use tower::Service as _;

use super::*;

/// Every request has so many tokens.
#[derive(Clone)]
struct Tokens(u64);

impl Policy<()> for Tokens {
    fn prompt(&self, _: &Request<()>) -> Option<u64> {
        Some(self.0)
    }
}

/// A frame in which the model says four tokens.
fn words() -> Chunk {
    word().and_said(Tally::from_tokens(4))
}

fn layer() -> ObserveLayer<Tokens> {
    ObserveLayer::new(&deployment()).policy(Tokens(100))
}

/// What is booked of an answer of which so many frames are read.
async fn booked(frames: Vec<Result<Chunk, Error>>, reads: usize) -> Attempt {
    let (request, attempts) = request();
    let script = Mutex::new(Some(Script::new(frames)));
    let upstream = tower::service_fn(|_: Request<()>| {
        let script = script.lock().unwrap().take().expect("one request");
        std::future::ready(Ok::<_, Error>(Response::new(script)))
    });
    let service = layer().layer(upstream);
    let mut body = service.oneshot(request).await.unwrap().into_body();
    for _ in 0..reads {
        _ = body.frame().await;
    }
    drop(body);
    attempts.log().remove(0)
}

/// What is booked of an attempt that fails at once.
async fn failed(error: Error) -> Option<Usage> {
    let (request, attempts) = request();
    let upstream = tower::service_fn(|_: Request<()>| {
        std::future::ready(Err::<Response<Script>, _>(error.clone()))
    });
    layer().layer(upstream).oneshot(request).await.unwrap_err();
    attempts.log().remove(0).usage
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_dropped_is_booked_as_far_as_it_has_come() {
    let frames = || vec![Ok(words()), Ok(words()), Ok(words()), Ok(done())];
    for (reads, said) in [(0, 0), (1, 4), (3, 12)] {
        let attempt = booked(frames(), reads).await;
        assert_eq!(attempt.ending, Ending::Dropped);
        assert_eq!(attempt.usage, Some(Usage::estimate(100, said)));
    }
    // Complete, and nobody has said anything.
    let attempt = booked(frames(), 4).await;
    assert_eq!(attempt.ending, Ending::Complete);
    assert_eq!(attempt.usage, Some(Usage::estimate(100, 12)));
}

#[tokio::test(start_paused = true)]
async fn what_was_reported_is_not_estimated_again() {
    // A provider that says the prompt at the start, and a token that it has not made yet.
    let start = word().and_usage(usage(90, 1));
    let frames = || vec![Ok(start.clone()), Ok(words()), Ok(words()), Ok(done())];
    assert_eq!(booked(frames(), 1).await.usage, Some(usage(90, 1)));
    let dropped = booked(frames(), 3).await.usage.unwrap();
    assert_eq!((dropped.prompt, dropped.completion), (90, 9));
    assert!(dropped.is_estimated);
    // Complete: what it has said is what counts.
    assert_eq!(booked(frames(), 4).await.usage, Some(usage(90, 1)));

    // One that says with each frame how much it was so far.
    let cumulative = |completion| Ok(words().and_usage(usage(90, completion)));
    let frames = vec![cumulative(3), cumulative(7), Ok(words())];
    assert_eq!(booked(frames, 2).await.usage, Some(usage(90, 7)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_breaks_off_is_booked_as_far_as_it_has_come() {
    let reset = || Err(Error::new(Class::Transport, "reset"));
    let attempt = booked(vec![Ok(words()), reset()], 2).await;
    assert_eq!(attempt.ending, Ending::Failed(Class::Transport));
    assert_eq!(attempt.usage, Some(Usage::estimate(100, 4)));
    let attempt = booked(vec![Ok(words())], 2).await;
    assert_eq!(attempt.ending, Ending::Failed(Class::Truncated));
    assert_eq!(attempt.usage, Some(Usage::estimate(100, 4)));
}

#[tokio::test(start_paused = true)]
async fn who_is_given_up_has_worked_and_who_refuses_has_not() {
    for (class, is_booked) in [
        (Class::Timeout(Phase::FirstToken), true),
        (Class::Timeout(Phase::Total), true),
        (Class::Timeout(Phase::Connect), false),
        (Class::RateLimited, false),
        (Class::Server, false),
        (Class::Transport, false),
    ] {
        let usage = failed(Error::new(class, "no")).await;
        assert_eq!(
            usage,
            is_booked.then(|| Usage::estimate(100, 0)),
            "{class:?}"
        );
    }
    let upstream = steeplechase_core::error::Upstream::new(http::StatusCode::GATEWAY_TIMEOUT);
    let answered = Error::new(Class::Timeout(Phase::FirstToken), "no").with_upstream(upstream);
    assert_eq!(failed(answered).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_loser_is_booked_from_when_it_was_sent() {
    let (request, attempts) = request();
    let upstream = tower::service_fn(|_: Request<()>| {
        std::future::pending::<Result<Response<Script>, Error>>()
    });
    let mut service = layer().layer(upstream);
    drop(service.call(request.clone()));
    let mut call = task::spawn(service.call(request));
    assert_pending!(call.poll());
    drop(call);
    let usages: Vec<_> = attempts
        .log()
        .into_iter()
        .map(|attempt| attempt.usage)
        .collect();
    assert_eq!(usages, [None, Some(Usage::estimate(100, 0))]);
}

#[tokio::test(start_paused = true)]
async fn without_a_policy_nothing_is_estimated() {
    let (request, attempts) = request();
    let response = answer(request, [Ok(words()), Ok(done())]).await;
    response.into_body().collect().await.unwrap();
    assert_eq!(attempts.log()[0].usage, None);
}
