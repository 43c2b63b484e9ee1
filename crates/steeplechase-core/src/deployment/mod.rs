//! Where a call can be served.
//!
//! ```text
//!  model "fast" ──► group of   ┌─ Deployment "eu-1" ── health()  may it be used now?
//!                   deployments│   provider, base URL ─ load()    how busy and how quick is it?
//!                              │   key, upstream model ─ limits() how much does it take?  
//!                              └─ Deployment "us-1" ── …
//! ```
//!
//! What never changes about a deployment is a field; what does is behind a handle. The layers of a
//! deployment's stack write to the handles, and whoever picks a deployment reads them; nothing about a
//! deployment is ever looked up by name while a request waits.
//!
//! # Example
//!
//! ```
//! use steeplechase_core::deployment::{Auth, Deployment};
//! use steeplechase_core::{ApiKey, Dialect};
//!
//! let deployment = Deployment::builder("eu-1", "fast", Dialect::OpenAi)
//!     .provider("openai")
//!     .upstream_model("gpt-4o-mini")
//!     .base_url("https://api.openai.com/v1".parse().unwrap())
//!     .auth(Auth::Bearer(ApiKey::new("sk-secret")))
//!     .weight(2.0)
//!     .build();
//!
//! assert_eq!(deployment.id(), "eu-1");
//! assert!(!format!("{deployment:?}").contains("sk-secret"));
//! ```

mod authorize;
mod builder;
mod fails;
mod health;
pub mod limits;
mod load;
mod peak;
mod platform;
mod profile;
mod tiers;
mod turns;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Uri};

pub use self::authorize::{Auth, Authorize};
pub use self::builder::DeploymentBuilder;
pub use self::fails::{AllowedFails, FailureKind};
pub use self::health::{Availability, Circuit, FailOpen, Health};
pub use self::limits::{Days, Full, Headroom, Limits, Measure, Need, Permit, Quota};
pub use self::load::{InFlight, Load};
pub use self::platform::Platform;
pub use self::profile::{
    CallIds, Endpoint, Limit, MessageRules, ModelNames, ModelRules, ParamRules, Profile,
    StreamUsage, Texts,
};
pub use self::tiers::TierTimeouts;
pub use self::turns::Turns;
use crate::controls::Mock;
use crate::{Dialect, FieldPath, ModelInfo, Pricing};

/// One place where a model is served: a provider, a base URL, a key and the provider's model.
///
/// It is shared as an `Arc`, and built by [`Deployment::builder`]. A clone is the same place: what is known of one is
/// known of the other.
#[derive(Clone)]
pub struct Deployment {
    key: u32,
    id: Arc<str>,
    id_value: Option<HeaderValue>,
    model: Arc<str>,
    model_value: Option<HeaderValue>,
    dialect: Dialect,
    provider: Arc<str>,
    upstream_model: Arc<str>,
    base_url: Uri,
    platform: Platform,
    auth: Auth,
    headers: HeaderMap,
    weight: f64,
    order: i64,
    num_retries: Option<u8>,
    timeout: Option<Duration>,
    stream_timeout: Option<Duration>,
    tier_timeouts: Arc<[TierTimeouts]>,
    cooldown_time: Option<Duration>,
    allowed_fails: AllowedFails,
    max_tokens: Option<u32>,
    base_model: Option<Arc<str>>,
    tags: Arc<[Arc<str>]>,
    user_agents: Arc<[Arc<str>]>,
    region: Option<Arc<str>>,
    default_params: Option<Bytes>,
    drop_params: bool,
    drop_fields: Arc<[FieldPath]>,
    allowed_params: Arc<[Box<str>]>,
    merge_reasoning: bool,
    modify_params: bool,
    mock: Option<Mock>,
    model_info: ModelInfo,
    pricing: Pricing,
    profile: Arc<Profile>,
    health: Arc<Health>,
    load: Arc<Load>,
    limits: Arc<Limits>,
}

/// In the extensions of a request: only these deployments of its group may serve it, by their
/// [keys](Deployment::key), as it was asked for by a name of theirs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Only(pub Arc<[u32]>);

impl Deployment {
    /// Starts one with an id that is its own, for the model that callers ask for.
    pub fn builder(
        id: impl Into<Arc<str>>,
        model: impl Into<Arc<str>>,
        dialect: Dialect,
    ) -> DeploymentBuilder {
        DeploymentBuilder::new(id.into(), model.into(), dialect)
    }

    /// A number that no other deployment of this process has, for quick comparison, but for one that it
    /// continues.
    pub fn key(&self) -> u32 {
        self.key
    }

    /// The name by which an operator knows it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name by which an operator knows it, as a handle.
    pub fn id_handle(&self) -> &Arc<str> {
        &self.id
    }

    /// The name by which an operator knows it, as the value of a header. `None` if no header can carry
    /// it.
    pub fn id_value(&self) -> Option<&HeaderValue> {
        self.id_value.as_ref()
    }

    /// The model that callers ask for.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The model that callers ask for, as the value of a header. `None` if no header can carry it.
    pub fn model_value(&self) -> Option<&HeaderValue> {
        self.model_value.as_ref()
    }

    /// The dialect that the provider speaks.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The provider's name.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The provider's name, as a handle.
    pub fn provider_handle(&self) -> &Arc<str> {
        &self.provider
    }

    /// The provider's name for the model.
    pub fn upstream_model(&self) -> &str {
        &self.upstream_model
    }

