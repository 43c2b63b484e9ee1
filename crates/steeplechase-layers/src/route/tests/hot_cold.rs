//! The strategy that leaves out the busiest, one sentence for each test.

use steeplechase_core::deployment::InFlight;

use super::*;

fn greedy() -> HotCold {
    HotCold::seeded(1).explore(0.0)
}

/// A group with these latencies in milliseconds, zero for unknown, and as many in flight.
fn group(latencies: &[u64], in_flight: &[u32]) -> (Vec<Arc<Deployment>>, Vec<InFlight>) {
    let group = deployments(u8::try_from(latencies.len()).unwrap());
    let mut calls = Vec::new();
    for ((deployment, millis), in_flight) in group.iter().zip(latencies).zip(in_flight) {
        let load = deployment.load();
        if *millis > 0 {
            load.observe(Duration::from_millis(*millis));
        }
        calls.extend((0..*in_flight).map(|_| load.start()));
    }
    (group, calls)
}

#[tokio::test(start_paused = true)]
async fn of_those_that_are_cold_the_quickest_is_picked() {
    for (latencies, in_flight, expected) in [
        // As busy as each other.
        ([500, 300, 400, 600, 700, 800], [0; 6], 1),
        ([500, 300, 400, 600, 700, 800], [4; 6], 1),
        // The quickest is the busiest, and then only busier than most.
        ([500, 300, 400, 600, 700, 800], [0, 3, 0, 0, 0, 0], 2),
        ([500, 300, 400, 600, 700, 800], [1, 3, 2, 4, 1, 9], 1),
        // All but one are as busy as the busiest.
        ([500, 300, 400, 600, 700, 800], [5, 5, 5, 5, 5, 4], 5),
    ] {
        let (group, _calls) = group(&latencies, &in_flight);
        let picked = pick(&greedy(), &group, Told::default());
        assert_eq!(picked, expected, "{in_flight:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_sixteen_four_are_hot() {
    let latencies: Vec<u64> = (1..=16).rev().map(|n| n * 100).collect();
    let in_flight: Vec<u32> = (0..16).collect();
    let (group, _calls) = group(&latencies, &in_flight);
    assert_eq!(pick(&greedy(), &group, Told::default()), 11);
    let only_the_coldest = greedy().quantile(0.0);
    assert_eq!(pick(&only_the_coldest, &group, Told::default()), 0);
}

#[tokio::test(start_paused = true)]
async fn one_of_more_weight_may_be_busier() {
    let build = |id: &str, weight: f64| builder(id).weight(weight).build();
    let group = [build("a", 4.0), build("b", 1.0), build("c", 0.0)];
    for deployment in &group {
        deployment.load().observe(SECOND);
    }
    let _calls = [0, 0, 0, 1].map(|index: usize| group[index].load().start());
    assert_eq!(pick(&greedy(), &group, Told::default()), 0);
    let _more = [0, 0].map(|index: usize| group[index].load().start());
    assert_eq!(pick(&greedy(), &group, Told::default()), 1);
    // One without weight is used when there is no other.
    assert_eq!(pick(&greedy(), &group[2..], Told::default()), 0);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_not_known_gets_a_fair_share_until_it_is() {
    let (group, _) = group(&[300, 0, 900], &[0; 3]);
    let picks = picks(&greedy(), &group, 1000);
    assert!(
        picks[0] > 430 && picks[1] > 430 && picks[2] == 0,
        "{picks:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn each_keeps_being_measured() {
    let (group, _) = group(&[300, 900, 5000, 100], &[0; 4]);
    let picks = picks(&HotCold::seeded(1), &group, 10_000);
    assert!(picks.iter().all(|n| *n >= 100), "{picks:?}");
}
