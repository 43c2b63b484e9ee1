use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use smallvec::SmallVec;
use tokio::time::Instant;

use super::{Attempt, Kind, Score};
use crate::{Class, Deployment, Dialect, Operation, Tally};

/// What was decided for one call, and what has become of it: for whoever wants to know why.
///
/// There is none unless somebody has asked for it, with [`Attempts::traced`](super::Attempts::traced). The
/// layers write to it as they decide, and anybody may read it while they do. It has handles and numbers in
/// it, and no text but names: nothing of a prompt, of a key or of a URL.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
///
/// use steeplechase_core::Attempts;
/// use steeplechase_core::attempts::Trace;
///
/// let trace = Arc::new(Trace::new(7));
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(Attempts::traced(Arc::clone(&trace)));
/// // … the layers decide …
/// drop(request);
/// assert!(trace.picks().is_empty(), "nobody was asked");
/// assert!(trace.took().is_some(), "and it is over");
/// ```
pub struct Trace {
    id: u64,
    at: SystemTime,
    began: Instant,
    asked: OnceLock<Asked>,
    told: OnceLock<Told>,
    steps: Mutex<Steps>,
    /// In nanoseconds; zero while the call is under way.
    took: AtomicU64,
}

#[derive(Debug, Default)]
struct Steps {
    /// Why each attempt after the first was started, of those for which nobody was picked yet.
    started: Vec<Kind>,
    // Most calls have one attempt, which is here, and so it is not one allocation more to write over when the record
    // is a thousand calls old and in no cache.
    picks: SmallVec<[Pick; 1]>,
    ended: SmallVec<[Attempt; 1]>,
}

/// What a caller has asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The kind of answer.
    pub operation: Operation,
    /// The dialect that the caller speaks.
    pub dialect: Dialect,
    /// The model, as the caller names it.
    pub model: Arc<str>,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// About how many tokens the prompt has.
    pub prompt: Tally,
}

/// What the caller was told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The status of the response.
    pub status: u16,
    /// How the call has failed, if it has failed before its answer began.
    pub class: Option<Class>,
    /// The group that has answered.
    pub group: Option<Arc<str>>,
}

/// A look of a router at its deployments, for one attempt.
#[derive(Clone, Debug)]
pub struct Pick {
    /// How long after the call.
    pub after: Duration,
    /// Why the attempt was started.
    pub kind: Kind,
    /// The group.
    pub deployments: Arc<[Arc<Deployment>]>,
    /// The place in the group of the one that was picked, and why. `None` if nobody could be.
    pub picked: Option<(usize, Why)>,
    /// How long after the call the head of its answer was there, be it a failure.
    pub head: Option<Duration>,
    /// How each of the group has stood, in its order. Of a large group only those that were drawn from it, in the
    /// order in which they were; nothing, if none were.
    pub standings: Box<[Standing]>,
}

/// How a deployment has stood when one was picked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Its place in the group.
    pub place: u32,
    /// How many requests it had in flight.
    pub in_flight: u32,
    /// Why it could not be picked, if it could not.
    pub excluded: Option<Exclusion>,
    /// What the strategy has made of it, if it was asked and has a reason to tell.
    pub score: Option<Score>,
}

/// Why a deployment was picked.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Why {
    /// The strategy has picked it, or it was the only one.
    Strategy,
    /// It was due for a probe.
    Probe,
    /// It was tried before, and no other was left.
    Again,
    /// Every circuit was open.
    Panic,
}

/// Why a deployment could not be picked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Exclusion {
    /// It could not take the call, however well it was. The text names what has said so.
    Unfit(&'static str),
    /// It had asked to be left alone for so much longer.
    Cooling(Duration),
    /// Its circuit was open for so much longer, as far as that was known.
    Open(Option<Duration>),
    /// It had as much in flight, or in the minute, as it takes.
    Full,
    /// The call had tried it.
    Tried,
    /// Others have a lower order.
    Order,
}

// ===== impl Trace =====

impl Trace {
    /// Routers say how each deployment has stood for groups of up to so many. Of larger ones they say it of as many
    /// at the most.
    pub const MOST_STANDINGS: usize = 16;

    /// Starts one, with a number by which it is found again.
    pub fn new(id: u64) -> Self {
        Self {
            id,
            at: SystemTime::now(),
            began: Instant::now(),
            asked: OnceLock::new(),
            told: OnceLock::new(),
            steps: Mutex::default(),
            took: AtomicU64::new(0),
        }
    }

