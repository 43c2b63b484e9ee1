use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use steeplechase::layers::cooldown::CooldownConfig;
use steeplechase::layers::hedge::{Delay, HedgeConfig};
use steeplechase::layers::models::TableError;
use steeplechase::preset::{Group, Preset, Stack};
use steeplechase::{Deployment, Dialect};
use steeplechase_sim::{Behaviour, Latency, Sim, SimBody, SimError};
use tower::{Service, ServiceExt};

/// The model that the providers serve.
pub(super) const MODEL: &str = "demo";

pub(super) const DESCRIPTION: &str = "\
Three simulated providers serve one model. Their first token takes 60 ms as a rule; one in 25 takes
seconds, and one in 200 fails. From the first second to the third, one of them browns out: four times
as slow, and every third answer an error. The same calls go through each of four stacks.
";

const PROVIDERS: [&str; 3] = ["north", "south", "east"];

/// What a stack does about slowness and failure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Variant {
    Nothing,
    Retry,
    Hedge,
    Race,
}

/// The providers, new and at rest.
pub(super) struct World {
    sims: Vec<Sim>,
}

impl Variant {
    pub(super) const ALL: [Self; 4] = [Self::Nothing, Self::Retry, Self::Hedge, Self::Race];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "no resilience",
            Self::Retry => "retry",
            Self::Hedge => "retry + hedge",
            Self::Race => "race of two",
        }
    }

    fn preset(self) -> Preset {
        match self {
            Self::Nothing => Preset::new()
                .max_attempts(1)
                .cooldown(CooldownConfig::new().disabled()),
            Self::Retry => Preset::new(),
            Self::Hedge => Preset::new().hedge(HedgeConfig::new(Delay::Auto)),
            Self::Race => Preset::new().race(2),
        }
    }
}

impl World {
    pub(super) fn new() -> Self {
        let sims = PROVIDERS.iter().zip(1..).map(|(name, seed)| {
            let usual = Latency::lognormal(Duration::from_millis(60), 0.5);
            let tail = Latency::lognormal(Duration::from_millis(1800), 0.4);
            let sim = Sim::new(*name)
                .seed(seed)
                .first_token(usual.tail(0.04, tail))
                .between_tokens(Latency::fixed(Duration::from_millis(5)))
                .tokens(12)
                .faults(0.005, Behaviour::error(500));
            if seed == 1 {
                sim.brownout(Duration::from_secs(1)..Duration::from_secs(3), 4.0, 0.33)
            } else {
                sim
            }
        });
        Self {
            sims: sims.collect(),
        }
    }

    /// How many attempts have reached the providers.
    pub(super) fn started(&self) -> u64 {
        self.sims.iter().map(|sim| sim.counts().started).sum()
    }

    /// The stack of a variant, in front of these providers.
    pub(super) fn stack(&self, variant: Variant) -> Result<Stack, TableError> {
        let deployments = PROVIDERS.iter().map(|name| {
            let url = format!("http://{name}.invalid/v1");
            Deployment::builder(*name, MODEL, Dialect::OpenAi)
                .provider(*name)
                .base_url(url.parse().expect("a name makes a URL"))
                .build()
        });
        let group = Group::new(MODEL, deployments);
        variant.preset().group(group).build(self.network())
    }

    /// The providers as one HTTP client sees them: by host.
    fn network(
        &self,
    ) -> impl Service<
        Request<Full<Bytes>>,
        Response = Response<SimBody>,
        Error = SimError,
        Future: Send,
    > + Clone
    + Send
    + Sync
    + 'static {
        let sims: Arc<[Sim]> = self.sims.as_slice().into();
        tower::service_fn(move |request: Request<Full<Bytes>>| {
            let host = request.uri().host().unwrap_or_default();
            let found = PROVIDERS.iter().position(|name| host.starts_with(name));
            let sim = sims[found.unwrap_or(0)].clone();
            sim.oneshot(request)
        })
    }
}

/// The names of the providers, as the banner has them.
pub(super) fn providers() -> Vec<Arc<str>> {
    PROVIDERS.iter().map(|name| Arc::from(*name)).collect()
}
