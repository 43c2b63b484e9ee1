//! The settings of the router that say how a deployment is picked, and what failures lead to.

use std::time::Duration;

use steeplechase::deployment::{AllowedFails, FailureKind};
use steeplechase::dialects::intake::{Control, Overrides};
use steeplechase::layers::retry::RetryPolicy;
use steeplechase::{Class, Phase};

use super::*;

fn router(settings: &str) -> RouterSettings {
    quiet(&with_model(&format!("router_settings: {settings}\n"))).router
}

fn router_error(settings: &str) -> String {
    let errors = errors(&with_model(&format!("router_settings: {settings}\n")));
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors[0].clone()
}

#[test]
fn every_strategy_has_a_name() {
    for (name, strategy) in [
        ("simple-shuffle", RoutingStrategy::SimpleShuffle),
        ("least-busy", RoutingStrategy::LeastBusy),
        ("latency-based-routing", RoutingStrategy::LatencyBased),
        ("usage-based-routing", RoutingStrategy::UsageBased),
        ("usage-based-routing-v2", RoutingStrategy::UsageBased),
        ("cost-based-routing", RoutingStrategy::CostBased),
        ("hot-cold", RoutingStrategy::HotCold),
        ("success-rate", RoutingStrategy::SuccessRate),
    ] {
        let router = router(&format!("{{routing_strategy: {name}}}"));
        assert_eq!(router.routing_strategy, strategy);
    }
    let settings = "{routing_strategy: slo-cheapest, routing_strategy_args: {first_token: 1.5}}";
    let args = router(settings).routing_strategy_args;
    assert_eq!(args.first_token, Some(Duration::from_millis(1500)));
    assert_eq!(
        router_error("{routing_strategy: slo-cheapest}"),
        "config.yaml:4: router_settings: `slo-cheapest` needs to know which time to the first token is \
         fast enough; write for example `routing_strategy_args: {first_token: 2}`",
    );
}

#[test]
fn a_routing_group_is_a_name_for_models_with_a_strategy_of_their_own() {
    let groups = router(
        "{routing_groups: [{group_name: fast, models: [gpt-4o], routing_strategy: least-busy}]}",
    )
    .routing_groups;
    assert_eq!(groups.len(), 1);
    assert_eq!(
        (&*groups[0].name, groups[0].strategy),
        ("fast", RoutingStrategy::LeastBusy)
    );
    assert_eq!(groups[0].models, ["gpt-4o"]);
    assert!(router_error("{routing_groups: [{models: [gpt-4o]}]}").contains("group_name"));
    assert!(router_error("{routing_groups: [{group_name: fast}]}").contains("models"));
}

#[test]
fn a_routing_group_may_rank_its_models_under_any_strategy() {
    for (strategy, expected) in [
        ("priority", RoutingStrategy::SimpleShuffle),
        ("least-busy", RoutingStrategy::LeastBusy),
    ] {
        let group = format!(
            "{{group_name: all, models: [gpt-4o], routing_strategy: {strategy}, model_priorities: {{gpt-4o: 2}}}}"
        );
        let groups = router(&format!("{{routing_groups: [{group}]}}")).routing_groups;
        assert_eq!(groups[0].strategy, expected);
        assert_eq!(groups[0].priorities["gpt-4o"], 2);
    }
    // It is no strategy of the router.
    assert!(router_error("{routing_strategy: priority}").contains("expected one of"));
}

#[test]
fn shares_and_affinity_can_be_said_of_each_model() {
    let router = router(
        "{weights: {gpt-4o: {a: 3, b: 0.5}}, optional_pre_call_checks: [session_affinity],
          model_group_affinity_config: {gpt-4o: [], other: [deployment_affinity]}}",
    );
    assert_eq!(router.weights["gpt-4o"]["a"].to_string(), "3");
    assert_eq!(router.weights["gpt-4o"]["b"].to_string(), "0.5");
    assert!(router.affinity);
    let of_groups: Vec<_> = router.affinity_of_groups.into_iter().collect();
    assert_eq!(
        of_groups,
        [("gpt-4o".to_owned(), false), ("other".to_owned(), true)]
    );
    assert_eq!(
        router_error("{weights: {gpt-4o: {a: much}}}"),
        "config.yaml:4: router_settings.weights.gpt-4o.a: expected a number, zero or more, found \"much\"; \
         write for example `a: 1`",
    );
    assert_eq!(
        router_error("{model_group_affinity_config: {gpt-4o: 1}}"),
        "config.yaml:4: router_settings.model_group_affinity_config.gpt-4o: expected a list, found 1; write for \
         example `gpt-4o: [prompt_caching]`",
    );
}

