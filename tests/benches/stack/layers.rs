//! Each layer alone, over a service that does nothing but answer.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use divan::Bencher;
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use steeplechase::call::{Call, Dialect};
use steeplechase::dialects::intake::IntakeLayer;
use steeplechase::dialects::translate::TranslateLayer;
use steeplechase::layers::commit::CommitLayer;
use steeplechase::layers::cooldown::CooldownLayer;
use steeplechase::layers::fallback::{FallbackLayer, Fallbacks};
use steeplechase::layers::hedge::HedgeLayer;
use steeplechase::layers::keepalive::{KeepaliveConfig, KeepaliveLayer};
use steeplechase::layers::limit::LimitLayer;
use steeplechase::layers::models::Models;
use steeplechase::layers::observe::ObserveLayer;
use steeplechase::layers::race::{CallLanes, RaceLayer};
use steeplechase::layers::retry::RetryLayer;
use steeplechase::layers::route::{RouteLayer, WeightedShuffle};
use steeplechase::layers::timeout::TimeoutLayer;
use steeplechase::preset::Preset;
use steeplechase::{Budget, Chunk, Error};
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service, ServiceBuilder};

use crate::recorder::Atomics;
use crate::world::{self, Canned};

type Upstream = Canned<Chunk, Error>;

/// A call through `layer`, which is built with metrics that count.
fn layer<L>(bencher: Bencher<'_, '_>, layer: impl FnOnce() -> L)
where
    L: Layer<Upstream>,
    L::Service: Service<Request<Call>, Response: Answer, Error: Debug> + Clone,
{
    let layered = metrics::with_local_recorder(&Atomics, || layer().layer(Upstream::chunk()));
    service(bencher, true, &layered);
}

fn service<S>(bencher: Bencher<'_, '_>, stream: bool, service: &S)
where
    S: Service<Request<Call>, Response: Answer, Error: Debug> + Clone,
{
    let _guard = world::enter();
    let call = world::call(stream);
    bencher.bench_local(|| {
        let service = tower::ServiceExt::map_response(service.clone(), Answer::into_response);
        world::run(service, Request::new(call.clone()))
    });
}

/// A response with a body, whatever its type is.
trait Answer {
    type Body: Body<Error: Debug>;

    fn into_response(self) -> Response<Self::Body>;
}

impl<B: Body<Error: Debug>> Answer for Response<B> {
    type Body = B;

    fn into_response(self) -> Self {
        self
    }
}

#[divan::bench]
fn a_none(bencher: Bencher<'_, '_>) {
    layer(bencher, tower::layer::util::Identity::new);
}

#[divan::bench]
fn a_none_below_translate(bencher: Bencher<'_, '_>) {
    service(
        bencher,
        false,
        &Canned::provider(Dialect::OpenAi, false, 16),
    );
}

#[divan::bench]
fn commit(bencher: Bencher<'_, '_>) {
    layer(bencher, CommitLayer::first_content);
}

#[divan::bench]
fn cooldown(bencher: Bencher<'_, '_>) {
    layer(bencher, CooldownLayer::new);
}

/// The two boxes of the preset: a service that is cloned, and a body.
#[divan::bench]
fn erasure(bencher: Bencher<'_, '_>) {
    let boxed = tower::ServiceExt::<Request<Call>>::map_response(
        Upstream::chunk(),
        |response: Response<_>| response.map(BodyExt::boxed_unsync),
    );
    service(bencher, true, &BoxCloneSyncService::new(boxed));
}

#[divan::bench]
fn fallback_none(bencher: Bencher<'_, '_>) {
    layer(bencher, || FallbackLayer::new(Fallbacks::default()));
}

#[divan::bench]
fn fallback_one(bencher: Bencher<'_, '_>) {
    layer(bencher, || {
        FallbackLayer::new(Fallbacks::default().general("fast", ["slow"]))
    });
}

#[divan::bench]
fn hedge_auto(bencher: Bencher<'_, '_>) {
    layer(bencher, HedgeLayer::auto);
}

