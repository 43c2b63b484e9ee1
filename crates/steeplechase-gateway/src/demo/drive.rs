use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use indicatif::ProgressBar;
use steeplechase::call::{Call, Dialect, Operation};
use steeplechase::dialects::intake::scan;
use steeplechase::preset::Stack;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tower::ServiceExt;

use super::world::{MODEL, World};

/// What became of the calls of one variant.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// To the first token, of those that came, in order.
    pub(super) first_token: Vec<Duration>,
    /// Calls without a complete answer.
    pub(super) failures: u32,
    /// Attempts at the providers beyond one a call, as a share of the calls.
    pub(super) extra: f64,
}

/// Makes `calls` calls, evenly over `spread`, and waits for all of them.
pub(super) async fn drive(
    world: &World,
    stack: &Stack,
    calls: u32,
    spread: Duration,
    bar: &ProgressBar,
) -> Outcome {
    let started = Instant::now();
    let mut running = JoinSet::new();
    let mut outcome = Outcome {
        first_token: Vec::with_capacity(calls as usize),
        failures: 0,
        extra: 0.0,
    };
    for number in 0..calls {
        tokio::time::sleep_until(started + spread * number / calls).await;
        running.spawn(call(stack.clone()));
        while let Some(done) = running.try_join_next() {
            outcome.add(done.ok().flatten());
            bar.inc(1);
        }
    }
    while let Some(done) = running.join_next().await {
        outcome.add(done.ok().flatten());
        bar.inc(1);
    }
    outcome.first_token.sort_unstable();
    // Losers of a race count as well: somebody pays for them.
    let attempts = u32::try_from(world.started()).unwrap_or(u32::MAX);
    outcome.extra = f64::from(attempts) / f64::from(calls) - 1.0;
    outcome
}

impl Outcome {
    fn add(&mut self, first_token: Option<Duration>) {
        match first_token {
            Some(first_token) => self.first_token.push(first_token),
            None => self.failures += 1,
        }
    }

    /// The first-token time that a share of the answers stayed within.
    pub(super) fn quantile(&self, share: f64) -> Option<Duration> {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "an index into some hundred answers"
        )]
        let index = (self.first_token.len() as f64 * share) as usize;
        self.first_token
            .get(index)
            .or(self.first_token.last())
            .copied()
    }
}

/// One streamed call: the time to its first token, or `None` if it had no complete answer.
async fn call(stack: Stack) -> Option<Duration> {
    let raw = format!(
        r#"{{"model":"{MODEL}","stream":true,"messages":[{{"role":"user","content":"hello"}}]}}"#
    );
    let raw = Bytes::from(raw);
    let head = scan(&raw).ok()?;
    let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, head);
    let started = Instant::now();
    let answer = stack.oneshot(Request::new(call)).await.ok()?;
    let first_token = started.elapsed();
    answer.into_body().collect().await.ok()?;
    Some(first_token)
}
