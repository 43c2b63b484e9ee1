use std::time::Duration;

use http::HeaderName;
use steeplechase::dialects::catalog::models::Unpriced;
use steeplechase::dialects::intake::Overrides;

use crate::config::Secret;

/// `general_settings`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GeneralSettings {
    /// The key that callers must show; without one, every caller is served. From the environment
    /// variable `LITELLM_MASTER_KEY` if it is not written.
    pub master_key: Option<Secret>,
    /// The only header that the key is shown in, if there is one.
    pub key_header: Option<HeaderName>,
    /// How many bytes a call may have. At least 1.
    pub max_request_size: Option<usize>,
    /// The model for chats that name none.
    pub completion_model: Option<String>,
    /// The model for embeddings that name none.
    pub embedding_model: Option<String>,
    /// Whether streams of chats end with their usage where the caller has not said whether they should.
    pub always_include_stream_usage: bool,
    /// The model for moderations that name none.
    pub moderation_model: Option<String>,
    /// What is to happen to calls whose price nobody knows. LiteLLM has no such thing.
    pub unpriced: Unpriced,
    /// How many calls may be in progress at once, and how many may wait.
    pub admission: Admission,
    /// What callers may ask of the gateway itself. LiteLLM has no such thing.
    pub caller_overrides: Overrides,
    /// How many decisions are kept to be looked at; zero for none. LiteLLM has no such thing.
    pub decisions: Option<u32>,
}

/// `max_in_flight_requests_per_worker` and what goes with it. There is one worker here.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Admission {
    /// How many calls may be in progress at once. At least 1.
    pub max_in_flight: Option<u32>,
    /// How many may wait.
    pub max_queued: Option<u32>,
    /// How long one may wait.
    pub max_wait: Option<Duration>,
}
