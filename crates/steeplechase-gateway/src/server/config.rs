use std::time::Duration;

/// How long a server waits for clients, and how many it takes.
///
/// ```
/// use std::time::Duration;
/// use steeplechase_gateway::server::ServerConfig;
///
/// let config = ServerConfig::new()
///     .drain(Duration::from_secs(10))
///     .max_connections(500);
/// # let _ = config;
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct ServerConfig {
    pub(super) head_timeout: Duration,
    pub(super) write_timeout: Duration,
    pub(super) drain: Duration,
    pub(super) max_connections: usize,
}

impl ServerConfig {
    /// The defaults, which each setter names.
    pub const fn new() -> Self {
        Self {
            head_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(60),
            drain: Duration::from_secs(120),
            max_connections: 10_000,
        }
    }

    /// How long a client may take to say which HTTP it speaks, then to send the head of a request, or
    /// keep a connection without one. 30 s.
    pub const fn head_timeout(mut self, timeout: Duration) -> Self {
        self.head_timeout = timeout;
        self
    }

    /// How long a client may take nothing of what is sent to it. 60 s. Then its connection is closed,
    /// and the calls made for it are called off.
    pub const fn write_timeout(mut self, timeout: Duration) -> Self {
        self.write_timeout = timeout;
        self
    }

    /// How long answers in flight may take to finish once told to stop. 120 s.
    pub const fn drain(mut self, drain: Duration) -> Self {
        self.drain = drain;
        self
    }

    /// How many connections may be open at once, at least 1. 10,000. More wait to be accepted, in the
    /// queue of the operating system.
    ///
    /// Each needs a file descriptor, and one more for a call to a provider. Where `ulimit -n` allows
    /// fewer, that limit comes first: accepting fails, and is tried again.
    pub const fn max_connections(mut self, max: usize) -> Self {
        // More than this a semaphore cannot hold.
        const MOST: usize = tokio::sync::Semaphore::MAX_PERMITS;
        self.max_connections = match max {
            0 => 1,
            max if max > MOST => MOST,
            max => max,
        };
        self
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self::new()
    }
}
