//! The strategies that go by successes, and by what is used, one sentence for each test.

use super::*;

/// A deployment with so many successes and failures.
fn with(id: &str, good: u32, bad: u32) -> Arc<Deployment> {
    let deployment = builder(id).build();
    (0..good).for_each(|_| deployment.load().observe(SECOND));
    (0..bad).for_each(|_| deployment.load().penalise(None));
    deployment
}

fn share_of_first(strategy: &SuccessRate, group: &[Arc<Deployment>]) -> f64 {
    f64::from(picks(strategy, group, 10_000)[0]) / 10_000.0
}

#[tokio::test(start_paused = true)]
async fn who_fails_more_gets_less() {
    for (good, bad, expected) in [
        (98, 0, 0.5),
        (97, 1, 0.49),
        // A half, to the power of 4, of one and that; and what each gets by chance.
        (49, 49, 0.071),
        (0, 98, 0.0125),
        // Nothing is known of it.
        (0, 0, 0.073),
    ] {
        let group = [with("a", good, bad), with("b", 98, 0)];
        let share = share_of_first(&SuccessRate::seeded(1), &group);
        assert!((share - expected).abs() < 0.02, "{good} {bad}: {share}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_power_says_how_much_less() {
    let group = [with("a", 49, 49), with("b", 98, 0)];
    let share = |power| share_of_first(&SuccessRate::seeded(1).power(power), &group);
    assert!((share(0.0) - 0.5).abs() < 0.02);
    assert!((share(1.0) - 0.33).abs() < 0.02);
    assert!(share(1000.0) < 0.02);
}

#[tokio::test(start_paused = true)]
async fn failures_are_forgotten_in_some_minutes() {
    let group = [with("a", 0, 98), with("b", 98, 0)];
    let strategy = SuccessRate::seeded(1);
    assert!(share_of_first(&strategy, &group) < 0.03);
    time::advance(SECOND * 600).await;
    let share = share_of_first(&strategy, &group);
    assert!((share - 0.5).abs() < 0.03, "{share}");
}

#[tokio::test(start_paused = true)]
async fn of_those_that_are_as_good_weights_are_shares() {
    let group = [
        builder("a").weight(3.0).build(),
        builder("b").build(),
        builder("c").weight(0.0).build(),
    ];
    let picks = picks(&SuccessRate::seeded(1), &group, 10_000);
    assert!(picks[0].abs_diff(7_450) < 200, "{picks:?}");
    assert_eq!(picks[2], 0);
}

#[tokio::test(start_paused = true)]
async fn the_one_with_the_most_room_in_its_limits_is_picked() {
    let limited = |id: &str, requests| builder(id).requests_per_minute(requests).build();
    let group = [limited("small", 10), limited("large", 100)];
    let strategy = UsageBased::new().seeded(1);
    let mut picks = [0; 2];
    for _ in 0..55 {
        let picked = pick(&strategy, &group, Told::default());
        picks[picked] += 1;
        drop(group[picked].limits().try_acquire().unwrap());
    }
    // Half of each.
    assert_eq!(picks, [5, 50]);
}

#[tokio::test(start_paused = true)]
async fn of_those_without_limits_the_least_busy_is_picked() {
    let group = deployments(2);
    let _call = group[0].load().start();
    assert_eq!(pick(&UsageBased::new(), &group, Told::default()), 1);
}

#[tokio::test(start_paused = true)]
async fn the_one_of_which_the_least_is_used_is_picked() {
    let used = |deployment: &Deployment, _| match deployment.id() {
        "a" => 0.5,
        "d" => f64::NAN,
        _ => 0.25,
    };
    let group = deployments(4);
    let picks = picks(&UsageBased::by(used).seeded(1), &group, 1000);
    assert_eq!((picks[0], picks[3]), (0, 0));
    assert!(picks[1] > 430 && picks[2] > 430, "{picks:?}");

    let nobody_knows = UsageBased::by(|_, _| f64::NAN);
    assert!(pick(&nobody_knows, &group, Told::default()) < 4);
}
