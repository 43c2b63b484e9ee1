//! Who can take a request, one sentence for each test.

use std::collections::HashMap;

use http::StatusCode;
use steeplechase_core::attempts::Kind;
use steeplechase_core::{Class, Scope};

use super::*;

/// Who serves so many requests, and how often.
async fn shares(
    group: &[Arc<Deployment>],
    request: &Request<()>,
    count: u32,
) -> HashMap<String, u32> {
    let mut shares = HashMap::new();
    for _ in 0..count {
        let mut request = request.clone();
        let max = Attempts::get(request.extensions()).map(|attempts| attempts.left() + 1);
        // Each with attempts of its own.
        request.extensions_mut().clear();
        if let Some(max) = max {
            attempts(&mut request).set_max(max);
        }
        *shares
            .entry(serve(group, request).await.unwrap())
            .or_default() += 1;
    }
    shares
}

#[tokio::test(start_paused = true)]
async fn each_attempt_goes_where_none_has_been() {
    let group = deployments(3);
    let mut request = Request::new(());
    let attempts = attempts(&mut request);
    let mut served = Vec::new();
    for alternatives in [2, 1, 0] {
        served.push(serve(&group, request.clone()).await.unwrap());
        assert_eq!(attempts.alternatives(), Some(alternatives));
    }
    served.sort();
    assert_eq!(served, ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn a_lone_deployment_is_tried_again() {
    let group = deployments(1);
    let mut request = Request::new(());
    let attempts = attempts(&mut request);
    for _ in 0..2 {
        assert_eq!(serve(&group, request.clone()).await.unwrap(), "a");
        assert_eq!(attempts.alternatives(), Some(0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_higher_order_is_used_when_no_lower_one_can_be() {
    let group = [
        builder("backup").order(2).build(),
        builder("main").order(1).build(),
        builder("unset").build(),
    ];
    let mut request = Request::new(());
    let attempts = attempts(&mut request);
    // One without an order has the lowest.
    for (expected, alternatives) in [("unset", 2), ("main", 1), ("backup", 0), ("unset", 0)] {
        assert_eq!(serve(&group, request.clone()).await.unwrap(), expected);
        assert_eq!(attempts.alternatives(), Some(alternatives));
    }

    open_for(&group[2], SECOND);
    cool_for(&group[1], SECOND);
    assert_eq!(serve(&group, Request::new(())).await.unwrap(), "backup");
}

#[tokio::test(start_paused = true)]
async fn of_several_only_those_of_the_lowest_order_share_the_traffic() {
    let group = [
        builder("a").order(1).build(),
        builder("backup").order(2).weight(100.0).build(),
        builder("b").order(1).build(),
    ];
    let shares = shares(&group, &Request::new(()), 100).await;
    assert_eq!(shares.get("backup"), None);
    assert_eq!(shares.len(), 2, "{shares:?}");
}

#[tokio::test(start_paused = true)]
async fn one_that_is_open_cooling_or_full_is_left_out() {
    let group = [
        builder("open").build(),
        builder("cooling").build(),
        builder("full").max_in_flight(1).build(),
        builder("well").build(),
    ];
    open_for(&group[0], SECOND);
    cool_for(&group[1], SECOND);
    let permit: Permit = group[2].limits().try_acquire().unwrap();

    let mut request = Request::new(());
    let attempts = attempts(&mut request);
    assert_eq!(
        shares(&group, &request, 20).await,
        HashMap::from([("well".into(), 20)])
    );
    serve(&group, request.clone()).await.unwrap();
    assert_eq!(attempts.alternatives(), Some(0));

    drop(permit);
    group[1].health().forget_promise();
    time::advance(SECOND).await;
    let all = shares(&group[1..], &Request::new(()), 200).await;
    assert_eq!(all.len(), 3, "{all:?}");
}

#[tokio::test(start_paused = true)]
async fn a_probe_goes_to_a_first_attempt_that_has_a_reserve() {
    let group = deployments(3);
    open_for(&group[1], SECOND);
    time::advance(SECOND).await;

    let mut request = Request::new(());
    let attempts = attempts(&mut request);
    assert_eq!(serve(&group, request.clone()).await.unwrap(), "b");
    assert_eq!(attempts.alternatives(), Some(2));
    assert!(attempts.is_probing());
    // What comes after it is none.
    serve(&group, request).await.unwrap();
    assert!(!attempts.is_probing());

    // The breaker lets nobody else through.
    group[1].health().set_circuit(Circuit::HalfOpen);
    assert_eq!(shares(&group, &Request::new(()), 50).await.get("b"), None);
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_no_probe_while_somebody_is_well() {
    let group = deployments(3);
    let probed = |group: &[Arc<Deployment>]| {
        open_for(&group[1], Duration::ZERO);
        let mut request = Request::new(());
        attempts(&mut request).mark_tried(group[2].key());
        request
    };
    for _ in 0..20 {
        let request = probed(&group);
        assert_eq!(serve(&group, request.clone()).await.unwrap(), "a");
        // Now nobody else is.
        assert_eq!(serve(&group, request).await.unwrap(), "b");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_tried_in_another_group_does_not_keep_a_probe_from_this_one() {
    let group = deployments(2);
    open_for(&group[1], Duration::ZERO);
    let mut request = Request::new(());
    attempts(&mut request).mark_tried(u32::MAX);
    assert_eq!(serve(&group, request).await.unwrap(), "b");
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_reserve_is_seldom_used_for_a_probe() {
    fastrand::seed(7);
    let group = deployments(2);
    open_for(&group[1], Duration::ZERO);
    let mut request = Request::new(());
    attempts(&mut request).set_max(1);
    let probes = shares(&group, &request, 1000).await["b"];
    assert!((60..140).contains(&probes), "{probes}");
}

#[tokio::test(start_paused = true)]
async fn a_probe_of_a_higher_order_waits_until_it_is_needed() {
    let group = [builder("main").build(), builder("backup").order(1).build()];
    open_for(&group[1], Duration::ZERO);
    let request = Request::new(());
    assert_eq!(
        shares(&group, &request, 20).await,
        HashMap::from([("main".into(), 20)])
    );

    // The other way round it comes back as soon as it can.
    group[1].health().set_circuit(Circuit::Closed);
    open_for(&group[0], Duration::ZERO);
    assert_eq!(serve(&group, request).await.unwrap(), "main");
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_comes_back_gets_its_share_by_and_by() {
    let group = deployments(2);
    let since = Instant::now();
    group[1].health().set_circuit(Circuit::Ramp { since });
    fastrand::seed(7);
    let early = shares(&group, &Request::new(()), 1000).await["b"];
    time::advance(SECOND * 30).await;
    let late = shares(&group, &Request::new(()), 1000).await["b"];
    // 0.1 of 1.1, and a half.
    assert!((60..125).contains(&early), "{early}");
    assert!((440..560).contains(&late), "{late}");
}

#[tokio::test(start_paused = true)]
async fn when_every_circuit_is_open_the_one_that_reopens_soonest_is_used() {
    let group = deployments(3);
    for (deployment, seconds) in group.iter().zip([9, 5, 7]) {
        open_for(deployment, SECOND * seconds);
    }
    assert_eq!(
        shares(&group, &Request::new(()), 100).await,
        HashMap::from([("b".into(), 100)])
    );

    // A retry goes to the next.
    let mut request = Request::new(());
    let attempts = attempts(&mut request);
    for expected in ["b", "c", "a", "b"] {
        assert_eq!(serve(&group, request.clone()).await.unwrap(), expected);
        assert_eq!(attempts.alternatives(), Some(0));
    }

    // The time of one that is being probed has come.
    group[0].health().set_circuit(Circuit::HalfOpen);
    assert_eq!(serve(&group, Request::new(())).await.unwrap(), "a");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_sent_in_panic_says_so() {
    let group = deployments(1);
    let client = tower::service_fn(|request: Request<()>| async move {
        let mut response = Response::new(Body::default());
        if let Some(mark) = request.extensions().get::<FailOpen>() {
            response.extensions_mut().insert(*mark);
        }
        Ok::<_, BoxError>(response)
    });
    let mut service = RouteLayer::new(group.clone(), LeastBusy::new(), tag).layer(client);
    let response = service.call(Request::new(())).await.unwrap();
    assert_eq!(response.extensions().get::<FailOpen>(), None);
    open_for(&group[0], SECOND);
    let response = service.call(Request::new(())).await.unwrap();
    assert_eq!(response.extensions().get(), Some(&FailOpen));
}

#[tokio::test(start_paused = true)]
async fn when_all_are_cooling_the_caller_is_told_at_once_for_how_long() {
    let group = deployments(3);
    for (deployment, seconds) in group.iter().zip([9, 5, 7]) {
        cool_for(deployment, SECOND * seconds);
    }
    // A promise holds even where a circuit is open.
    open_for(&group[0], SECOND);

    let mut request = Request::new(());
    let attempts = attempts(&mut request);
    let started = Instant::now();
    let error = serve(&group, request).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(error.class(), Class::Unavailable);
    assert_eq!(error.status(), StatusCode::TOO_MANY_REQUESTS);
    let after = error.retry_after().unwrap();
    // Health counts in milliseconds.
    assert!(after <= SECOND * 5 && after.as_millis() > 4998, "{after:?}");
    assert_eq!(attempts.alternatives(), Some(0));
    assert!(attempts.with_tried(<[u32]>::is_empty));
}

#[tokio::test(start_paused = true)]
async fn when_some_are_cooling_one_that_is_broken_is_used_in_panic() {
    let group = deployments(2);
    cool_for(&group[0], SECOND * 9);
    open_for(&group[1], SECOND * 4);
    let served_by = serve(&group, Request::new(())).await.unwrap();
    assert_eq!(served_by, group[1].id());
}

#[tokio::test(start_paused = true)]
async fn where_another_model_can_take_it_nobody_is_used_in_panic() {
    let group = deployments(1);
    open_for(&group[0], SECOND * 4);
    let mut request = Request::new(());
    let attempts = Attempts::of(request.extensions_mut());
    attempts.hold(1);
    let error = serve(&group, request).await.unwrap_err();
    assert_eq!(error.class(), Class::Unavailable);
    assert!(error.retry_after().unwrap() <= SECOND * 4);

    // Nothing was sent, so what comes next is no extra attempt.
    let _leave = attempts.try_start(Kind::Fallback).unwrap();
    assert_eq!(attempts.used(), 1);
}

#[tokio::test(start_paused = true)]
async fn when_all_are_full_the_caller_is_told() {
    let group = [
        builder("a").max_in_flight(0).build(),
        builder("b").max_in_flight(0).build(),
    ];
    let full = serve(&group, Request::new(())).await.unwrap_err();
    assert_eq!(full.class(), Class::Unavailable);
    assert_eq!(full.scope(), Scope::Gateway);
    assert_eq!(full.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(full.retry_after(), None);

    // One with an open circuit is not used in panic while another is only busy.
    open_for(&deployments(1)[0], SECOND);
    let mixed = [Arc::clone(&group[0]), deployments(1).remove(0)];
    open_for(&mixed[1], SECOND);
    let mixed = serve(&mixed, Request::new(())).await.unwrap_err();
    assert_eq!(mixed.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test(start_paused = true)]
async fn when_all_have_had_as_much_as_they_take_in_a_minute_the_caller_is_told_until_when() {
    let group = [10, 20].map(|requests| builder("a").requests_per_minute(requests).build());
    for deployment in &group {
        while deployment.limits().try_acquire().is_some() {}
    }
    let full = serve(&group, Request::new(())).await.unwrap_err();
    assert_eq!(full.class(), Class::Unavailable);
    assert_eq!(full.status(), StatusCode::TOO_MANY_REQUESTS);
    // One of twenty a minute.
    let after = full.retry_after().unwrap();
    assert!(after <= SECOND * 3 && after > SECOND * 2, "{after:?}");
    time::advance(after).await;
    serve(&group, Request::new(())).await.unwrap();
}

#[tokio::test]
async fn a_group_of_nobody_refuses() {
    let error = serve(&[], Request::new(())).await.unwrap_err();
    assert_eq!(error.class(), Class::Unavailable);
}
