//! Any sequence of requests for leave, checked against a model.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{self, Instant};

use super::super::paused;
use crate::Budget;
use crate::attempts::{Attempts, BudgetConfig, Denied, Kind, Leave};

#[derive(Clone, Copy, Debug)]
enum Op {
    SetMax(u8),
    Hold(u8),
    Deadline(u64),
    Advance(u64),
    Enter,
    Start(Kind),
    End,
}

/// The rules in plain words: what a request has used, what is held, what time it is.
#[derive(Debug)]
struct Model {
    max: u8,
    used: u8,
    held: u8,
    now: u64,
    deadline: u64,
    tokens: Option<u64>,
}

impl Model {
    fn start(&mut self, kind: Kind) -> Result<(), Denied> {
        let is_extra = matches!(kind, Kind::Hedge | Kind::Retry);
        let held = if is_extra { self.held } else { 0 };
        if u32::from(self.used) + u32::from(held) >= u32::from(self.max) {
            return Err(Denied::AttemptsSpent);
        }
        if self.now >= self.deadline {
            return Err(Denied::DeadlinePassed);
        }
        match &mut self.tokens {
            Some(0) if is_extra => return Err(Denied::BudgetSpent),
            Some(tokens) if is_extra => *tokens -= 1,
            _ => {}
        }
        self.used += 1;
        Ok(())
    }
}

proptest! {
    #[test]
    fn it_gives_leave_when_the_model_does(
        burst in 0..4_u16,
        ops in proptest::collection::vec(any_op(), 0..40),
    ) {
        paused(run(burst, ops))?;
    }
}

async fn run(burst: u16, ops: Vec<Op>) -> Result<(), TestCaseError> {
    let config = BudgetConfig::new().burst(burst).ratio(0.0).reserve(0.0);
    let budget = Budget::new(config.min_in_flight(u16::MAX));
    let attempts = Attempts::default();
    let started = Instant::now();
    let mut leaves: Vec<(Leave, bool)> = Vec::new();
    let mut model = Model {
        max: 3,
        used: 1,
        held: 0,
        now: 0,
        deadline: u64::MAX,
        tokens: None,
    };

    for op in ops {
        match op {
            Op::SetMax(max) => {
                attempts.set_max(max);
                model.max = max.clamp(1, 5);
            }
            Op::Hold(legs) => {
                attempts.hold(legs);
                model.held = legs;
            }
            Op::Deadline(millis) => {
                attempts.limit_deadline(started + Duration::from_millis(millis));
                model.deadline = model.deadline.min(millis);
            }
            Op::Advance(millis) => {
                time::advance(Duration::from_millis(millis)).await;
                model.now += millis;
            }
            Op::Enter => {
                attempts.enter(&budget);
                model.tokens = model.tokens.or(Some(burst.into()));
            }
            Op::Start(kind) => {
                let draws = model.tokens.is_some() && matches!(kind, Kind::Hedge | Kind::Retry);
                let leave = attempts.try_start(kind);
                prop_assert_eq!(
                    leave.as_ref().map(|_| ()).map_err(|denied| *denied),
                    model.start(kind)
                );
                leaves.extend(leave.map(|leave| (leave, draws)));
            }
            Op::End => drop(leaves.pop()),
        }
        let drawn = leaves.iter().filter(|(_, draws)| *draws).count();
        prop_assert_eq!(budget.extra_in_flight(), drawn as u64);
        prop_assert_eq!(
            budget.requests_in_flight(),
            u64::from(model.tokens.is_some())
        );
        prop_assert_eq!(attempts.used(), model.used);
        prop_assert_eq!(attempts.left(), model.max.saturating_sub(model.used));
        prop_assert!(attempts.used() <= Attempts::HARD_CAP);
    }
    drop((attempts, leaves));
    prop_assert_eq!(
        (budget.requests_in_flight(), budget.extra_in_flight()),
        (0, 0)
    );
    Ok(())
}

fn any_op() -> impl Strategy<Value = Op> {
    let kinds = [Kind::Retry, Kind::Hedge, Kind::Race, Kind::Fallback];
    prop_oneof![
        1 => (0..8_u8).prop_map(Op::SetMax),
        1 => (0..4_u8).prop_map(Op::Hold),
        1 => (0..100_u64).prop_map(Op::Deadline),
        1 => (0..20_u64).prop_map(Op::Advance),
        1 => Just(Op::Enter),
        1 => Just(Op::End),
        6 => proptest::sample::select(kinds.to_vec()).prop_map(Op::Start),
    ]
}
