//! What a deployment learns from its answers, one sentence for each test.

use http_body_util::BodyExt;

use super::*;

/// The deployment after an answer of these frames, which began after two seconds, was read to its end or up to
/// a frame.
async fn after(frames: Vec<Chunk>, read: usize) -> Arc<Deployment> {
    let deployment = deployment();
    let script = Mutex::new(Some(Script::new(frames.into_iter().map(Ok))));
    let upstream = tower::service_fn(|_: Request<()>| {
        let script = script.lock().unwrap().take().expect("one request");
        async move {
            time::sleep(secs(2)).await;
            Ok::<_, Error>(Response::new(script))
        }
    });
    let service = ObserveLayer::new(&deployment).layer(upstream);
    let mut body = service.oneshot(Request::new(())).await.unwrap().into_body();
    for _ in 0..read {
        body.frame().await.unwrap().unwrap();
    }
    drop(body);
    deployment
}

fn whole() -> Chunk {
    Chunk::whole(Bytes::from_static(b"{}"))
}

fn per_token(deployment: &Deployment) -> Option<Duration> {
    let now = time::Instant::now();
    deployment.load().per_token_within(Duration::MAX, now)
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer_tells_how_long_a_token_takes_and_how_many_there_are() {
    let deployment = after(vec![whole().and_usage(usage(7, 4))], 1).await;
    // To its future, and not to the end of its body.
    let expected = Duration::from_millis(500).as_secs_f64() * (-0.1_f64).exp();
    let told = per_token(&deployment).unwrap().as_secs_f64();
    assert!((expected..=0.5).contains(&told), "{told}");
    assert_eq!(deployment.load().mean_output(), Some(4.0));
}

#[tokio::test(start_paused = true)]
async fn a_stream_tells_only_how_many_tokens_there_are() {
    let frames = vec![word(), done().and_usage(usage(7, 4))];
    let deployment = after(frames, 2).await;
    assert_eq!(per_token(&deployment), None);
    assert_eq!(deployment.load().mean_output(), Some(4.0));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_complete_tells_nothing() {
    let frames = vec![word().and_usage(usage(7, 1)), word(), done()];
    let deployment = after(frames, 2).await;
    assert_eq!(deployment.load().mean_output(), None);
    assert_eq!(per_token(&deployment), None);
}
