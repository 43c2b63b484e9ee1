use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use steeplechase_core::Class;
use steeplechase_core::call::{Call, Dialect, Head, Operation};
use steeplechase_core::deployment::Deployment;

use super::super::Rewrite;
use crate::intake::scan;

fn call(raw: impl Into<Bytes>) -> Call {
    let raw = raw.into();
    let head = scan(&raw).unwrap();
    Call::new(Operation::Chat, Dialect::OpenAi, raw, head)
}

fn rewrite(model: &str, upstream: &str, params: Option<&str>) -> Rewrite {
    let mut builder = Deployment::builder("d", model, Dialect::OpenAi).upstream_model(upstream);
    if let Some(params) = params {
        builder = builder.default_params(Bytes::copy_from_slice(params.as_bytes()));
    }
    Rewrite::new(&builder.build())
}

fn written(rewrite: &Rewrite, raw: &'static str) -> String {
    let bytes = rewrite.write(&call(raw)).unwrap();
    String::from_utf8(bytes.into()).unwrap()
}

#[test]
fn the_model_is_replaced_and_all_else_stays_byte_for_byte() {
    let rewrite = rewrite("fast", "gpt \"4\"", None);
    assert_eq!(
        written(
            &rewrite,
            "{ \"seed\":1.50, \"model\" : \"fast\" ,\"new_field\":[ 1e3 ] }\n"
        ),
        "{ \"seed\":1.50, \"model\" : \"gpt \\\"4\\\"\" ,\"new_field\":[ 1e3 ] }\n",
    );
}

