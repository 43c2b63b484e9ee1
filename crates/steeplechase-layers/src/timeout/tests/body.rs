//! What happens to the body, one sentence for each test.

use tokio_test::{assert_pending, task};

use super::*;

/// Polls for the next frame once.
macro_rules! poll {
    ($body:expr) => {
        $body.enter(|cx, body| body.poll_frame(cx))
    };
}

fn assert_frame(polled: &Poll<Option<Result<Frame<Chunk>, Error>>>) {
    assert!(matches!(polled, Poll::Ready(Some(Ok(_)))), "{polled:?}");
}

#[tokio::test(start_paused = true)]
async fn silence_between_two_frames_is_an_error_at_the_limit_and_no_sooner() {
    let script = Script::new([(secs(0), word())]).then_hangs();
    let mut body = task::spawn(body_of(TimeoutLayer::new().byte_idle(secs(30)), script).await);
    assert_frame(&poll!(body));
    assert_pending!(poll!(body));

    time::advance(millis(29_999)).await;
    assert!(!body.is_woken());
    assert_pending!(poll!(body));
    time::advance(millis(1)).await;
    assert!(body.is_woken());
    let Poll::Ready(Some(Err(error))) = poll!(body) else {
        panic!("it should have failed");
    };
    assert_eq!(phase(&error), Phase::ByteIdle);
    assert_eq!(error.message(), "nothing from the provider for 30 s");
}

