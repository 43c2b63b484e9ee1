//! What is passed on, to whom, and what comes back.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::body::Body as PageBody;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use steeplechase::deployment::{Auth, Deployment};
use steeplechase::dialects::intake::is_endpoint;
use steeplechase::{ApiKey, Dialect};
use tower::ServiceExt;

use super::place::Place;
use super::*;
use crate::server::{Server, ServerConfig};

/// A request: its method, its URI, its headers and its body.
type Sent = (Method, String, HeaderMap, Bytes);

/// A provider that notes what it was sent.
#[derive(Clone, Default)]
struct Provider {
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Provider {
    /// Answers at an address of its own with a status and a body.
    async fn start(self, status: u16, answer: &'static str) -> SocketAddr {
        let server = Server::bind(([127, 0, 0, 1], 0).into(), ServerConfig::new());
        let server = server.await.unwrap();
        let addr = server.addr().unwrap();
        let answering = tower::service_fn(move |request: Request<Incoming>| {
            let sent = Arc::clone(&self.sent);
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let uri = parts.uri.to_string();
                sent.lock()
                    .unwrap()
                    .push((parts.method, uri, parts.headers, body));
                let response = Response::builder().status(status);
                let response = response
                    .header(CONTENT_TYPE, "application/json")
                    .header("set-cookie", "a=b");
                Ok(response.body(PageBody::from(answer)).unwrap())
            }
        });
        // It ends with the test's runtime.
        tokio::spawn(server.serve(answering, std::future::pending()));
        addr
    }

    fn last(&self) -> Sent {
        self.sent.lock().unwrap().last().unwrap().clone()
    }
}

/// A body of so many pieces.
struct Pieces(usize);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(left) = self.0.checked_sub(1) else {
            return Poll::Ready(None);
        };
        self.0 = left;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 10_000])))))
    }
}

fn deployment(provider: &str, addr: SocketAddr) -> Arc<Deployment> {
    Deployment::builder(provider, "m", Dialect::OpenAi)
        .provider(provider)
        .base_url(format!("http://{addr}/base/v1").parse().unwrap())
        .auth(Auth::Bearer(ApiKey::new("sk-provider")))
        .build()
}

/// The providers `openai` and `groq`, the second of which answers with an error.
async fn passthrough() -> (Passthrough, Provider, Provider) {
    let (openai, groq) = (Provider::default(), Provider::default());
    let good = openai.clone().start(200, r#"{"id":"file-1"}"#).await;
    let refusal = r#"{"error":{"message":"Incorrect API key provided: sk-provider","code":"invalid_api_key"}}"#;
    let bad = groq.clone().start(401, refusal).await;
    let deployments = [deployment("openai", good), deployment("groq", bad)];
    (Passthrough::new(deployments), openai, groq)
}

fn request(method: &str, uri: &str, body: &str) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri(uri);
    let request = request
        .header(AUTHORIZATION, "Bearer caller")
        .header("cookie", "c=d")
        .header(CONTENT_TYPE, "application/json");
    request.body(Full::from(body.to_owned())).unwrap()
}

