use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What has become of the calls to a [`Police`](super::Police), over all its handles.
#[derive(Debug, Default)]
pub(crate) struct Gauges {
    reserved: AtomicU64,
    started: AtomicU64,
    completed: AtomicU64,
    failed: AtomicU64,
    cancelled: AtomicU64,
}

/// One call, until it has come to an end: dropped without one, it was cancelled.
#[derive(Debug)]
pub(crate) struct Flight {
    gauges: Arc<Gauges>,
    is_settled: bool,
}

impl Gauges {
    /// Handles that are ready, and are kept from others.
    pub(crate) fn reserved(&self) -> u64 {
        self.reserved.load(Ordering::Relaxed)
    }

    /// Calls.
    pub(crate) fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// Calls whose body was read to its end.
    pub(crate) fn completed(&self) -> u64 {
        self.completed.load(Ordering::Relaxed)
    }

    /// Calls that have failed as they were told to.
    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Calls that were dropped before their end.
    pub(crate) fn cancelled(&self) -> u64 {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Calls that have not come to an end.
    pub(crate) fn in_flight(&self) -> u64 {
        self.started() - self.completed() - self.failed() - self.cancelled()
    }

    pub(super) fn reserve(&self) {
        self.reserved.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn release(&self) {
        self.reserved.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Flight {
    /// Begins a call, on a handle that was reserved for it.
    pub(super) fn start(gauges: &Arc<Gauges>) -> Self {
        gauges.release();
        gauges.started.fetch_add(1, Ordering::Relaxed);
        Self {
            gauges: Arc::clone(gauges),
            is_settled: false,
        }
    }

    pub(super) fn complete(&mut self) {
        self.settle(|gauges| &gauges.completed);
    }

    pub(super) fn fail(&mut self) {
        self.settle(|gauges| &gauges.failed);
    }

    fn settle(&mut self, count: impl Fn(&Gauges) -> &AtomicU64) {
        if !std::mem::replace(&mut self.is_settled, true) {
            count(&self.gauges).fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.settle(|gauges| &gauges.cancelled);
    }
}
