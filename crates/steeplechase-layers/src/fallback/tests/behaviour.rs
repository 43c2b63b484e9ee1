//! What the caller gets, one sentence for each test.

use std::future::pending;
use std::time::Duration;

use http_body_util::BodyExt;
use metrics_util::debugging::DebuggingRecorder;
use steeplechase_core::attempts::BudgetConfig;
use steeplechase_core::{Budget, Retry};
use tokio::time::Instant;
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};
use tower::Service as _;
use tower_test::mock;

use super::*;

type Mock = tower::util::MapErr<
    mock::Mock<Request<Call>, Response<Body>>,
    fn(steeplechase_core::BoxError) -> Error,
>;
type Handle = mock::Handle<Request<Call>, Response<Body>>;

fn spawn(fallbacks: Fallbacks) -> (mock::Spawn<Fallback<Mock>>, Handle) {
    let layer = FallbackLayer::new(fallbacks);
    mock::spawn_with(move |mock| {
        let convert: fn(steeplechase_core::BoxError) -> Error = Error::from;
        layer.layer(tower::util::MapErr::new(mock, convert))
    })
}

fn a_to_b() -> Fallbacks {
    Fallbacks::default().general("a", ["b"])
}

fn server() -> Error {
    Error::new(Class::Server, "failed")
}

