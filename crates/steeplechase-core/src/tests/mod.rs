//! What the words mean, one sentence for each test.

mod attempts;
mod auto_traits;
mod budget;
mod call;
mod chunk;
mod class;
mod classify;
mod dependencies;
mod deployment;
mod error;
mod fails;
mod field_path;
mod headroom;
mod health;
mod limits;
mod load;
mod model_info;
mod price;
mod purse;
mod rates;
mod retry_after;
mod turns;
mod windows;

use std::future::Future;
use std::time::Duration;

use crate::{Class, Phase};

const ONE_MILLI: Duration = Duration::from_millis(1);
const ALMOST_A_SECOND: Duration = Duration::from_millis(999);
const SECOND: Duration = Duration::from_secs(1);

/// Every class there is. A new one does not compile until it is counted and listed.
const CLASSES: [Class; Class::COUNT] = [
    Class::Auth,
    Class::Cancelled,
    Class::ContentPolicy,
    Class::ContextWindow,
    Class::Empty,
    Class::Internal,
    Class::InvalidRequest,
    Class::NotFound,
    Class::Overloaded,
    Class::Quota,
    Class::RateLimited,
    Class::Server,
    Class::Timeout(Phase::FirstToken),
    Class::TooLarge,
    Class::Transport,
    Class::Truncated,
    Class::Unauthenticated,
    Class::Unavailable,
    Class::Unsupported,
];

const _: () = {
    let mut at = 0;
    while at < CLASSES.len() {
        assert!(CLASSES[at].index() == at, "listed twice, or not in order");
        at += 1;
    }
};

/// Runs a future to its end with the clock paused.
fn paused<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

/// Wraps an error in others, as boxing layers do.
#[derive(Debug)]
struct Wrapped(crate::BoxError);

impl Wrapped {
    fn times(depth: usize, error: crate::BoxError) -> crate::BoxError {
        (0..depth).fold(error, |error, _| Box::new(Self(error)))
    }
}

impl std::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("something went wrong inside")
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}
