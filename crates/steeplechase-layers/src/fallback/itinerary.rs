use std::collections::VecDeque;
use std::sync::Arc;

use steeplechase_core::Error;
use steeplechase_core::controls::Leg;

use super::config::is_for_nobody;
use super::plan::{Plan, held, is_same};

/// The models that were asked, and those that are still to be.
#[derive(Debug)]
pub(super) struct Itinerary {
    /// In order; the last one is being asked.
    asked: Vec<Leg>,
    /// Without repetition, and without any that was asked.
    ahead: VecDeque<Leg>,
}

impl Itinerary {
    pub(super) fn from(model: &Arc<str>) -> Self {
        Self {
            asked: vec![Leg::to(Arc::clone(model))],
            ahead: VecDeque::new(),
        }
    }

    /// What is to be asked after the last one has failed.
    ///
    /// The targets of the one that failed come before those that were left: they are what somebody
    /// wants instead of it.
    pub(super) fn next(&mut self, plan: &Plan, error: &Error) -> Option<&Leg> {
        if is_for_nobody(error) {
            return None;
        }
        let failed = self.asked.last()?;
        for target in plan.targets(&failed.model, error).rev() {
            if !self.asked.iter().any(|asked| is_same(asked, target)) {
                self.ahead.retain(|ahead| !is_same(ahead, target));
                self.ahead.push_front(target.clone());
            }
        }
        if self.legs() >= plan.most() {
            return None;
        }
        let next = self.ahead.pop_front()?;
        self.asked.push(next);
        self.asked.last()
    }

    /// What is being asked.
    pub(super) fn current(&self) -> Option<&Leg> {
        self.asked.last()
    }

    /// How many models were asked after the first one.
    pub(super) fn legs(&self) -> u8 {
        u8::try_from(self.asked.len() - 1).unwrap_or(u8::MAX)
    }

    /// For how many models an attempt is to be held back.
    pub(super) fn legs_ahead(&self, plan: &Plan) -> u8 {
        held(self.ahead.len()).min(plan.most().saturating_sub(self.legs()))
    }
}
