//! A service that insists on its rights, and knows what was done to it.
//!
//! ```text
//!              poll_ready ─► Ready        call                    body
//! a handle   ├────────────────●───────────●──────────────────────●─────────┤
//!            starts unready   reserved    ready is used up        settled or cancelled
//!                             └ a gauge   └────── in flight, a gauge ──────┘
//! ```
//!
//! * A `call` on a handle that has not said that it is ready since its last call *panics*. A clone
//!   starts unready, whatever it was cloned from.
//! * A future that is polled after it has resolved panics, and so does a body after its end.
//! * What happens to the calls is scripted, step by step: see [`Act`].
//! * Each call is counted until its body has ended, has failed, or was dropped.

mod act;
mod answer;
mod gauges;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tower::Service;

pub(crate) use self::act::{Act, Fault, Step};
pub(crate) use self::answer::{AnswerBody, AnswerFuture};
use self::gauges::Flight;
pub(crate) use self::gauges::Gauges;

/// The service. `D` is what its bodies are made of, `E` its error and theirs.
pub(crate) struct Police<D, E> {
    shared: Arc<Shared<D, E>>,
    readiness: Readiness,
}

struct Shared<D, E> {
    gauges: Arc<Gauges>,
    script: Mutex<Script<D, E>>,
}

struct Script<D, E> {
    /// What becomes of the next calls, and of all after those.
    acts: VecDeque<Act<D, E>>,
    always: Act<D, E>,
    /// How often a handle says that it is not ready before it is.
    unready: u32,
    refusal: Option<E>,
}

/// What one handle has promised.
enum Readiness {
    Unready { polls: u32 },
    Reserved,
    Failed,
}

impl<D: Clone, E: Clone> Police<D, E> {
    /// Every call is answered as `always` says.
    pub(crate) fn new(always: Act<D, E>) -> Self {
        Self {
            shared: Arc::new(Shared {
                gauges: Arc::default(),
                script: Mutex::new(Script {
                    acts: VecDeque::new(),
                    always,
                    unready: 0,
                    refusal: None,
                }),
            }),
            readiness: Readiness::Unready { polls: 0 },
        }
    }

    /// The next calls are answered by these, one each.
    pub(crate) fn script(self, acts: impl IntoIterator<Item = Act<D, E>>) -> Self {
        self.edit(|script| script.acts.extend(acts));
        self
    }

    /// Each handle is ready only when asked for the time after so many.
    pub(crate) fn unready(self, polls: u32) -> Self {
        self.edit(|script| script.unready = polls);
        self
    }

    /// No handle is ever ready: each fails with `error`.
    pub(crate) fn refusing(self, error: E) -> Self {
        self.edit(|script| script.refusal = Some(error));
        self
    }

    /// From now on, all calls are answered so, and whatever was scripted is forgotten.
    pub(crate) fn always_from_now(&self, act: Act<D, E>) {
        self.edit(|script| {
            script.acts.clear();
            script.always = act;
        });
    }

    /// What has become of the calls.
    pub(crate) fn gauges(&self) -> &Arc<Gauges> {
        &self.shared.gauges
    }

    fn edit<T>(&self, edit: impl FnOnce(&mut Script<D, E>) -> T) -> T {
        edit(
            &mut self
                .shared
                .script
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

impl<D, E, R> Service<R> for Police<D, E>
where
    D: Clone + Unpin,
    E: Clone + Unpin,
{
    type Response = http::Response<AnswerBody<D, E>>;
    type Error = E;
    type Future = AnswerFuture<D, E, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        let (unready, refusal) = self.edit(|script| (script.unready, script.refusal.clone()));
        match &mut self.readiness {
            Readiness::Reserved => Poll::Ready(Ok(())),
            Readiness::Failed => panic!("police: `poll_ready` after it has failed"),
            Readiness::Unready { polls } if *polls < unready => {
                *polls += 1;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Readiness::Unready { .. } => {
                if let Some(error) = refusal {
                    self.readiness = Readiness::Failed;
                    return Poll::Ready(Err(error));
                }
                self.readiness = Readiness::Reserved;
                self.shared.gauges.reserve();
                Poll::Ready(Ok(()))
            }
        }
    }

    fn call(&mut self, request: R) -> Self::Future {
        let before = std::mem::replace(&mut self.readiness, Readiness::Unready { polls: 0 });
        assert!(
            matches!(before, Readiness::Reserved),
            "police: `call` on a handle that is not ready",
        );
        let flight = Flight::start(&self.shared.gauges);
        let act = self.edit(|script| {
            let next = script.acts.pop_front();
            next.unwrap_or_else(|| script.always.clone())
        });
        AnswerFuture::new(act, flight, request)
    }
}

impl<D, E> Clone for Police<D, E> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            readiness: Readiness::Unready { polls: 0 },
        }
    }
}

impl<D, E> Drop for Police<D, E> {
    fn drop(&mut self) {
        if matches!(self.readiness, Readiness::Reserved) {
            self.shared.gauges.release();
        }
    }
}

impl<D, E> fmt::Debug for Police<D, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Police")
            .field("gauges", &self.shared.gauges)
            .finish_non_exhaustive()
    }
}