#[divan::bench]
fn hedge_off(bencher: Bencher<'_, '_>) {
    layer(bencher, HedgeLayer::off);
}

#[divan::bench]
fn intake(bencher: Bencher<'_, '_>) {
    let _guard = world::enter();
    let service = ServiceBuilder::new()
        .layer(IntakeLayer::new())
        .service(Upstream::chunk());
    let raw = world::raw(true);
    bencher.bench_local(|| world::run(service.clone(), world::http_request(&raw)));
}

#[divan::bench]
fn keepalive_off(bencher: Bencher<'_, '_>) {
    layer(bencher, KeepaliveLayer::off);
}

#[divan::bench]
fn keepalive_on(bencher: Bencher<'_, '_>) {
    layer(bencher, || KeepaliveLayer::with(KeepaliveConfig::new()));
}

#[divan::bench]
fn limit(bencher: Bencher<'_, '_>) {
    layer(bencher, || LimitLayer::new(1000));
}

#[divan::bench]
fn models(bencher: Bencher<'_, '_>) {
    let table = Models::builder()
        .group("fast", Upstream::chunk(), Budget::default())
        .build()
        .expect("the table is good");
    service(bencher, true, &Models::new(table));
}

#[divan::bench]
fn observe(bencher: Bencher<'_, '_>) {
    let [deployment, _] = world::deployments("fast", Dialect::OpenAi);
    layer(bencher, || ObserveLayer::new(&deployment));
}

#[divan::bench]
fn race_of_one(bencher: Bencher<'_, '_>) {
    layer(bencher, || RaceLayer::new(1).policy(CallLanes { width: 1 }));
}

#[divan::bench]
fn race_of_two(bencher: Bencher<'_, '_>) {
    layer(bencher, || RaceLayer::new(2).policy(CallLanes { width: 2 }));
}

#[divan::bench]
fn retry(bencher: Bencher<'_, '_>) {
    layer(bencher, RetryLayer::new);
}

#[divan::bench(args = [1, 2, 8])]
fn route(bencher: Bencher<'_, '_>, deployments: usize) {
    let pairs = (0..deployments).map(|_| world::deployments("fast", Dialect::OpenAi));
    let deployments: Vec<_> = pairs.flatten().take(deployments).collect();
    layer(bencher, || {
        RouteLayer::new(deployments, WeightedShuffle::new(), |_: &Arc<_>| ())
    });
}

/// The preset's stack of one group, and no more: without the boxes, the models and the rest.
#[divan::bench]
fn stack_of_a_group(bencher: Bencher<'_, '_>) {
    let deployments = world::deployments("fast", Dialect::OpenAi);
    let group = steeplechase::Group::new("fast", deployments);
    let upstream = Canned::<Bytes>::provider(Dialect::OpenAi, false, 16);
    let stack = steeplechase::preset::group_stack(&group, &Preset::new(), upstream);
    service(bencher, false, &stack);
}

#[divan::bench]
fn timeout(bencher: Bencher<'_, '_>) {
    layer(bencher, || {
        TimeoutLayer::new()
            .first_token(std::time::Duration::from_secs(120))
            .content_idle(std::time::Duration::from_secs(300))
    });
}

#[divan::bench]
fn translate_whole(bencher: Bencher<'_, '_>) {
    let [deployment, _] = world::deployments("fast", Dialect::OpenAi);
    let upstream = Canned::<Bytes>::provider(Dialect::OpenAi, false, 16);
    service(
        bencher,
        false,
        &TranslateLayer::to(&deployment).layer(upstream),
    );
}

#[divan::bench]
fn translate_whole_anthropic(bencher: Bencher<'_, '_>) {
    let [deployment, _] = world::deployments("fast", Dialect::Anthropic);
    let upstream = Canned::<Bytes>::provider(Dialect::Anthropic, false, 16);
    service(
        bencher,
        false,
        &TranslateLayer::to(&deployment).layer(upstream),
    );
}
