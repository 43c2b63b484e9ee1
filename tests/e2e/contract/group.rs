use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use steeplechase::attempts::BudgetConfig;
use steeplechase::deployment::Circuit;
use steeplechase::dialects::translate::TranslateLayer;
use steeplechase::layers::commit::CommitLayer;
use steeplechase::layers::cooldown::CooldownLayer;
use steeplechase::layers::fallback::Fallbacks;
use steeplechase::layers::hedge::{Delay, HedgeConfig};
use steeplechase::layers::limit::LimitLayer;
use steeplechase::layers::models::{Models, ModelsLayer};
use steeplechase::layers::observe::ObserveLayer;
use steeplechase::layers::retry::RetryConfig;
use steeplechase::layers::route::{RouteLayer, WeightedShuffle};
use steeplechase::layers::timeout::TimeoutLayer;
use steeplechase::preset::{Group as PresetGroup, Preset, Stack};
use steeplechase::{Budget, Deployment, Dialect};
use tokio::time::Instant;
use tower::Layer;
use tower::layer::layer_fn;
use tower::layer::util::Identity;

use crate::police::{Fault, Police};
use crate::world::MODEL;

/// The layers of one deployment.
type DeploymentLayers = (
    CooldownLayer,
    LimitLayer,
    ObserveLayer,
    TimeoutLayer,
    CommitLayer,
    TranslateLayer,
);

/// What the layers of a test hold, and must give back: two deployments with one place each, and a
/// budget.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) deployments: [Arc<Deployment>; 2],
    pub(super) budget: Budget,
}

impl Group {
    pub(super) fn new() -> Self {
        let deployment = |id: &str| {
            Deployment::builder(id, MODEL, Dialect::OpenAi)
                .max_in_flight(1)
                .build()
        };
        Self {
            deployments: [deployment("one"), deployment("two")],
            budget: Budget::new(BudgetConfig::new()),
        }
    }

    /// The first deployment, for a layer that is for one.
    pub(super) fn one(&self) -> &Arc<Deployment> {
        &self.deployments[0]
    }

    /// The first deployment, whose circuit is open, and which may be tried now.
    pub(super) fn probed(&self) -> &Arc<Deployment> {
        let until = Instant::now();
        self.one().health().set_circuit(Circuit::Open { until });
        self.one()
    }

    /// One model, for which the group is.
    pub(super) fn models(&self) -> ModelsLayer<(), impl Fn(&()) -> Identity + use<>> {
        let table = Models::builder().group(MODEL, (), self.budget.clone());
        let table = table.build().expect("there is one name");
        ModelsLayer::new(table, |()| Identity::new())
    }

    /// A stack for each deployment, of all layers that belong there.
    pub(super) fn route(
        &self,
    ) -> RouteLayer<impl Fn(&Arc<Deployment>) -> DeploymentLayers + use<>, WeightedShuffle> {
        let stack = |deployment: &Arc<Deployment>| {
            (
                CooldownLayer::new().track(deployment.health()),
                LimitLayer::tracking(deployment.limits()),
                ObserveLayer::new(deployment),
                TimeoutLayer::new().first_token(4 * A_WHILE),
                CommitLayer::first_content(),
                TranslateLayer::to(deployment),
            )
        };
        RouteLayer::new(self.deployments.clone(), WeightedShuffle::seeded(7), stack)
    }

    /// The recommended stack, with all that starts attempts on.
    pub(super) fn preset(&self) -> impl Layer<Police<Bytes, Fault>, Service = Stack> + use<> {
        let preset = Preset::new()
            .group(PresetGroup::new(MODEL, self.deployments.clone()))
            .retry(RetryConfig::new().seed(7))
            .hedge(HedgeConfig::new(Delay::Fixed(A_WHILE)))
            .race(2)
            .fallbacks(fallbacks());
        layer_fn(move |client| preset.clone().build(client).expect("there is one group"))
    }

    /// That everything was given back.
    pub(super) fn assert_at_rest(&self, when: &dyn fmt::Display) {
        for deployment in &self.deployments {
            let id = deployment.id();
            let load = deployment.load().in_flight();
            assert_eq!(load, 0, "{when}: calls in the load of {id}");
            let limits = deployment.limits().in_flight();
            assert_eq!(limits, 0, "{when}: permits of {id}");
        }
        let extra = self.budget.extra_in_flight();
        assert_eq!(extra, 0, "{when}: extra attempts in the budget");
        let requests = self.budget.requests_in_flight();
        assert_eq!(requests, 0, "{when}: requests in the budget");
    }
}

/// A time that is longer than a few polls, and shorter than many.
pub(super) const A_WHILE: Duration = Duration::from_millis(700);

/// Two models to fall back to.
pub(super) fn fallbacks() -> Fallbacks {
    Fallbacks::default().general(MODEL, ["slow", "other"])
}

/// A deployment that speaks another dialect than the callers.
pub(super) fn foreign() -> Arc<Deployment> {
    Deployment::builder("foreign", MODEL, Dialect::Anthropic).build()
}
