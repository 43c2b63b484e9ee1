//! What is recorded and shown, one sentence for each test.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use proptest::prelude::*;
use serde_json::{Value, json};
use steeplechase::attempts::{
    Attempt, Ending, Exclusion, Kind, Measure, Score, Standing, Trace, Why, Wins,
};
use steeplechase::call::Head;
use steeplechase::{Attempts, Call, Class, Cost, Deployment, Dialect, Operation};
use tokio::time::Instant;

use super::{Decisions, record};

fn kept(decisions: &Decisions, most: usize) -> Vec<u64> {
    let latest = decisions.latest(most);
    latest.iter().map(|trace| trace.id()).collect()
}

fn push(decisions: &Decisions) -> u64 {
    let request = decisions.begin(Request::new(()));
    let attempts = Attempts::get(request.extensions()).unwrap();
    attempts.trace().unwrap().id()
}

fn group(ids: &[&str]) -> Arc<[Arc<Deployment>]> {
    let deployment = |id: &&str| Deployment::builder(*id, "fast", Dialect::OpenAi).build();
    ids.iter().map(deployment).collect()
}

fn standings<const N: usize>(excluded: [Option<Exclusion>; N]) -> Box<[Standing]> {
    let standing = |(place, excluded)| Standing {
        place,
        in_flight: 0,
        excluded,
        score: None,
    };
    (0..).zip(excluded).map(standing).collect()
}

fn ended(deployment: &str, ending: Ending, nanos: u64) -> Attempt {
    let mut attempt = Attempt::new(deployment, ending, Duration::from_millis(1500));
    attempt.cost = Some(Cost::from_nanos(nanos));
    attempt
}

proptest! {
    #[test]
    fn the_latest_are_kept_and_no_others(capacity in 1_usize..8, count in 0_usize..30, most in 0_usize..10) {
        let decisions = Decisions::new(capacity).unwrap();
        let mut all: Vec<u64> = (0..count).map(|_| push(&decisions)).collect();
        all.reverse();
        all.truncate(capacity);
        for (back, id) in all.iter().enumerate() {
            prop_assert!(decisions.find(*id).is_some(), "{back} back");
        }
        all.truncate(most);
        prop_assert_eq!(kept(&decisions, most), all);
    }

    #[test]
    fn another_size_keeps_the_latest_that_there_is_room_for(
        before in 1_usize..8,
        after in 1_usize..8,
        count in 0_usize..30,
    ) {
        let decisions = Decisions::new(before).unwrap();
        for _ in 0..count {
            push(&decisions);
        }
        let mut expected = kept(&decisions, usize::MAX);
        expected.truncate(after);
        let resized = decisions.resized(after).unwrap();
        prop_assert_eq!(resized.capacity(), after);
        prop_assert_eq!(kept(&resized, usize::MAX), expected);
    }
}

#[test]
fn none_are_kept_if_there_is_to_be_room_for_none() {
    assert!(Decisions::new(0).is_none());
    assert!(Decisions::new(3).unwrap().resized(0).is_none());
}

#[test]
fn a_response_tells_the_number_of_its_record() {
    let decisions = Decisions::new(3).unwrap();
    let request = decisions.begin(Request::new(()));
    let attempts = Attempts::get(request.extensions()).unwrap().clone();
    let mut response = Response::new(());
    response.extensions_mut().insert(attempts);
    Decisions::tell(&mut response);
    let shown = response.headers()["x-steeplechase-decision"].to_str();
    let latest = decisions.latest(1).remove(0);
    assert_eq!(record::summary(&latest)["id"], shown.unwrap());
    assert_eq!(record::summary(&latest)["answer"]["status"], 200);

    let mut untraced = Response::new(());
    untraced.extensions_mut().insert(Attempts::default());
    Decisions::tell(&mut untraced);
    assert!(untraced.headers().is_empty());
}

