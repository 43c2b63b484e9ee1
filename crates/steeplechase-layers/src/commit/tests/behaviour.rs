//! What the layer does, one sentence for each test.

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use steeplechase_core::{Attempts, Class, Error};
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};
use tower::{Layer, Service, ServiceExt};
use tower_test::mock;

use super::super::*;
use super::*;

type Mock = mock::Mock<Request<()>, Response<Script>>;

async fn answer(layer: CommitLayer, body: Script) -> Result<Response<Replay<Script>>, Error> {
    answer_to(Request::new(()), layer, body).await
}

async fn answer_to(
    request: Request<()>,
    layer: CommitLayer,
    body: Script,
) -> Result<Response<Replay<Script>>, Error> {
    let (mut service, mut upstream) = mock::spawn_with(|mock: Mock| layer.layer(mock));
    assert_ready_ok!(service.poll_ready());
    let call = service.call(request);
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(Response::new(body));
    call.await
}

async fn text(response: Response<Replay<Script>>) -> Vec<u8> {
    response
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes()
        .into()
}

#[tokio::test]
async fn frames_before_the_content_are_held_and_replayed_in_order() {
    let body = Script::new([role(), role(), word(), word(), done()].map(Ok));
    let response = answer(CommitLayer::first_content(), body).await.unwrap();
    assert_eq!(text(response).await, b"role;role;word;word;done;");
}

#[tokio::test]
async fn an_error_event_before_the_content_is_an_error_of_the_future() {
    let overloaded = Error::new(Class::Overloaded, "overloaded");
    let body = Script::new([Ok(role()), Err(overloaded.into())]);
    let error = answer(CommitLayer::first_content(), body)
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Overloaded);
}

#[tokio::test]
async fn an_error_after_the_content_is_an_error_of_the_body() {
    let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let body = Script::new([Ok(role()), Ok(word()), Err(reset.into())]);
    let response = answer(CommitLayer::first_content(), body).await.unwrap();
    let mut body = response.into_body();
    assert_eq!(
        body.frame()
            .await
            .unwrap()
            .unwrap()
            .into_data()
            .unwrap()
            .data(),
        "role;"
    );
    assert_eq!(
        body.frame()
            .await
            .unwrap()
            .unwrap()
            .into_data()
            .unwrap()
            .data(),
        "word;"
    );
    let error = body.frame().await.unwrap().unwrap_err();
    assert_eq!(error.class(), Class::Transport);
}

#[tokio::test]
async fn an_end_before_the_content_is_a_truncated_answer() {
    let error = answer(CommitLayer::first_content(), Script::new([Ok(role())])).await;
    assert_eq!(error.unwrap_err().class(), Class::Truncated);
}

#[tokio::test]
async fn an_empty_answer_is_a_failure_once_and_then_what_the_model_means() {
    let mut request = Request::new(());
    let attempts = Attempts::of(request.extensions_mut());
    let empty = || Script::new([role(), done()].map(Ok));

    let error = answer_to(request.clone(), CommitLayer::first_content(), empty()).await;
    assert_eq!(error.unwrap_err().class(), Class::Empty);

    let response = answer_to(request, CommitLayer::first_content(), empty()).await;
    assert_eq!(text(response.unwrap()).await, b"role;done;");
    assert_eq!(attempts.used(), 1);
}

#[tokio::test]
async fn an_empty_answer_to_the_last_attempt_is_handed_on() {
    let mut request = Request::new(());
    Attempts::of(request.extensions_mut()).set_max(1);
    let body = Script::new([role(), done()].map(Ok));
    let response = answer_to(request, CommitLayer::first_content(), body).await;
    assert_eq!(text(response.unwrap()).await, b"role;done;");
}

#[tokio::test]
async fn when_as_much_is_held_as_may_be_it_commits() {
    let layer = CommitLayer::with(CommitConfig::new(CommitOn::Content).max_held(8));
    let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let body = Script::new([Ok(role()), Ok(role()), Err(reset.into())]);
    let mut body = answer(layer, body).await.unwrap().into_body();
    assert!(body.frame().await.unwrap().is_ok());
    assert!(body.frame().await.unwrap().is_ok());
    assert!(body.frame().await.unwrap().is_err());
}

