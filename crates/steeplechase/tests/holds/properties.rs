//! What holds in every world: attempts are counted, nothing is left over, one answer is one provider's, and
//! nobody waits past the deadline.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use steeplechase::{Attempts, Deployment, Error, Stack};
use tokio::runtime::Builder;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{self, Instant};
use tower::ServiceExt;

use super::answers::Answer;
use super::worlds::{Step, World, any_world};
use super::*;

/// The longest that anything can take once all calls have come: the last answer is slow to its end.
const LONGEST: Duration = Duration::from_secs(600);

/// How much later than its deadline a call may be told.
const SLACK: Duration = Duration::from_millis(50);

/// A call that was not given up.
struct Seen {
    mark: String,
    /// Until the head of its answer, or its error.
    took: Duration,
    used: u8,
    outcome: Result<Answer, Error>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn in_every_world_the_promises_hold(world in any_world()) {
        fastrand::seed(world.seed);
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(run(&world))?;
    }
}

async fn run(world: &World) -> Result<(), TestCaseError> {
    let hosts = world.hosts();
    let (deployments, preset) = world.preset();
    let stack = hosts.stack(preset);
    let mut calls = JoinSet::new();
    let marks = live(world, &stack, &mut calls).await;

    let seen = time::timeout(LONGEST, async {
        let mut seen = Vec::new();
        while let Some(ended) = calls.join_next().await {
            match ended {
                Ok(call) => seen.push(call),
                Err(error) => assert!(error.is_cancelled(), "{error}"),
            }
        }
        seen
    });
    let Ok(seen) = seen.await else {
        return Err(TestCaseError::fail("a call hangs"));
    };
    for call in &seen {
        check(call, world, &hosts)?;
    }
    for mark in &marks {
        let sent = hosts.sent_for(mark);
        prop_assert!(
            sent <= world.settings.max_attempts(),
            "{mark}: {sent} attempts"
        );
    }
    prop_assert_eq!(hosts.started(), hosts.sent.lock().unwrap().len() as u64);
    drop(seen);
    nothing_is_left(&stack, &deployments, &hosts)?;
    places_are_free(world, &stack, &deployments, &hosts).await
}

/// Lets the steps happen. Returns how the calls are marked.
async fn live(world: &World, stack: &Stack, calls: &mut JoinSet<Seen>) -> Vec<String> {
    let mut marks = Vec::new();
    let mut handles: Vec<AbortHandle> = Vec::new();
    for step in &world.steps {
        match step {
            Step::Call(is_streamed) => {
                let mark = format!("call-{}", marks.len());
                handles.push(calls.spawn(caller(stack.clone(), mark.clone(), *is_streamed)));
                marks.push(mark);
            }
            Step::Wait(passed) => time::sleep(millis(*passed)).await,
            Step::Drop(index) if handles.is_empty() => {
                // Nobody is there to go away.
                let _ = index;
            }
            Step::Drop(index) => handles.swap_remove(index.index(handles.len())).abort(),
        }
        // Some steps find the others begun, and some do not.
        if matches!(step, Step::Call(true)) {
            tokio::task::yield_now().await;
        }
    }
    marks
}

async fn caller(stack: Stack, mark: String, is_streamed: bool) -> Seen {
    let mut request = call(&mark, is_streamed);
    let attempts = Attempts::of(request.extensions_mut());
    let began = Instant::now();
    let outcome = stack.oneshot(request).await;
    let took = began.elapsed();
    let outcome = match outcome {
        Ok(response) => Ok(Answer::read(response, is_streamed).await),
        Err(error) => Err(error),
    };
    Seen {
        mark,
        took,
        used: attempts.used(),
        outcome,
    }
}

fn check(call: &Seen, world: &World, hosts: &Hosts) -> Result<(), TestCaseError> {
    let Seen {
        mark, took, used, ..
    } = call;
    let (used, sent) = (usize::from(*used), hosts.sent_for(mark));
    let settings = &world.settings;
    prop_assert!(used <= settings.max_attempts(), "{mark}: {used} attempts");
    prop_assert!(sent <= used, "{mark}: {sent} sent, and {used} counted");
    prop_assert!(*took <= settings.deadline() + SLACK, "{mark} took {took:?}");
    match &call.outcome {
        Ok(answer) => answer.check(&world.texts()).map_err(TestCaseError::fail),
        Err(error) => {
            prop_assert!(!error.message().is_empty(), "{mark}");
            prop_assert!(error.status().as_u16() >= 400, "{mark}: {error:?}");
            Ok(())
        }
    }
}

/// All that is counted while a call is under way is at nothing again.
fn nothing_is_left(
    stack: &Stack,
    deployments: &[Arc<Deployment>],
    hosts: &Hosts,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(hosts.in_flight(), 0, "the providers work for nobody");
    for deployment in deployments {
        prop_assert_eq!(deployment.load().in_flight(), 0, "{:?}", deployment);
        prop_assert_eq!(deployment.limits().in_flight(), 0, "{:?}", deployment);
        let budget = stack.budget(deployment.model()).unwrap();
        prop_assert_eq!(budget.extra_in_flight(), 0, "{}", deployment.model());
        prop_assert_eq!(budget.requests_in_flight(), 0, "{}", deployment.model());
    }
    Ok(())
}

/// As many calls get in at once as may be in progress, and not one more.
async fn places_are_free(
    world: &World,
    stack: &Stack,
    deployments: &[Arc<Deployment>],
    hosts: &Hosts,
) -> Result<(), TestCaseError> {
    let Some((places, _)) = world.settings.admission else {
        return Ok(());
    };
    // By then nobody is left alone any more.
    time::sleep(LONGEST).await;
    hosts.are_silent.store(true, Ordering::Relaxed);
    let mut calls = JoinSet::new();
    for place in 0..=places {
        let mark = format!("place-{place}");
        calls.spawn(caller(stack.clone(), mark.clone(), true));
        time::sleep(millis(1)).await;
        let is_in = hosts.sent_for(&mark) > 0;
        prop_assert_eq!(is_in, place < places, "the place {} of {}", place, places);
    }
    calls.shutdown().await;
    nothing_is_left(stack, deployments, hosts)
}
