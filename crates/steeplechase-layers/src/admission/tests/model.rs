//! Whatever happens in whatever order: no more are in progress than may be, nobody waits while there is a
//! place, and in the end nothing is held.

use proptest::prelude::*;
use tokio_test::task;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    Call { caller: u8, priority: i32 },
    Poll(usize),
    Drop(usize),
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..3_u8, -1..2_i32).prop_map(|(caller, priority)| Step::Call { caller, priority }),
        4 => any::<usize>().prop_map(Step::Poll),
        2 => any::<usize>().prop_map(Step::Drop),
        1 => (1..2_000_u64).prop_map(Step::Advance),
    ]
}

proptest! {
    #[test]
    fn places_are_never_too_many_and_never_lost(
        steps in prop::collection::vec(step(), 1..120),
        places in 1..4_u32,
        queued in 0..4_u32,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let config = AdmissionConfig::new(places).max_queued(queued).max_wait(SECOND);
            let (mut service, mut upstream): (mock::Spawn<Admission<Client>>, Upstream) =
                mock::spawn_layer(AdmissionLayer::with(config));
            upstream.allow(1_000);
            let mut calls = Vec::new();
            for step in steps {
                match step {
                    Step::Call { caller, priority } => {
                        assert!(service.poll_ready().is_ready());
                        let request = by(&caller.to_string(), priority);
                        calls.push(task::spawn(service.call(request)));
                    }
                    Step::Poll(which) if !calls.is_empty() => {
                        let which = which % calls.len();
                        // An upstream that never answers: what is ready was refused.
                        if calls[which].poll().is_ready() {
                            drop(calls.remove(which));
                        }
                    }
                    Step::Drop(which) if !calls.is_empty() => {
                        drop(calls.remove(which % calls.len()));
                    }
                    Step::Advance(millis) => {
                        tokio::time::advance(Duration::from_millis(millis)).await;
                    }
                    Step::Poll(_) | Step::Drop(_) => {}
                }
                let (in_flight, waiting) = service.get_ref().counts();
                assert!(in_flight <= places && waiting <= queued as usize);
                assert!(waiting == 0 || in_flight == places, "somebody waits for nothing");
            }
            drop(calls);
            assert_eq!(service.get_ref().counts(), (0, 0));
        });
    }
}
