//! A police that catches nobody proves nothing.

use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt;
use tokio_test::{assert_pending, assert_ready_ok, task};
use tower::{Service, ServiceExt};

use super::{Act, AnswerBody, AnswerFuture, Fault, Police};

type Plain = Police<Bytes, Fault>;

fn hello() -> Act<Bytes, Fault> {
    let frames = ["hel", "lo"].map(Bytes::from);
    Act::new().polls(1).head().frames(1, frames)
}

/// The classic mistake: it makes one handle ready, and calls another.
struct CallsAClone(Plain);

impl Service<()> for CallsAClone {
    type Response = Response<AnswerBody<Bytes, Fault>>;
    type Error = Fault;
    type Future = AnswerFuture<Bytes, Fault, ()>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        Service::<()>::poll_ready(&mut self.0, cx)
    }

    fn call(&mut self, request: ()) -> Self::Future {
        self.0.clone().call(request)
    }
}

#[tokio::test]
#[should_panic(expected = "police: `call` on a handle that is not ready")]
async fn calling_a_clone_of_what_was_made_ready_is_caught() {
    let _ = CallsAClone(Police::new(hello())).oneshot(()).await;
}

#[tokio::test]
#[should_panic(expected = "police: `call` on a handle that is not ready")]
async fn calling_twice_after_being_ready_once_is_caught() {
    let mut police: Plain = Police::new(hello());
    let ready = ServiceExt::<()>::ready(&mut police).await.unwrap();
    drop(ready.call(()));
    drop(police.call(()));
}

#[tokio::test]
async fn a_handle_that_is_ready_is_reserved_until_it_is_called_or_dropped() {
    let police: Plain = Police::new(hello());
    let gauges = police.gauges();
    let mut handle = police.clone();
    ServiceExt::<()>::ready(&mut handle).await.unwrap();
    assert_eq!((gauges.reserved(), gauges.in_flight()), (1, 0));
    let call = handle.call(());
    assert_eq!((gauges.reserved(), gauges.in_flight()), (0, 1));
    drop(call);
    ServiceExt::<()>::ready(&mut handle).await.unwrap();
    drop(handle);
    assert_eq!((gauges.reserved(), gauges.cancelled()), (0, 1));
}

#[test]
fn a_call_is_in_flight_until_its_body_ends_and_is_answered_step_by_step() {
    let mut police: Plain = Police::new(hello()).unready(1);
    let mut ready = task::spawn(());
    ready.enter(|cx, _| {
        assert!(Service::<()>::poll_ready(&mut police, cx).is_pending());
        assert!(Service::<()>::poll_ready(&mut police, cx).is_ready());
    });
    let mut call = task::spawn(police.call(()));
    assert_pending!(call.poll());
    assert!(call.is_woken());
    let response = assert_ready_ok!(call.poll());
    assert_eq!(police.gauges().in_flight(), 1);

    let mut body = task::spawn(response.into_body().collect());
    assert_pending!(body.poll());
    assert_pending!(body.poll());
    assert_eq!(assert_ready_ok!(body.poll()).to_bytes(), "hello");
    assert_eq!(police.gauges().completed(), 1);
}

#[test]
fn a_body_that_is_dropped_is_a_cancel_and_one_that_fails_is_not() {
    let fails = Act::new()
        .head()
        .frame(Bytes::from_static(b"a"))
        .fail(Fault);
    let police: Plain = Police::new(hello()).script([hello(), fails]);
    for expected in [(1, 0), (1, 1)] {
        let mut call = task::spawn(police.clone().oneshot(()));
        let response = loop {
            if let Poll::Ready(response) = call.poll() {
                break response.unwrap();
            }
        };
        let mut body = task::spawn(response.into_body().collect());
        let _ = body.poll();
        drop(body);
        let gauges = police.gauges();
        assert_eq!((gauges.cancelled(), gauges.failed()), expected);
        assert_eq!(gauges.in_flight(), 0);
    }
}

#[test]
#[should_panic(expected = "police: a future was polled after it had resolved")]
fn polling_a_future_again_is_caught() {
    let police: Plain = Police::new(Act::new().head());
    let mut handle = police.clone();
    let mut ready = task::spawn(());
    ready.enter(|cx, _| assert!(Service::<()>::poll_ready(&mut handle, cx).is_ready()));
    let mut call = task::spawn(handle.call(()));
    drop(assert_ready_ok!(call.poll()));
    let _ = call.poll();
}
