//! Worlds at random: what providers do, what the operator has set, and what callers do.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use steeplechase::attempts::BudgetConfig;
use steeplechase::layers::admission::AdmissionConfig;
use steeplechase::layers::fallback::Fallbacks;
use steeplechase::layers::hedge::{Delay, HedgeConfig};
use steeplechase::layers::retry::RetryConfig;
use steeplechase::layers::timeout::{ByStream, Timeouts};
use steeplechase::{Deployment, Group, Preset};
use steeplechase_sim::{Behaviour, Sim};

use super::*;

/// How many calls a group's deployments take at a time: more than are ever let in at once.
const LIMIT: u32 = 6;

/// What a provider does with a request. Each of its answers has the same text, which is no other's.
#[derive(Clone, Copy, Debug)]
pub(super) enum Does {
    Answers,
    /// So many milliseconds to the first token, and from one to the next.
    AnswersSlowly(u64, u64),
    Fails(u16),
    Resets,
    Stalls,
    /// After 200 and so many tokens.
    Cuts(usize),
    Errs(usize),
    Ends(usize),
    StallsAfter(usize),
}

/// What happens in a world.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A call comes, for a stream or not.
    Call(bool),
    /// So many milliseconds pass.
    Wait(u64),
    /// A caller goes away.
    Drop(prop::sample::Index),
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    retries: u8,
    hedge: Delay,
    race: u8,
    has_fallback: bool,
    max_attempts: u8,
    budget: (f64, u16, u16),
    /// How many calls may be in progress, and how many may wait.
    pub(super) admission: Option<(u32, u32)>,
    has_limits: bool,
    /// In seconds.
    queue: Option<u64>,
    deadline: u64,
    /// In seconds: for each phase of an attempt.
    patience: u64,
}

#[derive(Clone, Debug)]
pub(super) struct World {
    /// For each provider what it does first, and then always.
    does: Vec<(Vec<Does>, Does)>,
    pub(super) settings: Settings,
    pub(super) steps: Vec<Step>,
    pub(super) seed: u64,
}

// ===== impl Does =====

impl Does {
    /// `text` is what it says.
    fn behaviour(self, text: &str) -> Behaviour {
        let answer = || Behaviour::answer().text(text).token_gap(millis(20));
        match self {
            Self::Answers => answer(),
            Self::AnswersSlowly(first, gap) => answer()
                .first_token_after(millis(first))
                .token_gap(millis(gap)),
            Self::Fails(status) => Behaviour::error(status),
            Self::Resets => Behaviour::reset(),
            Self::Stalls => Behaviour::stall_before_head(),
            Self::Cuts(tokens) => answer().cut_after_tokens(tokens),
            Self::Errs(tokens) => answer().error_event_after_tokens(tokens, "server_error"),
            Self::Ends(tokens) => answer().truncate_after_tokens(tokens),
            Self::StallsAfter(tokens) => answer().stall_after_tokens(tokens),
        }
    }
}

// ===== impl Settings =====

impl Settings {
    /// How many attempts a call may have.
    pub(super) fn max_attempts(&self) -> usize {
        self.max_attempts.clamp(1, 5).into()
    }

    pub(super) fn deadline(&self) -> Duration {
        secs(self.deadline)
    }

    fn preset(&self) -> Preset {
        let (ratio, burst, min_in_flight) = self.budget;
        let budget = BudgetConfig::new()
            .ratio(ratio)
            .burst(burst)
            .min_in_flight(min_in_flight);
        let timeouts = Timeouts::new()
            .first_token(secs(self.patience))
            .content_idle(secs(self.patience));
        let mut preset = Preset::new()
            .retry(RetryConfig::new().max_retries(self.retries))
            .hedge(HedgeConfig::new(self.hedge).initial(secs(1)))
            .race(self.race)
            .max_attempts(self.max_attempts)
            .budget(budget)
            .deadline(self.deadline())
            .timeouts(ByStream {
                whole: timeouts,
                stream: timeouts,
            });
        if self.has_fallback {
            preset = preset.fallbacks(Fallbacks::default().general(MODEL, [SPARE]));
        }
        if let Some((places, queued)) = self.admission {
            let config = AdmissionConfig::new(places)
                .max_queued(queued)
                .max_wait(secs(8));
            preset = preset.admission(config);
        }
        if let Some(max_wait) = self.queue {
            preset = preset.queue(secs(max_wait));
        }
        preset
    }
}

