//! Every order of beginnings and ends, checked against a counter.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn as_many_run_as_may(max in 0..4_u32, steps in prop::collection::vec(any::<Option<u8>>(), 0..40)) {
        let limits = Arc::new(Limits::new(Some(max)));
        let client = tower::service_fn(|(): ()| async { Ok::<_, Error>(response()) });
        let mut service = LimitLayer::tracking(&limits).layer(client);
        let mut running = Vec::new();
        for step in steps {
            match step {
                // One more begins.
                None => match task::spawn(service.call(())).poll() {
                    std::task::Poll::Ready(Ok(answer)) => running.push(answer),
                    std::task::Poll::Ready(Err(_)) => prop_assert_eq!(running.len(), max as usize),
                    std::task::Poll::Pending => prop_assert!(false, "it never waits"),
                },
                // One of those that run ends.
                Some(which) if !running.is_empty() => {
                    drop(running.swap_remove(usize::from(which) % running.len()));
                }
                Some(_) => {}
            }
            prop_assert!(running.len() <= max as usize);
            prop_assert_eq!(limits.in_flight() as usize, running.len());
        }
    }
}
