//! What is kept of a request for who wants to know why.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{self, Instant};

use super::super::SECOND;
use crate::attempts::{Attempt, Attempts, Ending, Kind, Standing, Trace, Why};
use crate::{Class, Deployment, Dialect};

fn group() -> Arc<[Arc<Deployment>]> {
    [Deployment::builder("eu-1", "fast", Dialect::OpenAi).build()].into()
}

fn pick(trace: &Trace) {
    let standing = Standing {
        place: 0,
        in_flight: 0,
        excluded: None,
        score: None,
    };
    let picked = Some((0, Why::Strategy));
    trace.picked(Instant::now(), &group(), picked, [standing].into());
}

#[test]
fn nothing_is_kept_unless_somebody_asks_for_it() {
    assert!(Attempts::default().trace().is_none());
    let mut extensions = http::Extensions::new();
    assert!(Attempts::of(&mut extensions).trace().is_none());
}

#[test]
fn each_pick_has_the_kind_of_the_attempt_that_it_is_for() {
    let trace = Arc::new(Trace::new(1));
    let attempts = Attempts::traced(Arc::clone(&trace));
    attempts.set_max(5);
    pick(&trace);
    // Two are started before the first of them has its pick.
    let _hedge = attempts.try_start(Kind::Hedge).unwrap();
    let _retry = attempts.try_start(Kind::Retry).unwrap();
    pick(&trace);
    pick(&trace);
    // One that is denied has none.
    attempts.set_max(1);
    assert!(attempts.try_start(Kind::Fallback).is_err());
    attempts.set_max(5);
    let _fallback = attempts.try_start(Kind::Fallback).unwrap();
    pick(&trace);
    let kinds: Vec<_> = trace.picks().iter().map(|pick| pick.kind).collect();
    assert_eq!(
        kinds,
        [Kind::First, Kind::Hedge, Kind::Retry, Kind::Fallback]
    );
}

#[tokio::test(start_paused = true)]
async fn a_head_is_that_of_the_attempt_which_was_sent_last_to_its_deployment() {
    let trace = Trace::new(1);
    let [one, other] = ["one", "other"].map(|id| -> Arc<[_]> {
        [Deployment::builder(id, "fast", Dialect::OpenAi).build()].into()
    });
    let strategy = Some((0, Why::Strategy));
    for group in [&one, &one, &other] {
        trace.picked(Instant::now(), group, strategy, Box::default());
    }
    // One that nobody was sent to has no head.
    trace.picked(Instant::now(), &one, None, Box::default());
    time::advance(SECOND).await;
    trace.head(&one[0]);
    time::advance(SECOND).await;
    trace.head(&other[0]);
    trace.head(&one[0]);
    let heads: Vec<_> = trace.picks().iter().map(|pick| pick.head).collect();
    assert_eq!(heads, [None, Some(SECOND), Some(SECOND * 2), None]);
}

#[tokio::test(start_paused = true)]
async fn it_is_over_when_the_last_handle_is_dropped() {
    let trace = Arc::new(Trace::new(1));
    let attempts = Attempts::traced(Arc::clone(&trace));
    let of_the_body = attempts.clone();
    time::advance(SECOND).await;
    pick(&trace);
    drop(attempts);
    assert_eq!(trace.took(), None);

    time::advance(SECOND).await;
    let ending = Ending::Failed(Class::Truncated);
    of_the_body.record(Attempt::new("eu-1", ending, SECOND));
    drop(of_the_body);
    assert_eq!(trace.took(), Some(2 * SECOND));
    assert_eq!(trace.picks()[0].after, SECOND);
    assert_eq!(trace.ended()[0].ending, ending);
}

#[test]
fn one_that_takes_no_time_is_over_too() {
    let trace = Arc::new(Trace::new(1));
    drop(Attempts::traced(Arc::clone(&trace)));
    assert!(trace.took().unwrap() < Duration::from_secs(60));
}
