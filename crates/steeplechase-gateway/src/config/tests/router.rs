use std::time::Duration;

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
fn every_setting_of_the_router_is_read() {
    let text = "
model_list:
  - {model_name: a, litellm_params: {model: openai/a}}
  - {model_name: b, litellm_params: {model: openai/b}}
router_settings:
  routing_strategy: latency-based-routing
  num_retries: 3
  timeout: 600
  stream_timeout: 60
  allowed_fails: 5
  cooldown_time: 30
  disable_cooldowns: true
  enable_pre_call_checks: true
  retry_after: 0.5
  fallbacks: [{a: [b]}]
  context_window_fallbacks: [{a: [b]}]
  content_policy_fallbacks: [{b: [a]}]
  default_fallbacks: [b]
  model_group_alias:
    gpt-4: a
    secret-gpt: {model: b, hidden: true}
  hedge: {delay: 0.8, max_extra: 0.1}
  race: {width: 3}
";
    let pair = |from: &str, to: &str| (from.to_owned(), vec![FallbackTarget::from(to)]);
    assert_eq!(
        quiet(text).router,
        RouterSettings {
            routing_strategy: RoutingStrategy::LatencyBased,
            routing_strategy_args: RoutingArgs::default(),
            num_retries: Some(3),
            timeout: Some(Duration::from_secs(600)),
            stream_timeout: Some(Duration::from_secs(60)),
            allowed_fails: Some(5),
            cooldown_time: Some(Duration::from_secs(30)),
            disable_cooldowns: true,
            enable_pre_call_checks: true,
            fallbacks: vec![pair("a", "b")],
            context_window_fallbacks: vec![pair("a", "b")],
            content_policy_fallbacks: vec![pair("b", "a")],
            default_fallbacks: vec!["b".into()],
            model_group_alias: vec![
                Alias {
                    alias: "gpt-4".to_owned(),
                    model: "a".to_owned(),
                    hidden: false,
                },
                Alias {
                    alias: "secret-gpt".to_owned(),
                    model: "b".to_owned(),
                    hidden: true,
                },
            ],
            retry_after: Some(Duration::from_millis(500)),
            drop_params: None,
            hedge: Some(HedgeSettings {
                delay: HedgeDelay::Fixed(Duration::from_millis(800)),
                max_extra: 0.1,
                max_cost: None,
                max_cost_ratio: None,
            }),
            race: Some(RaceSettings { width: 3 }),
            ..RouterSettings::default()
        },
    );
}

#[test]
fn what_litellm_settings_say_applies_where_router_settings_are_silent() {
    let text = with_model(
        "litellm_settings:
  num_retries: 5
  request_timeout: 10
  allowed_fails: 1
  drop_params: true
  fallbacks: [{gpt-4o: [gpt-4o]}]
  default_fallbacks: [gpt-4o]
router_settings:
  num_retries: 2
  fallbacks: []
",
    );
    let router = quiet(&text).router;
    assert_eq!(router.num_retries, Some(2));
    assert_eq!(router.timeout, Some(Duration::from_secs(10)));
    assert_eq!(router.allowed_fails, Some(1));
    assert_eq!(router.drop_params, Some(true));
    assert_eq!(router.fallbacks, []);
    assert_eq!(router.default_fallbacks, [FallbackTarget::from("gpt-4o")]);
}

const STRATEGIES: &str = "simple-shuffle, least-busy, latency-based-routing, usage-based-routing, \
                          usage-based-routing-v2, cost-based-routing, provider-budget-routing, \
                          hot-cold, success-rate, slo-cheapest";

#[test]
fn a_strategy_that_is_not_acted_on_is_replaced_with_a_warning() {
    let said = "`lar1-fast` is not acted on: it goes by a confidence that the caller states. \
                `simple-shuffle` is used";
    let text = with_model("router_settings:\n  routing_strategy: lar1-fast\n");
    assert_eq!(
        warnings(&text),
        [format!(
            "config.yaml:5: router_settings.routing_strategy: {said}; \
             choose one of {STRATEGIES} to decide otherwise"
        )],
    );
    let router = loaded(&text).config.router;
    assert_eq!(router.routing_strategy, RoutingStrategy::SimpleShuffle);
}

