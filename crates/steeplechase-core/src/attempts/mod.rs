//! What all attempts of one request share.
//!
//! ```text
//!             Fallback    Race    Hedge    Retry          each asks before it starts one more
//!                 └────────┴───┬────┴────────┘
//!                              ▼
//!  Attempts    used 2 of 3 · 1 held for a fallback · deadline · tried {eu-1} · log
//!                              │
//!  Budget      20 % of the requests of the group, in rate and in flight, over all requests
//! ```
//!
//! Retry, hedge, race and fallback are layers apart, but attempts are one resource. A layer asks
//! [`Attempts::try_start`] before it starts one more, so layers that were stacked by hand cooperate,
//! and never multiply.
//!
//! [`Attempts`] is the one request extension that the layers share. [`Attempts::of`] gets it or makes
//! it: a missing one means the defaults, never an error. The clones of a request share it.
//!
//! # Defaults
//!
//! * 3 attempts a request, and never more than 5: what Google's SRE book and gRPC A6 advise.
//! * No deadline and no budget, until a layer sets them.
//!
//! # Example
//!
//! ```
//! use steeplechase_core::attempts::{Attempts, Denied, Kind};
//!
//! let mut request = http::Request::new(());
//! let attempts = Attempts::of(request.extensions_mut());
//! attempts.set_max(2);
//!
//! // The first attempt needs no leave. The second does, and the third does not get it.
//! assert!(attempts.try_start(Kind::Hedge).is_ok());
//! assert_eq!(attempts.try_start(Kind::Retry).unwrap_err(), Denied::AttemptsSpent);
//! ```

mod budget;
mod kind;
mod log;
mod score;
mod state;
mod trace;
mod usual;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use http::Extensions;
use tokio::time::Instant;

pub use self::budget::{Budget, BudgetConfig, Entered, Permit};
pub use self::kind::{Denied, Kind, Leave};
pub use self::log::{Attempt, Ending};
pub use self::score::{Measure, Score, Wins};
use self::state::State;
pub use self::trace::{Asked, Exclusion, Pick, Standing, Told, Trace, Why};
use crate::{Controls, Deployment};

/// What all attempts of one request share. Cloning it clones a handle.
#[derive(Clone, Debug, Default)]
pub struct Attempts(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Beside the lock, as every layer asks and next to no call has any.
    controls: OnceLock<Arc<Controls>>,
    trace: Option<Arc<Trace>>,
}

// ===== impl Attempts =====

impl Attempts {
    /// The attempts a request may have if nobody says otherwise.
    pub const DEFAULT_MAX: u8 = 3;

    /// The attempts that no setting can exceed.
    pub const HARD_CAP: u8 = 5;

    /// Gets the attempts of a request, or makes them.
    pub fn of(extensions: &mut Extensions) -> Self {
        extensions.get_or_insert_with(Self::default).clone()
    }

