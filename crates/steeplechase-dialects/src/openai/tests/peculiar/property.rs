use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

/// The same by building a tree.
fn by_tree(raw: &str, params: &Map<String, Value>) -> Map<String, Value> {
    let tree: Map<String, Value> = serde_json::from_str(raw).unwrap();
    let is_said = |name: &str| tree.get(name).is_some_and(|value| !value.is_null());
    let mut out = Map::new();
    for (name, value) in &tree {
        let own = match &**name {
            "max_completion_tokens" => "max_tokens",
            "seed" => "random_seed",
            other => other,
        };
        let is_double = own != name && is_said(own);
        let is_nothing = value.is_null()
            && (name == "max_tokens" && tree.contains_key("max_completion_tokens")
                || name == "random_seed" && tree.contains_key("seed"));
        let is_refused =
            ["logit_bias", "logprobs", "n", "store", "fastest_response"].contains(&own);
        if !is_double && !is_nothing && !is_refused {
            let value = if own == "model" {
                json!("m")
            } else {
                value.clone()
            };
            out.insert(own.to_owned(), value);
        }
    }
    for (name, value) in params {
        let other = if name == "max_tokens" {
            "max_completion_tokens"
        } else {
            name
        };
        if !tree.contains_key(name) && !tree.contains_key(other) {
            out.insert(name.clone(), value.clone());
        }
    }
    out
}

fn fields() -> impl Strategy<Value = Vec<(String, Value)>> {
    let name = prop::sample::select(vec![
        "fastest_response",
        "messages",
        "max_tokens",
        "max_completion_tokens",
        "seed",
        "random_seed",
        "logit_bias",
        "logprobs",
        "store",
        "y",
    ]);
    let value = prop_oneof![
        Just(json!(null)),
        any::<i32>().prop_map(|n| json!(n)),
        "[a-z:\"\\\\{},é]{0,8}".prop_map(|text| json!(text)),
        Just(json!({"seed": 1, "logit_bias": true, "a": [1, {"b": "}"}]})),
    ];
    let fields = prop::collection::btree_map(name, value, 0..8);
    let order = any::<prop::sample::Index>();
    (fields, order, any::<prop::sample::Index>()).prop_map(|(fields, turn, at)| {
        let mut fields: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| match name {
                "fastest_response" => (name.to_owned(), json!(true)),
                // The head has to make sense.
                "max_tokens" | "max_completion_tokens" if !value.is_null() => {
                    (name.to_owned(), json!(5))
                }
                name => (name.to_owned(), value),
            })
            .collect();
        if !fields.is_empty() {
            let turn = turn.index(fields.len());
            fields.rotate_left(turn);
        }
        fields.insert(at.index(fields.len() + 1), ("model".into(), json!("fast")));
        fields
    })
}

proptest! {
    #[test]
    fn a_splice_by_rules_is_what_a_tree_would_have_been(
        fields in fields(),
        is_spaced in any::<bool>(),
        is_set in any::<bool>(),
    ) {
        let tree = Value::Object(fields.into_iter().collect());
        let raw = if is_spaced {
            serde_json::to_string_pretty(&tree).unwrap()
        } else {
            tree.to_string()
        };
        let params = if is_set { json!({"max_tokens": 7, "y": {"a": [1]}}) } else { json!({}) };
        let builder = builder(rules())
            .drop_params(true)
            .default_params(Bytes::from(params.to_string()));
        let (body, _) = sent(builder, &raw);
        let spliced: Value = serde_json::from_str(&body).unwrap();
        let expected = Value::Object(by_tree(&raw, params.as_object().unwrap()));
        // With the order of the fields.
        prop_assert_eq!(spliced.to_string(), expected.to_string());
    }
}
