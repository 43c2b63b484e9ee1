//! What strategies make of the deployments that they can pick, one sentence for each test.

use proptest::prelude::{prop, prop_assert, proptest};
use proptest::strategy::Strategy as Generate;
use steeplechase_core::attempts::{Measure, Score, Trace, Why, Wins};

use super::prices::priced;
use super::traces::traced;
use super::*;

/// What there is to know of a deployment.
#[derive(Clone, Copy, Debug)]
struct Member {
    in_flight: u32,
    weight: f64,
    /// In milliseconds.
    latency: Option<u64>,
    /// Dollars for a million tokens.
    price: Option<u32>,
    places: Option<u32>,
    is_ramping: bool,
}

fn any_member() -> impl Generate<Value = Member> {
    let parts = (
        0..8_u32,
        0..4_u8,
        prop::option::weighted(0.8, 1..2000_u64),
        prop::option::weighted(0.8, 1..4_u32),
        prop::option::weighted(0.8, 9..20_u32),
        prop::bool::weighted(0.2),
    );
    parts.prop_map(
        |(in_flight, weight, latency, price, places, is_ramping)| Member {
            in_flight,
            weight: f64::from(weight),
            latency,
            price,
            places,
            is_ramping,
        },
    )
}

/// All that is in flight is so while they are kept.
fn build(members: &[Member]) -> (Vec<Arc<Deployment>>, Vec<impl Sized>) {
    let mut calls = Vec::new();
    let build = |(index, member): (usize, &Member)| {
        let (id, price) = (
            index.to_string(),
            member.price.map(|price| price.to_string()),
        );
        let builder = match price {
            Some(price) => priced(&id, &price, &price),
            None => builder(&id),
        };
        let mut builder = builder.weight(member.weight);
        if let Some(places) = member.places {
            builder = builder.max_in_flight(places);
        }
        let deployment = builder.build();
        for _ in 0..member.in_flight {
            let place = deployment.limits().try_acquire();
            calls.push((deployment.load().start(), place));
        }
        if let Some(latency) = member.latency {
            deployment.load().observe(Duration::from_millis(latency));
        }
        if member.is_ramping {
            let since = Instant::now();
            deployment.health().set_circuit(Circuit::Ramp { since });
        }
        deployment
    };
    (members.iter().enumerate().map(build).collect(), calls)
}

/// Each of ours, without what it picks to find out.
fn strategies() -> Vec<Box<dyn Strategy>> {
    let bound = Duration::from_millis(500);
    vec![
        Box::new(WeightedShuffle::seeded(1)),
        Box::new(LeastBusy::seeded(1)),
        Box::new(LowestLatency::seeded(1).explore(0.0)),
        Box::new(HotCold::seeded(1).explore(0.0)),
        Box::new(CheapestFirst::seeded(1)),
        Box::new(SloCheapest::new(bound).seeded(1)),
        Box::new(UsageBased::new().seeded(1)),
        Box::new(UsageBased::by(used_places).seeded(1)),
        Box::new(Affinity::or(LeastBusy::seeded(1))),
        Box::new(Affinity::or(CheapestFirst::seeded(1)).bound(1.0)),
    ]
}

fn used_places(deployment: &Deployment, _: Instant) -> f64 {
    let limits = deployment.limits();
    let places = limits.max_in_flight().unwrap_or(u32::MAX);
    f64::from(limits.in_flight()) / f64::from(places)
}

/// Whether nothing is said against picking one with the first score, where another has the second.
fn is_as_good(picked: Score, other: Score) -> bool {
    let is_better = |by: &Measure, a: f64, b: f64| match by.wins() {
        Wins::Lowest => a < b,
        Wins::Highest => a > b,
        _ => a > 0.0 && b <= 0.0,
    };
    // Where it was set aside it was looked at in another way.
    if picked.by != other.by || is_better(picked.by, picked.value, other.value) {
        return true;
    }
    if is_better(picked.by, other.value, picked.value) {
        return false;
    }
    match (picked.then, other.then) {
        (Some((by, value)), Some((_, other))) => !is_better(by, other, value),
        _ => true,
    }
}

