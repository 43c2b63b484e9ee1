use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Uri};

use super::{
    AllowedFails, Auth, Days, Deployment, Limits, Measure, Platform, Profile, TierTimeouts,
};
use crate::controls::Mock;
use crate::{Dialect, FieldPath, Health, ModelInfo, Pricing};

/// Puts a [`Deployment`] together.
///
/// # Defaults
///
/// * the provider and its model are named as the dialect and the model that callers ask for;
/// * the base URL is that of the provider whose dialect it is, and there is no key;
/// * weight 1, order 0, no timeouts and no limits of its own;
/// * it is left alone as the settings of the stack have it;
/// * `max_tokens` is 4096 where a provider demands one;
/// * no tags, and nobody knows where it is;
/// * a parameter that the provider cannot express is an error, and none is left out or passed on besides;
/// * what the model thinks is told apart from what it says;
/// * nothing is peculiar to the provider, and nothing is known about the model, nor about its price.
#[derive(Debug)]
#[must_use]
pub struct DeploymentBuilder(Deployment);

impl DeploymentBuilder {
    pub(super) fn new(id: Arc<str>, model: Arc<str>, dialect: Dialect) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);

        let base_url = match dialect {
            Dialect::Anthropic => Uri::from_static("https://api.anthropic.com/v1"),
            Dialect::Bedrock => Uri::from_static("https://bedrock-runtime.us-east-1.amazonaws.com"),
            Dialect::Cohere => Uri::from_static("https://api.cohere.com"),
            Dialect::Gemini => Uri::from_static("https://generativelanguage.googleapis.com/v1beta"),
            Dialect::Completions | Dialect::OpenAi | Dialect::Responses => {
                Uri::from_static("https://api.openai.com/v1")
            }
        };
        Self(Deployment {
            key: NEXT.fetch_add(1, Ordering::Relaxed),
            id_value: HeaderValue::from_str(&id).ok(),
            id,
            upstream_model: Arc::clone(&model),
            model_value: HeaderValue::from_str(&model).ok(),
            model,
            dialect,
            provider: dialect.as_str().into(),
            base_url,
            platform: Platform::Own,
            auth: Auth::None,
            headers: HeaderMap::new(),
            weight: 1.0,
            order: 0,
            num_retries: None,
            timeout: None,
            stream_timeout: None,
            tier_timeouts: Arc::default(),
            cooldown_time: None,
            allowed_fails: AllowedFails::new(),
            max_tokens: None,
            base_model: None,
            tags: Arc::default(),
            user_agents: Arc::default(),
            region: None,
            default_params: None,
            drop_params: false,
            drop_fields: Arc::default(),
            allowed_params: Arc::default(),
            merge_reasoning: false,
            modify_params: false,
            mock: None,
            model_info: ModelInfo::default(),
            pricing: Pricing::default(),
            profile: Arc::default(),
            health: Arc::default(),
            load: Arc::default(),
            limits: Arc::default(),
        })
    }

    /// Names the provider.
    pub fn provider(mut self, provider: impl Into<Arc<str>>) -> Self {
        self.0.provider = provider.into();
        self
    }

    /// Sets the provider's name for the model.
    pub fn upstream_model(mut self, model: impl Into<Arc<str>>) -> Self {
        self.0.upstream_model = model.into();
        self
    }

    /// Sets what the paths of the dialect are appended to, such as `https://api.openai.com/v1`.
    pub fn base_url(mut self, base_url: Uri) -> Self {
        self.0.base_url = base_url;
        self
    }

    /// Sets whose servers these are, where paths and bodies differ by it.
    pub fn platform(mut self, platform: Platform) -> Self {
        self.0.platform = platform;
        self
    }

    /// Sets how the provider is shown the key.
    pub fn auth(mut self, auth: Auth) -> Self {
        self.0.auth = auth;
        self
    }

    /// Adds headers to each request.
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.0.headers.extend(headers);
        self
    }

    /// Sets its share of the traffic. Clamped to between zero, when it is used if no other can be, and
    /// a billion, so that the weights of a group have a sum.
    pub fn weight(mut self, weight: f64) -> Self {
        self.0.weight = if weight.is_nan() {
            0.0
        } else {
            weight.clamp(0.0, 1e9)
        };
        self
    }

    /// Sets its rank.
    pub fn order(mut self, order: i64) -> Self {
        self.0.order = order;
        self
    }

    /// Sets how often a failure of it is tried again, wherever that is.
    pub fn num_retries(mut self, retries: u8) -> Self {
        self.0.num_retries = Some(retries);
        self
    }

    /// Sets how long a whole answer may take.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout = Some(timeout);
        self
    }

    /// Sets how long the first content of a streamed answer may take.
    pub fn stream_timeout(mut self, timeout: Duration) -> Self {
        self.0.stream_timeout = Some(timeout);
        self
    }

    /// Sets how long answers of some classes of service may take.
    pub fn tier_timeouts(mut self, tiers: impl IntoIterator<Item = TierTimeouts>) -> Self {
        self.0.tier_timeouts = tiers.into_iter().collect();
        self
    }

    /// Sets how long it is left alone, whatever the provider asks for and the settings of the stack say.
    /// Zero for never.
    pub fn cooldown_time(mut self, time: Duration) -> Self {
        self.0.cooldown_time = Some(time);
        self
    }

    /// Sets how many failures it may have before it is left alone. What has no number here goes by the
    /// settings of the stack.
    pub fn allowed_fails(mut self, allowed: AllowedFails) -> Self {
        self.0.allowed_fails = allowed;
        self
    }

    /// Makes it go by the health of its provider as well, see [`Health::depend_on`].
    pub fn provider_health(self, provider: &Arc<Health>) -> Self {
        self.0.health.depend_on(provider);
        self
    }

    /// Sets how many calls may be in flight.
    pub fn max_in_flight(self, max: u32) -> Self {
        self.limit(|limits| limits.with_max_in_flight(max))
    }

    /// Sets how many requests there may be in a minute. Zero is none at all.
    pub fn requests_per_minute(self, requests: u64) -> Self {
        self.limit(|limits| limits.with_requests_per_minute(requests))
    }

    /// Sets how many tokens there may be in a minute, of prompts and answers together. Zero is none at all.
    pub fn tokens_per_minute(self, tokens: u64) -> Self {
        self.limit(|limits| limits.with_tokens_per_minute(tokens))
    }

    /// Sets how much of a kind there may be. Zero is none at all.
    pub fn at_most(self, of: Measure, limit: u64) -> Self {
        self.limit(|limits| limits.with(of, limit))
    }

    /// Sets when the days begin for which there are limits. If nobody says so, it is at midnight UTC.
    pub fn days(self, days: Days) -> Self {
        self.limit(|limits| limits.with_days(days))
    }

    fn limit(mut self, set: impl FnOnce(Limits) -> Limits) -> Self {
        // Nobody else has it yet.
        let limits = Arc::try_unwrap(std::mem::take(&mut self.0.limits));
        self.0.limits = Arc::new(set(limits.unwrap_or_default()));
        self
    }

    /// Sets the `max_tokens` of a call that has none, for a provider that demands one.
    pub fn default_max_tokens(mut self, max_tokens: u32) -> Self {
        self.0.max_tokens = Some(max_tokens);
        self
    }

    /// Names the model whose abilities it has, where the provider's name for it does not tell.
    pub fn base_model(mut self, model: impl Into<Arc<str>>) -> Self {
        self.0.base_model = Some(model.into());
        self
    }

    /// Sets the tags by which calls ask for it.
    pub fn tags<T: Into<Arc<str>>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.0.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Sets regular expressions for the programs whose calls are for it: each for a text such as
    /// `User-Agent: curl/8.5.0`. They count where tags do.
    pub fn user_agents<T: Into<Arc<str>>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        self.0.user_agents = patterns.into_iter().map(Into::into).collect();
        self
    }

    /// Says where it is, in the provider's words: `eu-west-1`, `europe-west4`, `eu`.
    pub fn region(mut self, region: impl Into<Arc<str>>) -> Self {
        self.0.region = Some(region.into());
        self
    }

    /// Sets parameters for calls that do not set them: a JSON object.
    pub fn default_params(mut self, object: Bytes) -> Self {
        self.0.default_params = Some(object);
        self
    }

    /// Sets whether a parameter that the provider cannot express is dropped.
    pub fn drop_params(mut self, drop: bool) -> Self {
        self.0.drop_params = drop;
        self
    }

    /// Sets the fields that are left out of calls, and of the parameters for calls that do not set them.
    pub fn drop_fields(mut self, fields: impl IntoIterator<Item = FieldPath>) -> Self {
        self.0.drop_fields = fields.into_iter().collect();
        self
    }

    /// Sets the parameters that are passed on though the provider is not known to take them.
    pub fn allowed_params<T: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.0.allowed_params = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets whether what the model thinks is told as a part of what it says.
    pub fn merge_reasoning(mut self, merge: bool) -> Self {
        self.0.merge_reasoning = merge;
        self
    }

    /// Sets whether the user is made to say something where a provider insists on it.
    pub fn modify_params(mut self, modify: bool) -> Self {
        self.0.modify_params = modify;
        self
    }

    /// Makes it answer this, and never ask its provider.
    pub fn mock(mut self, mock: Mock) -> Self {
        self.0.mock = Some(mock);
        self
    }

    /// Sets what is known about the model.
    pub fn model_info(mut self, info: ModelInfo) -> Self {
        self.0.model_info = info;
        self
    }

    /// Sets what is known about the price of its calls.
    pub fn pricing(mut self, pricing: Pricing) -> Self {
        self.0.pricing = pricing;
        self
    }

    /// Sets what is peculiar to its provider.
    pub fn profile(mut self, profile: impl Into<Arc<Profile>>) -> Self {
        self.0.profile = profile.into();
        self
    }

    /// Goes on where `old` has left off: whether it may be used, how busy and how quick it is, and what is
    /// in flight. Both share that from now on, so what `old` has under way counts for both.
    ///
    /// Nothing is taken over from another place, or from the same place with another key: what was learnt
    /// there says nothing of this one. Limits that have changed start anew. A key that is made for each
    /// request is taken for the same. What is set after this is not looked at, so this goes last.
    pub fn continue_from(mut self, old: &Deployment) -> Self {
        if self.0.is_at(old) {
            self.0.key = old.key;
            self.0.health = Arc::clone(&old.health);
            self.0.load = Arc::clone(&old.load);
            if self.0.limits.has_settings_of(&old.limits) {
                self.0.limits = Arc::clone(&old.limits);
            }
        }
        self
    }

    /// The deployment.
    pub fn build(self) -> Arc<Deployment> {
        Arc::new(self.0)
    }
}
