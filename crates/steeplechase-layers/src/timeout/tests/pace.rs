//! How long nearly all first contents take, as far as it is known.

use steeplechase_core::deployment::Circuit;
use steeplechase_core::model_info::{Abilities, Ability};
use steeplechase_core::{Deployment, Dialect, ModelInfo};

use super::*;

fn deployment(thinks: Option<bool>) -> Arc<Deployment> {
    let mut abilities = Abilities::default();
    if let Some(thinks) = thinks {
        abilities.set(Ability::Reasoning, thinks);
    }
    let info = ModelInfo {
        abilities,
        ..ModelInfo::default()
    };
    Deployment::builder("a", "m", Dialect::OpenAi)
        .model_info(info)
        .build()
}

/// So many first contents, as spread as the quantiles of a lognormal distribution.
fn observe(deployment: &Deployment, n: u32, median: Duration, sigma: f64) {
    for i in 0..n {
        let z = normal_quantile((f64::from(i) + 0.5) / f64::from(n));
        deployment.load().observe(median.mul_f64((sigma * z).exp()));
    }
}

/// By bisection of the distribution function, which is a series.
fn normal_quantile(p: f64) -> f64 {
    let below = |z: f64| {
        // The sum over z^(2k+1) / (1·3·5·…·(2k+1)), as Marsaglia has it.
        let (mut term, mut sum) = (z, z);
        for k in 1..200 {
            term *= z * z / f64::from(2 * k + 1);
            sum += term;
        }
        0.5 + sum * (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
    };
    let (mut low, mut high) = (-5.0, 5.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if below(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// The limit, worked out anew.
async fn limit(pace: &Pace) -> Duration {
    time::advance(secs(1)).await;
    pace.limit(Instant::now())
}

#[track_caller]
fn assert_about(actual: Duration, expected: Duration) {
    let error = actual.as_secs_f64() / expected.as_secs_f64() - 1.0;
    assert!(error.abs() <= 0.08, "{actual:?} is not {expected:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_depends_on_whether_a_model_thinks_before_it_speaks() {
    for (thinks, seconds) in [
        (vec![Some(false), Some(false)], 30),
        (vec![Some(false), None], 120),
        (vec![Some(true), Some(false)], 120),
        (vec![None], 120),
    ] {
        let pace = Pace::of(thinks.into_iter().map(deployment));
        assert_eq!(limit(&pace).await, secs(seconds));
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_thousand_two_take_longer() {
    let one = deployment(None);
    let pace = Pace::of([Arc::clone(&one)]);
    observe(&one, 199, millis(600), 0.99);
    assert_eq!(limit(&pace).await, secs(120), "too few");
    observe(&one, 801, millis(600), 0.99);
    // The p99.8 of that distribution.
    assert_about(limit(&pace).await, millis(10_360));
}

#[tokio::test(start_paused = true)]
async fn a_few_that_never_end_hardly_make_it_longer() {
    let one = deployment(None);
    let pace = Pace::of([Arc::clone(&one)]);
    observe(&one, 980, millis(600), 0.99);
    for _ in 0..20 {
        one.load().at_least(secs(100));
    }
    let learnt = limit(&pace).await;
    assert!(learnt > secs(9) && learnt < secs(14), "{learnt:?}");
}

#[tokio::test(start_paused = true)]
async fn the_quickest_that_may_be_used_counts() {
    let (quick, slow) = (deployment(None), deployment(None));
    let pace = Pace::of([Arc::clone(&quick), Arc::clone(&slow)]);
    observe(&slow, 400, millis(2_400), 0.99);
    assert_about(limit(&pace).await, millis(41_440));
    observe(&quick, 400, millis(600), 0.99);
    assert_about(limit(&pace).await, millis(10_360));

    let until = Instant::now() + secs(30);
    quick.health().set_circuit(Circuit::Open { until });
    assert_about(limit(&pace).await, millis(41_440));
}

#[tokio::test(start_paused = true)]
async fn it_is_never_shorter_than_a_model_may_think() {
    for (thinks, seconds) in [(None, 5), (Some(false), 5), (Some(true), 30)] {
        let one = deployment(thinks);
        let pace = Pace::of([Arc::clone(&one)]);
        observe(&one, 200, millis(100), 0.5);
        assert_eq!(limit(&pace).await, secs(seconds));
    }
    let one = deployment(None);
    let pace = Pace::of([Arc::clone(&one)]);
    observe(&one, 200, secs(30), 2.0);
    assert_eq!(limit(&pace).await, Pace::MOST);
}

#[tokio::test(start_paused = true)]
async fn what_was_ten_minutes_ago_is_forgotten() {
    let one = deployment(None);
    let pace = Pace::of([Arc::clone(&one)]);
    observe(&one, 400, millis(600), 0.99);
    assert_about(limit(&pace).await, millis(10_360));
    time::advance(secs(600)).await;
    assert_eq!(limit(&pace).await, secs(120));
}
