//! The layers, a line each: a name, the world it is tested in, and how it is made.

use std::time::Duration;

use steeplechase::dialects::intake::IntakeLayer;
use steeplechase::dialects::translate::TranslateLayer;
use steeplechase::layers::commit::CommitLayer;
use steeplechase::layers::continuation::ContinuationLayer;
use steeplechase::layers::cooldown::CooldownLayer;
use steeplechase::layers::fallback::FallbackLayer;
use steeplechase::layers::hedge::HedgeLayer;
use steeplechase::layers::keepalive::{KeepaliveConfig, KeepaliveLayer};
use steeplechase::layers::limit::LimitLayer;
use steeplechase::layers::observe::ObserveLayer;
use steeplechase::layers::race::RaceLayer;
use steeplechase::layers::retry::{RetryConfig, RetryLayer};
use steeplechase::layers::route::{RouteLayer, WeightedShuffle};
use steeplechase::layers::timeout::TimeoutLayer;
use steeplechase::preset::Joined;
use tower::layer::util::Identity;

use super::benches::{
    bare, calls, calls_that_do_not_fail, intake, translate, translate_between_dialects,
    translate_whole, translate_with_early_heads, whole_calls,
};
use super::checks::{keeps_the_contract, leaves_nothing_behind, tells_of_a_failed_readiness};
use super::group::{A_WHILE, Group, fallbacks, foreign};

macro_rules! contract {
    ($($name:ident in $bench:ident: $layer:expr;)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test(start_paused = true)]
            async fn calls_what_it_has_made_ready_and_comes_to_an_end() {
                keeps_the_contract(stringify!($name), &$bench(), $layer).await;
            }

            #[tokio::test(start_paused = true)]
            async fn tells_of_a_service_that_fails_to_get_ready() {
                tells_of_a_failed_readiness(stringify!($name), &$bench(), $layer).await;
            }

            #[tokio::test(start_paused = true)]
            async fn leaves_nothing_behind_wherever_it_is_dropped() {
                leaves_nothing_behind(stringify!($name), &$bench(), $layer).await;
            }
        }
    )*};
}

contract! {
    nothing in calls: |_| Identity::new();

    commit in calls: |_| CommitLayer::first_content();
    // It has read to the end, and what it hands on asks the body once more.
    commit_on_the_end in calls: |_| CommitLayer::complete();
    commit_on_the_head in calls: |_| CommitLayer::head();
    commit_over_a_bare_client in bare: |_| CommitLayer::first_byte();

    continuation in calls: |_| ContinuationLayer::new(Joined);
    continuation_off in calls: |_| ContinuationLayer::new(None::<Joined>);

    cooldown in calls: |group| CooldownLayer::new().track(group.one().health());
    cooldown_that_probes in calls_that_do_not_fail: |group| CooldownLayer::new().track(group.probed().health());
    cooldown_over_a_bare_client in bare: |_| CooldownLayer::new();

    fallback in calls: |_| FallbackLayer::new(fallbacks());

    hedge in calls: |_| HedgeLayer::after(A_WHILE);
    hedge_at_once in calls: |_| HedgeLayer::after(Duration::ZERO);
    hedge_auto in calls: |_| HedgeLayer::auto();
    hedge_off in calls: |_| HedgeLayer::off();
    hedge_over_a_bare_client in bare: |_| HedgeLayer::after(A_WHILE);

    keepalive in calls: |_| KeepaliveLayer::with(KeepaliveConfig::new().after(A_WHILE).every(A_WHILE));
    keepalive_of_a_whole_answer in whole_calls: |_| KeepaliveLayer::with(KeepaliveConfig::new());
    keepalive_off in calls: |_| KeepaliveLayer::off();

    limit in calls: |group| LimitLayer::tracking(group.one().limits());
    limit_over_a_bare_client in bare: |group| LimitLayer::tracking(group.one().limits());

    models in calls: Group::models;

    observe in calls: |group| ObserveLayer::new(group.one());

    race in calls: |_| RaceLayer::new(3);
    race_of_one in calls: |_| RaceLayer::new(1);
    race_over_a_bare_client in bare: |_| RaceLayer::new(2);

    retry in calls: |_| RetryLayer::with(RetryConfig::new().seed(7));
    retry_over_a_bare_client in bare: |_| RetryLayer::with(RetryConfig::new().seed(7));

    route in calls: |group| {
        RouteLayer::new(group.deployments.clone(), WeightedShuffle::seeded(7), |_| Identity::new())
    };
    route_over_a_bare_client in bare: |group| {
        RouteLayer::new(group.deployments.clone(), WeightedShuffle::seeded(7), |_| Identity::new())
    };

    timeout in calls: |_| TimeoutLayer::new().first_token(2 * A_WHILE).content_idle(2 * A_WHILE);
    timeout_over_a_bare_client in bare: |_| TimeoutLayer::new().byte_idle(2 * A_WHILE).total(4 * A_WHILE);

    from_intake in intake: |_| IntakeLayer::new();
    to_a_stream in translate: |group| TranslateLayer::to(group.one());
    to_a_stream_in_another_dialect in translate_between_dialects: |_| TranslateLayer::to(&foreign());
    to_a_whole_answer in translate_whole: |group| TranslateLayer::to(group.one());

    whole_stack in translate_with_early_heads: |group| (
        KeepaliveLayer::with(KeepaliveConfig::new().after(A_WHILE).every(A_WHILE)),
        FallbackLayer::new(fallbacks()),
        RaceLayer::new(1),
        group.models(),
        HedgeLayer::after(A_WHILE),
        RetryLayer::with(RetryConfig::new().seed(7)),
        group.route(),
    );
    preset in translate: Group::preset;
}