    /// The attempts of a request of which a trace is to be kept.
    pub fn traced(trace: Arc<Trace>) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::default(),
            controls: OnceLock::new(),
            trace: Some(trace),
        }))
    }

    /// What is kept of the request, if somebody has asked for it.
    pub fn trace(&self) -> Option<&Arc<Trace>> {
        self.0.trace.as_ref()
    }

    /// Gets the attempts of a request, if a layer has made them.
    pub fn get(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what the call asks of the gateway itself. Only the first to say so is believed: what a call asks
    /// does not change on its way.
    pub fn control(&self, controls: impl Into<Arc<Controls>>) {
        _ = self.0.controls.set(controls.into());
    }

    /// What the call asks of the gateway itself, if anything. It costs one look.
    pub fn controls(&self) -> Option<Arc<Controls>> {
        self.0.controls.get().cloned()
    }

    /// Sets how many attempts the request may have, the first included. Clamped to between 1 and
    /// [`HARD_CAP`](Self::HARD_CAP).
    pub fn set_max(&self, max: u8) {
        self.state().max = max.clamp(1, Self::HARD_CAP);
    }

    /// Moves the deadline to `at`, if that is sooner.
    pub fn limit_deadline(&self, at: Instant) {
        let mut state = self.state();
        state.deadline = Some(state.deadline.map_or(at, |old| old.min(at)));
    }

    /// Moves the deadline to `limit` after `now`, if that is sooner. One that is too far away to be told
    /// is none.
    pub fn limit_time(&self, now: Instant, limit: Duration) {
        let Some(at) = now.checked_add(limit) else {
            return;
        };
        let mut state = self.state();
        state.began = Some(now);
        state.deadline = Some(state.deadline.map_or(at, |old| old.min(at)));
    }

    /// When the request must be over, or the leg that is under way, see [`begin_leg`](Self::begin_leg).
    pub fn deadline(&self) -> Option<Instant> {
        self.state().until()
    }

    /// How long the request has left. `None` if it has no deadline.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline()
            .map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Enters a group of deployments: the request counts as one of the group's, and its further
    /// attempts draw on the group's budget. It is in flight until its last handle is dropped, or until
    /// it enters another group.
    pub fn enter(&self, budget: &Budget) {
        let same = |(old, _): &(Budget, Entered)| old.is(budget);
        if self.state().budget.as_ref().is_some_and(same) {
            // Lanes of a race enter one after the other, and are one request.
            return;
        }
        let entered = (budget.clone(), budget.enter());
        // The old one is dropped after the lock is.
        let _left = self.state().budget.replace(entered);
    }

    /// Asks for leave to start one more attempt, and counts it if it is given.
    ///
    /// A fallback draws on no budget: it goes to another group, and not once more to one that fails.
    /// Nor does a race, which is the operator's wish to pay for more. A fallback from a group that has
    /// sent the request nowhere is not even an extra attempt.
    ///
    /// # Errors
    ///
    /// [`Denied`] if the attempts, the budget or the time is spent. Nothing is counted then.
    pub fn try_start(&self, kind: Kind) -> Result<Leave, Denied> {
        self.try_start_after(kind, Duration::ZERO)
    }

    /// Asks for leave to start one more attempt after a `wait`, and counts it if it is given.
    ///
    /// A retry, a hedge or a continuation is denied if it would then have less time than half of the answers of
    /// its group take to begin, where that is known: see [`Budget::go_by`].
    ///
    /// # Errors
    ///
    /// As with [`try_start`](Self::try_start).
    pub fn try_start_after(&self, kind: Kind, wait: Duration) -> Result<Leave, Denied> {
        let mut state = self.state();
        let leave = state.try_start(kind, wait);
        state.was_denied |= kind == Kind::Retry && leave.is_err();
        if let (Some(trace), Ok(_)) = (self.trace(), &leave) {
            trace.start(kind);
        }
        leave
    }

    /// Whether leave to start one more attempt would be given now. Nothing is counted, and who asks later may be
    /// told otherwise.
    pub fn may_start(&self, kind: Kind) -> bool {
        self.state().may_start(kind)
    }

    /// Whether a retry was denied: there is no point in trying again from above either.
    pub fn was_denied(&self) -> bool {
        self.state().was_denied
    }

    /// Holds back attempts for `legs` fallbacks, so that retries do not use them up.
    pub fn hold(&self, legs: u8) {
        self.state().held = legs;
    }

    /// Begins a leg that `ahead` others may follow: holds back an attempt for each, see
    /// [`hold`](Self::hold), and leaves them their share of the time.
    ///
    /// Until the next leg, the [`deadline`](Self::deadline) is when this one must be over: each has at the
    /// least what is left of the time, divided by the legs that are left.
    pub fn begin_leg(&self, ahead: u8) {
        let mut state = self.state();
        state.held = ahead;
        let is_first = state.leg.is_none() && state.kinds[Kind::Fallback as usize] == 0;
        state.leg = state.deadline.filter(|_| ahead > 0).map(|deadline| {
            let began = state.began.filter(|_| is_first);
            let now = began.unwrap_or_else(Instant::now);
            let left = deadline.saturating_duration_since(now);
            now + left / (u32::from(ahead) + 1)
        });
    }

    /// Whether only the leg that is under way is out of time, and not the request.
    pub fn is_leg_over(&self) -> bool {
        let (leg, deadline) = {
            let state = self.state();
            (state.leg, state.deadline)
        };
        let Some(leg) = leg else {
            return false;
        };
        let now = Instant::now();
        leg <= now && deadline.is_none_or(|at| now < at)
    }

    /// Whether attempts are held back: there is somewhere else to go, if this group has nobody.
    pub fn has_held(&self) -> bool {
        self.state().held > 0
    }

    /// How many attempts were started, the first included.
    pub fn used(&self) -> u8 {
        self.state().used
    }

    /// How many more attempts may be started, those held back included.
    pub fn left(&self) -> u8 {
        let state = self.state();
        state.max.saturating_sub(state.used)
    }

    /// How many attempts of a kind were started. There is always one [`Kind::First`].
    pub fn count(&self, kind: Kind) -> u8 {
        self.state().kinds[kind as usize]
    }

    /// Marks a deployment as tried, by its [key](crate::Deployment::key). What is sent there is no probe
    /// unless [`set_probe`](Self::set_probe) says so.
    pub fn mark_tried(&self, deployment: u32) {
        let mut state = self.state();
        state.tried.push(deployment);
        state.is_probing = false;
    }

    /// Says whether the attempt that was started last is a probe. A router does, after it has marked the
    /// deployment as tried and before it sends the attempt.
    pub fn set_probe(&self, is_probe: bool) {
        self.state().is_probing = is_probe;
    }

    /// Whether the attempt that was started last is a probe: it finds out if a deployment works again.
    ///
    /// The caller should not pay for that by waiting, so a hedge comes sooner.
    pub fn is_probing(&self) -> bool {
        self.state().is_probing
    }

    /// Whether a deployment was tried.
    pub fn has_tried(&self, deployment: u32) -> bool {
        self.state().tried.contains(&deployment)
    }

    /// Calls `f` with the deployments that were tried, in order, under one lock.
    pub fn with_tried<T>(&self, f: impl FnOnce(&[u32]) -> T) -> T {
        f(&self.state().tried)
    }

    /// Says which deployment an attempt goes to, and how many others that were not tried could have taken
    /// it. A router says so whenever it has picked one.
    pub fn pick(&self, deployment: &Deployment, alternatives: u32) {
        let mut state = self.state();
        state.tried.push(deployment.key());
        state.is_probing = false;
        state.alternatives = Some(alternatives);
        state.own_retries = deployment.num_retries();
    }

    /// How often the deployment that was picked last wants a failure of its own to be tried again. `None`
    /// if it does not say.
    pub fn own_retries(&self) -> Option<u8> {
        self.state().own_retries
    }

    /// Says how many deployments other than those tried could take an attempt now.
    pub fn set_alternatives(&self, alternatives: u32) {
        self.state().alternatives = Some(alternatives);
    }

    /// How many deployments other than those tried could take an attempt now. `None` if there is no
    /// router to know.
    ///
    /// A retry need not wait while there is one, and a hedge is of no use while there is none.
    pub fn alternatives(&self) -> Option<u32> {
        self.state().alternatives
    }

    /// Marks that one of several attempts has won: those that are dropped from now on have lost.
    pub fn set_winner(&self) {
        self.state().has_winner = true;
    }

    /// Whether one of several attempts has won, and no other was started since.
    pub fn has_winner(&self) -> bool {
        self.state().has_winner
    }

    /// Marks that an answer was empty. Returns whether it was the first one.
    ///
    /// An empty answer is worth one more attempt, and no more: two are likely what the model means.
    pub fn mark_empty(&self) -> bool {
        !std::mem::replace(&mut self.state().had_empty, true)
    }

    /// Adds to the log.
    pub fn record(&self, attempt: Attempt) {
        if let Some(trace) = self.trace() {
            trace.end(attempt.clone());
        }
        self.state().log.push(attempt);
    }

    /// The log so far, in the order in which the attempts ended.
    pub fn log(&self) -> Vec<Attempt> {
        self.state().log.clone()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(trace) = &self.trace {
            trace.close();
        }
    }
}
