//! How an outcome is read, over bare HTTP and over our own errors.

use std::io;
use std::time::Duration;

use http::Response;
use tower::load_shed::error::Overloaded;
use tower::timeout::error::Elapsed;

use super::{CLASSES, SECOND, Wrapped};
use crate::{
    BoxError, Class, Classify, DefaultClassifier, Error, Outcome, Phase, Retry, Scope, Signal,
};

#[test]
fn an_answer_with_a_status_of_success_is_a_success() {
    for status in [200, 201, 204, 206, 304] {
        let outcome = answer(status, &[("retry-after", "5"), ("x-should-retry", "true")]);
        assert_eq!(outcome, Outcome::SUCCESS, "{status}");
        assert!(outcome.is_success() && !outcome.is_retryable());
    }
}

#[test]
fn an_answer_with_another_status_has_the_defaults_of_its_class() {
    for status in [400, 401, 402, 404, 408, 409, 413, 422, 429, 500, 503, 529] {
        let class = Class::from_status(status.try_into().unwrap()).unwrap();
        assert_eq!(answer(status, &[]), Outcome::failure(class), "{status}");
    }
}

#[test]
fn the_hints_of_an_answer_are_read() {
    let wait = |headers: &[_]| answer(429, headers).retry_after;
    assert_eq!(wait(&[("retry-after", "2")]), Some(2 * SECOND));
    let milli = Duration::from_millis(250);
    assert_eq!(wait(&[("retry-after-ms", "250")]), Some(milli));
    assert_eq!(wait(&[("retry-after", "soon")]), None);
}

#[test]
fn x_should_retry_true_makes_a_failure_retryable_elsewhere() {
    let should = [("x-should-retry", "true")];
    let outcome = answer(400, &should);
    assert_eq!(outcome.retry, Retry::OtherDeployment);
    // It is a word about retries and about nothing else.
    assert_eq!(outcome.signal, Signal::Neutral);
    assert_eq!(outcome.class, Some(Class::InvalidRequest));
    assert_eq!(answer(500, &should).retry, Retry::OtherDeployment);
}

#[test]
fn x_should_retry_false_makes_a_failure_final() {
    for status in [400, 429, 500, 503, 529] {
        let outcome = answer(status, &[("x-should-retry", "false")]);
        assert_eq!(outcome.retry, Retry::Never, "{status}");
        assert!(!outcome.is_retryable());
    }
}

#[test]
fn any_other_x_should_retry_is_ignored() {
    for word in ["", "maybe", "TRUE", "1"] {
        let outcome = answer(500, &[("x-should-retry", word)]);
        assert_eq!(outcome.retry, Retry::OtherDeployment, "{word:?}");
        let outcome = answer(400, &[("x-should-retry", word)]);
        assert_eq!(outcome.retry, Retry::Never, "{word:?}");
    }
}

#[test]
fn an_error_of_ours_says_itself_what_it_is() {
    let error = Error::new(Class::RateLimited, "no")
        .with_scope(Scope::Key)
        .with_retry(Retry::Same)
        .with_retry_after(SECOND);
    let outcome = failure(&error);
    assert_eq!(outcome, error.outcome());
    assert_eq!(outcome.scope, Scope::Key);
    assert_eq!(outcome.retry, Retry::Same);
    assert_eq!(outcome.retry_after, Some(SECOND));
}

#[test]
fn an_error_of_ours_is_found_however_deep_it_is_boxed() {
    for class in CLASSES {
        for depth in [0, 1, 7] {
            let error: BoxError = Wrapped::times(depth, Error::new(class, "no").into());
            assert_eq!(failure(&error), Outcome::failure(class), "{class:?}");
        }
    }
}

#[test]
fn the_errors_of_towers_stock_layers_are_known() {
    for depth in [0, 3] {
        let elapsed = Wrapped::times(depth, Elapsed::new().into());
        let expected = Outcome::failure(Class::Timeout(Phase::FirstToken));
        assert_eq!(failure(&elapsed), expected);

        // It is our own queue that is full, so no deployment is to blame.
        let overloaded = failure(&Wrapped::times(depth, Overloaded::new().into()));
        assert_eq!(overloaded.class, Some(Class::Overloaded));
        assert_eq!(overloaded.scope, Scope::Gateway);
        assert_eq!(overloaded.signal, Signal::Neutral);
    }
}

#[test]
fn any_other_error_is_a_failed_connection() {
    let transport = Outcome::failure(Class::Transport);
    assert_eq!(transport.signal, Signal::Failure);

    let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
    assert_eq!(failure(&reset()), transport);
    assert_eq!(failure::<BoxError>(&reset().into()), transport);
    assert_eq!(failure(&Wrapped::times(2, reset().into())), transport);
    assert_eq!(failure(&"not even an error"), transport);
}

#[test]
fn an_error_on_which_the_call_itself_is_to_blame_says_nothing_of_the_deployment() {
    let late = Error::new(Class::Timeout(Phase::Total), "no");
    assert_eq!(late.signal(), Signal::Failure);
    for scope in [Scope::Request, Scope::Gateway] {
        let error = late.clone().with_scope(scope);
        assert_eq!(error.signal(), Signal::Neutral);
        assert_eq!(failure(&error).signal, Signal::Neutral);
    }
}

fn answer(status: u16, headers: &[(&str, &str)]) -> Outcome {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    DefaultClassifier.classify(Ok::<_, &Error>(&response.body(()).unwrap()))
}

fn failure<E: 'static>(error: &E) -> Outcome {
    DefaultClassifier.classify(Err::<&Response<()>, _>(error))
}
