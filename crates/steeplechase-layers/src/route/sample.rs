use fastrand::Rng;
use steeplechase_core::deployment::Availability;
use steeplechase_core::{Attempts, Deployment};

use super::asked::{Ask, Asked};
use super::choose::{Choice, Look, pick};
use super::metrics::Reason;
use super::roster::Rank;
use super::{Candidate, Candidates, Sampling, Scores, Strategy};

/// So many deployments are looked at before all of them are.
const LOOKS: usize = 48;

/// The most candidates of a sample.
const MOST: usize = Sampling::SMALL;

/// How many are near to an affinity.
const NEAR: usize = 8;

/// A few deployments of a large group that can take a request, all of the same order.
///
/// It is drawn only for an attempt that it is right for: if it does not hold what a look at all deployments
/// might, there is none.
#[derive(Debug)]
pub(super) struct Sample<'a> {
    found: Found<'a>,
    /// How many of those found are near to the request's affinity: the first.
    near: usize,
    /// Those that were looked at, whatever came of it.
    looked: [u32; LOOKS],
    looks: usize,
    /// One that is due for a probe.
    due: Option<usize>,
    /// How many can take the request, but are of a provider that was tried.
    passed: u32,
    /// Of how many they were drawn.
    population: usize,
    rng: Rng,
}

/// Those that were found.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    /// Made with the first, so that each place has one.
    all: Option<[Candidate<'a>; MOST]>,
    len: usize,
}

/// What a look at a deployment has told.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    /// It cannot take the request now.
    No,
    /// It is due for a probe.
    Due,
    /// It can take the request, with this part of its weight.
    Ready(f64),
}

// ===== impl Sample =====

impl<'a> Sample<'a> {
    /// Draws one. `None` if the group is to be looked at whole, or nobody was found.
    pub(super) fn of<A: Ask>(look: &Look<'a, A>) -> Option<Self> {
        let ranks = look.roster.ranks();
        if ranks.is_empty() {
            return None;
        }
        let mut sample = Self {
            found: Found::default(),
            near: 0,
            looked: [0; LOOKS],
            looks: 0,
            due: None,
            passed: 0,
            population: 0,
            rng: Rng::new(),
        };
        for rank in ranks {
            sample.draw(look, rank);
            if !sample.found.is_empty() {
                return Some(sample);
            }
            // It is for certain that none of a small one can take the request, and only then one of a higher
            // order may. Nor is one that was passed over any worse than those.
            if !rank.is_small() || sample.passed > 0 {
                return None;
            }
        }
        None
    }

    /// Picks one of them. `None` if they do not tell enough.
    pub(super) fn choose<A, St>(
        mut self,
        look: &Look<'a, A>,
        strategy: &St,
        attempts: &Attempts,
        mut scores: Option<&mut Scores>,
    ) -> Option<Choice>
    where
        A: Ask,
        St: Strategy + ?Sized,
    {
        let found = u32::try_from(self.found.len).unwrap_or(u32::MAX);
        let mut alternatives = found - 1 + self.passed + u32::from(self.due.is_some());
        if alternatives == 0 {
            // Whether there is any other makes a difference, and how many does not.
            alternatives = u32::from(self.has_another(look));
        }
        if alternatives == 0 {
            return None;
        }
        if let Some(index) = self.due.filter(|_| look.may_probe(attempts)) {
            return Some(Choice {
                index,
                reason: Reason::Probe,
                alternatives,
            });
        }
        let drawn = self.found.as_slice();
        if let Some(scores) = &mut scores {
            scores.draw(drawn);
        }
        let picked = || {
            let (near, asked) = ((drawn, self.near), Asked::new(look.ask));
            let candidates = Candidates::drawn(look.roster, near, self.population, asked, look.now);
            pick(strategy, candidates, scores)
        };
        let picked = (drawn.len() > 1).then(picked).flatten();
        Some(Choice {
            index: picked.or(drawn.first().copied())?.index(),
            reason: Reason::Strategy,
            alternatives,
        })
    }

    /// Draws from those of one order.
    fn draw<A: Ask>(&mut self, look: &Look<'a, A>, rank: &Rank) {
        self.population = rank.members.len();
        if rank.is_small() {
            for member in &rank.members {
                self.see(look, *member);
            }
            self.near = self.found.len;
            return;
        }
        match look.roster.sampling() {
            Sampling::Weighted => self.draw_weighted(look, rank),
            Sampling::Ranked(count) => self.draw_first(look, rank, 0, count.into()),
            Sampling::Keyed(count) => {
                if let Some(key) = look.ask.affinity() {
                    let mark = |member: &u32| look.roster.mark(*member as usize);
                    let start = rank.members.partition_point(|member| mark(member) < key);
                    self.draw_first(look, rank, start, NEAR);
                    self.near = self.found.len;
                }
                self.draw_uniform(look, rank, self.near + usize::from(count));
            }
            Sampling::Uniform(count) => self.draw_uniform(look, rank, count.into()),
            Sampling::Whole => {}
        }
    }

