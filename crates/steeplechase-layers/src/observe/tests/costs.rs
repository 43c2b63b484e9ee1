//! What an attempt has cost, and where that is booked.

use http_body_util::BodyExt;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use steeplechase_core::price::{Price, PriceList, Rate, Unit};
use steeplechase_core::{Cost, Pricing};

use super::*;

/// A dollar for a million tokens, in or out.
fn price() -> Arc<Price> {
    let rate = Rate::per_million("1").unwrap();
    let price = Price::builder().rate(Unit::Input, rate);
    Arc::new(price.rate(Unit::Output, rate).build())
}

#[derive(Debug)]
struct Nothing;

impl PriceList for Nothing {
    fn pricing(&self, _: &str) -> Pricing {
        Pricing::Unpriced
    }
}

fn by_model() -> Pricing {
    Pricing::ByModel(Arc::new(Nothing))
}

/// What is booked of an attempt of which so many frames are read.
async fn booked(deployment: Pricing, head: Option<Pricing>, reads: usize) -> Attempt {
    let (request, attempts) = request();
    let deployment = Deployment::builder("eu-1", "fast", Dialect::OpenAi)
        .pricing(deployment)
        .build();
    let upstream = tower::service_fn(|_: Request<()>| {
        let frames = [word().and_usage(usage(7, 1)), done().and_usage(usage(7, 5))];
        let mut response = Response::new(Script::new(frames.map(Ok)));
        if let Some(pricing) = &head {
            response.extensions_mut().insert(pricing.clone());
        }
        std::future::ready(Ok::<_, Error>(response))
    });
    let service = ObserveLayer::new(&deployment).layer(upstream);
    let mut body = service.oneshot(request).await.unwrap().into_body();
    for _ in 0..reads {
        body.frame().await.unwrap().unwrap();
    }
    drop(body);
    attempts.log().remove(0)
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_booked_at_the_price_of_its_deployment_when_it_ends() {
    let known = Pricing::Known(price());
    let attempt = booked(known.clone(), None, 2).await;
    assert_eq!(attempt.cost, Some(Cost::from_nanos(12_000)));

    // What was used until the caller went away has to be paid for, too.
    let dropped = booked(known.clone(), None, 1).await;
    assert_eq!(dropped.ending, Ending::Dropped);
    assert_eq!(dropped.cost, Some(Cost::from_nanos(8_000)));

    // Nobody has said what was used.
    assert_eq!(booked(known, None, 0).await.cost, None);
}

#[tokio::test(start_paused = true)]
async fn the_price_of_a_model_is_in_the_answer_if_the_deployment_has_many() {
    let known = Pricing::Known(price());
    let twelve = Some(Cost::from_nanos(12_000));
    let estimated = Pricing::Estimated(price());
    assert_eq!(
        booked(by_model(), Some(known.clone()), 2).await.cost,
        twelve
    );
    assert_eq!(booked(by_model(), Some(estimated), 2).await.cost, twelve);
    assert_eq!(booked(by_model(), None, 2).await.cost, None);
    // The deployment's own is not overruled from below.
    assert_eq!(booked(Pricing::Unpriced, Some(known), 2).await.cost, None);
}

#[test]
fn costs_are_counted_and_what_nobody_knows_the_price_of() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    ::metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            booked(Pricing::Known(price()), None, 2).await;
            booked(Pricing::Known(price()), None, 1).await;
            booked(Pricing::Known(price()), None, 0).await;
            booked(Pricing::Unpriced, None, 2).await;
        });
    });
    let counted: std::collections::HashMap<String, u64> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .filter_map(|(key, _, _, value)| match value {
            DebugValue::Counter(count) => Some((key.key().name().to_owned(), count)),
            _ => None,
        })
        .collect();
    assert_eq!(
        counted["steeplechase_observe_cost_nanodollars_total"],
        20_000
    );
    assert_eq!(counted["steeplechase_observe_unpriced_total"], 1);
}

/// Every request has ten tokens.
#[derive(Clone)]
struct Ten {
    goes_on: bool,
}

impl Policy<()> for Ten {
    fn prompt(&self, _: &Request<()>) -> Option<u64> {
        Some(10)
    }

    fn goes_on(&self, _: &Request<()>) -> bool {
        self.goes_on
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_dropped_costs_its_prompt_and_at_most_an_answer_of_usual_length() {
    let micros = |micros: u64| Some(Cost::from_nanos(micros * 1_000));
    for (goes_on, usual, at_most) in [
        (false, None, micros(10)),
        (false, Some(300), micros(10)),
        (true, None, None),
        (true, Some(300), micros(310)),
    ] {
        let (request, attempts) = request();
        let deployment = Deployment::builder("eu-1", "fast", Dialect::OpenAi)
            .pricing(Pricing::Known(price()))
            .build();
        if let Some(usual) = usual {
            deployment.load().observe_output(usual);
        }
        let upstream = tower::service_fn(|_: Request<()>| {
            std::future::pending::<Result<Response<Script>, Error>>()
        });
        let layer = ObserveLayer::new(&deployment).policy(Ten { goes_on });
        let mut call = tokio_test::task::spawn(layer.layer(upstream).oneshot(request));
        tokio_test::assert_pending!(call.poll());
        drop(call);
        let attempt = attempts.log().remove(0);
        assert_eq!((attempt.cost, attempt.cost_at_most), (micros(10), at_most));
    }
}
