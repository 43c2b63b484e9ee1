//! What attempts reserve, and spend.

use http_body_util::BodyExt;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use proptest::prelude::*;
use steeplechase_core::price::{Price, Rate, Unit};
use steeplechase_core::purse::{Owner, Purse, Purses};
use steeplechase_core::{Controls, Cost, Phase, Pricing, Tally};
use tokio::time::Instant;

use super::super::spending::estimate;
use super::*;

/// Every prompt has seven tokens, and says how long its answer may be.
#[derive(Clone)]
struct Seven(Option<u64>);

impl<B> Policy<B> for Seven {
    fn prompt(&self, _: &Request<B>) -> Option<u64> {
        Some(7)
    }

    fn max_output(&self, _: &Request<B>) -> Option<u64> {
        self.0
    }
}

fn purses() -> Arc<Purses> {
    let owners = [
        Owner::Deployment("eu-1".into()),
        Owner::Provider("openai".into()),
        Owner::Provider("groq".into()),
        Owner::Tag("chat".into()),
    ];
    let limit = Cost::from_nanos(1_000_000);
    let purses = owners.map(|owner| Purse::new(owner, limit, secs(3_600)));
    Arc::new(purses.into_iter().collect())
}

/// A dollar for a million tokens: a thousand nano-dollars for each.
fn priced() -> Arc<Deployment> {
    let rate = Rate::per_million("1").unwrap();
    let price = Price::builder().rate(Unit::Input, rate);
    let price = Arc::new(price.rate(Unit::Output, rate).build());
    Deployment::builder("eu-1", "fast", Dialect::OpenAi)
        .pricing(Pricing::Known(price))
        .build()
}

/// What is spent and reserved, in tokens, of the deployment, its provider, another one and a tag.
fn state(purses: &Purses) -> [(u64, u64); 4] {
    let tokens = |cost: Cost| cost.nanos() / 1_000;
    ["eu-1", "openai", "groq", "chat"].map(|name| {
        let mut all = purses.iter();
        let purse = all.find(|purse| &**purse.owner().name() == name).unwrap();
        (
            tokens(purse.spent(Instant::now())),
            tokens(purse.reserved()),
        )
    })
}

fn tagged(tags: &[&str]) -> Request<()> {
    let (request, attempts) = request();
    let mut controls = Controls::default();
    controls.tags = tags.iter().map(|tag| (*tag).into()).collect();
    attempts.control(controls);
    request
}

/// Sends a request that may have an answer of twenty tokens, to a provider that plays frames.
async fn call(
    purses: &Arc<Purses>,
    request: Request<()>,
    outcome: Result<Vec<Chunk>, Error>,
) -> Result<Response<crate::body::Watched<Script, Recorder>>, Error> {
    let upstream = tower::service_fn(|_: Request<()>| {
        let outcome = outcome.clone();
        std::future::ready(
            outcome.map(|frames| Response::new(Script::new(frames.into_iter().map(Ok)))),
        )
    });
    let layer = ObserveLayer::new(&priced()).policy(Seven(Some(20)));
    let service = layer.purses(purses).layer(upstream);
    service.oneshot(request).await
}

#[tokio::test(start_paused = true)]
async fn what_is_expected_is_reserved_while_it_is_under_way_and_what_it_cost_is_spent_then() {
    let purses = purses();
    let frames = vec![word(), done().and_usage(usage(9, 4))];
    let answer = call(&purses, request().0, Ok(frames)).await.unwrap();
    let under_way = (0, 27);
    assert_eq!(state(&purses), [under_way, under_way, (0, 0), (0, 0)]);
    answer.into_body().collect().await.unwrap();
    assert_eq!(state(&purses), [(13, 0), (13, 0), (0, 0), (0, 0)]);
}

#[tokio::test(start_paused = true)]
async fn a_request_draws_on_each_of_its_tags_once() {
    let purses = purses();
    let request = tagged(&["chat", "other", "chat"]);
    let frames = vec![done().and_usage(usage(9, 4))];
    let answer = call(&purses, request, Ok(frames)).await.unwrap();
    assert_eq!(state(&purses)[3], (0, 27));
    answer.into_body().collect().await.unwrap();
    assert_eq!(state(&purses)[3], (13, 0));
}

