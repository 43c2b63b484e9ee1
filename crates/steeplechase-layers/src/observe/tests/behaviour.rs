//! What the layer does, one sentence for each test.

use std::future::pending;

use http_body_util::{BodyExt, Full};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use tokio_test::{assert_pending, assert_ready_ok, task};
use tower::Service as _;
use tower_test::mock;

use super::*;

/// The one attempt of the log.
fn only(attempts: &Attempts) -> Attempt {
    let mut log = attempts.log();
    assert_eq!(log.len(), 1, "{log:?}");
    log.remove(0)
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_says_that_it_has_ended_is_complete() {
    let (request, attempts) = request();
    let response = answer(request, [word(), word(), done()].map(Ok)).await;
    assert!(attempts.log().is_empty(), "it has only begun");
    response.into_body().collect().await.unwrap();

    let attempt = only(&attempts);
    assert_eq!(&*attempt.deployment, "eu-1");
    assert_eq!(attempt.ending, Ending::Complete);
    assert_eq!(attempt.first_content, Some(secs(2)));
    assert_eq!(attempt.elapsed, secs(5));
    assert_eq!(attempt.usage, None);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_ends_without_saying_so_is_truncated() {
    let (request, attempts) = request();
    let response = answer(request, [word(), word()].map(Ok)).await;
    response.into_body().collect().await.unwrap();
    assert_eq!(only(&attempts).ending, Ending::Failed(Class::Truncated));
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_bytes_is_complete_when_it_ends() {
    let (request, attempts) = request();
    let response = answer(request, [Ok(Bytes::from_static(b"{}"))]).await;
    response.into_body().collect().await.unwrap();
    assert_eq!(only(&attempts).ending, Ending::Complete);
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_body_is_a_failure_even_after_the_end() {
    for frames in [vec![Ok(word())], vec![Ok(word()), Ok(done())]] {
        let (request, attempts) = request();
        let reset = Err(Error::new(Class::Transport, "reset"));
        let response = answer(request, frames.into_iter().chain([reset])).await;
        response.into_body().collect().await.unwrap_err();
        let attempt = only(&attempts);
        assert_eq!(attempt.ending, Ending::Failed(Class::Transport));
        assert_eq!(attempt.first_content, Some(secs(2)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_future_is_a_failure_without_content() {
    let (request, attempts) = request();
    let upstream = tower::service_fn(|_: Request<()>| async {
        time::sleep(secs(3)).await;
        Err::<Response<Script>, _>(Error::new(Class::Overloaded, "busy"))
    });
    let service = ObserveLayer::new(&deployment()).layer(upstream);
    let error = service.oneshot(request).await.unwrap_err();
    assert_eq!(error.class(), Class::Overloaded);
    let attempt = only(&attempts);
    assert_eq!(attempt.ending, Ending::Failed(Class::Overloaded));
    assert_eq!((attempt.first_content, attempt.elapsed), (None, secs(3)));
}

#[tokio::test(start_paused = true)]
async fn a_head_that_is_no_success_is_a_failure_however_its_body_ends() {
    for read in [true, false] {
        let (request, attempts) = request();
        let upstream = tower::service_fn(|_: Request<()>| async {
            let mut response = Response::new(Script::new([Ok(done())]));
            *response.status_mut() = http::StatusCode::TOO_MANY_REQUESTS;
            Ok::<_, Error>(response)
        });
        let service = ObserveLayer::new(&deployment()).layer(upstream);
        let body = service.oneshot(request).await.unwrap().into_body();
        if read {
            body.collect().await.unwrap();
        } else {
            drop(body);
        }
        let attempt = only(&attempts);
        assert_eq!(attempt.ending, Ending::Failed(Class::RateLimited));
        assert_eq!(attempt.first_content, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_is_recorded_in_the_same_instant() {
    let (request, attempts) = request();
    let upstream = tower::service_fn(|_: Request<()>| pending::<Result<Response<Script>, Error>>());
    let mut service = ObserveLayer::new(&deployment()).layer(upstream);

    let mut call = task::spawn(service.call(request.clone()));
    assert_pending!(call.poll());
    time::advance(secs(4)).await;
    drop(call);
    let attempt = only(&attempts);
    assert_eq!(attempt.ending, Ending::Dropped);
    assert_eq!((attempt.first_content, attempt.elapsed), (None, secs(4)));

    // So is one that nobody has polled.
    drop(service.call(request));
    assert_eq!(attempts.log().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_dropped_before_its_end_is_dropped_and_after_it_is_complete() {
    for (frames, ending) in [
        (0, Ending::Dropped),
        (1, Ending::Dropped),
        (2, Ending::Complete),
    ] {
        let (request, attempts) = request();
        let response = answer(request, [word(), done()].map(Ok)).await;
        let mut body = response.into_body();
        for _ in 0..frames {
            body.frame().await.unwrap().unwrap();
        }
        drop(body);
        let attempt = only(&attempts);
        assert_eq!(attempt.ending, ending, "after {frames} frames");
        assert_eq!(attempt.first_content, Some(secs(2)));
        assert_eq!(attempt.elapsed, secs(2 + frames));
    }
}

#[tokio::test(start_paused = true)]
async fn the_largest_figures_of_all_frames_are_the_usage() {
    let (request, attempts) = request();
    let frames = [
        word().and_usage(usage(7, 1)),
        word(),
        done().and_usage(usage(0, 5)),
    ];
    let response = answer(request, frames.map(Ok)).await;
    response.into_body().collect().await.unwrap();
    assert_eq!(only(&attempts).usage, Some(usage(7, 5)));
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_has_cost_when_it_was_dropped_is_not_lost() {
    let (request, attempts) = request();
    let frames = [word().and_usage(usage(7, 1)), word()];
    let mut body = answer(request, frames.map(Ok)).await.into_body();
    body.frame().await.unwrap().unwrap();
    drop(body);
    assert_eq!(only(&attempts).usage, Some(usage(7, 1)));
}

#[tokio::test(start_paused = true)]
async fn a_request_without_attempts_is_recorded_for_the_sink() {
    let kept = Arc::new(Kept::default());
    let upstream = tower::service_fn(|_: Request<()>| async {
        Ok::<_, Error>(Response::new(Script::new([word(), done()].map(Ok))))
    });
    let layer = ObserveLayer::new(&deployment()).sink(Arc::clone(&kept) as Arc<dyn Sink>);
    let response = layer.layer(upstream).oneshot(Request::new(())).await;
    response.unwrap().into_body().collect().await.unwrap();
    let kept = kept.0.lock().unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].ending, Ending::Complete);
}

#[tokio::test(start_paused = true)]
async fn a_body_with_nothing_in_it_is_recorded_before_it_is_read() {
    let (request, attempts) = request();
    let upstream = tower::service_fn(|_: Request<()>| async {
        let empty = Full::new(Bytes::new()).map_err(Error::from);
        Ok::<_, Error>(Response::new(empty))
    });
    let service = ObserveLayer::new(&deployment()).layer(upstream);
    let _response = service.oneshot(request).await.unwrap();
    assert_eq!(only(&attempts).ending, Ending::Complete);
}

#[tokio::test(start_paused = true)]
async fn what_was_polled_is_called_and_the_caller_is_woken_by_the_answer() {
    let layer = ObserveLayer::new(&deployment());
    let (mut service, mut upstream) =
        mock::spawn_with(move |mock: mock::Mock<Request<()>, Response<Script>>| {
            layer.layer(tower::util::MapErr::new(mock, Error::from))
        });
    upstream.allow(0);
    assert_pending!(service.poll_ready());
    upstream.allow(1);
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(Request::new(())));
    assert_pending!(call.poll());
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(Response::new(Script::new([])));
    assert!(call.is_woken());
    assert_ready_ok!(call.poll());
}

#[test]
fn what_happens_is_counted_for_the_deployment() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();

    let unread = ::metrics::with_local_recorder(&recorder, || {
        describe_metrics();
        runtime.block_on(async {
            let done = done().and_usage(usage(7, 4));
            let response = answer(request().0, [word(), word(), done].map(Ok)).await;
            response.into_body().collect().await.unwrap();
            drop(answer(request().0, [Ok(word())]).await);
            let response = answer(request().0, [Ok(word())]).await;
            response.into_body().collect().await.unwrap();
            answer(request().0, [Ok(word())]).await
        })
    });

    let mut counted: Vec<_> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| {
            let value = match value {
                DebugValue::Counter(n) => n.to_string(),
                DebugValue::Gauge(n) => n.to_string(),
                DebugValue::Histogram(n) => format!("{n:?}"),
            };
            format!("{} = {value}", key.key())
        })
        .collect();
    counted.sort();
    let expected = [
        "attempts_total, [deployment = eu-1, outcome = complete]) = 1",
        "attempts_total, [deployment = eu-1, outcome = dropped]) = 1",
        "attempts_total, [deployment = eu-1, outcome = truncated]) = 1",
        "cost_nanodollars_total, [deployment = eu-1]) = 0",
        "first_content_seconds, [deployment = eu-1]) = [2.0, 2.0, 2.0]",
        // The one that is not read yet.
        "in_flight, [deployment = eu-1]) = 1",
        // Three more tokens in three seconds.
        "time_per_token_seconds, [deployment = eu-1]) = [1.0]",
        "tokens_total, [deployment = eu-1, direction = input]) = 7",
        "tokens_total, [deployment = eu-1, direction = output]) = 4",
        // The one with usage.
        "unpriced_total, [deployment = eu-1]) = 1",
    ]
    .map(|line| format!("Key(steeplechase_observe_{line}"));
    assert_eq!(counted, expected);
    drop(unread);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "polled after completion")]
async fn polling_after_completion_is_a_bug_in_the_caller() {
    let upstream = tower::service_fn(|_: Request<()>| async {
        Ok::<_, Error>(Response::new(Script::<Chunk>::new([])))
    });
    let mut service = ObserveLayer::new(&deployment()).layer(upstream);
    let mut call = task::spawn(service.call(Request::new(())));
    assert_ready_ok!(call.poll());
    let _ = call.poll();
}

#[test]
fn what_should_be_send_and_sync_is() {
    fn assert_send_sync<T: Send + Sync>(_: &T) {}
    fn assert_send<T: Send>(_: &T) {}

    let layer = ObserveLayer::new(&deployment());
    let upstream = tower::service_fn(|_: Request<()>| async {
        Ok::<_, Error>(Response::new(Script::<Chunk>::new([])))
    });
    let service = layer.layer(upstream);
    assert_send_sync(&layer);
    assert_send_sync(&service);
    assert_send(&async move { service.oneshot(Request::new(())).await });
}

#[tokio::test(start_paused = true)]
async fn why_and_when_an_attempt_was_started_is_recorded() {
    for kind in [None, Some(Kind::Hedge), Some(Kind::Fallback)] {
        let (mut request, attempts) = request();
        if let Some(kind) = kind {
            request.extensions_mut().insert(kind);
        }
        time::advance(secs(3)).await;
        let started = time::Instant::now();
        drop(answer(request, [word(), done()].map(Ok)).await);
        let attempt = only(&attempts);
        assert_eq!(attempt.kind, kind.unwrap_or(Kind::First));
        assert_eq!(attempt.started, Some(started));
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_has_lost_if_it_is_dropped_after_another_has_won() {
    for has_winner in [false, true] {
        let (request, attempts) = request();
        let upstream =
            tower::service_fn(|_: Request<()>| pending::<Result<Response<Script>, Error>>());
        let mut service = ObserveLayer::new(&deployment()).layer(upstream);
        let mut call = task::spawn(service.call(request));
        assert_pending!(call.poll());
        if has_winner {
            attempts.set_winner();
        }
        drop(call);
        let attempt = only(&attempts);
        assert_eq!(
            (attempt.ending, attempt.has_lost),
            (Ending::Dropped, has_winner)
        );
    }

    // The winner itself has not, whatever becomes of it.
    let (request, attempts) = request();
    let response = answer(request, [word(), done()].map(Ok)).await;
    attempts.set_winner();
    drop(response);
    let attempt = only(&attempts);
    assert_eq!((attempt.ending, attempt.has_lost), (Ending::Dropped, false));
}
