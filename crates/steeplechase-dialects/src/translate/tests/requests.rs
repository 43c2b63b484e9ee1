use std::convert::Infallible;

use http::{HeaderMap, HeaderValue, Method};
use steeplechase_core::{BoxError, Class};
use tower::Service;

use super::*;

const ANSWER: &str = r#"{"choices":[{"message":{"content":"hi"}}]}"#;

async fn sent(deployment: &Arc<Deployment>, call: Call) -> Request<Full<Bytes>> {
    let (_, sent) = ask(deployment, call, json(200, ANSWER)).await;
    sent.unwrap()
}

async fn body(request: Request<Full<Bytes>>) -> Bytes {
    request.into_body().collect().await.unwrap().to_bytes()
}

#[tokio::test]
async fn a_call_is_sent_with_the_deployments_url_headers_and_model() {
    let request = sent(&openai(), whole_call()).await;
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri(), "https://api.example.com/v1/chat/completions");
    let headers = request.headers();
    assert_eq!(headers["authorization"], format!("Bearer {KEY}"));
    assert!(headers["authorization"].is_sensitive());
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["accept-encoding"], "identity");
    let agent = headers["user-agent"].to_str().unwrap();
    assert!(agent.starts_with("steeplechase/"));
    assert_eq!(headers.len(), 4);
    assert_eq!(
        body(request).await,
        r#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hi"}]}"#
    );
}

#[tokio::test]
async fn a_call_is_translated_for_another_dialect() {
    let request = sent(&anthropic(), whole_call()).await;
    assert_eq!(request.uri(), "https://api.example.com/v1/messages");
    let headers = request.headers();
    assert_eq!(headers["anthropic-version"], "2023-06-01");
    assert_eq!(headers["x-api-key"], KEY);
    assert!(headers["x-api-key"].is_sensitive());
    assert!(!headers.contains_key("authorization"));
    let body: serde_json::Value = serde_json::from_slice(&body(request).await).unwrap();
    assert_eq!(body["model"], "claude-sonnet-4-5");
    assert_eq!(body["max_tokens"], 4096);
}

#[tokio::test]
async fn what_steers_the_gateway_is_not_told_to_a_provider() {
    const CALL: &str = r#"{"timeout":3,"model":"fast","api_key":"sk-theirs","seed":1,
        "messages":[{"role":"user","content":"hi"}],"fallbacks":["smart"],"mock_delay":1}"#;
    let sent = body(sent(&openai(), call(CALL)).await).await;
    let sent: serde_json::Value = serde_json::from_slice(&sent).unwrap();
    let names: Vec<_> = sent.as_object().unwrap().keys().collect();
    assert_eq!(names, ["model", "seed", "messages"]);

    let answer = json(
        200,
        r#"{"type":"message","role":"assistant","model":"claude-sonnet-4-5","id":"msg_1",
            "content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn",
            "usage":{"input_tokens":1,"output_tokens":1}}"#,
    );
    let (outcome, sent) = ask(&anthropic(), call(CALL), answer).await;
    let sent = String::from_utf8(body(sent.unwrap()).await.into()).unwrap();
    for name in ["timeout", "api_key", "sk-theirs", "fallbacks", "mock_delay"] {
        assert!(!sent.contains(name), "{sent}");
    }
    // Nor is the caller told that a provider has not got it.
    assert_eq!(outcome.unwrap().headers()["x-steeplechase-dropped"], "seed");
}

