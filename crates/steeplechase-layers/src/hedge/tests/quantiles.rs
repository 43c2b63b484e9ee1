//! The quantiles are those of a sorted list, and the window is that of a list with times.

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

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small and positive"
)]
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
