//! What may be spent.

use std::time::Duration;

use steeplechase::Cost;

use super::*;

const HOUR: u64 = 60 * 60;

fn budget(dollars: &str, seconds: u64) -> BudgetSettings {
    BudgetSettings {
        limit: Cost::from_dollars(dollars).unwrap(),
        window: Duration::from_secs(seconds),
    }
}

#[test]
fn deployments_providers_and_tags_have_budgets_by_either_name_of_each_half() {
    let text = "model_list:
  - model_name: gpt-4o
    litellm_params: {model: openai/gpt-4o, max_budget: 12.5, budget_duration: 1d}
router_settings:
  routing_strategy: provider-budget-routing
  optional_pre_call_checks: [router_budget_limiting]
  provider_budget_config:
    openai: {budget_limit: '1e2', time_period: 7d}
    azure: {max_budget: 0.000000000001, budget_duration: 1mo}
litellm_settings:
  tag_budget_config:
    product:chat-bot: {max_budget: 10, budget_duration: 2w}
";
    let config = quiet(text);
    let entry = &config.models[0];
    assert_eq!(
        entry.params.limits.budget(),
        Some(budget("12.5", 24 * HOUR))
    );
    assert!(entry.params.default_params.is_empty());
    let router = &config.router;
    assert_eq!(
        router.provider_budgets,
        [
            ("openai".to_owned(), budget("100", 7 * 24 * HOUR)),
            // What is less than can be counted is spent by the first call.
            ("azure".to_owned(), budget("0.000000001", 30 * 24 * HOUR)),
        ]
    );
    let of_tag = ("product:chat-bot".to_owned(), budget("10", 14 * 24 * HOUR));
    assert_eq!(router.tag_budgets, [of_tag]);
    assert_eq!(router.routing_strategy, RoutingStrategy::SimpleShuffle);
}

#[test]
fn times_are_as_litellm_has_them() {
    for (written, seconds) in [
        ("30s", 30),
        ("5m", 300),
        ("1h", HOUR),
        ("90m", 5_400),
        ("1d", 24 * HOUR),
        ("1w", 168 * HOUR),
        ("2mo", 60 * 24 * HOUR),
    ] {
        let params = ["max_budget: 1", &format!("budget_duration: {written}")];
        let config = quiet(&with_params(&params));
        let found = config.models[0].params.limits.budget();
        assert_eq!(found, Some(budget("1", seconds)), "{written}");
    }
    for written in [
        "1",
        "d",
        "0d",
        "1y",
        "-1d",
        "1.5d",
        "1 d",
        "1d2h",
        "99999999999999999999d",
        "[1d]",
    ] {
        let params = ["max_budget: 1", &format!("budget_duration: {written}")];
        let errors = errors(&with_params(&params));
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(
            errors[0].starts_with(
                "config.yaml:6: model_list[0].litellm_params.budget_duration: expected a time such as `30s`, `5m`, \
                 `1h`, `1d`, `1w` or `1mo`, found "
            ) && errors[0].ends_with("write for example `budget_duration: 1d`"),
            "{errors:?}"
        );
    }
}

#[test]
fn what_makes_no_sense_is_an_error_that_says_what_would() {
    let text = with_model(
        "router_settings:
  provider_budget_config:
    openai: 100
    azure: {budget_limit: -1, time_period: 1d}
    cohere: {budget_limit: '1e+30', time_period: 1d}
",
    );
    let path = "router_settings.provider_budget_config";
    let found: Vec<_> = errors(&text)
        .iter()
        .map(|line| line.replace("config.yaml:", "").replace(path, "#"))
        .collect();
    assert_eq!(
        found,
        [
            "6: #.openai: expected a map, found 100; write for example \
             `openai: {max_budget: 100, budget_duration: 1d}`",
            "7: #.azure.budget_limit: expected dollars, more than zero, found -1; \
             write for example `budget_limit: 100`",
            "8: #.cohere.budget_limit: expected less than 18 billion dollars, found \"1e+30\"; \
             write for example `budget_limit: 100`",
        ]
    );
}

#[test]
fn what_sets_no_limit_in_litellm_sets_none_and_is_a_warning() {
    let path = "config.yaml:5: model_list[0].litellm_params";
    for (written, warning) in [
        (
            "max_budget: 5",
            "max_budget: this has no effect without `budget_duration`; write for example `budget_duration: 1d`",
        ),
        (
            "budget_duration: 1d",
            "budget_duration: this has no effect without `max_budget`; write for example `max_budget: 100`",
        ),
        (
            "max_budget: 0",
            "max_budget: 0 sets no limit here, as in LiteLLM; write for example `max_budget: 100`",
        ),
    ] {
        let text = with_params(&[written]);
        assert_eq!(warnings(&text), [format!("{path}.{warning}")]);
        assert_eq!(loaded(&text).config.models[0].params.limits.budget(), None);
    }
    // The other half may be a default, and the other way round.
    let halves = |default: &str, own: &str| {
        let defaults = format!("router_settings: {{default_litellm_params: {{{default}}}}}\n");
        with_params(&[own]) + &defaults
    };
    quiet(&halves("budget_duration: 1d", "rpm: 1"));
    let config = quiet(&halves("budget_duration: 1d", "max_budget: 5"));
    let day = budget("5", 24 * HOUR);
    assert_eq!(config.models[0].params.limits.budget(), Some(day));
    assert_eq!(
        warnings(&halves("max_budget: 5", "rpm: 1")),
        [
            "config.yaml:3: model_list[0].litellm_params: `max_budget` has no effect without `budget_duration`; \
             write for example `budget_duration: 1d`"
        ]
    );
    let of_provider = |budget: &str| {
        let text = format!("router_settings:\n  provider_budget_config: {{openai: {budget}}}\n");
        let warnings = warnings(&with_model(&text));
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        let path = "config.yaml:5: router_settings.provider_budget_config.openai";
        warnings[0].strip_prefix(path).unwrap().to_owned()
    };
    let example = "write for example `openai: {max_budget: 100, budget_duration: 1d}`";
    assert_eq!(
        of_provider("{budget_limit: 1}"),
        format!(": a budget without `budget_duration` limits nothing, as in LiteLLM; {example}")
    );
    assert_eq!(
        of_provider("{time_period: 1d}"),
        format!(": a budget without `max_budget` limits nothing, as in LiteLLM; {example}")
    );
    assert_eq!(
        of_provider("{max_budget: 1, budget_duration: 1d, soft: 1}"),
        ".soft: unknown key, ignored; a budget has `max_budget` (or `budget_limit`) and `budget_duration` (or \
         `time_period`)"
    );
}
