//! Any sequence of requests and extra attempts, checked against a model.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time;

use super::super::paused;
use crate::attempts::{Budget, BudgetConfig};

#[derive(Clone, Copy, Debug)]
enum Op {
    Enter,
    Leave,
    Withdraw,
    Return,
    Advance(u64),
}

/// The bucket in thousandths, as whole numbers. The clock goes in milliseconds, of which each is worth
/// a whole number of thousandths.
#[derive(Debug)]
struct Model {
    ratio: u64,
    cap: u64,
    reserve: u64,
    min: u64,
    tokens: u64,
    /// What is due by time, and what has been paid by requests, since the bucket was last looked at.
    idle: u64,
    paid: u64,
    requests: u64,
    extra: u64,
}

impl Model {
    fn withdraw(&mut self) -> bool {
        let one = self.cap.min(1_000);
        let due = self.idle * self.reserve;
        self.tokens = self
            .tokens
            .max(one.min(self.tokens + due.saturating_sub(self.paid)));
        // What was paid ahead counts for later.
        self.paid = self.paid.saturating_sub(due);
        self.idle = 0;
        let allowed = self.min.max(self.requests * self.ratio / 1_000);
        let is_given = self.tokens >= 1_000 && self.extra < allowed;
        if is_given {
            self.tokens -= 1_000;
            self.extra += 1;
        }
        is_given
    }
}

proptest! {
    #[test]
    fn it_gives_what_the_model_gives(
        ratio in 0..=2_000_u32,
        burst in 0..5_u16,
        reserve in 0..=2_u32,
        min in 0..4_u16,
        ops in proptest::collection::vec(any_op(), 0..200),
    ) {
        let config = BudgetConfig::new()
            .ratio(f64::from(ratio) / 1_000.0)
            .burst(burst)
            .reserve(reserve.into())
            .min_in_flight(min);
        let model = Model {
            ratio: ratio.into(),
            cap: u64::from(burst) * 1_000,
            reserve: reserve.into(),
            min: min.into(),
            tokens: u64::from(burst) * 1_000,
            idle: 0,
            paid: 0,
            requests: 0,
            extra: 0,
        };
        paused(run(config, model, ops))?;
    }
}

async fn run(config: BudgetConfig, mut model: Model, ops: Vec<Op>) -> Result<(), TestCaseError> {
    let budget = Budget::new(config);
    let (mut entered, mut permits) = (Vec::new(), Vec::new());
    for op in ops {
        match op {
            Op::Enter => {
                entered.push(budget.enter());
                model.requests += 1;
                model.tokens = model.cap.min(model.tokens + model.ratio);
                model.paid = model.cap.min(model.paid + model.ratio);
            }
            Op::Leave => model.requests -= u64::from(entered.pop().is_some()),
            Op::Withdraw => {
                let permit = budget.try_withdraw();
                prop_assert_eq!(permit.is_some(), model.withdraw());
                permits.extend(permit);
            }
            Op::Return => model.extra -= u64::from(permits.pop().is_some()),
            Op::Advance(millis) => {
                time::advance(Duration::from_millis(millis)).await;
                model.idle += millis;
            }
        }
        prop_assert_eq!(budget.requests_in_flight(), model.requests);
        prop_assert_eq!(budget.extra_in_flight(), model.extra);
    }
    Ok(())
}

fn any_op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => Just(Op::Enter),
        2 => Just(Op::Leave),
        4 => Just(Op::Withdraw),
        3 => Just(Op::Return),
        2 => (0..1_500_u64).prop_map(Op::Advance),
    ]
}
