//! Calls with fields of a fallback.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use steeplechase_core::call::{Forward, Head};
use steeplechase_core::{Call, Class, Dialect, Error, Operation, Retry};

use super::super::{scan, with_fields};

fn call(raw: &str) -> Call {
    let raw = Bytes::copy_from_slice(raw.as_bytes());
    let head = scan(&raw).unwrap();
    Call::new(Operation::Chat, Dialect::OpenAi, raw, head)
}

fn patched(raw: &str, fields: &str) -> Result<Call, Error> {
    let fields = Bytes::copy_from_slice(fields.as_bytes());
    with_fields(&call(raw), &fields, &Arc::from("other"))
}

#[test]
fn fields_at_the_top_take_the_place_of_those_of_the_call_and_other_bytes_stay() {
    for (raw, fields, expected) in [
        (
            r#" { "model" : "m", "messages":[{"role":"user","content":"x"}] , "n" : 1 } "#,
            r#"{"messages": [ {"role":"user","content":"y"} ]}"#,
            r#" { "model" : "m", "messages":[ {"role":"user","content":"y"} ] , "n" : 1 } "#,
        ),
        (
            r#"{"model":"m","a":{"temperature":1}}"#,
            r#"{"temperature":0.5,"top_p":1}"#,
            r#"{"model":"m","a":{"temperature":1},"temperature":0.5,"top_p":1}"#,
        ),
        // What is inside of a field is not merged.
        (
            r#"{"model":"m","metadata":{"a":1,"b":{"c":2}}}"#,
            r#"{"metadata":{"b":null}}"#,
            r#"{"model":"m","metadata":{"b":null}}"#,
        ),
        (
            r#"{"model":"m","metadata":{"a":1}}"#,
            r#"{"metadata":null}"#,
            r#"{"model":"m","metadata":null}"#,
        ),
        // Twice in the call, twice in the fields.
        (
            r#"{"seed":1,"model":"m","seed":2}"#,
            r#"{"seed":8,"seed":9}"#,
            r#"{"seed":9,"model":"m","seed":9}"#,
        ),
        // Names and values that are written in another way.
        (
            r#"{"model":"m","\u0075ser":"é","x":"}"}"#,
            r#"{"user":"日本\ud83d\ude00","ключ\"":"{"}"#,
            r#"{"model":"m","\u0075ser":"日本\ud83d\ude00","x":"}","ключ\"":"{"}"#,
        ),
        (r#"{"model":"m"}"#, "{}", r#"{"model":"m"}"#),
        (r#"{"model":"m"}"#, r#"{"model":"z"}"#, r#"{"model":"m"}"#),
    ] {
        let call = patched(raw, fields).unwrap();
        assert_eq!(str::from_utf8(call.raw()).unwrap(), expected);
        assert_eq!(call.model(), "other");
        assert_eq!(&call.raw()[call.head().spans.model.clone()], br#""m""#);
    }
}

#[test]
fn the_head_is_that_of_the_new_bytes() {
    let raw = r#"{"model":"m","messages":[],"max_tokens":5,"stream":true,"num_retries":1}"#;
    let call = patched(raw, r#"{"max_tokens":7,"tools":[{}],"stream":true}"#).unwrap();
    let head = call.head();
    assert_eq!(
        (head.max_tokens, head.tools, head.stream),
        (Some(7), true, true)
    );
    assert_eq!(head.spans.own.len(), 1);
}

#[test]
fn what_cannot_be_is_refused_and_another_model_may_do() {
    let streamed = r#"{"model":"m","stream":true}"#;
    for (raw, fields) in [
        (r#"{"model":"m"}"#, "[]"),
        (r#"{"model":"m"}"#, "{"),
        (r#"{"model":"m"}"#, ""),
        (r#"{"model":"m"}"#, r#"{"n":"many"}"#),
        (r#"{"model":"m"}"#, r#"{"stream":true}"#),
        (streamed, r#"{"stream":false}"#),
        (streamed, r#"{"stream":null}"#),
    ] {
        let error = patched(raw, fields).unwrap_err();
        assert_eq!(error.class(), Class::Unsupported, "{fields}");
        assert_eq!(error.retry(), Retry::OtherModel);
        assert_eq!(error.param(), Some("fallbacks"));
    }
    let form = Forward::new(
        "/images/edits",
        HeaderValue::from_static("multipart/form-data"),
    );
    let form = Call::forwarded(form, Dialect::OpenAi, Bytes::new(), Head::default());
    let error = with_fields(&form, &Bytes::from_static(b"{}"), &Arc::from("other"));
    assert_eq!(error.unwrap_err().class(), Class::Unsupported);
}

#[test]
fn a_call_that_is_passed_on_stays_one() {
    let raw = Bytes::from_static(br#"{"model":"m","prompt":"a cat"}"#);
    let head = scan(&raw).unwrap();
    let json = HeaderValue::from_static("application/json");
    let call = Call::forwarded(
        Forward::new("/images/generations", json),
        Dialect::OpenAi,
        raw,
        head,
    );
    let fields = Bytes::from_static(br#"{"prompt":"a dog"}"#);
    let call = with_fields(&call, &fields, &Arc::from("other")).unwrap();
    assert_eq!(call.forward().unwrap().path(), "/images/generations");
    assert_eq!(&call.raw()[..], br#"{"model":"m","prompt":"a dog"}"#);
}

proptest! {
    #[test]
    fn it_is_what_a_merge_of_the_two_objects_is(
        call in any_object(),
        fields in any_object(),
    ) {
        let mut call = call;
        call.insert("model".to_owned(), json!("m"));
        let raw = Value::from(call.clone()).to_string();
        let patched = patched(&raw, &Value::from(fields.clone()).to_string()).unwrap();
        call.extend(fields);
        let patched: Value = serde_json::from_slice(patched.raw()).unwrap();
        prop_assert_eq!(patched, Value::from(call));
    }
}

fn any_object() -> impl Strategy<Value = Map<String, Value>> {
    let value = prop_oneof![
        ".{0,8}".prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!({"a": {"b": [1, "}"]}})),
    ];
    // Short, so that some of the names are in both.
    proptest::collection::btree_map("[ab\"é]{0,2}", value, 0..5)
        .prop_map(|fields| fields.into_iter().collect())
}
