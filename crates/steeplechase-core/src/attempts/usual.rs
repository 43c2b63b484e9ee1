use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::deployment::Turns;
use crate::{Cached, Deployment};

/// How long it usually takes to the first content of a group, as far as its deployments know.
#[derive(Debug, Default)]
pub(super) struct Usual {
    known: Mutex<Arc<Known>>,
    turns: Turns,
}

#[derive(Debug, Default)]
struct Known {
    pool: Arc<[Arc<Deployment>]>,
    half: Cached,
}

/// Fewer first contents than this say little.
const ENOUGH: u64 = 50;

/// How long it is kept before it is found out anew.
const KEEP: Duration = Duration::from_secs(1);

impl Usual {
    /// Goes by these deployments from now on.
    pub(super) fn go_by(&self, pool: Arc<[Arc<Deployment>]>) {
        *self.known() = Arc::new(Known {
            pool,
            half: Cached::new(),
        });
    }

    /// Half of the first contents do not take longer: those of the quickest deployment that may be used, as that
    /// is where an attempt may go. `None` if too little is known.
    pub(super) fn half(&self, now: Instant) -> Option<Duration> {
        let known = Arc::clone(&self.known());
        known.half.get(now, KEEP, || {
            let some = self.turns.of(&known.pool);
            some.filter_map(|it| half_of(it, now)).min()
        })
    }

    fn known(&self) -> MutexGuard<'_, Arc<Known>> {
        // No code that can panic runs under the lock.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn half_of(deployment: &Deployment, now: Instant) -> Option<Duration> {
    if !deployment.health().is_ready(now) {
        return None;
    }
    let recent = deployment.load().recent(now)?;
    (recent.known() >= ENOUGH).then(|| recent.quantile(0.5))?
}
