use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};
use steeplechase::Cost;
use steeplechase::deployment::AllowedFails;
use steeplechase::layers::retry::RetryPolicy;

use super::{BudgetSettings, DeploymentParams};

/// How calls are routed, and what happens when they fail.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a key of the file, not a state"
)]
pub struct RouterSettings {
    /// How a deployment of a group is picked.
    pub routing_strategy: RoutingStrategy,
    /// Settings of the strategy.
    pub routing_strategy_args: RoutingArgs,
    /// Models with a strategy of their own, and names for several models together.
    pub routing_groups: Vec<RoutingGroup>,
    /// Whether calls of one conversation go to the same deployment while that is not too busy.
    pub affinity: bool,
    /// The same, for the models that are named.
    pub affinity_of_groups: BTreeMap<String, bool>,
    /// The shares of the deployments of a model, by their ids.
    pub weights: BTreeMap<String, BTreeMap<String, f64>>,
    /// After how long a silence of a stream there is a sign of life; zero for never.
    pub keepalive: Option<Duration>,
    /// The same, for callers of Anthropic's Messages.
    pub messages_keepalive: Option<Duration>,
    /// How often a failed call is retried.
    pub num_retries: Option<u32>,
    /// How often each kind of failure is tried again.
    pub retry_policy: RetryPolicy,
    /// The same, for the models that are named.
    pub model_group_retry_policy: Vec<(String, RetryPolicy)>,
    /// How long an answer may take.
    pub timeout: Option<Duration>,
    /// How long a streamed answer may take.
    pub stream_timeout: Option<Duration>,
    /// How many failures a deployment may have before it rests.
    pub allowed_fails: Option<u32>,
    /// The same, for each kind of failure.
    pub allowed_fails_policy: AllowedFails,
    /// How long a deployment rests.
    pub cooldown_time: Option<Duration>,
    /// Whether deployments never rest.
    pub disable_cooldowns: bool,
    /// Whether a request is kept away from deployments into which its prompt does not fit.
    pub enable_pre_call_checks: bool,
    /// The models to try when one fails, in order. `*` stands for every model.
    pub fallbacks: Vec<(String, Vec<FallbackTarget>)>,
    /// The models to try when a request is too long for one.
    pub context_window_fallbacks: Vec<(String, Vec<FallbackTarget>)>,
    /// The models to try when one refuses a request for its content.
    pub content_policy_fallbacks: Vec<(String, Vec<FallbackTarget>)>,
    /// The models to try when there are no others to try.
    pub default_fallbacks: Vec<FallbackTarget>,
    /// How many other models are tried at most.
    pub max_fallbacks: Option<u8>,
    /// Whether a streamed answer that breaks off goes on with another deployment.
    pub continuation: bool,
    /// Further names for models.
    pub model_group_alias: Vec<Alias>,
    /// The least time between two tries of one deployment.
    pub retry_after: Option<Duration>,
    /// Whether parameters that a provider does not know are left out; deployments can differ.
    pub drop_params: Option<bool>,
    /// The parameters that are passed on to any provider, beside those of a deployment.
    pub allowed_params: Vec<String>,
    /// Whether a conversation is made such that a provider takes it, by words that nobody has said.
    pub modify_params: bool,
    /// Whether requests go only to deployments that have the tags that they ask for.
    pub enable_tag_filtering: bool,
    /// Whether one of the tags is enough.
    pub tag_filtering_match_any: Option<bool>,
    /// What the tags that count begin with.
    pub tag_routing_prefix: Option<String>,
    /// What may be spent with providers.
    pub provider_budgets: Vec<(String, BudgetSettings)>,
    /// What may be spent for calls that have a tag: `tag_budget_config` of `litellm_settings`.
    pub tag_budgets: Vec<(String, BudgetSettings)>,
    /// Settings of every deployment that does not have its own.
    pub default_litellm_params: DeploymentParams,
    /// The place in a line of requests that do not say. Lower is sooner.
    pub default_priority: Option<i32>,
    /// How long a request may wait when all deployments of a model have as many under way as they take.
    pub queue: Option<Duration>,
    /// Whose ways count where ours are others.
    pub compat: Compat,
    /// Whether an attempt is given up for another one when its stream takes unusually long to begin, where nobody has
    /// said how long it may take. LiteLLM has no such thing.
    pub patience: Option<bool>,
    /// Whether a slow call is sent a second time. LiteLLM has no such thing.
    pub hedge: Option<HedgeSettings>,
    /// Whether calls are sent to several deployments at once. LiteLLM has no such thing.
    pub race: Option<RaceSettings>,
}

