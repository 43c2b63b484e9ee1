//! Keys that are unknown, misspelt, or known to LiteLLM only.

use super::*;
use crate::config::known::{
    self, GENERAL, LITELLM, PARAMS, ROUTER, ROUTING_ARGS, TOP_LEVEL, nearest,
};

#[test]
fn a_key_that_only_litellm_acts_on_is_named() {
    let text = with_model(
        "guardrails: []
router_settings:
  redis_url: redis://localhost
litellm_settings:
  callbacks: [prometheus]
general_settings:
  database_url: os.environ/DATABASE_URL
",
    );
    let tell = "a setting of LiteLLM that is not acted on yet";
    assert_eq!(
        warnings(&text),
        [
            format!("config.yaml:4: guardrails: {tell}"),
            format!("config.yaml:6: router_settings.redis_url: {tell}"),
            format!("config.yaml:8: litellm_settings.callbacks: {tell}"),
            format!("config.yaml:10: general_settings.database_url: {tell}"),
        ],
    );
}

#[test]
fn a_key_of_a_deployment_that_only_litellm_acts_on_is_named_and_not_sent() {
    let text = with_params(&[
        "ssl_verify: /ca.pem",
        "azure_username: somebody",
        "input_cost_per_pixel: 0.000001",
    ]) + "    model_info: {access_groups: [beta]}\n";
    let tell = "a setting of LiteLLM that is not acted on yet";
    assert_eq!(
        warnings(&text),
        [
            format!("config.yaml:5: model_list[0].litellm_params.ssl_verify: {tell}"),
            format!("config.yaml:6: model_list[0].litellm_params.azure_username: {tell}"),
            format!("config.yaml:7: model_list[0].litellm_params.input_cost_per_pixel: {tell}"),
            format!("config.yaml:8: model_list[0].model_info.access_groups: {tell}"),
        ],
    );
    assert!(
        loaded(&text).config.models[0]
            .params
            .default_params
            .is_empty()
    );
}

#[test]
fn a_key_that_will_not_be_acted_on_is_named_with_the_reason_and_what_does_instead() {
    let text = with_params(&["silent_model: shadow"])
        + "router_settings: {plugins: [a.B], max_retries: 3, client_ttl: }
general_settings: {cancel_on_disconnect: false}
";
    assert_eq!(
        warnings(&text),
        [
            "config.yaml:5: model_list[0].litellm_params.silent_model: this is not acted on: no call is sent of \
             which nobody gets the answer; send a copy from the caller, where it is known whether its content \
             may go there",
            "config.yaml:6: router_settings.plugins: this is not acted on: they are classes of Python; choose a \
             `routing_strategy`, or write a layer of your own in Rust",
            "config.yaml:6: router_settings.max_retries: this is not acted on: the HTTP client never tries again \
             by itself; write `num_retries`",
            "config.yaml:7: general_settings.cancel_on_disconnect: this is always on here",
        ],
    );
    let params = &loaded(&text).config.models[0].params;
    assert!(params.default_params.is_empty(), "and it is not sent");
}

#[test]
fn an_unknown_key_is_named_with_the_one_that_was_probably_meant() {
    let text = "model_lst: []\n".to_owned()
        + MODEL
        + "    modle_info: {}
router_settings: {fallback: [], nonsense: 1, routing_strategy_args: {tll: 1}}
litellm_settings: {drop_parms: true}
general_settings: {masterkey: x}
";
    assert_eq!(
        warnings(&text),
        [
            "config.yaml:1: model_lst: unknown key, ignored; did you mean `model_list`?",
            "config.yaml:5: model_list[0].modle_info: unknown key, ignored; \
             did you mean `model_info`?",
            "config.yaml:6: router_settings.fallback: unknown key, ignored; \
             did you mean `fallbacks`?",
            "config.yaml:6: router_settings.nonsense: unknown key, ignored",
            "config.yaml:6: router_settings.routing_strategy_args.tll: unknown key, ignored; \
             did you mean `ttl`?",
            "config.yaml:7: litellm_settings.drop_parms: unknown key, ignored; \
             did you mean `drop_params`?",
            "config.yaml:8: general_settings.masterkey: unknown key, ignored; \
             did you mean `master_key`?",
        ],
    );
}

#[test]
fn a_misspelt_setting_of_a_deployment_is_told_apart_from_a_request_parameter() {
    let text = with_params(&["api_bse: http://localhost", "top_p: 1", "guided_json: {}"]);
    assert_eq!(
        warnings(&text),
        [
            "config.yaml:5: model_list[0].litellm_params.api_bse: unknown key, sent to the \
             provider with every request; did you mean `api_base`?"
        ],
    );
    let config = loaded(&text).config;
    let sent: Vec<&String> = config.models[0].params.default_params.keys().collect();
    assert_eq!(sent, ["api_bse", "top_p", "guided_json"]);
}

/// What a table calls acted on must be so: nothing is said about it when it is empty.
#[test]
fn what_is_called_acted_on_is_acted_on() {
    let nulls = |keys: &[&str], indent: &str, but: &[&str]| -> String {
        let keys = keys.iter().filter(|key| !but.contains(key));
        keys.flat_map(|key| [indent, *key, ":\n"]).collect()
    };
    let text = format!(
        "{}model_list:\n- model_name: a\n{}  litellm_params:\n    model: openai/a\n{}\
         router_settings:\n{}  routing_strategy_args:\n{}litellm_settings:\n{}general_settings:\n{}",
        "",
        nulls(
            known::MODEL.acted_on,
            "  ",
            &["model_name", "litellm_params"]
        ),
        nulls(PARAMS.acted_on, "    ", &["model"]),
        nulls(ROUTER.acted_on, "  ", &["routing_strategy_args"]),
        nulls(ROUTING_ARGS.acted_on, "    ", &[]),
        nulls(LITELLM.acted_on, "  ", &[]),
        nulls(GENERAL.acted_on, "  ", &[]),
    );
    quiet(&text);
}

#[test]
fn the_tables_do_not_contradict_themselves() {
    for table in [
        TOP_LEVEL,
        known::MODEL,
        PARAMS,
        ROUTER,
        ROUTING_ARGS,
        LITELLM,
        GENERAL,
    ] {
        for key in table.acted_on {
            assert!(!table.is_later(key), "{key} is in both lists");
        }
        let mut keys = table.acted_on.to_vec();
        keys.extend(table.later);
        keys.extend(table.refused.iter().map(|refused| refused.key));
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all, "a key is written twice");
    }
}

#[test]
fn a_swap_of_two_letters_is_one_mistake() {
    let meant = |word| nearest(word, ["timeout", "weight"].into_iter());
    assert_eq!(meant("tiemout"), Some("timeout"));
    assert_eq!(meant("wieght"), Some("weight"));
    assert_eq!(meant("height"), Some("weight"));
    assert_eq!(meant("order"), None);
    assert_eq!(meant(&"x".repeat(100_000)), None);
}
