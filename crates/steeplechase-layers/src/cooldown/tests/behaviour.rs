//! What the layer does with the circuit, one sentence for each test.

use std::io;

use http::StatusCode;
use http_body_util::{BodyExt, Full};
use steeplechase_core::deployment::Availability;
use steeplechase_core::{Classify, Outcome, Retry, Scope, Signal};
use tokio::time::{self, Instant};
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok};
use tower::{Service as _, ServiceExt};

use super::*;

#[tokio::test(start_paused = true)]
async fn the_fifth_hard_failure_in_a_row_opens_and_nothing_more_is_sent() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.fail_times(Class::Server, 4).await;
    assert_eq!(bench.health.circuit(), Circuit::Closed);
    bench.fail_times(Class::Transport, 1).await;
    assert!(matches!(bench.health.circuit(), Circuit::Open { .. }));
    for _ in 0..100 {
        bench.refused().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_whose_it_is_where_to_go_and_when_to_come_back() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.open().await;
    time::advance(secs(1)).await;
    let error = bench.refused().await;
    assert_eq!(error.scope(), Scope::Deployment);
    assert_eq!(error.retry(), Retry::OtherDeployment);
    assert_eq!(error.deployment(), Some("eu-1"));
    let wait = error.retry_after().unwrap();
    assert_eq!(wait, secs(9));

    // It is exact: that is when the probe is let through.
    time::advance(wait).await;
    let _probe = bench.start().await;
}

#[tokio::test(start_paused = true)]
async fn a_success_in_between_begins_the_row_anew() {
    let mut bench = Bench::new(CooldownConfig::new().success_share(0.0, 1));
    for _ in 0..10 {
        bench.fail_times(Class::Server, 4).await;
        bench.succeed().await;
    }
    assert_eq!(bench.health.circuit(), Circuit::Closed);
}

#[tokio::test(start_paused = true)]
async fn too_small_a_share_of_successes_opens() {
    let mut bench = Bench::new(CooldownConfig::new());
    for _ in 0..4 {
        bench.succeed().await;
        bench.fail_times(Class::Server, 1).await;
    }
    bench.succeed().await;
    assert_eq!(bench.health.circuit(), Circuit::Closed, "nine are few");
    bench.fail_times(Class::Server, 1).await;
    assert!(matches!(bench.health.circuit(), Circuit::Open { .. }));
}

