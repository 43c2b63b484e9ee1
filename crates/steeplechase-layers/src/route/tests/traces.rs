//! What is noted of a pick, for who wants to know why.

use steeplechase_core::attempts::{Exclusion, Pick, Trace, Why};

use super::*;

/// A request of which a trace is kept.
pub(super) fn traced() -> (Request<()>, Arc<Trace>) {
    let trace = Arc::new(Trace::new(1));
    let mut request = Request::new(());
    let attempts = Attempts::traced(Arc::clone(&trace));
    request.extensions_mut().insert(attempts);
    (request, trace)
}

fn exclusions(pick: &Pick) -> Vec<Option<Exclusion>> {
    pick.standings.iter().map(|it| it.excluded).collect()
}

/// Nobody but `a` can take a request.
#[derive(Clone)]
struct OnlyA;

impl Eligible<()> for OnlyA {
    fn is_eligible(&self, _: &Request<()>, deployment: &Deployment) -> bool {
        deployment.id() == "a"
    }

    fn excluded_by(&self, _: &Request<()>, _: &Deployment) -> &'static str {
        "name"
    }

    fn refusal(&self, _: &Request<()>, _: &[Arc<Deployment>]) -> Error {
        unreachable!("`a` can take all of them")
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_noted_why_each_of_the_others_was_not_picked() {
    let group: Vec<_> = [
        builder("a").build(),
        builder("cools").build(),
        builder("broken").build(),
        builder("full").max_in_flight(1).build(),
        builder("later").order(1).build(),
        builder("well").weight(0.0).build(),
    ]
    .into();
    let now = Instant::now();
    group[1].health().cool_until(now + SECOND);
    let until = now + 2 * SECOND;
    group[2].health().set_circuit(Circuit::Open { until });
    let _place = group[3].limits().try_acquire().unwrap();
    let _in_flight = group[5].load().start();

    let (request, trace) = traced();
    assert_eq!(serve(&group, request.clone()).await.unwrap(), "a");
    let first = trace.picks().remove(0);
    assert_eq!(first.picked, Some((0, Why::Strategy)));
    let broken = Some(Exclusion::Open(Some(2 * SECOND)));
    let cools = Some(Exclusion::Cooling(SECOND));
    let (full, later) = (Some(Exclusion::Full), Some(Exclusion::Order));
    assert_eq!(exclusions(&first), [None, cools, broken, full, later, None]);
    assert_eq!(first.standings[5].in_flight, 1);

    assert_eq!(serve(&group, request).await.unwrap(), "well");
    let second = trace.picks().remove(1);
    assert_eq!(exclusions(&second)[0], Some(Exclusion::Tried));
}

#[tokio::test(start_paused = true)]
async fn who_keeps_a_deployment_from_a_request_is_named() {
    let group = deployments(2);
    let client = tower::service_fn(|_: Request<()>| async {
        Ok::<_, BoxError>(Response::new(Body::from("hello")))
    });
    let layer = RouteLayer::new(group, WeightedShuffle::new(), tag).eligible(OnlyA);
    let (request, trace) = traced();
    assert!(layer.layer(client).oneshot(request).await.is_ok());
    let unfit = Some(Exclusion::Unfit("name"));
    assert_eq!(exclusions(&trace.picks()[0]), [None, unfit]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_nobody_can_take_is_noted_too() {
    let group = deployments(1);
    let until = Instant::now() + SECOND;
    group[0].health().cool_until(until);
    let (request, trace) = traced();
    assert!(serve(&group, request).await.is_err());
    let pick = trace.picks().remove(0);
    assert_eq!(pick.picked, None);
    assert_eq!(exclusions(&pick), [Some(Exclusion::Cooling(SECOND))]);
}

#[tokio::test(start_paused = true)]
async fn of_a_large_group_only_who_was_drawn_is_noted() {
    let ids = 0..=Trace::MOST_STANDINGS;
    let group: Vec<_> = ids.map(|id| builder(&id.to_string()).build()).collect();
    let (request, trace) = traced();
    let served = serve(&group, request).await.unwrap();
    let pick = trace.picks().remove(0);
    let (index, _) = pick.picked.unwrap();
    assert_eq!(pick.deployments[index].id(), served);
    let drawn: Vec<_> = pick.standings.iter().map(|it| it.place as usize).collect();
    assert_eq!(drawn, [index]);
}
