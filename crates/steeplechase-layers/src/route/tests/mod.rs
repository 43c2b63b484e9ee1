//! The clock is paused in all of these tests: the delays are real, the waiting is not.

mod affinity;
mod behaviour;
mod eligibility;
mod eligible;
mod elsewhere;
mod hot_cold;
mod large;
mod latency;
mod model;
mod prices;
mod rates;
mod replicas;
mod scores;
mod shares;
mod strategies;
mod traces;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use steeplechase_core::deployment::{Circuit, DeploymentBuilder, Permit};
use steeplechase_core::{Attempts, BoxError, Deployment, Dialect, Error};
use tokio::time::{self, Instant};
use tower::util::MapRequestLayer;
use tower::{Layer, Service, ServiceExt};

use super::asked::Asking;
use super::*;

const SECOND: Duration = Duration::from_secs(1);

type Body = Full<Bytes>;

fn builder(id: &str) -> DeploymentBuilder {
    Deployment::builder(id, "fast", Dialect::OpenAi)
}

/// Deployments named `a`, `b`, ...
fn deployments(count: u8) -> Vec<Arc<Deployment>> {
    let ids = (0..count).map(|index| char::from(b'a' + index).to_string());
    ids.map(|id| builder(&id).build()).collect()
}

/// The place of one of [`deployments`] among them.
fn place(deployment: &Deployment) -> usize {
    usize::from(deployment.id().as_bytes()[0] - b'a')
}

/// A layer that tells the client which deployment it is called for.
fn tag<R>(
    deployment: &Arc<Deployment>,
) -> MapRequestLayer<impl Fn(Request<R>) -> Request<R> + Clone + Send + Sync + use<R>> {
    let deployment = Arc::clone(deployment);
    MapRequestLayer::new(move |mut request: Request<R>| {
        request.extensions_mut().insert(Arc::clone(&deployment));
        request
    })
}

fn tagged<R>(request: &Request<R>) -> &Arc<Deployment> {
    request.extensions().get().expect("each request is tagged")
}

/// A service over `deployments` that always succeeds at once.
fn healthy(
    deployments: &[Arc<Deployment>],
) -> impl Service<Request<()>, Response = impl Answer, Error = Error, Future: Send> + Clone {
    let client = tower::service_fn(|_: Request<()>| async {
        Ok::<_, BoxError>(Response::new(Body::from("hello")))
    });
    RouteLayer::new(deployments.to_vec(), WeightedShuffle::new(), tag).layer(client)
}

/// A response of the router.
trait Answer {
    fn served_by(&self) -> &str;
}

impl<B> Answer for Response<B> {
    fn served_by(&self) -> &str {
        let ServedBy(deployment) = self
            .extensions()
            .get()
            .expect("a response says who served it");
        deployment.id()
    }
}

/// Sends a request to a service that always succeeds at once. Returns who has served it.
async fn serve(deployments: &[Arc<Deployment>], request: Request<()>) -> Result<String, Error> {
    let response = healthy(deployments).oneshot(request).await?;
    Ok(response.served_by().to_owned())
}

fn attempts(request: &mut Request<()>) -> Attempts {
    Attempts::of(request.extensions_mut())
}

fn open_for(deployment: &Deployment, time: Duration) {
    let until = Instant::now() + time;
    deployment.health().set_circuit(Circuit::Open { until });
}

fn cool_for(deployment: &Deployment, time: Duration) {
    deployment.health().cool_until(Instant::now() + time);
}

/// What a test says of its request.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    is_stream: Option<bool>,
    prompt: Option<u64>,
    max_tokens: Option<u64>,
    affinity: Option<u64>,
}

impl<B> Describe<B> for Told {
    fn is_stream(&self, _: &Request<B>) -> Option<bool> {
        self.is_stream
    }

    fn prompt(&self, _: &Request<B>) -> Option<u64> {
        self.prompt
    }

    fn max_tokens(&self, _: &Request<B>) -> Option<u64> {
        self.max_tokens
    }

    fn affinity(&self, _: &Request<B>) -> Option<u64> {
        self.affinity
    }
}

/// Who is picked of a group for a request of which so much is known.
fn pick(strategy: &dyn Strategy, group: &[Arc<Deployment>], told: Told) -> usize {
    let request = Request::new(());
    let asking = Asking::new(&Every, &told, &request);
    let candidates = Candidates::among(group, Instant::now()).with_asked(Asked::new(&asking));
    let picked = strategy.pick(candidates).expect("somebody can be picked");
    picked.index()
}

/// How often each of a group is picked for a request of which nothing is known.
fn picks(strategy: &dyn Strategy, group: &[Arc<Deployment>], count: u32) -> Vec<u32> {
    let mut picks = vec![0; group.len()];
    for _ in 0..count {
        picks[pick(strategy, group, Told::default())] += 1;
    }
    picks
}