    fn draw_weighted<A: Ask>(&mut self, look: &Look<'a, A>, rank: &Rank) {
        let Some(alias) = &rank.alias else {
            return self.draw_uniform(look, rank, 1);
        };
        for _ in 0..LOOKS {
            let member = rank.members[alias.draw(&mut self.rng)];
            match self.look(look, member) {
                // One that comes back after an outage is taken as often as its part of the weight says.
                Some(Seen::Ready(share)) if share < 1.0 && self.rng.f64() >= share => {
                    self.looks -= 1;
                }
                Some(seen) => self.enter(look, member, seen),
                None => {}
            }
            if !self.found.is_empty() {
                return;
            }
        }
    }

    fn draw_uniform<A: Ask>(&mut self, look: &Look<'a, A>, rank: &Rank, count: usize) {
        for _ in 0..LOOKS {
            if self.found.len >= count.clamp(1, MOST) {
                return;
            }
            let member = rank.members[self.rng.usize(..rank.members.len())];
            self.see(look, member);
        }
    }

    /// Those from a place on, in their order, around to where it began.
    fn draw_first<A: Ask>(&mut self, look: &Look<'a, A>, rank: &Rank, start: usize, count: usize) {
        let (before, after) = rank.members.split_at(start);
        for member in after.iter().chain(before).take(LOOKS / 2) {
            if self.found.len >= count.clamp(1, MOST) {
                return;
            }
            self.see(look, *member);
        }
    }

    /// Whether any of the group that was not looked at yet can take the request too.
    fn has_another<A: Ask>(&mut self, look: &Look<'a, A>) -> bool {
        let count = u32::try_from(look.roster.deployments().len()).unwrap_or(u32::MAX);
        (0..NEAR).any(|_| {
            let other = self.rng.u32(..count);
            let seen = self.look(look, other);
            seen.is_some_and(|seen| seen != Seen::No)
        })
    }

    fn see<A: Ask>(&mut self, look: &Look<'a, A>, member: u32) {
        if let Some(seen) = self.look(look, member) {
            self.enter(look, member, seen);
        }
    }

    fn enter<A: Ask>(&mut self, look: &Look<'a, A>, member: u32, seen: Seen) {
        let index = member as usize;
        match seen {
            Seen::No => {}
            Seen::Due => self.due = self.due.or(Some(index)),
            Seen::Ready(_) if !look.roster.is_elsewhere(index, look.tried) => self.passed += 1,
            Seen::Ready(share) => {
                let deployment: &Deployment = &look.roster.deployments()[index];
                self.found.push(Candidate::new(index, deployment, share));
            }
        }
    }

    /// Looks at one, once. `None` if it was looked at before, or too many were.
    fn look<A: Ask>(&mut self, look: &Look<'a, A>, member: u32) -> Option<Seen> {
        if self.looks == LOOKS || self.looked[..self.looks].contains(&member) {
            return None;
        }
        self.looked[self.looks] = member;
        self.looks += 1;
        Some(look.at(member as usize))
    }
}

// ===== impl Found =====

impl<'a> Found<'a> {
    fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn push(&mut self, candidate: Candidate<'a>) {
        let all = self.all.get_or_insert([candidate; MOST]);
        if let Some(place) = all.get_mut(self.len) {
            *place = candidate;
            self.len += 1;
        }
    }

    pub(super) fn as_slice(&self) -> &[Candidate<'a>] {
        self.all.as_ref().map_or(&[], |all| &all[..self.len])
    }
}

// ===== impl Look =====

impl<A: Ask> Look<'_, A> {
    /// Whether the deployment at `index`, if it was not tried, can take the request.
    fn at(&self, index: usize) -> Seen {
        let deployment = &self.roster.deployments()[index];
        if self.tried.contains(deployment) || !deployment.limits().has_room_at(self.now) {
            return Seen::No;
        }
        let seen = match deployment.health().availability(self.now) {
            Availability::Ready(share) => Seen::Ready(share),
            Availability::Probe => Seen::Due,
            Availability::Closed { .. } => return Seen::No,
        };
        if self.ask.is_eligible(deployment) {
            seen
        } else {
            Seen::No
        }
    }
}
