use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use steeplechase_core::deployment::Authorize;
use steeplechase_core::{Class, Scope};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::super::{AwsConfig, AwsSigner};
use super::*;
use crate::HttpClient;

const ROLE: &str = "arn:aws:iam::210987654321:role/models";

const ASSUMED: &str = "\
<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
<AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId>\
<Arn>arn:aws:sts::210987654321:assumed-role/models/s</Arn></AssumedRoleUser>\
<Credentials><AccessKeyId>ASIATEMPORARY</AccessKeyId><SecretAccessKey>temporary</SecretAccessKey>\
<SessionToken>SESSION</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
</AssumeRoleResult></AssumeRoleResponse>";

const REFUSED: &str = "\
<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
<Code>AccessDenied</Code><Message>not this one</Message></Error></ErrorResponse>";

/// What a server was asked: the head and the body.
type Asked = Arc<Mutex<Vec<(http::request::Parts, String)>>>;

/// A server that gives one answer to all.
async fn serve(status: u16, answer: &'static str) -> (String, Asked, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut open = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let seen = Arc::clone(&seen);
            let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                let seen = Arc::clone(&seen);
                async move {
                    let (parts, body) = request.into_parts();
                    let body = body.collect().await.unwrap().to_bytes();
                    let body = String::from_utf8(body.to_vec()).unwrap();
                    seen.lock().unwrap().push((parts, body));
                    let mut response = Response::new(Full::new(Bytes::from(answer)));
                    *response.status_mut() = StatusCode::from_u16(status).unwrap();
                    Ok::<_, Infallible>(response)
                }
            });
            open.spawn(async move {
                let connection = hyper::server::conn::http1::Builder::new();
                let stream = TokioIo::new(stream);
                let _ = connection.serve_connection(stream, service).await;
            });
        }
    });
    (url, asked, serving)
}

fn sign_one(signer: &AwsSigner) -> Result<HeaderMap, steeplechase_core::Error> {
    let uri = Uri::from_static("https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse");
    let mut headers = HeaderMap::new();
    signer.authorize(&Method::POST, &uri, &mut headers, b"{}")?;
    Ok(headers)
}

#[tokio::test]
async fn a_role_is_assumed_with_the_keys_that_there_are() {
    let (url, asked, _serving) = serve(200, ASSUMED).await;
    let config = AwsConfig::new("eu-west-1")
        .keys(ID, SECRET, None)
        .role(ROLE)
        .session_name("gateway-7")
        .external_id("ours")
        .sts_endpoint(url);
    let signer = AwsSigner::bedrock(config, HttpClient::new());

    // Nobody waits for it in a call.
    let error = sign_one(&signer).unwrap_err();
    assert_eq!(
        (error.class(), error.scope()),
        (Class::Auth, Scope::Deployment)
    );

    signer.renew().await.unwrap();
    let headers = sign_one(&signer).unwrap();
    assert_eq!(headers["x-amz-security-token"], "SESSION");
    let authorization = headers["authorization"].to_str().unwrap();
    assert!(
        authorization.contains("Credential=ASIATEMPORARY/"),
        "{authorization}"
    );

    let asked = asked.lock().unwrap();
    let [(head, body)] = &asked[..] else {
        panic!("asked {} times", asked.len());
    };
    let authorization = head.headers["authorization"].to_str().unwrap();
    assert!(
        authorization.contains("Credential=AKIDEXAMPLE/"),
        "{authorization}"
    );
    assert!(
        authorization.contains("/eu-west-1/sts/aws4_request"),
        "{authorization}"
    );
    for part in [
        "Action=AssumeRole",
        "RoleArn=arn%3Aaws%3Aiam%3A%3A210987654321%3Arole%2Fmodels",
        "RoleSessionName=gateway-7",
        "ExternalId=ours",
    ] {
        assert!(body.contains(part), "{part} is not in {body}");
    }
}

#[tokio::test]
async fn a_role_that_is_refused_is_an_error_whose_reason_is_for_the_log() {
    let (url, _, _serving) = serve(403, REFUSED).await;
    let config = AwsConfig::new("eu-west-1")
        .keys(ID, SECRET, None)
        .role(ROLE)
        .sts_endpoint(url);
    let signer = AwsSigner::bedrock(config, HttpClient::new());
    let error = signer.renew().await.unwrap_err();
    assert_eq!(error.class(), Class::Auth);
    let detail = error.detail().unwrap();
    assert!(
        detail.contains("AccessDenied") && detail.contains("not this one"),
        "{detail}"
    );
    assert!(!error.message().contains("AccessDenied"), "{error}");
    assert!(!detail.contains(SECRET), "{detail}");
    assert_eq!(sign_one(&signer).unwrap_err().detail(), error.detail());
}

#[tokio::test]
async fn a_web_identity_without_a_role_says_what_is_missing() {
    let config = AwsConfig::new("eu-west-1").web_identity("/nowhere/token");
    let signer = AwsSigner::bedrock(config, HttpClient::new());
    let error = signer.renew().await.unwrap_err();
    assert!(error.detail().unwrap().contains("aws_role_name"));
}

#[tokio::test]
async fn a_web_identity_whose_file_is_not_there_names_the_file() {
    let config = AwsConfig::new("eu-west-1")
        .web_identity("/nowhere/token")
        .role(ROLE);
    let signer = AwsSigner::bedrock(config, HttpClient::new());
    let error = signer.renew().await.unwrap_err();
    let detail = error.detail().unwrap();
    assert!(detail.contains("/nowhere/token"), "{detail}");
}

#[tokio::test]
async fn a_profile_that_nobody_has_is_named() {
    let config = AwsConfig::new("eu-west-1").profile("no-such-profile");
    let signer = AwsSigner::bedrock(config, HttpClient::new());
    let error = signer.renew().await.unwrap_err();
    let detail = error.detail().unwrap();
    assert!(detail.contains("no-such-profile"), "{detail}");
}