#[test]
fn an_unknown_strategy_is_an_error_that_lists_the_valid_ones() {
    assert_eq!(
        router_error("{routing_strategy: fastest}"),
        format!(
            "config.yaml:4: router_settings.routing_strategy: expected one of {STRATEGIES}, found \
             \"fastest\"; write for example `routing_strategy: simple-shuffle`"
        ),
    );
}

#[test]
fn arguments_of_the_strategy_are_read_and_those_without_effect_are_named() {
    let text = with_model(
        "router_settings:
  routing_strategy_args:
    ttl: 60
    lowest_latency_buffer: 0.5
    ttft_percentile: 0.9
",
    );
    let path = "router_settings.routing_strategy_args";
    assert_eq!(
        warnings(&text),
        [format!(
            "config.yaml:8: {path}.ttft_percentile: this is not acted on: latencies are kept as a moving \
             average, which has no percentiles; use `slo-cheapest` with `first_token` to keep within a time"
        )],
    );
    assert_eq!(
        loaded(&text).config.router.routing_strategy_args,
        RoutingArgs {
            ttl: Some(Duration::from_secs(60)),
            lowest_latency_buffer: Some(0.5),
            first_token: None,
        },
    );
}

#[test]
fn the_example_of_a_number_that_is_none() {
    let text = with_model("router_settings:\n  num_retries: many\n");
    assert_eq!(
        errors(&text),
        [
            "config.yaml:5: router_settings.num_retries: expected a whole number, found \"many\"; \
             write for example `num_retries: 2`"
        ],
    );
}

#[test]
fn settings_that_litellm_refuses_in_the_router_are_errors() {
    assert_eq!(
        router_error("{health_check_interval: 300}"),
        "config.yaml:4: router_settings.health_check_interval: this is no setting of the router, \
         and LiteLLM refuses it here; move it to `general_settings`",
    );
}

#[test]
fn fallbacks_of_the_wrong_shape_are_errors() {
    let cases = [
        (
            "{fallbacks: {gpt-4o: [a]}}",
            "fallbacks: expected a list, found a map; \
             write for example `fallbacks: [{gpt-4o: [claude-sonnet]}]`",
        ),
        (
            "{fallbacks: [gpt-4o]}",
            "fallbacks[0]: expected a map of one model to a list of models, found \"gpt-4o\"; \
             write for example `- gpt-4o: [claude-sonnet]`",
        ),
        (
            "{fallbacks: [{gpt-4o: [a], b: [c]}]}",
            "fallbacks[0]: expected one model in this item, found 2; begin a new item for each \
             model, for example `- gpt-4o: [claude-sonnet]`",
        ),
        (
            "{context_window_fallbacks: [{gpt-4o: a}]}",
            "context_window_fallbacks[0].gpt-4o: expected a list, found \"a\"; \
             write for example `gpt-4o: [claude-sonnet]`",
        ),
        (
            "{fallbacks: [{gpt-4o: [4]}]}",
            "fallbacks[0].gpt-4o[0]: expected a text, found 4; \
             write for example `- \"claude-sonnet\"`",
        ),
        (
            "{fallbacks: [{gpt-4o: [{messages: []}]}]}",
            "fallbacks[0].gpt-4o[0]: a fallback that is a map must name its `model`; \
             write for example `- claude-sonnet`",
        ),
        (
            "{default_fallbacks: gpt-4o}",
            "default_fallbacks: expected a list, found \"gpt-4o\"; \
             write for example `default_fallbacks: [gpt-4o]`",
        ),
    ];
    for (settings, said) in cases {
        assert_eq!(
            router_error(settings),
            format!("config.yaml:4: router_settings.{said}"),
        );
    }
}

