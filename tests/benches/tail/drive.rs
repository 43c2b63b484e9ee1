//! Sends calls at random times, on a clock that is moved on by hand.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use steeplechase::call::{Call, Dialect, Operation};
use steeplechase::dialects::intake::scan;
use steeplechase::preset::Stack;
use tokio::task::JoinSet;
use tokio::time::{self, Instant};
use tower::ServiceExt;

/// What became of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// When it was sent, from the start.
    pub(crate) sent: Duration,
    /// How long its first token took. `None` if it had none.
    pub(crate) took: Option<Duration>,
}

/// Runs a simulation. What is drawn at random in it, is drawn from `seed`.
pub(crate) fn simulate<F: Future>(seed: u64, simulation: F) -> F::Output {
    fastrand::seed(seed);
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime can be built")
        .block_on(simulation)
}

/// Does all jobs, on all processors, and returns what they did in their order.
pub(crate) fn on_all_processors<T: Send>(jobs: Vec<Box<dyn FnOnce() -> T + Send>>) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let jobs = Mutex::new(jobs.into_iter().enumerate());
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        let jobs = std::iter::from_fn(&next);
        jobs.map(|(index, job)| (index, job())).collect::<Vec<_>>()
    };
    let mut done: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let done = threads.into_iter().map(thread::ScopedJoinHandle::join);
        done.flat_map(|done| done.expect("no job panics")).collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, done)| done).collect()
}

/// The times of calls that come at random, `rate` a second at each time since the start.
pub(crate) fn arrivals(
    seed: u64,
    rate: impl Fn(Duration) -> f64,
) -> impl Iterator<Item = Duration> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut at = Duration::ZERO;
    std::iter::repeat_with(move || {
        at += Duration::from_secs_f64(exponential(&mut random) / rate(at));
        at
    })
}

/// Sends a call at each of the times, whatever has become of those before, to one of the stacks after the other, and
/// reads its answer to the end.
pub(crate) async fn drive(stacks: &[Stack], times: impl Iterator<Item = Duration>) -> Vec<Outcome> {
    let started = Instant::now();
    let mut running = JoinSet::new();
    let mut outcomes = Vec::new();
    for (id, (sent, stack)) in times.zip(stacks.iter().cycle()).enumerate() {
        time::sleep_until(started + sent).await;
        let (stack, call) = (stack.clone(), call(id));
        running.spawn(async move {
            let sent_at = Instant::now();
            let answer = stack.oneshot(Request::new(call)).await;
            let took = sent_at.elapsed();
            let is_complete = match answer {
                Ok(answer) => answer.into_body().collect().await.is_ok(),
                Err(_) => false,
            };
            let took = is_complete.then_some(took);
            Outcome { sent, took }
        });
        while let Some(outcome) = running.try_join_next() {
            outcomes.push(outcome.expect("no call panics"));
        }
    }
    outcomes.extend(running.join_all().await);
    outcomes
}

/// A call as a caller sends it, with its number where the upstream finds it, and in the prompt: no two are of one
/// conversation.
fn call(id: usize) -> Call {
    let raw = format!(
        r#"{{"model":"fast","stream":true,"user":"{id}","messages":[{{"role":"user","content":"call {id}"}}]}}"#
    );
    let raw = Bytes::from(raw);
    let head = scan(&raw).expect("it is a good request");
    Call::new(Operation::Chat, Dialect::OpenAi, raw, head)
}

/// A number from the exponential distribution with a mean of one.
pub(crate) fn exponential(random: &mut fastrand::Rng) -> f64 {
    -(1.0 - random.f64()).ln()
}

/// A number from the standard normal distribution, by Box and Muller.
pub(crate) fn normal(random: &mut fastrand::Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.f64()).cos()
}

/// Chances that are the same whenever they are asked for by the same name.
pub(crate) fn chances(name: [u64; 4]) -> fastrand::Rng {
    // The multiplier is that of Knuth's MMIX.
    let mixed = name.into_iter().fold(0, |mixed: u64, part| {
        let mixed = (mixed ^ part).wrapping_mul(6_364_136_223_846_793_005);
        mixed ^ (mixed >> 29)
    });
    fastrand::Rng::with_seed(mixed)
}
