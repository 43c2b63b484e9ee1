use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use steeplechase_core::call::Head;
use steeplechase_core::{Class, Error};

use super::super::scan;

fn scanned(raw: &str) -> Result<Head, Error> {
    scan(&Bytes::copy_from_slice(raw.as_bytes()))
}

#[test]
fn the_head_says_what_the_fields_say_wherever_they_stand() {
    let head = scanned(
        r#" { "messages" : [{"model":"no","stream":false}] , "n":2, "stream" : true,
            "stream_options":{"include_usage":true,"x":1},"tools":[{}],
            "max_completion_tokens": 7, "max_tokens": 9, "model" : "fa\u0073t" } "#,
    )
    .unwrap();
    assert_eq!(&*head.model, "fast");
    assert!(head.stream && head.include_usage && head.tools && !head.fastest_response);
    assert_eq!((head.max_tokens, head.n), (Some(7), 2));
}

#[test]
fn the_class_of_service_is_known_if_it_is_a_text_and_is_no_field_of_ours() {
    for (value, expected) in [
        (r#""flex""#, Some("flex")),
        (r#""fl\u0065x""#, Some("flex")),
        ("null", None),
        ("7", None),
        (r#"{"name":"flex"}"#, None),
    ] {
        let head = scanned(&format!(r#"{{"model":"m","service_tier":{value}}}"#)).unwrap();
        assert_eq!(head.service_tier.as_deref(), expected, "{value}");
        assert!(head.spans.own.is_empty(), "the provider is shown it");
    }
}

#[test]
fn null_is_the_same_as_absent() {
    let raw = r#"{"model":"m","stream":null,"stream_options":null,"max_tokens":null,"n":null,
        "tools":null,"fastest_response":null}"#;
    let head = scanned(raw).unwrap();
    assert!(!head.stream && !head.include_usage && !head.tools && !head.fastest_response);
    assert_eq!((head.max_tokens, head.n), (None, 1));
    assert!(!scanned(r#"{"model":"m","tools":[ ]}"#).unwrap().tools);
}

#[test]
fn what_is_wrong_is_named() {
    for (raw, param, message) in [
        ("{}", Some("model"), "`model` must be the name of a model"),
        (
            r#"{"model":""}"#,
            Some("model"),
            "`model` must be the name of a model",
        ),
        (r#"{"model":null}"#, Some("model"), "`model` must be a text"),
        (r#"{"model":7}"#, Some("model"), "`model` must be a text"),
        (
            r#"{"model":"m","stream":"yes"}"#,
            Some("stream"),
            "`stream` must be true or false",
        ),
        (
            r#"{"model":"m","max_tokens":"9"}"#,
            Some("max_tokens"),
            "`max_tokens` must be a whole number",
        ),
        (
            r#"{"model":"m","model":"n"}"#,
            Some("model"),
            "`model` is there twice; leave one",
        ),
        (
            r#"{"model":"m","stream_options":true}"#,
            Some("stream_options"),
            "`stream_options` must be an object such as {\"include_usage\": true}",
        ),
        (
            "[]",
            None,
            "the request body must be a JSON object: invalid type: sequence, expected a JSON object \
             at line 1 column 0",
        ),
        (
            r#"{"model":"m"} x"#,
            None,
            "the request body must be a JSON object: trailing characters at line 1 column 15",
        ),
        (
            "",
            None,
            "the request body must be a JSON object: EOF while parsing a value at line 1 column 0",
        ),
    ] {
        let error = scanned(raw).unwrap_err();
        assert_eq!(error.class(), Class::InvalidRequest, "{raw}");
        assert_eq!(error.message(), message, "{raw}");
        assert_eq!(error.param(), param, "{raw}");
    }
}

/// Cuts the spans of our own fields out of the bytes.
fn without_own(raw: &str, head: &Head) -> String {
    let mut out = String::new();
    let mut from = 0;
    for span in &head.spans.own {
        out.push_str(&raw[from..span.start]);
        from = span.end;
    }
    out.push_str(&raw[from..]);
    out
}

#[test]
fn a_field_of_ours_is_cut_out_with_one_of_its_commas() {
    for raw in [
        r#"{"model":"m","fastest_response":true}"#,
        r#"{"fastest_response":true,"model":"m"}"#,
        r#"{ "fastest_response" : true , "model" : "m" }"#,
        r#"{"model":"m" , "fastest_response":true, "n":1}"#,
        r#"{"fastest_respons\u0065":true,"model":"m"}"#,
    ] {
        let head = scanned(raw).unwrap();
        assert!(head.fastest_response, "{raw}");
        let mut expected: Map<String, Value> = serde_json::from_str(raw).unwrap();
        expected.shift_remove("fastest_response");
        let cut: Map<String, Value> = serde_json::from_str(&without_own(raw, &head)).unwrap();
        assert_eq!(cut, expected, "{raw}");
    }
}

#[test]
fn what_steers_the_gateway_is_cut_out_and_what_is_a_providers_stays() {
    let raw = r#"{"api_key":"sk-theirs","fallbacks":[{"a":["b"]}],"model":"m","timeout":3,
        "metadata":{"a":"b"},"num_retries":2,"num_retries":3,"user":"u","mock_response":"hi",
        "litellm_session_id":"s","no-log":true,"base_url":"https://evil.example","extra_body":{},
        "messages":[{"timeout":1}],"cache":{"ttl":1},"tags":["x"],"service_tier":"auto",
        "api_\u006bey":"sk-theirs","timeouts":1,"mock":1,"drop_params":true}"#;
    let head = scanned(raw).unwrap();
    let cut: Value = serde_json::from_str(&without_own(raw, &head)).unwrap();
    assert_eq!(
        cut,
        json!({"model": "m", "metadata": {"a": "b"}, "user": "u", "extra_body": {},
            "messages": [{"timeout": 1}], "service_tier": "auto", "timeouts": 1, "mock": 1})
    );
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map(any::<String>(), inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn any_object_is_scanned_as_a_parse_would_find_it(
        fields in proptest::collection::vec((any::<String>(), value()), 0..5),
        model in "[^\0]{1,12}",
        own in proptest::option::of(any::<bool>()),
        at in any::<proptest::sample::Index>(),
        own_at in any::<proptest::sample::Index>(),
        pretty in any::<bool>(),
    ) {
        let known = ["model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n",
            "tools", "fastest_response"];
        let mut fields: Vec<_> =
            fields.into_iter().filter(|(name, _)| !known.contains(&name.as_str())).collect();
        fields.insert(at.index(fields.len() + 1), ("model".into(), model.clone().into()));
        if let Some(own) = own {
            fields.insert(own_at.index(fields.len() + 1), ("fastest_response".into(), own.into()));
        }
        let object: Map<String, Value> = fields.into_iter().collect();
        let raw = if pretty {
            serde_json::to_string_pretty(&object).unwrap()
        } else {
            serde_json::to_string(&object).unwrap()
        };
        let head = scanned(&raw).unwrap();
        prop_assert_eq!(&*head.model, model.as_str());
        prop_assert_eq!(
            serde_json::from_str::<String>(&raw[head.spans.model.clone()]).unwrap(),
            model
        );
        let mut expected = object.clone();
        expected.shift_remove("fastest_response");
        let cut: Map<String, Value> = serde_json::from_str(&without_own(&raw, &head)).unwrap();
        prop_assert_eq!(cut, expected);
    }

    #[test]
    fn no_bytes_make_it_panic(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = scan(&Bytes::from(raw));
    }
}

#[test]
fn of_the_metadata_only_what_no_provider_takes_is_cut_out() {
    for (metadata, left) in [
        (r#"{"tags":["a"],"user_id":"u"}"#, r#"{"user_id":"u"}"#),
        (
            r#"{"user_id":"u" , "tags" : [1, {}] }"#,
            r#"{"user_id":"u" }"#,
        ),
        (
            r#"{"a":"1","tags":["x"],"b":"2","more":{"c":1}}"#,
            r#"{"a":"1","b":"2"}"#,
        ),
        (r#"{"tags":["a"],"more":{}}"#, "{}"),
        (r#"{"note":"[{"}"#, r#"{"note":"[{"}"#),
    ] {
        let raw = format!(r#"{{"model":"m","metadata":{metadata},"timeout":3,"n":1}}"#);
        let head = scanned(&raw).unwrap();
        let mut rest = raw.clone();
        for span in head.spans.own.iter().rev() {
            rest.replace_range(span.clone(), "");
        }
        let expected = format!(r#"{{"model":"m","metadata":{left},"n":1}}"#);
        assert_eq!(rest, expected, "{metadata}");
    }
}
