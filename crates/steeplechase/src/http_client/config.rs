use std::time::Duration;

/// The settings of an [`HttpClient`](super::HttpClient).
///
/// # Defaults
///
/// * [`connect_timeout`](Self::connect_timeout): 3 s.
/// * [`idle_timeout`](Self::idle_timeout): 90 s.
/// * [`max_idle_per_host`](Self::max_idle_per_host): 64 in each pool.
/// * [`ping_interval`](Self::ping_interval): 20 s.
/// * [`pools`](Self::pools): 16, of [`streams_per_pool`](Self::streams_per_pool) 90 each: servers allow
///   100 streams on a connection, as a rule.
/// * [`http2_prior_knowledge`](Self::http2_prior_knowledge): no.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct HttpClientConfig {
    pub(super) connect_timeout: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) max_idle_per_host: usize,
    pub(super) ping_interval: Duration,
    pub(super) pools: u16,
    pub(super) streams_per_pool: u32,
    pub(super) http2_prior_knowledge: bool,
}

impl HttpClientConfig {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            idle_timeout: Duration::from_secs(90),
            max_idle_per_host: 64,
            ping_interval: Duration::from_secs(20),
            pools: 16,
            streams_per_pool: 90,
            http2_prior_knowledge: false,
        }
    }

    /// Sets how long DNS, TCP and TLS may take together.
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long a connection is kept that is not used.
    pub const fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets how many connections that are not used are kept for a host, in each pool.
    pub const fn max_idle_per_host(mut self, max: usize) -> Self {
        self.max_idle_per_host = max;
        self
    }

    /// Sets how often an HTTP/2 connection is pinged. One that does not answer in as long is closed.
    pub const fn ping_interval(mut self, interval: Duration) -> Self {
        self.ping_interval = interval;
        self
    }

    /// Sets how many pools there are, which is also how many HTTP/2 connections a host can have. There
    /// is always one.
    pub const fn pools(mut self, pools: u16) -> Self {
        self.pools = pools;
        self
    }

    /// Sets how many requests are in flight in a pool before the next one is used.
    pub const fn streams_per_pool(mut self, streams: u32) -> Self {
        self.streams_per_pool = streams;
        self
    }

    /// Speaks HTTP/2 to `http://` hosts too, which have no way to negotiate it.
    pub const fn http2_prior_knowledge(mut self, yes: bool) -> Self {
        self.http2_prior_knowledge = yes;
        self
    }
}

impl Default for HttpClientConfig {
    fn default() -> Self {
        Self::new()
    }
}
