use std::collections::VecDeque;
use std::sync::Arc;

use steeplechase_core::{Attempts, Error};

use super::Fallbacks;

/// The models that were asked, and those that are still to be.
#[derive(Debug)]
pub(super) struct Itinerary {
    /// In order; the last one is being asked.
    asked: Vec<Arc<str>>,
    /// Without repetition, and without any that was asked.
    ahead: VecDeque<Arc<str>>,
}

impl Itinerary {
    pub(super) fn from(model: &Arc<str>) -> Self {
        Self {
            asked: vec![Arc::clone(model)],
            ahead: VecDeque::new(),
        }
    }

    /// The model that is to be asked after the last one has failed.
    ///
    /// The targets of the one that failed come before those that were left: they are what somebody
    /// wants instead of it.
    pub(super) fn next(&mut self, fallbacks: &Fallbacks, error: &Error) -> Option<Arc<str>> {
        let failed = self.asked.last()?;
        for target in fallbacks.targets(failed, error).iter().rev() {
            if !self.asked.contains(target) {
                self.ahead.retain(|ahead| ahead != target);
                self.ahead.push_front(Arc::clone(target));
            }
        }
        let next = self.ahead.pop_front()?;
        self.asked.push(Arc::clone(&next));
        Some(next)
    }

    /// The model that is being asked.
    pub(super) fn current(&self) -> Option<&Arc<str>> {
        self.asked.last()
    }

    /// How many models were asked after the first one.
    pub(super) fn legs(&self) -> u8 {
        u8::try_from(self.asked.len() - 1).unwrap_or(u8::MAX)
    }

    /// For how many models an attempt is to be held back.
    pub(super) fn legs_ahead(&self) -> u8 {
        held(self.ahead.len())
    }
}

/// How many attempts are held back for so many targets.
pub(super) fn held(targets: usize) -> u8 {
    const MOST: u8 = Attempts::HARD_CAP - 1;
    u8::try_from(targets).map_or(MOST, |targets| targets.min(MOST))
}
