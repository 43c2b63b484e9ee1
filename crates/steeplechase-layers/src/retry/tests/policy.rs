//! How often, by whose word, and where.

use steeplechase_core::{Outcome, Retry as Where};

use super::answers::CLASSES;
use super::*;

/// How many attempts there are if each fails so, with enough of everything else.
async fn attempts(config: RetryConfig, alternatives: u32, reply: Reply) -> usize {
    let (request, attempts) = request();
    attempts.set_max(Attempts::HARD_CAP);
    attempts.set_alternatives(alternatives);
    let run = run_request(RetryLayer::with(config), request, &[reply]).await;
    run.starts.len()
}

#[tokio::test(start_paused = true)]
async fn a_class_is_tried_again_as_often_as_the_policy_has_it() {
    for retries in 0..=4 {
        for class in [Class::Server, Class::RateLimited, Class::ContentPolicy] {
            let policy = RetryPolicy::new().class(class, retries);
            let config = exact().max_retries(1).policy(policy);
            let expected = usize::from(retries) + 1;
            assert_eq!(
                attempts(config, 1, fail(class)).await,
                expected,
                "{class:?}"
            );
            assert_eq!(attempts(config, 1, fail(Class::Transport)).await, 2);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_of_no_use_is_tried_again_only_if_the_policy_names_it() {
    const HOPELESS: [Class; 4] = [
        Class::Cancelled,
        Class::Internal,
        Class::Unauthenticated,
        Class::Unavailable,
    ];
    for class in CLASSES {
        let other = exact().policy(RetryPolicy::new().otherwise(3));
        let by_default = Outcome::failure(class).is_retryable();
        let expected = if by_default { 4 } else { 1 };
        assert_eq!(attempts(other, 1, fail(class)).await, expected, "{class:?}");

        let named = exact().policy(RetryPolicy::new().class(class, 3));
        let expected = if HOPELESS.contains(&class) { 1 } else { 4 };
        assert_eq!(attempts(named, 1, fail(class)).await, expected, "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_policy_overrules_what_the_one_that_failed_has_said() {
    let config = exact().policy(RetryPolicy::new().class(Class::Server, 3));
    let error = || Error::new(Class::Server, "do not").with_retry(Where::Never);
    assert_eq!(attempts(config, 1, Err(error())).await, 1);
    let mut reply = status(StatusCode::INTERNAL_SERVER_ERROR);
    let word = http::HeaderValue::from_static("false");
    reply.headers_mut().insert("x-should-retry", word);
    assert_eq!(attempts(config, 1, Ok(reply)).await, 1);
}

#[tokio::test(start_paused = true)]
async fn each_failure_has_the_number_of_its_own_class() {
    let policy = RetryPolicy::new()
        .class(Class::RateLimited, 3)
        .class(Class::Server, 1);
    let (request, attempts) = request();
    attempts.set_max(5);
    let replies = [fail(Class::RateLimited), fail(Class::Server)];
    let layer = RetryLayer::with(exact().policy(policy));
    let run = run_request(layer, request, &replies).await;
    assert_eq!(
        run.starts.len(),
        2,
        "one retry is all that the second may have"
    );
}

#[tokio::test(start_paused = true)]
async fn the_call_goes_before_the_policy_the_policy_before_the_deployment_and_that_before_the_layer()
 {
    let none = RetryPolicy::new();
    let policy = none.class(Class::Server, 3);
    for (call, policy, own, expected) in [
        (None, none, None, 1),
        (None, none, Some(4), 4),
        (None, none, Some(0), 0),
        (None, policy, Some(4), 3),
        (Some(2), policy, Some(4), 2),
        (Some(0), policy, Some(4), 0),
        (Some(4), none, None, 4),
    ] {
        let (request, attempts) = request();
        attempts.set_max(Attempts::HARD_CAP);
        attempts.pick(&deployment(own), 1);
        if let Some(retries) = call {
            attempts.control(retries_asked_for(retries));
        }
        let config = exact().max_retries(1).policy(policy);
        let run = run_request(RetryLayer::with(config), request, &[fail(Class::Server)]).await;
        assert_eq!(run.starts.len(), expected + 1, "{call:?} {own:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_layer_that_is_off_tries_again_for_a_call_or_a_deployment_that_asks_for_it() {
    let off = exact().max_retries(0);
    for (config, call, own, expected) in [
        (off, None, None, 1),
        (off, Some(0), None, 1),
        // One that nobody has told the layer of.
        (off, None, Some(2), 1),
        (off, Some(2), None, 3),
        (off.own_retries(2), None, Some(2), 3),
        (off.policy(RetryPolicy::new().otherwise(2)), None, None, 3),
    ] {
        let (request, attempts) = request();
        attempts.pick(&deployment(own), 1);
        if let Some(retries) = call {
            attempts.control(retries_asked_for(retries));
        }
        let run = run_request(RetryLayer::with(config), request, &[fail(Class::Server)]).await;
        assert_eq!(run.starts.len(), expected, "{config:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn as_many_retries_as_are_asked_for_are_one_call_more_and_never_more_than_the_cap() {
    for (asked, calls) in [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (9, 5)] {
        let (request, attempts) = request();
        let controls = retries_asked_for(asked);
        attempts.set_max(controls.max_attempts(3));
        attempts.control(controls);
        let timeout = Class::Timeout(steeplechase_core::Phase::FirstToken);
        let run = run_request(RetryLayer::with(exact()), request, &[fail(timeout)]).await;
        assert_eq!(run.starts.len(), calls, "{asked}");
        assert_eq!(run.answer.unwrap_err().class(), timeout);
    }
}

#[tokio::test(start_paused = true)]
async fn what_one_place_will_always_refuse_is_tried_again_elsewhere_only() {
    let classes = [
        Class::Auth,
        Class::NotFound,
        Class::Quota,
        Class::Unsupported,
    ];
    for class in classes {
        assert_eq!(attempts(exact(), 0, fail(class)).await, 1, "{class:?}");
        assert_eq!(attempts(exact(), 1, fail(class)).await, 3, "{class:?}");
        // Unless the operator insists.
        let config = exact().policy(RetryPolicy::new().class(class, 1));
        assert_eq!(attempts(config, 0, fail(class)).await, 2, "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_wait_goes_to_another_model_if_there_is_one() {
    let hint = Error::new(Class::Overloaded, "later").with_retry_after(millis(100));
    for (reply, legs, alternatives, expected) in [
        (fail(Class::RateLimited), 1, 0, 1),
        (fail(Class::RateLimited), 0, 0, 3),
        (fail(Class::RateLimited), 1, 1, 3),
        (Err(hint), 1, 0, 1),
        (fail(Class::Overloaded), 1, 0, 3),
    ] {
        let (request, attempts) = request();
        attempts.set_max(3 + legs);
        attempts.hold(legs);
        attempts.set_alternatives(alternatives);
        let run = run_request(RetryLayer::with(exact()), request, &[reply]).await;
        assert_eq!(run.starts.len(), expected);
        if expected == 1 {
            assert_eq!(run.elapsed, Duration::ZERO);
        }
    }
}

#[test]
fn a_policy_says_what_was_said_and_how_much_that_is_at_the_most() {
    let policy = RetryPolicy::default();
    assert_eq!((policy.retries(Class::Server), policy.most()), (None, 0));
    let policy = policy.class(Class::Server, u8::MAX).otherwise(0);
    assert_eq!(policy.retries(Class::Server), Some(u8::MAX - 1));
    assert_eq!(policy.retries(Class::Auth), Some(0));
    assert_eq!(policy.most(), u8::MAX - 1);
    // No two classes share a place.
    for (nth, class) in CLASSES.into_iter().enumerate() {
        let policy = RetryPolicy::new().class(class, 7);
        let named = |class: &Class| policy.retries(*class).is_some();
        assert_eq!(CLASSES.iter().position(named), Some(nth));
        assert_eq!(CLASSES.into_iter().filter(named).count(), 1);
    }
}