/// How a deployment is picked among those of a model.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum RoutingStrategy {
    /// At random, by weight.
    #[default]
    SimpleShuffle,
    /// The one with the fewest calls under way.
    LeastBusy,
    /// The one that has been fastest.
    LatencyBased,
    /// The one of whose limits the least is used.
    UsageBased,
    /// The one that costs least for the call.
    CostBased,
    /// The fastest of those that are not busy. LiteLLM has no such thing.
    HotCold,
    /// More often the one that fails less. LiteLLM has no such thing.
    SuccessRate,
    /// The cheapest of those that are fast enough. LiteLLM has no such thing.
    SloCheapest,
}

/// `routing_strategy_args`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RoutingArgs {
    /// How long a measured latency counts.
    pub ttl: Option<Duration>,
    /// How much slower than the fastest a deployment may be to be picked too: 0.1 for a tenth.
    pub lowest_latency_buffer: Option<f64>,
    /// The time to the first token that is fast enough.
    pub first_token: Option<Duration>,
}

/// An item of `routing_groups`: models that are routed in a way of their own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoutingGroup {
    /// What callers may ask for to get any of the models.
    pub name: String,
    /// The models, by their `model_name`.
    pub models: Vec<String>,
    /// How a deployment of them is picked.
    pub strategy: RoutingStrategy,
    /// Settings of the strategy.
    pub args: RoutingArgs,
    /// Which models are used first: those with the lowest.
    pub priorities: BTreeMap<String, i64>,
}

/// A model to try.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FallbackTarget {
    /// The model.
    pub model: String,
    /// Fields that replace those of the request.
    pub fields: Map<String, Value>,
}

/// Whose ways count where ours are others.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Compat {
    /// Ours.
    #[default]
    Native,
    /// LiteLLM's, for what users can rely on.
    Litellm,
}

/// An entry of `model_group_alias`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Alias {
    /// What callers may ask for.
    pub alias: String,
    /// What they get: a `model_name`.
    pub model: String,
    /// Whether the alias is left out where models are listed.
    pub hidden: bool,
}

/// `router_settings.hedge`: when a slow call is sent a second time, and how often at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HedgeSettings {
    /// How long the first try has before the second begins.
    pub delay: HedgeDelay,
    /// The most calls that hedging may add, as a share of all calls: 0 to 1.
    pub max_extra: f64,
    /// What a call may cost, by estimate, to be sent a second time.
    pub max_cost: Option<Cost>,
    /// How many times as much as the first try the second may cost, by estimate.
    pub max_cost_ratio: Option<f64>,
}

impl Default for HedgeSettings {
    /// A delay that follows the traffic, and at most 5 % more calls.
    fn default() -> Self {
        Self {
            delay: HedgeDelay::Auto,
            max_extra: 0.05,
            max_cost: None,
            max_cost_ratio: None,
        }
    }
}

/// How long a call waits for its first try.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum HedgeDelay {
    /// As long as nearly all calls take, as measured.
    #[default]
    Auto,
    /// This long.
    Fixed(Duration),
}

/// `router_settings.race`: how many deployments get each call at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RaceSettings {
    /// How many: 2 to 5.
    pub width: u8,
}

impl Default for RaceSettings {
    /// Two.
    fn default() -> Self {
        Self { width: 2 }
    }
}

// ===== impl RouterSettings =====

impl RouterSettings {
    /// Whether an attempt is given up for another one when its stream takes unusually long to begin, where nobody has
    /// said how long it may take.
    pub fn has_patience(&self) -> bool {
        self.patience.unwrap_or(self.compat == Compat::Native)
    }
}

// ===== impl RoutingStrategy =====

impl RoutingStrategy {
    /// The names by which a configuration has them: LiteLLM's, and then ours. Where one has two names, the
    /// first is its own.
    pub(crate) const NAMES: [(&'static str, Self); 10] = [
        ("simple-shuffle", Self::SimpleShuffle),
        ("least-busy", Self::LeastBusy),
        ("latency-based-routing", Self::LatencyBased),
        ("usage-based-routing", Self::UsageBased),
        ("usage-based-routing-v2", Self::UsageBased),
        ("cost-based-routing", Self::CostBased),
        // Budgets are kept with any strategy.
        ("provider-budget-routing", Self::SimpleShuffle),
        ("hot-cold", Self::HotCold),
        ("success-rate", Self::SuccessRate),
        ("slo-cheapest", Self::SloCheapest),
    ];

    /// Its name in a configuration.
    pub(crate) fn as_str(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, strategy)| *strategy == self);
        found.map_or("", |(name, _)| name)
    }
}

// ===== impl FallbackTarget =====

impl From<&str> for FallbackTarget {
    fn from(model: &str) -> Self {
        Self {
            model: model.to_owned(),
            fields: Map::new(),
        }
    }
}
