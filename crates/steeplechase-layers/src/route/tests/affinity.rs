//! The strategy that keeps a conversation together, one sentence for each test.

use proptest::prelude::{any, prop, prop_assert, proptest};
use steeplechase_core::{Call, Operation, call::Head};

use super::*;

/// One that shows when the other strategy is asked: it picks the last.
#[derive(Clone, Debug)]
struct Last;

impl Strategy for Last {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        candidates.last()
    }

    fn sampling(&self) -> Sampling {
        Sampling::Uniform(6)
    }
}

fn of(affinity: u64) -> Told {
    Told {
        affinity: Some(affinity),
        ..Told::default()
    }
}

fn home(group: &[Arc<Deployment>], affinity: u64) -> usize {
    pick(&Affinity::or(Last), group, of(affinity))
}

fn named(count: usize) -> Vec<Arc<Deployment>> {
    (0..count)
        .map(|index| builder(&index.to_string()).build())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn calls_with_the_same_affinity_go_to_the_same_deployment_by_weight() {
    let build = |id: &str, weight: f64| builder(id).weight(weight).build();
    let group = [
        build("a", 1.0),
        build("b", 1.0),
        build("c", 2.0),
        build("d", 0.0),
    ];
    let mut shares = [0_u32; 4];
    for key in 0..4000 {
        let first = home(&group, key);
        assert_eq!(home(&group, key), first);
        shares[first] += 1;
    }
    assert_eq!(shares[3], 0);
    for (share, expected) in shares.into_iter().zip([1000, 1000, 2000]) {
        // Five standard deviations.
        assert!(share.abs_diff(expected) < 150, "{shares:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_affinity_the_other_strategy_picks() {
    let group = named(5);
    assert_eq!(pick(&Affinity::or(Last), &group, Told::default()), 4);
}

#[tokio::test(start_paused = true)]
async fn a_home_that_cannot_take_the_call_is_the_next_until_it_can() {
    let group = named(5);
    for key in 0..100 {
        let first = home(&group, key);
        group[first].health().set_circuit(Circuit::HalfOpen);
        let second = home(&group, key);
        assert_ne!(first, second);
        // The others stay where they are.
        for other in 0..100 {
            let moved = home(&group, other);
            group[first].health().set_circuit(Circuit::Closed);
            let before = home(&group, other);
            group[first].health().set_circuit(Circuit::HalfOpen);
            assert!(before == moved || before == first);
        }
        group[first].health().set_circuit(Circuit::Closed);
        assert_eq!(home(&group, key), first);
    }
}

#[tokio::test(start_paused = true)]
async fn a_home_has_no_more_than_a_quarter_above_the_mean() {
    let group = named(5);
    let (key, first) = (7, home(&named(5), 7));
    let mut calls: Vec<_> = (0..Affinity::<Last>::FREE - 1)
        .map(|_| group[first].load().start())
        .collect();
    assert_eq!(home(&group, key), first, "a few are no load");
    calls.push(group[first].load().start());
    let second = home(&group, key);
    assert_ne!(second, first);
    assert_eq!(home(&group, key), second, "it is always the same");

    // With a mean of 4, of which 1.25 times are 5.
    for deployment in group.iter().filter(|it| it.id() != first.to_string()) {
        calls.extend((0..4).map(|_| deployment.load().start()));
    }
    assert_eq!(home(&group, key), first);
    calls.extend((0..2).map(|_| group[first].load().start()));
    assert_ne!(home(&group, key), first);
    let generous = Affinity::or(Last).bound(3.0);
    assert_eq!(pick(&generous, &group, of(key)), first);
}

#[tokio::test(start_paused = true)]
async fn if_three_homes_have_no_room_the_other_strategy_picks() {
    let group = named(40);
    let mut calls = Vec::new();
    for _ in 0..3 {
        let home = home(&group, 7);
        assert_ne!(home, 39, "the other strategy would pick it");
        calls.extend((0..50).map(|_| group[home].load().start()));
    }
    assert_eq!(home(&group, 7), 39);
}

#[tokio::test(start_paused = true)]
async fn a_home_that_is_slow_is_left_alone() {
    let group = named(3);
    let (key, first) = (7, home(&named(3), 7));
    let observe = |index: usize, time: Duration| {
        (0..20).for_each(|_| group[index].load().observe(time));
    };
    (0..3).for_each(|index| observe(index, SECOND));
    time::advance(SECOND).await;
    assert_eq!(home(&group, key), first);

    (0..20).for_each(|_| observe(first, SECOND * 3));
    time::advance(SECOND * 2).await;
    assert_ne!(home(&group, key), first);
    let patient = Affinity::or(Last).slower(4.0);
    assert_eq!(pick(&patient, &group, of(key)), first);
}

/// Who serves a call of a large group.
async fn serve_large(group: &[Arc<Deployment>], affinity: u64) -> usize {
    let client = tower::service_fn(|_: Request<()>| async {
        Ok::<_, BoxError>(Response::new(Body::default()))
    });
    let route = RouteLayer::new(group.to_vec(), Affinity::or(Last), tag)
        .describe(of(affinity))
        .layer(client);
    let response = route.oneshot(Request::new(())).await.unwrap();
    response.served_by().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_conversation_stays_together_among_many_and_when_others_go() {
    let group = named(100);
    let mut homes = Vec::new();
    for affinity in 0..200 {
        let affinity = hash::mix(affinity);
        let home = serve_large(&group, affinity).await;
        assert_eq!(serve_large(&group, affinity).await, home);
        homes.push((affinity, home));
    }
    let mut served: Vec<_> = homes.iter().map(|(_, home)| home).collect();
    served.sort_unstable();
    served.dedup();
    assert!(served.len() > 50, "{}", served.len());

    let without: Vec<_> = group.iter().filter(|it| it.id() != "42").cloned().collect();
    let mut moved = 0;
    for (affinity, home) in homes {
        let now = serve_large(&without, affinity).await;
        moved += u32::from(now != home);
    }
    // Eight of a hundred may have had it near.
    assert!(moved < 20, "{moved}");
}

#[tokio::test(start_paused = true)]
async fn the_turns_of_a_conversation_are_served_by_the_same_deployment() {
    let group = named(8);
    let client = tower::service_fn(|_: Request<Call>| async {
        Ok::<_, BoxError>(Response::new(Body::default()))
    });
    let route = RouteLayer::new(group, Affinity::or(LeastBusy::new()), tag)
        .describe(DescribeCall)
        .layer(client);
    let mut served = Vec::new();
    for user in 0..20 {
        let mut messages = format!(r#"{{"role":"user","content":"I am {user}"}}"#);
        let mut by = Vec::new();
        for _ in 0..3 {
            let raw = Bytes::from(format!(r#"{{"messages":[{messages}]}}"#));
            let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, Head::default());
            let response = route.clone().oneshot(Request::new(call)).await.unwrap();
            by.push(response.served_by().to_owned());
            messages.push_str(r#",{"role":"assistant","content":"well"}"#);
        }
        // The first turn is anybody's.
        assert_eq!(by[1], by[2]);
        served.push(by.swap_remove(1));
    }
    served.sort();
    served.dedup();
    assert!(served.len() > 3, "{served:?}");
}

proptest! {
    #[test]
    fn one_that_goes_away_moves_only_its_own(
        count in 2..12_usize,
        gone in any::<prop::sample::Index>(),
        keys in prop::collection::vec(any::<u64>(), 50),
    ) {
        let group = named(count);
        let gone = gone.index(count);
        let mut rest = group.clone();
        rest.remove(gone);
        for key in keys {
            let before = home(&group, key);
            let after = &rest[home(&rest, key)];
            prop_assert!(before == gone || group[before].id() == after.id());
        }
    }
}
