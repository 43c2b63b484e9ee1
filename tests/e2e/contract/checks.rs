//! The duties, each as one check over one layer.

use std::fmt::{self, Display};
use std::time::Duration;

use bytes::Buf;
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use tokio::time;
use tower::{Layer, Service, ServiceExt};

use super::run::{Ended, polled};
use super::{Bench, Group, Scenario};
use crate::police::{Act, Police};

/// More polls than any of the scenarios takes, but for those that never end.
const MANY: usize = 40;

/// Longer than any of the scenarios takes, but for those that never end.
const LONG: Duration = Duration::from_secs(3600);

/// The rest of what a check is about: which layer, what happens inside, and how many polls.
struct When<'a> {
    layer: &'a str,
    scenario: &'a str,
    polls: usize,
}

/// It makes ready what it calls, whichever way it is used, and comes to an end whenever what is inside
/// does. The police panics if not.
pub(super) async fn keeps_the_contract<R, D, E, L, B, BE>(
    name: &str,
    bench: &Bench<R, D, E>,
    layer: impl Fn(&Group) -> L,
) where
    D: Buf + Clone + Unpin,
    E: Clone + Unpin,
    L: Layer<Police<D, E>>,
    L::Service: Service<Request<R>, Response = Response<B>> + Clone,
    B: Body<Error = BE>,
{
    for Scenario {
        name: scenario,
        acts,
    } in &bench.scenarios
    {
        for unready in [0, 2] {
            let group = Group::new();
            let police = police(acts).unready(unready);
            let gauges = std::sync::Arc::clone(police.gauges());
            let mut service = layer(&group).layer(police);
            let spare = service.clone();
            let when = When {
                layer: name,
                scenario,
                polls: MANY,
            };
            // One handle twice, a clone of it while that is used, and a clone that was never used.
            for _ in 0..2 {
                let Ok(ready) = service.ready().await else {
                    panic!("{when}: nobody has refused");
                };
                settle(ready.call(bench.request(&group)), acts, &when).await;
                settle(service.clone().oneshot(bench.request(&group)), acts, &when).await;
            }
            settle(spare.oneshot(bench.request(&group)), acts, &when).await;
            drop(service);
            assert!(gauges.started() > 0, "{when}: nothing was called");
            assert_eq!(gauges.in_flight(), 0, "{when}: calls in flight");
            assert_eq!(gauges.reserved(), 0, "{when}: handles kept ready");
            group.assert_at_rest(&when);
        }
    }
}

/// A service that fails to get ready is no success, is never called, and is no reason to hang.
pub(super) async fn tells_of_a_failed_readiness<R, D, E, L, B, BE>(
    name: &str,
    bench: &Bench<R, D, E>,
    layer: impl Fn(&Group) -> L,
) where
    D: Buf + Clone + Unpin,
    E: Clone + Unpin,
    L: Layer<Police<D, E>>,
    L::Service: Service<Request<R>, Response = Response<B>> + Clone,
    B: Body<Error = BE>,
{
    let group = Group::new();
    let police = Police::new(bench.good.clone()).refusing(bench.refusal.clone());
    let gauges = std::sync::Arc::clone(police.gauges());
    let service = layer(&group).layer(police);
    let answer = time::timeout(LONG, service.oneshot(bench.request(&group))).await;
    match answer.unwrap_or_else(|_| panic!("{name}: it waits for a service that has failed")) {
        Err(_) => {}
        // A layer that makes responses of failures, or has promised an answer already.
        Ok(response) => {
            let is_success = response.status().is_success();
            let body = response.into_body().collect().await;
            assert!(!is_success || body.is_err(), "{name}: a success");
        }
    }
    assert_eq!(gauges.started(), 0, "{name}: it was called");
    group.assert_at_rest(&name);
}

/// Dropped before any of its polls, it leaves nothing behind, and the next call works. Once it has
/// answered, only what it has answered with goes on, whoever keeps the future.
pub(super) async fn leaves_nothing_behind<R, D, E, L, B, BE>(
    name: &str,
    bench: &Bench<R, D, E>,
    layer: impl Fn(&Group) -> L,
) where
    D: Buf + Clone + Unpin,
    E: Clone + Unpin,
    L: Layer<Police<D, E>>,
    L::Service: Service<Request<R>, Response = Response<B>> + Clone,
    B: Body<Error = BE>,
{
    for Scenario {
        name: scenario,
        acts,
    } in &bench.scenarios
    {
        for polls in 0..=MANY {
            let group = Group::new();
            let police = police(acts);
            let calls = police.clone();
            let mut service = layer(&group).layer(police);
            let when = When {
                layer: name,
                scenario,
                polls,
            };
            let Ok(ready) = service.ready().await else {
                panic!("{when}: nobody has refused");
            };
            let call = ready.call(bench.request(&group));
            let at_most = if bench.early_heads { u64::MAX } else { 1 };
            let on_answer = || {
                let running = calls.gauges().in_flight();
                assert!(
                    running <= at_most,
                    "{when}: {running} calls after the answer"
                );
            };
            let ended = polled(call, polls, on_answer).await;

            // Nothing else was polled since the drop: what is not free now was left behind.
            let gauges = calls.gauges();
            assert_eq!(gauges.in_flight(), 0, "{when}: calls in flight: {gauges:?}");
            assert_eq!(gauges.reserved(), 0, "{when}: handles kept ready");
            group.assert_at_rest(&when);

            calls.always_from_now(bench.good.clone());
            follow_up(&mut service, bench.request(&group), &when).await;
            let gauges = calls.gauges();
            assert_eq!(
                gauges.in_flight(),
                0,
                "{when}: calls in flight after the next"
            );
            group.assert_at_rest(&when);
            if ended == Ended::Over {
                break;
            }
        }
    }
}

async fn follow_up<S, R, B>(service: &mut S, request: Request<R>, when: &When<'_>)
where
    S: Service<Request<R>, Response = Response<B>>,
    B: Body,
{
    // A layer that has promised something to the clock may keep it.
    let Ok(ready) = service.ready().await else {
        panic!("{when}: the next call found nobody ready");
    };
    let Ok(response) = ready.call(request).await else {
        panic!("{when}: the next call failed");
    };
    assert!(
        response.status().is_success(),
        "{when}: the next answer was a failure"
    );
    let Ok(body) = response.into_body().collect().await else {
        panic!("{when}: the body of the next answer failed");
    };
    assert!(
        body.to_bytes().has_remaining(),
        "{when}: the next answer was empty"
    );
}

/// Waits for the end of a call, however it ends. Only silence may take for ever.
async fn settle<D, E, B, F, FE>(call: F, acts: &[Act<D, E>], when: &When<'_>)
where
    F: Future<Output = Result<Response<B>, FE>>,
    B: Body,
{
    let end = async {
        if let Ok(response) = call.await {
            let _ = response.into_body().collect().await;
        }
    };
    let in_time = time::timeout(LONG, end).await.is_ok();
    assert!(
        in_time || acts.iter().any(Act::hangs),
        "{when}: it has not woken up"
    );
}

fn police<D: Clone, E: Clone>(acts: &[Act<D, E>]) -> Police<D, E> {
    let (last, first) = acts.split_last().expect("a scenario has an act");
    Police::new(last.clone()).script(first.iter().cloned())
}

impl Display for When<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            layer,
            scenario,
            polls,
        } = self;
        write!(f, "{layer}, {scenario}, dropped after {polls} polls")
    }
}