#[test]
fn a_record_keeps_no_more_of_a_name_than_a_name_can_be() {
    let decisions = Decisions::new(1).unwrap();
    let named = |name: &str| {
        let mut head = Head::default();
        head.model = name.into();
        let call = Call::new(Operation::Chat, Dialect::OpenAi, Bytes::new(), head);
        Decisions::ask(&decisions.begin(Request::new(call)));
        let record = record::summary(&decisions.latest(1)[0]);
        record["call"]["model"].as_str().unwrap().to_owned()
    };
    assert_eq!(named("fast"), "fast");
    let long = named(&"ö".repeat(1_000_000));
    assert_eq!(long, "ö".repeat(128) + "…");
}

/// A call that has failed over from `a` to `b`, of a group that `c` could not be picked of.
fn failed_over(is_over: bool) -> Value {
    let trace = Arc::new(Trace::new(1));
    let attempts = Attempts::traced(Arc::clone(&trace));
    let group = group(&["a", "b", "c"]);
    let cooling = Some(Exclusion::Cooling(Duration::from_secs(20)));
    let now = Instant::now();
    let stood = standings([None, None, cooling]);
    trace.picked(now, &group, Some((0, Why::Strategy)), stood);
    attempts.record(ended("a", Ending::Failed(Class::Overloaded), 5));
    drop(attempts.try_start(Kind::Retry).unwrap());
    let stood = standings([Some(Exclusion::Tried), None, cooling]);
    trace.picked(now, &group, Some((1, Why::Probe)), stood);
    if is_over {
        attempts.record(ended("b", Ending::Complete, 7));
        drop(attempts);
        return record::whole(&trace);
    }
    record::whole(&trace)
}

#[test]
fn a_record_says_who_was_picked_among_whom_and_what_became_of_it() {
    let record = failed_over(true);
    assert_eq!(record["is_over"], true);
    assert_eq!(record["cost"], "0.000000012");
    let attempts = record["attempts"].as_array().unwrap();
    let of = |at: usize, key: &str| attempts[at][key].clone();
    assert_eq!(
        (of(0, "kind"), of(1, "kind")),
        (json!("first"), json!("retry"))
    );
    assert_eq!(
        (of(0, "deployment"), of(1, "deployment")),
        (json!("a"), json!("b"))
    );
    assert_eq!(
        (of(0, "picked_by"), of(1, "picked_by")),
        (json!("strategy"), json!("probe"))
    );
    assert_eq!(
        (of(0, "outcome"), of(0, "class")),
        (json!("failed"), json!("overloaded"))
    );
    assert_eq!(
        (of(1, "outcome"), of(1, "class")),
        (json!("complete"), Value::Null)
    );
    assert_eq!(of(0, "took_seconds"), 1.5);
    let candidates = of(1, "candidates");
    assert_eq!(candidates[0]["excluded"], "tried");
    assert_eq!(candidates[1]["excluded"], Value::Null);
    assert_eq!(candidates[2]["excluded"], "cooling");
    assert_eq!(candidates[2]["excluded_for_seconds"], 20.0);
}

#[test]
fn what_is_under_way_is_told_as_such() {
    let record = failed_over(false);
    assert_eq!(record["attempts"][0]["outcome"], "failed");
    assert_eq!(record["attempts"][1]["outcome"], "running");
    // The handle is dropped after the record was made.
    assert_eq!(record["is_over"], false);
    assert_eq!(record["took_seconds"], Value::Null);
}

#[test]
fn a_call_that_nobody_could_take_says_why() {
    let trace = Arc::new(Trace::new(1));
    let group = group(&["a", "b"]);
    let unfit = Some(Exclusion::Unfit("tags"));
    let stood = standings([unfit, Some(Exclusion::Full)]);
    trace.picked(Instant::now(), &group, None, stood);
    let record = record::whole(&trace);
    let attempt = &record["attempts"][0];
    assert_eq!(attempt["outcome"], "refused");
    assert_eq!(attempt["deployment"], Value::Null);
    assert_eq!(attempt["candidates"][0]["excluded_by"], "tags");
    assert_eq!(attempt["candidates"][1]["excluded"], "full");
}

