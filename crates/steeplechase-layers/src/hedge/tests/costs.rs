//! What a hedge may cost.

use std::sync::Arc;

use steeplechase_core::price::{Price, Rate, Unit};
use steeplechase_core::{Deployment, Dialect, Pricing};

use super::*;
use crate::hedge::pool::{Afford, Pool};

const SIZE: Size = Size {
    prompt: 1000,
    max_tokens: Some(100),
};

/// In dollars for a million tokens, if anybody knows them.
fn priced(id: &str, dollars: Option<&str>) -> Arc<Deployment> {
    let deployment = Deployment::builder(id, "m", Dialect::OpenAi);
    let Some(dollars) = dollars else {
        return deployment.build();
    };
    let rate = Rate::per_million(dollars).unwrap();
    let price = Price::builder()
        .rate(Unit::Input, rate)
        .rate(Unit::Output, rate);
    let pricing = Pricing::Known(price.build().into());
    deployment.pricing(pricing).build()
}

/// A group, the first of which was tried, and who may have a copy.
fn afford(prices: &[Option<&str>], ratio: f64) -> (Vec<Arc<Deployment>>, Afford) {
    let group = prices.iter().map(|dollars| priced("a", *dollars));
    let group: Vec<_> = group.collect();
    let pool = Pool::new(group.iter().cloned());
    let afford = pool.afford(&[group[0].key()], SIZE, ratio);
    (group, afford)
}

#[test]
fn a_copy_may_go_where_it_costs_twice_as_much_and_not_more() {
    let (group, some) = afford(&[Some("1"), Some("2"), Some("2.1"), None, Some("0.1")], 2.0);
    let Afford::Some(bound) = some else {
        panic!("one of them costs too much: {some:?}");
    };
    let allowed: Vec<_> = group.iter().map(|one| bound.allows(one)).collect();
    assert_eq!(allowed, [true, true, false, true, true]);
}

#[test]
fn where_all_or_none_may_have_it_nobody_is_told() {
    for (prices, expected) in [
        (vec![Some("1"), Some("2")], Afford::Any),
        (vec![Some("1"), None], Afford::Any),
        (vec![None, Some("9")], Afford::Any),
        (vec![Some("1"), Some("3"), Some("4")], Afford::Nobody),
    ] {
        assert_eq!(afford(&prices, 2.0).1, expected, "{prices:?}");
    }
    let group = [priced("a", Some("1")), priced("b", Some("9"))];
    let pool = Pool::new(group.iter().cloned());
    let elsewhere = priced("c", Some("1"));
    assert_eq!(pool.afford(&[elsewhere.key()], SIZE, 2.0), Afford::Any);
    assert_eq!(pool.afford(&[], SIZE, 2.0), Afford::Any);
    assert_eq!(Pool::default().afford(&[1], SIZE, 2.0), Afford::Any);
}

#[test]
fn a_ratio_is_at_least_one_and_a_number() {
    let ratio = |ratio| HedgeConfig::default().max_cost_ratio(ratio).cost_ratio();
    let ratios = [1.5, 0.5, -1.0, f64::INFINITY, f64::NAN].map(ratio);
    let all = format!("{ratios:?} {}", HedgeConfig::default().cost_ratio());
    assert_eq!(all, "[1.5, 1.0, 1.0, inf, 2.0] 2");
    assert_eq!(
        afford(&[Some("1"), Some("900")], f64::INFINITY).1,
        Afford::Any
    );
}

#[test]
fn an_answer_is_taken_for_as_long_as_they_are_and_no_longer_than_it_may_be() {
    let group = [priced("a", Some("1")), priced("b", Some("2"))];
    let rate = |dollars| Rate::per_million(dollars).unwrap();
    // As cheap for a prompt, and dear for an answer.
    let price = Price::builder()
        .rate(Unit::Input, rate("1"))
        .rate(Unit::Output, rate("9"));
    let talks = Deployment::builder("c", "m", Dialect::OpenAi)
        .pricing(Pricing::Known(price.build().into()))
        .build();
    let pool = Pool::new(group.iter().cloned().chain([talks]));
    let first = &group[0];
    let afford = |max_tokens| pool.afford(&[first.key()], Size { max_tokens, ..SIZE }, 2.0);
    assert_eq!(afford(Some(100)), Afford::Any);
    assert!(matches!(afford(None), Afford::Some(_)), "an answer has 256");
    first.load().observe_output(100);
    assert_eq!(afford(None), Afford::Any);
}

/// A policy that knows the size of each request.
#[derive(Clone, Debug)]
struct Sized;

impl Policy<Body> for Sized {
    fn may_hedge(&self, _: &Request<Body>) -> bool {
        true
    }

    fn size(&self, _: &Request<Body>) -> Option<Size> {
        Some(SIZE)
    }
}

/// What the second copy of a slow request, or of a failed one, is told of a group of these prices. `None` if there
/// is no second copy.
async fn told(prices: &[&str], fails: bool) -> Option<Option<CostBound>> {
    let group: Vec<_> = prices
        .iter()
        .map(|dollars| priced("a", Some(dollars)))
        .collect();
    let layer = HedgeLayer::after(DELAY)
        .policy(Sized)
        .pool(group.iter().cloned());
    let (mut service, mut upstream) = mock::spawn_layer::<Request<Body>, Response<Body>, _>(layer);
    let (request, attempts) = request_with_attempts();
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(request));
    let primary = next(&mut upstream);
    // As a router does.
    attempts.pick(&group[0], 2);
    assert_pending!(call.poll());
    if fails {
        primary.send_error(Error::new(Class::Server, "failed"));
    } else {
        time::advance(DELAY).await;
    }
    _ = call.poll();
    match upstream.poll_request() {
        Poll::Ready(Some((copy, _))) => Some(copy.extensions().get().copied()),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_primary_has_no_copy_that_costs_too_much() {
    let is_bound = |told: Option<Option<CostBound>>| told.map(|bound| bound.is_some());
    assert_eq!(is_bound(told(&["1", "2", "9"], false).await), Some(true));
    assert_eq!(is_bound(told(&["1", "2", "2"], false).await), Some(false));
    assert_eq!(is_bound(told(&["1", "9", "9"], false).await), None);
}

#[tokio::test(start_paused = true)]
async fn one_that_has_failed_may_go_anywhere() {
    for prices in [["1", "2", "9"], ["1", "9", "9"]] {
        assert_eq!(told(&prices, true).await, Some(None), "{prices:?}");
    }
}
