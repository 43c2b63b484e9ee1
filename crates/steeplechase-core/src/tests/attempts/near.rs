//! No attempt is started for which there is no time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{self, Instant};

use super::super::SECOND;
use super::denied;
use crate::attempts::{Attempts, Budget, BudgetConfig, Denied, Kind};
use crate::deployment::Circuit;
use crate::{Deployment, Dialect};

const EXTRA: [Kind; 3] = [Kind::Retry, Kind::Hedge, Kind::Continuation];

/// One that has given so many answers, each of which has taken so long to begin.
fn served(count: u32, latency: Duration) -> Arc<Deployment> {
    let deployment = Deployment::builder("a", "fast", Dialect::OpenAi).build();
    for _ in 0..count {
        deployment.load().observe(latency);
    }
    deployment
}

/// A request of a group of these, with so much time left.
fn request(group: &[&Arc<Deployment>], left: Duration) -> (Attempts, Budget) {
    let budget = Budget::new(BudgetConfig::new());
    budget.go_by(group.iter().map(|it| Arc::clone(it)));
    let attempts = Attempts::default();
    attempts.enter(&budget);
    attempts.limit_time(Instant::now(), left);
    (attempts, budget)
}

#[tokio::test(start_paused = true)]
async fn an_extra_attempt_needs_the_time_in_which_half_of_the_answers_begin() {
    let group = served(50, SECOND * 2);
    for (left, may_start) in [(SECOND, false), (SECOND * 3, true)] {
        for kind in EXTRA {
            let (attempts, budget) = request(&[&group], left);
            let denied = attempts.try_start(kind).err();
            assert_eq!(
                denied,
                (!may_start).then_some(Denied::DeadlineNear),
                "{left:?}"
            );
            assert_eq!(
                budget.extra_in_flight(),
                0,
                "the leave is dropped, if there was one"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_that_is_waited_before_it_counts() {
    let (attempts, _budget) = request(&[&served(50, SECOND * 2)], SECOND * 5);
    let after = |wait| attempts.try_start_after(Kind::Retry, wait).err();
    assert_eq!(after(SECOND * 4), Some(Denied::DeadlineNear));
    assert_eq!(after(Duration::MAX), Some(Denied::DeadlineNear));
    assert_eq!(after(SECOND), None);
}

#[tokio::test(start_paused = true)]
async fn what_begins_anew_elsewhere_needs_no_time_of_this_group() {
    let (attempts, _budget) = request(&[&served(50, SECOND * 2)], SECOND);
    for kind in [Kind::Fallback, Kind::Race] {
        assert!(attempts.try_start(kind).is_ok(), "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn too_little_is_known_of_a_few_answers() {
    let (attempts, _budget) = request(&[&served(49, SECOND * 2)], SECOND);
    assert!(attempts.try_start(Kind::Retry).is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_quickest_that_may_be_used_counts() {
    let (slow, quick) = (served(50, SECOND * 2), served(50, SECOND / 10));
    let (attempts, _budget) = request(&[&slow, &quick], SECOND);
    assert!(attempts.try_start(Kind::Retry).is_ok());

    let until = Instant::now() + SECOND * 60;
    quick.health().set_circuit(Circuit::Open { until });
    let (attempts, _budget) = request(&[&slow, &quick], SECOND);
    assert_eq!(denied(&attempts, Kind::Retry), Denied::DeadlineNear);
}

#[tokio::test(start_paused = true)]
async fn what_is_known_is_found_out_anew_after_a_second() {
    let deployment = served(0, SECOND);
    let (attempts, _budget) = request(&[&deployment], SECOND * 3);
    assert!(attempts.try_start(Kind::Retry).is_ok());
    for _ in 0..50 {
        deployment.load().observe(SECOND * 4);
    }
    time::advance(SECOND).await;
    assert_eq!(denied(&attempts, Kind::Retry), Denied::DeadlineNear);
}
