//! What the layer does, one sentence for each test.

use metrics_util::debugging::DebuggingRecorder;
use steeplechase_core::{Class, Retry, Scope};

use super::*;

fn limits(max_in_flight: u32) -> Arc<Limits> {
    Arc::new(Limits::new(Some(max_in_flight)))
}

#[tokio::test]
async fn a_permit_is_held_until_the_body_has_ended() {
    let limits = limits(1);
    let (mut service, mut upstream) = mock::spawn_layer(LimitLayer::tracking(&limits));
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(Request::new(())));
    assert_pending!(call.poll());
    assert_eq!(limits.in_flight(), 1);

    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(response());
    assert!(call.is_woken());
    let response = assert_ready_ok!(call.poll());
    assert_eq!(limits.in_flight(), 1, "the answer has only begun");

    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.to_bytes(), "hello");
    assert_eq!(limits.in_flight(), 0, "and `call` is still there");
}

#[tokio::test]
async fn one_more_than_there_is_room_for_is_refused_at_once() {
    let (mut service, mut upstream) = mock::spawn_layer(LimitLayer::new(1));
    assert_ready_ok!(service.poll_ready());
    let mut first = task::spawn(service.call(Request::new(())));
    let (_, reply) = upstream.next_request().await.unwrap();

    // It is ready all the same: being full is for now, and not for good.
    assert_ready_ok!(service.poll_ready());
    let mut second = task::spawn(service.call(Request::new(())));
    let error: Error = assert_ready_err!(second.poll());
    assert_eq!(error.class(), Class::Unavailable);
    assert_eq!(error.scope(), Scope::Deployment);
    assert_eq!(error.retry(), Retry::OtherDeployment);
    assert_eq!(error.status(), 503);
    assert_pending!(upstream.poll_request());

    reply.send_response(response());
    drop(assert_ready_ok!(first.poll()));
    assert_ready_ok!(service.poll_ready());
    let mut third = task::spawn(service.call(Request::new(())));
    assert_pending!(third.poll());
}

#[tokio::test]
async fn a_call_that_is_given_up_frees_its_permit() {
    let limits = limits(1);
    let (mut service, mut upstream) = mock::spawn_layer(LimitLayer::tracking(&limits));
    for step in 0..4 {
        assert_ready_ok!(service.poll_ready());
        let mut call = task::spawn(service.call(Request::new(())));
        if step > 0 {
            assert_pending!(call.poll());
        }
        let (_, reply) = upstream.next_request().await.unwrap();
        let answer = (step > 1).then(|| {
            reply.send_response(response());
            assert_ready_ok!(call.poll())
        });
        assert_eq!(limits.in_flight(), 1);
        if step == 3 {
            drop(call);
            assert_eq!(limits.in_flight(), 1, "the body holds it");
            drop(answer);
        } else {
            drop(answer);
            drop(call);
        }
        assert_eq!(limits.in_flight(), 0, "at step {step}");
    }
}

#[tokio::test]
async fn a_failure_frees_its_permit_before_anybody_hears_of_it() {
    let limits = limits(1);
    let client = tower::service_fn(|_: Request<()>| async {
        Err::<Response<Body>, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    let mut service = LimitLayer::tracking(&limits).layer(client);
    let mut call = task::spawn(service.call(Request::new(())));
    let error = assert_ready_err!(call.poll());
    assert_eq!(error.class(), Class::Transport);
    assert_eq!(limits.in_flight(), 0);
}

#[tokio::test]
async fn without_a_limit_it_only_counts() {
    let limits = Arc::new(Limits::default());
    // Over a bare client whose error is not ours, and a request that is not even HTTP.
    let client = tower::service_fn(|_: &'static str| async { Ok::<_, std::io::Error>(response()) });
    let service = LimitLayer::tracking(&limits).layer(client);
    let mut answers = Vec::new();
    for count in 1..100 {
        answers.push(service.clone().oneshot("anything").await.unwrap());
        assert_eq!(limits.in_flight(), count);
    }
    drop(answers);
    assert_eq!(limits.in_flight(), 0);
}

#[tokio::test]
async fn a_service_that_is_not_ready_is_waited_for_without_a_permit() {
    let limits = limits(1);
    let (mut service, mut upstream) =
        mock::spawn_layer::<Request<()>, Response<Body>, _>(LimitLayer::tracking(&limits));
    upstream.allow(0);
    assert_pending!(service.poll_ready());
    assert_eq!(limits.in_flight(), 0);
    upstream.allow(1);
    assert!(service.is_woken());
    assert_ready_ok!(service.poll_ready());

    upstream.send_error(Error::new(Class::Server, "broken"));
    let error: Error = assert_ready_err!(service.poll_ready());
    assert_eq!(error.class(), Class::Server);
}

#[test]
fn refusals_are_counted() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    ::metrics::with_local_recorder(&recorder, || {
        let client = tower::service_fn(|(): ()| async { Ok::<_, Error>(response()) });
        let mut service = LimitLayer::new(0).layer(client);
        for _ in 0..3 {
            assert_ready_err!(task::spawn(service.call(())).poll());
        }
    });
    let counted = snapshotter.snapshot().into_vec();
    let counted: Vec<_> = counted
        .into_iter()
        .map(|(key, _, _, value)| format!("{} = {value:?}", key.key()))
        .collect();
    assert_eq!(
        counted,
        ["Key(steeplechase_limit_refused_total, [reason = in_flight]) = Counter(3)"]
    );
}

#[tokio::test]
#[should_panic(expected = "polled after completion")]
async fn polling_after_completion_is_a_bug_in_the_caller() {
    let client = tower::service_fn(|(): ()| async { Ok::<_, Error>(response()) });
    let mut service = LimitLayer::new(1).layer(client);
    let mut call = task::spawn(service.call(()));
    let _answer = assert_ready_ok!(call.poll());
    let _ = call.poll();
}

#[test]
fn what_should_be_send_and_sync_is() {
    fn assert_send_sync<T: Send + Sync>(_: &T) {}

    let layer = LimitLayer::new(1);
    let (client, _upstream): (Client, _) = mock::pair();
    let mut service = layer.layer(client);
    assert_send_sync(&layer);
    assert_send_sync(&service);
    assert_eq!(service.limits().max_in_flight(), Some(1));
    let _: &Client = service.get_ref();
    let _: &mut Client = service.get_mut();
    let _: Client = service.into_inner();
}