async fn error(fallbacks: &Fallbacks, failures: &[(&'static str, Class)]) -> Error {
    let world = World::failing(failures.iter().copied());
    world.ask(fallbacks, "a").await.0.unwrap_err()
}

#[tokio::test]
async fn if_all_fail_the_caller_is_told_what_the_first_has_met() {
    let failures = [("a", Class::Server), ("b", Class::Transport)];
    let error = error(&a_to_b(), &failures).await;
    assert_eq!((error.class(), error.message()), (Class::Server, "a"));
}

#[tokio::test]
async fn if_a_later_one_has_met_something_more_useful_the_caller_is_told_that() {
    let fallbacks = Fallbacks::default().general("a", ["b", "c"]);
    let failures = [
        ("a", Class::Unavailable),
        ("b", Class::RateLimited),
        ("c", Class::Server),
    ];
    let error = error(&fallbacks, &failures).await;
    assert_eq!((error.class(), error.message()), (Class::RateLimited, "b"));
}

#[tokio::test]
async fn an_error_is_final_if_there_is_nothing_that_the_caller_should_try_again() {
    let failing = [("a", Class::Server), ("b", Class::Server)];
    assert!(error(&a_to_b(), &failing).await.is_final(), "two attempts");
    let wrong = [("a", Class::InvalidRequest)];
    let wrong = error(&a_to_b(), &wrong).await;
    assert!(wrong.is_final() && wrong.retry() == Retry::Never);

    // One attempt, and nobody wanted more.
    let none = Fallbacks::default();
    assert!(!error(&none, &failing).await.is_final());

    // One attempt, and there could not have been more.
    let (request_of_one, attempts) = request("a");
    attempts.set_max(1);
    let world = World::failing(failing);
    let error = world.ask_request(&none, request_of_one).await.0;
    assert!(error.unwrap_err().is_final());

    // A retry inside counts, without any targets too.
    let (request, attempts) = request("a");
    let _leave = attempts.try_start(Kind::Retry).unwrap();
    let world = World::failing(failing);
    let error = world.ask_request(&none, request).await.0.unwrap_err();
    assert!(error.is_final());
}

#[tokio::test(start_paused = true)]
async fn a_leg_that_is_denied_ends_it_and_what_was_met_is_final() {
    let passed = |attempts: &Attempts| attempts.limit_deadline(Instant::now());
    let used = |attempts: &Attempts| attempts.set_max(1);
    for deny in [&passed as &dyn Fn(&Attempts), &used] {
        let (request, attempts) = request("a");
        deny(&attempts);
        let world = World::failing([("a", Class::Server)]);
        let (outcome, asked) = world.ask_request(&a_to_b(), request).await;
        let error = outcome.unwrap_err();
        assert_eq!((error.class(), &*asked), (Class::Server, "a"));
        assert!(error.is_final());
    }
}

#[tokio::test(start_paused = true)]
async fn a_leg_goes_on_when_the_budget_of_the_group_that_failed_is_spent() {
    let budget = Budget::new(BudgetConfig::new().burst(0).reserve(0.0));
    let (request, attempts) = request("a");
    attempts.enter(&budget);
    let upstream = World::failing([("a", Class::Server)]).service();
    let service = FallbackLayer::new(a_to_b()).layer(upstream);
    let response = service.oneshot(request).await.unwrap();
    let text = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!((&*text, budget.extra_in_flight()), (&b"b"[..], 0));
}

#[tokio::test(start_paused = true)]
async fn a_leg_that_has_failed_makes_room_for_the_next() {
    let budget = Budget::new(BudgetConfig::new().min_in_flight(1));
    let (request, attempts) = request("a");
    attempts.enter(&budget);
    let world = World::failing([("a", Class::Server), ("b", Class::Server)]);
    let fallbacks = Fallbacks::default().general("a", ["b", "c"]);
    let (outcome, asked) = world.ask_request(&fallbacks, request).await;
    assert!(outcome.is_ok());
    assert_eq!(asked, "a b c");
}

#[tokio::test(start_paused = true)]
async fn the_caller_is_woken_by_the_leg_that_answers() {
    let (mut service, mut upstream) = spawn(a_to_b());
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(request("a").0));
    assert_pending!(call.poll());

    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_error(server());
    assert!(call.is_woken());
    assert_pending!(call.poll());

    let (leg, reply) = upstream.next_request().await.unwrap();
    assert_eq!(leg.body().model(), "b");
    reply.send_response(Response::new(Body::default()));
    assert!(call.is_woken());
    assert_ready_ok!(call.poll());
}

#[tokio::test(start_paused = true)]
async fn what_was_polled_is_called_and_a_leg_waits_for_its_own_service_to_be_ready() {
    let (mut service, mut upstream) = spawn(a_to_b());
    upstream.allow(0);
    assert_pending!(service.poll_ready());
    upstream.allow(1);
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(request("a").0));
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_error(server());
    assert_pending!(call.poll());
    assert_pending!(upstream.poll_request());

    upstream.allow(1);
    assert!(call.is_woken());
    assert_pending!(call.poll());
    let (leg, _reply) = upstream.next_request().await.unwrap();
    assert_eq!(leg.body().model(), "b");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_takes_its_leg_with_it_and_starts_no_other() {
    for fails_first in [false, true] {
        let alive = Arc::new(());
        let asked = Arc::new(Mutex::new(0));
        let upstream = tower::service_fn(|request: Request<Call>| {
            let alive = Arc::clone(&alive);
            *asked.lock().unwrap() += 1;
            async move {
                if fails_first && request.body().model() == "a" {
                    return Err(server());
                }
                pending::<()>().await;
                drop(alive);
                Ok(Response::new(Body::default()))
            }
        });
        let budget = Budget::default();
        let (request, attempts) = request("a");
        attempts.enter(&budget);
        let service = FallbackLayer::new(a_to_b()).layer(upstream);
        let call = service.oneshot(request);
        tokio::time::timeout(Duration::from_secs(1), call)
            .await
            .expect_err("no leg should answer");
        assert_eq!(Arc::strong_count(&alive), 1);
        assert_eq!(budget.extra_in_flight(), 0);
        assert_eq!(*asked.lock().unwrap(), 1 + u8::from(fails_first));
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_failed_is_dropped_before_another_is_asked() {
    let alive = Arc::new(());
    let upstream = tower::service_fn(|request: Request<Call>| {
        // Only the leg that runs may hold it: the other is the test's.
        let counted = Arc::clone(&alive);
        assert_eq!(Arc::strong_count(&alive), 2, "{}", request.body().model());
        async move {
            tokio::task::yield_now().await;
            drop(counted);
            Err::<Response<Body>, _>(server())
        }
    });
    let fallbacks = Fallbacks::default().general("a", ["b", "c"]);
    let service = FallbackLayer::new(fallbacks).layer(upstream);
    service.oneshot(request("a").0).await.unwrap_err();
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn the_legs_are_counted() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().unwrap();
    ::metrics::with_local_recorder(&recorder, || {
        describe_metrics();
        runtime.block_on(async {
            let fallbacks = Fallbacks::default().general("a", ["b", "c"]);
            let world = World::failing([("a", Class::Server), ("b", Class::Overloaded)]);
            world.ask(&fallbacks, "a").await.0.unwrap();
            world.ask(&fallbacks, "c").await.0.unwrap();
            let (request, attempts) = request("a");
            attempts.set_max(2);
            world.ask_request(&fallbacks, request).await.0.unwrap_err();
        });
    });

    let mut counted: Vec<_> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| format!("{} = {value:?}", key.key()))
        .collect();
    counted.sort();
    let expected = [
        "reason = overloaded, result = denied]) = Counter(1)",
        "reason = overloaded, result = success]) = Counter(1)",
        "reason = server, result = failure]) = Counter(2)",
    ]
    .map(|line| format!("Key(steeplechase_fallback_fallbacks_total, [{line}"));
    assert_eq!(counted, expected);
}

#[tokio::test]
async fn without_targets_a_call_is_handed_on_and_not_cloned() {
    let sharers = Arc::new(Mutex::new(Vec::new()));
    let upstream = tower::service_fn(|request: Request<Call>| {
        let shared = request.extensions().get::<Arc<()>>().unwrap();
        sharers.lock().unwrap().push(Arc::strong_count(shared));
        async { Ok::<_, Error>(Response::new(Body::default())) }
    });
    let others = Fallbacks::default().general("other", ["b"]);
    for fallbacks in [Fallbacks::default(), others, a_to_b()] {
        let (mut request, _) = request("a");
        request.extensions_mut().insert(Arc::new(()));
        let service = FallbackLayer::new(fallbacks).layer(upstream);
        service.oneshot(request).await.unwrap();
    }
    assert_eq!(*sharers.lock().unwrap(), [1, 1, 2]);
}

#[tokio::test]
#[should_panic(expected = "polled after completion")]
async fn polling_after_completion_is_a_bug_in_the_caller() {
    let upstream = World::failing([("a", Class::InvalidRequest)]).service();
    let mut service = FallbackLayer::new(a_to_b()).layer(upstream);
    let mut call = task::spawn(service.call(request("a").0));
    assert_ready_err!(call.poll());
    let _ = call.poll();
}

#[test]
fn what_should_be_send_and_sync_is() {
    fn assert_send_sync<T: Send + Sync>(_: &T) {}
    fn assert_send<T: Send>(_: &T) {}

    let layer = FallbackLayer::new(a_to_b());
    let upstream = tower::service_fn(|_: Request<Call>| async {
        Ok::<_, Error>(Response::new(Body::default()))
    });
    let service = layer.layer(upstream);
    assert_send_sync(&layer);
    assert_send_sync(&service);
    assert_send(&async move { service.oneshot(request("a").0).await });
}
