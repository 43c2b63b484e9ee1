//! The clock is paused in all of these tests: the delays are real, the waiting is not.

mod auto;
mod behaviour;
mod cancellation;
mod controls;
mod costs;
mod limits;
mod model;
mod policies;
mod pool;
mod quantiles;
mod tail;

use std::future::Future;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use metrics_util::debugging::{DebuggingRecorder, Snapshotter};
use steeplechase_core::attempts::Kind;
use steeplechase_core::{Attempts, Class, Error};
use tokio::time::{self, Instant};
use tokio_test::{assert_pending, assert_ready_ok, task};
use tower::{Layer, ServiceExt};
use tower_test::mock;

use super::*;

const DELAY: Duration = Duration::from_millis(100);
const ALMOST_DELAY: Duration = Duration::from_millis(99);
const ONE_MILLI: Duration = Duration::from_millis(1);

type Body = Full<Bytes>;
type Mock = mock::Mock<Request<Body>, Response<Body>>;
type Upstream = mock::Handle<Request<Body>, Response<Body>>;
type Hedged = mock::Spawn<Hedge<Mock>>;
type Call = task::Spawn<ResponseFuture<Mock, steeplechase_core::DefaultClassifier, Body>>;
type Reply = mock::SendResponse<Response<Body>>;

fn hedged(layer: HedgeLayer) -> (Hedged, Upstream) {
    mock::spawn_layer(layer)
}

fn request() -> Request<Body> {
    Request::post("/v1/chat/completions")
        .body(Body::from("{}"))
        .unwrap()
}

/// A request, and the attempts that it shares with all its copies.
fn request_with_attempts() -> (Request<Body>, Attempts) {
    let mut request = request();
    let attempts = Attempts::of(request.extensions_mut());
    (request, attempts)
}

fn response(status: u16) -> Response<Body> {
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .body(Body::default())
        .unwrap()
}

fn send(service: &mut Hedged) -> Call {
    send_this(service, request())
}

fn send_this(service: &mut Hedged, request: Request<Body>) -> Call {
    assert_ready_ok!(service.poll_ready());
    task::spawn(service.call(request))
}

/// The next request that has reached the upstream.
#[track_caller]
fn next(upstream: &mut Upstream) -> Reply {
    match upstream.poll_request() {
        Poll::Ready(Some((_, reply))) => reply,
        _ => panic!("no request has come"),
    }
}

async fn both_in_flight(service: &mut Hedged, upstream: &mut Upstream) -> (Call, Reply, Reply) {
    let mut call = send(service);
    let primary = next(upstream);
    assert_pending!(call.poll());
    time::advance(DELAY).await;
    assert_pending!(call.poll());
    let hedge = next(upstream);
    (call, primary, hedge)
}

/// What was counted, without what is still at zero.
fn counted(snapshotter: &Snapshotter) -> Vec<String> {
    let mut counted: Vec<_> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| format!("{} = {value:?}", key.key()))
        .filter(|line| !line.ends_with("Counter(0)"))
        .collect();
    counted.sort();
    counted
}

fn recorder() -> (DebuggingRecorder, Snapshotter) {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    (recorder, snapshotter)
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

// ===== one call to an upstream that follows a script =====

/// Which copy of a request it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Copy {
    Primary,
    Hedge,
}

/// How a copy ends.
#[derive(Clone, Debug)]
enum End {
    Succeeds,
    Fails(Error),
}

/// What an upstream does with one copy of a request.
#[derive(Clone, Debug)]
struct Script {
    latency: Duration,
    end: End,
}

impl Script {
    fn succeeds_after(latency: Duration) -> Self {
        let end = End::Succeeds;
        Self { latency, end }
    }

    fn fails_after(latency: Duration, class: Class) -> Self {
        let end = End::Fails(Error::new(class, ""));
        Self { latency, end }
    }
}

/// Which copy the answer is from, or the class and the code of the failure; and when it came.
type Answer = (Result<Copy, (Class, Copy)>, Duration);

/// Sends one request through the layer to an upstream that follows the scripts.
fn run(layer: &HedgeLayer, primary: &Script, hedge: &Script) -> Answer {
    let upstream = tower::service_fn(move |request: Request<()>| {
        let attempts = Attempts::get(request.extensions()).expect("shared by all copies");
        let (copy, script) = if attempts.count(Kind::Hedge) == 0 {
            (Copy::Primary, primary.clone())
        } else {
            (Copy::Hedge, hedge.clone())
        };
        async move {
            time::sleep(script.latency).await;
            match script.end {
                End::Succeeds => Ok(Response::new(copy)),
                End::Fails(error) => Err(error.with_code(format!("{copy:?}"))),
            }
        }
    });

    block_on(async {
        let service = layer.layer(upstream);
        let started = Instant::now();
        let answer = match service.oneshot(Request::new(())).await {
            Ok(response) => Ok(response.into_body()),
            Err(error) if error.code() == Some("Primary") => Err((error.class(), Copy::Primary)),
            Err(error) => Err((error.class(), Copy::Hedge)),
        };
        (answer, started.elapsed())
    })
}
