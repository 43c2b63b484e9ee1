//! The quantiles are those of a sorted list, and the window is that of a list with times.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small and positive"
)]

use proptest::prelude::*;
use steeplechase_core::quantile::Window;

use super::*;

const SLOT: Duration = Duration::from_secs(10);

proptest! {
    #[test]
    fn a_quantile_is_at_most_four_per_cent_off(
        seed: u64,
        kind in 0..3_u8,
        n in 1..2000_usize,
        q in 0.5..0.99_f64,
    ) {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut values: Vec<_> = (0..n).map(|_| draw(kind, &mut random)).collect();
        let mut window = Window::new(6, SLOT);
        // Old values, of which nothing is to be left.
        for _ in 0..100 {
            window.record(Duration::ZERO, Duration::from_secs(1000));
        }
        for (index, value) in values.iter().enumerate() {
            window.record(SLOT * 6 + SLOT * u32::try_from(index % 6).unwrap(), *value);
        }

        values.sort();
        let merged = window.merged(SLOT * 11);
        prop_assert_eq!(merged.len(), n as u64);
        let exact = values[rank(q, n) - 1];
        let found = merged.quantile(q).unwrap();
        let error = (found.as_secs_f64() / exact.as_secs_f64() - 1.0).abs();
        prop_assert!(error <= 0.04, "{found:?} is not {exact:?}");
    }

    #[test]
    fn what_was_given_up_counts_as_the_estimator_of_kaplan_and_meier_says(
        values in prop::collection::vec((1..20_000_u64, prop::bool::weighted(0.3)), 1..300),
        q in 0.5..0.99_f64,
    ) {
        let mut window = Window::new(6, SLOT);
        for (millis, is_bound) in &values {
            let value = Duration::from_millis(*millis);
            if *is_bound {
                window.record_bound(Duration::ZERO, value);
            } else {
                window.record(Duration::ZERO, value);
            }
        }
        let merged = window.merged(Duration::ZERO);
        prop_assert_eq!(merged.len(), values.len() as u64);
        let known = values.iter().filter(|(_, is_bound)| !is_bound).count();
        prop_assert_eq!(merged.known(), known as u64);

        // Values in the same bucket have no order, so the list has them as the buckets do.
        let mut list: Vec<_> = values.iter().map(|&(millis, is_bound)| {
            let bucket = ((millis as f64).ln() / 1.04_f64.ln()).ceil().max(0.0) as u32;
            (bucket, is_bound)
        }).collect();
        list.sort_unstable();
        let found = merged.quantile(q).unwrap().as_secs_f64() * 1e3;
        // A rank is a whole number, and a share is none.
        let n = list.len() as f64;
        let (low, high) = ((q * n).floor() / n - 1e-9, (q * n).ceil() / n + 1e-9);
        let (low, high) = (product_limit(&list, low), product_limit(&list, high));
        prop_assert!(1.04_f64.powi(low as i32 - 1) <= found * 1.0001, "{found} is below {low}");
        prop_assert!(found <= 1.04_f64.powi(high as i32) * 1.0001, "{found} is above {high}");
    }

    #[test]
    fn a_window_has_what_a_list_with_times_has(
        steps in prop::collection::vec((0..70_000_u64, 1..100_000_u64), 1..100),
    ) {
        let mut window = Window::new(6, SLOT);
        let mut list = Vec::new();
        let mut now = Duration::ZERO;
        for (step, value) in steps {
            // Most steps are short.
            now += Duration::from_millis(if step < 60_000 { step / 30 } else { step });
            let value = Duration::from_millis(value);
            window.record(now, value);
            let tick = now.as_millis() / SLOT.as_millis();
            list.push((tick, value));
            list.retain(|&(then, _)| then + 6 > tick);

            let merged = window.merged(now);
            prop_assert_eq!(merged.len(), list.len() as u64);
            let mut values: Vec<_> = list.iter().map(|&(_, value)| value).collect();
            values.sort();
            let exact = values[rank(0.9, values.len()) - 1];
            let found = merged.quantile(0.9).unwrap();
            let error = (found.as_secs_f64() / exact.as_secs_f64() - 1.0).abs();
            prop_assert!(error <= 0.04, "{found:?} is not {exact:?}");
        }
    }
}

/// The first of a sorted list up to which a share `q` has ended, where `true` says that one was not followed to
/// its end; or the last.
fn product_limit(list: &[(u32, bool)], q: f64) -> u32 {
    let mut left = 1.0;
    for (index, &(bucket, is_bound)) in list.iter().enumerate() {
        if !is_bound {
            left *= 1.0 - 1.0 / (list.len() - index) as f64;
        }
        if 1.0 - left >= q {
            return bucket;
        }
    }
    list.last().expect("there are some").0
}

#[test]
fn a_window_with_nothing_in_it_has_no_quantiles() {
    let mut window = Window::new(6, SLOT);
    assert_eq!(window.merged(Duration::ZERO).quantile(0.5), None);
}

#[test]
fn values_beyond_all_buckets_are_counted_at_the_ends() {
    let mut window = Window::new(6, SLOT);
    window.record(Duration::ZERO, Duration::ZERO);
    let merged = window.merged(Duration::ZERO);
    assert_eq!(merged.quantile(0.99), Some(Duration::from_millis(1)));

    window.record(Duration::ZERO, Duration::MAX);
    let merged = window.merged(Duration::ZERO);
    let hour = Duration::from_secs(3600);
    assert!(
        merged
            .quantile(1.0)
            .is_some_and(|longest| longest > hour / 2)
    );
    assert_eq!(merged.quantile(0.0), Some(Duration::from_millis(1)));
}

#[test]
fn a_clock_that_seems_to_go_back_loses_nothing() {
    let mut window = Window::new(6, SLOT);
    window.record(SLOT * 9, Duration::from_secs(1));
    window.record(SLOT * 2, Duration::from_secs(1));
    assert_eq!(window.merged(SLOT).len(), 2);
}

fn rank(q: f64, n: usize) -> usize {
    (q * n as f64).ceil().max(1.0) as usize
}

/// A value from 1 ms to 200 s: lognormal, of two humps, or constant.
fn draw(kind: u8, random: &mut fastrand::Rng) -> Duration {
    let seconds = match kind {
        0 => 0.6 * (0.99 * tail::normal(random)).exp(),
        1 if random.u8(..) < 200 => 0.1 + 0.1 * random.f64(),
        1 => 30.0 + 10.0 * random.f64(),
        _ => 2.5,
    };
    Duration::from_secs_f64(seconds.clamp(0.001, 200.0))
}
