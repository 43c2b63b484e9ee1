//! The strategies that go by price, one sentence for each test.

use steeplechase_core::Pricing;
use steeplechase_core::price::{Price, Rate, Tier, Unit};

use super::*;

/// In dollars for a million tokens.
pub(super) fn priced(id: &str, input: &str, output: &str) -> DeploymentBuilder {
    let rate = |dollars| Rate::per_million(dollars).unwrap();
    let price = Price::builder()
        .rate(Unit::Input, rate(input))
        .rate(Unit::Output, rate(output))
        // What nobody would like for a long prompt.
        .rate_in(Tier::above(200_000), Unit::Input, rate("100"))
        .build();
    builder(id).pricing(Pricing::Known(price.into()))
}

fn call(prompt: u64, max_tokens: Option<u64>) -> Told {
    Told {
        prompt: Some(prompt),
        max_tokens,
        ..Told::default()
    }
}

fn cheapest() -> CheapestFirst {
    CheapestFirst::seeded(1)
}

#[tokio::test(start_paused = true)]
async fn which_is_the_cheapest_depends_on_the_call() {
    let group = [
        priced("reads", "1", "10").build(),
        priced("writes", "3", "3").build(),
        priced("dear", "9", "9").build(),
    ];
    for (told, expected) in [
        (call(10_000, Some(10)), 0),
        (call(10, Some(10)), 1),
        // An answer is taken for 256 tokens.
        (call(800, None), 1),
        (call(1000, Some(100_000)), 0),
        (Told::default(), 0),
    ] {
        assert_eq!(pick(&cheapest(), &group, told), expected, "{told:?}");
    }
    // Answers are long here, so only one that may not be is cheap where output is dear.
    for deployment in &group {
        deployment.load().observe_output(5000);
    }
    assert_eq!(pick(&cheapest(), &group, call(1000, None)), 1);
    assert_eq!(pick(&cheapest(), &group, call(1000, Some(100))), 0);
}

#[tokio::test(start_paused = true)]
async fn the_price_is_that_for_the_size_of_the_prompt() {
    let flat = Price::builder().rate(Unit::Input, Rate::per_million("5").unwrap());
    let flat = Pricing::Estimated(flat.build().into());
    let group = [
        priced("tiered", "1", "0").build(),
        builder("flat").pricing(flat).build(),
    ];
    assert_eq!(pick(&cheapest(), &group, call(200_000, None)), 0);
    assert_eq!(pick(&cheapest(), &group, call(200_001, None)), 1);
}

#[tokio::test(start_paused = true)]
async fn one_whose_price_nobody_knows_comes_last() {
    let group = [
        builder("unpriced").build(),
        priced("dear", "5000000", "5000000").build(),
        builder("denied").pricing(Pricing::Denied).build(),
    ];
    assert_eq!(picks(&cheapest(), &group, 100), [0, 100, 0]);
    // Of several the quickest.
    group[0].load().observe(SECOND);
    group[2].load().observe(SECOND * 2);
    cool_for(&group[1], SECOND);
    assert_eq!(picks(&cheapest(), &group, 100), [100, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn of_those_that_cost_the_same_the_quickest_is_picked() {
    let group = ["a", "b", "c", "d"].map(|id| priced(id, "1", "2").build());
    for (deployment, seconds) in group.iter().zip([3, 1, 2]) {
        deployment.load().observe(SECOND * seconds);
    }
    // One of which nothing is known is as quick.
    let picks = picks(&cheapest(), &group, 1000);
    assert_eq!((picks[0], picks[2]), (0, 0));
    assert!(picks[1] > 430 && picks[3] > 430, "{picks:?}");
}

#[tokio::test(start_paused = true)]
async fn of_a_thousand_the_cheapest_that_can_take_it_is_picked() {
    let group: Vec<_> = (1..=1000)
        .rev()
        .map(|dollars: u32| {
            let dollars = dollars.to_string();
            priced(&dollars, &dollars, &dollars).build()
        })
        .collect();
    for deployment in &group[997..] {
        cool_for(deployment, SECOND);
    }
    let client = tower::service_fn(|_: Request<()>| async {
        Ok::<_, BoxError>(Response::new(Body::default()))
    });
    let route = RouteLayer::new(group, cheapest(), tag).layer(client);
    for _ in 0..20 {
        let response = route.clone().oneshot(Request::new(())).await.unwrap();
        assert_eq!(response.served_by(), "4");
    }
}

/// Cheap and slow, dear and quick, and one in between, which have answered for a while.
async fn answering(millis: [u64; 3]) -> [Arc<Deployment>; 3] {
    let group = [
        priced("cheap", "1", "1").build(),
        priced("middle", "2", "2").build(),
        priced("dear", "3", "3").build(),
    ];
    for (deployment, millis) in group.iter().zip(millis) {
        (0..20).for_each(|_| deployment.load().observe(Duration::from_millis(millis)));
    }
    time::advance(SECOND).await;
    group
}

#[tokio::test(start_paused = true)]
async fn of_those_that_are_quick_enough_the_cheapest_is_picked() {
    for (millis, expected) in [
        ([900, 300, 300], 0),
        ([1500, 900, 300], 1),
        ([1500, 1500, 300], 2),
        // If none is, the quickest.
        ([2500, 1500, 2000], 1),
    ] {
        let group = answering(millis).await;
        let strategy = SloCheapest::new(SECOND).seeded(1);
        let picked = pick(&strategy, &group, Told::default());
        assert_eq!(picked, expected, "{millis:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_was_too_slow_is_tried_again_after_a_minute_by_one_call() {
    let group = answering([1500, 900, 300]).await;
    let strategy = SloCheapest::new(SECOND).seeded(1);
    let picked = || pick(&strategy, &group, Told::default());
    assert_eq!(picked(), 1);
    for _ in 0..8 {
        time::advance(SECOND * 10).await;
        group[1].load().observe(SECOND / 2);
    }
    assert_eq!(picked(), 0);
    let call = group[0].load().start();
    assert_eq!(picked(), 1);
    drop(call);
    group[0].load().observe(SECOND / 2);
    time::advance(SECOND).await;
    let _call = group[0].load().start();
    assert_eq!(picked(), 0);
}
