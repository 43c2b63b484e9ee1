//! Bedrock, from the outside: requests that are signed, and streams in AWS's own framing.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::BytesMut;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use steeplechase::dialects::eventstream::{encode_event, encode_exception};
use tokio::net::TcpListener;

use super::*;

mod sim;

/// A server that is Bedrock, and STS. It ends with the test.
struct Aws {
    addr: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A request that has come in.
#[derive(Clone, Debug)]
struct Seen {
    path: String,
    authorization: String,
    token: Option<String>,
    body: String,
}

impl Aws {
    async fn bind() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let seen = Arc::clone(&kept);
                let service = service_fn(move |request| answer(request, Arc::clone(&seen)));
                let connection = http1::Builder::new();
                let connection = connection.serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        Self { addr, seen }
    }

    /// A program with one deployment, here.
    async fn program(&self, params: &str) -> Program {
        Program::start(&format!(
            "
model_list:
  - model_name: nova
    litellm_params:
      model: bedrock/eu.amazon.nova-lite-v1:0
      aws_region_name: eu-west-1
      aws_bedrock_runtime_endpoint: http://{addr}
      aws_sts_endpoint: http://{addr}
{params}
router_settings: {{num_retries: 0}}
",
            addr = self.addr
        ))
        .await
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn answer(
    request: Request<Incoming>,
    seen: Arc<Mutex<Vec<Seen>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let header = |name: &str| Some(parts.headers.get(name)?.to_str().unwrap().to_owned());
    let body = body.collect().await.unwrap().to_bytes();
    let this = Seen {
        path: parts.uri.path().to_owned(),
        authorization: header("authorization").unwrap_or_default(),
        token: header("x-amz-security-token"),
        body: String::from_utf8(body.into()).unwrap(),
    };
    let response = match this.path.as_str() {
        "/" if this.body.contains("refused") => Response::builder()
            .status(403)
            .body(Full::from(REFUSED))
            .unwrap(),
        "/" => Response::new(Full::from(ROLE)),
        path if path.ends_with("/converse") => Response::new(Full::from(WHOLE)),
        _ => Response::builder()
            .header("content-type", "application/vnd.amazon.eventstream")
            .body(Full::from(stream(this.body.contains("break"))))
            .unwrap(),
    };
    seen.lock().unwrap().push(this);
    Ok(response)
}

/// An answer, which breaks off with an exception or ends as it should.
fn stream(breaks: bool) -> Bytes {
    let mut out = BytesMut::new();
    let mut event = |kind: &str, payload: Value| {
        encode_event(kind, payload.to_string().as_bytes(), &mut out);
    };
    event("messageStart", json!({"role": "assistant"}));
    for text in ["Ber", "gen"] {
        let delta = json!({"contentBlockIndex": 0, "delta": {"text": text}});
        event("contentBlockDelta", delta);
    }
    if breaks {
        let payload = br#"{"message":"It is too much."}"#;
        encode_exception("throttlingException", payload, &mut out);
        return out.freeze();
    }
    event("contentBlockStop", json!({"contentBlockIndex": 0}));
    event("messageStop", json!({"stopReason": "end_turn"}));
    let usage = json!({"inputTokens": 5, "outputTokens": 2, "totalTokens": 7});
    event(
        "metadata",
        json!({"usage": usage, "metrics": {"latencyMs": 1}}),
    );
    out.freeze()
}

const WHOLE: &str = r#"{"output":{"message":{"role":"assistant","content":[{"text":"Bergen"}]}},
    "stopReason":"end_turn","usage":{"inputTokens":5,"outputTokens":2,"totalTokens":7}}"#;

const ROLE: &str = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
    <AssumeRoleResult><Credentials><AccessKeyId>ROLEID</AccessKeyId>\
    <SecretAccessKey>secret</SecretAccessKey><SessionToken>of-role</SessionToken>\
    <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>\
    </AssumeRoleResponse>";

const REFUSED: &str = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>\
    <Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";

const KEYS: &str = "      aws_access_key_id: AKID\n      aws_secret_access_key: secret";

fn role(name: &str) -> String {
    format!("{KEYS}\n      aws_role_name: 'arn:aws:iam::123456789012:role/{name}'")
}

#[tokio::test]
async fn a_call_is_signed_and_its_stream_translated() {
    let aws = Aws::bind().await;
    let program = aws.program(KEYS).await;
    let whole = post(&program, "/v1/chat/completions", &chat("nova", false)).await;
    assert_eq!(whole.status(), StatusCode::OK);
    let whole = value(whole).await;
    assert_eq!(whole["choices"][0]["message"]["content"], "Bergen");
    assert_eq!(whole["usage"]["total_tokens"], 7);

    let stream = post(&program, "/v1/chat/completions", &chat("nova", true)).await;
    assert_eq!(stream.status(), StatusCode::OK);
    let stream = text(stream).await;
    assert!(stream.contains(r#""content":"Ber""#), "{stream}");
    assert!(stream.ends_with("data: [DONE]\n\n"), "{stream}");

    let seen = aws.seen();
    let paths: Vec<_> = seen.iter().map(|seen| &*seen.path).collect();
    assert_eq!(
        paths,
        [
            "/model/eu.amazon.nova-lite-v1%3A0/converse",
            "/model/eu.amazon.nova-lite-v1%3A0/converse-stream",
        ]
    );
    for seen in seen {
        let scope = seen.authorization.replace(char::is_numeric, "");
        let begin = "AWS-HMAC-SHA Credential=AKID//eu-west-/bedrock/aws_request, SignedHeaders=";
        assert!(scope.starts_with(begin), "{scope}");
        assert_eq!(seen.token, None);
    }
}

#[tokio::test]
async fn a_role_is_assumed_before_the_first_call() {
    let aws = Aws::bind().await;
    let program = aws.program(&role("gateway")).await;
    let assumed = aws.seen();
    assert_eq!(assumed.len(), 1);
    assert!(assumed[0].body.contains("role%2Fgateway"), "{assumed:?}");
    assert!(assumed[0].authorization.contains("Credential=AKID/"));

    let answer = post(&program, "/v1/chat/completions", &chat("nova", false)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let call = aws.seen().pop().unwrap();
    assert!(call.authorization.contains("Credential=ROLEID/"));
    assert_eq!(call.token.as_deref(), Some("of-role"));
}

#[tokio::test]
async fn without_credentials_it_starts_and_a_call_is_told_nothing_of_them() {
    let aws = Aws::bind().await;
    let program = aws.program(&role("refused")).await;
    let answer = post(&program, "/v1/chat/completions", &chat("nova", false)).await;
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    let error = text(answer).await;
    assert!(error.contains("upstream_auth"), "{error}");
    assert!(!error.contains("iam") && !error.contains("AKID"), "{error}");
    assert!(aws.seen().iter().all(|seen| seen.path == "/"));
}

#[tokio::test]
async fn a_stream_that_breaks_off_ends_with_an_error() {
    let aws = Aws::bind().await;
    let program = aws.program(KEYS).await;
    let mut call = chat("nova", true);
    call["messages"][0]["content"] = "break".into();
    let stream = text(post(&program, "/v1/chat/completions", &call).await).await;
    assert!(stream.contains("It is too much."), "{stream}");
    assert!(!stream.contains("[DONE]"), "{stream}");
}
