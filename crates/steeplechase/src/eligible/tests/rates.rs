//! Who has tokens left for a call.

use std::time::Duration;

use steeplechase_core::Class;
use steeplechase_core::deployment::{Days, Headroom, Measure, Need, Quota};
use tokio::time::{Instant, advance};

use super::*;

/// A call that may have an answer of so many tokens.
fn call(max_tokens: u64) -> Request<Call> {
    request(&format!(
        r#"{{"model":"fast","messages":[],"max_tokens":{max_tokens}}}"#
    ))
}

#[tokio::test(start_paused = true)]
async fn a_large_call_goes_to_who_has_as_many_tokens_left() {
    let (small, large) = (builder("small"), builder("large"));
    let group = [
        small.tokens_per_minute(200).build(),
        large.tokens_per_minute(600).build(),
        builder("free").build(),
    ];
    let rules = Eligibility::new();
    let able = |call| eligible(&rules, &group, &call).unwrap();
    assert_eq!(able(call(100)), ["small", "large", "free"]);
    assert_eq!(able(call(300)), ["large", "free"]);
    assert_eq!(
        able(call(10_000)),
        ["large", "free"],
        "no answer is expected to be as long"
    );
    let permit = group[1].limits().try_reserve(Need::new(500, Some(0)));
    assert_eq!(able(call(300)), ["free"]);
    assert_eq!(able(call(50)), ["small", "large", "free"]);
    drop(permit);
}

#[tokio::test(start_paused = true)]
async fn where_nobody_has_it_says_when_somebody_will_and_then_they_do() {
    let group = [
        builder("a").tokens_per_minute(600).build(),
        builder("b").tokens_per_minute(6_000).build(),
    ];
    let rules = Eligibility::new();
    for (index, used) in [(0, 550), (1, 5_900)] {
        drop(group[index].limits().try_reserve(Need::new(used, Some(0))));
    }
    let error = eligible(&rules, &group, &call(300)).unwrap_err();
    assert_eq!(
        (error.class(), error.status().as_u16()),
        (Class::Unavailable, 429)
    );
    let wait = error.retry_after().unwrap();
    assert!(
        wait > Duration::from_secs(2) && wait < Duration::from_secs(3),
        "{wait:?}"
    );
    advance(wait).await;
    assert_eq!(eligible(&rules, &group, &call(300)).unwrap(), ["b"]);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_ever_has_is_refused_for_good() {
    let group = [
        builder("a").tokens_per_minute(100).build(),
        builder("b").tokens_per_minute(200).build(),
    ];
    let error = eligible(&Eligibility::new(), &group, &call(300)).unwrap_err();
    assert_eq!(
        (error.class(), error.retry_after()),
        (Class::TooLarge, None)
    );
    assert!(
        error.message().contains("200 a minute at the most"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_prompt_an_answer_and_a_day_may_be_too_long_each_by_itself() {
    const HOUR: Duration = Duration::from_secs(60 * 60);

    let only = |of, limit| {
        let days = Days::as_of(20 * HOUR, Duration::ZERO);
        [builder("a").at_most(of, limit).days(days).build()]
    };
    let rules = Eligibility::new();
    for (of, said) in [
        (
            Measure::OutputPerMinute,
            "300 tokens in its answer, and a deployment of the model may have 200 a minute at the most",
        ),
        (
            Measure::TokensPerDay,
            "tokens with its answer, and a deployment of the model may have 200 a day at the most",
        ),
    ] {
        let error = eligible(&rules, &only(of, 200), &call(300)).unwrap_err();
        assert_eq!(error.class(), Class::TooLarge);
        assert!(error.message().contains(said), "{error}");
    }

    let group = only(Measure::TokensPerDay, 1_000);
    drop(group[0].limits().try_reserve(Need::new(800, Some(0))));
    assert_eq!(eligible(&rules, &group, &call(100)).unwrap(), ["a"]);
    let error = eligible(&rules, &group, &call(300)).unwrap_err();
    assert_eq!(error.retry_after(), Some(4 * HOUR), "until the day is over");
    advance(4 * HOUR).await;
    assert_eq!(eligible(&rules, &group, &call(300)).unwrap(), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_provider_says_counts_as_what_the_operator_says() {
    let group = [builder("a").build(), builder("b").build()];
    let rules = Eligibility::new();
    assert_eq!(eligible(&rules, &group, &call(300)).unwrap(), ["a", "b"]);
    let mut tokens = Quota::default();
    (tokens.limit, tokens.remaining) = (Some(1_000), Some(100));
    tokens.reset = Some(Duration::from_secs(54));
    let mut headroom = Headroom::default();
    headroom.tokens = tokens;
    group[0].limits().provider_says(&headroom, Instant::now());
    assert_eq!(eligible(&rules, &group, &call(300)).unwrap(), ["b"]);
    assert_eq!(eligible(&rules, &group, &call(50)).unwrap(), ["a", "b"]);
    advance(Duration::from_secs(54)).await;
    assert_eq!(eligible(&rules, &group, &call(300)).unwrap(), ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn who_has_no_room_at_all_is_left_to_the_router_which_knows_when() {
    let group = [
        builder("a")
            .requests_per_minute(1)
            .tokens_per_minute(1_000)
            .build(),
        builder("b")
            .tokens_per_minute(1_000)
            .max_in_flight(0)
            .build(),
    ];
    drop(group[0].limits().try_acquire());
    let able = eligible(&Eligibility::new(), &group, &call(300)).unwrap();
    assert_eq!(able, ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn who_may_have_nothing_is_as_if_it_were_not_there() {
    let zero = || {
        [
            builder("a").requests_per_minute(0).build(),
            builder("b").tokens_per_minute(0).build(),
        ]
    };
    let [a, b] = zero();
    let group = [a, b, builder("c").build()];
    let rules = Eligibility::new();
    assert_eq!(eligible(&rules, &group, &request(HI)).unwrap(), ["c"]);
    let error = eligible(&rules, &zero(), &request(HI)).unwrap_err();
    assert_eq!(error.class(), Class::Unavailable);
    assert!(error.message().contains("limits are zero"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn of_a_large_group_somebody_whose_provider_speaks_of_limits_is_found_after_some_calls() {
    let group: Vec<_> = (0..100).map(|n| builder(&n.to_string()).build()).collect();
    let rules = Eligibility::new().of(&group, None);
    let call = call(300);
    assert!((0..20).all(|_| !rules.may_exclude(&call)));

    let mut headroom = Headroom::default();
    (headroom.tokens.limit, headroom.tokens.remaining) = (Some(1_000), Some(10));
    group[77].limits().provider_says(&headroom, Instant::now());
    assert!((0..7).any(|_| rules.may_exclude(&call)));
    assert!(rules.may_exclude(&call), "it is known from then on");
    let able = group.iter().filter(|it| rules.is_eligible(&call, it));
    assert_eq!(able.count(), 99);
}
