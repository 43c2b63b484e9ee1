//! Calls that are cut, and their answers.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use proptest::prelude::*;
use serde_json::{Value, json};
use steeplechase_core::deployment::Platform;
use steeplechase_core::{Call, Chunk, Class, Deployment, Dialect, Error, Operation, Usage};
use tokio_test::task;
use tower::{Layer, ServiceExt};

use super::cut::cut;
use super::*;
use crate::intake::scan;

fn call(input: &Value) -> Call {
    let raw = json!({"timeout": 3, "model": "m", "input": input, "dimensions": 2}).to_string();
    let raw = Bytes::from(raw);
    let head = scan(&raw).unwrap();
    Call::new(Operation::Embeddings, Dialect::OpenAi, raw, head).with_model("alias")
}

fn texts(count: usize) -> Value {
    (0..count).map(|number| format!("text {number}")).collect()
}

fn deployment(dialect: Dialect, model: &str) -> Arc<Deployment> {
    Deployment::builder("d", "m", dialect)
        .upstream_model(model)
        .build()
}

/// What each request asks for, and the outcome: a vector of each text is its number.
async fn ask(
    deployment: &Arc<Deployment>,
    input: &Value,
    fails_at: Option<usize>,
) -> (Vec<usize>, Result<(Value, Usage), Error>) {
    let sizes = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&sizes);
    let inner = tower::service_fn(move |request: Request<Call>| {
        assert_eq!(request.body().model(), "alias");
        assert_eq!(request.extensions().get(), Some(&"kept"));
        let asked: Value = serde_json::from_slice(request.body().raw()).unwrap();
        let texts = asked["input"].as_array().unwrap().clone();
        assert_eq!(
            (&asked["dimensions"], &asked["timeout"]),
            (&json!(2), &json!(3))
        );
        let mut seen = seen.lock().unwrap();
        seen.push(texts.len());
        let failed = fails_at == Some(seen.len());
        async move {
            if failed {
                return Err(Error::new(Class::Overloaded, "too busy"));
            }
            let number = |text: &Value| text.as_str().unwrap()[5..].parse::<u64>().unwrap();
            let data: Vec<_> = texts
                .iter()
                .map(|text| json!({"object": "embedding", "index": 0, "embedding": [number(text)]}))
                .collect();
            let list = json!({"object": "list", "data": data, "model": "e"}).to_string();
            let usage = Usage {
                prompt: texts.len() as u64,
                ..Usage::default()
            };
            let chunk = Chunk::whole(list.into()).and_usage(usage);
            let body = Full::new(chunk).map_err(|never| match never {});
            Ok(Response::builder()
                .header("x-request-id", "r")
                .body(body)
                .unwrap())
        }
    });
    let mut request = Request::new(call(input));
    request.extensions_mut().insert("kept");
    let outcome = SplitLayer::to(deployment)
        .layer(inner)
        .oneshot(request)
        .await;
    let sizes = sizes.lock().unwrap().clone();
    let response = match outcome {
        Ok(response) => response,
        Err(error) => return (sizes, Err(error)),
    };
    assert_eq!(response.headers()["x-request-id"], "r");
    let frame = response.into_body().frame().await.unwrap().unwrap();
    let chunk = frame.into_data().unwrap();
    assert!(chunk.is_content() && chunk.is_end());
    let list = serde_json::from_slice(chunk.data()).unwrap();
    (sizes, Ok((list, *chunk.usage().unwrap())))
}

#[tokio::test]
async fn what_is_too_much_for_one_request_is_several_and_one_answer() {
    let cohere = deployment(Dialect::Cohere, "embed-v4.0");
    let (sizes, outcome) = ask(&cohere, &texts(200), None).await;
    assert_eq!(sizes, [96, 96, 8]);
    let (list, usage) = outcome.unwrap();
    let data = list["data"].as_array().unwrap();
    assert_eq!(data.len(), 200);
    for (index, vector) in data.iter().enumerate() {
        assert_eq!(
            *vector,
            json!({"object": "embedding", "index": index, "embedding": [index]})
        );
    }
    assert_eq!((&list["model"], usage.prompt), (&"e".into(), 200));
    assert_eq!(
        list["usage"],
        json!({"prompt_tokens": 200, "total_tokens": 200})
    );
}