#[tokio::test(start_paused = true)]
async fn what_the_caller_or_the_gateway_has_done_opens_nothing() {
    let mut bench = Bench::new(CooldownConfig::new().allowed_fails(0));
    for class in [
        Class::Cancelled,
        Class::ContentPolicy,
        Class::ContextWindow,
        Class::InvalidRequest,
        Class::TooLarge,
        Class::Unsupported,
    ] {
        bench.fail_times(class, 20).await;
    }
    for _ in 0..20 {
        let shed = Error::new(Class::Overloaded, "full").with_scope(Scope::Gateway);
        bench.fail(shed.with_retry_after(secs(9))).await;
        for class in [Class::Auth, Class::RateLimited, Class::Server] {
            for scope in [Scope::Gateway, Scope::Request] {
                let error = Error::new(class, "not the deployment's").with_scope(scope);
                bench.fail(error).await;
            }
        }
    }
    assert_eq!(
        bench.health.availability(Instant::now()),
        Availability::Ready(1.0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_body_that_fails_is_a_failure_after_all() {
    let mut bench = Bench::new(CooldownConfig::new());
    let mut failures = 0;
    while bench.health.circuit() == Circuit::Closed {
        let (call, reply) = bench.start().await;
        let error = Error::new(Class::Truncated, "ended too early");
        reply.send_response(Response::new(Script::failing(error)));
        let response = call.await.unwrap();
        response.into_body().collect().await.unwrap_err();
        failures += 1;
        assert!(failures < 20, "it never opens");
    }
    assert_eq!(failures, 5, "half of ten outcomes");
}

#[tokio::test(start_paused = true)]
async fn a_body_error_of_ours_knows_itself_and_any_other_is_a_failure() {
    for (error, opens) in [
        (BoxError::from(io::Error::other("reset")), true),
        (
            Error::new(Class::ContentPolicy, "refused in between").into(),
            false,
        ),
    ] {
        let mut bench = Bench::new(CooldownConfig::new().allowed_fails(0));
        let (call, reply) = bench.start().await;
        reply.send_response(Response::new(Script::failing(error)));
        let body = call.await.unwrap().into_body();
        body.collect().await.unwrap_err();
        assert_eq!(bench.health.circuit() != Circuit::Closed, opens);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_dropped_or_ends_counts_as_nothing_more() {
    let mut bench = Bench::new(CooldownConfig::new().allowed_fails(0));
    for _ in 0..20 {
        let (call, reply) = bench.start().await;
        let script = Script::failing(io::Error::other("reset"));
        reply.send_response(Response::new(script));
        drop(call.await.unwrap());

        let (call, reply) = bench.start().await;
        reply.send_response(Response::new(Script::hello()));
        call.await.unwrap().into_body().collect().await.unwrap();
    }
    assert_eq!(bench.health.circuit(), Circuit::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_failure_whose_body_fails_too_is_one_failure() {
    let mut bench = Bench::new(CooldownConfig::new().allowed_fails(1));
    let (call, reply) = bench.start().await;
    let mut response = Response::new(Script::failing(io::Error::other("reset")));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    reply.send_response(response);
    let body = call.await.unwrap().into_body();
    body.collect().await.unwrap_err();
    assert_eq!(bench.health.circuit(), Circuit::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_classifier_of_ones_own_has_its_say_but_the_caller_is_never_held_against_anybody() {
    #[derive(Clone)]
    struct Strict;

    impl<B> Classify<B, io::Error> for Strict {
        fn classify(&self, outcome: Result<&Response<B>, &io::Error>) -> Outcome {
            let class = match outcome {
                Ok(response) if response.status() == StatusCode::IM_A_TEAPOT => Class::Server,
                _ => Class::InvalidRequest,
            };
            Outcome {
                scope: Scope::Deployment,
                signal: Signal::Failure,
                ..Outcome::failure(class)
            }
        }
    }

    let client = tower::service_fn(|request: Request<StatusCode>| async move {
        let mut response = Response::new(Full::new(Bytes::new()));
        *response.status_mut() = *request.body();
        Ok::<_, io::Error>(response)
    });
    let layer = CooldownLayer::with(CooldownConfig::new().allowed_fails(0));
    let mut service = layer.classifier(Strict).layer(client);
    for _ in 0..20 {
        service.call(Request::new(StatusCode::OK)).await.unwrap();
    }
    let teapot = Request::new(StatusCode::IM_A_TEAPOT);
    service.call(teapot).await.unwrap();
    assert!(matches!(service.health().circuit(), Circuit::Open { .. }));
}

#[tokio::test(start_paused = true)]
async fn over_a_bare_client_the_status_counts() {
    let client = tower::service_fn(|request: Request<u16>| async move {
        let status = StatusCode::from_u16(*request.body()).unwrap();
        let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
        *response.status_mut() = status;
        Ok::<_, io::Error>(response)
    });
    let mut service = CooldownLayer::new().layer(client);
    for status in [400, 500, 502, 500, 400, 502, 500] {
        let response = service.call(Request::new(status)).await.unwrap();
        assert_eq!(response.status(), status);
    }
    let error = service.call(Request::new(200)).await.unwrap_err();
    assert_eq!(error.class(), Class::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn over_a_bare_client_an_error_of_any_kind_is_a_failed_connection() {
    let client = tower::service_fn(|_: Request<()>| async {
        Err::<Response<Full<Bytes>>, _>(io::Error::other("refused"))
    });
    let mut service = CooldownLayer::new().layer(client);
    for class in [[Class::Transport; 5], [Class::Unavailable; 5]].concat() {
        let error = service.call(Request::new(())).await.unwrap_err();
        assert_eq!(error.class(), class);
    }
}

#[tokio::test(start_paused = true)]
async fn readiness_is_that_of_the_service_inside_and_is_never_refused() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.open().await;
    bench.upstream.allow(0);
    assert_pending!(bench.service.poll_ready());
    bench.upstream.allow(1);
    assert_ready_ok!(bench.service.poll_ready());
    // The refusal leaves the place that was made ready to the next.
    let mut call = task::spawn(bench.service.call(Request::new(())));
    assert_ready_err!(call.poll());
    time::advance(secs(13)).await;
    let _probe = task::spawn(bench.service.call(Request::new(())));
    assert!(bench.upstream.next_request().await.is_some());
}

#[tokio::test(start_paused = true)]
async fn the_clones_of_a_service_share_a_breaker_and_two_services_do_not() {
    let broken = || {
        tower::service_fn(|_: Request<()>| async {
            Err::<Response<Full<Bytes>>, _>(Error::new(Class::Server, "failed"))
        })
    };
    let layer = CooldownLayer::new();
    let (first, second) = (layer.layer(broken()), layer.layer(broken()));
    for _ in 0..5 {
        first.clone().oneshot(Request::new(())).await.unwrap_err();
    }
    let classes = [first, second].map(|service| async {
        let error = service.oneshot(Request::new(())).await.unwrap_err();
        error.class()
    });
    let [first, second] = classes;
    assert_eq!(first.await, Class::Unavailable);
    assert_eq!(second.await, Class::Server);
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_is_built_anew_goes_on_with_the_circuit_that_it_finds() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.open().await;
    let mut anew = Bench::tracking(CooldownConfig::new(), Arc::clone(&bench.health));
    anew.refused().await;

    // A probe of the old one is not waited for.
    time::advance(secs(13)).await;
    let _probe = bench.start().await;
    assert_eq!(bench.health.circuit(), Circuit::HalfOpen);
    let mut anew = Bench::tracking(CooldownConfig::new(), Arc::clone(&bench.health));
    assert_eq!(
        anew.health.availability(Instant::now()),
        Availability::Probe
    );
    anew.succeed().await;
    assert!(matches!(anew.health.circuit(), Circuit::Ramp { .. }));
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "polled after completion")]
async fn polling_after_completion_is_a_bug_in_the_caller() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.open().await;
    let mut call = bench.send();
    assert_ready_err!(call.poll());
    let _ = call.poll();
}

#[test]
fn what_should_be_send_and_sync_is() {
    fn assert_send_sync<T: Send + Sync>(_: &T) {}
    fn assert_send<T: Send>(_: &T) {}

    let layer = CooldownLayer::new();
    let (upstream, _handle) = mock::pair::<Request<()>, Response<Full<Bytes>>>();
    let service = layer.layer(upstream);
    assert_send_sync(&layer);
    assert_send_sync(&service);
    assert_send(&async move { service.oneshot(Request::new(())).await });
}

#[tokio::test(start_paused = true)]
async fn what_a_stack_that_was_replaced_says_last_does_not_stay() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.succeed().await;
    bench.health.set_circuit(Circuit::Open {
        until: Instant::now() + secs(1),
    });
    time::advance(secs(2)).await;
    bench.succeed().await;
    assert_eq!(bench.health.circuit(), Circuit::Closed);
}