#[test]
fn a_fallback_may_have_fields_but_no_place_and_no_key_of_its_own() {
    let text = with_model(
        "router_settings:\n  fallbacks: [{'*': [{model: gpt-4o, api_key: sk-1, temperature: 0}]}]\n",
    );
    assert_eq!(
        warnings(&text),
        [
            "config.yaml:5: router_settings.fallbacks[0].*[0].api_key: a fallback cannot say where it goes \
             or with which key, so this is ignored; make it a deployment in `model_list`, and name that"
        ],
    );
    let mut target = FallbackTarget::from("gpt-4o");
    target.fields.insert("temperature".to_owned(), 0.into());
    let fallbacks = loaded(&text).config.router.fallbacks;
    assert_eq!(fallbacks, [("*".to_owned(), vec![target])]);
}

#[test]
fn an_alias_must_say_what_it_stands_for() {
    assert_eq!(
        router_error("{model_group_alias: {gpt-4: {hidden: true}}}"),
        "config.yaml:4: router_settings.model_group_alias.gpt-4: an alias must name the `model` it \
         stands for; write for example `gpt-4: {model: gpt-4o}`",
    );
}

#[test]
fn hedging_is_auto_or_a_map() {
    assert_eq!(
        router("{hedge: auto}").hedge,
        Some(HedgeSettings::default())
    );
    assert_eq!(router("{hedge: {}}").hedge, Some(HedgeSettings::default()));
    assert_eq!(
        router("{hedge: {delay: auto}}").hedge,
        Some(HedgeSettings::default())
    );
    let ratio = router("{hedge: {max_cost_ratio: 3}}").hedge;
    assert_eq!(ratio.and_then(|it| it.max_cost_ratio), Some(3.0));
    assert_eq!(router("{hedge: }").hedge, None);

    for (written, has) in [
        ("{}", true),
        ("{patience: false}", false),
        ("{compat: litellm}", false),
        ("{compat: litellm, patience: true}", true),
    ] {
        assert_eq!(router(written).has_patience(), has, "{written}");
    }
    for (written, found) in [
        ("true", "true"),
        ("0.8", "0.8"),
        ("off", "false"),
        ("fast", "\"fast\""),
    ] {
        assert_eq!(
            router_error(&format!("{{hedge: {written}}}")),
            format!(
                "config.yaml:4: router_settings.hedge: expected `auto` or a map, found {found}; \
                 write for example `hedge: auto` or `hedge: {{delay: 0.8, max_extra: 0.05}}`"
            ),
        );
    }
    let cases = [
        (
            "{delay: soon}",
            "hedge.delay: expected `auto` or a number of seconds, found \"soon\"; \
             write for example `delay: 0.8`",
        ),
        (
            "{max_extra: 5}",
            "hedge.max_extra: expected a share of all calls, from 0 to 1, found 5; \
             write for example `max_extra: 0.05`",
        ),
        (
            "{dealy: 1}",
            "hedge.dealy: unknown key of `hedge`; it has `delay`, `max_extra`, `max_cost` and `max_cost_ratio`",
        ),
        (
            "{max_cost_ratio: 0.5}",
            "hedge.max_cost_ratio: expected how many times as much as the first try, 1 or more, found 0.5; \
             write for example `max_cost_ratio: 2`",
        ),
    ];
    for (settings, said) in cases {
        assert_eq!(
            router_error(&format!("{{hedge: {settings}}}")),
            format!("config.yaml:4: router_settings.{said}"),
        );
    }
}

#[test]
fn a_race_has_a_width_of_two_to_five() {
    assert_eq!(router("{race: {}}").race, Some(RaceSettings { width: 2 }));
    assert_eq!(
        router("{race: {width: 5}}").race,
        Some(RaceSettings { width: 5 })
    );
    let cases = [
        (
            "2",
            "race: expected a map, found 2; write for example `race: {width: 2}`",
        ),
        (
            "{width: 1}",
            "race.width: expected a whole number of at least 2, found 1; \
             write for example `width: 2`",
        ),
        (
            "{width: 6}",
            "race.width: expected a whole number from 2 to 5, found 6; \
             write for example `width: 2`",
        ),
        (
            "{lanes: 2}",
            "race.lanes: unknown key of `race`; it has `width`",
        ),
    ];
    for (settings, said) in cases {
        assert_eq!(
            router_error(&format!("{{race: {settings}}}")),
            format!("config.yaml:4: router_settings.{said}"),
        );
    }
}
