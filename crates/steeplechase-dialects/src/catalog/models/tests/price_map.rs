//! LiteLLM's map of prices.

use proptest::prelude::*;
use steeplechase_core::model_info::{Ability, Mode};
use steeplechase_core::price::Service;

use super::*;

fn read(json: &str) -> PriceMap {
    PriceMap::read(json.as_bytes(), "prices.json").unwrap()
}

#[test]
fn a_map_is_read_as_litellm_means_it() {
    let map = read(
        r#"{
        "sample_spec": {"mode": "one of: chat, embedding"},
        "acme/big": {
            "litellm_provider": "acme", "mode": "chat",
            "max_input_tokens": 128000.0, "max_tokens": "4096",
            "input_cost_per_token": 1.5e-07, "output_cost_per_token": "6e-07",
            "input_cost_per_token_above_200k_tokens": 3e-07,
            "input_cost_per_token_above_200k_tokens_flex": 2e-07,
            "cache_read_input_token_cost": null,
            "search_context_cost_per_query": {"search_context_size_medium": 0.01},
            "supports_vision": true, "supports_function_calling": false,
            "supports_telepathy": true, "a_field_of_tomorrow": {"x": []}
        }}"#,
    );
    assert!(map.left_out.is_empty());
    let [model] = &map.models[..] else {
        panic!("{map:?}");
    };
    assert_eq!((model.id(), model.provider()), ("acme/big", "acme"));
    assert_eq!((model.source(), model.date()), (Some("prices.json"), None));
    let info = model.info();
    assert_eq!(info.mode, Some(Mode::Chat));
    assert_eq!(info.max_input_tokens, Some(128_000));
    assert_eq!(info.max_output_tokens, Some(4_096));
    assert_eq!(info.abilities.get(Ability::Vision), Some(true));
    assert_eq!(info.abilities.get(Ability::Tools), Some(false));
    assert_eq!(info.abilities.get(Ability::Pdf), None);
    let cost = |usage| model.price().cost(&usage).to_string();
    assert_eq!(cost(tokens(1_000, 1_000)), "0.00075");
    assert_eq!(cost(tokens(200_001, 0)), "0.0600003");
    let flex = Usage {
        service: Service::Flex,
        searches: 1,
        ..tokens(200_001, 0)
    };
    assert_eq!(cost(flex), "0.0500002");
}

#[test]
fn ranges_of_the_prompt_are_tiers() {
    let map = read(
        r#"{"dashscope/q": {"litellm_provider": "dashscope", "tiered_pricing": [
            {"range": [0, 32000.0], "input_cost_per_token": 1e-06, "output_cost_per_token": 5e-06},
            {"range": [32000.0, 128000.0], "input_cost_per_token": 2e-06}
        ]}}"#,
    );
    let cost = |prompt| map.models[0].price().cost(&tokens(prompt, 1)).nanos();
    assert_eq!(cost(32_000), 32_000 * 1_000 + 5_000);
    assert_eq!(cost(32_001), 32_001 * 2_000 + 5_000);
}

#[test]
fn a_tier_of_xai_begins_at_its_threshold() {
    let entry = |provider: &str| {
        format!(
            r#"{{"m": {{"litellm_provider": "{provider}", "input_cost_per_token": 1e-06,
            "input_cost_per_token_above_128k_tokens": 2e-06}}}}"#
        )
    };
    let cost = |provider| {
        read(&entry(provider)).models[0]
            .price()
            .cost(&tokens(128_000, 0))
            .nanos()
    };
    assert_eq!(cost("xai"), 128_000 * 2_000);
    assert_eq!(cost("openai"), 128_000 * 1_000);
}

#[test]
fn a_model_with_a_price_that_is_none_is_left_out_and_named() {
    let map = read(
        r#"{"a": {"input_cost_per_token": -1e-07}, "b": {"output_cost_per_token": "cheap"},
            "c": {"tiered_pricing": [{"range": [0, 9], "input_cost_per_token": -1}]},
            "d": {"tiered_pricing": [{"max_results_range": [0, 9], "input_cost_per_query": 1}],
                  "input_cost_per_token": 1e-07}}"#,
    );
    assert_eq!(map.models.len(), 1);
    assert_eq!(
        map.left_out,
        [
            "`a`: `input_cost_per_token`: a price cannot be negative",
            "`b`: `output_cost_per_token`: this is no decimal number",
            "`c`: `input_cost_per_token`: a price cannot be negative",
        ]
    );
}

#[test]
fn what_is_no_map_is_an_error() {
    for json in ["", "[]", "{", r#"{"a": 1}"#, r#"{"a": "b"}"#, "null"] {
        assert!(PriceMap::read(json.as_bytes(), "x").is_err(), "{json}");
    }
}

#[test]
fn a_model_of_the_map_takes_the_place_of_that_of_the_catalog() {
    let map = read(
        r#"{"GPT-4o": {"litellm_provider": "openai", "input_cost_per_token": 1e-06},
            "acme/big": {"litellm_provider": "acme", "input_cost_per_token": 2e-06}}"#,
    );
    let built_in = ModelTable::built_in();
    let table = (*built_in).clone().with(map.models);
    assert_eq!(table.models().len(), built_in.models().len() + 1);
    let cost = |provider, model| {
        let model = table.get(provider, model).unwrap();
        model.price().cost(&tokens(1, 0)).nanos()
    };
    assert_eq!(cost("openai", "gpt-4o"), 1_000);
    assert_eq!(cost("acme", "big"), 2_000);
    assert_eq!(cost("openai", "gpt-4o-mini"), 150);
}

#[test]
fn every_field_has_its_meaning_in_every_tier() {
    let mut price = PriceFields::new("openai");
    assert!(price.is_empty());
    for suffix in ["", "_batches", "_flex", "_priority"] {
        for above in ["", "_above_128k_tokens", "_above_272000_tokens"] {
            for name in [
                "input_cost_per_token",
                "output_cost_per_token",
                "cache_read_input_token_cost",
                "cache_creation_input_token_cost_above_1hr",
            ] {
                let field = format!("{name}{above}{suffix}");
                assert!(PriceFields::knows(&field), "{field}");
                assert_eq!(price.set(&field, "1e-06"), Ok(true));
            }
        }
    }
    assert!(!price.is_empty());
    assert_eq!(price.set("input_cost_per_dream", "1"), Ok(false));
    assert_eq!(
        price.set("input_cost_per_token_above_many_tokens", "1"),
        Ok(false)
    );
    assert!(price.build().thresholds().eq([128_000, 272_000]));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(json in "[\\[\\]{}\",:a-e0-9.-]{0,60}", bytes: Vec<u8>) {
        let _ = PriceMap::read(json.as_bytes(), "x");
        let _ = PriceMap::read(&bytes, "x");
    }

    #[test]
    fn no_field_makes_it_panic(field in "(input_cost_per_token|x)(_above_[0-9k]{0,30}_tokens)?(_flex)?", dollars in "[-0-9.e]{0,12}") {
        let _ = PriceFields::new("openai").set(&field, &dollars);
    }

    #[test]
    fn no_name_makes_it_panic(provider in "(openai|bedrock|vertex_ai|.{0,5})", model in ".{0,20}") {
        let _ = get(&provider, &model);
    }
}