#[test]
fn how_often_a_kind_of_failure_is_tried_again_is_read_by_litellms_names() {
    let router = router(
        "{retry_policy: {ContentPolicyViolationErrorRetries: 3, AuthenticationErrorRetries: 0, DefaultRetries: 1},
          model_group_retry_policy: {gpt-4o: {TimeoutErrorRetries: 4}}}",
    );
    let policy = router.retry_policy;
    assert_eq!(policy.retries(Class::ContentPolicy), Some(3));
    assert_eq!(policy.retries(Class::Auth), Some(0));
    assert_eq!(policy.retries(Class::Server), Some(1));
    let timeouts = RetryPolicy::new().class(Class::Timeout(Phase::Connect), 4);
    assert_eq!(
        router.model_group_retry_policy,
        [("gpt-4o".to_owned(), timeouts)]
    );

    let text = with_model("router_settings: {retry_policy: {TimeoutErrorRetrys: 1}}\n");
    assert_eq!(
        warnings(&text),
        [
            "config.yaml:4: router_settings.retry_policy.TimeoutErrorRetrys: unknown kind of failure, ignored; \
          did you mean `TimeoutErrorRetries`?"
        ],
    );
}

#[test]
fn how_many_failures_of_a_kind_are_allowed_is_read_for_all_and_for_one_deployment() {
    let text = "
model_list:
  - model_name: gpt-4o
    litellm_params: {model: openai/gpt-4o, cooldown_time: 0, num_retries: 1, tags: [free], region_name: eu}
    model_info: {allowed_fails: 9, allowed_fails_policy: {RateLimitErrorAllowedFails: 2}, cooldown_time: 7}
router_settings: {allowed_fails_policy: {TimeoutErrorAllowedFails: 1}}
";
    let config = quiet(text);
    let timeouts = AllowedFails::new().kind(FailureKind::Timeout, 1);
    assert_eq!(config.router.allowed_fails_policy, timeouts);
    let own = AllowedFails::new()
        .others(9)
        .kind(FailureKind::RateLimit, 2);
    let model = &config.models[0];
    assert_eq!(model.info.allowed_fails, own);
    assert_eq!(model.params.cooldown_time, Some(Duration::ZERO));
    assert_eq!(model.info.cooldown_time, Some(Duration::from_secs(7)));
    assert_eq!(model.params.region.as_deref(), Some("eu"));
}

#[test]
fn tags_and_the_rest_of_the_router_are_read() {
    let router = router(
        "{enable_tag_filtering: true, tag_filtering_match_any: false, tag_routing_prefix: 'route:',
          max_fallbacks: 2, enable_mid_stream_fallback_continuation: true, default_priority: 5, queue: 2,
          optional_pre_call_checks: [prompt_caching], compat: litellm, set_verbose: true}",
    );
    assert!(router.enable_tag_filtering && router.affinity && router.continuation);
    assert_eq!(router.tag_filtering_match_any, Some(false));
    assert_eq!(router.tag_routing_prefix.as_deref(), Some("route:"));
    assert_eq!(
        (router.max_fallbacks, router.default_priority),
        (Some(2), Some(5))
    );
    assert_eq!(router.queue, Some(Duration::from_secs(2)));
    assert_eq!(router.compat, Compat::Litellm);
    assert!(router_error("{compat: python}").contains("`native` or `litellm`"));
}

#[test]
fn what_every_deployment_has_lies_under_its_own_settings() {
    let text = "
model_list:
  - {model_name: a, litellm_params: {model: openai/a}}
  - {model_name: a, litellm_params: {model: openai/b, timeout: 5, temperature: 1}}
router_settings:
  default_litellm_params: {timeout: 60, temperature: 0, max_retries: 3, tags: [all]}
  default_max_parallel_requests: 4
";
    let models = quiet(text).models;
    let timeouts: Vec<_> = models.iter().map(|model| model.params.timeout).collect();
    assert_eq!(
        timeouts,
        [60, 5].map(|seconds| Some(Duration::from_secs(seconds)))
    );
    assert_eq!(models[0].params.default_params["temperature"], 0);
    assert_eq!(models[1].params.default_params["temperature"], 1);
    assert!(
        models
            .iter()
            .all(|model| model.params.max_parallel_requests == Some(4))
    );
    assert!(models.iter().all(|model| model.params.tags == ["all"]));
    assert!(!models[0].params.default_params.contains_key("max_retries"));
}

#[test]
fn what_callers_may_ask_for_is_for_the_operator_to_say() {
    let overrides = |written: &str| {
        let text = with_model(&format!(
            "general_settings: {{caller_overrides: {written}}}\n"
        ));
        quiet(&text).general.caller_overrides
    };
    assert_eq!(
        quiet(&with_model("")).general.caller_overrides,
        Overrides::ALL
    );
    assert_eq!(overrides("all"), Overrides::ALL);
    assert_eq!(overrides("none"), Overrides::NONE);
    let some = Overrides::NONE
        .allow(Control::Timeout)
        .allow(Control::Retries);
    assert_eq!(overrides("[timeout, retries]"), some);
    let text = with_model("general_settings: {caller_overrides: [timeouts]}\n");
    assert!(errors(&text)[0].contains("expected one of fallbacks, hedge, mock"));
}

#[test]
fn how_many_calls_may_be_in_progress_is_read_by_litellms_names() {
    let text = with_model(
        "general_settings: {max_in_flight_requests_per_worker: 100, max_queued_requests_per_worker: 20,
          admission_queue_timeout_seconds: 0.5}\n",
    );
    let expected = Admission {
        max_in_flight: Some(100),
        max_queued: Some(20),
        max_wait: Some(Duration::from_millis(500)),
    };
    assert_eq!(quiet(&text).general.admission, expected);
}
