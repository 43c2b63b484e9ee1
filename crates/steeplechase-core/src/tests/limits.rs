//! How much may be in flight at a deployment.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::Limits;

#[test]
fn there_are_as_many_places_as_there_may_be_in_flight() {
    for max in [0, 1, 7] {
        let limits = Arc::new(Limits::new(Some(max)));
        let permits: Vec<_> = std::iter::from_fn(|| limits.try_acquire()).collect();
        assert_eq!(permits.len(), usize::try_from(max).unwrap());
        assert_eq!(limits.in_flight(), max);
        assert_eq!(limits.max_in_flight(), Some(max));
        assert!(!limits.has_room());
    }
}

#[test]
fn a_place_comes_back_when_its_permit_is_dropped() {
    let limits = Arc::new(Limits::new(Some(1)));
    let permit = limits.try_acquire();
    assert!(permit.is_some() && limits.try_acquire().is_none());
    assert_eq!(limits.in_flight(), 1, "a refusal takes no place");
    drop(permit);
    assert_eq!(limits.in_flight(), 0);
    assert!(limits.has_room() && limits.try_acquire().is_some());
}

#[test]
fn a_permit_may_outlive_every_other_handle() {
    let limits = Arc::new(Limits::new(Some(1)));
    let permit = limits.try_acquire();
    drop(limits);
    drop(permit);
}

#[test]
fn without_a_limit_there_is_always_room() {
    let limits = Arc::new(Limits::default());
    assert_eq!(limits.max_in_flight(), None);
    let permits: Vec<_> = (0..1_000).map_while(|_| limits.try_acquire()).collect();
    assert_eq!((permits.len(), limits.in_flight()), (1_000, 1_000));
    assert!(limits.has_room());
}

#[test]
fn many_threads_together_never_hold_more_permits_than_there_are() {
    const MAX: u32 = 3;
    let limits = Arc::new(Limits::new(Some(MAX)));
    let (holding, most, taken) = <(AtomicU32, AtomicU32, AtomicU32)>::default();

    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5_000 {
                    let Some(permit) = limits.try_acquire() else {
                        std::thread::yield_now();
                        continue;
                    };
                    let now = holding.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(now, Ordering::SeqCst);
                    taken.fetch_add(1, Ordering::SeqCst);
                    std::thread::yield_now();
                    holding.fetch_sub(1, Ordering::SeqCst);
                    drop(permit);
                }
            });
        }
    });

    assert!(taken.into_inner() >= 5_000, "some are always given");
    assert!(most.into_inner() <= MAX);
    assert_eq!(limits.in_flight(), 0);
}
