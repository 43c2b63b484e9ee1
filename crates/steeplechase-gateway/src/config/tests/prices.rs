//! What somebody pays, and the file that has more prices.

use std::path::Path;

use steeplechase::dialects::catalog::models::Unpriced;

use super::*;

#[test]
fn prices_are_read_as_they_are_written() {
    let text = with_params(&[
        "input_cost_per_token: 1.5e-07",
        "output_cost_per_token: 0.0000006",
        // YAML 1.1 takes this for a text.
        "cache_read_input_token_cost: 1e-7",
        "input_cost_per_token_above_200k_tokens: '3e-07'",
        "input_cost_per_query: 1",
        "output_cost_per_reasoning_token: null",
        "base_model: azure/gpt-4o",
    ]) + "    model_info: {cache_creation_input_token_cost: 2.5e-07, max_tokens: 4096}\n";
    let model = &quiet(&text).models[0];
    let prices = |prices: &WrittenPrices| -> Vec<String> {
        prices
            .iter()
            .map(|(field, dollars)| format!("{field} {dollars}"))
            .collect()
    };
    assert_eq!(
        prices(&model.params.prices),
        [
            "cache_read_input_token_cost 1e-7",
            "input_cost_per_query 1",
            "input_cost_per_token 1.5e-7",
            "input_cost_per_token_above_200k_tokens 3e-07",
            "output_cost_per_token 6e-7",
        ]
    );
    assert_eq!(
        prices(&model.info.prices),
        ["cache_creation_input_token_cost 2.5e-7"]
    );
    assert_eq!(model.info.max_output_tokens, Some(4_096));
    assert_eq!(model.params.base_model.as_deref(), Some("azure/gpt-4o"));
    assert!(model.params.default_params.is_empty(), "none is sent");
}

#[test]
fn what_is_no_price_is_an_error_with_its_line() {
    let fix = "write dollars for one unit, for example `input_cost_per_token: 1.5e-07`";
    for (written, message) in [
        ("-1e-7", format!("a price cannot be negative; {fix}")),
        (".nan", format!("this is no decimal number; {fix}")),
        (".inf", format!("this is no decimal number; {fix}")),
        ("cheap", format!("this is no decimal number; {fix}")),
        ("1e400", format!("this is no decimal number; {fix}")),
        ("1000001", format!("this is too much to be a price; {fix}")),
        (
            "[1]",
            "expected a price in dollars, found a list; write for example \
             `input_cost_per_token: 1.5e-07`"
                .to_owned(),
        ),
        (
            "2.5",
            "this is $2.5 for one token; if it is meant for a million, write \
             `input_cost_per_token: 0.0000025`"
                .to_owned(),
        ),
    ] {
        let text = with_params(&[&format!("input_cost_per_token: {written}")]);
        let at = "config.yaml:5: model_list[0].litellm_params.input_cost_per_token";
        assert_eq!(errors(&text), [format!("{at}: {message}")], "{written}");
    }
}

#[test]
fn a_price_that_is_probably_meant_for_a_million_is_a_warning() {
    let text = with_params(&["output_cost_per_token: 0.6"]);
    assert_eq!(
        warnings(&text),
        [
            "config.yaml:5: model_list[0].litellm_params.output_cost_per_token: this is $0.6 for one \
             token; if it is meant for a million, write `output_cost_per_token: 0.0000006`"
        ]
    );
    quiet(&with_params(&["input_cost_per_request: 0.6"]));
}

#[test]
fn what_happens_without_a_price_is_one_of_three() {
    let with = |policy: &str| with_model(&format!("general_settings: {{unpriced: {policy}}}\n"));
    let policy = |written| quiet(&with(written)).general.unpriced;
    assert_eq!(quiet(MODEL).general.unpriced, Unpriced::Allow);
    assert_eq!(policy("allow"), Unpriced::Allow);
    assert_eq!(policy("deny"), Unpriced::Deny);
    assert_eq!(policy("estimate"), Unpriced::Estimate);
    assert_eq!(
        errors(&with("refuse")),
        [
            "config.yaml:4: general_settings.unpriced: expected `allow`, `deny` or `estimate`, found \
             \"refuse\"; write for example `unpriced: allow`"
        ]
    );
}

/// Where the map of prices is.
fn map(text: &str, env: fn(&str) -> Option<String>) -> Option<PriceMapFile> {
    let loaded = Config::parse(text, "conf/config.yaml", env).unwrap();
    assert_eq!(loaded.warnings, []);
    loaded.config.price_map
}

#[test]
fn the_map_of_prices_is_a_file_beside_the_configuration_or_in_the_environment() {
    let with = |path: &str| {
        with_model(&format!(
            "litellm_settings: {{model_cost_map_url: {path}}}\n"
        ))
    };
    let path = |text: &str| map(text, env).unwrap().path;
    assert_eq!(path(&with("prices.json")), Path::new("conf/prices.json"));
    assert_eq!(
        path(&with("/etc/prices.json")),
        Path::new("/etc/prices.json")
    );
    assert_eq!(path(&with("file:///etc/p.json")), Path::new("/etc/p.json"));
    assert_eq!(map(MODEL, env), None);

    let set: fn(&str) -> Option<String> =
        |name| (name == "LITELLM_MODEL_COST_MAP_URL").then(|| "env.json".to_owned());
    let of_environment = map(MODEL, set).unwrap();
    assert_eq!(of_environment.path, Path::new("env.json"));
    assert_eq!(of_environment.key_path, "LITELLM_MODEL_COST_MAP_URL");
    // What is written goes first, and LiteLLM has a variable to leave the other out.
    assert_eq!(
        map(&with("/a.json"), set).unwrap().path,
        Path::new("/a.json")
    );
    let local: fn(&str) -> Option<String> = |name| match name {
        "LITELLM_MODEL_COST_MAP_URL" => Some("https://example.com/p.json".to_owned()),
        "LITELLM_LOCAL_MODEL_COST_MAP" => Some("True".to_owned()),
        _ => None,
    };
    assert_eq!(map(MODEL, local), None);
}

#[test]
fn prices_from_a_url_are_refused_as_nobody_would_know_which_ones_count() {
    let text = with_model("litellm_settings: {model_cost_map_url: 'https://example.com/p.json'}\n");
    let fix = "download the file and write its path, or leave this out to use the built-in prices";
    assert_eq!(
        errors(&text),
        [format!(
            "config.yaml:4: litellm_settings.model_cost_map_url: prices are not fetched from a URL; {fix}"
        )]
    );
    let set = |name: &str| {
        (name == "LITELLM_MODEL_COST_MAP_URL").then(|| "http://example.com/p.json".to_owned())
    };
    let refused = Config::parse(MODEL, "config.yaml", set).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!(
            "config.yaml: LITELLM_MODEL_COST_MAP_URL: prices are not fetched from a URL; {fix}"
        )
    );
}
