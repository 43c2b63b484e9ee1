//! What is tried again, and which of several failures is the answer.

use proptest::prelude::*;
use steeplechase_core::{Budget, Classify, Outcome, Phase};

use super::*;

pub(super) const CLASSES: [Class; Class::COUNT] = [
    Class::Auth,
    Class::Cancelled,
    Class::ContentPolicy,
    Class::ContextWindow,
    Class::Empty,
    Class::Internal,
    Class::InvalidRequest,
    Class::NotFound,
    Class::Overloaded,
    Class::Quota,
    Class::RateLimited,
    Class::Server,
    Class::Timeout(Phase::FirstToken),
    Class::TooLarge,
    Class::Transport,
    Class::Truncated,
    Class::Unauthenticated,
    Class::Unavailable,
    Class::Unsupported,
];

pub(super) fn any_class() -> impl Strategy<Value = Class> {
    proptest::sample::select(&CLASSES[..])
}

#[tokio::test(start_paused = true)]
async fn a_success_is_all_that_is_sent() {
    let run = run(RetryLayer::new(), &[Ok(status(StatusCode::OK))]).await;
    assert_eq!(run.answer.unwrap().status(), StatusCode::OK);
    assert_eq!(run.starts, [Duration::ZERO]);
    assert_eq!(run.elapsed, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_another_attempt_would_share_is_not_tried_again() {
    for class in CLASSES {
        let expected = Outcome::failure(class).is_retryable();
        let (request, attempts) = request();
        attempts.set_alternatives(1);
        let run = run_request(RetryLayer::with(exact()), request, &[fail(class)]).await;
        assert_eq!(run.answer.unwrap_err().class(), class);
        assert_eq!(run.starts.len(), if expected { 3 } else { 1 }, "{class:?}");
    }
    for (code, attempts) in [(400, 1), (404, 1), (413, 1), (422, 1), (429, 3), (529, 3)] {
        let reply = Ok(status(StatusCode::from_u16(code).unwrap()));
        let run = run(RetryLayer::with(exact()), &[reply]).await;
        assert_eq!(run.answer.unwrap().status(), code);
        assert_eq!(run.starts.len(), attempts, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_server_has_the_last_word() {
    for (code, word, attempts) in [(500, "false", 1), (400, "true", 3)] {
        let mut reply = status(StatusCode::from_u16(code).unwrap());
        let word = http::HeaderValue::from_static(word);
        reply.headers_mut().insert("x-should-retry", word);
        let run = run(RetryLayer::with(exact()), &[Ok(reply)]).await;
        assert_eq!(run.starts.len(), attempts, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_default_is_two_retries_and_zero_turns_it_off() {
    for (config, attempts) in [
        (RetryConfig::default(), 3),
        (exact().max_retries(1), 2),
        (exact().max_retries(0), 1),
    ] {
        let run = run(RetryLayer::with(config), &[fail(Class::Server)]).await;
        assert_eq!(run.starts.len(), attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_is_tried_than_the_request_may_have() {
    let layer = RetryLayer::with(exact().max_retries(u8::MAX));
    for (max, attempts) in [(1, 1), (2, 2), (5, 5), (200, 5)] {
        let (request, shared) = request();
        shared.set_max(max);
        let run = run_request(layer, request, &[fail(Class::Server)]).await;
        assert_eq!(run.starts.len(), attempts);
        assert_eq!(usize::from(shared.used()), attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_is_tried_than_the_budget_has() {
    use steeplechase_core::attempts::BudgetConfig;
    let budget = Budget::new(BudgetConfig::new().ratio(0.0).burst(1).reserve(0.0));
    for attempts in [2, 1, 1] {
        let (request, shared) = request();
        shared.enter(&budget);
        let run = run_request(
            RetryLayer::with(exact()),
            request,
            &[fail(Class::Overloaded)],
        )
        .await;
        assert_eq!(run.answer.unwrap_err().class(), Class::Overloaded);
        assert_eq!(run.starts.len(), attempts);
        assert_eq!(budget.extra_in_flight(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn the_most_useful_of_two_errors_is_the_answer_and_at_a_tie_the_last() {
    for first in CLASSES.into_iter().filter(|class| is_retryable(*class)) {
        for second in CLASSES {
            let layer = RetryLayer::with(exact().max_retries(1));
            let name = |error: Error, nth: &'static str| error.with_code(nth);
            let replies = [
                Err(name(Error::new(first, ""), "first")),
                Err(name(Error::new(second, ""), "second")),
            ];
            let (request, attempts) = request();
            attempts.set_alternatives(1);
            let run = run_request(layer, request, &replies).await;
            let error = run.answer.unwrap_err();
            let expected = if first.usefulness() > second.usefulness() {
                "first"
            } else {
                "second"
            };
            assert_eq!(error.code(), Some(expected), "{first:?}, {second:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_most_useful_of_many_errors_is_the_answer_wherever_it_was() {
    let useful = fail(Class::RateLimited);
    let other = fail(Class::Transport);
    for place in 0..5 {
        let mut replies: Vec<_> = (0..5).map(|_| copy(&other)).collect();
        replies[place] = copy(&useful);
        let (request, attempts) = request();
        attempts.set_max(5);
        let layer = RetryLayer::with(exact().max_retries(4));
        let run = run_request(layer, request, &replies).await;
        assert_eq!(run.answer.unwrap_err().class(), Class::RateLimited);
        assert_eq!(run.starts.len(), 5);
    }
}

#[tokio::test(start_paused = true)]
async fn of_errors_before_the_last_that_are_as_useful_the_later_is_kept() {
    let limited = |hint| {
        let error = Error::new(Class::RateLimited, "slow down");
        Err(error.with_retry_after(millis(hint)))
    };
    let replies = [limited(100), limited(200), fail(Class::Transport)];
    let error = run(RetryLayer::new(), &replies).await.answer.unwrap_err();
    assert_eq!(error.retry_after(), Some(millis(200)));
}

#[tokio::test(start_paused = true)]
async fn that_there_is_nowhere_to_go_never_beats_a_real_failure() {
    let replies = [fail(Class::Transport), fail(Class::Unavailable)];
    let run = run(RetryLayer::with(exact()), &replies).await;
    assert_eq!(run.answer.unwrap_err().class(), Class::Transport);
    assert_eq!(run.starts.len(), 2, "nothing to try after that");
}

#[tokio::test(start_paused = true)]
async fn a_failed_response_that_is_gone_is_not_the_answer_however_useful() {
    let replies = [
        Ok(status(StatusCode::TOO_MANY_REQUESTS)),
        Ok(status(StatusCode::BAD_GATEWAY)),
    ];
    let layer = RetryLayer::with(exact().max_retries(1));
    let answer = run(layer, &replies).await.answer.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);

    // An error before it can be kept, and is.
    let replies = [
        fail(Class::RateLimited),
        Ok(status(StatusCode::BAD_GATEWAY)),
    ];
    let error = run(layer, &replies).await.answer.unwrap_err();
    assert_eq!(error.class(), Class::RateLimited);
}

#[tokio::test(start_paused = true)]
async fn another_classifier_decides_otherwise() {
    #[derive(Clone)]
    struct TeapotsPass;

    impl Classify<(), Error> for TeapotsPass {
        fn classify(&self, outcome: Result<&Response<()>, &Error>) -> Outcome {
            match outcome {
                Ok(response) if response.status() == StatusCode::IM_A_TEAPOT => Outcome {
                    retry: steeplechase_core::Retry::Same,
                    ..Outcome::failure(Class::Server)
                },
                _ => Outcome::SUCCESS,
            }
        }
    }

    for (code, attempts) in [(418, 3), (500, 1)] {
        let sent = Arc::new(Mutex::new(0));
        let upstream = {
            let sent = Arc::clone(&sent);
            tower::service_fn(move |_: Request<()>| {
                *sent.lock().unwrap() += 1;
                let reply = status(StatusCode::from_u16(code).unwrap());
                std::future::ready(Ok::<_, Error>(reply))
            })
        };
        let layer = RetryLayer::new().classifier(TeapotsPass);
        layer
            .layer(upstream)
            .oneshot(Request::new(()))
            .await
            .unwrap();
        assert_eq!(*sent.lock().unwrap(), attempts);
    }
}

fn is_retryable(class: Class) -> bool {
    Outcome::failure(class).is_retryable()
}
