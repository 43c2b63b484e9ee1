//! How large the futures and the responses are, from the upstream upwards.
//!
//! Each layer moves the future that it gets from the layer below into its own, and later the response,
//! so what is large at the bottom is copied as many times as there are layers above.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use steeplechase::call::{Call, Dialect};
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
use steeplechase::{Budget, Deployment};
use tower::{Layer, Service};

use crate::world::{self, Canned};

/// Prints them.
pub(crate) fn print() {
    let _guard = world::enter();
    println!();
    println!("{:<24}{:>10}{:>10}  bytes", "", "future", "response");
    let upstream = Canned::<Bytes>::provider(Dialect::OpenAi, true, 16);
    line(
        "upstream",
        &upstream,
        Request::new(Full::<Bytes>::default()),
    );
    let [deployment, other] = world::deployments("fast", Dialect::OpenAi);
    let service = call("translate", &TranslateLayer::to(&deployment), upstream);
    let service = call("commit", &CommitLayer::first_content(), service);
    let service = call("timeout", &TimeoutLayer::new(), service);
    let service = call("observe", &ObserveLayer::new(&deployment), service);
    let service = call("limit", &LimitLayer::new(1000), service);
    let service = call("cooldown", &CooldownLayer::new(), service);
    let deployments = [deployment, other];
    let stack = |_: &Arc<Deployment>| ();
    let route = RouteLayer::new(deployments, WeightedShuffle::new(), stack);
    let service = call("route", &route, service);
    let service = call("retry", &RetryLayer::new(), service);
    let service = call("hedge", &HedgeLayer::auto(), service);
    let table = Models::builder().group("fast", service, Budget::default());
    let service = Models::new(table.build().expect("the table is good"));
    line("models", &service, Request::new(world::call(true)));
    let race = RaceLayer::new(1).policy(CallLanes { width: 1 });
    let service = call("race", &race, service);
    let fallbacks = Fallbacks::default().general("fast", ["slow"]);
    let service = call("fallback", &FallbackLayer::new(fallbacks), service);
    let keepalive = KeepaliveLayer::with(KeepaliveConfig::new());
    drop(call("keepalive", &keepalive, service));
}

fn call<L, S>(name: &str, layer: &L, inner: S) -> L::Service
where
    L: Layer<S>,
    L::Service: Service<Request<Call>, Error: Debug> + Clone,
{
    let service = layer.layer(inner);
    line(name, &service, Request::new(world::call(true)));
    service
}

fn line<S, R>(name: &str, service: &S, request: R)
where
    S: Service<R, Error: Debug> + Clone,
{
    let future = service.clone().call(request);
    println!(
        "{name:<24}{:>10}{:>10}",
        size_of_val(&future),
        size_of::<S::Response>()
    );
}
