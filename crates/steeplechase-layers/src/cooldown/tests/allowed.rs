//! How many failures of which kind are allowed, one sentence for each test.

use steeplechase_core::Phase;
use steeplechase_core::deployment::{AllowedFails, Availability, FailureKind};
use tokio::time::{self, Instant};

use super::*;

const LATE: Class = Class::Timeout(Phase::FirstToken);

fn allowing(kind: FailureKind, failures: u32) -> CooldownConfig {
    CooldownConfig::new().allowed_fails_policy(AllowedFails::new().kind(kind, failures))
}

fn is_ready(bench: &Bench) -> bool {
    bench.health.availability(Instant::now()) == Availability::Ready(1.0)
}

#[tokio::test(start_paused = true)]
async fn each_kind_may_fail_as_often_as_it_is_allowed_to_and_no_more() {
    for (kind, class) in [
        (FailureKind::BadRequest, Class::InvalidRequest),
        (FailureKind::BadRequest, Class::ContextWindow),
        (FailureKind::Authentication, Class::Auth),
        (FailureKind::Timeout, LATE),
        (FailureKind::RateLimit, Class::RateLimited),
        (FailureKind::RateLimit, Class::Quota),
        (FailureKind::ContentPolicyViolation, Class::ContentPolicy),
        (FailureKind::InternalServer, Class::Server),
        (FailureKind::BadGateway, Class::Transport),
        (FailureKind::ServiceUnavailable, Class::Overloaded),
    ] {
        let mut bench = Bench::new(allowing(kind, 12));
        for _ in 0..12 {
            let error = Error::new(class, "failed").with_retry_after(secs(9));
            bench.fail(error).await;
        }
        assert!(is_ready(&bench), "{class:?}");
        bench.fail_times(class, 1).await;
        assert!(bench.is_open(), "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_number_for_one_kind_says_nothing_of_another() {
    let mut bench = Bench::new(allowing(FailureKind::RateLimit, 100));
    bench.fail_times(LATE, 4).await;
    bench.fail_times(Class::RateLimited, 20).await;
    assert!(is_ready(&bench));
    bench.fail_times(LATE, 1).await;
    assert!(bench.is_open(), "the fifth in a row");

    let mut bench = Bench::new(allowing(FailureKind::Timeout, 100));
    bench.fail_times(Class::RateLimited, 1).await;
    assert!(bench.health.cooling(Instant::now()).is_some());
}

#[tokio::test(start_paused = true)]
async fn the_others_share_the_number_for_all_kinds() {
    let policy = AllowedFails::new().others(6).kind(FailureKind::Timeout, 1);
    let mut bench = Bench::new(CooldownConfig::new().allowed_fails_policy(policy));
    bench.fail_times(LATE, 1).await;
    bench.fail_times(Class::Server, 3).await;
    bench.fail_times(Class::Transport, 3).await;
    assert!(is_ready(&bench));
    bench.fail_times(Class::Overloaded, 1).await;
    assert!(bench.is_open());
}

#[tokio::test(start_paused = true)]
async fn failures_are_counted_by_the_minute() {
    for (apart, opens) in [(9, true), (21, false)] {
        let mut bench = Bench::new(allowing(FailureKind::Timeout, 3));
        for _ in 0..6 {
            if !bench.is_open() {
                bench.fail_times(LATE, 1).await;
                time::advance(secs(apart)).await;
            }
        }
        assert_eq!(bench.is_open(), opens, "{apart} s apart");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_deployment_says_for_itself_goes_first() {
    let general = AllowedFails::new().others(1).kind(FailureKind::Timeout, 1);
    let own = AllowedFails::new().kind(FailureKind::Timeout, 3);
    let deployment = Deployment::builder("a", "fast", Dialect::OpenAi).allowed_fails(own);
    let deployment = deployment.build();
    let config = CooldownConfig::new().allowed_fails_policy(general);
    let bench = || {
        let layer = CooldownLayer::of(&deployment, config);
        Bench::with(layer, Arc::clone(deployment.health()))
    };
    let mut one = bench();
    one.fail_times(LATE, 3).await;
    one.fail_times(Class::Server, 1).await;
    assert!(is_ready(&one));
    one.fail_times(Class::Server, 1).await;
    assert!(one.is_open(), "of the others it says nothing");
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_deployment_goes_before_the_providers_and_that_before_the_settings() {
    let limited = || Error::new(Class::RateLimited, "busy");
    let config = CooldownConfig::new().cooldown_time(secs(300));
    for (own, hint, expected) in [
        (Some(secs(7)), Some(secs(9)), Some(secs(7))),
        (Some(secs(7)), None, Some(secs(7))),
        (None, Some(secs(9)), Some(secs(9))),
        (None, None, Some(secs(300))),
        // Zero is an answer too.
        (Some(Duration::ZERO), Some(secs(9)), None),
        (Some(Duration::ZERO), None, None),
    ] {
        let mut builder = Deployment::builder("a", "fast", Dialect::OpenAi);
        if let Some(time) = own {
            builder = builder.cooldown_time(time);
        }
        let deployment = builder.build();
        let layer = CooldownLayer::of(&deployment, config);
        let mut bench = Bench::with(layer, Arc::clone(deployment.health()));
        bench.fail(limited().with_retry_after(hint)).await;
        let now = Instant::now();
        let cooling = bench.health.cooling(now).map(|until| until - now);
        assert_eq!(cooling, expected, "{own:?}, {hint:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_is_never_to_be_left_alone_is_not() {
    let deployment = Deployment::builder("a", "fast", Dialect::OpenAi).cooldown_time(secs(0));
    let deployment = deployment.build();
    let layer = CooldownLayer::of(&deployment, CooldownConfig::new());
    let mut bench = Bench::with(layer, Arc::clone(deployment.health()));
    for class in [Class::Auth, Class::RateLimited, Class::Server] {
        bench.fail_times(class, 20).await;
    }
    assert!(is_ready(&bench));
}

#[tokio::test(start_paused = true)]
async fn what_the_gateway_has_done_counts_by_no_number() {
    use steeplechase_core::Scope;

    let mut bench = Bench::new(allowing(FailureKind::RateLimit, 0));
    for scope in [Scope::Gateway, Scope::Request] {
        let error = Error::new(Class::RateLimited, "ours").with_scope(scope);
        bench.fail(error).await;
    }
    assert!(is_ready(&bench));
}
