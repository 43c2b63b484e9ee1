//! With other layers, or with itself.

use super::*;

#[tokio::test(start_paused = true)]
async fn two_of_them_do_not_multiply() {
    let sent = Arc::new(Mutex::new(0));
    let upstream = {
        let sent = Arc::clone(&sent);
        tower::service_fn(move |_: Request<()>| {
            *sent.lock().unwrap() += 1;
            std::future::ready(Err::<Response<()>, _>(Error::new(Class::Server, "down")))
        })
    };
    let layer = RetryLayer::with(exact());
    let error = layer
        .layer(layer.layer(upstream))
        .oneshot(Request::new(()))
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Server);
    assert_eq!(*sent.lock().unwrap(), 3, "and not nine");
}

#[cfg(feature = "timeout")]
mod with_timeout {
    use bytes::Bytes;
    use http_body_util::Full;
    use steeplechase_core::Phase;

    use super::*;
    use crate::timeout::TimeoutLayer;

    type Never = std::future::Pending<Result<Response<Full<Bytes>>, Error>>;

    fn hangs(sent: &Arc<Mutex<usize>>) -> impl Fn(Request<()>) -> Never + Clone + use<> {
        let sent = Arc::clone(sent);
        move |_| {
            *sent.lock().unwrap() += 1;
            std::future::pending()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_over_at_its_deadline_however_many_attempts_are_left() {
        for first_token in [None, Some(millis(80)), Some(millis(1_000))] {
            let (request, attempts) = request();
            attempts.set_alternatives(9);
            attempts.limit_deadline(Instant::now() + millis(200));
            let sent = Arc::default();
            let upstream = TimeoutLayer::new()
                .first_token(first_token)
                .layer(tower::service_fn(hangs(&sent)));

            let started = Instant::now();
            let service = RetryLayer::new().layer(upstream);
            let error = service.oneshot(request).await.unwrap_err();
            assert!(matches!(error.class(), Class::Timeout(_)));
            assert!(started.elapsed() <= millis(201), "{:?}", started.elapsed());
            let expected = if first_token == Some(millis(80)) {
                3
            } else {
                1
            };
            assert_eq!(*sent.lock().unwrap(), expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_without_its_first_token_is_tried_again() {
        let sent = Arc::default();
        let upstream = TimeoutLayer::new()
            .first_token(millis(80))
            .layer(tower::service_fn(hangs(&sent)));
        let service = RetryLayer::with(exact()).layer(upstream);
        let error = service.oneshot(Request::new(())).await.unwrap_err();
        assert_eq!(error.class(), Class::Timeout(Phase::FirstToken));
        assert_eq!(*sent.lock().unwrap(), 3);
    }
}
