use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Uri};
use proptest::prelude::*;
use steeplechase_core::deployment::Authorize;

use super::super::{AwsConfig, AwsSigner};
use super::reference::Signed;
use super::*;
use crate::HttpClient;

#[test]
fn a_request_of_the_documentation_has_the_signature_of_the_documentation() {
    let uri = Uri::from_static("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08");
    let mut headers = headers(&[(
        "content-type",
        "application/x-www-form-urlencoded; charset=utf-8",
    )]);
    let scope = Scope {
        region: "us-east-1",
        service: "iam",
        time: at(1_440_938_160),
    };
    let authorization = sign(scope, None, (&Method::GET, &uri), &mut headers, b"");
    assert_eq!(
        authorization,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, \
         Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    );
    assert_eq!(headers["x-amz-date"], "20150830T123600Z");
    assert!(!headers.contains_key("x-amz-security-token"));
}

#[test]
fn an_arn_is_encoded_once_more_and_a_session_token_is_signed_too() {
    let uri = Uri::from_static(
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aeu-west-1\
         %3A210987654321%3Aapplication-inference-profile%2Fq7/converse",
    );
    let mut headers = headers(&[
        ("content-type", "application/json"),
        // What proxies change is not signed.
        ("accept", "application/json"),
        ("user-agent", "steeplechase"),
    ]);
    let scope = Scope {
        region: "eu-west-1",
        service: "bedrock",
        time: at(1_772_600_767),
    };
    let token = "IQoJb3JpZ2luX2VjEXAMPLE//TOKEN==";
    let request = (&Method::POST, &uri);
    let authorization = sign(
        scope,
        Some(token),
        request,
        &mut headers,
        br#"{"messages":[]}"#,
    );
    assert_eq!(
        authorization,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260304/eu-west-1/bedrock/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
         Signature=db068d25e108b27086915909224b7faf3c7b9bdefbbe693c685ecf84100616c1"
    );
    assert_eq!(headers["x-amz-security-token"], token);
    assert!(headers["x-amz-security-token"].is_sensitive());
    assert!(headers["authorization"].is_sensitive());
}

proptest! {
    #[test]
    fn any_request_has_the_signature_that_the_description_gives(
        segment in "[a-zA-Z0-9][a-zA-Z0-9._~-]{0,8}(%[0-9A-F]{2}[a-z]{0,3}){0,4}",
        port in prop_oneof![Just(None), Just(Some(443_u16)), (1024_u16..).prop_map(Some)],
        trace in "( {0,2}[a-z0-9/]{1,6}){1,3} {0,2}",
        token in proptest::option::of("[A-Za-z0-9/+=]{1,40}"),
        body in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let authority = match port {
            Some(port) => format!("vpce-1.example.com:{port}"),
            None => "vpce-1.example.com".to_owned(),
        };
        let path = format!("/model/{segment}/converse-stream");
        let uri: Uri = format!("https://{authority}{path}").parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-trace", HeaderValue::from_str(trace.trim()).unwrap());
        headers.insert("x-other", HeaderValue::from_static("not signed"));
        let scope = Scope { region: "us-gov-west-1", service: "bedrock", time: at(1_772_600_767) };
        let found = sign(scope, token.as_deref(), (&Method::POST, &uri), &mut headers, &body);

        // The port that everybody knows is not in the host.
        let host = if port == Some(443) { "vpce-1.example.com" } else { &authority };
        let collapsed = trace.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut covered = vec![("host", host), ("x-amz-date", "20260304T050607Z")];
        if let Some(token) = &token {
            covered.push(("x-amz-security-token", token));
        }
        covered.push(("x-amz-trace", &collapsed));
        let signed = Signed {
            method: "POST",
            path: &path,
            headers: covered,
            body: &body,
            region: "us-gov-west-1",
            service: "bedrock",
            time: "20260304T050607Z",
            secret: SECRET,
        };
        let expected = format!("Signature={}", signed.signature());
        prop_assert!(found.ends_with(&expected), "{}", found);
    }
}

#[test]
fn keys_that_are_written_down_sign_at_once_and_are_not_shown() {
    let config = AwsConfig::new("eu-west-1").keys(ID, SECRET, None);
    let shown = format!("{config:?}");
    let signer = Arc::new(AwsSigner::bedrock(config, HttpClient::new()));
    assert!(!shown.contains(SECRET) && !format!("{signer:?}").contains(SECRET));
    let uri = Uri::from_static("https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse");
    let mut headers = HeaderMap::new();
    signer
        .authorize(&Method::POST, &uri, &mut headers, b"{}")
        .unwrap();
    let authorization = headers["authorization"].to_str().unwrap();
    assert!(authorization.contains("/eu-west-1/bedrock/aws4_request"));
    // A second attempt is signed anew, and not twice.
    signer
        .authorize(&Method::POST, &uri, &mut headers, b"{}")
        .unwrap();
    assert_eq!(headers.get_all("authorization").iter().count(), 1);
    assert_eq!(headers.get_all("x-amz-date").iter().count(), 1);
}

#[test]
fn the_scheme_does_not_matter_and_a_uri_without_a_host_is_no_reason_to_panic() {
    let config = AwsConfig::new("eu-west-1").keys(ID, SECRET, None);
    let signer = AwsSigner::bedrock(config, HttpClient::new());
    let mut headers = HeaderMap::new();
    let uri = Uri::from_static("http://127.0.0.1:4010/model/m/converse");
    signer
        .authorize(&Method::POST, &uri, &mut headers, b"{}")
        .unwrap();
    let uri = Uri::from_static("/model/m/converse");
    assert!(
        signer
            .authorize(&Method::POST, &uri, &mut headers, b"{}")
            .is_err()
    );
}
