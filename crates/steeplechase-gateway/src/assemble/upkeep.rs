use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use steeplechase::Error;
use steeplechase::credentials::Renewed;
use tokio::task::JoinSet;

/// What has to go on while calls are served: credentials that expire are renewed.
#[derive(Default)]
pub struct Upkeep(Vec<Task>);

struct Task {
    /// What has to be there before the first call.
    first: Work,
    /// What goes on from then on.
    rest: Work,
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Upkeep {
    /// Adds credentials. `whose` is what a log calls them.
    pub(super) fn renew<T>(&mut self, whose: &str, credentials: &Arc<Renewed<T>>)
    where
        T: Send + Sync + 'static,
    {
        let whose: Arc<str> = whose.into();
        let (first, rest) = (Arc::clone(credentials), Arc::clone(credentials));
        let told = Arc::clone(&whose);
        self.0.push(Task {
            first: Box::pin(async move {
                if let Err(error) = first.renew().await {
                    failed(&told, &error);
                }
            }),
            rest: Box::pin(async move { rest.keep_fresh(|error| failed(&whose, error)).await }),
        });
    }

    /// Does what has to be done before the first call, all at a time, and starts what goes on from then on.
    /// What cannot be had yet is a warning, and is tried again.
    ///
    /// Dropping what it returns ends it.
    pub async fn start(self) -> JoinSet<()> {
        let mut firsts = JoinSet::new();
        let mut running = JoinSet::new();
        let mut rests = Vec::new();
        for Task { first, rest } in self.0 {
            firsts.spawn(first);
            rests.push(rest);
        }
        while firsts.join_next().await.is_some() {}
        for rest in rests {
            running.spawn(rest);
        }
        running
    }
}

impl fmt::Debug for Upkeep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Upkeep").field(&self.0.len()).finish()
    }
}

fn failed(whose: &str, error: &Error) {
    let why = error.detail().unwrap_or(error.message());
    tracing::warn!(
        credentials = whose,
        "the credentials cannot be renewed: {why}"
    );
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use steeplechase::credentials::Lease;
    use steeplechase::{Class, Error};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn there_is_a_token_before_the_first_call_and_a_new_one_before_it_expires() {
        let count = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&count);
        let good = Arc::new(Renewed::new(move || {
            let count = counted.fetch_add(1, Ordering::Relaxed) + 1;
            async move { Ok(Lease::new(count, Duration::from_secs(3600))) }
        }));
        let bad = Renewed::<u32>::new(|| async { Err(Error::new(Class::Auth, "no")) });
        let mut upkeep = Upkeep::default();
        upkeep.renew("good", &good);
        upkeep.renew("bad", &Arc::new(bad));
        let running = upkeep.start().await;
        assert_eq!(*good.current().unwrap(), 1);
        tokio::time::sleep(Duration::from_secs(3000)).await;
        assert_eq!(*good.current().unwrap(), 2);
        drop(running);
        tokio::time::sleep(Duration::from_secs(7200)).await;
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }
}
