//! What may cross threads. An `Rc` inside would not compile.

use crate::attempts::{Attempt, BudgetConfig, Denied, Entered, Leave, Permit};
use crate::call::{Head, Spans};
use crate::deployment::{Auth, Availability, Circuit, DeploymentBuilder, FailOpen, InFlight};
use crate::price::{InvalidRate, PriceBuilder, Rate, Rates};
use crate::purse::{Claim, Purse, Purses};
use crate::{
    ApiKey, Attempts, Budget, Call, Chunk, Class, Cost, DefaultClassifier, Deployment, Error,
    Health, Limits, Load, ModelInfo, Outcome, Price, Pricing, RetryAfter, Usage,
};

#[test]
fn all_words_are_send_sync_unpin_and_static() {
    fn check<T: Send + Sync + Unpin + 'static>() {}

    check::<Attempts>();
    check::<(Attempt, Denied, Leave)>();
    check::<(Budget, BudgetConfig, Permit, Entered)>();
    check::<(Call, Head, Spans)>();
    check::<(Chunk, Usage)>();
    check::<(Class, DefaultClassifier, Outcome)>();
    check::<(Deployment, DeploymentBuilder, Auth, ApiKey)>();
    check::<(Error, crate::error::Upstream)>();
    check::<(Health, Availability, Circuit, FailOpen)>();
    check::<(Limits, crate::deployment::Permit)>();
    check::<(Load, InFlight)>();
    check::<RetryAfter>();
    check::<(Purse, Purses, Claim)>();
    check::<(Price, PriceBuilder, Pricing, Rates)>();
    check::<(Cost, Rate, InvalidRate, ModelInfo)>();
}

#[test]
fn what_is_cloned_for_each_attempt_is_a_few_words() {
    let word = size_of::<usize>();
    assert_eq!(size_of::<Attempts>(), word);
    assert_eq!(size_of::<Budget>(), word);
    assert!(size_of::<Call>() <= 3 * word);
    assert!(size_of::<Chunk>() <= 6 * word);
}
