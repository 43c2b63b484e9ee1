//! Where the second copy of a slow call goes, through the recommended stack.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::convert::Infallible;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use steeplechase::attempts::{Exclusion, Trace};
use steeplechase::call::{Call, Operation};
use steeplechase::dialects::intake::scan;
use steeplechase::layers::hedge::{Delay, HedgeConfig};
use steeplechase::price::{Price, Rate, Unit};
use steeplechase::{Attempts, Deployment, Dialect, Group, Preset, Pricing};
use tokio::time;
use tower::ServiceExt;

const CALL: &str = r#"{"model":"fast","messages":[{"role":"user","content":"Where to?"}]}"#;

/// In dollars for a million tokens, and the place in the order.
fn deployment(id: &str, dollars: &str, order: i64) -> Arc<Deployment> {
    let rate = Rate::per_million(dollars).unwrap();
    let price = Price::builder()
        .rate(Unit::Input, rate)
        .rate(Unit::Output, rate);
    Deployment::builder(id, "fast", Dialect::OpenAi)
        .base_url(format!("https://{id}.example.com/v1").parse().unwrap())
        .pricing(Pricing::Known(price.build().into()))
        .order(order)
        .build()
}

/// Who is asked of deployments that do not answer, and what was noted.
async fn asked(hedge: HedgeConfig, group: Vec<Arc<Deployment>>) -> (Vec<String>, Arc<Trace>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let client = tower::service_fn(move |request: Request<Full<Bytes>>| {
        let host = request.uri().host().unwrap_or_default();
        let id = host.split('.').next().unwrap_or_default().to_owned();
        seen.lock().unwrap().push(id);
        pending::<Result<Response<Full<Bytes>>, Infallible>>()
    });
    let preset = Preset::new().hedge(hedge).group(Group::new("fast", group));
    let stack = preset.build(client).unwrap();
    let raw = Bytes::from_static(CALL.as_bytes());
    let head = scan(&raw).unwrap();
    let mut call = Request::new(Call::new(Operation::Chat, Dialect::OpenAi, raw, head));
    let trace = Arc::new(Trace::new(1));
    let attempts = Attempts::traced(Arc::clone(&trace));
    call.extensions_mut().insert(attempts);
    let answer = time::timeout(Duration::from_secs(2), stack.oneshot(call)).await;
    assert!(answer.is_err(), "nobody answers");
    let asked = asked.lock().unwrap().clone();
    (asked, trace)
}

fn after_a_second() -> HedgeConfig {
    HedgeConfig::new(Delay::Fixed(Duration::from_secs(1)))
}

#[tokio::test(start_paused = true)]
async fn a_hedge_passes_over_who_costs_more_than_twice_as_much() {
    let group = || {
        vec![
            deployment("first", "1", 0),
            deployment("dear", "2.5", 1),
            deployment("fair", "2", 2),
        ]
    };
    let (hosts, trace) = asked(after_a_second(), group()).await;
    assert_eq!(hosts, ["first", "fair"]);
    let excluded = trace.picks()[1].standing(1).unwrap().excluded;
    assert_eq!(excluded, Some(Exclusion::Unfit("cost")));

    let (hosts, _) = asked(after_a_second().max_cost_ratio(3.0), group()).await;
    assert_eq!(hosts, ["first", "dear"]);
}

#[tokio::test(start_paused = true)]
async fn there_is_no_hedge_where_it_would_cost_too_much_everywhere() {
    let group = vec![deployment("first", "1", 0), deployment("dear", "2.5", 1)];
    let (hosts, trace) = asked(after_a_second(), group).await;
    assert_eq!(hosts, ["first"]);
    assert_eq!(trace.picks().len(), 1);
}