#[tokio::test(start_paused = true)]
async fn any_frame_resets_the_byte_clock_and_only_content_the_content_clock() {
    let frames = || {
        let words = [(secs(0), word()), (secs(50), word())];
        let pings = (1..60).map(|nth| (secs(50 + 15 * nth), ping()));
        Script::new(words.into_iter().chain(pings)).then_hangs()
    };
    let byte = TimeoutLayer::new().byte_idle(secs(59));
    let content = TimeoutLayer::new().content_idle(secs(60));

    let mut body = body_of(byte, frames()).await;
    let started = Instant::now();
    let (read_, ending) = read(&mut body).await;
    assert_eq!(read_, 61);
    assert_eq!(phase(&ending.unwrap_err()), Phase::ByteIdle);
    assert_eq!(started.elapsed(), secs(50 + 15 * 59 + 59));

    for layer in [content, content.byte_idle(secs(59))] {
        let mut body = body_of(layer, frames()).await;
        let started = Instant::now();
        let (read_, ending) = read(&mut body).await;
        let error = ending.unwrap_err();
        // The ping of that instant is here, and the limit is reached in the wait after it.
        assert_eq!(read_, 2 + 4);
        assert_eq!(phase(&error), Phase::ContentIdle);
        assert_eq!(error.message(), "no content from the provider for 60 s");
        assert_eq!(started.elapsed(), secs(50 + 60));
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_reads_slowly_does_not_look_like_a_provider_that_has_stalled() {
    let frames = (0..5).map(|nth| (secs(5 * nth), if nth % 2 == 0 { word() } else { ping() }));
    let layer = TimeoutLayer::new()
        .byte_idle(secs(10))
        .content_idle(secs(10));
    let script = Script::new(frames).then_hangs();
    let mut body = body_of(layer, script).await;
    for _ in 0..5 {
        body.frame().await.unwrap().unwrap();
        time::sleep(secs(100)).await;
    }
    // Only now is anything waited for.
    let started = Instant::now();
    let error = body.frame().await.unwrap().unwrap_err();
    assert_eq!(started.elapsed(), secs(10));
    assert_eq!(phase(&error), Phase::ByteIdle);
}

#[tokio::test(start_paused = true)]
async fn the_content_clock_sums_up_what_was_waited_and_leaves_out_the_pauses() {
    let frames = [(secs(0), word()), (secs(10), ping()), (secs(1000), word())];
    let mut body = body_of(
        TimeoutLayer::new().content_idle(secs(30)),
        Script::new(frames),
    )
    .await;
    body.frame().await.unwrap().unwrap();
    body.frame().await.unwrap().unwrap();
    time::sleep(secs(500)).await;
    let started = Instant::now();
    let error = body.frame().await.unwrap().unwrap_err();
    assert_eq!(phase(&error), Phase::ContentIdle);
    assert_eq!(
        started.elapsed(),
        secs(20),
        "ten of thirty were spent before"
    );
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_is_here_is_never_too_late() {
    let script = Script::new([(secs(0), word()), (secs(20), word())]);
    let layer = TimeoutLayer::new()
        .byte_idle(secs(10))
        .content_idle(secs(10))
        .total(secs(15));
    let mut body = task::spawn(body_of(layer, script).await);
    assert_frame(&poll!(body));
    assert_pending!(poll!(body));
    // All limits are passed, and so is the time at which the frame came.
    time::advance(secs(21)).await;
    assert!(body.is_woken());
    assert_frame(&poll!(body));
    assert!(matches!(poll!(body), Poll::Ready(None)));
}

#[tokio::test(start_paused = true)]
async fn after_a_timeout_the_upstream_is_dropped_and_the_body_is_over() {
    let script = Script::new([(secs(0), word()), (secs(99), word())]);
    let alive = Arc::clone(&script.alive);
    let mut body = body_of(TimeoutLayer::new().byte_idle(secs(1)), script).await;
    body.frame().await.unwrap().unwrap();
    assert!(!body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(4));
    assert_eq!(Arc::strong_count(&alive), 2);

    body.frame().await.unwrap().unwrap_err();
    assert_eq!(
        Arc::strong_count(&alive),
        1,
        "though the caller still has the body"
    );
    assert!(body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(0));
    assert!(body.get_ref().is_none());
    assert!(body.frame().await.is_none());
    assert!(body.frame().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_upstream_is_handed_on_and_ends_the_body() {
    let mut script = Script::new([(secs(1), word())]);
    let overloaded = Error::new(Class::Overloaded, "overloaded");
    script.frames[0].1 = Err(overloaded.into());
    let alive = Arc::clone(&script.alive);
    let mut body = body_of(TimeoutLayer::new().byte_idle(secs(9)), script).await;
    let (frames, ending) = read(&mut body).await;
    assert_eq!(frames, 0);
    assert_eq!(ending.unwrap_err().class(), Class::Overloaded);
    assert_eq!(Arc::strong_count(&alive), 1);
    assert!(body.frame().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn total_goes_on_in_the_body_from_the_request_and_the_deadline_does_not() {
    let mut request = Request::new(());
    let attempts = steeplechase_core::Attempts::of(request.extensions_mut());
    attempts.limit_deadline(Instant::now() + secs(20));
    let words = (0..99).map(|nth| (secs(nth), word()));
    let started = Instant::now();
    let layer = TimeoutLayer::new().total(secs(30)).byte_idle(secs(5));
    let response = answer(layer, request, secs(7), Script::new(words)).await;
    let mut body = response.unwrap().into_body();
    let (frames, ending) = read(&mut body).await;
    let error = ending.unwrap_err();
    assert_eq!(frames, 31);
    assert_eq!(phase(&error), Phase::Total);
    assert_eq!(error.message(), "no complete answer within 30 s");
    assert_eq!(started.elapsed(), secs(30));
}

#[tokio::test(start_paused = true)]
async fn first_token_goes_on_in_a_body_until_its_content() {
    let pings = || (0..99).map(|nth| (secs(10 + nth), ping()));
    let layer = TimeoutLayer::new()
        .first_token(secs(30))
        .content_idle(secs(5));

    let started = Instant::now();
    let script = Script::new(pings());
    let response = answer(layer, Request::new(()), secs(10), script).await;
    let mut body = response.unwrap().into_body();
    let (_, ending) = read(&mut body).await;
    let error = ending.unwrap_err();
    assert_eq!(phase(&error), Phase::FirstToken);
    assert_eq!(error.message(), "no first token within 30 s");
    assert_eq!(started.elapsed(), secs(30));

    // After the content it is of no more account, and the content clock is.
    let script = Script::new([(secs(29), word()), (secs(33), word())]).then_hangs();
    let response = answer(layer, Request::new(()), secs(10), script).await;
    let mut body = response.unwrap().into_body();
    let started = Instant::now();
    let (frames, ending) = read(&mut body).await;
    assert_eq!(frames, 2);
    assert_eq!(phase(&ending.unwrap_err()), Phase::ContentIdle);
    assert_eq!(started.elapsed(), secs(33 - 10 + 5));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_here_makes_no_timer() {
    let script = Script::new([(secs(0), word()), (secs(0), ping()), (secs(0), word())]);
    let layer = TimeoutLayer::new()
        .first_token(secs(1))
        .byte_idle(secs(1))
        .content_idle(secs(1))
        .total(secs(1));
    let mut body = body_of(layer, script).await;
    // There is no runtime in the other thread, so that to make a timer would panic.
    let (frames, ending) = std::thread::spawn(move || {
        let mut ending = task::spawn(read(&mut body));
        match ending.poll() {
            Poll::Ready(ending) => ending,
            Poll::Pending => panic!("all of it should be there"),
        }
    })
    .join()
    .unwrap();
    assert_eq!(frames, 3);
    ending.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_timer_is_not_moved_for_a_frame() {
    let words = (0..1000).map(|nth| (millis(20 * nth), word()));
    let mut body = task::spawn(
        body_of(
            TimeoutLayer::new().byte_idle(secs(30)),
            Script::new(words).then_hangs(),
        )
        .await,
    );
    let mut deadlines = Vec::new();
    for _ in 0..999 {
        while poll!(body).is_pending() {
            time::advance(millis(20)).await;
        }
        let timer = body
            .clocks
            .as_ref()
            .and_then(|clocks| clocks.sleep.as_ref());
        deadlines.extend(timer.map(|timer| timer.deadline()));
    }
    deadlines.dedup();
    assert_eq!(
        deadlines.len(),
        1,
        "twenty seconds, a thousand frames, one timer"
    );
}

#[tokio::test(start_paused = true)]
async fn a_default_body_is_empty_and_not_limited() {
    let mut body = TimeoutBody::<http_body_util::Empty<Bytes>>::default();
    assert!(body.is_end_stream());
    assert!(body.frame().await.is_none());
}
