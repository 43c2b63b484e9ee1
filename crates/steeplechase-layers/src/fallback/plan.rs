use std::sync::Arc;

use steeplechase_core::controls::Leg;
use steeplechase_core::{Attempts, Controls, Error};

use super::Fallbacks;
use super::config::{ANY, Kind};

/// Whom to ask after which failure: what the operator says, and what the call says.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    fallbacks: Arc<Fallbacks>,
    controls: Option<Arc<Controls>>,
}

// ===== impl Plan =====

impl Plan {
    pub(super) const fn new(fallbacks: Arc<Fallbacks>, controls: Option<Arc<Controls>>) -> Self {
        Self {
            fallbacks,
            controls,
        }
    }

    /// What the call says.
    pub(super) fn controls(&self) -> Option<&Controls> {
        self.controls.as_deref()
    }

    /// How many models are asked after the first one, at the most.
    pub(super) fn most(&self) -> u8 {
        self.fallbacks.most()
    }

    /// For how many general targets of a model an attempt is to be held back. `None` if it has no targets of
    /// any kind.
    pub(super) fn held_for(&self, model: &str) -> Option<u8> {
        let nobody = match self.controls() {
            Some(controls) => controls.disable_fallbacks,
            None => self.fallbacks.is_empty(),
        };
        if nobody || self.most() == 0 {
            return None;
        }
        let general = distinct_others(self.list(Kind::General, model), model);
        let special = [Kind::ContextWindow, Kind::ContentPolicy];
        let any = general > 0
            || special
                .into_iter()
                .any(|kind| self.list(kind, model).next().is_some());
        any.then(|| held(general).min(self.most()))
    }

    /// The targets of a model after a failure of it.
    pub(super) fn targets(
        &self,
        model: &str,
        error: &Error,
    ) -> impl DoubleEndedIterator<Item = &Leg> {
        let kind = Kind::special(error.class())
            .filter(|kind| self.has_own(*kind))
            .unwrap_or(Kind::General);
        self.list(kind, model)
    }

    /// Whether failures of a kind go by a list of their own.
    ///
    /// A call that says whom to ask whatever happens means that of these, too, unless it says otherwise.
    fn has_own(&self, kind: Kind) -> bool {
        let of_call = self.of_call(kind).is_some();
        let any = self.of_call(Kind::General).unwrap_or(&[]).iter();
        let has_for_all = { any }.any(|leg| leg.instead_of.is_none());
        of_call || (!has_for_all && self.fallbacks.has_any(kind))
    }

    fn list(&self, kind: Kind, model: &str) -> impl DoubleEndedIterator<Item = &Leg> {
        let list = self.of_call(kind);
        let list = list.unwrap_or_else(|| self.fallbacks.list(kind, model));
        let is_for = |leg: &Leg, name: &str| leg.instead_of.as_deref() == Some(name);
        let own = list.iter().any(|leg| is_for(leg, model));
        list.iter()
            .filter(move |leg| match leg.instead_of.as_deref() {
                None => true,
                Some(ANY) => !own,
                Some(name) => name == model,
            })
    }

    /// The list of a kind that the call itself has.
    fn of_call(&self, kind: Kind) -> Option<&[Leg]> {
        let controls = self.controls()?;
        let list = match kind {
            Kind::General => &controls.fallbacks,
            Kind::ContextWindow => &controls.context_window_fallbacks,
            Kind::ContentPolicy => &controls.content_policy_fallbacks,
        };
        list.as_deref()
    }
}

/// Whether two legs ask the same of the same model.
pub(super) fn is_same(one: &Leg, other: &Leg) -> bool {
    one.model == other.model && one.patch == other.patch
}

/// How many attempts are held back for so many targets.
pub(super) fn held(targets: usize) -> u8 {
    const MOST: u8 = Attempts::HARD_CAP - 1;
    u8::try_from(targets).map_or(MOST, |targets| targets.min(MOST))
}

/// How many of `targets` there are, without those that come twice and without the call as it came.
fn distinct_others<'a>(targets: impl Iterator<Item = &'a Leg>, model: &str) -> usize {
    let mut seen: [Option<&Leg>; Attempts::HARD_CAP as usize] = [None; Attempts::HARD_CAP as usize];
    let mut count = 0;
    for target in targets {
        let is_first = target.patch.is_none() && *target.model == *model;
        let known = seen.iter().flatten().any(|seen| is_same(seen, target));
        if !is_first && !known {
            // More than these are not held back for.
            let Some(free) = seen.get_mut(count) else {
                break;
            };
            *free = Some(target);
            count += 1;
        }
    }
    count
}