async fn text(response: Response<PageBody>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_path_is_passed_on_if_it_belongs_to_a_provider() {
    for (path, provider, rest) in [
        ("/v1/files", None, "/files"),
        ("/files/file-1/content", None, "/files/file-1/content"),
        (
            "/openai/v1/batches/b/cancel",
            Some("openai"),
            "/batches/b/cancel",
        ),
        (
            "/v1/responses/resp_1/input_items",
            None,
            "/responses/resp_1/input_items",
        ),
        ("/v1/fine_tuning/jobs", None, "/fine_tuning/jobs"),
        (
            "/v1/threads/thread_1/messages",
            None,
            "/threads/thread_1/messages",
        ),
    ] {
        assert!(is_passed(path) && !is_endpoint(path), "{path}");
        let uri = path.parse().unwrap();
        let place = Place::of(&uri, &HeaderMap::new()).unwrap();
        assert_eq!((place.provider.as_deref(), place.path), (provider, rest));
    }
    for path in [
        "/",
        "/v1",
        "/v1/models",
        "/v1/responses",
        "/v1/filesystem",
        "/health/files/x",
        "/v1/files/../../admin",
        "/v2/files",
        "/v1/files/..",
        "/v1/files/%2e%2e/admin",
        "/v1/files/a\\b",
    ] {
        assert!(!is_passed(path), "{path}");
    }
}

#[tokio::test]
async fn a_request_goes_to_the_provider_with_its_key_and_without_the_callers() {
    let (passthrough, openai, _) = passthrough().await;
    let asked = request("GET", "/v1/files?after=x&limit=2", "");
    let response = passthrough.oneshot(asked).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("set-cookie"));
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(text(response).await, r#"{"id":"file-1"}"#);
    let (method, uri, headers, body) = openai.last();
    assert_eq!(
        (method.as_str(), &*uri),
        ("GET", "/base/v1/files?after=x&limit=2")
    );
    assert_eq!(headers[AUTHORIZATION], "Bearer sk-provider");
    assert!(!headers.contains_key("cookie") && body.is_empty());
}

#[tokio::test]
async fn the_provider_is_named_in_the_query_a_header_the_path_or_the_body() {
    let (passthrough, openai, groq) = passthrough().await;
    let mut by_header = request("GET", "/v1/files", "");
    by_header
        .headers_mut()
        .insert("custom-llm-provider", "groq".parse().unwrap());
    let form = "--X\r\ncontent-disposition: form-data; name=\"custom_llm_provider\"\r\n\r\ngroq\r\n\
                --X\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--X--\r\n";
    let mut by_form = request("POST", "/v1/files", form);
    let kind = "multipart/form-data; boundary=X".parse().unwrap();
    by_form.headers_mut().insert(CONTENT_TYPE, kind);
    for asked in [
        request("GET", "/v1/files?custom_llm_provider=groq&a=b", ""),
        by_header,
        request("DELETE", "/groq/v1/files/file-1", ""),
        request(
            "POST",
            "/v1/batches",
            r#"{"input_file_id":"f","custom_llm_provider":"groq"}"#,
        ),
        by_form,
    ] {
        let before = groq.sent.lock().unwrap().len();
        let response = passthrough.clone().oneshot(asked).await.unwrap();
        assert_ne!(response.status(), 200);
        assert_eq!(groq.sent.lock().unwrap().len(), before + 1);
        let (_, uri, _, body) = groq.last();
        let body = String::from_utf8_lossy(&body);
        assert!(!uri.contains("custom_llm_provider") && !body.contains("custom_llm_provider"));
    }
    assert!(openai.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nobody_is_called_who_is_not_configured() {
    let (passthrough, ..) = passthrough().await;
    for provider in ["azure", "http://evil.example", ""] {
        let uri = format!("/v1/files?custom_llm_provider={provider}");
        let response = passthrough
            .clone()
            .oneshot(request("GET", &uri, ""))
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(text(response).await.contains("no_such_provider"));
    }
}

#[tokio::test]
async fn a_refusal_is_told_without_the_key() {
    let (passthrough, ..) = passthrough().await;
    let asked = request("GET", "/groq/v1/files", "");
    let response = passthrough.oneshot(asked).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    let body = text(response).await;
    assert!(
        body.contains("upstream_auth") && !body.contains("sk-provider"),
        "{body}"
    );
}

#[tokio::test]
async fn a_large_body_is_passed_on_as_it_comes() {
    let (passthrough, openai, _) = passthrough().await;
    let asked = Request::post("/v1/files").header(CONTENT_TYPE, "application/octet-stream");
    let response = passthrough
        .oneshot(asked.body(Pieces(100)).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(openai.last().3.len(), 1_000_000);
}
