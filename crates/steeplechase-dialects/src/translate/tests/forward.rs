//! Calls that are passed on as they are, and their answers.

use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use steeplechase_core::Class;
use steeplechase_core::deployment::{DeploymentBuilder, Platform, Profile};

use super::*;
use crate::intake::IntakeLayer;

/// Sends a request through the intake, and gives back what was sent and what was answered.
async fn pass(
    deployment: &Arc<Deployment>,
    request: Request<Full<Bytes>>,
    answer: Response<Script>,
) -> (Response<Bytes>, Option<Request<Bytes>>) {
    let sent = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&sent);
    let answer = Arc::new(Mutex::new(Some(answer)));
    let client = tower::service_fn(move |request: Request<Full<Bytes>>| {
        let answer = answer.lock().unwrap().take().unwrap();
        let keep = Arc::clone(&keep);
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            keep.lock()
                .unwrap()
                .replace(Request::from_parts(parts, body));
            Ok::<_, io::Error>(answer)
        }
    });
    let stack = TranslateLayer::to(deployment).layer(client);
    let response = IntakeLayer::new()
        .layer(stack)
        .oneshot(request)
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let response = Response::from_parts(parts, body.unwrap_or_else(|_| "broken off".into()));
    let sent = sent.lock().unwrap().take();
    (response, sent)
}

fn post(path: &str, kind: &'static str, body: &str) -> Request<Full<Bytes>> {
    let request = Request::post(path).header(CONTENT_TYPE, kind);
    let request = request.header("authorization", "Bearer caller");
    request.body(Full::from(body.to_owned())).unwrap()
}

fn speech(steps: impl IntoIterator<Item = Step>) -> Response<Script> {
    let response = Response::builder().header(CONTENT_TYPE, "audio/mpeg");
    let response = response.header(CONTENT_DISPOSITION, "attachment");
    response
        .header("set-cookie", "a=b")
        .body(script(steps))
        .unwrap()
}

#[tokio::test]
async fn a_call_goes_on_with_the_providers_model_and_its_answer_comes_back_as_it_is() {
    let body = r#"{"model":"fast","input":"Hello","voice":"alloy","timeout":3}"#;
    let request = post("/v1/audio/speech?x=y", "application/json", body);
    let (response, sent) = pass(&openai(), request, speech([data("MP"), data("3")])).await;
    assert_eq!(response.body(), "MP3");
    assert_eq!(response.headers()[CONTENT_TYPE], "audio/mpeg");
    assert_eq!(response.headers()[CONTENT_DISPOSITION], "attachment");
    assert!(!response.headers().contains_key("set-cookie"));
    let sent = sent.unwrap();
    assert_eq!(sent.uri(), "https://api.example.com/v1/audio/speech");
    assert_eq!(
        sent.body(),
        r#"{"model":"gpt-4o-mini","input":"Hello","voice":"alloy"}"#
    );
    assert_eq!(sent.headers()["authorization"], format!("Bearer {KEY}"));
    assert_eq!(sent.headers()[CONTENT_TYPE], "application/json");
}

