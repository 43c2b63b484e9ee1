//! What may be spent in a while.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{Instant, advance};

use super::{ONE_MILLI, paused};
use crate::purse::{Empty, Owner, Purse, Purses};
use crate::{Cost, Deployment, Dialect};

const HOUR: Duration = Duration::from_secs(60 * 60);

fn nanos(nanos: u64) -> Cost {
    Cost::from_nanos(nanos)
}

fn purse(limit: u64) -> Purse {
    Purse::new(Owner::Tag("chat".into()), nanos(limit), HOUR)
}

fn check(purse: &Purse) -> Result<(), Empty> {
    purse.check(Instant::now())
}

#[tokio::test(start_paused = true)]
async fn an_attempt_goes_ahead_while_anything_is_left_whatever_it_costs() {
    let purse = purse(1);
    assert_eq!(check(&purse), Ok(()));
    purse.claim(nanos(500)).settle(nanos(900));
    assert_eq!(purse.spent(Instant::now()), nanos(900));
    assert_eq!(check(&purse), Err(Empty::Until(Instant::now() + HOUR)));
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_is_reserved_until_it_ends() {
    let purse = purse(100);
    let claims = [purse.claim(nanos(60)), purse.claim(nanos(40))];
    assert_eq!(check(&purse), Err(Empty::Reserved));
    assert_eq!(purse.spent(Instant::now()), Cost::ZERO);
    let [first, second] = claims;
    first.settle(nanos(59));
    assert_eq!(check(&purse), Ok(()), "59 are spent, and 40 reserved");
    drop(second);
    assert_eq!(purse.reserved(), Cost::ZERO, "it has cost nothing");
    assert_eq!(purse.spent(Instant::now()), nanos(59));
}

#[tokio::test(start_paused = true)]
async fn a_window_begins_with_the_first_claim_and_is_as_long_as_was_said() {
    let purse = purse(100);
    advance(10 * HOUR).await;
    let began = Instant::now();
    purse.claim(nanos(1)).settle(nanos(100));
    advance(HOUR.saturating_sub(ONE_MILLI)).await;
    assert_eq!(check(&purse), Err(Empty::Until(began + HOUR)));
    advance(ONE_MILLI).await;
    assert_eq!(check(&purse), Ok(()));
    assert_eq!(purse.spent(Instant::now()), Cost::ZERO);

    advance(HOUR / 2).await;
    let began = Instant::now();
    purse.claim(nanos(1)).settle(nanos(200));
    assert_eq!(check(&purse), Err(Empty::Until(began + HOUR)));
}

#[tokio::test(start_paused = true)]
async fn what_ends_in_the_next_window_is_spent_in_that() {
    let purse = purse(100);
    let claim = purse.claim(nanos(70));
    advance(2 * HOUR).await;
    assert_eq!(purse.reserved(), nanos(70), "it is still under way");
    claim.settle(nanos(100));
    let ends = Instant::now() + HOUR;
    assert_eq!(check(&purse), Err(Empty::Until(ends)));
}

#[tokio::test(start_paused = true)]
async fn its_successor_knows_what_was_spent_unless_the_window_is_another_one() {
    let old = purse(100);
    let under_way = old.claim(nanos(5));
    old.claim(nanos(1)).settle(nanos(90));
    let spent = |new: &Purse| new.spent(Instant::now()).nanos();
    let new = purse(80).continue_from(&old);
    assert_eq!((spent(&new), new.reserved()), (90, nanos(5)));
    assert!(check(&new).is_err() && check(&old).is_ok());
    under_way.settle(nanos(7));
    assert_eq!(spent(&new), 97);

    let day = Purse::new(Owner::Tag("chat".into()), nanos(80), 24 * HOUR);
    assert_eq!(spent(&day.continue_from(&old)), 0);
    let other = Purse::new(Owner::Provider("chat".into()), nanos(80), HOUR);
    assert_eq!(spent(&other.continue_from(&old)), 0);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_draws_on_its_own_and_on_its_providers() {
    let owners = || {
        [
            Owner::Deployment("eu-1".into()),
            Owner::Provider("openai".into()),
            Owner::Provider("azure".into()),
            Owner::Tag("chat".into()),
        ]
    };
    let purses = || owners().map(|owner| Purse::new(owner, nanos(10), HOUR));
    let old: Purses = purses().into_iter().collect();
    let drawn = |id: &str, provider: &str| {
        let deployment = Deployment::builder(id, "fast", Dialect::OpenAi).provider(provider);
        let deployment = deployment.build();
        let purses = old.of(&deployment).map(|it| it.owner().to_string());
        purses.collect::<Vec<_>>()
    };
    let both = ["the deployment `eu-1`", "the provider `openai`"];
    assert_eq!(drawn("eu-1", "openai"), both);
    assert_eq!(drawn("eu-2", "azure"), ["the provider `azure`"]);
    assert!(drawn("eu-2", "groq").is_empty());
    assert!(old.of_tag("chat").is_some() && old.of_tag("other").is_none());
    assert_eq!((old.iter().count(), old.tags().count()), (4, 1));
    assert!(!old.is_empty() && Purses::default().is_empty());

    let purse = old.of_tag("chat").unwrap();
    purse.claim(nanos(1)).settle(nanos(4));
    let new: Purses = purses().into_iter().collect();
    let new = new.continue_from(&old);
    let spent = |purse: &Arc<Purse>| purse.spent(Instant::now()).nanos();
    assert_eq!(new.iter().map(spent).sum::<u64>(), 4);
    assert_eq!(new.of_tag("chat").map(spent), Some(4));
}

proptest! {
    /// All that has ended and is under way is written down beside it.
    #[test]
    fn nobody_who_looks_first_overspends_by_more_than_one_attempt_and_what_it_was_wrong_by(
        limit in 1..500_u64,
        steps in prop::collection::vec((0..30_u32, 0..200_u64, any::<Option<(u8, Option<u8>)>>()), 1..80),
    ) {
        paused(async {
            let purse = purse(limit);
            let (mut spent, mut ends) = (0, None);
            let mut open = Vec::new();
            for (minutes, estimate, end) in steps {
                advance(minutes * HOUR / 60).await;
                let now = Instant::now();
                if ends.is_some_and(|ends| ends <= now) {
                    (spent, ends) = (0, None);
                }
                let reserved: u64 = open.iter().map(|(_, estimate)| estimate).sum();
                let expected = match ends {
                    Some(ends) if spent >= limit => Err(Empty::Until(ends)),
                    _ if spent + reserved >= limit => Err(Empty::Reserved),
                    _ => Ok(()),
                };
                prop_assert_eq!(purse.check(now), expected);
                prop_assert_eq!(purse.spent(now), nanos(spent));
                prop_assert_eq!(purse.reserved(), nanos(reserved));
                if expected.is_ok() {
                    ends = ends.or(Some(now + HOUR));
                    open.push((purse.claim(nanos(estimate)), estimate));
                    prop_assert!(spent + reserved < limit, "it is one attempt more");
                }
                let Some((which, cost)) = end.filter(|_| !open.is_empty()) else { continue };
                let (claim, _) = open.swap_remove(usize::from(which) % open.len());
                match cost {
                    Some(cost) => {
                        claim.settle(nanos(cost.into()));
                        spent += u64::from(cost);
                        ends = ends.or((cost > 0).then(|| now + HOUR));
                    }
                    None => drop(claim),
                }
            }
            drop(open);
            prop_assert_eq!(purse.reserved(), Cost::ZERO, "all of it was given back");
            Ok(())
        })?;
    }
}
