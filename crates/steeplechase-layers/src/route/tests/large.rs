//! Groups of which only a few deployments are looked at, one sentence for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use steeplechase_core::Class;

use super::*;

/// So many deployments, of which the one at `index` is what `with` makes of it.
fn group(
    count: usize,
    with: impl Fn(usize, DeploymentBuilder) -> DeploymentBuilder,
) -> Vec<Arc<Deployment>> {
    let build = |index: usize| with(index, builder(&index.to_string())).build();
    (0..count).map(build).collect()
}

/// How often each gets one of so many requests.
async fn shares<St>(group: &[Arc<Deployment>], strategy: St, count: u32) -> Vec<u32>
where
    St: Strategy + Clone,
{
    let client = tower::service_fn(|_: Request<()>| async {
        Ok::<_, BoxError>(Response::new(Body::default()))
    });
    let route = RouteLayer::new(group.to_vec(), strategy, tag).layer(client);
    let mut shares = vec![0; group.len()];
    for _ in 0..count {
        let response = route.clone().oneshot(Request::new(())).await.unwrap();
        shares[response.served_by().parse::<usize>().unwrap()] += 1;
    }
    shares
}

/// Counts how many are asked about.
#[derive(Clone, Debug, Default)]
struct Counting(Arc<AtomicU32>);

impl Eligible<()> for Counting {
    fn is_eligible(&self, _: &Request<()>, deployment: &Deployment) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        deployment.id() != "0"
    }

    fn refusal(&self, _: &Request<()>, _: &[Arc<Deployment>]) -> Error {
        Error::new(Class::ContextWindow, "it fits nowhere")
    }
}

#[tokio::test(start_paused = true)]
async fn a_shuffle_of_many_is_as_the_weights_are() {
    fastrand::seed(1);
    // From 1 to 4, and nothing for one of five.
    let weight = |index: usize| f64::from(u32::try_from(index % 5).unwrap());
    let group = group(40, |index, builder| builder.weight(weight(index)));
    cool_for(&group[4], SECOND);
    let since = Instant::now();
    group[9].health().set_circuit(Circuit::Ramp { since });
    let shares = shares(&group, WeightedShuffle::new(), 40_000).await;
    // One of weight 4 has none of its traffic, and another a tenth of it.
    let total = 80.0 - 4.0 - 3.6;
    for (index, share) in shares.into_iter().enumerate() {
        let weight = match index {
            4 => 0.0,
            9 => 0.4,
            _ => weight(index),
        };
        let expected = 40_000.0 * weight / total;
        // Five standard deviations.
        let least = 5.0 * expected.sqrt();
        assert!(
            (f64::from(share) - expected).abs() <= least,
            "{index}: {share}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn few_of_many_are_asked_about() {
    let group = group(1000, |_, builder| builder);
    let client = tower::service_fn(|_: Request<()>| async {
        Ok::<_, BoxError>(Response::new(Body::default()))
    });
    for strategy in [
        Arc::new(WeightedShuffle::new()) as Arc<dyn Strategy>,
        Arc::new(LeastBusy::new()),
        Arc::new(LowestLatency::new()),
    ] {
        let counting = Counting::default();
        let route = RouteLayer::new(group.clone(), strategy, tag).eligible(counting.clone());
        let mut request = Request::new(());
        let attempts = attempts(&mut request);
        route.layer(client).oneshot(request).await.unwrap();
        assert!(counting.0.load(Ordering::Relaxed) <= 8);
        assert!(attempts.alternatives() > Some(0));
    }
}

#[tokio::test(start_paused = true)]
async fn one_of_many_that_can_take_requests_is_always_found() {
    let group = group(500, |_, builder| builder);
    for deployment in group.iter().filter(|it| it.id() != "321") {
        cool_for(deployment, SECOND);
    }
    for strategy in [
        Arc::new(WeightedShuffle::new()) as Arc<dyn Strategy>,
        Arc::new(LeastBusy::new()),
    ] {
        let shares = shares(&group, strategy, 100).await;
        assert_eq!(shares[321], 100);
    }
}

#[tokio::test(start_paused = true)]
async fn a_higher_order_of_many_is_used_when_no_lower_one_can_be() {
    let group = group(40, |index, builder| builder.order(i64::from(index >= 20)));
    let lower = shares(&group, LeastBusy::new(), 500).await;
    assert!(lower[..20].iter().all(|n| *n > 0) && lower[20..].iter().all(|n| *n == 0));

    for deployment in &group[..20] {
        cool_for(deployment, SECOND);
    }
    let higher = shares(&group, LeastBusy::new(), 500).await;
    assert!(higher[..20].iter().all(|n| *n == 0) && higher[20..].iter().all(|n| *n > 0));
}

#[tokio::test(start_paused = true)]
async fn one_of_many_that_is_due_for_a_probe_gets_one() {
    let group = group(40, |_, builder| builder);
    open_for(&group[7], Duration::ZERO);
    let shares = shares(&group, LeastBusy::new(), 1000).await;
    // It is due for ever, as there is no breaker: whoever draws it uses it.
    assert!((80..250).contains(&shares[7]), "{}", shares[7]);
}

#[tokio::test(start_paused = true)]
async fn the_first_by_rank_get_the_requests() {
    #[derive(Clone, Debug)]
    struct Last;

    impl Strategy for Last {
        fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
            candidates.last()
        }

        fn sampling(&self) -> Sampling {
            Sampling::Ranked(3)
        }

        fn rank(&self, deployment: &Deployment) -> f64 {
            -deployment.id().parse::<f64>().unwrap()
        }
    }

    let group = group(40, |_, builder| builder);
    cool_for(&group[38], SECOND);
    let shares = shares(&group, Last, 10).await;
    // Those are 39, 37 and 36.
    assert_eq!(shares[36], 10);
}

#[tokio::test(start_paused = true)]
async fn a_strategy_that_does_not_say_how_sees_them_all() {
    #[derive(Clone, Debug)]
    struct Last;

    impl Strategy for Last {
        fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
            candidates.last()
        }
    }

    let group = group(500, |_, builder| builder);
    assert_eq!(shares(&group, Last, 10).await[499], 10);
}
