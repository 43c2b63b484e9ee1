use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderName, Request, Response};
use steeplechase::attempts::{Asked, Told, Trace};
use steeplechase::layers::models::ModelGroup;
use steeplechase::{Attempts, Call, Error};

use super::id;

const DECISION: HeaderName = HeaderName::from_static("x-steeplechase-decision");

/// How many bytes of the name of a model are kept.
const MAX_NAME: usize = 256;

/// Records of the latest calls. Cloning it clones a handle.
///
/// See the [module documentation](super) for what is recorded.
#[derive(Clone)]
pub struct Decisions(Arc<Ring>);

struct Ring {
    slots: Box<[Mutex<Option<Arc<Trace>>>]>,
    /// How many there have been.
    count: AtomicUsize,
}

// ===== impl Decisions =====

impl Decisions {
    /// How many records are kept if nobody says otherwise.
    pub const DEFAULT: usize = 10_000;

    /// The most that are kept.
    pub const MAX: usize = 1_000_000;

    /// Keeps so many records, at most [`MAX`](Self::MAX). `None` if there are to be none.
    pub fn new(capacity: usize) -> Option<Self> {
        let capacity = capacity.min(Self::MAX);
        let slots = (0..capacity).map(|_| Mutex::new(None));
        (capacity > 0).then(|| {
            Self(Arc::new(Ring {
                slots: slots.collect(),
                count: AtomicUsize::new(0),
            }))
        })
    }

    /// How many records are kept.
    pub fn capacity(&self) -> usize {
        self.0.slots.len()
    }

    /// The same records, and room for so many from now on. If there is less room, the oldest go.
    #[must_use]
    pub fn resized(self, capacity: usize) -> Option<Self> {
        if capacity.min(Self::MAX) == self.capacity() {
            return Some(self);
        }
        let other = Self::new(capacity)?;
        let mut latest = self.latest(other.capacity());
        latest.reverse();
        for trace in latest {
            other.push(trace);
        }
        Some(other)
    }

    /// Begins the record of a request.
    pub fn begin<B>(&self, mut request: Request<B>) -> Request<B> {
        let trace = Arc::new(Trace::new(fastrand::u64(..)));
        self.push(Arc::clone(&trace));
        request.extensions_mut().insert(Attempts::traced(trace));
        request
    }

    /// Notes what is asked for, if there is a record.
    pub fn ask(request: &Request<Call>) {
        let Some(trace) = Attempts::get(request.extensions()).and_then(Attempts::trace) else {
            return;
        };
        let call = request.body();
        trace.ask(Asked {
            operation: call.operation(),
            dialect: call.dialect(),
            model: short(call.model_handle()),
            stream: call.head().stream,
            prompt: call.head().prompt,
        });
    }

    /// Notes what the caller is told, and tells the number of the record, if there is one.
    pub fn tell<B>(response: &mut Response<B>) {
        let Some(attempts) = response.extensions().get::<Attempts>() else {
            return;
        };
        let Some(trace) = attempts.trace() else {
            return;
        };
        let group = response.extensions().get::<ModelGroup>();
        trace.tell(Told {
            status: response.status().as_u16(),
            class: response.extensions().get::<Error>().map(Error::class),
            group: group.map(|ModelGroup(model)| Arc::clone(model)),
        });
        let value = id::header(trace.id());
        response.headers_mut().insert(DECISION, value);
    }

    /// The record of a number, as long as it is kept.
    pub(super) fn find(&self, id: u64) -> Option<Arc<Trace>> {
        let mut slots = self.0.slots.iter();
        slots.find_map(|slot| {
            let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            slot.as_ref().filter(|trace| trace.id() == id).cloned()
        })
    }

    /// The latest records, the last one first.
    pub(super) fn latest(&self, most: usize) -> Vec<Arc<Trace>> {
        let (len, count) = (self.capacity(), self.0.count.load(Ordering::Relaxed));
        let kept = count.min(len).min(most);
        // What is being written over is another one by now, or is missing.
        let places = (1..=kept).map(|back| count.wrapping_sub(back) % len);
        let at = |place: usize| {
            let slot = self.0.slots[place].lock();
            slot.unwrap_or_else(PoisonError::into_inner).clone()
        };
        places.filter_map(at).collect()
    }

    fn push(&self, trace: Arc<Trace>) {
        let place = self.0.count.fetch_add(1, Ordering::Relaxed) % self.capacity();
        let old = {
            let mut slot = self.0.slots[place]
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            slot.replace(trace)
        };
        // Not under the lock: it may be the last handle of much.
        drop(old);
    }
}

/// A name as it is kept. Callers make up names as long as they like.
fn short(name: &Arc<str>) -> Arc<str> {
    if name.len() <= MAX_NAME {
        return Arc::clone(name);
    }
    let cut = (0..=MAX_NAME).rev().find(|at| name.is_char_boundary(*at));
    format!("{}…", &name[..cut.unwrap_or(0)]).into()
}

impl fmt::Debug for Decisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decisions")
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}