#[test]
fn of_two_attempts_at_one_deployment_each_has_its_own_end() {
    let trace = Arc::new(Trace::new(1));
    let attempts = Attempts::traced(Arc::clone(&trace));
    let group = group(&["a"]);
    for (why, ending) in [
        (Why::Strategy, Ending::Failed(Class::Server)),
        (Why::Again, Ending::Complete),
    ] {
        trace.picked(Instant::now(), &group, Some((0, why)), Box::default());
        attempts.record(ended("a", ending, 1));
    }
    let record = record::whole(&trace);
    assert_eq!(record["attempts"][0]["outcome"], "failed");
    assert_eq!(record["attempts"][1]["outcome"], "complete");
    assert_eq!(record["attempts"][1]["candidates"], Value::Null);
}

#[test]
fn a_record_says_what_the_strategy_has_made_of_each() {
    static DOLLARS: Measure = Measure::new("dollars", Wins::Lowest);
    static LATENCY: Measure = Measure::new("latency_seconds", Wins::Lowest);
    let trace = Arc::new(Trace::new(1));
    let mut stood = standings([None, None, Some(Exclusion::Full)]);
    stood[0].score = Some(Score::new(&DOLLARS, 0.000_421_337_1).then(&LATENCY, 0.25));
    stood[1].score = Some(Score::new(&DOLLARS, f64::INFINITY));
    let picked = Some((0, Why::Strategy));
    trace.picked(Instant::now(), &group(&["a", "b", "c"]), picked, stood);
    let record = record::whole(&trace);
    let candidates = &record["attempts"][0]["candidates"];
    let then = json!({"by": "latency_seconds", "value": 0.25, "wins": "lowest"});
    let score = json!({"by": "dollars", "value": 0.000_421_337, "wins": "lowest", "then": then});
    assert_eq!(candidates[0]["score"], score);
    assert_eq!(candidates[1]["score"]["value"], Value::Null);
    assert_eq!(candidates[2]["score"], Value::Null);
}

#[test]
fn of_a_large_group_those_are_shown_that_were_drawn() {
    let trace = Arc::new(Trace::new(1));
    let mut stood = standings([None, None]);
    stood[0].place = 3;
    let picked = Some((3, Why::Strategy));
    let group = group(&["a", "b", "c", "d"]);
    trace.picked(Instant::now(), &group, picked, stood);
    let record = record::whole(&trace);
    let candidates = record["attempts"][0]["candidates"].as_array().unwrap();
    let names: Vec<_> = candidates.iter().map(|it| &it["deployment"]).collect();
    assert_eq!(names, ["d", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_record_says_how_long_each_phase_of_an_attempt_took() {
    let trace = Arc::new(Trace::new(1));
    let attempts = Attempts::traced(Arc::clone(&trace));
    let second = Duration::from_secs(1);
    let group = group(&["a"]);
    tokio::time::advance(second).await;
    let now = Instant::now();
    trace.picked(now, &group, Some((0, Why::Strategy)), standings([None]));
    // Half a second after the attempt is on its way.
    tokio::time::advance(second * 3 / 4).await;
    trace.head(&group[0]);
    tokio::time::advance(second).await;
    // The head that was there first is the head.
    trace.head(&group[0]);
    let mut ended = ended("a", Ending::Complete, 1);
    ended.started = Some(now + second / 4);
    ended.first_content = Some(second / 2);
    attempts.record(ended);
    let record = record::whole(&trace);
    let of = |key: &str| record["attempts"][0][key].clone();
    assert_eq!(of("at_seconds"), 1.0);
    assert_eq!(of("waited_seconds"), 0.25);
    assert_eq!(of("head_seconds"), 0.5);
    assert_eq!(of("first_content_seconds"), 0.5);
    assert_eq!(of("content_seconds"), 1.0);
    assert_eq!(of("took_seconds"), 1.5);
}