#[tokio::test]
async fn a_deployments_parameters_are_translated_too() {
    let deployment = Deployment::builder("eu-2", "claude/*", Dialect::Anthropic)
        .upstream_model("claude-*")
        .default_params(Bytes::from_static(br#"{"temperature":0.25}"#))
        .build();
    let call = whole_call().with_model("claude/sonnet-4-5");
    let body: serde_json::Value =
        serde_json::from_slice(&body(sent(&deployment, call).await).await).unwrap();
    assert_eq!(body["model"], "claude-sonnet-4-5");
    assert_eq!(body["temperature"], 0.25);
}

#[tokio::test]
async fn urls_are_joined_whatever_they_end_in() {
    for (dialect, base, expected) in [
        (
            Dialect::OpenAi,
            "https://a.b",
            "https://a.b/chat/completions",
        ),
        (
            Dialect::OpenAi,
            "https://a.b/v1",
            "https://a.b/v1/chat/completions",
        ),
        (
            Dialect::OpenAi,
            "http://a.b:8/x//",
            "http://a.b:8/x/chat/completions",
        ),
        (
            Dialect::OpenAi,
            "https://a.b/d/m?api-version=2024-10-21",
            "https://a.b/d/m/chat/completions?api-version=2024-10-21",
        ),
        // Some write the whole URL.
        (
            Dialect::OpenAi,
            "https://a.b/v1/chat/completions/",
            "https://a.b/v1/chat/completions",
        ),
        (
            Dialect::Anthropic,
            "https://a.b/v1/messages",
            "https://a.b/v1/messages",
        ),
        (
            Dialect::Anthropic,
            "https://a.b/",
            "https://a.b/v1/messages",
        ),
        (
            Dialect::Anthropic,
            "https://a.b/v1/",
            "https://a.b/v1/messages",
        ),
        (
            Dialect::Anthropic,
            "https://a.b/x",
            "https://a.b/x/v1/messages",
        ),
    ] {
        let deployment = Deployment::builder("d", "fast", dialect)
            .base_url(base.parse().unwrap())
            .build();
        assert_eq!(sent(&deployment, whole_call()).await.uri(), expected);
    }
}

#[tokio::test]
async fn embeddings_have_a_url_of_their_own() {
    let raw = Bytes::from_static(br#"{"model":"fast","input":"hi","stream":true}"#);
    let head = scan(&raw).unwrap();
    let call = Call::new(Operation::Embeddings, Dialect::OpenAi, raw, head);
    let answer = r#"{"data":[{"embedding":[0.5]}],"usage":{"prompt_tokens":2}}"#;
    let (outcome, request) = ask(&openai(), call, json(200, answer)).await;
    assert_eq!(
        request.unwrap().uri(),
        "https://api.example.com/v1/embeddings"
    );
    let (chunks, error) = read(outcome.unwrap().into_body()).await;
    assert!(error.is_none() && chunks[0].is_content());
}

#[tokio::test]
async fn what_cannot_be_translated_is_refused_without_a_request() {
    let raw = Bytes::from_static(br#"{"model":"fast","input":"hi"}"#);
    let head = scan(&raw).unwrap();
    let embeddings = Call::new(Operation::Embeddings, Dialect::OpenAi, raw, head.clone());
    let raw = Bytes::from_static(br#"{"model":"fast","query":"q","documents":["d"]}"#);
    let rerank = Call::new(Operation::Rerank, Dialect::Cohere, raw, head.clone());
    let raw = r#"{"model":"fast","messages":[{"role":"user","content":"hi"}]}"#;
    let count = Call::new(Operation::CountTokens, Dialect::Anthropic, raw.into(), head);
    for (deployment, call) in [
        (anthropic(), embeddings),
        (anthropic(), rerank.clone()),
        (openai(), rerank),
        (openai(), count),
    ] {
        let (outcome, request) = ask(&deployment, call, json(200, ANSWER)).await;
        let error = outcome.unwrap_err();
        assert_eq!(error.class(), Class::Unsupported);
        assert_eq!(error.deployment(), Some(deployment.id()));
        assert!(request.is_none());
    }
}

#[tokio::test]
async fn a_bad_call_is_refused_without_a_request_and_names_the_field() {
    let call = call(r#"{"model":"fast","messages":[{"role":"judge","content":"hi"}]}"#);
    let (outcome, request) = ask(&anthropic(), call, json(200, ANSWER)).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.class(), Class::InvalidRequest);
    assert_eq!(error.param(), Some("messages[0].role"));
    assert!(request.is_none());
}

#[tokio::test]
async fn wrong_settings_fail_each_call_and_say_which() {
    let keyed = |key: &str| {
        Deployment::builder("d", "fast", Dialect::OpenAi)
            .auth(Auth::Bearer(ApiKey::new(key)))
            .build()
    };
    let based = |base: &'static str| {
        Deployment::builder("d", "fast", Dialect::OpenAi)
            .base_url(http::Uri::from_static(base))
            .build()
    };
    for (deployment, word) in [
        (keyed("sk-secret\nvalue"), "newline"),
        (based("/v1"), "base_url"),
        (based("a.b:80"), "base_url"),
    ] {
        let (outcome, request) = ask(&deployment, whole_call(), json(200, ANSWER)).await;
        let error = outcome.unwrap_err();
        assert_eq!(error.class(), Class::Internal);
        assert!(error.detail().unwrap().contains(word), "{error:?}");
        assert!(!format!("{error:?}").contains("sk-secret"));
        assert!(request.is_none());
    }
}

#[tokio::test]
async fn headers_are_the_deployments_and_never_the_callers() {
    let mut headers = HeaderMap::new();
    headers.insert("user-agent", HeaderValue::from_static("mine/1"));
    headers.insert("anthropic-beta", HeaderValue::from_static("a-1,b-2"));
    let deployment = Deployment::builder("eu-2", "fast", Dialect::Anthropic)
        .headers(headers)
        .build();
    let request = sent(&deployment, whole_call()).await;
    assert_eq!(request.headers()["user-agent"], "mine/1");
    assert_eq!(request.headers()["anthropic-beta"], "a-1,b-2");

    let client = tower::service_fn(|request: Request<Full<Bytes>>| async move {
        assert!(!request.headers().contains_key("cookie"));
        assert!(!request.headers().contains_key("x-mine"));
        assert_eq!(request.extensions().get(), Some(&7_u8));
        let mut response = Response::new(Full::from(ANSWER));
        response.extensions_mut().insert(8_u8);
        Ok::<_, Infallible>(response)
    });
    let mut request = Request::new(whole_call());
    request
        .headers_mut()
        .insert("cookie", HeaderValue::from_static("secret"));
    request
        .headers_mut()
        .insert("x-mine", HeaderValue::from_static("secret"));
    request.extensions_mut().insert(7_u8);
    let service = TranslateLayer::to(&openai()).layer(client);
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.extensions().get(), Some(&8_u8));
}

#[tokio::test]
async fn secrets_are_in_no_debug() {
    let service = TranslateLayer::to(&openai());
    let request = sent(&openai(), whole_call()).await;
    let layered = service.layer(());
    assert!(!format!("{service:?} {layered:?} {request:?}").contains(KEY));

    let refusal = format!(r#"{{"error":{{"message":"Incorrect API key provided: {KEY}"}}}}"#);
    let (outcome, _) = ask(&openai(), whole_call(), json(401, &refusal)).await;
    let error = outcome.unwrap_err();
    assert!(!format!("{error:?} {error}").contains(KEY));
}

#[tokio::test]
async fn a_failing_client_is_a_failed_connection_of_the_deployment() {
    let client = tower::service_fn(|_: Request<Full<Bytes>>| async {
        Err::<Response<Full<Bytes>>, _>(io::Error::other("refused"))
    });
    let service = TranslateLayer::to(&openai()).layer(client);
    let error = service
        .oneshot(Request::new(whole_call()))
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Transport);
    assert_eq!(error.deployment(), Some("eu-1"));
    assert!(error.detail().unwrap().contains("refused"));
}

#[tokio::test]
async fn our_own_error_below_stays_what_it_is() {
    let client = tower::service_fn(|_: Request<Full<Bytes>>| async {
        let error = Error::new(Class::Overloaded, "full");
        Err::<Response<Full<Bytes>>, BoxError>(error.into())
    });
    let service = TranslateLayer::to(&openai()).layer(client);
    let error = service
        .oneshot(Request::new(whole_call()))
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Overloaded);
}

#[test]
fn everything_can_be_sent_shared_and_moved() {
    fn is_fine<T: Send + Sync + Unpin>() {}
    fn is_service<S: Service<Request<Call>> + Clone + Send + Sync>(_: &S) {}

    is_fine::<TranslateLayer>();
    is_fine::<Chunks<Full<Bytes>>>();
    is_fine::<ResponseFuture<std::future::Ready<()>, Full<Bytes>>>();
    let client = tower::service_fn(|_: Request<Full<Bytes>>| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    is_service(&TranslateLayer::to(&openai()).layer(client));
}
