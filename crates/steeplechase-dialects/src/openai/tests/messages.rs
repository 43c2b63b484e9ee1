//! What a caller, and the log, are told of an error.

use steeplechase_core::Class;

use super::errors::{error, said, with_headers};

#[test]
fn a_caller_is_told_its_own_fault_word_for_word() {
    let long = format!("{} is wrong", "a".repeat(600));
    let error = said(422, &long);
    assert_eq!(error.message(), long);
    assert_eq!(error.status(), 422);
    assert_eq!(said(500, &long).message().chars().count(), 501);
}

#[test]
fn the_status_of_a_refusal_is_kept_unless_it_is_about_our_key() {
    assert_eq!(error(405, "").status(), 405);
    assert_eq!(error(413, "").status(), 413);
    assert_eq!(error(401, "").status(), 502);
    assert_eq!(error(500, "").status(), 502);
    let moderated = r#"{"error":{"message":"x","code":403,"metadata":{"reasons":["a"]}}}"#;
    assert_eq!(error(403, moderated).status(), 400);
}

#[test]
fn a_refused_key_is_no_secret_told_to_anybody() {
    let key = "sk-proj-abcdefghij0123456789";
    for (status, message) in [
        (
            401,
            format!("Incorrect API key provided: {key}. You can find it at …"),
        ),
        (400, format!("Incorrect API key provided: {key}")),
        (500, format!("upstream refused Bearer {key}")),
        (400, format!("no field {key}")),
    ] {
        let error = said(status, &message);
        let shown = format!("{error} {error:?} {:?}", error.upstream());
        assert!(!shown.contains(key), "{shown}");
    }
    let error = said(401, &format!("Incorrect API key provided: {key}"));
    assert_eq!(error.class(), Class::Auth);
    assert_eq!(error.message(), "the provider refused the gateway's key");
    assert!(error.detail().unwrap().contains("Incorrect API key"));
}

#[test]
fn a_page_is_for_the_log() {
    let page = "<html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>";
    let error = error(502, page);
    assert_eq!(error.class(), Class::Server);
    assert_eq!(error.message(), "the provider failed");
    assert!(error.detail().unwrap().contains("Bad gateway"));
    assert!(!error.detail().unwrap().contains('<'));
}

#[test]
fn all_shapes_of_a_body_are_read() {
    for (body, message, code) in [
        (r#"{"error":{"message":"a","code":"c"}}"#, "a", Some("c")),
        (r#"{"error":"a","code":"c"}"#, "a", Some("c")),
        (
            r#"{"object":"error","message":"a","code":"3280"}"#,
            "a",
            Some("3280"),
        ),
        (
            r#"{"object":"error","message":{"detail":[{"loc":["body","n"],"msg":"a"}]}}"#,
            "body.n: a",
            None,
        ),
        (
            r#"{"detail":[{"loc":["body","messages",0],"msg":"field required"}]}"#,
            "body.messages.0: field required",
            None,
        ),
        (r#"{"detail":"a"}"#, "a", None),
        (r#"{"errors":[{"message":"a","code":7}]}"#, "a", Some("7")),
        (r#"{"statusCode":422,"message":"a"}"#, "a", None),
        (r#"[{"error":{"message":"a"}}]"#, "a", None),
        ("plain words", "plain words", None),
    ] {
        let error = error(422, body);
        assert_eq!((error.message(), error.code()), (message, code), "{body}");
    }
}

#[test]
fn what_the_provider_said_is_kept() {
    let error = with_headers(
        429,
        &[("x-request-id", "req-7")],
        r#"{"error":{"message":"a","type":"tokens","code":"rate_limit_exceeded"}}"#,
    );
    let upstream = error.upstream().unwrap();
    assert_eq!(upstream.status, 429);
    assert_eq!(upstream.kind.as_deref(), Some("tokens"));
    assert_eq!(upstream.code.as_deref(), Some("rate_limit_exceeded"));
    assert_eq!(upstream.request_id.as_deref(), Some("req-7"));
}
