//! What the caller gets, one sentence for each test.

use metrics_util::debugging::DebuggingRecorder;
use steeplechase_core::attempts::BudgetConfig;
use steeplechase_core::{Budget, Phase};

use super::*;

fn first() -> Vec<Step> {
    broken(&["the ", "capital "], Class::Transport)
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_continued_and_the_place_is_marked() {
    let world = World::of([Ok(first()), Ok(words(&["(start)", "is ", "Paris", "."]))]);
    let (request, attempts) = request(true);
    let (got, error) = world.ask_with(request).await;
    assert!(error.is_none());
    assert_eq!(got, "the capital <fast>is Paris.");
    assert_eq!(world.asked(), ["Q ", "+Q the capital "]);
    assert_eq!(attempts.count(Kind::Continuation), 1);
    assert_eq!(attempts.used(), 2);
}

#[tokio::test]
async fn an_answer_that_is_whole_is_handed_on_as_it_is() {
    let world = World::of([Ok(words(&["(start)", "Paris", "."]))]);
    let (got, error) = world.ask().await;
    assert!(error.is_none());
    assert_eq!(got, "(start)Paris.");
    assert_eq!(world.asked().len(), 1);
}

#[tokio::test]
async fn only_what_another_attempt_may_do_better_is_continued() {
    let idle = Class::Timeout(Phase::ContentIdle);
    for (class, continues) in [
        (Class::Transport, true),
        (idle, true),
        (Class::Overloaded, true),
        (Class::Server, true),
        (Class::Truncated, true),
        (Class::ContentPolicy, false),
        (Class::Auth, false),
        (Class::Internal, false),
        (Class::InvalidRequest, false),
        (Class::RateLimited, false),
    ] {
        let world = World::of([Ok(broken(&["a "], class)), Ok(words(&["b"]))]);
        let (got, error) = world.ask().await;
        assert_eq!(error.is_none(), continues, "{class:?}");
        let expected = if continues { "a <fast>b" } else { "a " };
        assert_eq!(got, expected, "{class:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_plain_or_not_watched_or_empty_is_not_continued() {
    for (said, stream) in [("a#", true), ("a", false), ("", true)] {
        let world = World::of([Ok(broken(&[said], Class::Transport)), Ok(words(&["b"]))]);
        let (got, error) = world.ask_with(request(stream).0).await;
        assert_eq!((&*got, error.unwrap().class()), (said, Class::Transport));
        assert_eq!(world.asked().len(), 1);
    }
}

#[tokio::test]
async fn there_is_one_continuation_at_the_most() {
    let second = broken(&["is "], Class::Overloaded);
    let world = World::of([Ok(first()), Ok(second), Ok(words(&["never"]))]);
    let (got, error) = world.ask().await;
    assert_eq!(got, "the capital <fast>is ");
    assert_eq!(error.unwrap().class(), Class::Overloaded);
    assert_eq!(world.asked().len(), 2);
}

#[tokio::test]
async fn if_the_rest_fails_before_it_begins_the_caller_is_told_how_the_answer_has_failed() {
    let world = World::of([Ok(first()), Err(Class::RateLimited)]);
    let (got, error) = world.ask().await;
    assert_eq!(got, "the capital ");
    assert_eq!(error.unwrap().class(), Class::Transport);
}

#[tokio::test]
async fn a_rest_that_cannot_be_read_is_a_failure() {
    let world = World::of([Ok(first()), Ok(words(&["?", "more"]))]);
    let (got, error) = world.ask().await;
    assert_eq!(got, "the capital <fast>");
    assert_eq!(error.unwrap().message(), "it cannot be read");
}

#[tokio::test(start_paused = true)]
async fn the_rest_is_an_attempt_like_any_other_and_has_to_be_allowed() {
    let used = |attempts: &Attempts| attempts.set_max(1);
    let late = |attempts: &Attempts| attempts.limit_deadline(tokio::time::Instant::now());
    let poor = |attempts: &Attempts| {
        attempts.enter(&Budget::new(BudgetConfig::new().burst(0).reserve(0.0)));
    };
    for deny in [&used as &dyn Fn(&Attempts), &late, &poor] {
        let world = World::of([Ok(first()), Ok(words(&["never"]))]);
        let (request, attempts) = request(true);
        deny(&attempts);
        let (got, error) = world.ask_with(request).await;
        assert_eq!(
            (&*got, error.unwrap().class()),
            ("the capital ", Class::Transport)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_share_of_the_time_that_a_leg_had_is_for_getting_an_answer_and_not_for_its_rest() {
    let world = World::of([Ok(first()), Ok(words(&["rest"]))]);
    let (request, attempts) = request(true);
    let seconds = std::time::Duration::from_secs;
    attempts.set_max(3);
    attempts.limit_time(tokio::time::Instant::now(), seconds(10));
    attempts.begin_leg(1);
    tokio::time::advance(seconds(6)).await;
    assert_eq!(world.ask_with(request).await.0, "the capital <fast>rest");
}

#[tokio::test]
async fn the_place_in_the_budget_is_held_while_there_is_a_rest() {
    let budget = Budget::default();
    let world = World::of([Ok(first()), Ok(vec![Step::Word("a"), Step::Word("b")])]);
    let (request, attempts) = request(true);
    attempts.enter(&budget);
    drop(attempts);
    let service = ContinuationLayer::new(Words).layer(world.service());
    let mut body = service.oneshot(request).await.unwrap().into_body();
    for expected in [0, 0, 1, 1, 1] {
        body.frame().await.unwrap().unwrap();
        assert_eq!(budget.extra_in_flight(), expected);
    }
    assert!(body.frame().await.is_none());
    assert_eq!(
        (budget.extra_in_flight(), budget.requests_in_flight()),
        (0, 0)
    );
}

#[tokio::test]
async fn off_is_off() {
    let world = World::of([Ok(first())]);
    let service = ContinuationLayer::new(None::<Words>).layer(world.service());
    let response = service.oneshot(request(true).0).await.unwrap();
    assert!(response.into_body().collect().await.is_err());
    assert_eq!(world.asked().len(), 1);
}

#[test]
fn what_became_of_continuations_is_counted() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().unwrap();
    ::metrics::with_local_recorder(&recorder, || {
        describe_metrics();
        runtime.block_on(async {
            World::of([Ok(first()), Ok(words(&["b"]))]).ask().await;
            World::of([Ok(first()), Err(Class::Server)]).ask().await;
            let (request, attempts) = request(true);
            attempts.set_max(1);
            World::of([Ok(first())]).ask_with(request).await;
        });
    });
    let mut counted: Vec<_> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| format!("{} = {value:?}", key.key()))
        .collect();
    counted.sort();
    let expected = ["denied", "failure", "success"].map(|result| {
        format!(
            "Key(steeplechase_continuation_continuations_total, \
             [reason = transport, result = {result}]) = Counter(1)"
        )
    });
    assert_eq!(counted, expected);
}

#[test]
fn what_should_be_send_and_sync_is() {
    fn assert_send_sync<T: Send + Sync>(_: &T) {}
    fn assert_send<T: Send>(_: &T) {}

    let layer = ContinuationLayer::new(Words);
    assert_send_sync(&layer);
    let service = layer.layer(World::default().service());
    assert_send(&async move {
        let response = service.oneshot(request(true).0).await.unwrap();
        response.into_body().collect().await.is_ok()
    });
}

#[test]
fn the_service_inside_can_be_reached() {
    let mut service = ContinuationLayer::new(Words).layer(1);
    *service.get_mut() += 1;
    assert_eq!(*service.get_ref(), 2);
    assert_eq!(service.into_inner(), 2);
}