#[tokio::test]
async fn a_form_goes_on_byte_for_byte_but_for_the_model_and_what_is_for_the_gateway() {
    let own = "--X\r\ncontent-disposition: form-data; name=\"timeout\"\r\n\r\n3\r\n";
    let form = |model: &str, own: &str| {
        format!(
            "{own}--X\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n{own}--X\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nRIFF\r\n--X--\r\n"
        )
    };
    let kind = "multipart/form-data; boundary=X";
    let request = post("/v1/audio/transcriptions", kind, &form("fast", own));
    let (response, sent) = pass(&openai(), request, json(200, r#"{"text":"Hello"}"#)).await;
    assert_eq!(response.body(), r#"{"text":"Hello"}"#);
    let sent = sent.unwrap();
    assert_eq!(sent.headers()[CONTENT_TYPE], kind);
    assert_eq!(sent.body(), &form("gpt-4o-mini", ""));
}

#[tokio::test]
async fn a_failure_is_classified_and_one_halfway_breaks_the_answer_off() {
    let image = || {
        post(
            "/v1/images/generations",
            "application/json",
            r#"{"model":"fast"}"#,
        )
    };
    let refused = json(
        400,
        r#"{"error":{"message":"no","type":"invalid_request_error"}}"#,
    );
    let (response, _) = pass(&openai(), image(), refused).await;
    assert_eq!(response.status(), 400);
    let (response, _) = pass(&openai(), image(), speech([data("MP"), Step::Fail])).await;
    assert_eq!(response.body(), "broken off");
}

#[tokio::test]
async fn a_provider_of_another_dialect_does_not_do_it() {
    let image = post(
        "/v1/images/generations",
        "application/json",
        r#"{"model":"fast"}"#,
    );
    let (response, sent) = pass(&anthropic(), image, json(200, "{}")).await;
    assert!(sent.is_none());
    assert_eq!(response.status(), 400);
    let error = response.extensions().get::<Error>().unwrap();
    assert_eq!(error.class(), Class::Unsupported);
    assert_eq!(
        error.message(),
        "the model `fast` does not do /images/generations"
    );
}

#[tokio::test]
async fn the_last_frame_says_that_the_answer_is_complete() {
    let raw = Bytes::from_static(br#"{"model":"fast"}"#);
    let head = scan(&raw).unwrap();
    let json = HeaderValue::from_static("application/json");
    let forward = steeplechase_core::call::Forward::new("/images/generations", json);
    let call = Call::forwarded(forward, Dialect::OpenAi, raw, head);
    let (outcome, _) = ask(
        &openai(),
        call,
        speech([data("MP"), Step::Trailers, data("3")]),
    )
    .await;
    let (chunks, error) = read(outcome.unwrap().into_body()).await;
    assert!(error.is_none());
    let flags = flags(&chunks);
    assert_eq!(
        flags,
        [
            (true, false, false),
            (true, false, false),
            (false, true, false)
        ]
    );
}

fn azure() -> DeploymentBuilder {
    Deployment::builder("eu-1", "fast", Dialect::OpenAi)
        .provider("azure")
        .upstream_model("prod")
        .base_url("https://eu.openai.azure.com".parse().unwrap())
        .platform(Platform::Azure {
            api_version: Some("2024-10-21".into()),
        })
}

#[tokio::test]
async fn on_azure_a_call_goes_to_the_deployment_and_what_there_is_nowhere_is_refused() {
    let body = r#"{"model":"fast","prompt":"a hedge"}"#;
    let request = post("/v1/images/generations", "application/json", body);
    let (response, sent) = pass(&azure().build(), request, speech([data("{}")])).await;
    assert_eq!(response.status(), 200);
    assert_eq!(
        sent.unwrap().uri(),
        "https://eu.openai.azure.com/openai/deployments/prod/images/generations?api-version=2024-10-21"
    );
    let body = r#"{"model":"fast","input":"x"}"#;
    let request = post("/v1/moderations", "application/json", body);
    let (response, sent) = pass(&azure().build(), request, speech([data("{}")])).await;
    assert_eq!((response.status().as_u16(), sent.is_none()), (400, true));
}

#[test]
fn on_azure_what_belongs_to_a_provider_is_of_the_resource() {
    let (uri, _) = address(
        &azure().build(),
        &http::Method::GET,
        "/files",
        "purpose=batch",
    )
    .unwrap();
    assert_eq!(
        uri,
        "https://eu.openai.azure.com/openai/files?api-version=2024-10-21&purpose=batch"
    );
}

#[tokio::test]
async fn on_azure_a_prompt_is_completed_by_a_deployment_whose_model_does_that() {
    let body = r#"{"model":"fast","prompt":"x"}"#;
    let mut profile = Profile::default();
    profile.completions = Some("/completions".into());
    for (base_model, path) in [
        ("azure/gpt-35-turbo-instruct", "/completions"),
        ("gpt-4o", "/chat/completions"),
    ] {
        let builder = azure().profile(Arc::new(profile.clone()));
        let deployment = builder.base_model(base_model).build();
        let request = post("/v1/completions", "application/json", body);
        let (_, sent) = pass(&deployment, request, speech([data("{}")])).await;
        let sent = sent.unwrap();
        assert_eq!(sent.uri().path(), format!("/openai/deployments/prod{path}"));
    }
}
