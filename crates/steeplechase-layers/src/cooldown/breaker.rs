//! The breaker, as a state machine that is told the time: no futures, no locks, no clock.

use std::sync::Arc;
use std::time::Duration;

use steeplechase_core::deployment::Circuit;
use steeplechase_core::{Health, Signal};
use tokio::time::Instant;

use super::history::{Evidence, History};
use super::peers::{Ejected, Peers};
use super::rules::{Reason, Rules};

/// Infers from outcomes whether a deployment works.
#[derive(Debug)]
pub(super) struct Breaker {
    rules: Rules,
    state: State,
    history: History,
    /// How long it opens next: one more for each opening, one less for each clean minute.
    level: u32,
    /// Since when it has been working.
    working_since: Instant,
    /// How often it has opened. What began before the last time says nothing about now.
    period: u64,
    /// The number of the last attempt.
    last: u64,
    /// Why it has opened the last time.
    reason: Reason,
    /// How many probes in a row were given up late.
    lost: u8,
    /// Whether it should be open, but too many of its group are.
    is_spared: bool,
    /// What has happened since somebody asked.
    news: Option<Trip>,
    peers: Option<Arc<Peers>>,
    /// Held while it is open.
    ejected: Option<Ejected>,
}

/// There was a reason to open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Trip {
    pub(super) reason: Reason,
    /// Whether it has opened.
    pub(super) is_open: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Closed,
    Open { until: Instant },
    HalfOpen { probe: u64, expires: Instant },
    Ramp { since: Instant },
}

/// What an attempt was let through with, to be shown with its outcome.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Ticket {
    period: u64,
    number: u64,
    is_probe: bool,
}

/// How many attempts are to be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Admission {
    Pass(Ticket),
    /// `until` is `None` while a probe is under way.
    Refuse {
        until: Option<Instant>,
    },
}

/// The time in which one level is forgotten.
const CLEAN: Duration = Duration::from_secs(60);

/// So many probes in a row that lost to another attempt have failed. One that works loses now and then.
const LOST: u8 = 2;

/// Health counts in milliseconds, rounded down. What is due by its clock is due.
const TICK: Duration = Duration::from_millis(1);

// ===== impl Breaker =====

impl Breaker {
    /// Goes on where the last one for the same deployment has left off, as it published.
    pub(super) fn new(
        rules: Rules,
        peers: Option<Arc<Peers>>,
        circuit: Circuit,
        now: Instant,
    ) -> Self {
        let state = match circuit {
            Circuit::Closed => State::Closed,
            Circuit::Open { until } => State::Open { until },
            // The probe belongs to the last one.
            Circuit::HalfOpen => State::Open { until: now },
            Circuit::Ramp { since } => State::Ramp { since },
        };
        let is_open = matches!(state, State::Open { .. });
        Self {
            level: u32::from(state != State::Closed),
            state,
            history: History::new(&rules, now),
            rules,
            working_since: now,
            period: 0,
            last: 0,
            reason: Reason::ProbeLost,
            lost: 0,
            is_spared: false,
            news: None,
            ejected: peers
                .as_ref()
                .filter(|_| is_open)
                .and_then(|peers| peers.eject(true)),
            peers,
        }
    }

    /// What there is to publish.
    pub(super) fn circuit(&self) -> Circuit {
        match self.state {
            State::Closed => Circuit::Closed,
            State::Open { until } => Circuit::Open { until },
            State::HalfOpen { .. } => Circuit::HalfOpen,
            State::Ramp { since } => Circuit::Ramp { since },
        }
    }

    /// Why it has opened the last time.
    pub(super) fn reason(&self) -> Reason {
        self.reason
    }

    /// The reason to open that there was since this was last asked.
    pub(super) fn take_news(&mut self) -> Option<Trip> {
        self.news.take()
    }

    /// Whether an attempt may be sent. One that `fails_open` always may. Those that wait for longer than
    /// `patience` are stuck, if it is known.
    pub(super) fn admit(
        &mut self,
        now: Instant,
        fails_open: bool,
        patience: Option<Duration>,
    ) -> Admission {
        self.end_ramp(now);
        self.watch(patience, now);
        self.last += 1;
        let mut is_probe = false;
        match self.state {
            State::Closed | State::Ramp { .. } => self.history.waiting().add(self.last, now),
            State::Open { until } if until <= now + TICK && self.rules.is_flat => self.close(now),
            State::Open { until } if until <= now + TICK => is_probe = true,
            State::HalfOpen { expires, .. } if expires <= now => is_probe = true,
            State::Open { .. } | State::HalfOpen { .. } if fails_open => {}
            State::Open { until } => return Admission::Refuse { until: Some(until) },
            State::HalfOpen { .. } => return Admission::Refuse { until: None },
        }
        if is_probe {
            self.state = State::HalfOpen {
                probe: self.last,
                expires: now + self.rules.probe_ttl,
            };
        }
        Admission::Pass(Ticket {
            period: self.period,
            number: self.last,
            is_probe,
        })
    }

