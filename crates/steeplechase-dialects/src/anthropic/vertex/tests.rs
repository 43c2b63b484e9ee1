use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::betas;
use super::body::adapt;
use crate::anthropic::BETA_HEADER;

#[test]
fn a_body_keeps_its_bytes_but_for_what_is_said_elsewhere() {
    let body = br#"{"model":"claude","max_tokens": 5,"messages":[{"a":1.50}],"service_tier":"auto","stream":true}"#;
    let adapted = adapt(body, false).unwrap();
    assert_eq!(
        adapted.body,
        r#"{"anthropic_version":"vertex-2023-10-16","max_tokens":5,"messages":[{"a":1.50}],"stream":true}"#
    );
    assert_eq!(adapted.dropped, ["service_tier".into()]);
    let counted = adapt(br#"{"model":"claude","messages":[]}"#, true).unwrap();
    let counted: Value = serde_json::from_slice(&counted.body).unwrap();
    assert_eq!(counted["model"], "claude");
}

#[test]
fn a_field_with_an_odd_name_survives_and_a_version_is_there_once() {
    let body = json!({"a\"b": "c\nd", "anthropic_version": "2023-06-01", "tools": [{"type": "web_search_20250305"}]});
    let adapted = adapt(body.to_string().as_bytes(), false).unwrap();
    assert!(adapted.searches);
    let body: Value = serde_json::from_slice(&adapted.body).unwrap();
    assert_eq!(body["a\"b"], "c\nd");
    assert_eq!(body["anthropic_version"], "vertex-2023-10-16");
}

#[test]
fn bytes_that_are_no_object_are_a_callers_fault() {
    for body in [&b"[1]"[..], b"{\"a\":", b"", b"nonsense"] {
        let error = adapt(body, false).unwrap_err();
        assert!(error.class().is_callers_fault());
    }
}

#[test]
fn betas_are_translated_and_the_unknown_are_named() {
    let mut headers = HeaderMap::new();
    let ours = "advanced-tool-use-2025-11-20, files-api-2025-04-14,own-1";
    headers.insert(BETA_HEADER, HeaderValue::from_static(ours));
    let operators = HeaderMap::from_iter([(BETA_HEADER, HeaderValue::from_static("own-1"))]);
    let dropped = betas::adapt(&mut headers, &operators, None);
    assert_eq!(headers[BETA_HEADER], "tool-search-tool-2025-10-19,own-1");
    assert_eq!(dropped, ["files-api-2025-04-14".into()]);

    headers.insert(BETA_HEADER, HeaderValue::from_static("nobody-knows-1"));
    betas::adapt(&mut headers, &HeaderMap::new(), None);
    assert!(!headers.contains_key(BETA_HEADER));
}
