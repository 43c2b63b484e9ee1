use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::azure::adapt::{Adapted, Rules};
use crate::azure::family::Family;
use crate::translate::provider::Allowed;

fn rules(family: Family) -> Rules<'static> {
    Rules {
        family,
        without_stream_options: false,
        drop_params: false,
        allowed: Allowed::default(),
    }
}

fn adapt(rules: Rules<'_>, body: &str) -> (String, Vec<Box<str>>) {
    let Adapted { body, dropped } = rules.adapt(Bytes::from(body.to_owned())).unwrap();
    (String::from_utf8(body.to_vec()).unwrap(), dropped)
}

#[test]
fn what_need_not_be_changed_is_the_same_bytes() {
    let body = Bytes::from_static(br#"{ "model" : "d", "temperature": 0.2 }"#);
    for family in [Family::Plain, Family::Reasons, Family::Fixed] {
        let adapted = rules(family).adapt(body.clone()).unwrap();
        assert_eq!(adapted.body.as_ptr(), body.as_ptr());
    }
}

#[test]
fn what_is_kept_keeps_its_bytes() {
    let body = "{ \"max_tokens\" : 7 ,\n \"a\":[1.50, {\"max_tokens\":1}] , \"top_p\" : 1.0 }";
    let (body, dropped) = adapt(rules(Family::Fixed), body);
    assert_eq!(
        body,
        "{\"max_completion_tokens\":7,\"a\":[1.50, {\"max_tokens\":1}]}"
    );
    assert!(dropped.is_empty());
}

#[test]
fn a_name_may_be_escaped() {
    let (body, _) = adapt(rules(Family::Reasons), r#"{"max\u005ftokens":7,"a\"":1}"#);
    assert_eq!(body, r#"{"max_completion_tokens":7,"a\"":1}"#);
}

fn any_call() -> impl Strategy<Value = Map<String, Value>> {
    let field = prop_oneof![
        Just(("max_tokens", json!(5))),
        Just(("max_completion_tokens", json!(6))),
        Just(("max_completion_tokens", Value::Null)),
        Just(("temperature", json!(1.0))),
        Just(("temperature", json!(0.5))),
        Just(("top_p", json!(1))),
        Just(("presence_penalty", json!(0))),
        Just(("frequency_penalty", json!(-1))),
        Just(("stream_options", json!({"include_usage": true}))),
        Just(("messages", json!([{"content": "\"max_tokens\":5,{"}]))),
    ];
    prop::collection::vec(field, 0..8).prop_map(|fields| {
        let fields = fields.into_iter();
        fields
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    })
}

/// The same by way of a tree.
fn expected(rules: Rules<'_>, mut call: Map<String, Value>) -> Map<String, Value> {
    if rules.without_stream_options {
        call.shift_remove("stream_options");
    }
    if rules.family == Family::Plain {
        return call;
    }
    if call.get("max_completion_tokens") == Some(&Value::Null) {
        call.shift_remove("max_completion_tokens");
    }
    if let Some(limit) = call.shift_remove("max_tokens")
        && !call.contains_key("max_completion_tokens")
    {
        call.insert("max_completion_tokens".into(), limit);
    }
    for (name, usual) in [
        ("temperature", 1.0),
        ("top_p", 1.0),
        ("presence_penalty", 0.0),
        ("frequency_penalty", 0.0),
    ] {
        let is_usual = call.get(name).and_then(Value::as_f64) == Some(usual);
        if is_usual || rules.drop_params && rules.family == Family::Fixed {
            call.shift_remove(name);
        }
    }
    call
}

proptest! {
    #[test]
    fn a_splice_comes_to_what_a_tree_would(
        call in any_call(),
        family in prop_oneof![Just(Family::Plain), Just(Family::Reasons), Just(Family::Fixed)],
        without_stream_options in any::<bool>(),
        drop_params in any::<bool>(),
    ) {
        let allowed = Allowed::default();
        let rules = Rules { family, without_stream_options, drop_params, allowed };
        let (body, dropped) = adapt(rules, &Value::from(call.clone()).to_string());
        let found: Map<String, Value> = serde_json::from_str(&body).unwrap();
        let wanted = expected(rules, call.clone());
        prop_assert_eq!(&found, &wanted);
        for name in &dropped {
            prop_assert!(call.contains_key(&**name) && !found.contains_key(&**name));
        }
    }
}