#[tokio::test]
async fn what_fits_is_one_request_and_its_answer_is_not_touched() {
    let cohere = deployment(Dialect::Cohere, "embed-v4.0");
    let (sizes, outcome) = ask(&cohere, &texts(96), None).await;
    assert_eq!(sizes, [96]);
    let (list, _) = outcome.unwrap();
    assert_eq!(list["data"][95]["index"], 0, "as it was");
    let openai = deployment(Dialect::OpenAi, "text-embedding-3-small");
    assert_eq!(ask(&openai, &texts(2000), None).await.0, [2000]);
    // What nobody would take is not cut: the provider's limit is told.
    assert_eq!(ask(&cohere, &texts(2049), None).await.0, [2049]);
}

#[tokio::test]
async fn the_failure_of_a_part_is_that_of_the_call_and_the_last_request() {
    let cohere = deployment(Dialect::Cohere, "embed-v4.0");
    let (sizes, outcome) = ask(&cohere, &texts(300), Some(2)).await;
    assert_eq!(sizes, [96, 96]);
    assert_eq!(outcome.unwrap_err().class(), Class::Overloaded);
}

#[test]
fn each_provider_has_its_own_limit() {
    let most = |deployment: &Arc<Deployment>| SplitLayer::to(deployment).most(&call(&texts(1)));
    for (dialect, model, expected) in [
        (Dialect::Gemini, "gemini-embedding-001", Some(100)),
        (Dialect::Bedrock, "amazon.titan-embed-text-v2:0", Some(1)),
        (Dialect::Bedrock, "eu.cohere.embed-v4:0", Some(96)),
        (Dialect::Bedrock, "amazon.nova-lite-v1:0", None),
        (Dialect::OpenAi, "text-embedding-3-small", None),
    ] {
        assert_eq!(most(&deployment(dialect, model)), expected, "{model}");
    }
    for (model, expected) in [("text-embedding-005", 250), ("gemini-embedding-001", 1)] {
        let deployment = Deployment::builder("d", "m", Dialect::Gemini)
            .platform(Platform::Vertex)
            .upstream_model(model)
            .build();
        assert_eq!(most(&deployment), Some(expected), "{model}");
    }
}

#[test]
fn dropping_the_answer_drops_the_request_that_is_under_way() {
    let alive = Arc::new(());
    let held = Arc::clone(&alive);
    let inner = tower::service_fn(move |_: Request<Call>| {
        let held = Arc::clone(&held);
        async move {
            std::future::pending::<()>().await;
            drop(held);
            Err::<Response<SplitBody<Empty>>, _>(Error::new(Class::Internal, "not reached"))
        }
    });
    let split = SplitLayer::to(&deployment(Dialect::Cohere, "e")).layer(inner);
    let before = Arc::strong_count(&alive);
    let mut answer = task::spawn(split.oneshot(Request::new(call(&texts(200)))));
    assert!(answer.poll().is_pending());
    assert!(Arc::strong_count(&alive) > before);
    drop(answer);
    assert_eq!(Arc::strong_count(&alive), 1, "and the service went with it");
}

/// A body that nobody reads.
type Empty = http_body_util::combinators::UnsyncBoxBody<Chunk, Error>;

proptest! {
    #[test]
    fn the_parts_are_the_whole_in_its_order(
        texts in prop::collection::vec("\\PC{0,8}", 0..40),
        most in 1..12_usize,
    ) {
        let whole = call(&json!(texts));
        let Some(parts) = cut(&whole, most) else {
            prop_assert!(texts.len() <= most);
            return Ok(());
        };
        let mut all = Vec::new();
        for part in parts {
            let asked: Value = serde_json::from_slice(part.raw()).unwrap();
            let texts = asked["input"].as_array().unwrap();
            prop_assert!(!texts.is_empty() && texts.len() <= most);
            all.extend(texts.iter().map(|text| text.as_str().unwrap().to_owned()));
            prop_assert_eq!(part.head().spans.own.len(), 1);
        }
        prop_assert_eq!(all, texts);
    }

    #[test]
    fn no_bytes_make_it_panic(raw in "\\PC{0,40}", input in "[\\[\\]\",a1{} ]{0,20}") {
        for raw in [raw, format!(r#"{{"model":"m","input":{input}}}"#)] {
            let head = steeplechase_core::call::Head::default();
            let call = Call::new(Operation::Embeddings, Dialect::OpenAi, raw.into(), head);
            _ = cut(&call, 1);
        }
    }
}
