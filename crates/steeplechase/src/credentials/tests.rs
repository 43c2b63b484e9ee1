//! A value is there, it is renewed before it is over, and nobody waits for it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use steeplechase_core::{Class, Error};
use tokio::task::JoinSet;
use tokio::time::{self, Instant};

use super::renewed::none;
use super::*;

/// Hands out 1, 2, 3, …, each for `term`; fails where `fails` says so.
fn counted(term: Duration, fails: fn(u32) -> bool) -> (Arc<Renewed<u32>>, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&asked);
    let renewed = Renewed::new(move || {
        let count = counter.fetch_add(1, Ordering::Relaxed) + 1;
        async move {
            if fails(count) {
                return Err(none("a test"));
            }
            Ok(Lease::new(count, term))
        }
    });
    (Arc::new(renewed), asked)
}

/// Keeps it fresh until what is returned is dropped.
fn keep_fresh(
    renewed: &Arc<Renewed<u32>>,
    failed: impl Fn(&Error) + Send + 'static,
) -> JoinSet<()> {
    let mut keeper = JoinSet::new();
    keeper.spawn(Arc::clone(renewed).keep_fresh(failed));
    keeper
}

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn without_a_value_there_is_an_error_that_says_why() {
    let (renewed, _) = counted(HOUR, |_| true);
    let error = renewed.current().unwrap_err();
    assert_eq!(error.class(), Class::Auth);
    assert_eq!(error.detail(), Some("they were not fetched yet"));
    renewed.renew().await.unwrap_err();
    assert_eq!(renewed.current().unwrap_err().detail(), Some("a test"));
}

#[tokio::test(start_paused = true)]
async fn a_value_is_renewed_when_a_fifth_of_its_time_is_left() {
    let (renewed, asked) = counted(HOUR, |_| false);
    let _keeper = keep_fresh(&renewed, |_| {});
    time::sleep(Duration::from_secs(1)).await;
    assert_eq!(*renewed.current().unwrap(), 1);
    time::sleep(Duration::from_secs(48 * 60 - 2)).await;
    assert_eq!(*renewed.current().unwrap(), 1);
    time::sleep(Duration::from_secs(2)).await;
    assert_eq!(*renewed.current().unwrap(), 2);
    time::sleep(48 * 10 * Duration::from_secs(60)).await;
    assert_eq!(asked.load(Ordering::Relaxed), 12);
}

#[tokio::test(start_paused = true)]
async fn a_value_that_cannot_be_renewed_is_good_until_it_is_over() {
    let (renewed, _) = counted(HOUR, |count| count > 1);
    renewed.renew().await.unwrap();
    let failures = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&failures);
    let started = Instant::now();
    let failed = move |_: &Error| told.lock().unwrap().push(started.elapsed().as_secs());
    let _keeper = keep_fresh(&renewed, failed);
    time::sleep(Duration::from_secs(3599)).await;
    assert_eq!(*renewed.current().unwrap(), 1);
    time::sleep(Duration::from_secs(1)).await;
    assert_eq!(renewed.current().unwrap_err().detail(), Some("a test"));

    let failures = failures.lock().unwrap();
    assert_eq!(failures[0], 48 * 60, "{failures:?}");
    let waits: Vec<_> = failures.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits[0] <= 2 && waits[3] >= 6, "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= 73), "{waits:?}");
    assert!(waits.iter().skip(7).all(|wait| *wait >= 47), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_the_value_comes_as_soon_as_it_can_be_had() {
    let (renewed, asked) = counted(HOUR, |count| count < 4);
    let _keeper = keep_fresh(&renewed, |_| {});
    time::sleep(Duration::from_secs(15)).await;
    assert_eq!(*renewed.current().unwrap(), 4);
    assert_eq!(asked.load(Ordering::Relaxed), 4);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_over_at_once_is_not_asked_for_without_a_pause() {
    let (renewed, asked) = counted(Duration::ZERO, |_| false);
    let _keeper = keep_fresh(&renewed, |_| {});
    time::sleep(Duration::from_millis(9500)).await;
    assert_eq!(asked.load(Ordering::Relaxed), 10);
    assert!(renewed.current().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_never_ends_is_a_failure() {
    let renewed = Renewed::<u32>::new(std::future::pending);
    let error = renewed.renew().await.unwrap_err();
    assert!(error.detail().unwrap().contains("more than 20 s"));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_does_not_expire_is_fetched_once() {
    let renewed = Arc::new(Renewed::new(|| async { Ok(Lease::for_ever(7)) }));
    Arc::clone(&renewed).keep_fresh(|_| {}).await;
    time::sleep(1000 * HOUR).await;
    assert_eq!(*renewed.current().unwrap(), 7);
}

#[test]
fn what_is_leased_is_not_shown() {
    let lease = Lease::new("hunter2".to_owned(), HOUR);
    assert!(!format!("{lease:?}").contains("hunter2"));
}
