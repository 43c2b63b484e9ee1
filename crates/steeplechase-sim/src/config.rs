//! The settings of a sim, as plain data.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use crate::aws::Aws;
use crate::behaviour::Behaviour;
use crate::latency::Latency;
use crate::quirks::Quirks;

/// What a [`Sim`](crate::Sim) was built with.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) name: Arc<str>,
    /// The name, if it can be in a header.
    pub(crate) name_header: Option<HeaderValue>,
    pub(crate) seed: u64,
    pub(crate) head: Latency,
    pub(crate) first_token: Latency,
    pub(crate) between_tokens: Latency,
    pub(crate) tokens: usize,
    pub(crate) faults: Vec<(f64, Arc<Behaviour>)>,
    pub(crate) brownouts: Vec<Brownout>,
    pub(crate) always: Arc<Behaviour>,
    pub(crate) key: Option<Secret>,
    pub(crate) google_token: Option<Secret>,
    pub(crate) aws: Option<Aws>,
    pub(crate) models: Vec<String>,
    pub(crate) record: usize,
    pub(crate) prebuilt: bool,
    pub(crate) quirks: Quirks,
}

impl Config {
    pub(crate) fn new(name: String) -> Self {
        Self {
            name_header: HeaderValue::from_str(&name).ok(),
            name: name.into(),
            seed: 0,
            head: Latency::ZERO,
            first_token: Latency::ZERO,
            between_tokens: Latency::ZERO,
            tokens: 16,
            faults: Vec::new(),
            brownouts: Vec::new(),
            always: Arc::default(),
            key: None,
            google_token: None,
            aws: None,
            models: vec!["sim-model".to_owned()],
            record: 1024,
            prebuilt: false,
            quirks: Quirks::new(),
        }
    }
}

/// A bad time, counted from the first request.
#[derive(Clone, Debug)]
pub(crate) struct Brownout {
    pub(crate) during: Range<Duration>,
    pub(crate) factor: f64,
    pub(crate) fault_share: f64,
}

/// A key, which is not to be printed.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}
