//! Who has anything left to spend.

use std::time::Duration;

use steeplechase_core::purse::{Owner, Purse, Purses};
use steeplechase_core::{Class, Cost};
use tokio::time::advance;

use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Ten dollars a day for a provider, five for a deployment, one an hour for a tag.
fn purses() -> Arc<Purses> {
    let purse = |owner, dollars, window| {
        let limit = Cost::from_dollars(dollars).unwrap();
        Purse::new(owner, limit, window)
    };
    let all = [
        purse(Owner::Provider("openai".into()), "10", DAY),
        purse(Owner::Deployment("b".into()), "5", 2 * DAY),
        purse(Owner::Tag("chat".into()), "1", DAY / 24),
    ];
    Arc::new(all.into_iter().collect())
}

/// Of two providers, one with two deployments.
fn group() -> [Arc<Deployment>; 3] {
    let of = |id: &str, provider: &str| builder(id).provider(provider).build();
    [of("a", "openai"), of("b", "openai"), of("c", "groq")]
}

fn spend(purses: &Purses, owner: &str, dollars: &str) {
    let mut all = purses.iter();
    let purse = all.find(|purse| &**purse.owner().name() == owner).unwrap();
    purse
        .claim(Cost::ZERO)
        .settle(Cost::from_dollars(dollars).unwrap());
}

fn tagged() -> Request<Call> {
    asking(|asked| asked.tags = vec!["other".into(), "chat".into()])
}

#[tokio::test(start_paused = true)]
async fn who_has_spent_its_own_or_its_providers_is_left_out_until_the_window_is_over() {
    let (purses, group) = (purses(), group());
    let rules = Eligibility::new().purses(&purses);
    let able = || eligible(&rules, &group, &request(HI)).unwrap();
    assert_eq!(able(), ["a", "b", "c"]);
    spend(&purses, "openai", "9.999999999");
    assert_eq!(able(), ["a", "b", "c"], "a nano-dollar is left");
    spend(&purses, "b", "5");
    assert_eq!(able(), ["a", "c"]);
    spend(&purses, "openai", "0.000000001");
    assert_eq!(able(), ["c"]);
    let excluded = rules.of(&group, None).excluded_by(&request(HI), &group[0]);
    assert_eq!(excluded, "budget");
    advance(DAY).await;
    assert_eq!(able(), ["a", "c"]);
    advance(DAY).await;
    assert_eq!(able(), ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn where_nobody_has_any_it_says_whose_it_is_and_when_there_is_more() {
    let (purses, group) = (purses(), group());
    let group = &group[..2];
    let rules = Eligibility::new().purses(&purses);
    spend(&purses, "openai", "12");
    spend(&purses, "b", "12");
    advance(DAY / 2).await;
    let error = eligible(&rules, group, &request(HI)).unwrap_err();
    assert_eq!(
        (error.class(), error.status().as_u16()),
        (Class::Unavailable, 429)
    );
    assert_eq!(error.code(), Some("budget_exceeded"));
    assert_eq!(
        error.retry_after(),
        Some(DAY / 2),
        "of the first to come back"
    );
    assert_eq!(
        error.message(),
        "no deployment of the model is within its budget: that of the provider `openai`, $10 for 1d, is spent, \
         for another 43200 s"
    );
    advance(DAY / 2).await;
    assert_eq!(eligible(&rules, group, &request(HI)).unwrap(), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_tag_is_for_the_calls_that_have_it() {
    let (purses, group) = (purses(), group());
    let rules = Eligibility::new().purses(&purses);
    spend(&purses, "chat", "1.5");
    let able = |call| eligible(&rules, &group, &call);
    assert_eq!(able(request(HI)).unwrap(), ["a", "b", "c"]);
    let other = asking(|asked| asked.tags = vec!["other".into()]);
    assert_eq!(able(other).unwrap(), ["a", "b", "c"]);
    let error = able(tagged()).unwrap_err();
    assert!(
        error
            .message()
            .contains("that of the tag `chat`, $1 for 1h, is spent"),
        "{error}"
    );
    assert_eq!(error.retry_after(), Some(DAY / 24));

    // A deployment that is back sooner than the tag is no help.
    spend(&purses, "openai", "20");
    spend(&purses, "b", "20");
    advance(DAY / 48).await;
    let error = eligible(&rules, &group[..2], &tagged()).unwrap_err();
    assert!(error.message().contains("`openai`"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_is_reserved_is_not_left_and_may_be_soon() {
    let (purses, group) = (purses(), group());
    let rules = Eligibility::new().purses(&purses);
    let claim = purses.of(&group[0]).next().unwrap();
    let claim = claim.claim(Cost::from_dollars("11").unwrap());
    let able = || eligible(&rules, &group, &request(HI)).unwrap();
    assert_eq!(able(), ["c"]);
    let error = eligible(&rules, &group[..1], &request(HI)).unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
    assert!(
        error
            .message()
            .ends_with("is reserved for calls that are under way"),
        "{error}"
    );
    drop(claim);
    assert_eq!(able(), ["a", "b", "c"]);
}

#[test]
fn who_draws_on_none_is_asked_nothing() {
    let none = [builder("x").provider("groq").build()];
    let rules = Eligibility::new().purses(&purses()).of(&none, None);
    assert!(!rules.may_exclude(&request(HI)));
    assert!(rules.may_exclude(&tagged()));
}
