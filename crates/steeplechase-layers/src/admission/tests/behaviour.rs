use std::convert::Infallible;

use metrics_util::debugging::DebuggingRecorder;
use steeplechase_core::{Class, Error, Retry, Scope};
use tokio::time::{self, Instant};
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};
use tower::ServiceExt;

use super::*;

type Spawned = mock::Spawn<Admission<Client>>;

fn queue(config: AdmissionConfig) -> (Spawned, Upstream) {
    mock::spawn_layer(AdmissionLayer::with(config))
}

fn call(service: &mut Spawned, request: Request<()>) -> task::Spawn<ResponseFuture<Client, ()>> {
    assert_ready_ok!(service.poll_ready());
    task::spawn(service.call(request))
}

#[tokio::test(start_paused = true)]
async fn a_place_is_held_until_the_body_has_ended_and_then_goes_to_the_next_in_line() {
    let (mut service, mut upstream) = queue(AdmissionConfig::new(1));
    let mut first = call(&mut service, Request::new(()));
    assert_pending!(first.poll());
    let (_, reply) = upstream.next_request().await.unwrap();
    let mut second = call(&mut service, Request::new(()));
    assert_pending!(second.poll());

    reply.send_response(response());
    let answer = assert_ready_ok!(first.poll());
    assert!(!second.is_woken(), "the answer has only begun");
    assert_eq!(service.get_ref().counts(), (1, 1));

    assert_eq!(
        answer.into_body().collect().await.unwrap().to_bytes(),
        "hello"
    );
    assert!(second.is_woken());
    assert_eq!(service.get_ref().counts(), (1, 0));
    assert_pending!(second.poll());
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(response());
    drop(assert_ready_ok!(second.poll()));
    assert_eq!(service.get_ref().counts(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_has_just_come_does_not_overtake() {
    let (mut service, mut upstream) = queue(AdmissionConfig::new(1));
    let mut first = call(&mut service, Request::new(()));
    assert_pending!(first.poll());
    let mut second = call(&mut service, Request::new(()));
    assert_pending!(second.poll());
    drop(first);
    drop(upstream.next_request().await);

    // The place is the second one's, though it has not been polled since.
    let mut third = call(&mut service, Request::new(()));
    assert_pending!(third.poll());
    assert!(second.is_woken() && !third.is_woken());
    assert_eq!(service.get_ref().counts(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn who_waits_too_long_is_told_when_to_come_back() {
    let (mut service, _upstream) = queue(AdmissionConfig::new(1).max_wait(SECOND * 2));
    let _first = call(&mut service, Request::new(()));
    let mut second = call(&mut service, Request::new(()));
    assert_pending!(second.poll());
    time::advance(Duration::from_millis(1_999)).await;
    assert_pending!(second.poll());
    time::advance(Duration::from_millis(2)).await;
    assert!(second.is_woken());
    let error: Error = assert_ready_err!(second.poll());
    assert_eq!(
        (error.class(), error.scope()),
        (Class::Unavailable, Scope::Gateway)
    );
    assert_eq!(error.status(), 503);
    assert_eq!(error.retry_after(), Some(SECOND * 2));
    assert_eq!(error.retry(), Retry::OtherModel);
    assert_eq!(
        service.get_ref().counts(),
        (1, 0),
        "`second` is still there"
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_beyond_a_deadline_of_its_own() {
    let (mut service, _upstream) = queue(AdmissionConfig::new(1).max_wait(SECOND * 30));
    let _first = call(&mut service, Request::new(()));
    let mut hurried = Request::new(());
    Attempts::of(hurried.extensions_mut()).limit_deadline(Instant::now() + SECOND);
    let mut second = call(&mut service, hurried);
    assert_pending!(second.poll());
    time::advance(SECOND + Duration::from_millis(1)).await;
    let error = assert_ready_err!(second.poll());
    assert_eq!(error.retry(), Retry::Never);
}

#[tokio::test(start_paused = true)]
async fn who_finds_a_full_line_is_refused_at_once() {
    let (mut service, _upstream) = queue(AdmissionConfig::new(1).max_queued(1));
    let _first = call(&mut service, Request::new(()));
    let mut second = call(&mut service, Request::new(()));
    assert_pending!(second.poll());
    let mut third = call(&mut service, Request::new(()));
    let error = assert_ready_err!(third.poll());
    assert_eq!(error.class(), Class::Unavailable);
    assert!(error.retry_after().is_some());

    let (mut service, _upstream) = queue(AdmissionConfig::new(1).max_queued(0));
    let _first = call(&mut service, Request::new(()));
    let mut second = call(&mut service, Request::new(()));
    assert_ready_err!(second.poll());
}

#[tokio::test(start_paused = true)]
async fn who_has_another_model_to_fall_back_to_does_not_wait() {
    let (mut service, _upstream) = queue(AdmissionConfig::new(1));
    let _first = call(&mut service, Request::new(()));
    let mut with_fallback = Request::new(());
    Attempts::of(with_fallback.extensions_mut()).hold(1);
    let mut second = call(&mut service, with_fallback);
    let error = assert_ready_err!(second.poll());
    assert_eq!(error.retry(), Retry::OtherModel);
}

#[tokio::test(start_paused = true)]
async fn who_has_no_hope_is_refused_at_once() {
    let (mut service, mut upstream) = queue(AdmissionConfig::new(1).max_queued(100));
    // An answer every two seconds.
    for _ in 0..20 {
        let mut one = call(&mut service, Request::new(()));
        assert_pending!(one.poll());
        let (_, reply) = upstream.next_request().await.unwrap();
        time::advance(SECOND * 2).await;
        reply.send_response(response());
        drop(assert_ready_ok!(one.poll()));
    }
    let _running = call(&mut service, Request::new(()));
    let mut waiting = Vec::new();
    let error = loop {
        let mut one = call(&mut service, Request::new(()));
        match one.poll() {
            std::task::Poll::Pending => waiting.push(one),
            std::task::Poll::Ready(result) => break result.unwrap_err(),
        }
    };
    // The third would wait for 6 s, with 3 s of patience: just possible. The fourth has no hope.
    assert_eq!(waiting.len(), 3);
    assert_eq!(error.retry_after(), Some(SECOND * 8));
}

#[tokio::test(start_paused = true)]
async fn an_hour_without_calls_says_nothing_of_how_long_one_waits() {
    let (mut service, mut upstream) = queue(AdmissionConfig::new(1).max_queued(9));
    for _ in 0..20 {
        let mut one = call(&mut service, Request::new(()));
        assert_pending!(one.poll());
        let (_, reply) = upstream.next_request().await.unwrap();
        time::advance(Duration::from_millis(100)).await;
        reply.send_response(response());
        drop(assert_ready_ok!(one.poll()));
        time::advance(SECOND * 3600).await;
    }
    let _running = call(&mut service, Request::new(()));
    let mut second = call(&mut service, Request::new(()));
    assert_pending!(second.poll());
}

#[tokio::test(start_paused = true)]
async fn dropping_a_call_in_any_state_leaves_nothing_behind() {
    let (mut service, mut upstream) = queue(AdmissionConfig::new(1).max_queued(9));
    let mut first = call(&mut service, Request::new(()));
    assert_pending!(first.poll());

    // Waits, not polled and polled.
    drop(call(&mut service, Request::new(())));
    let mut waits = call(&mut service, Request::new(()));
    assert_pending!(waits.poll());
    assert_eq!(service.get_ref().counts(), (1, 1));
    drop(waits);
    assert_eq!(service.get_ref().counts(), (1, 0));

    // Was given a place and does not take it: the next one gets it.
    let mut given = call(&mut service, Request::new(()));
    assert_pending!(given.poll());
    let mut next = call(&mut service, Request::new(()));
    assert_pending!(next.poll());
    drop(first);
    assert!(given.is_woken() && !next.is_woken());
    drop(given);
    assert!(next.is_woken());
    assert_pending!(next.poll());

    // Is sent, then has a body.
    drop(next);
    assert_eq!(service.get_ref().counts(), (0, 0));
    let mut last = call(&mut service, Request::new(()));
    assert_pending!(last.poll());
    // Those before it were dropped, and so were their requests.
    let reply = loop {
        let (_, reply) = upstream.next_request().await.unwrap();
        reply.send_response(response());
        if let std::task::Poll::Ready(answer) = last.poll() {
            break answer.unwrap();
        }
    };
    assert_eq!(service.get_ref().counts(), (1, 0));
    drop(reply);
    assert_eq!(service.get_ref().counts(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_failure_frees_its_place_before_anybody_hears_of_it() {
    let (mut service, mut upstream) = queue(AdmissionConfig::new(1));
    let mut first = call(&mut service, Request::new(()));
    assert_pending!(first.poll());
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_error(Error::new(Class::Server, "it failed"));
    let error = assert_ready_err!(first.poll());
    assert_eq!(error.class(), Class::Server);
    assert_eq!(service.get_ref().counts(), (0, 0), "`first` is still there");
}

#[tokio::test]
async fn without_settings_everybody_is_let_in() {
    async fn upstream(_: Request<()>) -> Result<Response<Body>, std::io::Error> {
        Ok(response())
    }
    let service = AdmissionLayer::off().layer(tower::service_fn(upstream));
    let mut answers = Vec::new();
    for _ in 0..100 {
        answers.push(service.clone().oneshot(Request::new(())).await.unwrap());
    }
    assert_eq!(service.counts(), (0, 0));
}

#[test]
fn what_becomes_of_calls_is_counted() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    ::metrics::with_local_recorder(&recorder, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let config = AdmissionConfig::new(1).max_queued(1);
            let layer = AdmissionLayer::with(config).name("fast");
            let (mut service, _upstream): (Spawned, Upstream) = mock::spawn_layer(layer);
            let first = call(&mut service, Request::new(()));
            let mut second = call(&mut service, Request::new(()));
            assert_pending!(second.poll());
            let mut third = call(&mut service, Request::new(()));
            assert_ready_err!(third.poll());
            drop(first);
            assert_pending!(second.poll());
        });
    });
    let counted: Vec<_> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .filter(|(key, ..)| key.key().name() == "steeplechase_admission_calls_total")
        .map(|(key, _, _, value)| {
            let labels = key.key().labels();
            let labels: Vec<_> = labels.map(|label| label.value().to_owned()).collect();
            format!("{} {value:?}", labels.join(" "))
        })
        .collect();
    for expected in [
        "fast admitted Counter(1)",
        "fast waited Counter(1)",
        "fast full Counter(1)",
        "fast late Counter(0)",
    ] {
        assert!(counted.contains(&expected.to_owned()), "{counted:?}");
    }
}

#[test]
fn what_should_be_send_and_sync_is() {
    fn is_send_and_sync<T: Send + Sync>() {}
    fn is_send<T: Send>() {}
    is_send_and_sync::<AdmissionLayer>();
    is_send_and_sync::<Admission<tower::util::BoxCloneSyncService<(), (), Infallible>>>();
    is_send::<ResponseFuture<Client, ()>>();
    is_send_and_sync::<Place>();
}