// ===== impl World =====

impl World {
    /// The name of a provider, and all that it ever says.
    pub(super) fn text(index: usize) -> String {
        let name = ["north", "east", "south", "west"][index];
        format!("{name} is where {name} winds blow from")
    }

    pub(super) fn texts(&self) -> Vec<String> {
        (0..self.does.len()).map(Self::text).collect()
    }

    /// The providers, as they are when the world begins.
    pub(super) fn hosts(&self) -> Hosts {
        let sims = self.does.iter().enumerate().map(|(index, (first, then))| {
            let text = Self::text(index);
            let first = first.iter().map(|does| does.behaviour(&text));
            Sim::new(format!("host-{index}"))
                .seed(self.seed)
                .script(first)
                .always(then.behaviour(&text))
        });
        Hosts::new(sims)
    }

    /// The deployments, and the groups that they are in: with a fallback, the last one is a group of its own.
    pub(super) fn preset(&self) -> (Vec<Arc<Deployment>>, Preset) {
        let all = 0..self.does.len();
        let spare = usize::from(self.settings.has_fallback);
        let deployments = all.map(|index| {
            let is_spare = index + spare == self.does.len();
            let model = if is_spare { SPARE } else { MODEL };
            let builder = deployment(&format!("host-{index}"), model);
            if self.settings.has_limits {
                builder.max_in_flight(LIMIT).build()
            } else {
                builder.build()
            }
        });
        let deployments: Vec<_> = deployments.collect();
        let (first, second) = deployments.split_at(deployments.len() - spare);
        let mut preset = self.settings.preset();
        preset = preset.group(Group::new(MODEL, first.to_vec()));
        if self.settings.has_fallback {
            preset = preset.group(Group::new(SPARE, second.to_vec()));
        }
        (deployments, preset)
    }
}

fn any_does() -> impl Strategy<Value = Does> {
    prop_oneof![
        3 => Just(Does::Answers),
        2 => (0..20_000_u64, 0..3_000_u64).prop_map(|(first, gap)| Does::AnswersSlowly(first, gap)),
        2 => prop_oneof![Just(500), Just(503), Just(429), Just(400), Just(401)].prop_map(Does::Fails),
        1 => Just(Does::Resets),
        2 => Just(Does::Stalls),
        1 => (0..5_usize).prop_map(Does::Cuts),
        1 => (0..5_usize).prop_map(Does::Errs),
        1 => (0..5_usize).prop_map(Does::Ends),
        1 => (0..5_usize).prop_map(Does::StallsAfter),
    ]
}

fn any_delay() -> impl Strategy<Value = Delay> {
    prop_oneof![
        Just(Delay::Off),
        Just(Delay::Auto),
        (0..5_000_u64).prop_map(|after| Delay::Fixed(millis(after))),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<bool>().prop_map(Step::Call),
        1 => (0..300_u64).prop_map(Step::Wait),
        1 => (300..15_000_u64).prop_map(Step::Wait),
        2 => any::<prop::sample::Index>().prop_map(Step::Drop),
    ]
}

prop_compose! {
    fn any_settings()(
        retries in 0..=4_u8,
        hedge in any_delay(),
        race in 1..=3_u8,
        has_fallback in any::<bool>(),
        max_attempts in 0..=7_u8,
        budget in (
            prop_oneof![Just(0.0), Just(0.2), Just(1.0), Just(10.0)],
            0..=10_u16,
            0..=5_u16,
        ),
        admission in option::weighted(0.7, (1..=4_u32, 0..=4_u32)),
        has_limits in any::<bool>(),
        queue in option::of(1..10_u64),
        deadline in 1..60_u64,
        patience in 1..20_u64,
    ) -> Settings {
        Settings {
            retries, hedge, race, has_fallback, max_attempts, budget, admission, has_limits, queue,
            deadline, patience,
        }
    }
}

prop_compose! {
    pub(super) fn any_world()(
        does in vec((vec(any_does(), 0..4), any_does()), 2..=4),
        settings in any_settings(),
        steps in vec(any_step(), 1..24),
        seed in any::<u64>(),
    ) -> World {
        World { does, settings, steps, seed }
    }
}
