//! Who may ask Bedrock, and what its frames are, byte for byte. The expected values were made with AWS's
//! own library for Python.

use super::bedrock::{CLAUDE, ask, to};
use super::*;

const BODY: &str = r#"{"messages":[{"role":"user","content":[{"text":"Where to?"}]}]}"#;
const HOST: &str = "bedrock-runtime.eu-north-1.amazonaws.com";
const PROFILE: &str = "/model/arn%3Aaws%3Abedrock%3Aeu-north-1%3A123456789012%3A\
                       application-inference-profile%2Fabc/converse-stream";

fn aws() -> Aws {
    Aws::new(
        "AKIDEXAMPLE",
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "eu-north-1",
    )
}

fn signed(path: &str, headers: &[(&'static str, &str)]) -> Request<Full<Bytes>> {
    let mut request = Request::post(path).body(Full::from(BODY)).unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    request
}

fn plain() -> Vec<(&'static str, &'static str)> {
    vec![
        ("host", HOST),
        ("content-type", "application/json"),
        ("x-amz-date", "20260506T070809Z"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260506/eu-north-1/bedrock/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=4d893cadf6c93da0f55e7d30ca130a9e78d1044435189d3d6bf1d52f1ee4da42",
        ),
    ]
}

fn with_token() -> Vec<(&'static str, &'static str)> {
    vec![
        ("host", HOST),
        ("content-type", "application/json"),
        ("x-amz-date", "20260506T070809Z"),
        ("x-amz-security-token", "TOKEN"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260506/eu-north-1/bedrock/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
             Signature=ae56344994c6c6828daef8fdbf9a897caf2336576f57cdba04b1a71cdc7e48d1",
        ),
    ]
}

async fn name(sim: &Sim, request: Request<Full<Bytes>>) -> String {
    let answer = send(sim, request).await.unwrap();
    if answer.status() == 200 {
        return "OK".to_owned();
    }
    assert_eq!(answer.status(), 403);
    let kind = answer.headers()["x-amzn-errortype"].to_str().unwrap();
    kind.split(':').next().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_good_signature_is_good_with_and_without_a_token() {
    let sim = Sim::new("b").require_aws(aws());
    let path = format!("{CLAUDE}/converse");
    assert_eq!(name(&sim, signed(&path, &plain())).await, "OK");
    let sim = Sim::new("b").require_aws(aws().session_token("TOKEN"));
    assert_eq!(name(&sim, signed(PROFILE, &with_token())).await, "OK");
    // Over HTTP/2 the host is in the address.
    let mut headers = with_token();
    headers.remove(0);
    let request = signed(&format!("http://{HOST}{PROFILE}"), &headers);
    assert_eq!(name(&sim, request).await, "OK");
}

#[tokio::test(start_paused = true)]
async fn whatever_is_changed_after_signing_spoils_the_signature() {
    let path = format!("{CLAUDE}/converse");
    let sim = Sim::new("b").require_aws(aws());
    let cases: [(usize, &str, &str, &str); 7] = [
        (0, HOST, "localhost", "InvalidSignatureException"),
        (1, "json", "xml", "InvalidSignatureException"),
        (2, "07", "08", "InvalidSignatureException"),
        (2, "2026", "2027", "InvalidSignatureException"),
        (3, "AKIDEXAMPLE", "AKIDOTHER", "UnrecognizedClientException"),
        (
            3,
            "/bedrock/",
            "/bedrock-runtime/",
            "InvalidSignatureException",
        ),
        (3, "Signature=", "Sig=", "IncompleteSignatureException"),
    ];
    for (number, from, to, expected) in cases {
        let mut headers = plain();
        let changed = headers[number].1.replace(from, to);
        headers[number].1 = &changed;
        assert_eq!(
            name(&sim, signed(&path, &headers)).await,
            expected,
            "{changed}"
        );
    }
    let mut request = signed(&path, &plain());
    *request.body_mut() = Full::from(BODY.replace("Where", "where"));
    assert_eq!(name(&sim, request).await, "InvalidSignatureException");
    let other = signed("/model/anthropic.claude-y/converse", &plain());
    assert_eq!(name(&sim, other).await, "InvalidSignatureException");
    let mut unsigned = plain();
    unsigned.push(("x-amz-target", "x"));
    assert_eq!(
        name(&sim, signed(&path, &unsigned)).await,
        "InvalidSignatureException"
    );
    let mut hashed = plain();
    hashed.push(("x-amz-content-sha256", "00"));
    assert_eq!(
        name(&sim, signed(&path, &hashed)).await,
        "InvalidSignatureException"
    );
}

#[tokio::test(start_paused = true)]
async fn other_credentials_and_none_are_refused() {
    let path = format!("{CLAUDE}/converse");
    let request = || signed(&path, &plain());
    let secret = Aws::new("AKIDEXAMPLE", "another", "eu-north-1");
    let sim = Sim::new("b").require_aws(secret);
    assert_eq!(name(&sim, request()).await, "InvalidSignatureException");
    let region = Aws::new("AKIDEXAMPLE", "x", "us-east-1");
    let sim = Sim::new("b").require_aws(region);
    assert_eq!(name(&sim, request()).await, "InvalidSignatureException");
    let sim = Sim::new("b").require_aws(aws().session_token("TOKEN"));
    assert_eq!(name(&sim, request()).await, "UnrecognizedClientException");
    let sim = Sim::new("b").require_aws(aws());
    let none = to(CLAUDE, "converse", &ask());
    assert_eq!(
        name(&sim, none).await,
        "MissingAuthenticationTokenException"
    );
    let debug = format!("{:?}", sim.require_aws(aws().session_token("TOKEN")));
    assert!(
        !debug.contains("wJalr") && !debug.contains("TOKEN"),
        "{debug}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_is_as_good_as_a_signature_where_there_is_one() {
    let with_bearer = |key: &str| {
        let mut request = to(CLAUDE, "converse", &ask());
        let value = format!("Bearer {key}").parse().unwrap();
        request.headers_mut().insert("authorization", value);
        request
    };
    let both = Sim::new("b").require_aws(aws()).require_key("BKEY");
    assert_eq!(name(&both, with_bearer("BKEY")).await, "OK");
    assert_eq!(
        name(&both, signed(&format!("{CLAUDE}/converse"), &plain())).await,
        "OK"
    );
    assert_eq!(
        name(&both, with_bearer("OTHER")).await,
        "AccessDeniedException"
    );
    let only_aws = Sim::new("b").require_aws(aws());
    assert_eq!(
        name(&only_aws, with_bearer("BKEY")).await,
        "AccessDeniedException"
    );
    let only_key = Sim::new("b").require_key("BKEY");
    let request = signed(&format!("{CLAUDE}/converse"), &plain());
    assert_eq!(
        name(&only_key, request).await,
        "UnrecognizedClientException"
    );
}

#[tokio::test(start_paused = true)]
async fn an_identifier_of_another_region_is_invalid() {
    let sim = Sim::new("b").require_aws(aws()).require_key("BKEY");
    let path = PROFILE.replace("eu-north-1", "us-east-1");
    let mut request = signed(&path, &[("authorization", "Bearer BKEY")]);
    let (status, _) = answered(&sim, request.clone()).await;
    assert_eq!(status, 400);
    *request.uri_mut() = PROFILE.parse().unwrap();
    assert_eq!(name(&sim, request).await, "OK");
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[test]
fn a_frame_is_that_of_aws_byte_for_byte() {
    let expected = "000000760000005296d5fade0b3a6576656e742d7479706507000c6d65737361676553746172\
                    740d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d65\
                    73736167652d747970650700056576656e747b22726f6c65223a22617373697374616e74227d\
                    6fa8c599";
    let headers = [
        (":event-type", "messageStart"),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    let mut frame = Vec::new();
    crate::bedrock::frame(&mut frame, &headers, br#"{"role":"assistant"}"#);
    assert_eq!(hex(&frame), expected);
    let mut empty = Vec::new();
    crate::bedrock::frame(&mut empty, &[], b"");
    assert_eq!(hex(&empty), "000000100000000005c248eb7d98c8ff");
}