proptest! {
    #[test]
    fn who_is_picked_has_the_best_score(
        members in prop::collection::vec(any_member(), 2..12),
        affinity in prop::option::of(0..u64::MAX),
        is_stream in prop::option::of(prop::bool::ANY),
    ) {
        let (group, _calls) = build(&members);
        let told = Told { is_stream, affinity, ..Told::default() };
        let request = Request::new(());
        let asking = Asking::new(&Every, &told, &request);
        let candidates = Candidates::among(&group, Instant::now()).with_asked(Asked::new(&asking));
        for strategy in strategies() {
            let mut scores = Scores::new();
            let Some(picked) = strategy.pick(candidates.clone()) else { continue };
            strategy.score(candidates.clone(), &mut scores);
            let best = scores.of(&picked).expect("it has a score");
            for other in candidates.clone() {
                let score = scores.of(&other).expect("each has a score");
                let (picked, other) = (picked.index(), other.index());
                prop_assert!(
                    is_as_good(best, score),
                    "{strategy:?}: {picked} has {best:?}, and {other} {score:?}",
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_set_aside_has_the_score_that_it_is_set_aside_for() {
    let group = deployments(3);
    let now = Instant::now();
    for (deployment, millis) in group.iter().zip([300, 900, 100]) {
        deployment.load().observe(Duration::from_millis(millis));
    }
    let _busy: Vec<_> = (0..9).map(|_| group[2].load().start()).collect();
    let by = |strategy: &dyn Strategy| {
        let mut scores = Scores::new();
        let candidates = Candidates::among(&group, now);
        strategy.score(candidates.clone(), &mut scores);
        let score = candidates.filter_map(|it| scores.of(&it));
        score.map(|score| score.by.name()).collect::<Vec<_>>()
    };
    let hot_cold = ["latency_seconds", "latency_seconds", "in_flight"];
    assert_eq!(by(&HotCold::new()), hot_cold);
    let slo = SloCheapest::new(Duration::from_millis(500));
    assert_eq!(by(&slo), ["dollars", "p90_seconds", "dollars"]);
}

#[test]
fn a_score_says_what_it_is_made_of() {
    let group = [priced("a", "3", "0").build(), priced("b", "1", "0").build()];
    let candidates = || Candidates::among(&group, Instant::now());
    let values = |strategy: &dyn Strategy| {
        let mut scores = Scores::new();
        strategy.score(candidates(), &mut scores);
        let scores = candidates().map(|it| scores.of(&it).unwrap().value);
        scores.collect::<Vec<_>>()
    };
    // A prompt of a thousand tokens.
    let dollars = values(&CheapestFirst::new());
    assert!((dollars[0] - 0.003).abs() < 1e-12 && (dollars[1] - 0.001).abs() < 1e-12);
    let _call = group[0].load().start();
    assert_eq!(values(&LeastBusy::new()), [2.0, 1.0]);
    // Nothing is known of them: a half, to the second power.
    assert_eq!(values(&SuccessRate::new().power(2.0)), [0.25, 0.25]);
    assert_eq!(values(&WeightedShuffle::new()), [1.0, 1.0]);
    assert_eq!(values(&UsageBased::new()), [0.0, 0.0]);
}

/// A strategy that has nothing to tell.
#[derive(Clone, Debug)]
struct Silent;

impl Strategy for Silent {
    fn pick<'a>(&self, mut candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        candidates.next()
    }
}

/// The trace of one request that a group of so many has served.
async fn trace_of(count: usize, strategy: impl Strategy + Clone) -> Arc<Trace> {
    let group: Vec<_> = (0..count)
        .map(|id| builder(&id.to_string()).build())
        .collect();
    let client = tower::service_fn(|_: Request<()>| async {
        Ok::<_, BoxError>(Response::new(Body::from("hello")))
    });
    let (request, trace) = traced();
    let route = RouteLayer::new(group, strategy, tag).layer(client);
    assert!(route.oneshot(request).await.is_ok());
    trace
}

#[tokio::test(start_paused = true)]
async fn scores_are_noted_of_those_that_the_strategy_was_asked_about() {
    let pick = trace_of(3, LeastBusy::new()).await.picks().remove(0);
    let scores = pick.standings.iter().map(|it| it.score.unwrap().value);
    assert_eq!(scores.collect::<Vec<_>>(), [1.0; 3]);

    for pick in [
        trace_of(1, LeastBusy::new()).await.picks().remove(0),
        trace_of(2, Silent).await.picks().remove(0),
    ] {
        assert!(pick.standings.iter().all(|it| it.score.is_none()));
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_large_group_those_are_noted_that_were_drawn() {
    for _ in 0..50 {
        let pick = trace_of(100, LeastBusy::new()).await.picks().remove(0);
        let (picked, why) = pick.picked.unwrap();
        assert_eq!((pick.standings.len(), why), (6, Why::Strategy));
        assert!(!pick.is_whole());
        assert!(pick.standing(picked).is_some());
        let scores = pick.standings.iter().map(|it| it.score.unwrap().value);
        assert_eq!(scores.collect::<Vec<_>>(), [1.0; 6]);
    }
    // One that is drawn alone needs no strategy, and one that looks at all draws nobody.
    let alone = trace_of(100, WeightedShuffle::new())
        .await
        .picks()
        .remove(0);
    assert_eq!(alone.standings.len(), 1);
    let all = trace_of(100, Silent).await.picks().remove(0);
    assert!(all.standings.is_empty());
}
