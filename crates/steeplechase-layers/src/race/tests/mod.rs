//! The clock is paused in all of these tests: the delays are real, the waiting is not.

mod behaviour;
mod calls;
mod model;

use std::future::Future;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use steeplechase_core::attempts::Kind;
use steeplechase_core::{Attempts, Class, Error};
use tokio::time::{self, Instant};
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};
use tower::{Layer, Service, ServiceExt};
use tower_test::mock;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

type Body = Full<Bytes>;
type Mock = mock::Mock<Request<Body>, Response<Body>>;
type Upstream = mock::Handle<Request<Body>, Response<Body>>;
type Raced = mock::Spawn<Race<Mock>>;
type Call = task::Spawn<ResponseFuture<Mock, steeplechase_core::DefaultClassifier, Body>>;
type Reply = mock::SendResponse<Response<Body>>;

/// A request, and the attempts that all its lanes share, of which it has as many as there can be.
fn request<B>(body: B) -> (Request<B>, Attempts) {
    let mut request = Request::new(body);
    let attempts = Attempts::of(request.extensions_mut());
    attempts.set_max(Attempts::HARD_CAP);
    (request, attempts)
}

fn response(status: u16) -> Response<Body> {
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .body(Body::default())
        .unwrap()
}

fn raced(width: u8) -> (Raced, Upstream) {
    mock::spawn_layer(RaceLayer::new(width))
}

fn send(service: &mut Raced) -> Call {
    assert_ready_ok!(service.poll_ready());
    task::spawn(service.call(request(Body::default()).0))
}

/// The next request that has reached the upstream.
#[track_caller]
fn next(upstream: &mut Upstream) -> Reply {
    match upstream.poll_request() {
        Poll::Ready(Some((_, reply))) => reply,
        _ => panic!("no request has come"),
    }
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

/// What an upstream does with one lane of a request: how long it takes, and how it fails, if it does.
#[derive(Clone, Debug)]
struct Script {
    latency: Duration,
    failure: Option<Error>,
}

impl Script {
    fn succeeds_after(latency: Duration) -> Self {
        let failure = None;
        Self { latency, failure }
    }

    fn fails_after(latency: Duration, class: Class) -> Self {
        let failure = Some(Error::new(class, ""));
        Self { latency, failure }
    }
}

/// Which lane the answer is from, or the class and the lane of the failure; when it came; and how many
/// lanes there were.
type Answer = (Result<usize, (Class, usize)>, Duration, usize);

/// Sends one request to an upstream that follows the scripts, one for each lane.
fn run<L: Lanes<()>>(lanes: L, scripts: &[Script], max: u8) -> Answer {
    let started_lanes = std::cell::Cell::new(0);
    let upstream = tower::service_fn(|_: Request<()>| {
        let lane = started_lanes.replace(started_lanes.get() + 1);
        let script = scripts[lane].clone();
        async move {
            // A sleep of nothing is not over at once.
            if script.latency > Duration::ZERO {
                time::sleep(script.latency).await;
            }
            match script.failure {
                None => Ok(Response::new(lane)),
                Some(error) => Err(error.with_code(lane.to_string())),
            }
        }
    });

    block_on(async {
        let service = Race::new(upstream, lanes, steeplechase_core::DefaultClassifier);
        let (request, attempts) = request(());
        attempts.set_max(max);
        let started = Instant::now();
        let answer = match service.oneshot(request).await {
            Ok(response) => Ok(response.into_body()),
            Err(error) => Err((error.class(), error.code().unwrap().parse().unwrap())),
        };
        (answer, started.elapsed(), started_lanes.get())
    })
}