#[test]
fn what_another_provider_may_refuse_is_forwarded_as_it_is() {
    let rewrite = rewrite("fast", "m", None);
    for fields in [
        r#""stream":false,"stream_options":{"include_usage":true}"#,
        r#""max_tokens":5,"max_completion_tokens":9"#,
        r#""tools":[],"tool_choice":"auto","parallel_tool_calls":false,"stop":[]"#,
        r#""response_format":{"type":"text"}"#,
        r#""messages":[{"role":"user","content":[]},{"role":"assistant","content":null,"tool_calls":[]}]"#,
        r#""messages":[{"role":"user","content":"half a pair: \ud83d"}]"#,
    ] {
        let raw = format!(r#"{{"model":"fast",{fields}}}"#);
        let sent = rewrite.write(&call(raw)).unwrap();
        assert_eq!(sent, format!(r#"{{"model":"m",{fields}}}"#));
    }
}

#[test]
fn our_own_fields_are_taken_out_wherever_they_are() {
    let rewrite = rewrite("fast", "m", None);
    for (raw, expected) in [
        (
            r#"{"fastest_response":true,"model":"fast","n":1}"#,
            r#"{"model":"m","n":1}"#,
        ),
        (
            r#"{"model":"fast","fastest_response":true,"n":1}"#,
            r#"{"model":"m","n":1}"#,
        ),
        (
            r#"{"model":"fast","n":1,"fastest_response":false}"#,
            r#"{"model":"m","n":1}"#,
        ),
        (
            r#"{"n":1 , "fastest_response":true,"model":"fast"}"#,
            r#"{"n":1,"model":"m"}"#,
        ),
    ] {
        assert_eq!(written(&rewrite, raw), expected);
    }
}

#[test]
fn parameters_are_added_that_the_caller_did_not_set() {
    let rewrite = rewrite(
        "fast",
        "m",
        Some(r#"{"temperature":0.2,"model":"x","seed":7}"#),
    );
    assert_eq!(
        written(
            &rewrite,
            r#"{"model":"fast","temperature":null,"x":{"seed":1}} "#
        ),
        r#"{"model":"m","temperature":null,"x":{"seed":1},"seed":7} "#,
    );
    assert_eq!(
        written(
            &rewrite,
            r#"{"model":"fast","se\u0065d":1,"temperature":1}"#
        ),
        r#"{"model":"m","se\u0065d":1,"temperature":1}"#,
    );
}

#[test]
fn a_call_that_is_right_as_it_is_is_not_copied() {
    let rewrite = rewrite("fast", "fast", Some(r#"{"n":1}"#));
    let call = call(r#"{"model":"fast","n":2}"#);
    assert_eq!(rewrite.write(&call).unwrap().as_ptr(), call.raw().as_ptr());
}

#[test]
fn stars_stand_for_what_the_caller_asked_for() {
    for (model, upstream, asked, expected) in [
        ("openai/*", "*", "openai/gpt-4o", "gpt-4o"),
        ("openai/*", "azure-*", "openai/gpt-4o", "azure-gpt-4o"),
        ("*", "*", "a/b", "a/b"),
        ("*/x-*", "*:*", "a/x-b/x-c", "a/x-b:c"),
        ("a*b*c", "*|*", "abbc", "b|"),
        ("a*", "*", "a", ""),
        ("a*", "*-*", "ab", "b-*"),
    ] {
        let call = call(r#"{"model":"fast"}"#).with_model(asked);
        let name = rewrite(model, upstream, None)
            .model(&call)
            .unwrap()
            .into_owned();
        assert_eq!(name, expected, "{model} as {upstream}");
    }
    let call = call(r#"{"model":"fast"}"#).with_model("azure/gpt-4o");
    let error = rewrite("openai/*", "*", None).write(&call).unwrap_err();
    assert_eq!(error.class(), Class::NotFound);
    let error = rewrite("ab*bc", "*", None)
        .write(&call.with_model("abc"))
        .unwrap_err();
    assert_eq!(error.class(), Class::NotFound);
}

#[test]
fn a_fallback_is_sent_the_model_of_its_own_deployment() {
    let call = call(r#"{"model":"fast"}"#).with_model("slow");
    let bytes = rewrite("slow", "gpt-big", None).write(&call).unwrap();
    assert_eq!(bytes, r#"{"model":"gpt-big"}"#);
}

#[test]
fn wrong_settings_and_a_wrong_head_are_errors_and_no_panic() {
    let call = call(r#"{"model":"fast"}"#);
    let error = rewrite("fast", "m", Some("[1]")).write(&call).unwrap_err();
    assert_eq!(error.class(), Class::Internal);
    assert!(error.detail().unwrap().contains("default_params"));

    let mut wrong = scan(&Bytes::from_static(
        br#"{"a":1,"fastest_response":true,"model":"fast"}"#,
    ));
    for head in [Head::default(), wrong.as_mut().unwrap().clone()] {
        for raw in ["", "{}", "}", "{\"model\":1}", "[]"] {
            let raw = Bytes::from(raw);
            let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, head.clone());
            let error = rewrite("fast", "m", Some(r#"{"n":1}"#))
                .write(&call)
                .unwrap_err();
            assert_eq!(error.class(), Class::Internal);
        }
    }
}

/// The same by building a tree.
fn by_tree(raw: &str, model: &str, params: &Map<String, Value>) -> Value {
    let mut tree: Map<String, Value> = serde_json::from_str(raw).unwrap();
    tree.shift_remove("fastest_response");
    tree.insert("model".into(), model.into());
    for (name, value) in params {
        tree.entry(name).or_insert_with(|| value.clone());
    }
    Value::Object(tree)
}

fn fields() -> impl Strategy<Value = Vec<(String, Value)>> {
    let name = prop::sample::select(vec![
        "fastest_response",
        "messages",
        "temperature",
        "seed",
        "x",
        "metadata",
        "y",
    ]);
    let value = prop_oneof![
        Just(json!(null)),
        any::<i32>().prop_map(|n| json!(n)),
        "[a-z\"\\\\{},é]{0,8}".prop_map(|text| json!(text)),
        Just(json!({"model": "inner", "fastest_response": true, "a": [1, {"b": "}"}]})),
    ];
    let fields = prop::collection::btree_map(name, value, 0..6);
    (fields, any::<prop::sample::Index>()).prop_map(|(fields, at)| {
        let mut fields: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| match name {
                "fastest_response" => (name.to_owned(), json!(true)),
                name => (name.to_owned(), value),
            })
            .collect();
        fields.insert(at.index(fields.len() + 1), ("model".into(), json!("fast")));
        fields
    })
}

proptest! {
    #[test]
    fn a_splice_is_what_a_tree_would_have_been(
        fields in fields(),
        model in "[a-z\"\\\\é*]{1,8}".prop_filter("no stars", |model| !model.contains('*')),
        is_spaced in any::<bool>(),
        is_set in any::<bool>(),
    ) {
        let tree = Value::Object(fields.into_iter().collect());
        let raw = if is_spaced {
            serde_json::to_string_pretty(&tree).unwrap()
        } else {
            tree.to_string()
        };
        let params = json!({"temperature": 0.5, "added": {"a": [1]}});
        let json = is_set.then(|| params.to_string());
        let rewrite = rewrite("fast", &model, json.as_deref());
        let bytes = rewrite.write(&call(raw.clone())).unwrap();

        let params = if is_set { params.as_object().unwrap().clone() } else { Map::new() };
        let mut expected = by_tree(&raw, &model, &params);
        if let Some(Value::Object(metadata)) = expected.get_mut("metadata") {
            metadata.retain(|_, value| !value.is_array() && !value.is_object());
        }
        let spliced: Value = serde_json::from_slice(&bytes).unwrap();
        // With the order of the fields.
        prop_assert_eq!(spliced.to_string(), expected.to_string());
    }
}
