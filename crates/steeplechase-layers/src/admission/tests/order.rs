//! Who is next.

use std::task::{Poll, Waker};

use proptest::prelude::*;

use super::super::line::{Line, Spot};
use super::*;

/// The order in which those in line get a place.
fn order(line: &mut Line, spots: &[(Spot, String)]) -> Vec<String> {
    let mut order = Vec::new();
    let mut left: Vec<_> = spots.to_vec();
    while line.next().is_some() {
        let gone = left
            .iter()
            .position(|(spot, _)| !line.wake_by(spot, Waker::noop()))
            .expect("one of them was taken out");
        order.push(left.remove(gone).1);
    }
    order
}

fn join(line: &mut Line, calls: &[(&str, i32)]) -> Vec<(Spot, String)> {
    let mut counts = std::collections::HashMap::new();
    calls
        .iter()
        .map(|&(caller, priority)| {
            let count = counts.entry(caller).or_insert(0);
            *count += 1;
            let spot = line.join(priority, Some(caller.into()));
            (spot, format!("{caller}{count}"))
        })
        .collect()
}

#[test]
fn callers_get_places_in_turn_however_many_calls_they_have() {
    let mut line = Line::default();
    let calls = [("a", 0), ("a", 0), ("a", 0), ("b", 0), ("c", 0), ("b", 0)];
    let spots = join(&mut line, &calls);
    assert_eq!(
        order(&mut line, &spots),
        ["a1", "b1", "c1", "a2", "b2", "a3"]
    );
}

#[test]
fn the_lowest_priority_goes_first_and_within_it_who_came_first() {
    let mut line = Line::default();
    let calls = [("a", 5), ("b", 0), ("c", 5), ("d", -1), ("e", 0)];
    let spots = join(&mut line, &calls);
    assert_eq!(order(&mut line, &spots), ["d1", "b1", "e1", "a1", "c1"]);
}

#[test]
fn who_was_not_there_for_a_while_is_not_ahead_of_all() {
    let mut line = Line::default();
    let spots = join(&mut line, &[("a", 0); 6]);
    for _ in 0..3 {
        line.next();
    }
    let more = join(&mut line, &[("b", 0); 3]);
    let rest: Vec<_> = spots[3..].iter().cloned().chain(more).collect();
    assert_eq!(
        order(&mut line, &rest),
        ["a4", "b1", "a5", "b2", "a6", "b3"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_service_goes_by_what_the_call_says() {
    let config = AdmissionConfig::new(1).max_queued(9).default_priority(3);
    let (mut service, _upstream): (mock::Spawn<Admission<Client>>, Upstream) =
        mock::spawn_layer(AdmissionLayer::with(config));
    let mut started = |request| {
        assert!(service.poll_ready().is_ready());
        let mut call = tokio_test::task::spawn(service.call(request));
        _ = call.poll();
        call
    };
    let running = started(Request::new(()));
    let mut unsaid = started(Request::new(()));
    let mut later = started(by("a", 4));
    let mut sooner = started(by("a", 2));
    drop(running);
    assert!(sooner.is_woken() && !unsaid.is_woken() && !later.is_woken());
    assert!(matches!(sooner.poll(), Poll::Pending));
    drop(sooner);
    assert!(unsaid.is_woken() && !later.is_woken());
    assert!(matches!(unsaid.poll(), Poll::Pending));
    drop(unsaid);
    assert!(later.is_woken());
    assert!(matches!(later.poll(), Poll::Pending));
}

proptest! {
    #[test]
    fn no_caller_is_ever_more_than_a_turn_ahead_while_others_wait(
        calls in prop::collection::vec(0..4_u8, 1..60),
    ) {
        let mut line = Line::default();
        let names = ["a", "b", "c", "d"];
        let calls: Vec<_> = calls.iter().map(|&caller| (names[usize::from(caller)], 0)).collect();
        let spots = join(&mut line, &calls);
        let mut left: Vec<_> = names.map(|name| calls.iter().filter(|(it, _)| *it == name).count()).into();
        let mut served = [0_usize; 4];
        for taken in order(&mut line, &spots) {
            let who = names.iter().position(|name| taken.starts_with(name)).unwrap();
            left[who] -= 1;
            served[who] += 1;
            for other in 0..4 {
                if left[other] > 0 {
                    prop_assert!(served[who] <= served[other] + 1);
                }
            }
        }
    }
}