#[tokio::test]
async fn each_mode_commits_where_it_says() {
    let failing = || {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        Script::new([Ok(role()), Ok(word()), Err(reset.into())])
    };
    assert!(answer(CommitLayer::head(), Script::new([])).await.is_ok());
    assert!(
        answer(CommitLayer::first_byte(), Script::new([Ok(role())]))
            .await
            .is_ok()
    );
    assert!(
        answer(CommitLayer::first_content(), failing())
            .await
            .is_ok()
    );
    assert!(answer(CommitLayer::complete(), failing()).await.is_err());

    let whole = Script::new([role(), word(), done()].map(Ok));
    let response = answer(CommitLayer::complete(), whole).await.unwrap();
    assert_eq!(text(response).await, b"role;word;done;");
}

#[tokio::test]
async fn the_future_waits_for_the_content_and_is_woken_by_it() {
    let (mut service, mut upstream) =
        mock::spawn_with(|mock: Mock| CommitLayer::first_content().layer(mock));
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(Request::new(())));
    assert_pending!(call.poll());

    let (_, reply) = upstream.next_request().await.unwrap();
    let alive = Arc::new(());
    let mut body = Script::paced([Some(Ok(role())), None, Some(Ok(word())), Some(Ok(done()))]);
    body.alive = Arc::clone(&alive);
    reply.send_response(Response::new(body));
    assert!(call.is_woken());
    assert_pending!(call.poll());
    assert!(call.is_woken());

    let response = assert_ready_ok!(call.poll());
    assert_eq!(Arc::strong_count(&alive), 2);
    assert_eq!(response.body().size_hint().lower(), 10);
    drop(response);
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[tokio::test]
async fn a_call_that_is_given_up_takes_the_answer_with_it() {
    let (mut service, mut upstream) =
        mock::spawn_with(|mock: Mock| CommitLayer::first_content().layer(mock));
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(Request::new(())));
    let (_, reply) = upstream.next_request().await.unwrap();
    let alive = Arc::new(());
    let mut body = Script::paced([Some(Ok(role())), None]);
    body.alive = Arc::clone(&alive);
    reply.send_response(Response::new(body));
    assert_pending!(call.poll());
    assert_eq!(Arc::strong_count(&alive), 2);
    drop(call);
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[tokio::test]
async fn an_answer_that_failed_is_dropped_while_the_future_lives() {
    let (mut service, mut upstream) =
        mock::spawn_with(|mock: Mock| CommitLayer::first_content().layer(mock));
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(Request::new(())));
    let (_, reply) = upstream.next_request().await.unwrap();
    let alive = Arc::new(());
    let mut body = Script::new([Ok(role())]);
    body.alive = Arc::clone(&alive);
    reply.send_response(Response::new(body));
    assert_ready_err!(call.poll());
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[tokio::test]
async fn over_a_bare_client_any_byte_is_content_and_no_byte_is_no_failure() {
    let upstream = |body: &'static str, status: StatusCode| {
        tower::service_fn(move |_: Request<()>| async move {
            let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
            *response.status_mut() = status;
            Ok::<_, std::io::Error>(response)
        })
    };
    for (body, status) in [("hi", 200), ("", 204), ("oh no", 500)] {
        let status = StatusCode::from_u16(status).unwrap();
        let service = CommitLayer::first_content().layer(upstream(body, status));
        let response = service.oneshot(Request::new(())).await.unwrap();
        assert_eq!(response.status(), status);
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(bytes, body.as_bytes());
    }
}

#[tokio::test]
#[should_panic(expected = "polled after completion")]
async fn polling_after_completion_is_a_bug_in_the_caller() {
    let upstream = tower::service_fn(|_: Request<()>| async {
        Ok::<_, Error>(Response::new(Script::new([Ok(word())])))
    });
    let mut service = CommitLayer::first_content().layer(upstream);
    let mut call = task::spawn(service.call(Request::new(())));
    assert_ready_ok!(call.poll());
    let _ = call.poll();
}

#[test]
fn what_should_be_send_and_sync_is() {
    fn assert_send_sync<T: Send + Sync>(_: &T) {}
    fn assert_send<T: Send>(_: &T) {}

    let layer = CommitLayer::first_content();
    let (upstream, _handle) = mock::pair::<Request<()>, Response<Full<Bytes>>>();
    let service = layer.layer(upstream);
    assert_send_sync(&layer);
    assert_send_sync(&service);
    assert_send(&async move { service.oneshot(Request::new(())).await });
}
