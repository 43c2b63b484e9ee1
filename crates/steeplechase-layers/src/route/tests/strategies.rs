//! Who of several gets a request, one sentence for each test.

use super::*;

fn weighted(weights: &[f64]) -> Vec<Arc<Deployment>> {
    let weights = weights.iter().enumerate();
    let build =
        |(index, weight): (usize, &f64)| builder(&index.to_string()).weight(*weight).build();
    weights.map(build).collect()
}

/// The sum of squared deviations, each by what was expected.
fn chi_square(picks: &[u32], expected: &[f64]) -> f64 {
    let pairs = picks.iter().zip(expected);
    pairs
        .map(|(n, expected)| (f64::from(*n) - expected).powi(2) / expected)
        .sum()
}

#[test]
fn shares_are_as_the_weights_are() {
    let picks = picks(&WeightedShuffle::seeded(1), &weighted(&[1.0, 9.0]), 10_000);
    // One degree of freedom, p = 0.01.
    assert!(chi_square(&picks, &[1000.0, 9000.0]) < 6.63, "{picks:?}");
}

#[test]
fn without_weights_all_have_the_same_share() {
    for weight in [0.0, 1.0, 0.3] {
        let group = weighted(&[weight; 4]);
        let picks = picks(&WeightedShuffle::seeded(1), &group, 10_000);
        // Three degrees of freedom, p = 0.01.
        assert!(
            chi_square(&picks, &[2500.0; 4]) < 11.34,
            "{weight}: {picks:?}"
        );
    }
}

#[test]
fn one_without_weight_is_used_when_there_is_no_other() {
    let group = weighted(&[0.0, 1.0, 0.0]);
    for strategy in [
        &WeightedShuffle::seeded(1) as &dyn Strategy,
        &LowestLatency::seeded(1),
        &LeastBusy::seeded(1),
    ] {
        assert_eq!(picks(strategy, &group, 1000), [0, 1000, 0]);
        let weightless = picks(strategy, &weighted(&[0.0, 0.0]), 1000);
        assert!(
            weightless.iter().all(|n| *n > 400),
            "{strategy:?} {weightless:?}"
        );
    }
}

#[test]
fn a_seed_says_all_and_its_clones_go_on_where_it_is() {
    let group = weighted(&[1.0; 5]);
    let strategy = WeightedShuffle::seeded(3);
    let mut first = picks(&strategy, &group, 50);
    let second = picks(&strategy.clone(), &group, 50);
    for (first, second) in first.iter_mut().zip(second) {
        *first += second;
    }
    assert_eq!(first, picks(&WeightedShuffle::seeded(3), &group, 100));
}

#[test]
fn the_least_busy_has_the_least_in_flight_for_its_weight() {
    let group = weighted(&[1.0, 1.0, 3.0]);
    let _busy: Vec<_> = [0, 0, 2, 2, 2]
        .map(|index: usize| group[index].load().start())
        .into();
    assert_eq!(picks(&LeastBusy::seeded(1), &group, 100), [0, 100, 0]);
    // Two for a weight of one, or five for a weight of three.
    let _more = [group[1].load().start(), group[1].load().start()];
    assert_eq!(picks(&LeastBusy::seeded(1), &group, 100), [0, 0, 100]);
}

#[test]
fn of_two_that_are_as_busy_each_has_the_same_chance() {
    let picks = picks(&LeastBusy::seeded(1), &weighted(&[1.0; 4]), 10_000);
    assert!(chi_square(&picks, &[2500.0; 4]) < 11.34, "{picks:?}");
}

#[tokio::test]
async fn a_strategy_that_does_not_mind_gets_the_first() {
    #[derive(Debug)]
    struct Any;

    impl Strategy for Any {
        fn pick<'a>(&self, _: Candidates<'a>) -> Option<Candidate<'a>> {
            None
        }
    }

    let strategy: Arc<dyn Strategy> = Arc::new(Box::new(Any));
    let client = tower::service_fn(|_: Request<()>| async {
        Ok::<_, BoxError>(Response::new(Body::default()))
    });
    let group = [
        builder("backup").order(1).build(),
        builder("a").build(),
        builder("b").build(),
    ];
    let mut service = RouteLayer::new(group, strategy, tag).layer(client);
    for _ in 0..10 {
        let response = service.call(Request::new(())).await.unwrap();
        assert_eq!(response.served_by(), "a");
    }
}

#[test]
fn candidates_can_be_looked_at_twice() {
    let group = weighted(&[1.0, 2.0, 0.0]);
    group[2].health().set_circuit(Circuit::HalfOpen);
    let now = Instant::now();
    let candidates = Candidates::among(&group, now);
    assert_eq!(candidates.now(), now);
    let weights = |candidates: Candidates<'_>| candidates.map(|c| c.weight()).collect::<Vec<_>>();
    assert_eq!(weights(candidates.clone()), [1.0, 2.0]);
    assert_eq!(weights(candidates), [1.0, 2.0]);
}