    /// Takes what an attempt has shown, or [`Evidence::NONE`] if there is nothing to come.
    pub(super) fn record(&mut self, ticket: Ticket, evidence: Evidence, now: Instant) {
        let is_lost = evidence == Evidence::LATE;
        self.history.waiting().end(ticket.number, is_lost);
        if ticket.period != self.period {
            return;
        }
        self.end_ramp(now);
        let works = evidence.signal == Signal::Success && !evidence.is_slow;
        match self.state {
            State::Closed | State::Ramp { .. } => {
                self.is_spared &= !works;
                if let Some(reason) = self.history.add(&self.rules, evidence, now) {
                    self.trip(reason, now);
                }
                self.watch(None, now);
            }
            // All that has this ticket began after the circuit has opened: it was a probe, or was let
            // through to fail open. Whichever succeeds has shown that it works.
            State::Open { .. } | State::HalfOpen { .. } if works => {
                self.state = State::Ramp { since: now };
                self.start_anew(now);
            }
            State::HalfOpen { probe, .. } if ticket.number == probe => {
                self.lost += u8::from(is_lost);
                if evidence.signal != Signal::Neutral {
                    self.open(Reason::ProbeFailed, now);
                } else if self.lost >= LOST {
                    self.open(Reason::ProbeLost, now);
                } else {
                    self.reason = Reason::ProbeLost;
                    self.state = State::Open { until: now };
                }
            }
            State::Open { .. } | State::HalfOpen { .. } => {}
        }
    }

    /// Whether an overload is more than one failure among many answers. Once the circuit is open, that says how
    /// long it is left alone.
    pub(super) fn is_overloaded(&mut self, now: Instant) -> bool {
        self.is_closed() && !self.history.is_a_chance(now)
    }

    /// Opens if attempts are stuck.
    fn watch(&mut self, patience: Option<Duration>, now: Instant) {
        let is_closed = self.rules.watches && self.is_closed();
        if is_closed && self.history.waiting().are_stuck(patience, now) {
            self.trip(Reason::Waiting, now);
        }
    }

    /// There is a reason to open.
    pub(super) fn trip(&mut self, reason: Reason, now: Instant) {
        if !self.is_closed() {
            return;
        }
        if !self.may_open(now) {
            if !std::mem::replace(&mut self.is_spared, true) {
                self.news = Some(Trip {
                    reason,
                    is_open: false,
                });
            }
            return;
        }
        let minutes = now.saturating_duration_since(self.working_since).as_secs() / CLEAN.as_secs();
        let clean = u32::try_from(minutes).unwrap_or(u32::MAX);
        self.level = self.level.saturating_sub(clean);
        self.news = Some(Trip {
            reason,
            is_open: true,
        });
        self.open(reason, now);
    }

    /// Half of the others are enough to lose, unless there is nothing to lose: it has not had a single
    /// success.
    fn may_open(&mut self, now: Instant) -> bool {
        let Some(peers) = &self.peers else {
            return true;
        };
        let lately = self.history.lately(now);
        if peers.is_lone() && self.rules.spare_lone(lately) {
            return false;
        }
        self.ejected = peers.eject(lately.succeeded == 0);
        self.ejected.is_some()
    }

    fn open(&mut self, reason: Reason, now: Instant) {
        let (time, level) = self.rules.open_for(self.level);
        self.level = level;
        self.period += 1;
        self.reason = reason;
        self.lost = 0;
        self.is_spared = false;
        self.history.waiting().clear();
        self.state = State::Open { until: now + time };
    }

    /// All of its traffic comes back at once.
    fn close(&mut self, now: Instant) {
        self.state = State::Closed;
        self.start_anew(now);
    }

    fn start_anew(&mut self, now: Instant) {
        self.working_since = now;
        self.lost = 0;
        self.history.clear();
        self.ejected = None;
    }

    fn end_ramp(&mut self, now: Instant) {
        if let State::Ramp { since } = self.state
            && now.saturating_duration_since(since) >= Health::RAMP
        {
            self.state = State::Closed;
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed | State::Ramp { .. })
    }
}

// ===== impl Ticket =====

impl Ticket {
    pub(super) fn is_probe(self) -> bool {
        self.is_probe
    }
}
