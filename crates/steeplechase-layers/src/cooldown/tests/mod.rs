//! The clock is paused in all of these tests: the delays are real, the waiting is not.

mod allowed;
mod behaviour;
mod breaker;
mod litellm;
mod metrics;
mod model;
mod peers;
mod probes;
mod promises;
mod provider;
mod rests;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use steeplechase_core::deployment::Circuit;
use steeplechase_core::{BoxError, Class, Deployment, Dialect, Error, Health};
use tokio_test::{assert_ready_ok, task};
use tower::Layer;
use tower_test::mock;

use super::*;

type Mock = mock::Mock<Request<()>, Response<Script>>;
type Upstream = mock::Handle<Request<()>, Response<Script>>;
type Reply = mock::SendResponse<Response<Script>>;
type Service = mock::Spawn<Cooldown<Mock>>;
type Call = task::Spawn<<Cooldown<Mock> as tower::Service<Request<()>>>::Future>;

/// A body of one frame, which may fail after it.
#[derive(Debug, Default)]
struct Script {
    frame: Option<Bytes>,
    error: Option<BoxError>,
}

impl Script {
    fn hello() -> Self {
        Self {
            frame: Some(Bytes::from_static(b"hello")),
            error: None,
        }
    }

    fn failing(error: impl Into<BoxError>) -> Self {
        Self {
            error: Some(error.into()),
            ..Self::hello()
        }
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = self.frame.take().map(|data| Ok(Frame::data(data)));
        Poll::Ready(frame.or_else(|| self.error.take().map(Err)))
    }
}

/// A service with a health to look at.
struct Bench {
    service: Service,
    upstream: Upstream,
    health: Arc<Health>,
}

impl Bench {
    fn new(config: CooldownConfig) -> Self {
        Self::tracking(config, Arc::default())
    }

    fn tracking(config: CooldownConfig, health: Arc<Health>) -> Self {
        Self::with(
            CooldownLayer::with(config).track(&health).name("eu-1"),
            health,
        )
    }

    /// One of a deployment that knows the others of its group.
    fn among(peers: &Arc<Peers>, deployment: &Deployment, config: CooldownConfig) -> Self {
        let layer = CooldownLayer::of(deployment, config).peers(peers, deployment.load());
        Self::with(layer, Arc::clone(deployment.health()))
    }

    fn with(layer: CooldownLayer, health: Arc<Health>) -> Self {
        let (service, upstream) = mock::spawn_with(move |mock: Mock| layer.layer(mock));
        Self {
            service,
            upstream,
            health,
        }
    }

    fn send(&mut self) -> Call {
        self.send_request(Request::new(()))
    }

    fn send_request(&mut self, request: Request<()>) -> Call {
        assert_ready_ok!(self.service.poll_ready());
        task::spawn(self.service.call(request))
    }

    /// Sends an attempt that reaches the upstream.
    async fn start(&mut self) -> (Call, Reply) {
        let call = self.send();
        // Not awaited: an attempt that is refused would be waited for without end. But a task that has
        // done much without a pause is shown nothing by tokio.
        tokio::task::yield_now().await;
        match self.upstream.poll_request() {
            Poll::Ready(Some((_, reply))) => (call, reply),
            _ => panic!("the attempt has not reached the upstream"),
        }
    }

    async fn succeed(&mut self) {
        let (call, reply) = self.start().await;
        reply.send_response(Response::new(Script::hello()));
        call.await.expect("a success");
    }

    /// Succeeds after a time.
    async fn succeed_after(&mut self, time: Duration) {
        let (call, reply) = self.start().await;
        tokio::time::advance(time).await;
        reply.send_response(Response::new(Script::hello()));
        call.await.expect("a success");
    }

    fn is_open(&self) -> bool {
        matches!(self.health.circuit(), Circuit::Open { .. })
    }

    async fn fail(&mut self, error: Error) {
        let (call, reply) = self.start().await;
        reply.send_error(error);
        call.await.expect_err("a failure");
    }

    async fn fail_times(&mut self, class: Class, times: usize) {
        for _ in 0..times {
            self.fail(Error::new(class, "failed")).await;
        }
    }

    /// Sends an attempt that must not reach the upstream.
    async fn refused(&mut self) -> Error {
        let error = self.send().await.expect_err("a refusal");
        tokio::task::yield_now().await;
        tokio_test::assert_pending!(self.upstream.poll_request());
        assert_eq!(error.class(), Class::Unavailable);
        error
    }

    /// Fails until the circuit is open.
    async fn open(&mut self) {
        self.fail_times(Class::Server, 5).await;
        assert!(matches!(self.health.circuit(), Circuit::Open { .. }));
    }

    /// Opens the circuit, and waits until a probe is due.
    async fn open_and_wait(&mut self) {
        self.open().await;
        tokio::time::advance(secs(13)).await;
    }
}

/// The deployments of a group, named `a`, `b`, ...
fn group(count: u8) -> (Vec<Arc<Deployment>>, Arc<Peers>) {
    let ids = (0..count).map(|index| char::from(b'a' + index).to_string());
    let deployment = |id: String| Deployment::builder(id, "fast", Dialect::OpenAi).build();
    let deployments: Vec<_> = ids.map(deployment).collect();
    let peers = Peers::of(&"fast".into(), &deployments);
    (deployments, peers)
}

/// The benches of a whole group.
fn benches(count: u8, config: CooldownConfig) -> (Vec<Bench>, Arc<Peers>) {
    let (deployments, peers) = group(count);
    let bench = |deployment: &Arc<Deployment>| Bench::among(&peers, deployment, config);
    (deployments.iter().map(bench).collect(), peers)
}

/// It has served a hundred calls in this time each.
fn is_used_to(deployment: &Deployment, time: Duration) {
    for _ in 0..100 {
        deployment.load().observe(time);
    }
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