#[tokio::test(start_paused = true)]
async fn who_loses_or_is_cancelled_spends_what_was_used_and_who_fails_nothing() {
    let gone = purses();
    let frames = vec![word().and_said(Tally::from_tokens(3)), done()];
    let mut body = call(&gone, request().0, Ok(frames))
        .await
        .unwrap()
        .into_body();
    body.frame().await.unwrap().unwrap();
    drop(body);
    assert_eq!(state(&gone)[0], (10, 0), "the prompt, and what was said");

    let slow = purses();
    let error = Error::new(Class::Timeout(Phase::FirstToken), "too slow");
    call(&slow, request().0, Err(error)).await.unwrap_err();
    assert_eq!(state(&slow)[0], (7, 0), "the prompt");

    let busy = purses();
    let error = Error::new(Class::Overloaded, "busy");
    call(&busy, request().0, Err(error)).await.unwrap_err();
    assert_eq!(state(&busy), [(0, 0); 4]);

    let never_sent = purses();
    let upstream = tower::service_fn(|_: Request<()>| {
        std::future::pending::<Result<Response<Script>, Error>>()
    });
    let layer = ObserveLayer::new(&priced()).purses(&never_sent);
    drop(layer.layer(upstream).oneshot(request().0));
    assert_eq!(state(&never_sent), [(0, 0); 4]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_expected_to_be_as_long_as_others_and_one_without_a_price_to_cost_nothing() {
    let deployment = priced();
    let expected = |most| estimate(&deployment, Some(7), most).nanos() / 1_000;
    assert_eq!(expected(None), 7 + 512, "nobody knows yet");
    deployment.load().observe_output(100);
    assert_eq!((expected(None), expected(Some(20))), (107, 27));
    assert_eq!(expected(Some(5_000)), 107);
    let unpriced = Deployment::builder("eu-1", "fast", Dialect::OpenAi).build();
    assert_eq!(estimate(&unpriced, Some(7), None), Cost::ZERO);
}

#[test]
fn what_is_spent_and_what_may_be_are_metrics() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    ::metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let purses = purses();
            let frames = vec![done().and_usage(usage(9, 4))];
            let answer = call(&purses, tagged(&["chat"]), Ok(frames)).await.unwrap();
            answer.into_body().collect().await.unwrap();
        });
    });
    let mut found = Vec::new();
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        let (_, key) = key.into_parts();
        if let (Some(name), DebugValue::Gauge(value)) = (
            key.name().strip_prefix("steeplechase_observe_budget_"),
            value,
        ) {
            let labels: Vec<_> = key.labels().map(|label| label.value().to_owned()).collect();
            found.push(format!("{name} {} {value}", labels.join(" ")));
        }
    }
    found.sort();
    assert_eq!(
        found,
        [
            "limit_nanodollars deployment eu-1 1000000",
            "limit_nanodollars provider openai 1000000",
            "limit_nanodollars tag chat 1000000",
            "spent_nanodollars deployment eu-1 13000",
            "spent_nanodollars provider openai 13000",
            "spent_nanodollars tag chat 13000",
        ]
    );
}

proptest! {
    #[test]
    fn all_that_attempts_have_cost_is_spent_and_nothing_stays_reserved(
        calls in prop::collection::vec((0..200_u64, 0..4_usize, any::<bool>()), 1..20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let (state, cost) = runtime.block_on(async {
            let (purses, mut cost) = (purses(), 0);
            let mut under_way = Vec::new();
            for (said, reads, waits) in calls {
                let (request, attempts) = request();
                let frames = vec![word().and_said(Tally::from_tokens(said)), done()];
                let answer = call(&purses, request, Ok(frames)).await.unwrap();
                let mut body = answer.into_body();
                for _ in 0..reads {
                    _ = body.frame().await;
                }
                under_way.push((body, attempts));
                if waits {
                    for (body, attempts) in under_way.drain(..) {
                        drop(body);
                        cost += attempts.log()[0].cost.unwrap().nanos() / 1_000;
                    }
                }
            }
            for (body, attempts) in under_way.drain(..) {
                drop(body);
                cost += attempts.log()[0].cost.unwrap().nanos() / 1_000;
            }
            (state(&purses), cost)
        });
        prop_assert_eq!(state, [(cost, 0), (cost, 0), (0, 0), (0, 0)]);
    }
}