    /// The number by which it is found again.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// When the call came.
    pub fn at(&self) -> SystemTime {
        self.at
    }

    /// How long after the call something was.
    pub fn after(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.began)
    }

    /// Says what the caller has asked for. The first to say so counts.
    pub fn ask(&self, asked: Asked) {
        _ = self.asked.set(asked);
    }

    /// What the caller has asked for, if that is known yet.
    pub fn asked(&self) -> Option<&Asked> {
        self.asked.get()
    }

    /// Says what the caller is told. The first to say so counts.
    pub fn tell(&self, told: Told) {
        _ = self.told.set(told);
    }

    /// What the caller was told, if it was yet.
    pub fn told(&self) -> Option<&Told> {
        self.told.get()
    }

    /// Adds a look at the deployments of a group, at `now`.
    pub fn picked(
        &self,
        now: Instant,
        deployments: &Arc<[Arc<Deployment>]>,
        picked: Option<(usize, Why)>,
        standings: Box<[Standing]>,
    ) {
        let mut steps = self.steps();
        let kind = match steps.started.is_empty() {
            true if steps.picks.is_empty() => Kind::First,
            // Somebody who asks for no leave.
            true => Kind::Retry,
            false => steps.started.remove(0),
        };
        steps.picks.push(Pick {
            after: self.after(now),
            kind,
            deployments: Arc::clone(deployments),
            picked,
            head: None,
            standings,
        });
    }

    /// Says that the head of a deployment's answer is there: that of the attempt which was last sent there.
    pub fn head(&self, deployment: &Deployment) {
        let after = self.began.elapsed();
        let mut steps = self.steps();
        let mut picks = steps.picks.iter_mut().rev();
        let is_of = |pick: &&mut Pick| {
            let picked = pick.deployment();
            picked.is_some_and(|it| it.key() == deployment.key())
        };
        if let Some(pick) = picks.find(is_of) {
            pick.head.get_or_insert(after);
        }
    }

    /// The looks at deployments so far, in order.
    pub fn picks(&self) -> Vec<Pick> {
        self.steps().picks.to_vec()
    }

    /// The attempts that have ended so far, in the order in which they have.
    pub fn ended(&self) -> Vec<Attempt> {
        self.steps().ended.to_vec()
    }

    /// How long the call took, to the end of its answer. `None` while it is under way.
    pub fn took(&self) -> Option<Duration> {
        let nanos = self.took.load(Ordering::Relaxed);
        (nanos > 0).then(|| Duration::from_nanos(nanos))
    }

    pub(super) fn start(&self, kind: Kind) {
        self.steps().started.push(kind);
    }

    pub(super) fn end(&self, attempt: Attempt) {
        self.steps().ended.push(attempt);
    }

    /// The call is over.
    pub(super) fn close(&self) {
        let nanos = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.took.store(nanos.max(1), Ordering::Relaxed);
    }

    fn steps(&self) -> MutexGuard<'_, Steps> {
        // No code that can panic runs under the lock.
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("id", &self.id)
            .field("asked", &self.asked.get())
            .field("told", &self.told.get())
            .finish_non_exhaustive()
    }
}

// ===== impl Pick =====

impl Pick {
    /// The deployment that was picked, if one was.
    pub fn deployment(&self) -> Option<&Arc<Deployment>> {
        let (place, _) = self.picked?;
        self.deployments.get(place)
    }

    /// How the deployment at a place in the group has stood, as far as anybody has looked.
    pub fn standing(&self, place: usize) -> Option<&Standing> {
        let is_it = |standing: &&Standing| standing.place as usize == place;
        self.standings.iter().find(is_it)
    }

    /// Whether all of the group were looked at.
    pub fn is_whole(&self) -> bool {
        self.standings.len() == self.deployments.len()
    }
}

// ===== impl Why =====

impl Why {
    /// The name of the reason, for labels and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strategy => "strategy",
            Self::Probe => "probe",
            Self::Again => "again",
            Self::Panic => "panic",
        }
    }
}

// ===== impl Exclusion =====

impl Exclusion {
    /// The name of the reason, for labels and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unfit(_) => "unfit",
            Self::Cooling(_) => "cooling",
            Self::Open(_) => "open",
            Self::Full => "full",
            Self::Tried => "tried",
            Self::Order => "order",
        }
    }
}
