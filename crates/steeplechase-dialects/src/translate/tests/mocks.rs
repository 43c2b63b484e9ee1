//! What is answered without asking anybody.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use steeplechase_core::controls::Mock;
use steeplechase_core::{
    Attempts, Call, Class, Controls, Deployment, Dialect, Error, Operation, Scope, Signal,
};
use tokio::time::Instant;
use tower::{Layer, ServiceExt};

use crate::intake::scan;
use crate::translate::TranslateLayer;

async fn nobody(_: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
    panic!("nobody should be asked")
}

async fn ask(dialect: Dialect, body: Value, mock: Mock) -> Result<String, Error> {
    let deployment = Deployment::builder("eu-1", "fast", Dialect::Gemini).build();
    let service = TranslateLayer::to(&deployment).layer(tower::service_fn(nobody));
    let raw = Bytes::from(body.to_string());
    let head = scan(&raw).unwrap();
    let mut request = Request::new(Call::new(Operation::Chat, dialect, raw, head));
    let mut controls = Controls::default();
    controls.mock = Some(mock);
    Attempts::of(request.extensions_mut()).control(controls);
    let response = service.oneshot(request).await?;
    let bytes = response.into_body().collect().await?.to_bytes();
    Ok(String::from_utf8(bytes.into()).unwrap())
}

fn chat(stream: bool) -> Value {
    let messages = json!([{"role": "user", "content": "hi"}]);
    json!({"model": "fast", "max_tokens": 9, "messages": messages, "stream": stream})
}

#[tokio::test]
async fn every_caller_gets_the_text_in_its_own_dialect() {
    let mock = || Mock::new(Ok("Bergen".into()));
    let whole = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let openai = whole(&ask(Dialect::OpenAi, chat(false), mock()).await.unwrap());
    assert_eq!(openai["choices"][0]["message"]["content"], "Bergen");
    assert_eq!(openai["model"], "fast");
    let anthropic = whole(&ask(Dialect::Anthropic, chat(false), mock()).await.unwrap());
    assert_eq!(anthropic["content"][0]["text"], "Bergen");
    let input = json!({"model": "fast", "input": "hi"});
    let responses = whole(&ask(Dialect::Responses, input, mock()).await.unwrap());
    assert_eq!(responses["output"][0]["content"][0]["text"], "Bergen");

    let stream = ask(Dialect::OpenAi, chat(true), mock()).await.unwrap();
    assert!(stream.contains(r#""content":"Bergen""#), "{stream}");
    assert!(stream.ends_with("data: [DONE]\n\n"), "{stream}");
    let stream = ask(Dialect::Anthropic, chat(true), mock()).await.unwrap();
    assert!(stream.contains("event: message_stop"), "{stream}");
}

#[tokio::test]
async fn a_failure_that_was_asked_for_says_nothing_of_the_deployment() {
    let mock = Mock::new(Err(Class::RateLimited));
    let error = ask(Dialect::OpenAi, chat(false), mock).await.unwrap_err();
    assert_eq!(error.class(), Class::RateLimited);
    assert_eq!(error.scope(), Scope::Request);
    assert_eq!(error.signal(), Signal::Neutral);
    assert!(error.outcome().is_retryable());
    assert_eq!(error.deployment(), Some("eu-1"));
}

#[tokio::test(start_paused = true)]
async fn it_takes_as_long_as_was_asked_for() {
    let mut mock = Mock::new(Ok("Bergen".into()));
    mock.delay = Some(Duration::from_secs(3));
    let started = Instant::now();
    ask(Dialect::OpenAi, chat(false), mock).await.unwrap();
    assert_eq!(started.elapsed(), Duration::from_secs(3));
}