    /// What the paths of the dialect are appended to.
    pub fn base_url(&self) -> &Uri {
        &self.base_url
    }

    /// Whose servers these are, where paths and bodies differ by it.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// How the provider is shown the key.
    pub fn auth(&self) -> &Auth {
        &self.auth
    }

    /// More headers for each request.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Its share of the traffic, relative to the others of its model. Never negative.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// Its rank: those with the lowest are used while any of them can be.
    pub fn order(&self) -> i64 {
        self.order
    }

    /// How often a failure of it is tried again. `None` if it is as often as with any other.
    pub fn num_retries(&self) -> Option<u8> {
        self.num_retries
    }

    /// How long a whole answer may take.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// How long the first content of a streamed answer may take.
    pub fn stream_timeout(&self) -> Option<Duration> {
        self.stream_timeout
    }

    /// What is otherwise with the times of some classes of service.
    pub fn tier_timeouts(&self) -> &[TierTimeouts] {
        &self.tier_timeouts
    }

    /// How long it is left alone, whatever the provider asks for. Zero for never.
    pub fn cooldown_time(&self) -> Option<Duration> {
        self.cooldown_time
    }

    /// How many failures it may have before it is left alone.
    pub fn allowed_fails(&self) -> &AllowedFails {
        &self.allowed_fails
    }

    /// The `max_tokens` of a call that has none, for a provider that demands one.
    pub fn default_max_tokens(&self) -> u32 {
        self.max_tokens.unwrap_or(4096)
    }

    /// The same for a provider that does without: `None` unless one was chosen.
    pub fn max_tokens(&self) -> Option<u32> {
        self.max_tokens
    }

    /// The model whose abilities it has, where [`upstream_model`](Self::upstream_model) does not tell.
    pub fn base_model(&self) -> Option<&str> {
        self.base_model.as_deref()
    }

    /// The tags by which calls ask for it. The tag `default` is for calls that ask for none, or for none that
    /// there is.
    pub fn tags(&self) -> &Arc<[Arc<str>]> {
        &self.tags
    }

    /// Regular expressions for the programs whose calls are for it, each for a text such as
    /// `User-Agent: curl/8.5.0`.
    pub fn user_agents(&self) -> &Arc<[Arc<str>]> {
        &self.user_agents
    }

    /// Where it is, in the provider's words, if anybody has said so.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// A JSON object with parameters for calls that do not set them.
    pub fn default_params(&self) -> Option<&Bytes> {
        self.default_params.as_ref()
    }

    /// Whether a parameter that the provider cannot express is dropped, and not an error.
    pub fn drop_params(&self) -> bool {
        self.drop_params
    }

    /// The fields that are left out of calls, whatever the provider makes of them.
    pub fn drop_fields(&self) -> &[FieldPath] {
        &self.drop_fields
    }

    /// The parameters that are passed on though the provider is not known to take them.
    pub fn allowed_params(&self) -> &Arc<[Box<str>]> {
        &self.allowed_params
    }

    /// Whether what the model thinks is told as a part of what it says, between `<think>` and `</think>`.
    pub fn merge_reasoning(&self) -> bool {
        self.merge_reasoning
    }

    /// Whether a conversation that its provider refuses for who speaks first or last is made such that it takes it,
    /// by words of the user's that nobody has said.
    pub fn modify_params(&self) -> bool {
        self.modify_params
    }

    /// What it answers without asking its provider, if it is not to be called at all.
    pub fn mock(&self) -> Option<&Mock> {
        self.mock.as_ref()
    }

    /// The same place at another rank, for another group that it is in as well.
    #[must_use]
    pub fn at_order(&self, order: i64) -> Self {
        Self {
            order,
            ..self.clone()
        }
    }

    /// What is known about the model. Nothing, if the deployment serves all of a provider's.
    pub fn model_info(&self) -> &ModelInfo {
        &self.model_info
    }

    /// What is known about the price of its calls.
    pub fn pricing(&self) -> &Pricing {
        &self.pricing
    }

    /// What is peculiar to its provider.
    pub fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// Whether it may be used now.
    pub fn health(&self) -> &Arc<Health> {
        &self.health
    }

    /// How busy and how quick it is.
    pub fn load(&self) -> &Arc<Load> {
        &self.load
    }

    /// How much it takes, at a time, in a minute and in a day.
    pub fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// Whether it goes on where `old` has left off: see [`DeploymentBuilder::continue_from`].
    pub fn continues(&self, old: &Self) -> bool {
        Arc::ptr_eq(&self.health, &old.health)
    }

    /// Whether it is the same place as `other`, called with the same key.
    fn is_at(&self, other: &Self) -> bool {
        self.dialect == other.dialect
            && self.provider == other.provider
            && self.upstream_model == other.upstream_model
            && self.base_url == other.base_url
            && self.platform == other.platform
            && self.headers == other.headers
            && self.auth.shows_as(&other.auth)
    }
}

impl fmt::Debug for Deployment {
    // No URL, headers and parameters: an operator may have put a secret into any of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deployment")
            .field("id", &self.id)
            .field("model", &self.model)
            .field("dialect", &self.dialect)
            .field("provider", &self.provider)
            .field("upstream_model", &self.upstream_model)
            .field("host", &self.base_url.host())
            .field("auth", &self.auth)
            .field("health", &self.health)
            .field("load", &self.load)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
