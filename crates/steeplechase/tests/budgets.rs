//! What may be spent, through the recommended stack.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use steeplechase::call::{Call, Operation};
use steeplechase::dialects::intake::scan;
use steeplechase::price::{Price, Rate, Unit};
use steeplechase::purse::{Owner, Purse};
use steeplechase::{Cost, Deployment, Dialect, Group, Preset, Pricing};
use tokio::time::{Instant, advance};
use tower::ServiceExt;

const ANSWER: &str = r#"{"id":"1","object":"chat.completion","created":1,"model":"m",
    "choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],
    "usage":{"prompt_tokens":5,"completion_tokens":5,"total_tokens":10}}"#;

const MINUTE: Duration = Duration::from_secs(60);

/// A dollar for a million tokens, in or out.
fn priced(id: &str) -> Arc<Deployment> {
    let rate = Rate::per_million("1").unwrap();
    let price = Price::builder().rate(Unit::Input, rate);
    let price = Arc::new(price.rate(Unit::Output, rate).build());
    Deployment::builder(id, "fast", Dialect::OpenAi)
        .provider("tight")
        .pricing(Pricing::Known(price))
        .build()
}

fn call() -> Request<Call> {
    let raw =
        Bytes::from_static(br#"{"model":"fast","messages":[{"role":"user","content":"hi"}]}"#);
    let head = scan(&raw).unwrap();
    Request::new(Call::new(Operation::Chat, Dialect::OpenAi, raw, head))
}

#[tokio::test(start_paused = true)]
async fn calls_at_once_do_not_overspend_by_more_than_one_of_them_is_expected_to_cost() {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let client = tower::service_fn(move |_: Request<Full<Bytes>>| {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Ok::<_, Infallible>(Response::new(Full::from(ANSWER))) }
    });
    // An answer is expected to have 512 tokens, so there is something left for three calls at once.
    let limit = Cost::from_nanos(1_200_000);
    let purse = Purse::new(Owner::Provider("tight".into()), limit, MINUTE);
    let group = Group::new("fast", [priced("one"), priced("two")]);
    let preset = Preset::new().purses([purse].into_iter().collect());
    let stack = preset.group(group).build(client).unwrap();
    let send = || stack.clone().oneshot(call());

    let mut under_way = Vec::new();
    for _ in 0..3 {
        under_way.push(send().await.unwrap());
    }
    let error = send().await.unwrap_err();
    let said = (error.status().as_u16(), error.code());
    assert_eq!(said, (429, Some("budget_exceeded")));
    assert_eq!(asked.load(Ordering::Relaxed), 3);

    for response in under_way {
        response.into_body().collect().await.unwrap();
    }
    let purse = stack.purses().iter().next().unwrap();
    assert_eq!(purse.spent(Instant::now()), Cost::from_nanos(30_000));
    assert_eq!(purse.reserved(), Cost::ZERO);
    for _ in 0..117 {
        let response = send().await.unwrap();
        response.into_body().collect().await.unwrap();
    }
    let error = send().await.unwrap_err();
    assert!(
        error.message().contains("$0.0012 for 1m, is spent"),
        "{error}"
    );
    advance(MINUTE).await;
    send().await.unwrap();
}
