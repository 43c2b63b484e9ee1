//! Deployments that have had as much as they take in a minute, or in a day.

use steeplechase_core::Class;
use steeplechase_core::deployment::{Days, Measure};
use tokio::time::advance;

use super::*;

/// Uses up what a deployment has.
fn exhaust(deployment: &Deployment) {
    let limits = deployment.limits();
    while let Some(permit) = limits.try_acquire() {
        drop(permit);
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_has_had_as_much_as_it_takes_is_left_alone_until_there_is_more() {
    let group = [
        builder("a").requests_per_minute(1).build(),
        builder("b").order(1).build(),
    ];
    exhaust(&group[0]);
    assert_eq!(serve(&group, Request::new(())).await.unwrap(), "b");
    advance(60 * SECOND).await;
    assert_eq!(serve(&group, Request::new(())).await.unwrap(), "a");
}

#[tokio::test(start_paused = true)]
async fn where_all_have_it_says_when_the_first_of_them_has_more() {
    let group = [
        builder("a").requests_per_minute(6).build(),
        builder("b").requests_per_minute(12).build(),
    ];
    for deployment in &group {
        exhaust(deployment);
    }
    let error = serve(&group, Request::new(())).await.unwrap_err();
    assert_eq!(
        (error.class(), error.status().as_u16()),
        (Class::Unavailable, 429)
    );
    assert_eq!(error.retry_after(), Some(5 * SECOND));
    advance(5 * SECOND).await;
    assert_eq!(serve(&group, Request::new(())).await.unwrap(), "b");
}

#[tokio::test(start_paused = true)]
async fn where_all_have_had_their_day_it_says_when_the_next_one_begins() {
    let hours = |hours: u64| Duration::from_secs(60 * 60 * hours);
    let day = |begin| Days::as_of(hours(1), hours(begin));
    let a = builder("a")
        .at_most(Measure::RequestsPerDay, 1)
        .days(day(9));
    let b = builder("b")
        .at_most(Measure::RequestsPerDay, 1)
        .days(day(0));
    let group = [a.build(), b.build()];
    for deployment in &group {
        exhaust(deployment);
    }
    let error = serve(&group, Request::new(())).await.unwrap_err();
    assert_eq!(error.status(), 429);
    assert_eq!(error.retry_after(), Some(hours(8)), "it is not clamped");
    advance(hours(8)).await;
    assert_eq!(serve(&group, Request::new(())).await.unwrap(), "a");
}

#[tokio::test(start_paused = true)]
async fn who_has_too_many_in_flight_does_not_know_when_there_is_room() {
    let group = [builder("a").max_in_flight(0).requests_per_minute(1).build()];
    let error = serve(&group, Request::new(())).await.unwrap_err();
    assert_eq!((error.status().as_u16(), error.retry_after()), (503, None));
}

/// A rule for nobody.
#[derive(Clone)]
struct Unasked;

impl Eligible<()> for Unasked {
    fn may_exclude(&self, _: &Request<()>) -> bool {
        false
    }

    fn is_eligible(&self, _: &Request<()>, _: &Deployment) -> bool {
        panic!("nobody is left out")
    }

    fn refusal(&self, _: &Request<()>, _: &[Arc<Deployment>]) -> Error {
        panic!("nobody is left out")
    }
}

#[tokio::test]
async fn a_rule_that_leaves_nobody_out_is_not_asked_of_each() {
    let client = tower::service_fn(|_: Request<()>| async {
        Ok::<_, BoxError>(Response::new(Body::from("hello")))
    });
    let route = RouteLayer::new(deployments(3), WeightedShuffle::new(), tag);
    let route = route.eligible(Some(Arc::new(Unasked))).layer(client);
    route.oneshot(Request::new(())).await.unwrap();
}
