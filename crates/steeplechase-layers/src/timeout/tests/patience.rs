//! When an attempt is given up for another one, one sentence for each test.

use http_body_util::Full;
use steeplechase_core::attempts::{Budget, BudgetConfig, Kind};
use steeplechase_core::{Attempts, Deployment, Dialect, Scope};
use tokio_test::{assert_pending, assert_ready_err, task};
use tower::Service;

use super::*;

const PATIENCE: Patience = Patience::new(Duration::from_secs(8)).alone(Duration::from_secs(40));

/// A request whose router has found so many other deployments.
fn with_others(others: u32) -> (Request<()>, Attempts) {
    let mut request = Request::new(());
    let attempts = Attempts::of(request.extensions_mut());
    let deployment = Deployment::builder("a", "m", Dialect::OpenAi).build();
    attempts.pick(&deployment, others);
    (request, attempts)
}

/// How long a request to an upstream that never answers takes, and its error.
async fn hang(timeouts: Timeouts, request: Request<()>) -> (Duration, Error) {
    let upstream = tower::service_fn(|_: Request<()>| {
        std::future::pending::<Result<Response<Full<Bytes>>, BoxError>>()
    });
    let started = Instant::now();
    let layer = TimeoutLayer::with(timeouts);
    let error = layer.layer(upstream).oneshot(request).await.unwrap_err();
    (started.elapsed(), error)
}

#[tokio::test(start_paused = true)]
async fn an_attempt_is_given_up_when_another_deployment_could_be_asked() {
    let (request, _) = with_others(1);
    let (took, error) = hang(Timeouts::new().patience(PATIENCE), request).await;
    assert_eq!(took, secs(8));
    assert_eq!(error.class(), Class::Timeout(Phase::FirstToken));
    assert_eq!(error.to_string(), "no first token within 8 s");
    // The deployment is to blame, and another attempt is worth it.
    assert_ne!(error.scope(), Scope::Request);
    assert_ne!(error.retry(), steeplechase_core::Retry::Never);
}

#[tokio::test(start_paused = true)]
async fn it_takes_longer_to_be_given_up_for_another_one_at_the_same_place() {
    let (request, _) = with_others(0);
    let (took, _) = hang(Timeouts::new().patience(PATIENCE), request).await;
    assert_eq!(took, secs(40));
}

#[tokio::test(start_paused = true)]
async fn the_last_attempt_has_all_the_time_there_is() {
    let (request, attempts) = with_others(1);
    attempts.set_max(1);
    let timeouts = Timeouts::new().patience(PATIENCE).first_token(secs(90));
    let (took, _) = hang(timeouts, request).await;
    assert_eq!(took, secs(90));

    let (request, attempts) = with_others(1);
    attempts.set_max(1);
    attempts.limit_deadline(Instant::now() + secs(70));
    let (took, error) = hang(Timeouts::new().patience(PATIENCE), request).await;
    assert_eq!(took, secs(70));
    assert_eq!(error.scope(), Scope::Request);
}

#[tokio::test(start_paused = true)]
async fn one_whose_retries_are_spent_is_not_given_up() {
    let timeouts = |retries| {
        let timeouts = Timeouts::new().first_token(secs(90));
        timeouts.patience(PATIENCE.retries(retries))
    };
    let (request, _) = with_others(1);
    assert_eq!(hang(timeouts(0), request).await.0, secs(90));

    let (request, attempts) = with_others(1);
    let leave = attempts.try_start(Kind::Retry).unwrap();
    assert_eq!(hang(timeouts(1), request).await.0, secs(90));
    drop(leave);

    let (request, attempts) = with_others(1);
    let _leave = attempts.try_start(Kind::Retry).unwrap();
    assert_eq!(hang(timeouts(2), request).await.0, secs(8));
}

#[tokio::test(start_paused = true)]
async fn it_is_given_up_as_soon_as_the_budget_has_one_for_another() {
    let config = BudgetConfig::new().burst(1).ratio(0.0).reserve(0.05);
    let budget = Budget::new(config);
    let spent = budget.try_withdraw().unwrap();
    drop(spent);

    let (request, attempts) = with_others(1);
    attempts.enter(&budget);
    let (took, _) = hang(Timeouts::new().patience(PATIENCE), request).await;
    // One comes in twenty seconds, and somebody looks once a second.
    assert_eq!(took, secs(20));
    assert!(budget.try_withdraw().is_some(), "it was looked at only");
}

#[tokio::test(start_paused = true)]
async fn a_request_of_which_nobody_knows_attempts_is_not_given_up() {
    let timeouts = Timeouts::new().patience(PATIENCE).first_token(secs(90));
    assert_eq!(hang(timeouts, Request::new(())).await.0, secs(90));
}

#[tokio::test(start_paused = true)]
async fn a_shorter_limit_holds_all_the_same() {
    let (request, _) = with_others(1);
    let timeouts = Timeouts::new().patience(PATIENCE).first_token(secs(3));
    assert_eq!(hang(timeouts, request).await.0, secs(3));

    let (request, attempts) = with_others(1);
    attempts.set_max(1);
    // Between two looks.
    let timeouts = Timeouts::new()
        .patience(PATIENCE)
        .first_token(millis(9_400));
    assert_eq!(hang(timeouts, request).await.0, millis(9_400));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_woken_before_it_is_time_to_look_and_then_once_a_second() {
    let (request, attempts) = with_others(1);
    attempts.set_max(1);
    let upstream = tower::service_fn(|_: Request<()>| {
        std::future::pending::<Result<Response<Full<Bytes>>, BoxError>>()
    });
    let mut service = TimeoutLayer::with(Timeouts::new().patience(PATIENCE)).layer(upstream);
    let mut call = task::spawn(service.call(request));
    assert_pending!(call.poll());
    time::advance(millis(7_999)).await;
    assert!(!call.is_woken());
    time::advance(millis(1)).await;
    assert!(call.is_woken());
    assert_pending!(call.poll());

    time::advance(millis(999)).await;
    assert!(!call.is_woken());
    attempts.set_max(2);
    time::advance(millis(1)).await;
    assert!(call.is_woken());
    let error = assert_ready_err!(call.poll());
    assert_eq!(error.to_string(), "no first token within 9 s");
}

#[tokio::test(start_paused = true)]
async fn what_is_given_up_is_dropped_at_once() {
    let in_flight = Arc::new(());
    let upstream = tower::service_fn(|_: Request<()>| {
        let in_flight = Arc::clone(&in_flight);
        async move {
            std::future::pending::<()>().await;
            drop(in_flight);
            Ok::<_, BoxError>(Response::new(Full::<Bytes>::default()))
        }
    });
    let mut service = TimeoutLayer::with(Timeouts::new().patience(PATIENCE)).layer(upstream);
    let mut call = task::spawn(service.call(with_others(1).0));
    assert_pending!(call.poll());
    time::advance(secs(8)).await;
    assert_ready_err!(call.poll());
    assert_eq!(Arc::strong_count(&in_flight), 1);
}
